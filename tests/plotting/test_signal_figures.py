from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from matplotlib.collections import PolyCollection, QuadMesh
from matplotlib.contour import QuadContourSet

from na62dump import plotting
from na62dump.reach import reach, widest, within
from tests.plotting.signal_samples import BREMSSTRAHLUNG, COUPLINGS, ETA, MASSES, acceptance, expected

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure
    from matplotlib.path import Path
    from numpy.typing import NDArray

    from na62dump.signal.yields import Expected

compared = pytest.mark.mpl_image_compare(style=plotting.STYLE, savefig_kwargs={"dpi": 60})


@cache
def of_yields() -> dict[str, Figure]:
    return plotting.draw_yields(expected())


@cache
def of_acceptance() -> dict[str, Figure]:
    return plotting.draw_acceptance(acceptance())


def said(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.texts if text.get_text()]


def legend_of(figure: Figure, *, number: int = 0) -> list[str]:
    legend = figure.axes[number].get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


def curve(figure: Figure, label: str) -> NDArray[np.float64]:
    """Heights of a line, float64[point], in the unit of its axis."""
    (line,) = (line for axes in figure.axes for line in axes.get_lines() if line.get_label() == label)
    return np.asarray(line.get_ydata(), dtype=np.float64)


def draw_all(figures: Mapping[str, Figure]) -> None:
    """All that writing them does, without files; a warning is an error."""
    with plotting.styled():
        for figure in figures.values():
            figure.draw_without_rendering()


def outline(path: Path) -> NDArray[np.float64]:
    """Corners: float64[point, 2], in the units of the axes."""
    return np.asarray(path.vertices, dtype=np.float64)


def cut(whole: Expected, *, masses: slice, couplings: slice) -> Expected:
    events, statistical = (array[:, masses, couplings] for array in (whole.events, whole.statistical))
    grid = whole.masses[masses], whole.couplings[couplings]
    return replace(whole, masses=grid[0], couplings=grid[1], events=events, statistical=statistical)


# Expected numbers


def test_each_search_has_a_map_and_all_together() -> None:
    figures = of_yields()
    names = ["yields_mumu", "yields_pipi", "yields_all", "yields_by_channel", "yields_by_final_state"]
    assert list(figures) == names
    lines = said(figures["yields_all"])
    assert lines[0] == "NA62 beam dump"
    assert r"$1.4\times 10^{17}$ protons on target" in lines
    assert "Simulation" in lines
    assert "$A'$" in lines
    assert "mumu, pipi: expected events in SR; white: fewer than 0.1" in lines


def test_one_search_needs_no_map_of_all() -> None:
    whole = expected()
    one = whole.select(analysis="mumu")
    parts = tuple(whole.parts[index] for index in one)
    alone = replace(whole, parts=parts, events=whole.events[one], statistical=whole.statistical[one])
    assert "yields_all" not in plotting.draw_yields(alone)


def test_colours_are_the_expected_numbers_and_white_where_there_are_few() -> None:
    axes = of_yields()["yields_all"].axes[0]
    (mesh,) = (found for found in axes.collections if isinstance(found, QuadMesh))
    shown: np.ma.MaskedArray[Any, Any] = np.ma.asarray(mesh.get_array()).reshape(len(COUPLINGS), len(MASSES))
    total = expected().total(region="SR").T
    np.testing.assert_array_equal(np.ma.getmaskarray(shown), total < 0.1)
    np.testing.assert_array_equal(shown.compressed(), total[total >= 0.1])


def test_the_contour_goes_around_what_is_within_reach() -> None:
    figure = of_yields()["yields_all"]
    assert legend_of(figure) == ["2.3 events", "10 events", "100 events"]
    (lines,) = (found for found in figure.axes[0].collections if isinstance(found, QuadContourSet))
    ring = outline(lines.get_paths()[0])
    at = np.isclose(ring[:, 0], MASSES[10])
    found = reach(expected().total(region="SR")[10], COUPLINGS)
    step = COUPLINGS[1] / COUPLINGS[0]
    assert found is not None
    assert found.low / step <= ring[at, 1].min() <= found.low
    assert found.high <= ring[at, 1].max() <= found.high * step


def test_what_is_not_simulated_is_said_where_it_is_missing() -> None:
    figures = of_yields()
    line = "not simulated: D decay -> pipi (pipi): 220 to 300 MeV"
    assert [line in said(figures[f"yields_{name}"]) for name in ("mumu", "pipi", "all")] == [False, True, True]


def test_curves_are_at_the_coupling_that_reaches_most_masses() -> None:
    figure = of_yields()["yields_by_channel"]
    alone = within(expected(), ["SR"])
    index = widest(alone.total())
    mantissa, exponent = f"{COUPLINGS[index]:.1e}".split("e")
    words = rf"$A'$,  $\varepsilon$ = ${mantissa}\times 10^{{{int(exponent)}}}$"
    assert words in said(figure)
    assert "mumu, pipi: by production channel, at the coupling where most masses have more than 2.3 events" in said(
        figure
    )
    for name in (ETA, BREMSSTRAHLUNG):
        numbers = alone.total(channel=name)[:, index]
        np.testing.assert_array_equal(curve(figure, name), np.where(numbers > 0, numbers, np.nan))
    np.testing.assert_array_equal(curve(figure, "total"), alone.total()[:, index])


def test_a_coupling_that_is_asked_for_is_taken_and_said() -> None:
    figure = plotting.draw_yields(expected(), coupling=1.02e-6)["yields_by_final_state"]
    assert "mumu, pipi: by final state, at the coupling asked for" in said(figure)
    index = int(np.argmin(np.abs(np.log(COUPLINGS / 1.02e-6))))
    numbers = expected().total(region="SR", final_state="mumu")[:, index]
    np.testing.assert_array_equal(curve(figure, r"$\mu^+\mu^-$"), numbers)


def test_statistical_errors_are_shaded_and_those_of_theory_hatched() -> None:
    figure = of_yields()["yields_by_channel"]
    bands = [found for found in figure.axes[0].collections if isinstance(found, PolyCollection)]
    assert [bool(band.get_hatch()) for band in bands] == [False, True] * 3
    assert legend_of(figure) == [
        *(ETA, BREMSSTRAHLUNG, "total"),
        *("statistical error: number of simulated decays", "theory error: production", "2.3 events"),
    ]
    alone = within(expected(), ["SR"])
    index = widest(alone.total())
    highest = max(float(outline(path)[:, 1].max()) for path in bands[-1].get_paths())
    assert highest == pytest.approx(float((alone.total() + alone.theory_error())[:, index].max()))


def test_of_one_channel_there_is_no_total() -> None:
    whole = expected()
    kept = whole.select(channel=ETA)
    parts = tuple(whole.parts[index] for index in kept)
    alone = replace(whole, parts=parts, events=whole.events[kept], statistical=whole.statistical[kept])
    assert "total" not in legend_of(figures["yields_by_final_state"])
