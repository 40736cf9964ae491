"""Limits of a model with a free product, made by formula."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.inference.exclusion.limits import Limits, Scan
from tests.inference.scan_samples import counted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.inference.counts.counting import Counting

MASSES = np.array([220.0, 500.0, 1500.0])
LIFETIMES = np.geomspace(1e-3, 1e3, 25)
REFERENCE = 1e-10
NONE, ONE = 2.303, 3.874

COUPLING = {"name": "lifetime", "label": r"$\tau_a$", "unit": "ns"}
PRODUCT = {"product": "BR(B -> K* a) x BR(a -> f)", "product_label": "$BR$", "product_value": repr(REFERENCE)}


def signal(reference: float = REFERENCE) -> NDArray[np.float64]:
    """Decays at 100 m of a particle whose flight is as long as its lifetime over its mass; the last mass has none."""
    flight = LIFETIMES / MASSES[:, None] * 1e3
    events = reference * 1e11 * np.exp(-1 / flight) / flight
    events[-1] = 0.0
    return np.asarray(events)


def counting(*searches: str, hidden: bool = False) -> Counting:
    one = counted(masses=MASSES, observed=None if hidden else 0)
    return replace(one, name=" + ".join(searches), searches=searches)


def scan(*searches: str, hidden: bool = False, reference: float = REFERENCE) -> Scan:
    """One event is observed at the first mass, none elsewhere."""
    events = signal(reference)
    expected = np.full(events.shape, NONE)
    observed = np.where(MASSES[:, None] == MASSES[0], ONE, expected)
    return Scan(
        counting=counting(*searches, hidden=hidden),
        events=events,
        relative=np.zeros(events.shape),
        median=np.zeros(len(MASSES), dtype=np.int64),
        expected=expected,
        bands=np.array([0.8, 0.9, 1.1, 1.2])[:, None, None] * expected,
        observed=None if hidden else observed,
    )


def limits(*scans: Scan, coupling: dict[str, str] | None = None) -> Limits:
    fields: dict[str, Any] = {
        "model": "alp_independent",
        "label": "$a$",
        "coupling": COUPLING | PRODUCT if coupling is None else coupling,
        "digests": {},
        "protons": 1.4e17,
        "protons_uncertainty": 0.2,
        "projected": None,
        "confidence": 0.9,
        "method": "cls",
        "included": (),
        "widths": (-2.0, -1.0, 1.0, 2.0),
        "masses": MASSES,
        "couplings": LIFETIMES,
        "scans": scans or (scan("mumu"),),
    }
    return Limits(**fields)
