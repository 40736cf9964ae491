"""Acceptances of several searches, and of parts of one: no decay is counted twice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from na62dump.errors import InputFileError
from na62dump.signal.acceptance import ABOUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from na62dump.signal.acceptance import Acceptance


def joined(acceptances: Sequence[Acceptance]) -> dict[str, Acceptance]:
    """Acceptances by the search; parts of one search are put together.

    Raises
    ------
    InputFileError
        If a decay could be counted twice: a sample is given twice, or two searches select decays into the same final state; or
        if parts of one search were made with other values.
    """
    found: dict[str, Acceptance] = {}
    final_states: dict[str, str] = {}
    for acceptance in acceptances:
        name = acceptance.analysis
        found[name] = _added(found[name], acceptance) if name in found else acceptance
        for final_state in {final_state for _, final_state in acceptance.series}:
            other = final_states.setdefault(final_state, name)
            if other != name:
                msg = (
                    f"'{other}' and '{name}' both select decays into '{final_state}': one that passes both would be counted "
                    "twice; give them one at a time"
                )
                raise InputFileError(msg)
    return found


def _added(one: Acceptance, other: Acceptance) -> Acceptance:
    """Samples of two parts of one search."""
    if any(getattr(one, key) != getattr(other, key) for key in (*ABOUT, "regions", "binning")):
        msg = f"two acceptances of '{one.analysis}' are given that were made with different values; make them again"
        raise InputFileError(msg)
    both = [(sample.channel, sample.final_state, sample.mass) for part in (one, other) for sample in part.samples]
    twice = next((key for key in both if both.count(key) > 1), None)
    if twice:
        channel, final_state, mass = twice
        msg = (
            f"two acceptances of '{one.analysis}' both hold {channel} -> {final_state} at {mass:g} MeV: its decays would be "
            "counted twice; give one"
        )
        raise InputFileError(msg)
    return replace(one, samples=(*one.samples, *other.samples))
