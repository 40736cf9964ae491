"""What every figure says at its top: whose it is, of what kind, what was open, of which rows, how many protons."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from na62dump.histograms.declaration import SELECTED
from na62dump.plotting.legend import LETTERS, LINE
from na62dump.plotting.sheet import MARGIN, size, write
from na62dump.plotting.style import FAINT, LARGE, SMALL, TEXT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.figure import Figure

    from na62dump.histograms import Axis, Histogram
    from na62dump.results import Result, SampleState, State

EXPERIMENT = "NA62 beam dump"

HEIGHT = 1.15
"""Height of a heading of three lines, in."""

FIRST, SECOND, THIRD = 0.2, 0.52, 0.8
"""Tops of the lines, in."""

PLAIN = 0.01, 1000.0
"""First and last number that is written without a power of ten."""


def kind(sample: SampleState) -> str:
    """What a sample is, in the words of a figure: a simulation that was declared data is no data."""
    if sample.kind == "simulation":
        return "Simulation"
    return "pseudo-data (simulated)" if sample.simulated else "Data"


def opened(state: State) -> str:
    """What was hidden and what was open, in words."""
    known = (*state.regions, *(control.name for control in state.plane.control))
    hidden, open_ = (", ".join(n for n in known if n in names) for names in (state.hidden, state.opened))
    words = [*([f"{hidden} hidden"] if hidden else []), *([f"opened: {open_}"] if open_ else [])]
    return "; ".join(words) or "nothing hidden"


def also_hidden(state: State) -> list[str]:
    """Lines that name the regions of other analyses which hide rows of these events too; none if none do."""
    regions = ", ".join(state.also_hidden)
    return wrap(f"data also hidden by {regions}", LETTERS) if regions else []


def heading_height(state: State) -> float:
    """Height of the heading of a figure, in."""
    return HEIGHT + LINE * len(also_hidden(state))


def named(sample: SampleState) -> str:
    """Label of a sample, which says what it is even where the label itself does not."""
    word = "simulat" if sample.kind == "simulation" else kind(sample)
    return sample.label if word.lower() in sample.label.lower() else f"{kind(sample)}: {sample.label}"


def stage(histogram: Histogram) -> str:
    """Which rows a histogram holds, in words."""
    if histogram.without is not None:
        return f"candidates that meet all requirements but '{histogram.without}' (N-1)"
    return "selected candidates" if histogram.stage == SELECTED else "all visible candidates"


def entries(*axes: Axis) -> str:
    """What an entry of a histogram is: an axis of both legs, or of all photons, has several a row."""
    return "entries" if any(axis.group for axis in axes) else "candidates"


def per_bin(axis: Axis) -> str:
    """Width of a bin with its unit, such as ``"10 MeV"``."""
    return f"{(axis.high - axis.low) / axis.bins:.4g} {axis.unit}".strip()


def protons(result: Result, samples: Iterable[str]) -> str:
    """Protons on target of some samples together, in words; empty if none has any."""
    pot = sum(result.exposure[name].pot for name in samples if name in result.exposure)
    return on_target(pot) if pot > 0 else ""


def on_target(pot: float) -> str:
    """A number of protons on target, in words."""
    return f"{written(pot)} protons on target"


def written(value: float) -> str:
    """A number for people: plain, or in mathtext with its power of ten if that is far from 1."""
    if PLAIN[0] <= value <= PLAIN[1]:
        return f"{value:.4g}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return rf"${mantissa}\times 10^{{{int(exponent)}}}$"


def write_heading(figure: Figure, *, kinds: str, what: str, pot: str = "", state: str = "") -> None:
    """Write the three lines of a heading.

    Parameters
    ----------
    figure : Figure
        Has `HEIGHT` free at its top.
    kinds : str
        Second line, left: what it is made from.
    what : str
        Third line: what is drawn.
    pot : str
        First line, right: protons on target.
    state : str
        Second line, right: what was open, or which model it is.
    """
    right = size(figure)[0] - MARGIN
    write(figure, EXPERIMENT, left=MARGIN, top=FIRST, fontsize=LARGE, fontweight="bold")
    write(figure, pot, left=right, top=FIRST, ha="right", fontsize=TEXT)
    write(figure, kinds, left=MARGIN, top=SECOND, fontsize=TEXT, fontstyle="italic")
    write(figure, state, left=right, top=SECOND, ha="right", fontsize=TEXT)
    write(figure, what, left=MARGIN, top=THIRD, fontsize=SMALL, color=FAINT)


def head(figure: Figure, result: Result, *, what: str) -> None:
    """Write the heading of a figure of a result, with its protons on target; arguments as for `head_state`."""
    head_state(figure, result.state, what=what, pot=protons(result, result.state.samples))


def head_state(figure: Figure, state: State, *, what: str, pot: str = "") -> None:
    """Write the heading of a figure.

    Parameters
    ----------
    figure : Figure
        Has `heading_height` free at its top.
    state : State
        Under which conditions what is drawn was made.
    what : str
        Which rows it is of.
    pot : str
        Protons on target, in words.
    """
    kinds = ", ".join(dict.fromkeys(kind(sample) for sample in state.samples.values()))
    write_heading(figure, kinds=kinds, what=f"{state.analysis}: {what}", pot=pot, state=opened(state))
    for number, line in enumerate(also_hidden(state), start=1):
        write(figure, line, left=MARGIN, top=THIRD + number * LINE, fontsize=SMALL)
