"""Words and looks of the figures of limits."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from na62dump.inference.exclusion.limits import EXPECTED
from na62dump.plotting.heading import HEIGHT, THIRD, on_target, write_heading
from na62dump.plotting.legend import LETTERS, LINE
from na62dump.plotting.sheet import MARGIN, write
from na62dump.plotting.style import SMALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from na62dump.inference.exclusion.limits import Limits, Scan

METHODS = {"cls": r"CL$_\mathrm{s}$", "feldman-cousins": "Feldman-Cousins", "bayesian": "Bayesian"}

BANDS = ("#607641", "#F5BB54")
"""Colours of the inner and outer band, which the colour-blind tell apart: those that the CMS collaboration recommends."""


def pot(limits: Limits) -> str:
    """Protons on target, and whether limits are projected to them."""
    return on_target(limits.protons) + (" (projection)" if limits.projected is not None else "")


def level(limits: Limits) -> str:
    """Confidence level and method."""
    return f"{limits.confidence:.0%} CL ({METHODS.get(limits.method, limits.method)})"


def curve_label(scan: Scan, limits: Limits) -> str:
    """What the curve is that stands for the result."""
    if scan.shown == EXPECTED:
        return "expected"
    return f"observed, {limits.data}" if limits.data.startswith("pseudo") else "observed"


def pairs(widths: Sequence[float]) -> list[float]:
    """Standard deviations of bands with both edges, the widest first."""
    return sorted({abs(width) for width in widths if width and -width in widths}, reverse=True)


def band_label(width: float) -> str:
    """A band in the legend."""
    return rf"expected $\pm {width:g}\,\sigma$"


def band_colour(width: float, *, among: Sequence[float]) -> str:
    """Colour of a band, by its place from the innermost."""
    return BANDS[min(sorted(among).index(width), len(BANDS) - 1)]


def small_print(limits: Limits) -> list[str]:
    """Lines that name the backgrounds which count as none because nothing is known of them; none if there are none."""
    return wrap(f"no estimate of: {', '.join(limits.missing)}", LETTERS) if limits.missing else []


def head_height(limits: Limits) -> float:
    """Height of the heading, in."""
    return HEIGHT + LINE * len(small_print(limits))


def head_limits(figure: Figure, limits: Limits, *, what: str) -> None:
    """Write the heading of a figure of limits, which has `head_height` free at its top."""
    kinds = limits.data if limits.projected is None and limits.scans[-1].observed is not None else "Simulation"
    write_heading(
        figure,
        kinds=kinds or "Counts as given",
        what=f"{what}; {limits.uncertainties}",
        pot=pot(limits),
        state=f"{limits.label}, {level(limits)}",
    )
    for number, line in enumerate(small_print(limits), start=1):
        write(figure, line, left=MARGIN, top=THIRD + number * LINE, fontsize=SMALL)
