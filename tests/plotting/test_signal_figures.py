from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PolyCollection, QuadMesh
from matplotlib.contour import QuadContourSet

from na62dump import plotting
from na62dump.errors import ConfigurationError, UnknownNameError
from na62dump.plotting.heading import written
from na62dump.plotting.legend import LINE
from na62dump.plotting.signal_words import file_name, final_state_label, length
from na62dump.reach import reach, widest, within
from tests.plotting.signal_samples import BREMSSTRAHLUNG, COUPLINGS, ETA, MASSES, acceptance, expected

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path as FilePath

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
    alone = whole.take(whole.select(analysis="mumu"))
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
    alone = whole.take(whole.select(channel=ETA))
    assert "total" not in legend_of(plotting.draw_yields(alone)["yields_by_channel"])


@pytest.mark.parametrize(
    ("masses", "couplings"), [(slice(3, 4), slice(None)), (slice(None), slice(30, 31)), (slice(3, 4), slice(30, 31))]
)
def test_of_one_mass_or_coupling_there_is_no_map(masses: slice, couplings: slice) -> None:
    figures = plotting.draw_yields(cut(expected(), masses=masses, couplings=couplings))
    assert list(figures) == ["yields_by_channel", "yields_by_final_state"]
    draw_all(figures)


def few(whole: Expected, *, scale: float) -> Expected:
    return replace(whole, events=scale * whole.events, statistical=scale * whole.statistical)


def bars(figure: Figure) -> list[LineCollection]:
    return [found for found in figure.axes[0].collections if isinstance(found, LineCollection)]


def test_of_one_mass_the_numbers_are_drawn_against_the_coupling() -> None:
    whole = cut(expected(), masses=slice(8, 9), couplings=slice(None))
    figures = plotting.draw_yields(whole)
    figure = figures["yields_by_channel"]
    axes = figure.axes[0]
    assert axes.get_xlabel() == r"$\varepsilon$"
    assert axes.get_xscale() == "log"
    np.testing.assert_allclose(axes.get_xlim(), COUPLINGS[[0, -1]])
    assert {"$A'$,  336 MeV", "mumu, pipi: by production channel, at the only mass"} <= set(said(figure))
    total = whole.total(region="SR")[0]
    np.testing.assert_array_equal(curve(figure, "total"), np.where(total > 0, total, np.nan))
    assert [bool(band.get_hatch()) for band in axes.collections if isinstance(band, PolyCollection)] == [
        False,
        True,
    ] * 3
    assert not bars(figure)
    muons = whole.total(region="SR", final_state="mumu")[0]
    drawn = curve(figures["yields_by_final_state"], r"$\mu^+\mu^-$")
    np.testing.assert_array_equal(drawn, np.where(muons > 0, muons, np.nan))


def test_a_lifetime_has_its_unit_on_the_axis_of_one_mass() -> None:
    lifetime = {"name": "tau", "label": r"$\tau_a$", "unit": "ns"}
    whole = replace(cut(expected(), masses=slice(8, 9), couplings=slice(None)), coupling=lifetime)
    assert plotting.draw_yields(whole)["yields_by_channel"].axes[0].get_xlabel() == r"$\tau_a$ [ns]"


def test_one_mass_and_coupling_are_points_with_error_bars() -> None:
    whole = cut(expected(), masses=slice(8, 9), couplings=slice(35, 36))
    figure = plotting.draw_yields(replace(whole, couplings=np.array([1.4])))["yields_by_channel"]
    assert r"$A'$,  336 MeV,  $\varepsilon$ = 1.4" in said(figure)
    assert "mumu, pipi: by production channel, at the only coupling" in said(figure)
    alone = within(whole, ["SR"])
    errors = [
        float(error(**asked)[0, 0])
        for asked in ({"channel": ETA}, {"channel": BREMSSTRAHLUNG}, {})
        for error in (alone.statistical_error, alone.theory_error)
    ]
    drawn = [path.get_segments()[0] for path in bars(figure) if path.get_segments()]
    np.testing.assert_allclose([np.ptp(np.asarray(segment)[:, 1]) / 2 for segment in drawn], errors)
    assert legend_of(figure)[3:5] == ["statistical error: number of simulated decays", "theory error: production"]
    # beside each other
    draw_all({"points": figure})
    lines = [line for line in figure.axes[0].get_lines() if line.get_label() in {ETA, BREMSSTRAHLUNG, "total"}]
    across = [float(line.get_transform().transform(line.get_xydata())[0, 0]) for line in lines]
    assert np.diff(across) == pytest.approx([0.3 * figure.dpi] * 2)


def test_a_coupling_that_is_asked_for_at_one_mass_is_a_point() -> None:
    whole = cut(expected(), masses=slice(8, 9), couplings=slice(None))
    figure = plotting.draw_yields(whole, coupling=1e-6)["yields_by_channel"]
    assert "mumu, pipi: by production channel, at the coupling asked for" in said(figure)
    assert curve(figure, "total").shape == (1,)


def test_a_point_without_neighbours_has_bars_and_is_in_the_frame() -> None:
    whole = cut(expected(), masses=slice(0, 41, 10), couplings=slice(30, 31))
    events = whole.events.copy()
    events[:, 1] = 0
    figure = plotting.draw_yields(replace(whole, events=events))["yields_by_channel"]
    axes = figure.axes[0]
    assert axes.get_xlim()[0] == pytest.approx(MASSES[0] - (MASSES[10] - MASSES[0]) / 2)
    assert {float(np.asarray(path.get_segments()[0])[0, 0]) for path in bars(figure) if path.get_segments()} == {220.0}
    (line,) = (line for line in axes.get_lines() if line.get_label() == BREMSSTRAHLUNG)
    assert line.get_markevery() == [0]


def test_without_enough_events_the_coupling_is_the_one_with_the_most() -> None:
    figure = plotting.draw_yields(few(expected(), scale=1e-5))["yields_by_channel"]
    assert "mumu, pipi: by production channel, at the coupling with the most events" in said(figure)


def test_the_legend_names_only_what_is_in_the_figure() -> None:
    whole = few(expected(), scale=1e-5)
    figure = plotting.draw_yields(replace(whole, uncertainties={}))["yields_by_channel"]
    assert legend_of(figure) == [ETA, BREMSSTRAHLUNG, "total", "statistical error: number of simulated decays"]
    high = plotting.draw_yields(few(expected(), scale=1e5))["yields_by_channel"]
    assert "2.3 events" not in legend_of(high)


def test_nothing_expected_is_drawn_too() -> None:
    whole = expected()
    nothing = replace(whole, events=np.zeros_like(whole.events), statistical=np.zeros_like(whole.events))
    draw_all(plotting.draw_yields(nothing))


def test_a_coupling_with_a_unit_has_it_on_its_axis() -> None:
    coupling = {"name": "g", "label": "$g$", "unit": "1/GeV"}
    figures = plotting.draw_yields(replace(expected(), coupling=coupling))
    assert figures["yields_all"].axes[0].get_ylabel() == "$g$ [1/GeV]"
    assert any("1/GeV" in line for line in said(figures["yields_by_channel"]))


def test_masses_over_more_than_a_decade_are_logarithmic() -> None:
    wide = replace(expected(), masses=np.geomspace(2.0, 2000.0, len(MASSES)))
    assert {plotting.draw_yields(wide)[f"yields_{name}"].axes[0].get_xscale() for name in ("all", "by_channel")} == {
        "log"
    }


def test_regions_that_are_asked_for_are_added_up() -> None:
    figure = plotting.draw_yields(expected(), regions=("SR", "CR"), coupling=1e-6)["yields_by_channel"]
    index = int(np.argmin(np.abs(np.log(COUPLINGS / 1e-6))))
    np.testing.assert_allclose(curve(figure, "total"), expected().total()[:, index])
    assert figure.axes[0].get_ylabel() == "Expected events in SR, CR"


def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="no expected numbers of 'toy' in a region 'VR'"):
        plotting.draw_yields(expected(), regions=["VR"])
    with pytest.raises(ConfigurationError, match="epsilon = 1 is outside of the expected numbers of 'toy'"):
        plotting.draw_yields(expected(), coupling=1.0)
    with pytest.raises(UnknownNameError, match="no decays of 'mumu' in a region 'VR'"):
        plotting.draw_acceptance(acceptance(), region="VR")


def test_of_much_that_is_not_simulated_the_number_is_said() -> None:
    missing = tuple(f"{channel} decay -> pipi (pipi): 220 to 300 MeV" for channel in "ABCD")
    figure = plotting.draw_yields(replace(expected(), uncovered=missing))["yields_all"]
    assert "not simulated at some masses: 4 combinations of channel, final state and search" in said(figure)


def test_many_channels_have_a_legend_of_two_columns() -> None:
    high = of_acceptance()["resolution_mumu_mumu"].get_figheight()
    whole = acceptance()
    samples = tuple(replace(one, channel=f"{one.channel} {copy}") for copy in range(6) for one in whole.samples)
    figure = plotting.draw_acceptance(replace(whole, samples=samples))["resolution_mumu_mumu"]
    assert len(legend_of(figure)) == 12
    # in one column there would be ten more lines
    assert figure.get_figheight() == pytest.approx(high + 4 * LINE)


# Accepted decays


def test_each_channel_and_final_state_has_a_figure() -> None:
    figures = of_acceptance()
    shares = ["acceptance_mumu_eta_decay_mumu", "acceptance_mumu_bremsstrahlung_mumu"]
    assert list(figures) == [*shares, "resolution_mumu_mumu", "trigger_mumu_mumu"]
    lines = said(figures[shares[0]])
    assert {"Simulation", "model: toy"} <= set(lines)
    assert r"mumu: eta decay to $\mu^+\mu^-$, accepted in SR; bands: statistical error" in lines


def test_shares_are_those_of_the_acceptance() -> None:
    figure = of_acceptance()["acceptance_mumu_eta_decay_mumu"]
    left, right = figure.axes
    assert left.get_xlabel() == r"Proper decay length $c\tau$ [mm]"
    assert right.get_xlabel() == "Mass [MeV]"
    assert legend_of(figure) == ["220 MeV", "300 MeV", "420 MeV", "540 MeV"]
    (line,) = (line for line in left.get_lines() if line.get_label() == "300 MeV")
    ctau, drawn = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
    share, _ = acceptance().fractions(ETA, "mumu", mass=300.0, ctau=ctau)
    np.testing.assert_allclose(drawn[share[0] > 0], share[0][share[0] > 0])
    share, _ = acceptance().fractions(ETA, "mumu", mass=220.0, ctau=np.array([10e3]))
    assert curve(figure, r"$c\tau$ = 10 m")[0] == pytest.approx(share[0, 0])


def test_a_decay_length_with_the_largest_share_is_in_view() -> None:
    left, right = of_acceptance()["acceptance_mumu_eta_decay_mumu"].axes
    for line in left.get_lines():
        heights = np.asarray(line.get_ydata())
        assert 0 < np.nanargmax(heights) < len(heights) - 1
        assert np.nanmax(heights) < left.get_ylim()[1]
    assert left.get_ylim() == right.get_ylim()


def test_resolution_has_bars_as_long_as_the_widths() -> None:
    first, second = of_acceptance()["resolution_mumu_mumu"].axes
    points, _, (bars,) = first.containers[0]
    np.testing.assert_allclose(points.get_ydata(), [-0.36, -0.2, 0.04, 0.28])
    ends = np.array([[segment[0, 1], segment[1, 1]] for segment in bars.get_segments()])
    np.testing.assert_allclose(np.diff(ends)[:, 0] / 2, [1.1, 1.5, 2.1, 2.7])
    assert second.get_ylim()[0] == 0
    assert second.get_xlabel() == "Mass [MeV]"


@pytest.mark.parametrize("masses", [(220.0, 300.0, 420.0, 540.0), (220.0, 300.0, 2500.0, 3000.0), (300.0,)])
@pytest.mark.parametrize("copies", [1, 6])
def test_no_marker_is_cut_by_the_frame(masses: tuple[float, ...], copies: int) -> None:
    whole = acceptance()
    samples = tuple(
        replace(sample, mass=mass, channel=f"{sample.channel} {copy}")
        for copy in range(copies)
        for first in (whole.samples[0], whole.samples[4])
        for sample, mass in zip([first] * len(masses), masses, strict=True)
    )
    figures = plotting.draw_acceptance(replace(whole, samples=samples))
    for figure in (figures["resolution_mumu_mumu"], figures["trigger_mumu_mumu"]):
        draw_all({"checks": figure})
        for axes in figure.axes:
            lines = [container[0] for container in axes.containers]
            assert len(lines) == 2 * copies
            across = np.concatenate([line.get_transform().transform(line.get_xydata())[:, 0] for line in lines])
            half = lines[0].get_markersize() / 2 * figure.dpi / 72
            assert axes.bbox.x0 + half < across.min()
            assert across.max() < axes.bbox.x1 - half


def test_beside_the_first_and_last_mass_is_half_a_step() -> None:
    low, high = of_acceptance()["resolution_mumu_mumu"].axes[0].get_xlim()
    assert (low, high) == pytest.approx((220.0 - 60.0, 540.0 + 60.0))


def test_each_line_has_its_trigger_efficiency() -> None:
    figure = of_acceptance()["trigger_mumu_mumu"]
    assert [axes.get_ylabel() for axes in figure.axes] == ["Trigger efficiency by Control", "Trigger efficiency by Q1"]
    (points, *_) = figure.axes[0].containers[0]
    np.testing.assert_allclose(points.get_ydata(), [50 / 55, 70 / 75, 100 / 105, 130 / 135])
    assert legend_of(figure) == [ETA, BREMSSTRAHLUNG]


def test_what_was_not_measured_has_no_figure() -> None:
    figures = plotting.draw_acceptance(acceptance(measured=False))
    assert not {"resolution_mumu_mumu", "trigger_mumu_mumu"} & set(figures)


def test_lines_that_no_event_had_and_single_masses_are_drawn_too() -> None:
    whole = acceptance()
    one = replace(whole, samples=(replace(whole.samples[0], trigger={"Q1": (0, 0)}),))
    figures = plotting.draw_acceptance(one)
    assert list(figures) == ["acceptance_mumu_eta_decay_mumu", "resolution_mumu_mumu", "trigger_mumu_mumu"]
    draw_all(figures)


def test_nothing_accepted_is_drawn_too() -> None:
    whole = acceptance()
    samples = tuple(replace(sample, sums=np.zeros_like(sample.sums)) for sample in whole.samples)
    figures = plotting.draw_acceptance(replace(whole, samples=samples))
    draw_all(figures)


def test_equal_numbers_give_equal_files(tmp_path: FilePath) -> None:
    written = []
    for folder in ("first", "second"):
        figure = plotting.draw_yields(expected())["yields_by_channel"]
        paths = plotting.save({"yields_by_channel": figure}, tmp_path / folder, provenance={"a": 1})
        written.append([path.read_bytes() for path in paths])
    assert written[0] == written[1]


# Words


@pytest.mark.parametrize(
    ("value", "text"), [(0.1, "0.1 mm"), (100.0, "100 mm"), (1e3, "1 m"), (1e6, "1 km"), (1e8, "100 km")]
)
def test_lengths_are_in_units_that_a_person_reads(value: float, text: str) -> None:
    assert length(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((1.4, "1.4"), (0.01, "0.01"), (1000.0, "1000"), (123.4, "123.4"), (1 / 3, "0.3333")),
        *((0.0098, r"$9.8\times 10^{-3}$"), (1.4e17, r"$1.4\times 10^{17}$"), (1001.0, r"$1.0\times 10^{3}$")),
    ],
)
def test_numbers_near_1_are_written_plainly(value: float, text: str) -> None:
    assert written(value) == text


def test_names_are_fit_for_files() -> None:
    assert file_name("acceptance", "mumu", "B -> K* S (all)", "pipi2pi0") == "acceptance_mumu_B_K_S_all_pipi2pi0"


def test_an_unknown_final_state_has_its_own_name() -> None:
    assert final_state_label("pppp") == "pppp"


# Images


@compared
def test_image_of_expected_numbers() -> Figure:
    return plotting.draw_yields(expected())["yields_all"]


@compared
def test_image_of_expected_numbers_by_channel() -> Figure:
    return plotting.draw_yields(expected())["yields_by_channel"]


@compared
def test_image_of_expected_numbers_of_one_mass() -> Figure:
    return plotting.draw_yields(cut(expected(), masses=slice(8, 9), couplings=slice(None)))["yields_by_channel"]


@compared
def test_image_of_expected_numbers_at_one_point() -> Figure:
    whole = cut(expected(), masses=slice(8, 9), couplings=slice(35, 36))
    return plotting.draw_yields(whole)["yields_by_channel"]


@compared
def test_image_of_accepted_shares() -> Figure:
    return plotting.draw_acceptance(acceptance())["acceptance_mumu_eta_decay_mumu"]


@compared
def test_image_of_a_mass_resolution() -> Figure:
    return plotting.draw_acceptance(acceptance())["resolution_mumu_mumu"]


@compared
def test_image_of_trigger_efficiencies() -> Figure:
    return plotting.draw_acceptance(acceptance())["trigger_mumu_mumu"]


def test_alternatives_are_nowhere_added_up() -> None:
    told = {"product": "BR x BR", "product_label": "$BR$", "product_value": "1e-10"}
    free = replace(expected(), coupling={**expected().coupling, **told})
    figures = plotting.draw_yields(free)
    assert list(figures) == ["yields_mumu", "yields_pipi", "yields_by_final_state"]
    assert "total" not in legend_of(figures["yields_by_final_state"])
