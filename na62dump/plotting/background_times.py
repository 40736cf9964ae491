"""Time differences of tracks before and after the vetoes, with what the fits say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from na62dump.plotting.background_words import below, data_label, poisson_bars, with_error
from na62dump.plotting.heading import head_state, heading_height
from na62dump.plotting.legend import GAP, LINE, legend, legend_height, wrapped
from na62dump.plotting.sheet import BELOW, LEFT, MARGIN, place, sheet, write
from na62dump.plotting.style import FAINT, LINE_WIDTH, SMALL, of_data, of_simulation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from na62dump.background.backgrounds import Backgrounds

WIDTH, DOWN, BETWEEN = 6.8, 2.8, 0.45
"""Size of the axes of one panel, and the room between two, in."""

BINS, POINTS = 32, 400
"""Bins of the window, and points of a curve."""

HEADROOM = 1.15
"""Top of the vertical axis over the highest bar."""

TITLES = {"before": "without", "after": "with"}
"""What the rows of each panel do about the vetoes, by their name."""


def times_figure(found: Backgrounds) -> Figure | None:
    """Draw the time differences of rows of data.

    Parameters
    ----------
    found : Backgrounds
        Time differences, and fits of them.

    Returns
    -------
    Figure or None
        One panel before and one after the vetoes: data with bars of 68% (Garwood), the fitted accidental and prompt pairs
        and their sum, and the window of the search. None if there are no time differences.
    """
    panels = [name for name in TITLES if name in found.times]
    half = _half_window(found)
    if not panels or not half > 0:
        return None
    labels = {name: _labels(found, name, half) for name in panels}
    notes = [wrapped(_left(veto, said)) for veto, said in found.vetoes.get("suppression", {}).items()]
    top, tops = heading_height(found.state) + legend_height(notes) + (GAP if notes else 0), []
    for name in panels:
        tops.append(top + LINE + legend_height(labels[name].values(), columns=2) + GAP)
        top = tops[-1] + DOWN + BETWEEN
    figure = sheet(LEFT + WIDTH + MARGIN, tops[-1] + DOWN + BELOW)
    head_state(figure, found.state, what="time difference of the tracks, visible regions; bars: 68%")
    write(figure, "\n".join(notes), left=LEFT, top=heading_height(found.state), fontsize=SMALL)
    for name, at in zip(panels, tops, strict=True):
        above = at - GAP - LINE - legend_height(labels[name].values(), columns=2)
        write(figure, _title(found, name, half), left=LEFT, top=above, fontsize=SMALL)
        axes = place(figure, left=LEFT, top=at, width=WIDTH, height=DOWN)
        _panel(axes, found, name=name, half=half, labels=labels[name])
        axes.tick_params(axis="x", which="both", labelbottom=name == panels[-1])
    figure.axes[-1].set_xlabel("$t_+ - t_-$ [ns]")
    return figure


def _half_window(found: Backgrounds) -> float:
    """Half of the window of the fits, ns; without one, what holds all rows."""
    furthest = max((float(np.abs(times).max(initial=0.0)) for times in found.times.values()), default=0.0)
    return float(found.vetoes.get("window", 2 * np.ceil(furthest))) / 2


def _fit(found: Backgrounds, name: str) -> Mapping[str, float | None] | None:
    """Numbers of a fit; None without one."""
    fit: Mapping[str, float | None] = found.vetoes.get("fits", {}).get(name) or {}
    return fit if fit.get("accidental") is not None and fit.get("prompt") is not None else None


def _title(found: Backgrounds, name: str, half: float) -> str:
    beyond = int((np.abs(found.times[name]) > half).sum())
    number = len(found.times[name]) - beyond
    why = "no fit of these is in the file" if number else "there are no candidates"
    said = "" if _fit(found, name) else f"; not fitted: {why}"
    more = f", {beyond} more out of range" if beyond else ""
    return f"Selected {TITLES[name]} {found.all_vetoes}: {number} candidates{more}{said}"


def _left(veto: str, said: Mapping[str, Any]) -> str:
    """What a veto leaves of prompt pairs, in words."""
    if said.get("value") is None:
        return f"{veto}: share of prompt pairs left not measured, {said.get('reason', 'no fit')}"
    limit = f", {below(said['limit'])}" if said.get("limit") is not None else ""
    return f"{veto} leaves {with_error(said['value'], said.get('uncertainty') or 0.0)} of prompt pairs{limit}"


def _labels(found: Backgrounds, name: str, half: float) -> dict[str, str]:
    """Entries of the legend, by what is drawn."""
    labels = {"data": data_label(found.state)}
    fit, central = _fit(found, name), found.vetoes.get("central")
    if fit:
        number, error = _number(fit, "prompt")
        # of a number beyond its error nobody asks for a limit
        limit = fit.get("prompt_limit") if number <= error else None
        labels |= {
            "sum": "fit, sum",
            "accidental": f"accidental: {with_error(*_number(fit, 'accidental'))}",
            "prompt": f"prompt: {with_error(number, error)}{'' if limit is None else f', {below(limit)}'}",
        }
    if central is not None and central < 2 * half:
        labels["central"] = f"window of the search: \N{PLUS-MINUS SIGN}{central / 2:g} ns"
    return labels


def _number(fit: Mapping[str, float | None], name: str) -> tuple[float, float]:
    return fit[name] or 0.0, fit.get(f"{name}_error") or 0.0


def _panel(axes: Axes, found: Backgrounds, *, name: str, half: float, labels: Mapping[str, str]) -> None:
    edges = np.linspace(-half, half, BINS + 1)
    counts, _ = np.histogram(found.times[name], edges)
    bars, middle, some = poisson_bars(counts), (edges[1:] + edges[:-1]) / 2, counts > 0
    handles: dict[str, Any] = {}
    handles["data"] = axes.errorbar(
        middle[some], counts[some], yerr=bars[:, some], label=labels["data"], zorder=3, **of_data(0)
    )
    highest = float((counts + bars[1]).max())
    fit = _fit(found, name)
    if fit:
        at = np.linspace(-half, half, POINTS)
        for part, (heights, look) in _curves(fit, at, half=half, sigma=found.vetoes["resolution"]).items():
            (handles[part],) = axes.plot(at, heights, label=labels[part], **look)
            highest = max(highest, float(heights.max()))
    if "central" in labels:
        look = {"color": FAINT, "linestyle": ":", "linewidth": LINE_WIDTH}
        edge = found.vetoes["central"] / 2
        handles["central"] = axes.axvline(-edge, label=labels["central"], **look)
        axes.axvline(edge, **look)
    axes.set(xlim=(-half, half), ylim=(0, HEADROOM * highest), ylabel=f"Candidates / {2 * half / BINS:.3g} ns")
    legend(axes, height=DOWN, handles=[handles[part] for part in labels], columns=2)


def _curves(
    fit: Mapping[str, float | None], at: NDArray[np.float64], *, half: float, sigma: float
) -> dict[str, tuple[NDArray[np.float64], dict[str, Any]]]:
    """Fitted rows in a bin around each time difference, float64[point] in ns, with the look of the line."""
    width = 2 * half / BINS
    flat = np.full_like(at, _number(fit, "accidental")[0] / BINS)
    ends = [special.erf((at + side * width / 2) / (np.sqrt(2) * sigma)) / 2 for side in (-1, 1)]
    peak = _number(fit, "prompt")[0] * (ends[1] - ends[0]) / special.erf(half / (np.sqrt(2) * sigma))
    return {
        "sum": (flat + peak, {"color": "black", "linewidth": LINE_WIDTH}),
        "accidental": (flat, of_simulation(0)),
        "prompt": (peak, of_simulation(1)),
    }
