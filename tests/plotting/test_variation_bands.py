from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib.patches import StepPatch

from na62dump import plotting
from na62dump.histograms import NOMINAL
from na62dump.plotting.seen import seen, views
from na62dump.plotting.style import of_simulation
from na62dump.plotting.variations import LEAST, MOST, draw_bands, envelope, listed
from tests.plotting.result_samples import DATA, PLANE, REQUIREMENTS, SIGNAL, VARIED, result_of, varied_result

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

compared = pytest.mark.mpl_image_compare(style=plotting.STYLE, savefig_kwargs={"dpi": 60})
SUMS = arrays(np.float64, 5, elements=st.integers(0, 400).map(lambda sums: sums / 4))


def band_of(axes: Axes) -> StepPatch:
    (band,) = [patch for patch in axes.patches if isinstance(patch, StepPatch)]
    return band


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.texts]


def test_what_is_drawn_is_nominal_whether_there_is_an_axis_of_variations_or_not() -> None:
    plain, varied = result_of(), varied_result()
    for name in ("mass", "plane"):
        for sample in (SIGNAL, DATA):
            one, other = (seen(result, name, sample=sample) for result in (plain, varied))
            np.testing.assert_array_equal(one.values, other.values)
            np.testing.assert_array_equal(one.variances, other.variances)
    assert list(views(plain, "mass", sample=SIGNAL)) == [NOMINAL]
    assert list(views(varied, "mass", sample=SIGNAL)) == [NOMINAL, *VARIED]


def test_a_spectrum_has_the_variations_of_simulation_below() -> None:
    figure = plotting.draw(varied_result(), PLANE)["mass"]
    main, below = figure.axes
    assert (main.get_xlabel(), below.get_xlabel(), below.get_ylabel()) == ("", "$m$ [MeV]", "Varied / nominal")
    assert main.get_xlim() == below.get_xlim() == (0, 1000)
    high, _, low = band_of(below).get_data()
    filled = ~np.isnan(high)
    assert 0 < filled.sum() < 10
    np.testing.assert_allclose(high[filled], 1.1)
    np.testing.assert_allclose(np.asarray(low)[filled], 0.95)
    assert below.get_ylim() == pytest.approx((0.88, 1.12))
    assert "envelope of 2 variations: energy up, energy down" in texts(figure)


def test_the_cutflow_has_them_beside() -> None:
    figure = plotting.draw(varied_result(), PLANE)["cutflow"]
    pairs, events, beside = figure.axes
    high, edges, low = band_of(beside).get_data()
    np.testing.assert_allclose(high, np.linspace(1, 1.1, len(REQUIREMENTS) + 1))
    np.testing.assert_allclose(low, np.linspace(1, 0.95, len(REQUIREMENTS) + 1))
    assert edges[0] == -0.5
    assert beside.get_ylim() == pairs.get_ylim() == events.get_ylim()
    assert any(line.endswith("right: envelope of 2 variations: energy up, energy down") for line in texts(figure))


def test_without_variations_there_is_no_panel() -> None:
    figures = plotting.draw(result_of(), PLANE)
    assert len(figures["mass"].axes) == 1
    assert len(figures["cutflow"].axes) == 2


def test_a_variation_that_a_sample_was_not_run_in_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(VARIED, "energy up", -1.0)
    figure = plotting.draw(varied_result(), PLANE)["mass"]
    assert "envelope of 1 variation: energy down" in texts(figure)
    assert np.nanmin(band_of(figure.axes[1]).get_data()[2]) == pytest.approx(0.95)


@given(nominal=SUMS, varied=st.lists(SUMS, min_size=1, max_size=3))
def test_an_envelope_holds_nominal_and_all_variations(
    nominal: np.ndarray[tuple[int], np.dtype[np.float64]], varied: list[np.ndarray[tuple[int], np.dtype[np.float64]]]
) -> None:
    band = envelope(nominal, varied, look=of_simulation(0))
    some = nominal > 0
    assert np.isnan(band.low[~some]).all()
    assert np.isnan(band.high[~some]).all()
    assert (band.low[some] <= 1).all()
    assert (band.high[some] >= 1).all()
    for sums in varied:
        ratio = sums[some] / nominal[some]
        assert ((band.low[some] <= ratio) & (ratio <= band.high[some])).all()


@pytest.mark.parametrize(("change", "half"), [(0.0, LEAST), (0.5, 0.6), (40.0, MOST), (np.nan, LEAST)])
def test_the_range_follows_the_changes_within_limits(change: float, half: float) -> None:
    axes = plotting.correlation_figure(("a",), np.ones((1, 1))).add_subplot()
    nominal = np.array([0.0 if np.isnan(change) else 1.0])
    band = envelope(nominal, [nominal * (1 + change)] if nominal else [nominal], look=of_simulation(0))
    draw_bands(axes, [band], edges=np.array([0.0, 1.0]))
    assert axes.get_ylim() == pytest.approx((1 - half, 1 + half))


def test_a_long_list_of_variations_is_shortened() -> None:
    text = listed(f"variation {number}" for number in range(40))
    assert text.startswith("envelope of 40 variations: variation 0, variation 1,")
    assert len(text) <= 85
    assert text.endswith("...")


@compared
def test_image_of_a_varied_mass() -> Figure:
    return plotting.draw(varied_result(), PLANE)["mass"]


@compared
def test_image_of_a_varied_cutflow() -> Figure:
    return plotting.draw(varied_result(), PLANE)["cutflow"]
