from __future__ import annotations

import shutil
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump import analysis as searches
from na62dump import configuration as conf
from na62dump.background.combinatorial import CombinatorialSettings, combinatorial
from na62dump.background.mixing import Pool, pool
from na62dump.background.rates import Rate, RateSettings, rate, stands_for, thinned
from na62dump.background.tables import table
from na62dump.configuration import number
from na62dump.datasets import TriggerLines
from na62dump.errors import ConfigurationError, EstimateError, UnknownNameError
from tests.background.halo_world import DURATION, SEARCH, lines, settings, tracks

if TYPE_CHECKING:
    from pathlib import Path


@cache
def muons() -> Pool:
    return pool({"sample": tracks(600, seed=1) + tracks(500, seed=1, burst=2)})


def shipped() -> TriggerLines:
    return conf.load(conf.find("experiment/trigger"), TriggerLines)


def made(
    of: Pool, *, profile: str = "flat", width: str = "10 ms", trigger: TriggerLines | None = None, share: float = 1.0
) -> Rate:
    ask = RateSettings.model_validate({"window_uncertainty": "0.6 ns", "profile": profile, "bin": width})
    return rate(SEARCH, of, settings=ask, lines=trigger or lines(), window=10.0, share=share)


def edited(folder: Path, before: str, after: str, *, name: str = "mumu") -> searches.Analysis:
    for part in ("config", "selections"):
        shutil.copytree(conf.shipped() / part, folder / part)
    path = folder / "config" / f"{name}.toml"
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after))
    return searches.load(str(folder / "config" / "mumu.toml"))


def test_a_pair_stands_for_the_square_of_what_a_track_does() -> None:
    found = made(muons(), trigger=shipped(), share=0.5)
    track = 20 / 0.994
    assert stands_for(SEARCH, shipped()) == pytest.approx(track)
    assert found.weight(np.array([0, 1])) == pytest.approx([(track / 0.5) ** 2 * 10 / DURATION] * 2)
    assert found.largest == pytest.approx(found.weight(np.array([0]))[0])


def test_what_h2_does_not_write_is_not_expected() -> None:
    half = {**shipped().line, "H2": shipped()["H2"].model_copy(update={"downscaling": 2, "efficiency": 0.9})}
    assert made(muons(), trigger=TriggerLines(line=half)).largest == pytest.approx(
        0.45 * made(muons(), trigger=shipped()).largest
    )


def test_each_burst_has_its_own_duration() -> None:
    second = muons().key[:, 2] == 2
    other = replace(muons(), duration=np.where(second, 2 * DURATION, DURATION))
    found = made(other)
    assert found.weight(np.flatnonzero(~second)[:1]) == pytest.approx(2 * found.weight(np.flatnonzero(second)[:1]))


def test_uncertainties_are_relative_and_named() -> None:
    found = made(muons(), trigger=shipped()).uncertainties
    assert found["time window"] == pytest.approx(0.06)
    assert found["trigger efficiency"] == pytest.approx(2 * 0.006 / 0.994)
    assert set(found) == {"time window", "trigger efficiency", "rate profile"}


def test_a_spill_with_structure_has_more_pairs() -> None:
    """Tracks of the first half of each spill only: the squared profile is twice that of a flat spill."""
    early = muons().where(muons().events["burst_time"] * 25.0 < DURATION / 2)
    flat, measured = (made(early, profile=name, width="400 ms") for name in ("flat", "measured"))
    assert measured.largest / flat.largest == pytest.approx(2, rel=0.15)
    assert flat.uncertainties["rate profile"] == pytest.approx(1, rel=0.3)
    assert measured.uncertainties["rate profile"] < 0.5


def test_a_burst_without_a_duration_is_named() -> None:
    unknown = replace(muons(), duration=np.where(muons().key[:, 2] == 2, np.nan, DURATION))
    with pytest.raises(ConfigurationError, match=r"burst 2: its duration is not known, .*; mend the table of bursts"):
        made(unknown)


def test_a_search_that_keeps_no_tracks_is_told() -> None:
    nothing = SEARCH.file.keep.model_copy(update={"singles": None})
    bare = replace(SEARCH, file=SEARCH.file.model_copy(update={"keep": nothing}))
    with pytest.raises(ConfigurationError, match=r"there is no table \[keep\.singles\], so no single tracks"):
        stands_for(bare, lines())


def test_a_line_that_is_not_described_is_named() -> None:
    only = TriggerLines(line={"Q1": lines()["Q1"]})
    with pytest.raises(UnknownNameError, match=r"experiment/trigger\.toml has no line 'H2'; "):
        made(muons(), trigger=only)


# Thinning


def test_few_pairs_need_no_thinning() -> None:
    used, share = thinned(muons(), most=10**9, seed=1)
    assert used is muons()
    assert share == 1


@pytest.mark.parametrize("part", [0.04, 0.25])
def test_thinning_leaves_about_as_many_pairs_as_asked_for(part: float) -> None:
    def pairs(of: Pool) -> int:
        charge = of.events["Track_charge"]
        return sum(int((charge[burst] > 0).sum()) * int((charge[burst] < 0).sum()) for burst in of.bursts)

    most = int(part * pairs(muons()))
    used, share = thinned(muons(), most=most, seed=1)
    assert share == pytest.approx(np.sqrt(part), rel=1e-3)
    assert len(used) == pytest.approx(share * len(muons()), abs=4 * np.sqrt(share * (1 - share) * len(muons())))
    assert pairs(used) == pytest.approx(most, rel=0.5)
    again, _ = thinned(muons(), most=most, seed=1)
    assert again.key.tolist() == used.key.tolist()
    other, _ = thinned(muons(), most=most, seed=2)
    assert other.key.tolist() != used.key.tolist()


def test_one_track_makes_no_estimate() -> None:
    one = muons().where(np.arange(len(muons())) == 0)
    with pytest.raises(EstimateError, match="no burst has two single tracks"):
        combinatorial(SEARCH, one, settings=settings(), lines=lines())


# The tables


def test_every_shipped_search_has_tables_that_fit_its_cuts() -> None:
    for name in ("mumu", "ee", "pipi", "pimu"):
        search = searches.load(name)
        found = table(search, "combinatorial", model=CombinatorialSettings)
        assert found is not None, name
        assert float(number(search.cuts, found.half_window)) == 5
        assert number(search.cuts, found.vertex).cda_max == 20


@pytest.mark.parametrize("key", ["tracks.dt_pair", "track.dt_pair_max", "tracks.dt_pair_max.more"])
def test_a_cut_that_is_not_there_is_named(key: str) -> None:
    with pytest.raises(UnknownNameError, match=rf"there is no number '{key}': no '\w+'"):
        number(SEARCH.cuts, key)


def test_an_inverted_requirement_that_is_not_there_is_named() -> None:
    told = r"inverts 'LAV vetoe', which is no requirement; did you mean 'LAV veto'"
    with pytest.raises(ConfigurationError, match=told):
        combinatorial(SEARCH, muons(), settings=settings(), lines=lines(), inverted={"x": ("LAV vetoe",)})


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("most = 50000000", "most = 0", r"\[mumu\.combinatorial\].*most"),
        ('profile = "flat"', 'profile = "round"', r"\[mumu\.combinatorial\].*profile"),
        ("seed = 62 ", "sed = 62 ", r"\[mumu\.combinatorial\].*sed"),
    ],
)
def test_a_wrong_number_is_refused(tmp_path: Path, before: str, after: str, says: str) -> None:
    search = edited(tmp_path, before, after, name="background")
    with pytest.raises(ConfigurationError, match=says):
        table(search, "combinatorial", model=CombinatorialSettings)


def test_a_search_without_a_table_has_none() -> None:
    assert table(searches.load("gg"), "combinatorial", model=CombinatorialSettings) is None
