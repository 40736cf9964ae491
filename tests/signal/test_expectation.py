"""Expected numbers: what the formula says, kept apart, and what is missing is told."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from na62dump.errors import ConfigurationError, InputFileError
from na62dump.signal.expectation import expect
from na62dump.signal.final_states import threshold
from na62dump.signal.interpolation import place
from na62dump.signal.model import Product
from na62dump.signal.residuals import WIDTHS
from na62dump.signal.yields import Expected
from tests.plotting import signal_samples as samples
from tests.signal.toys import MODEL, TOY

if TYPE_CHECKING:
    from pathlib import Path


MASSES, COUPLINGS = np.array([300.0, 350.0, 400.0]), np.geomspace(1e-7, 1e-4, 9)


@pytest.fixture
def expected() -> Expected:
    samples = [TOY.sample(channel, "mumu", mass) for channel in ("first", "second") for mass in (300.0, 400.0)]
    return expect(
        MODEL, [TOY.acceptance(*samples)], masses=MASSES, couplings=COUPLINGS, protons=1e17, protons_uncertainty=0.2
    )


def test_it_is_the_product_of_its_factors(expected: Expected) -> None:
    for index, part in enumerate(expected.parts):
        for column, mass in enumerate(MASSES):
            for row, coupling in enumerate(COUPLINGS):
                made = 1e17 * MODEL.channel(part.channel).number(mass) * coupling**2
                seen = TOY.direct(MODEL.ctau(mass, coupling) / mass)["AB".index(part.region)]
                number = made * MODEL.final_states(mass)["mumu"] * seen
                assert expected.events[index, column, row] == pytest.approx(number, rel=0.002, abs=1e-4)


def test_totals_are_sums_of_parts(expected: Expected) -> None:
    assert expected.total() == pytest.approx(expected.total(region="A") + expected.total(region="B"))
    assert expected.total() == pytest.approx(expected.total(channel="first") + expected.total(channel="second"))


def test_theory_moves_what_shares_a_source_together(expected: Expected) -> None:
    first, second = expected.total(channel="first"), expected.total(channel="second")
    both = np.sqrt((0.2 * first) ** 2 + (0.1 * first + 0.3 * second) ** 2)
    assert expected.theory_error() == pytest.approx(both)


def test_the_statistical_error_knows_nothing_of_theory(expected: Expected) -> None:
    parts = [expected.statistical_error(channel=name, region=region) for name in ("first", "second") for region in "AB"]
    assert expected.statistical_error() == pytest.approx(np.sqrt(sum(part**2 for part in parts)))
    seen = expected.total() > 1.0
    assert np.all(expected.statistical_error()[seen] < 0.05 * expected.total()[seen])


def test_what_no_sample_covers_is_told_and_not_guessed() -> None:
    some = TOY.acceptance(TOY.sample("first", "mumu", 300.0), TOY.sample("first", "mumu", 400.0))
    found = expect(
        MODEL, [some], masses=np.array([350.0, 600.0]), couplings=COUPLINGS, protons=1.0, protons_uncertainty=0.2
    )
    assert found.uncovered == ("second -> mumu (mumu): 350 to 600 MeV", "first -> mumu (mumu): 600 MeV")
    assert not found.events[:, 1].any()


def test_residuals_lie_between_those_of_the_samples(expected: Expected) -> None:
    assert expected.residuals.shape == (1, 3, len(WIDTHS))
    between = place(350.0, (300.0, 400.0), threshold=threshold("mumu"))
    for row, sigma in zip(expected.residuals[0], (2.0, 2.0 * (1 + between / 3), 8 / 3), strict=True):
        np.testing.assert_allclose(row, 0.1 + sigma * np.array(WIDTHS))


def test_residuals_are_the_mean_of_what_is_measured() -> None:
    narrow, wide = TOY.sample("first", "mumu", 300.0), TOY.sample("second", "mumu", 300.0)
    wide = replace(wide, residuals=tuple(4.0 * z for z in WIDTHS))
    unknown = replace(TOY.sample("second", "mumu", 400.0), residuals=None)
    made = [TOY.acceptance(narrow, wide, unknown)]
    masses = np.array([300.0, 350.0, 400.0, 600.0])
    found = expect(MODEL, made, masses=masses, couplings=COUPLINGS, protons=1.0, protons_uncertainty=0.2)
    assert found.residuals.shape == (1, 4, len(WIDTHS))
    np.testing.assert_allclose(found.residuals[0, 0], 0.05 + 3.0 * np.array(WIDTHS))
    np.testing.assert_allclose(found.residuals[0, 1], 4.0 * np.array(WIDTHS))  # of the one sample that knows
    assert np.isnan(found.residuals[0, 2:]).all()


def test_residuals_stay_with_their_search() -> None:
    whole = replace(samples.expected(), residuals=np.arange(2.0)[:, None, None] * np.ones((1, 41, len(WIDTHS))))
    alone = whole.take(whole.select(analysis="pipi", region="SR"))
    assert alone.names("analysis") == ("pipi",)
    assert (len(alone.events), np.unique(alone.residuals).tolist()) == (2, [1.0])


def test_a_file_without_residuals_is_refused(expected: Expected, tmp_path: Path) -> None:
    path = tmp_path / "y.zip"
    path.write_bytes(expected.dumps({}))
    old = tmp_path / "old.zip"
    with zipfile.ZipFile(path) as new, zipfile.ZipFile(old, "w") as archive:
        for name in set(new.namelist()) - {"residuals.npy"}:
            archive.writestr(name, new.read(name))
    with pytest.raises(InputFileError, match="is damaged: 'residuals'; make it again with 'na62dump yields'"):
        Expected.load(old)
    old.write_bytes(replace(expected, residuals=expected.residuals[:, 1:]).dumps({}))
    with pytest.raises(InputFileError, match="make it again with 'na62dump yields'"):
        Expected.load(old)


def test_a_file_holds_everything(expected: Expected, tmp_path: Path) -> None:
    path = tmp_path / "y.zip"
    path.write_bytes(expected.dumps({}))
    assert Expected.load(path).dumps({}) == expected.dumps({})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": "another"}, "is of the model 'another', not of 'toy'; make one"),
        ({"origin": "older"}, "was made when config/signal/ held other values for 'toy'"),
    ],
)
def test_decays_of_something_else_are_refused(change: dict[str, Any], message: str) -> None:
    made = replace(TOY.acceptance(TOY.sample("first", "mumu", 300.0)), **change)
    with pytest.raises(InputFileError, match=message):
        expect(MODEL, [made], masses=MASSES, couplings=COUPLINGS, protons=1.0, protons_uncertainty=0.2)


def test_decays_of_a_channel_that_the_model_has_not_are_refused() -> None:
    made = TOY.acceptance(TOY.sample("third", "mumu", 300.0))
    with pytest.raises(InputFileError, match="has channels that 'toy' has not"):
        expect(MODEL, [made], masses=MASSES, couplings=COUPLINGS, protons=1.0, protons_uncertainty=0.2)


def test_masses_that_are_missing_apart_are_told_apart() -> None:
    some = TOY.acceptance(TOY.sample("first", "mumu", 300.0), TOY.sample("first", "mumu", 400.0))
    found = expect(
        MODEL,
        [some],
        masses=np.array([250.0, 260.0, 350.0, 500.0]),
        couplings=COUPLINGS,
        protons=1.0,
        protons_uncertainty=0.2,
    )
    assert "first -> mumu (mumu): 250 to 260, 500 MeV" in found.uncovered


@pytest.mark.parametrize("protons", [0.0, -1e17, float("nan"), float("inf")])
def test_no_protons_are_refused(protons: float) -> None:
    made = TOY.acceptance(TOY.sample("first", "mumu", 300.0))
    with pytest.raises(ConfigurationError, match="protons on target: give a finite number above 0"):
        expect(MODEL, [made], masses=MASSES, couplings=COUPLINGS, protons=protons, protons_uncertainty=0.2)


def test_theory_may_depend_on_the_mass() -> None:
    first, second = MODEL.channels
    model = replace(MODEL, channels=(replace(first, uncertainties={"one": lambda mass: mass / 1000}), second))
    made = TOY.acceptance(TOY.sample("first", "mumu", 300.0), TOY.sample("first", "mumu", 400.0))
    found = expect(model, [made], masses=MASSES, couplings=COUPLINGS, protons=1e17, protons_uncertainty=0.2)
    assert found.theory_error() == pytest.approx(MASSES[:, None] / 1000 * found.total())


def test_a_free_product_travels_with_the_numbers(tmp_path: Path) -> None:
    free = replace(MODEL, product=Product("BR x BR", "$BR$", 1e-10))
    accepted = TOY.acceptance(TOY.sample("first", "mumu", 300.0), TOY.sample("first", "mumu", 400.0))
    asked: dict[str, Any] = {"masses": MASSES, "couplings": COUPLINGS, "protons": 1.0, "protons_uncertainty": 0.2}
    found = expect(free, [accepted], **asked)
    path = tmp_path / "y.zip"
    path.write_bytes(found.dumps({}))
    loaded = Expected.load(path)
    assert loaded.alternatives
    assert float(loaded.coupling["product_value"]) == 1e-10
    assert not expect(MODEL, [accepted], **asked).alternatives


def test_alternatives_of_one_search_are_not_added_up() -> None:
    free = replace(MODEL, product=Product("BR x BR", "$BR$", 1e-10))
    both = TOY.acceptance(TOY.sample("first", "mumu", 300.0), TOY.sample("first", "pipipi0", 300.0))
    with pytest.raises(
        InputFileError, match=r"has decays into mumu, pipipi0, which are alternatives in 'toy'.*--final-state"
    ):
        expect(free, [both], masses=MASSES, couplings=COUPLINGS, protons=1.0, protons_uncertainty=0.2)
