from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgba

from na62dump import plotting
from na62dump.configuration import load
from na62dump.plotting.regions import BORDER
from na62dump.regions import Plane, Planes
from tests.plotting.result_samples import PLANE

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

compared = pytest.mark.mpl_image_compare(style=plotting.STYLE, savefig_kwargs={"dpi": 60})


def box(name: str, x: list[str], y: list[str], *, hidden: bool = False, after: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"name": name, "hidden": hidden, "opens_after": list(after), "shape": "box", "x": x, "y": y}


def ellipse(name: str, centre: list[str], semi_axes: list[str], *, hidden: bool = False) -> dict[str, Any]:
    shape = {"shape": "ellipse", "centre": centre, "semi_axes": semi_axes}
    return {"name": name, "hidden": hidden, "opens_after": [], **shape}


NEUTRINO = Plane.model_validate(
    {
        "columns": ["p", "vertex_z"],
        "region": [
            box("SR", ["0 GeV/c", "40 GeV/c"], ["105 m", "180 m"], hidden=True, after=("CR",)),
            ellipse("CR", ["40 GeV/c", "130 m"], ["30 GeV/c", "25 m"], hidden=True),
            box("VR", ["0 GeV/c", "90 GeV/c"], ["100 m", "190 m"]),
        ],
    }
)


def patches_of(axes: Axes) -> dict[str, Patch]:
    return {str(patch.get_gid()).removeprefix("region "): patch for patch in axes.patches}


def names_in(axes: Axes) -> set[str]:
    return {text.get_text() for text in axes.texts}


def legend_of(figure: Figure) -> list[str]:
    legend = figure.axes[0].get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


def bounds(axes: Axes, name: str) -> tuple[float, ...]:
    drawn = patches_of(axes)[name].get_extents().transformed(axes.transData.inverted())
    return tuple(float(edge) for edge in drawn.bounds)


def test_each_analysis_has_one_figure(repository: Path) -> None:
    mumu = load(repository / "config" / "regions.toml", Planes)["mumu"]
    figures = plotting.draw_regions({"mumu": mumu, "numu": NEUTRINO})
    assert list(figures) == ["regions_mumu", "regions_numu"]
    said = [text.get_text() for text in figures["regions_numu"].texts]
    assert "Regions of numu" in said
    assert any(line.startswith("Data in SR, CR are hidden until opened by record") for line in said)


def test_labels_say_column_unit_and_meaning() -> None:
    axes = plotting.regions_figure(NEUTRINO, name="numu").axes[0]
    assert axes.get_xlabel() == "vertex_z [m]\nvertex"
    # 90 GeV/c, not 90000 MeV/c
    assert axes.get_ylabel() == "p [GeV/c]\ntotal momentum"


def test_a_pure_number_has_no_unit_and_a_small_length_is_in_mm() -> None:
    region = {"name": "SR", "hidden": True, "opens_after": [], "shape": "box"}
    table = {"columns": ["n_lav", "cda"], "region": [region | {"x": [0.0, 2.0], "y": ["0 m", "0.5 m"]}]}
    figure = plotting.regions_figure(Plane.model_validate(table), name="lav")
    (axes,) = figure.axes
    assert axes.get_ylabel().splitlines()[0] == "n_lav"
    assert axes.get_xlabel().splitlines()[0] == "cda [mm]"
    assert legend_of(figure) == ["SR: 500 mm \u00d7 2; hidden"]


def test_the_smallest_coordinates_are_in_the_base_unit() -> None:
    table = {"columns": ["cda", "z_tax"], "region": [box("SR", ["0 um", "100 um"], ["0 mm", "1 mm"], hidden=True)]}
    figure = plotting.regions_figure(Plane.model_validate(table), name="tiny")
    assert legend_of(figure) == ["SR: 1 mm \u00d7 0.1 mm; hidden"]


def test_shapes_are_drawn_in_the_units_of_the_axes() -> None:
    axes = plotting.regions_figure(NEUTRINO, name="numu").axes[0]
    assert bounds(axes, "SR") == pytest.approx((105, 0, 75, 40))
    assert bounds(axes, "CR") == pytest.approx((105, 10, 50, 60), rel=1e-3)


def test_hidden_regions_are_hatched_and_named_so() -> None:
    axes = plotting.regions_figure(NEUTRINO, name="numu").axes[0]
    hatches = {name: bool(patch.get_hatch()) for name, patch in patches_of(axes).items()}
    assert hatches == {"SR": True, "CR": True, "VR": False}
    assert names_in(axes) == {"SR hidden", "CR hidden", "VR"}


def test_the_legend_has_sizes_in_order_of_precedence() -> None:
    assert legend_of(plotting.regions_figure(NEUTRINO, name="numu")) == [
        "SR: 75 m \u00d7 40 GeV/c; hidden, opens after CR",
        "CR: ellipse, semi-axes 25 m \u00d7 30 GeV/c; hidden",
        "VR: 90 m \u00d7 90 GeV/c; visible",
    ]


def test_what_takes_precedence_lies_on_top() -> None:
    axes = plotting.regions_figure(PLANE, name="mumu").axes[0]
    assert list(patches_of(axes)) == ["VR", "CR1", "CR", "SR"]
    assert {to_rgba(patch.get_facecolor())[3] for patch in axes.patches} == {1.0}
    assert {patch.get_zorder() for patch in axes.patches} == {1}


def test_nested_rings_have_a_second_panel_around_what_is_hidden(repository: Path) -> None:
    mumu = load(repository / "config" / "regions.toml", Planes)["mumu"]
    whole, zoom = plotting.regions_figure(mumu, name="mumu").axes
    assert names_in(whole) == {"SR hidden", "CR hidden", "CR1", "CR2", "CR3"}
    assert names_in(zoom) == {"SR hidden", "CR hidden"}
    assert zoom.get_xlim() == pytest.approx((-4 - 54 * BORDER, 50 + 54 * BORDER))
    assert zoom.get_ylim() == pytest.approx((-150 * BORDER, 150 + 150 * BORDER))


@given(
    edges=st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(1, 1e3)), min_size=2, max_size=2),
    ring=st.tuples(st.floats(-1e3, 1e3), st.floats(1, 1e3)),
)
def test_all_regions_are_in_view_with_a_margin(edges: list[tuple[float, float]], ring: tuple[float, float]) -> None:
    (x, width), (y, height) = edges
    regions = [
        box("SR", [f"{x!r} mm", f"{x + width!r} mm"], [f"{y!r} m", f"{y + height!r} m"], hidden=True),
        ellipse("VR", [f"{ring[0]!r} mm", f"{ring[0]!r} m"], [f"{ring[1]!r} mm", f"{ring[1]!r} m"]),
    ]
    plane = Plane.model_validate({"columns": ["cda_tax", "z_tax"], "region": regions})
    axes = plotting.regions_figure(plane, name="any").axes[0]
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    for name in ("SR", "VR"):
        corner = bounds(axes, name)
        assert left < corner[0] < corner[0] + corner[2] < right
        assert bottom < corner[1] < corner[1] + corner[3] < top
    assert np.isfinite([left, right, bottom, top]).all()


def test_they_are_saved_as_all_figures_are(tmp_path: Path) -> None:
    paths = plotting.save(plotting.draw_regions({"numu": NEUTRINO}), tmp_path, provenance={})
    assert [path.name for path in paths] == ["regions_numu.png", "regions_numu.pdf"]


@compared
def test_image_of_regions_with_a_second_panel() -> Figure:
    return plotting.draw_regions({"mumu": PLANE})["regions_mumu"]


@compared
def test_image_of_regions_of_other_columns() -> Figure:
    return plotting.draw_regions({"numu": NEUTRINO})["regions_numu"]
