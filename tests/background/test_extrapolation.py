from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from na62dump.background.extrapolation import Extrapolation, extrapolated
from na62dump.background.limits import upper_limit
from na62dump.background.neutrino import neutrino
from na62dump.background.upstream import upstream
from na62dump.configuration import find, load_text, read_toml
from na62dump.errors import BlindingError, EstimateError, MergeError, UnknownNameError
from tests.background.handmade import CHARGE, LAV, SIMULATED, TIME, Some, estimate_of, result_of

SETTINGS = Extrapolation(sample=SIMULATED, side=("VR", "outside"), inverted=(LAV,), normalisation=0.5, least=1.0)
SHAPE = [
    Some(4, "SR", weight=0.5, sample=SIMULATED),
    Some(10, "VR", sample=SIMULATED),
    Some(30, "VR", (LAV,), sample=SIMULATED),
    Some(10, "outside", (LAV,), weight=2.0, sample=SIMULATED),
    Some(9, "VR", (LAV, TIME), weight=5.0, sample=SIMULATED),
]
SR, CR, VR, OUTSIDE = range(4)


def test_the_side_gives_the_size_and_the_sample_the_shape() -> None:
    data = [Some(70, "VR", (LAV,)), Some(50, "outside", (LAV,)), Some(99, "VR", (LAV, TIME)), Some(99, "VR")]
    others = [estimate_of({"VR": 12.0, "outside": 8.0}, error=3.0, systematic={"rate": 0.1})]
    found = extrapolated(result_of([*SHAPE, *data]), SETTINGS, mechanism="upstream", others=others)
    scale = (120 - 20) / 50
    np.testing.assert_allclose(found.expected, [2 * scale, 0, 10 * scale, 0], atol=1e-12)
    np.testing.assert_allclose(found.systematic["upstream normalisation"], 0.5 * found.expected)
    # of N, of the others with what moves both regions together, and of the weights here and there
    variance = 120 + 9 + 9
    np.testing.assert_allclose(found.systematic["rate"], [-2.0 * 2 / 50, 0, -2.0 * 10 / 50, 0], atol=1e-12)
    relative = variance / 100**2 + (30 + 40) / 50**2
    assert found.covariance[VR, VR] == pytest.approx((10 * scale) ** 2 * (relative + 10 / 10**2))
    assert found.covariance[SR, VR] == pytest.approx((10 * scale) * (2 * scale) * relative)
    assert found.scale == scale
    assert found.limit[CR] == pytest.approx(
        upper_limit(120, 20.0 - (9 + 9 + 2.0**2) ** 0.5) / 50 * upper_limit(0) * 5.0
    )
    assert np.isnan(found.limit[[SR, VR]]).all()


def test_its_inputs_name_the_side_and_are_json() -> None:
    found = upstream(result_of([*SHAPE, Some(70, "VR", (LAV,))]), SETTINGS)
    assert found.mechanism == "upstream"
    assert [found.inputs[key] for key in ("side", "side_inverted", "inverted")] == [["VR", "outside"], [LAV], []]
    assert json.loads(json.dumps(found.inputs)) == found.inputs


def test_its_histograms_are_those_of_the_sample() -> None:
    result = result_of([*SHAPE, Some(100, "VR", (LAV,)), Some(7, "VR")])
    found = upstream(result, SETTINGS)
    assert found.book is not None
    assert found.book.samples == ("upstream",)
    drawn = found.book["dt"]["upstream", "nominal", :, sum].values() * found.scale
    np.testing.assert_allclose(drawn[:-1], found.expected)
    assert upstream(result, SETTINGS, failing=(TIME,)).book is None


@pytest.mark.parametrize(("seen", "others"), [(0, 0.0), (1, 0.0), (3, 2.5), (2, 9.0)])
def test_an_excess_within_its_error_gives_limits(seen: int, others: float) -> None:
    data = [Some(seen, "VR", (LAV,))]
    estimates = [estimate_of({"VR": others})]
    found = extrapolated(result_of([*SHAPE, *data]), SETTINGS, mechanism="upstream", others=estimates)
    assert found.expected[VR] == pytest.approx(max(0.0, seen - others) / 50 * 10)
    limit = upper_limit(seen, others) / 50
    np.testing.assert_allclose(found.limit, limit * np.array([2, 2.302585 * 5, 10, 2.302585 * 5]))


def test_twice_the_data_give_twice_the_estimate_and_a_heavier_sample_the_same() -> None:
    def expected(n: int, weight: float) -> float:
        shape = [some._replace(weight=weight * some.weight) for some in SHAPE]
        return float(upstream(result_of([*shape, Some(n, "VR", (LAV,))]), SETTINGS).expected[VR])

    assert expected(200, 1.0) == pytest.approx(2 * expected(100, 1.0))
    assert expected(100, 4.0) == pytest.approx(expected(100, 1.0))


def test_a_side_of_selected_rows_gives_back_what_was_seen_there() -> None:
    settings = Extrapolation(sample=SIMULATED, side=("VR",), normalisation=0.0, least=1.0)
    found = neutrino(result_of([*SHAPE, Some(25, "VR")]), settings)
    assert found.mechanism == "neutrino"
    assert found.expected[VR] == pytest.approx(25)
    # the weights cancel, so that only the number seen fluctuates
    assert found.statistical[VR] == pytest.approx(5)


def test_rows_that_fail_something_else_can_be_estimated() -> None:
    data = [Some(100, "VR", (LAV,))]
    found = upstream(result_of([*SHAPE, *data]), SETTINGS, failing=(LAV, TIME))
    assert found.expected[VR] == pytest.approx(100 / 50 * 45)
    again = upstream(result_of([*SHAPE, *data]), SETTINGS, failing=(LAV,))
    assert again.expected[[VR, OUTSIDE]].sum() == pytest.approx(100)
    assert again.of(["VR", "outside"])[1] == pytest.approx(np.hypot(10, 0.5 * 100))


def test_the_shape_may_come_from_another_result() -> None:
    data = result_of([Some(100, "VR", (LAV,))])
    found = upstream(data, SETTINGS, simulated=result_of(SHAPE))
    assert found.expected[VR] == pytest.approx(20)
    with pytest.raises(MergeError, match=r"data are of 'mumu' \(0000.*run both with the same files"):
        upstream(data, SETTINGS, simulated=result_of(SHAPE, digest="2" * 64))


def test_pulls_have_unit_width() -> None:
    rng = np.random.default_rng(62)
    mean, others, pulls = 60.0, 20.0, []
    settings = Extrapolation(sample=SIMULATED, side=("VR",), inverted=(LAV,), normalisation=0.0, least=1.0)
    for _ in range(600):
        shape = [Some(rng.poisson(n), "VR", failing, sample=SIMULATED) for n, failing in ((80, ()), (100, (LAV,)))]
        rows = [*shape, Some(rng.poisson(mean + others), "VR", (LAV,))]
        about = estimate_of({"VR": rng.normal(others, 3.0)}, error=3.0)
        found = upstream(result_of(rows), settings, others=[about])
        pulls.append((found.expected[VR] - mean * 80 / 100) / found.statistical[VR])
    assert np.mean(pulls) == pytest.approx(0, abs=0.15)
    assert np.std(pulls) == pytest.approx(1, abs=0.12)


def test_hidden_data_are_never_a_side() -> None:
    settings = SETTINGS.model_copy(update={"side": ("CR", "VR")})
    rows = [*SHAPE, Some(5, "CR", (LAV,)), Some(9, "VR", (LAV,))]
    with pytest.raises(BlindingError, match=r"upstream: data of the side region 'CR' are hidden; .* VR, outside"):
        upstream(result_of(rows), settings)
    assert upstream(result_of(rows, opened=("CR",)), settings).inputs["observed"] == 14
    opened_here_only = result_of(rows, opened=("CR",), also_hidden=("CR of kk",))
    with pytest.raises(BlindingError, match="side region 'CR' are hidden"):
        upstream(opened_here_only, settings)


def test_what_cannot_be_estimated_says_why() -> None:
    result = result_of([*SHAPE, Some(9, "VR", (LAV,))])
    with pytest.raises(EstimateError, match="'sim' has no weight in VR, outside of rows that fail opposite charge"):
        upstream(result, SETTINGS.model_copy(update={"inverted": (CHARGE,)}))
    with pytest.raises(UnknownNameError, match=r"upstream: no side region 'VRR'; did you mean 'VR'"):
        upstream(result, SETTINGS.model_copy(update={"side": ("VRR",)}))
    with pytest.raises(UnknownNameError, match=r"no simulated sample 'simm' in this result; did you mean 'sim'"):
        upstream(result, SETTINGS.model_copy(update={"sample": "simm"}))
    with pytest.raises(UnknownNameError, match="keeps no rows that fail 'LAV veto'"):
        upstream(replace(result, loose=None), SETTINGS)
    with pytest.raises(ValidationError, match="at least 1 item"):
        Extrapolation(sample=SIMULATED, side=(), normalisation=1.0, least=1.0)


@pytest.mark.parametrize("search", ["mumu", "ee", "hh"])
@pytest.mark.parametrize("mechanism", ["upstream", "neutrino"])
def test_the_shipped_numbers_name_shipped_samples_and_loosened_requirements(search: str, mechanism: str) -> None:
    table = read_toml(find("background"))[search][mechanism]
    settings = load_text(table, Extrapolation, where=mechanism)
    assert find(f"samples/{settings.sample}").is_file()
    keep = read_toml(find("pipi" if search == "hh" else search))["keep"]
    assert set(settings.inverted) <= set(keep["loosened"])
    assert settings.side == ("outside",)
