from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump import plotting
from na62dump.inference.exclusion.previous import Previous
from na62dump.inference.exclusion.scan import limits
from na62dump.inference.settings import settings
from tests.inference.scan_samples import COUPLINGS, MASSES, counted, numbers, signal

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from na62dump.inference.exclusion.limits import Limits

compared = pytest.mark.mpl_image_compare(style=plotting.STYLE, savefig_kwargs={"dpi": 60})

OTHERS = (
    Previous("CHARM", "", "excluded", np.array([[220, 2e-6], [300, 2e-6], [300, 1e-5], [220, 1e-5]])),
    Previous("someone", "", "line", np.array([[600, 1e-8], [700, 1e-4]])),
)


@cache
def made(*, hidden: bool = False) -> Limits:
    hole = 1 - np.exp(-(((MASSES[:, None] - 380) / 60) ** 2) - (np.log(COUPLINGS / 9e-7) / 0.4) ** 2)
    events = {"mumu": numbers() * hole, "ee": numbers(60.0, masses=0.6 * MASSES)}
    countings = [counted(observed=None if hidden else 1), counted("ee", observed=None if hidden else 0)]
    return limits(signal(events), countings, settings=settings(), data="pseudo-data (simulated)")


@cache
def figures(*, hidden: bool = False) -> dict[str, Figure]:
    return plotting.draw_limits(made(hidden=hidden), others=OTHERS)


def said(figure: Figure) -> str:
    return " | ".join(text.get_text() for text in figure.texts)


def legend_of(figure: Figure) -> list[str]:
    legend = figure.axes[0].get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


def test_each_search_and_all_together_are_drawn() -> None:
    assert list(figures()) == ["contour_mumu", "events_mumu", "contour_ee", "events_ee", "contour", "events"]
    with plotting.styled():
        for figure in figures().values():
            figure.draw_without_rendering()


def test_a_figure_says_what_it_is_of() -> None:
    text = said(figures()["contour_mumu"])
    for words in (r"$1.4\times 10^{17}$ protons on target", "pseudo-data (simulated)", "90% CL", "$A'$"):
        assert words in text
    assert "20% on protons" in text
    assert "theory uncertainty not included" in text
    assert legend_of(figures()["contour_mumu"])[2:] == [
        *("observed, pseudo-data (simulated)", "expected", "CHARM", "someone"),
    ]
    assert legend_of(figures()["contour"])[4:6] == ["mumu, observed", "ee, observed"]


def test_nothing_hidden_is_drawn() -> None:
    figure = figures(hidden=True)["contour_mumu"]
    assert not any("observed" in label for label in legend_of(figure))
    assert "Simulation" in said(figure)
    assert {line.get_linestyle() for line in figure.axes[0].get_lines()} == {"--", "-"}  # "-": the line of others
    assert not any("observed" in label for label in legend_of(figures(hidden=True)["events"]))


def test_counts_of_unknown_origin_are_not_called_data() -> None:
    assert "Counts as given" in said(plotting.draw_limits(replace(made(), data=""))["contour"])


def test_a_background_of_which_nothing_is_known_is_named() -> None:
    whole = made()
    scans = [replace(one, counting=replace(one.counting, missing=("ee combinatorial",))) for one in whole.scans]
    without = plotting.draw_limits(whole)
    for name, figure in plotting.draw_limits(replace(whole, scans=tuple(scans))).items():
        assert "no estimate of: ee combinatorial" in said(figure)
        assert figure.get_figheight() > without[name].get_figheight()
    assert "no estimate" not in said(without["contour"])


def test_a_projection_is_named() -> None:
    whole = made(hidden=True)
    figure = plotting.draw_limits(replace(whole, protons=1e18, projected=1.4e17))["contour"]
    assert r"$1.0\times 10^{18}$ protons on target (projection)" in said(figure)


def test_no_line_follows_the_edge_of_the_grid() -> None:
    axes = figures()["contour_mumu"].axes[0]
    first = MASSES[0]
    for line in axes.get_lines()[:4]:
        x = np.asarray(line.get_xdata(), dtype=np.float64)
        assert not ((x[:-1] == first) & (x[1:] == first)).any()


def test_a_hole_has_its_own_line() -> None:
    lines = [line for line in figures()["contour_mumu"].axes[0].get_lines() if line.get_color() == "black"]
    assert len(lines) == 4  # border and hole, observed and expected


def test_lifetimes_have_no_contour_and_one_mass_has_none_either() -> None:
    whole = made()
    lifetime = replace(whole, coupling={"name": "lifetime", "label": "t", "unit": "ns"})
    assert list(plotting.draw_limits(lifetime)) == ["events_mumu", "events_ee", "events"]
    one = limits(
        signal({"mumu": numbers(masses=MASSES[:1])}, masses=MASSES[:1]),
        [counted(masses=MASSES[:1])],
        settings=settings(),
    )
    drawn = plotting.draw_limits(one)
    assert list(drawn) == ["events"]
    with plotting.styled():
        drawn["events"].draw_without_rendering()


def test_nothing_excluded_is_drawn_too() -> None:
    drawn = plotting.draw_limits(limits(signal({"mumu": 1e-9 * numbers()}), [counted()], settings=settings()))
    with plotting.styled():
        drawn["contour"].draw_without_rendering()
    assert [text.get_text() for text in drawn["contour"].axes[0].texts] == ["observed: nothing is excluded"]
    assert not figures()["contour"].axes[0].texts


@compared
def test_image_of_an_exclusion() -> Figure:
    return figures()["contour"]


@compared
def test_image_of_limits_on_events() -> Figure:
    return figures()["events_mumu"]
