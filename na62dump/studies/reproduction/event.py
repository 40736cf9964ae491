"""The published event of the search for two muons."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from na62dump import analysis
from na62dump import configuration as conf
from na62dump.inference.published import load_event, load_expectations
from na62dump.inference.published.event import opening_angle
from na62dump.inference.statistics.compatibility import compare
from na62dump.inference.statistics.discovery import excess
from na62dump.regions import Box
from na62dump.signal.standard import mass
from na62dump.simulation import Response
from na62dump.studies.reproduction.comparison import Section, numbers, words
from na62dump.units import ANGLE, LENGTH

if TYPE_CHECKING:
    from na62dump.inference.published import Event
    from na62dump.studies.reproduction.comparison import Line

MUON = 13


class Window(NamedTuple):
    """Mass window of the event, counts: expected background and its uncertainty, and how many were seen."""

    expected: float
    uncertainty: float
    observed: int


def event(window: Window | None = None) -> Section:
    """What the published event says.

    Parameters
    ----------
    window : Window, optional
        Background within the mass window of the event, for its local significance; no published text has it.

    Returns
    -------
    Section
        Significance, time difference and kinematics.
    """
    found = load_event()
    lines = (*_significance(found), *_local(window), *_kinematics(found))
    signal = load_expectations().of("mumu", "SR")
    notes = (
        (
            f"Standard deviations are two-sided: {signal.observed} event at {signal.expected:g} expected makes the published "
            f"{found.significance:g} only so."
        ),
        f"Garbled in the {found.source}: {'; '.join(found.garbled)}. CDA_TAX = {found.cda_tax:g} mm is deduced.",
        f"E/p of both muons: {found.e_over_p_plus:g} and {found.e_over_p_minus:g}.",
    )
    return Section("The event of the search for two muons", lines, notes)


def _significance(found: Event) -> tuple[Line, ...]:
    signal = load_expectations().of("mumu", "SR")
    counted = compare(signal.observed or 0, signal.expected, uncertainty=signal.up)
    told = f"{signal.expected:g} +- {signal.up:g} expected in the signal region, {signal.observed} observed"
    return (
        numbers(
            "p-value of counting",
            published=found.probability,
            ours=counted.p_n,
            tolerance=found.probability_rounding,
            remark=told,
        ),
        numbers(
            "global significance, two-sided, standard deviations",
            published=found.significance,
            ours=counted.significance,
            tolerance=found.significance_rounding,
            remark=f"one-sided it would be {counted.one_sided:.2f}: the convention is fitted to this number",
            kind="fitted",
        ),
    )


def _local(window: Window | None) -> tuple[Line, ...]:
    if window is None:
        return ()
    signal = load_expectations().of("mumu", "SR")
    overall = compare(signal.observed or 0, signal.expected, uncertainty=signal.up)
    local = compare(window.observed, window.expected, uncertainty=window.uncertainty)
    told = f"{window.expected:.2g} +- {window.uncertainty:.2g} expected within the mass window, {window.observed} observed; p = {local.p_n:.2g}"
    found = excess(local, overall, trials=max(signal.expected / window.expected, 1.0))
    return (
        words(
            "local significance, two-sided, standard deviations", published=None, ours=local.significance, remark=told
        ),
        words(
            "significance among all windows, two-sided, standard deviations",
            published=None,
            ours=found.two_sided,
            remark=f"{found.trials:.3g} windows of that background are in the signal region; p = {found.p:.2g}",
        ),
    )


def _kinematics(found: Event) -> tuple[Line, ...]:
    search = analysis.load("mumu")
    response = conf.load(conf.find("experiment/response"), Response)
    width = math.sqrt(2) * response.straw.time
    angle = opening_angle((found.momentum_plus, found.momentum_minus), mass=found.mass, particle=mass(MUON))
    first = search.geometry.straw[0]
    apart = math.tan(angle) * (first.z - found.vertex_z)
    edge = next(region.x[1] for region in search.plane.region if isinstance(region, Box) and region.name == "SR")
    return (
        numbers(
            "time difference of the tracks, standard deviations",
            published=found.time_widths,
            ours=abs(found.time_difference) / width,
            tolerance=found.time_widths_rounding,
            remark=f"{found.time_difference:g} ns over {width:.2g} ns, which was deduced from this statement",
            kind="fitted",
        ),
        words(
            "opening angle, mrad",
            published=None,
            ours=angle / ANGLE["mrad"],
            remark="from the printed momenta and mass",
        ),
        words(
            "distance of the tracks in the first chamber, cm",
            published=None,
            ours=apart / LENGTH["cm"],
            remark=f"from the printed vertex; inside the chamber of radius {first.r_max / LENGTH['cm']:g} cm",
        ),
        words(
            "CDA_TAX over the edge of the signal region",
            published=None,
            ours=found.cda_tax / edge,
            remark='"barely in the SR" in the beam-dump proceedings',
        ),
    )
