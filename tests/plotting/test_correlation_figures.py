from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from na62dump import plotting
from na62dump.cutflow import Cutflow
from na62dump.plotting.correlations import UNDEFINED
from tests.plotting.result_samples import DATA, PLANE, REQUIREMENTS, SIGNAL, result_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

MATRIX = np.array([[1.0, -0.72, np.nan], [-0.72, 1.0, np.nan], [np.nan, np.nan, np.nan]])
NAMES = ("opposite charge", "one vertex", "always met")


def correlation(flow: Cutflow) -> NDArray[np.float64]:
    """Something like what masks give: near requirements go together, some are met by all."""
    place = np.arange(len(flow.names))
    matrix: NDArray[np.float64] = np.cos(place[:, None] - place) * 0.8 ** np.abs(place[:, None] - place)
    matrix[3] = matrix[:, 3] = np.nan
    return matrix


def test_the_lower_half_is_drawn_with_its_numbers() -> None:
    axes, bar = plotting.correlation_figure(NAMES, MATRIX).axes
    cells = {text.get_position(): text.get_text() for text in axes.texts}
    assert cells == {(0, 0): "100", (0, 1): "-72", (1, 1): "100"}
    assert [label.get_text() for label in axes.get_yticklabels()] == list(NAMES)
    assert [label.get_text() for label in axes.get_xticklabels()] == list(NAMES)
    assert bar.get_ylabel() == "Correlation \u03c6"
    assert bar.get_ylim() == (-1, 1)


def test_undefined_cells_are_grey_and_the_upper_half_is_empty() -> None:
    axes = plotting.correlation_figure(NAMES, MATRIX).axes[0]
    grey, coloured = axes.get_images()
    cells: np.ma.MaskedArray[Any, Any] = np.ma.asarray(grey.get_array())
    np.testing.assert_array_equal(~np.ma.getmaskarray(cells), np.tril(np.isnan(MATRIX)))
    assert tuple(grey.to_rgba(cells)[2, 0]) == pytest.approx(to_rgba(UNDEFINED), abs=0.01)
    drawn = ~np.ma.getmaskarray(np.ma.asarray(coloured.get_array()))
    np.testing.assert_array_equal(drawn, np.tril(~np.isnan(MATRIX)))


def test_each_sample_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cutflow, "correlation", correlation, raising=False)
    figures = plotting.draw(result_of(), PLANE)
    assert list(figures)[-2:] == [f"correlation_{SIGNAL}", f"correlation_{DATA}"]
    said = [text.get_text() for text in figures[f"correlation_{DATA}"].texts]
    words = "mumu: correlations between requirements in percent, pseudo-data (simulated): halo muons"
    assert {words, "SR, CR hidden"} <= set(said)


def test_a_cutflow_without_requirements_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cutflow, "correlation", correlation, raising=False)
    result = result_of()
    object.__setattr__(result, "cutflow", {SIGNAL: Cutflow.zero(())})
    assert f"correlation_{SIGNAL}" not in plotting.draw(result, PLANE)


@pytest.mark.mpl_image_compare(style=plotting.STYLE, savefig_kwargs={"dpi": 60})
def test_image_of_correlations(monkeypatch: pytest.MonkeyPatch) -> Figure:
    monkeypatch.setattr(Cutflow, "correlation", correlation, raising=False)
    result = result_of()
    assert result.cutflow[SIGNAL].names == REQUIREMENTS
    return plotting.draw(result, PLANE)[f"correlation_{SIGNAL}"]
