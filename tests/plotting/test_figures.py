from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from matplotlib.collections import QuadMesh
from matplotlib.container import ErrorbarContainer
from matplotlib.patches import StepPatch

from na62dump import plotting
from na62dump.configuration import load
from na62dump.errors import ConfigurationError
from na62dump.histograms import Declarations
from na62dump.plotting.legend import LINE
from na62dump.plotting.outlines import LAYER, MASK, Frame
from na62dump.regions import Plane, Planes
from tests.plotting.result_samples import (
    DATA,
    DECLARATIONS,
    ENTRIES,
    PLANE,
    REGIONS,
    REQUIREMENTS,
    SIGNAL,
    axis,
    result_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

METRES = Frame(across=1e3, up=1.0)


def texts(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in figure.texts)


def panel(figure: Figure, number: int) -> Axes:
    """Axes of one sample; each is followed by its colour bar."""
    return figure.axes[2 * number]


def mesh_of(axes: Axes) -> QuadMesh:
    return next(found for found in axes.collections if isinstance(found, QuadMesh))


def patches_of(axes: Axes, what: str) -> dict[str, Patch]:
    found = {str(patch.get_gid()): patch for patch in axes.patches}
    return {name.removeprefix(f"{what} "): patch for name, patch in found.items() if name.startswith(what)}


def names_in(axes: Axes) -> set[str]:
    return {text.get_text() for text in axes.texts}


def legend_of(axes: Axes) -> list[str]:
    legend = axes.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


def line_of(axes: Axes) -> Values:
    (line,) = [found for found in axes.patches if isinstance(found, StepPatch)]
    return np.asarray(line.get_data()[0])


def drawn_cells(mesh: QuadMesh) -> tuple[Values, Values]:
    """Middles of the cells that hold something, across and up."""
    corners = np.asarray(mesh.get_coordinates())
    middles = (corners[:-1, :-1] + corners[1:, 1:]) / 2
    filled = ~np.ma.getmaskarray(np.ma.asarray(mesh.get_array())).reshape(middles.shape[:2])
    return np.asarray(middles[filled, 0]), np.asarray(middles[filled, 1])


def hidden(across: Values, up: Values, *, opened: frozenset[str] = frozenset()) -> NDArray[np.bool_]:
    closed = [name in PLANE.hidden - opened for name in PLANE.names]
    return np.asarray(closed)[PLANE.classify(up * METRES.up, across * METRES.across)]


# What is hidden


@pytest.mark.parametrize("opened", [(), ("CR",), ("CR", "SR")])
def test_no_data_are_drawn_where_they_are_hidden(opened: tuple[str, ...]) -> None:
    result = result_of(opened=opened)
    axes = panel(plotting.draw(result, PLANE)["plane"], 1)
    across, up = drawn_cells(mesh_of(axes))
    assert len(across) > 100
    assert not hidden(across, up, opened=frozenset(opened)).any()
    assert set(patches_of(axes, "mask")) == PLANE.hidden - set(opened)


def test_data_that_lie_in_a_hidden_region_all_the_same_are_not_drawn() -> None:
    result = result_of()
    inside = np.array([30.0]), np.array([10e3])
    where = PLANE.classify(*inside)
    clean = mesh_of(panel(plotting.draw(result, PLANE)["plane"], 1)).get_array()
    result.book.fill("plane", sample=DATA, region_index=where, values=inside[::-1])
    result.book.fill("mass", sample=DATA, region_index=where, values=[np.array([400.0])])
    figures = plotting.draw(result, PLANE)
    np.testing.assert_array_equal(np.ma.asarray(mesh_of(panel(figures["plane"], 1)).get_array()), np.ma.asarray(clean))
    before = plotting.draw(result_of(), PLANE)["mass"]
    assert legend_of(figures["mass"].axes[0]) == legend_of(before.axes[0])


def test_data_in_no_region_or_without_coordinates_are_not_drawn() -> None:
    result = result_of(entries=0)
    for index in (-1, PLANE.names.index("undefined")):
        where = np.array([index])
        result.book.fill("mass", sample=DATA, region_index=where, values=[np.array([400.0])])
    assert legend_of(plotting.draw(result, PLANE)["mass"].axes[0])[1].endswith(", 0 candidates")


def test_masks_are_opaque_and_above_the_contents() -> None:
    axes = panel(plotting.draw(result_of(), PLANE)["plane"], 1)
    for mask in patches_of(axes, "mask").values():
        assert mask.get_facecolor() == (float(MASK), float(MASK), float(MASK), 1.0)
        assert mask.get_hatch()
        assert mask.get_zorder() == LAYER > mesh_of(axes).get_zorder()


def test_a_visible_region_on_a_hidden_one_shows_its_contents() -> None:
    window = REGIONS[0] | {"name": "window", "hidden": False, "opens_after": [], "x": ["60 mm", "120 mm"]}
    plane = Plane.model_validate({"columns": ["cda_tax", "z_tax"], "region": [window, REGIONS[1]]})
    axes = panel(plotting.draw(result_of(plane), plane)["plane"], 1)
    layers = axes.get_children()
    meshes = [found for found in axes.collections if isinstance(found, QuadMesh)]
    clipped = meshes[1].get_clip_box()
    assert clipped is not None
    assert clipped.transformed(axes.transData.inverted()).bounds == pytest.approx((6, 60, 34, 60))
    assert layers.index(patches_of(axes, "mask")["CR"]) < layers.index(meshes[1])
    assert meshes[1].get_zorder() == LAYER


def test_simulation_has_outlines_only() -> None:
    axes = panel(plotting.draw(result_of(), PLANE)["plane"], 0)
    assert patches_of(axes, "mask") == {}
    assert set(patches_of(axes, "outline")) == {"SR", "CR", "CR1", "VR"}
    assert names_in(axes) == {"SR", "CR", "CR1", "VR"}
    across, up = drawn_cells(mesh_of(axes))
    assert hidden(across, up).any()


def test_masks_are_named() -> None:
    axes = panel(plotting.draw(result_of(opened=("CR",)), PLANE)["plane"], 1)
    assert names_in(axes) == {"SR hidden", "CR", "CR1", "VR"}


def test_regions_are_drawn_in_the_units_of_the_axes() -> None:
    axes = panel(plotting.draw(result_of(), PLANE)["plane"], 1)
    assert patches_of(axes, "mask")["SR"].get_extents().transformed(axes.transData.inverted()).bounds == pytest.approx(
        (6, 0, 34, 20)
    )
    ellipse = patches_of(axes, "outline")["VR"].get_extents().transformed(axes.transData.inverted()).bounds
    assert ellipse == pytest.approx((-77, -500, 200, 1000), rel=1e-3)


def test_regions_that_are_not_those_of_the_result_are_refused() -> None:
    other = PLANE.model_copy(update={"region": PLANE.region[2:]})
    with pytest.raises(ConfigurationError, match=r"give result\.state\.plane"):
        plotting.draw(result_of(), other)


# What a figure says


@pytest.mark.parametrize(
    ("opened", "words"),
    [((), "SR, CR hidden"), (("CR",), "SR hidden; opened: CR"), (("CR", "SR"), "opened: SR, CR")],
)
def test_every_figure_says_what_was_open(opened: tuple[str, ...], words: str) -> None:
    for figure in plotting.draw(result_of(opened=opened), PLANE).values():
        assert words in texts(figure).splitlines()


def test_every_figure_names_the_regions_of_other_analyses_that_hide_too() -> None:
    result = result_of()
    state = result.state.model_copy(update={"also_hidden": ("CR of kk", *(f"SR of analysis {n}" for n in range(6)))})
    plain = plotting.draw(result, PLANE)
    for name, figure in plotting.draw(replace(result, state=state), PLANE).items():
        lines = texts(figure).splitlines()
        (first,) = [
            number for number, line in enumerate(lines) if line.startswith("data also hidden by CR of kk, SR of")
        ]
        assert lines[first + 1].endswith("SR of analysis 5")
        # there is room for them
        assert figure.get_figheight() == pytest.approx(plain[name].get_figheight() + 2 * LINE)
        assert not any("also" in line for line in texts(plain[name]).splitlines())


def test_every_figure_says_whose_it_is_and_how_many_protons() -> None:
    for figure in plotting.draw(result_of(), PLANE).values():
        assert "NA62 beam dump" in texts(figure).splitlines()
        assert r"$1.2\times 10^{14}$ protons on target" in texts(figure).splitlines()


@pytest.mark.parametrize(
    ("simulated", "words", "label"),
    [
        (True, "pseudo-data (simulated)", "pseudo-data (simulated): halo muons"),
        (False, "Data", "Data: exposure of 2021"),
    ],
)
def test_pseudo_data_are_never_called_data(*, simulated: bool, words: str, label: str) -> None:
    figures = plotting.draw(result_of(simulated=simulated), PLANE)
    for figure in figures.values():
        assert f"Simulation, {words}" in texts(figure).splitlines()
    assert legend_of(figures["mass"].axes[0])[1].startswith(label)
    assert legend_of(figures["cutflow"].axes[0])[1] == label
    assert any(line.startswith(words) for line in texts(figures["plane"]).splitlines())


def test_a_label_that_hides_what_it_is_gets_it_in_front() -> None:
    result = result_of()
    plain = {name: sample.model_copy(update={"label": "muons"}) for name, sample in result.state.samples.items()}
    renamed = result.state.model_copy(update={"samples": plain})
    object.__setattr__(result, "state", renamed)
    labels = legend_of(plotting.draw(result, PLANE)["mass"].axes[0])
    assert [label.split(",")[0] for label in labels] == ["Simulation: muons", "pseudo-data (simulated): muons"]


def test_axes_say_what_and_in_which_unit() -> None:
    figures = plotting.draw(result_of(), PLANE)
    names = ("plane", "mass", "e_over_p", "cutflow")
    labels = {name: (figures[name].axes[0].get_xlabel(), figures[name].axes[0].get_ylabel()) for name in names}
    assert labels == {
        "plane": ("$Z_{TAX}$ [m]", "CDA$_{TAX}$ [mm]"),
        "mass": ("$m$ [MeV]", "Candidates / 20 MeV"),
        "e_over_p": ("$E/p$ of a track", "Entries / 0.02"),
        "cutflow": ("Candidates left", ""),
    }
    assert figures["cutflow"].axes[1].get_xlabel() == "Events left"
    bars = [figures["plane"].axes[number].get_ylabel() for number in (1, 3)]
    assert bars == ["Sum of weights / (2 m \u00d7 10 mm)", "Candidates / (2 m \u00d7 10 mm)"]


def test_figures_say_which_rows_they_hold() -> None:
    figures = plotting.draw(result_of(), PLANE)
    assert "mumu: selected candidates" in texts(figures["plane"])
    assert "mumu: candidates that meet all requirements but 'E/p' (N-1)" in texts(figures["e_over_p"])


# Numbers


def test_simulation_is_scaled_to_the_data() -> None:
    (axes,) = plotting.draw(result_of(), PLANE)["mass"].axes
    points = [found for found in axes.containers if isinstance(found, ErrorbarContainer)]
    heights = line_of(axes)
    counted = sum(np.nansum(found.lines[0].get_ydata()) for found in points)
    assert counted > 3000
    assert heights.sum() == pytest.approx(counted)
    labels = legend_of(axes)
    assert labels[0].endswith("shape, scaled to data")
    assert f"{counted:.0f} candidates" in labels[1]
    assert "more out of range" in labels[1]


def test_without_visible_data_the_area_is_one() -> None:
    result = result_of(entries=0)
    values = [np.array([300.0, 400.0])]
    result.book.fill("mass", sample=SIGNAL, region_index=np.array([0, 0]), values=values)
    (axes,) = plotting.draw(result, PLANE)["mass"].axes
    heights = line_of(axes)
    assert heights.sum() == pytest.approx(1)
    assert axes.get_ylabel() == "Fraction of candidates / 20 MeV"
    assert [label.split(", ")[-1] for label in legend_of(axes)] == ["area 1", "0 candidates"]


def test_simulation_may_stand_for_a_number() -> None:
    result = result_of()
    (axes,) = plotting.draw(result, PLANE, expected={SIGNAL: 2.5})["mass"].axes
    heights = line_of(axes)
    weights = result.book["mass"][{"dataset": SIGNAL}].project("mass").values().sum()
    assert heights.sum() == pytest.approx(2.5 * weights / ENTRIES)
    assert legend_of(axes)[0].endswith("2.5 selected candidates expected")


def test_expected_numbers_of_other_samples_are_refused() -> None:
    with pytest.raises(ConfigurationError, match=rf"for \['{DATA}'\].*\['{SIGNAL}'\]"):
        plotting.draw(result_of(), PLANE, expected={DATA: 2.5})


def test_data_points_have_poisson_errors() -> None:
    result = result_of(entries=0)
    outside = PLANE.names.index("outside")
    values = np.array([410.0] * 3 + [610.0])
    result.book.fill("mass", sample=DATA, region_index=np.full(4, outside), values=[values])
    (axes,) = plotting.draw(result, PLANE)["mass"].axes
    (points,) = [found for found in axes.containers if isinstance(found, ErrorbarContainer)]
    heights = np.asarray(points.lines[0].get_ydata())
    assert heights[~np.isnan(heights)].tolist() == [3, 1]
    bars = [bar for bar in points.lines[2][0].get_segments() if len(bar)]
    # 68% Garwood intervals of 3 and 1 counts
    assert [bar[:, 1].tolist() for bar in bars] == [
        pytest.approx([1.367, 5.918], abs=1e-3),
        pytest.approx([0.173, 3.300], abs=1e-3),
    ]


@pytest.mark.parametrize(
    ("variable", "legend", "ylabel"),
    [
        ("legs.e_over_p", r", \d+ entries \(two a candidate\)$", "Entries / 0.1"),
        ("photons.x", r", \d+ entries$", "Entries / 0.1 mm"),
        ("photon1.x", r", \d+ candidates$", "Candidates / 0.1 mm"),
    ],
)
def test_what_an_entry_is_is_said(variable: str, legend: str, ylabel: str) -> None:
    unit = "mm" if variable.endswith("x") else ""
    edges = ("0 mm", "1 mm") if unit else (0.0, 1.0)
    axes = {"some": axis(variable, unit, bins=10, edges=edges, label="$x$")}
    declarations = {"axes": axes, "histograms": {"some": {"axes": ["some"], "stage": "selected"}}}
    figure = plotting.draw(result_of(PLANE, Declarations.model_validate(declarations), entries=50), PLANE)["some"]
    assert re.search(legend, legend_of(figure.axes[0])[1].replace("\n", " "))
    assert figure.axes[0].get_ylabel() == ylabel


def test_the_cutflow_shows_what_is_left_of_pairs_and_events() -> None:
    result = result_of()
    figure = plotting.draw(result, PLANE)["cutflow"]
    pairs, events = figure.axes
    assert [label.get_text() for label in pairs.get_yticklabels()] == ["visible candidates", *REQUIREMENTS]
    for what, axes in enumerate((pairs, events)):
        np.testing.assert_array_equal(line_of(axes), result.cutflow[SIGNAL].cumulative[what, :, 0])
        np.testing.assert_array_equal(axes.lines[0].get_xdata(), result.cutflow[DATA].cumulative[what, :, 0])
        assert axes.get_xscale() == "symlog"


def test_a_few_pairs_can_be_seen_and_those_out_of_range_are_counted() -> None:
    result = result_of(entries=0)
    outside = np.full(3, PLANE.names.index("outside"))
    values = [np.array([130e3, 140e3, 900e3]), np.array([550.0, 300.0, 10.0])]
    result.book.fill("plane", sample=DATA, region_index=outside, values=values)
    figure = plotting.draw(result, PLANE)["plane"]
    mesh = mesh_of(panel(figure, 1))
    assert len(drawn_cells(mesh)[0]) == 2
    assert np.max(mesh.get_linewidth()) > 1
    assert mesh.norm.vmax == 2
    assert "1 out of range" in texts(figure)


# All of them


def test_all_shipped_histograms_are_drawn(repository: Path) -> None:
    config = repository / "config"
    declarations = load(config / "histograms.toml", Declarations)
    plane = load(config / "regions.toml", Planes)["mumu"]
    figures = plotting.draw(result_of(plane, declarations, entries=50), plane)
    names = [*declarations.histograms, "cutflow"]
    assert list(figures)[: len(names)] == names


def test_two_variables_that_are_no_plane_have_no_regions() -> None:
    axes = ["mass", "cda_tax"]
    table = DECLARATIONS.model_dump(mode="json") | {"histograms": {"both": {"axes": axes, "stage": "selected"}}}
    figure = plotting.draw(result_of(PLANE, Declarations.model_validate(table)), PLANE)["both"]
    shown = panel(figure, 1)
    assert (shown.get_xlabel(), shown.get_ylabel()) == ("$m$ [MeV]", "CDA$_{TAX}$ [mm]")
    assert names_in(shown) == set()


def other_plane(order: list[str]) -> tuple[Plane, Declarations]:
    """Momentum against place, in MeV/c and mm, shown in GeV/c and m; an ellipse is hidden."""
    shape = {"shape": "ellipse", "centre": ["30 GeV/c", "130 m"], "semi_axes": ["20 GeV/c", "15 m"]}
    region = {"name": "SR", "hidden": True, "opens_after": [], **shape}
    axes = {
        "p": axis("p", "GeV/c", bins=40, edges=("0 GeV/c", "100 GeV/c"), label="$p$"),
        "vertex_z": axis("vertex_z", "m", bins=55, edges=("80 m", "190 m"), label="$z$ of the vertex"),
    }
    histograms = {"anything": {"axes": order, "stage": "visible"}}
    plane = Plane.model_validate({"columns": ["p", "vertex_z"], "region": [region]})
    return plane, Declarations.model_validate({"axes": axes, "histograms": histograms})


@pytest.mark.parametrize("order", [["p", "vertex_z"], ["vertex_z", "p"]])
def test_a_plane_of_any_columns_is_masked_whatever_the_histogram_is_called(order: list[str]) -> None:
    plane, declarations = other_plane(order)
    figure = plotting.draw(result_of(plane, declarations), plane)["anything"]
    axes = panel(figure, 1)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("$z$ of the vertex [m]", "$p$ [GeV/c]")
    assert figure.axes[3].get_ylabel() == "Candidates / (2 m \u00d7 2.5 GeV/c)"
    assert names_in(axes) == {"SR hidden"}
    mask = patches_of(axes, "mask")["SR"].get_extents().transformed(axes.transData.inverted()).bounds
    assert mask == pytest.approx((115, 10, 30, 40), rel=1e-3)
    outline = patches_of(panel(figure, 0), "outline")["SR"]
    assert outline.get_extents().transformed(panel(figure, 0).transData.inverted()).bounds == pytest.approx(mask)
    across, up = drawn_cells(mesh_of(axes))
    assert len(across) > 100
    assert (((across - 130) / 15) ** 2 + ((up - 30) / 20) ** 2 > 0.75).all()  # middles of bins cut by the edge


@pytest.mark.parametrize("variable", ["cda_tax", "e_over_p"])
def test_any_histogram_may_be_absent(variable: str) -> None:
    table = DECLARATIONS.model_dump(mode="json")
    table["histograms"] = {"other": {"axes": [variable], "stage": "visible"}}
    figures = plotting.draw(result_of(PLANE, Declarations.model_validate(table)), PLANE)
    assert list(figures)[:2] == ["other", "cutflow"]


def test_the_order_of_axes_does_not_matter() -> None:
    turned = {"histograms": {"plane": {"axes": ["cda_tax", "z_tax"], "stage": "selected"}}}
    declarations = Declarations.model_validate(DECLARATIONS.model_dump(mode="json") | turned)
    axes = panel(plotting.draw(result_of(PLANE, declarations), PLANE)["plane"], 1)
    assert axes.get_xlabel() == "$Z_{TAX}$ [m]"
    across, up = drawn_cells(mesh_of(axes))
    assert len(across) > 100
    assert not hidden(across, up).any()


def test_a_sample_that_has_not_run_is_left_out_of_the_cutflow() -> None:
    result = result_of()
    object.__setattr__(result, "cutflow", {SIGNAL: result.cutflow[SIGNAL]})
    figure = plotting.draw(result, PLANE)["cutflow"]
    assert len(legend_of(figure.axes[0])) == 1
