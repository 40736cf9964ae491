from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.collections import LineCollection, QuadMesh
from matplotlib.patches import Rectangle, StepPatch
from scipy import stats

from na62dump import plotting
from na62dump.background.checks import Check
from na62dump.plotting.background_checks import checks_figure
from na62dump.plotting.background_mechanisms import mechanisms_figure
from na62dump.plotting.background_shapes import plane_figure
from na62dump.plotting.background_times import times_figure
from na62dump.plotting.background_words import below, poisson_bars, probability, with_error
from tests.plotting.background_samples import (
    EXPECTED,
    NAMES,
    SCALE,
    VETOES,
    backgrounds,
    book,
    estimate,
    estimates,
    places,
    state,
    times,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from na62dump.background.backgrounds import Backgrounds

compared = pytest.mark.mpl_image_compare(style=plotting.STYLE, savefig_kwargs={"dpi": 60})

ALL = ["plane", "time_difference", "validation", "mechanisms", "checks", "mass"]


@cache
def drawn() -> dict[str, Figure]:
    return plotting.draw_backgrounds(backgrounds())


MAKERS: dict[str, Callable[[Backgrounds], Figure | None]] = {
    "plane": lambda found: plane_figure(found, found.estimates[0]),
    "time_difference": times_figure,
    "mechanisms": mechanisms_figure,
    "checks": checks_figure,
}


def only(name: str, **changes: Any) -> Figure:  # noqa: ANN401 - any field
    """One figure of changed backgrounds."""
    with plotting.styled():
        figure = MAKERS[name](backgrounds(**changes))
    assert figure is not None
    return figure


def said(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.texts if text.get_text()]


def legend_of(axes: Axes) -> list[str]:
    legend = axes.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


def line(axes: Axes, label: str) -> NDArray[np.float64]:
    """Points of a line with a label, float64[2, point], in the units of its axes."""
    (found,) = (one for one in axes.get_lines() if str(one.get_label()).startswith(label))
    return np.array([found.get_xdata(), found.get_ydata()], dtype=np.float64)


def draw(figure: Figure) -> None:
    """All that writing it does, without files; a warning is an error."""
    with plotting.styled():
        figure.draw_without_rendering()


def test_each_figure_says_what_was_open_and_that_data_are_simulated() -> None:
    assert list(drawn()) == ALL
    for figure in drawn().values():
        assert {"NA62 beam dump", "pseudo-data (simulated)", "SR, CR hidden"} <= set(said(figure))
    opened = plotting.draw_backgrounds(backgrounds(state=state(opened=("CR",), simulated=False)))
    for figure in opened.values():
        assert {"Data", "SR hidden; opened: CR"} <= set(said(figure))


def test_nothing_to_draw_is_no_figure() -> None:
    nothing: dict[str, Any] = {"estimates": (), "inverted": (), "joint": {}, "checks": (), "times": {}}
    assert plotting.draw_backgrounds(backgrounds(**nothing)) == {}
    without_book = plotting.draw_backgrounds(backgrounds(estimates=(estimate("combinatorial", EXPECTED),)))
    assert list(without_book) == ["time_difference", "validation", "mechanisms", "checks"]
    assert "plane" not in plotting.draw_backgrounds(backgrounds(), mechanism="prompt")


# Plane


def test_the_plane_holds_what_is_expected_per_bin_with_its_scale() -> None:
    axes = drawn()["plane"].axes[0]
    meshes = [found for found in axes.collections if isinstance(found, QuadMesh)]
    values: np.ma.MaskedArray[Any, Any] = np.ma.asarray(meshes[0].get_array())
    cda, z = places(6000)
    assert float(values.sum()) == pytest.approx(SCALE * ((cda < 600) & (z >= -1e5) & (z < 1.5e5)).sum())
    assert axes.get_xlabel() == "$Z_{TAX}$ [m]"
    assert axes.get_ylabel() == "CDA$_{TAX}$ [mm]"


def test_only_open_points_of_data_are_on_the_plane() -> None:
    inner = np.array([[10.0, 100.0, 200.0, np.nan], [20e3, 20e3, 20e3, 20e3]])
    cases: list[tuple[tuple[str, ...], list[float]]]
    cases = [((), [200.0]), (("CR",), [100.0, 200.0]), (("CR", "SR"), [10.0, 100.0, 200.0])]
    for opened, shown in cases:
        figure = only("plane", state=state(opened=opened), points=inner)
        (points,) = (one for one in figure.axes[0].get_lines() if one.get_marker() == "o")
        np.testing.assert_array_equal(points.get_ydata(), shown)
        np.testing.assert_array_equal(points.get_xdata(), [20.0] * len(shown))
        masks = [p for p in figure.axes[0].patches if str(p.get_gid()).startswith("mask")]
        assert len(masks) == 2 - len(opened)
        assert not any(np.asarray(mask.get_facecolor())[-1] for mask in masks)
    assert len(legend_of(figure.axes[0])) == 1


def test_the_legend_of_the_plane_counts_points() -> None:
    points = np.array([[200.0, 700.0], [20e3, 20e3]])
    figure = only("plane", points=points)
    assert legend_of(figure.axes[0]) == [
        "pseudo-data (simulated) where open: 1 candidates, 1 more out of range",
        "SR, CR: data hidden, expectation shown",
    ]


# Time difference


def test_fits_of_the_time_difference_have_the_numbers_of_pairs() -> None:
    before, after = drawn()["time_difference"].axes
    flat, peak, total = (line(before, part) for part in ("accidental", "prompt", "fit"))
    bins = 32
    steps = np.diff(peak[0]).mean()
    assert flat[1] == pytest.approx(58.0 / bins)
    assert peak[1].sum() * steps / (16.0 / bins) == pytest.approx(152.0, rel=1e-3)
    np.testing.assert_allclose(total[1], flat[1] + peak[1])
    half = peak[0][peak[1] > peak[1].max() / 2]
    assert np.ptp(half) / 2 == pytest.approx(0.85 * np.sqrt(2 * np.log(2)), rel=0.05)
    assert "prompt: $0.5 \\pm 2.1$, < 4.4 (90% CL)" in legend_of(after)
    assert r"prompt: $152 \pm 13$" in legend_of(before)
    assert "window of the search: \N{PLUS-MINUS SIGN}5 ns" in legend_of(before)
    points = np.asarray(before.containers[0][0].get_ydata(), dtype=np.float64)
    assert points.sum() == (np.abs(times()["before"]) <= 8).sum()


def test_what_vetoes_leave_is_said() -> None:
    texts = said(drawn()["time_difference"])
    (lines,) = (text for text in texts if "of prompt pairs" in text)
    assert lines.split("\n") == [
        "ANTI0 veto: share of prompt pairs left not measured, 8.1 +- 4.2 prompt pairs of 31",
        "without the veto: below 3 standard deviations",
        "LAV veto leaves $0.003 \\pm 0.014$ of prompt pairs, < 0.03 (90% CL)",
    ]
    assert "Selected without LAV veto: 210 candidates" in texts


@pytest.mark.parametrize(
    ("vetoes", "given", "reason"),
    [
        ({}, times(), "no fit of these is in the file"),
        ({**VETOES, "fits": {"before": VETOES["fits"]["before"]}}, times(), "no fit of these is in the file"),
        ({**VETOES, "fits": {}}, {"after": np.empty(0)}, "there are no candidates"),
    ],
)
def test_without_a_fit_data_are_drawn_and_it_is_said_why(
    vetoes: dict[str, Any], given: dict[str, NDArray[np.float64]], reason: str
) -> None:
    figure = only("time_difference", vetoes=vetoes, times=given)
    assert any(text.endswith(f"not fitted: {reason}") for text in said(figure))
    after = figure.axes[-1]
    assert not [one for one in after.get_lines() if str(one.get_label()).startswith(("fit", "prompt"))]
    draw(figure)


# Validation


def test_numbers_and_p_values_are_above_the_regions() -> None:
    texts = said(drawn()["validation"])
    assert texts.count("hidden") == 2
    assert "$0.0163 \\pm 0.0022$" in texts
    assert "outside: no test of neutrino, sized by data there" in texts
    axes = drawn()["validation"].axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == [*NAMES, "side bands"]
    assert axes.get_yscale() == "log"


def test_bands_are_the_uncertainties_and_limits_are_not_added() -> None:
    axes = drawn()["validation"].axes[0]
    bands = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    total, inner = bands[:2]
    combinatorial, prompt, neutrino = estimates()
    expected = combinatorial.expected[0] + prompt.expected[0]
    # "time window" moves both together
    moved = combinatorial.systematic["time window"][0] + prompt.systematic["time window"][0]
    squares = sum(
        e.covariance[0, 0] + e.systematic[f"{e.mechanism} normalisation"][0] ** 2 for e in (combinatorial, prompt)
    )
    assert total.get_y() == pytest.approx(expected - np.sqrt(squares + moved**2))
    assert inner.get_height() == pytest.approx(2 * np.hypot(combinatorial.statistical[0], prompt.statistical[0]))
    assert neutrino.limit[0] == 0.007


def test_hidden_counts_have_no_point_and_0_has_a_bar_only() -> None:
    axes = drawn()["validation"].axes[0]
    points = [c[0].get_xydata() for c in axes.containers if c[0] is not None]
    np.testing.assert_array_equal(np.concatenate(points), [[3, 21], [4, 5], [5, 21]])
    (bar,) = (c for c in axes.containers if c[0] is None)
    assert float(bar[2][0].get_segments()[0][:, 1].max() - axes.get_ylim()[0]) == pytest.approx(1.841, abs=1e-3)


# Mechanisms


def test_mechanisms_are_side_by_side_and_limits_are_arrows() -> None:
    axes = drawn()["mechanisms"].axes[0]
    lines = {str(one.get_marker()): np.asarray(one.get_xydata(), dtype=np.float64) for one in axes.get_lines()}
    np.testing.assert_allclose(lines["o"][:, 1], list(EXPECTED.values()))
    assert (lines["s"][:, 0] > lines["o"][:, 0]).all()
    limits = [float(np.asarray(one.get_ydata())[0]) for one in axes.get_lines() if one.get_marker() == "_"]
    assert limits == [0.007, 0.02]
    assert len([text for text in axes.texts if getattr(text, "arrow_patch", None)]) == 2
    assert legend_of(axes)[-1] == "upper limit, 90% CL"


def test_an_error_larger_than_the_number_ends_at_the_axis() -> None:
    figure = only("mechanisms", estimates=(estimate("prompt", EXPECTED, normalisation=3.0),))
    axes = figure.axes[0]
    bars = [
        segment for found in axes.collections if isinstance(found, LineCollection) for segment in found.get_segments()
    ]
    assert min(float(np.asarray(bar)[:, 1].min()) for bar in bars) >= axes.get_ylim()[0] * (1 - 1e-9)
    draw(figure)


# Checks

NUMBER = st.just(0.0) | st.floats(1e-9, 1e4)


def test_each_check_has_a_panel_with_its_ratios() -> None:
    figure = drawn()["checks"]
    assert len(figure.axes) == 3
    (container, *_) = (c for c in figure.axes[2].containers)
    np.testing.assert_allclose(np.asarray(container[0].get_xdata(), dtype=np.float64), [35 / 41])
    (bar,) = container[2][0].get_segments()
    np.testing.assert_allclose(np.asarray(bar)[:, 0] * 41, [35 - poisson_bars(np.array([35]))[0, 0], 41.98], atol=0.02)
    assert [text.get_text() for text in figure.axes[1].texts] == ["1 / 0", "21 / $0.40 \\pm 0.30$"]
    assert figure.axes[0].get_xlim() == (0, 6)
    band = next(patch for patch in figure.axes[2].patches if isinstance(patch, Rectangle))
    assert band.get_width() == pytest.approx(2 * 5 / 41)


@settings(max_examples=15)
@given(st.lists(st.tuples(NUMBER, NUMBER, st.integers(0, 20_000)), min_size=1, max_size=4))
def test_any_check_can_be_drawn(numbers: list[tuple[float, float, int]]) -> None:
    some = tuple(Check("a", "b", f"R{n}", *values) for n, values in enumerate(numbers))
    figure = only("checks", checks=some)
    low, high = figure.axes[0].get_xlim()
    assert (low, 2 <= high <= 6) == (0, True)


# Mass


def test_masses_of_groups_of_regions_add_up() -> None:
    axes = drawn()["mass"].axes[0]
    legend = legend_of(axes)
    assert [text.split(":")[0] for text in legend] == ["SR, CR", "CR1, VR", "outside"]
    heights = [patch.get_data()[0] for patch in axes.patches if isinstance(patch, StepPatch)]
    filled = book()["mass"].view(flow=False)["value"]
    assert sum(h.sum() for h in heights) == pytest.approx(SCALE * filled.sum())
    assert heights[0].sum() == pytest.approx(SCALE * filled[0, 0, :2].sum())
    assert axes.get_ylabel() == "Expected candidates / 20 MeV"


def test_a_mechanism_that_gives_nothing_is_drawn_too() -> None:
    nothing = replace(estimates()[0], expected=np.zeros(len(NAMES)), covariance=np.zeros((len(NAMES),) * 2), scale=0.0)
    found = backgrounds(estimates=(replace(nothing, systematic={}),), points=np.empty((2, 0)))
    figures = plotting.draw_backgrounds(found)
    assert list(figures) == ALL
    for figure in figures.values():
        draw(figure)


# Words


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (26.3, 3.4, r"$26.3 \pm 3.4$"),
        (0.016, 0.002, r"$0.0160 \pm 0.0020$"),
        (152.4, 13.2, r"$152 \pm 13$"),
        (1.3e-7, 4.4e-7, r"$(1.3 \pm 4.4)\times 10^{-7}$"),
        (0.0, 0.0, "0"),
        (0.0, 0.5, r"$0.00 \pm 0.50$"),
        (2.0, 0.0, r"$2.0 \pm 0.0$"),
    ],
)
def test_numbers_have_as_many_digits_as_their_errors_allow(value: float, error: float, text: str) -> None:
    assert with_error(value, error) == text


@pytest.mark.parametrize(
    ("p", "text"), [(None, "\N{EN DASH}"), (0.4, "0.40"), (1.0, "1.0"), (0.0, "0.0"), (2e-5, r"$2.0\times 10^{-5}$")]
)
def test_probabilities_have_two_digits(p: float | None, text: str) -> None:
    assert probability(p) == text


def test_a_limit_names_its_confidence_level() -> None:
    assert (below(4.4), below(168.96)) == ("< 4.4 (90% CL)", "< 169 (90% CL)")


@given(st.integers(0, 10_000))
def test_bars_of_counts_are_the_central_interval(count: int) -> None:
    down, up = poisson_bars(np.array([count]))[:, 0]
    beyond = stats.norm.sf(1)
    assert stats.poisson.cdf(count, count + up) == pytest.approx(beyond)
    if count:
        assert stats.poisson.sf(count - 1, count - down) == pytest.approx(beyond)
    else:
        assert down == 0


def test_equal_numbers_give_equal_files(tmp_path: Path) -> None:
    written = []
    for folder in ("first", "second"):
        figure = only("checks")
        paths = plotting.save({"checks": figure}, tmp_path / folder, provenance={"a": 1})
        written.append([path.read_bytes() for path in paths])
    assert written[0] == written[1]


# Images


@compared
def test_image_of_a_background_on_the_plane() -> Figure:
    return drawn()["plane"]


@compared
def test_image_of_time_differences() -> Figure:
    return drawn()["time_difference"]


@compared
def test_image_of_a_validation() -> Figure:
    return drawn()["validation"]


@compared
def test_image_of_mechanisms() -> Figure:
    return drawn()["mechanisms"]


@compared
def test_image_of_cross_checks() -> Figure:
    return drawn()["checks"]


@compared
def test_image_of_masses_of_a_background() -> Figure:
    return drawn()["mass"]
