"""Accepted decays, frozen: files, and masses between samples."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump.errors import ConfigurationError, InputFileError
from na62dump.signal.acceptance import Acceptance
from na62dump.signal.final_states import threshold
from na62dump.signal.interpolation import place
from na62dump.signal.joining import joined
from tests.signal.toys import TOY

if TYPE_CHECKING:
    from pathlib import Path


CTAU = np.geomspace(1.0, 1e6, 7)
PLACE = place(400.0, (300.0, 500.0), threshold=threshold("mumu"))


def test_the_share_is_that_of_the_decays() -> None:
    found = TOY.acceptance(TOY.sample("first", "mumu", 300.0, share=0.25))
    share, error = found.fractions("first", "mumu", mass=300.0, ctau=CTAU)
    for column, ctau in enumerate(CTAU):
        assert share[:, column] == pytest.approx(0.25 * TOY.direct(ctau / 300.0), rel=0.002)
    terms = TOY.v * np.exp(-TOY.x * 300 / CTAU[3]) / CTAU[3] * 300
    expected = 0.25 * np.sqrt(np.bincount(TOY.region, weights=terms**2)) / len(TOY.z)
    assert error[:, 3] == pytest.approx(expected, rel=0.02)


def test_between_two_masses_the_flight_is_scaled() -> None:
    both = TOY.acceptance(TOY.sample("first", "mumu", 300.0), TOY.sample("first", "mumu", 500.0))
    share, error = both.fractions("first", "mumu", mass=400.0, ctau=CTAU)
    alone = TOY.acceptance(TOY.sample("first", "mumu", 400.0)).fractions("first", "mumu", mass=400.0, ctau=CTAU)
    assert share == pytest.approx(alone[0], rel=1e-12)
    assert error == pytest.approx(alone[1] * np.hypot(PLACE, 1 - PLACE), rel=1e-9)


@pytest.mark.parametrize("mass", [299.0, 501.0])
def test_nothing_is_said_outside_of_the_samples(mass: float) -> None:
    both = TOY.acceptance(TOY.sample("first", "mumu", 300.0), TOY.sample("first", "mumu", 500.0))
    with pytest.raises(ConfigurationError, match=r"first -> mumu by mumu at .* MeV; simulated: 300, 500 MeV"):
        both.fractions("first", "mumu", mass=mass, ctau=CTAU)
    with pytest.raises(ConfigurationError, match="simulated: none MeV"):
        both.fractions("second", "mumu", mass=400.0, ctau=CTAU)


def test_a_file_holds_everything(tmp_path: Path) -> None:
    made = TOY.acceptance(TOY.sample("first", "mumu", 300.0), TOY.sample("second", "mumu", 500.0))
    path = tmp_path / "a.zip"
    path.write_bytes(made.dumps({"time": "now"}))
    read = Acceptance.load(path)
    assert read.dumps({"time": "now"}) == made.dumps({"time": "now"})
    assert read.samples[0].trigger == {"Q1": (100, 97)}
    assert read.samples[0].resolution == pytest.approx((0.1, 2.0))


def test_the_same_search_twice_is_refused() -> None:
    made = TOY.acceptance(TOY.sample("first", "mumu", 300.0))
    with pytest.raises(InputFileError, match="both hold first -> mumu at 300 MeV: its decays would be counted twice"):
        joined([made, made])


def test_parts_of_a_search_are_put_together() -> None:
    one, other = TOY.acceptance(TOY.sample("first", "mumu", 300.0)), TOY.acceptance(TOY.sample("second", "mumu", 300.0))
    both = joined([one, other])["mumu"]
    assert [sample.channel for sample in both.samples] == ["first", "second"]
    with pytest.raises(
        InputFileError, match="two acceptances of 'mumu' are given that were made with different values"
    ):
        joined([one, replace(other, origin="another")])


def test_a_sample_of_which_nothing_is_selected_says_nothing() -> None:
    nothing = replace(TOY.sample("first", "mumu", 250.0), selected=0)
    made = TOY.acceptance(nothing, TOY.sample("first", "mumu", 300.0))
    assert made.empty == ("first -> mumu at 250 MeV",)
    assert not made.covers("first", "mumu", mass=260.0)


def test_a_file_whose_parts_do_not_fit_is_damaged(tmp_path: Path) -> None:
    made = TOY.acceptance(TOY.sample("first", "mumu", 300.0))
    path = tmp_path / "a.zip"
    path.write_bytes(replace(made, regions=("A",)).dumps({}))
    with pytest.raises(InputFileError, match=r"is damaged: an array of shape .* is not .* finite numbers"):
        Acceptance.load(path)


def test_two_searches_that_select_the_same_decays_are_refused() -> None:
    one = TOY.acceptance(TOY.sample("first", "mumu", 300.0))
    other = replace(TOY.acceptance(TOY.sample("second", "mumu", 400.0)), analysis="kk")
    with pytest.raises(InputFileError, match="'mumu' and 'kk' both select decays into 'mumu': one that passes both"):
        joined([one, other])
