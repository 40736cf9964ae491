"""Prompt pairs among pseudo-data are found in the side bands, and none are where there are none."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump import analysis as searches
from na62dump import configuration as conf
from na62dump import inference, planning, runs, studies
from na62dump.background import simulated
from na62dump.events import H2, Events, concatenate, gather
from na62dump.simulation import generate
from na62dump.studies import Inputs
from tests.background.halo_world import PAIR_WINDOW, events
from tests.worlds import ITERATIVE, declared, good_burst, write

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.inference.validation import Row

SPILL = 1e5
"""A short spill (ns) of many muons: as many pairs of as few muons as can be."""

MUONS, PROMPT = 15_500, 700
BURST, PROMPT_BURST = 1, 2


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> searches.Analysis:
    """The search beside a trigger that writes every event of Q1."""
    folder = tmp_path_factory.mktemp("search")
    for name in ("config", "selections"):
        shutil.copytree(conf.shipped() / name, folder / name)
    trigger = folder / "config" / "experiment" / "trigger.toml"
    assert "downscaling = 20 " in trigger.read_text()
    trigger.write_text(trigger.read_text().replace("downscaling = 20 ", "downscaling = 1 "))
    return searches.load(str(folder / "config" / "mumu.toml"))


def accidental() -> list[Events]:
    """Muons of a spill, and the pairs that meet by chance."""
    meet = np.random.default_rng(62).poisson(MUONS**2 / 2 * PAIR_WINDOW / SPILL)
    table = {"duration": f"{SPILL} ns", "truth": True}
    alone = list(events(singles=MUONS, pairs=0, seed=1, burst=BURST, **table))
    met = events(singles=0, pairs=int(meet), seed=2, burst=BURST, **table, run=900006)
    # a spill so short has more pairs than muons: of those of which one is seen, it would have too many single ones
    return [*alone, *(gather(part, np.flatnonzero(part["trigger"] & H2)) for part in met)]


def prompt(search: searches.Analysis) -> Events:
    """Prompt pairs that leave nothing in the LAV."""
    it = simulated.recipe(
        search, "prompt_mumu", changes={"events": PROMPT, "lav_activity": 0.0, "duration": f"{SPILL} ns"}
    )
    response = simulated.response(search)
    return concatenate(list(generate(it, search.geometry, response=response, burst=PROMPT_BURST)))


def compared(folder: Path, search: searches.Analysis, parts: list[Events]) -> dict[str, Row]:
    """What the validation of a run over some pseudo-data says, by region and by set."""
    joined = concatenate(parts)
    keys = sorted({(int(run), int(burst)) for run, burst in zip(joined["run"], joined["burst"], strict=True)})
    spill = [good_burst(*key).model_copy(update={"duration_ns": SPILL}) for key in keys]
    write(folder / "x.root", joined, bursts=spill)
    run = runs.create(
        folder / "run", search, plan=planning.plan(search, {"s": declared("data", "x.root")}, base=folder)
    )
    assert runs.execute(run, ITERATIVE) == []
    made = studies.backgrounds(search, Inputs(runs.merge(run)[0], (), {}))
    assert [each.mechanism for each in made.estimates] == ["combinatorial"]
    found = inference.validate(made.estimates, made.observed, joint=made.joint)
    rows = {row.region: row for row in (*found.rows, *found.joint)}
    for row in rows.values():
        print(row.region, f"{row.expected:.2f} +- {row.uncertainty:.2f}", row.observed, row.p_n)  # noqa: T201
    return rows


def test_prompt_pairs_are_found(tmp_path: Path, search: searches.Analysis) -> None:
    background = accidental()
    without = compared(tmp_path / "without", search, background)
    assert without["all side bands"].expected > 10
    assert all(row.p_n is None or 0.01 < row.p_n < 0.999 for row in without.values())
    assert without["SR"].observed is None
    found = compared(tmp_path / "with", search, [*background, prompt(search)])
    for name in ("outside", "all side bands"):
        excess = found[name].p_n
        assert excess is not None
        assert excess < 1e-4
        assert found[name].expected == pytest.approx(without[name].expected, rel=0.1)
    assert found["SR"].observed is None
