"""A foreign ntuple, with other names and units, gives what ours gives, through both routes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import awkward as ak
import numpy as np
from coffea.processor import IterativeExecutor, Runner

from na62dump import analysis as searches
from na62dump import planning, runs
from na62dump.events import COLUMNS, TREE, Events
from na62dump.processor import Processor
from tests.events.event_samples import write_raw
from tests.worlds import ITERATIVE, declared, digest, simulated, write

if TYPE_CHECKING:
    from pathlib import Path

NAMES = """
[columns]
"Trk_P" = { column = "Track_p", unit = "GeV/c" }
"Trk_X" = { column = "Track_x", unit = "cm" }
"""
SAMPLES = {"signal": declared("simulation", "*.root")}


def exact(events: Events) -> Events:
    """Events whose momenta and positions are the same in both units."""
    changed = {
        "Track_p": np.round(events["Track_p"] / 1000).astype(np.float32) * np.float32(1000),
        "Track_x": np.round(events["Track_x"] / 10).astype(np.float32) * np.float32(10),
    }
    return Events(len(events), {**events.columns, **changed}, events.offsets)


def branches(events: Events) -> dict[str, Any]:
    """Branches of the foreign ntuple."""
    found = {}
    for name, values in events.columns.items():
        group = COLUMNS[name].collection
        theirs = {"Track_p": ("Trk_P", 1000), "Track_x": ("Trk_X", 10)}.get(name)
        renamed, scaled = (name, values) if theirs is None else (theirs[0], (values / theirs[1]).astype(np.float32))
        counts = np.diff(events.offsets[group]) if group else None
        found[renamed] = scaled if counts is None else ak.unflatten(scaled, counts)
    return found


def test_names_and_units_of_a_foreign_ntuple(tmp_path: Path, repository: Path) -> None:
    events = exact(simulated("demo_signal", 2_000))
    write(tmp_path / "ours" / "a.root", events, bursts=[], truth=True)
    (tmp_path / "theirs").mkdir()
    write_raw(tmp_path / "theirs" / "a.root", branches(events))
    for name in ("config", "selections"):
        shutil.copytree(repository / name, tmp_path / name)
    (tmp_path / "config" / "experiment" / "columns.toml").write_text(NAMES)
    results = {}
    for where in ("ours", "theirs"):
        search = searches.load(str(tmp_path / "config" / "mumu.toml"))
        plan = planning.plan(search, SAMPLES, base=tmp_path / where)
        run = runs.create(tmp_path / f"run_{where}", search, plan=plan)
        assert not runs.execute(run, ITERATIVE)
        results[where] = runs.merge(run)[0]
    assert len(results["ours"].skim) > 20
    assert results["ours"].skim == results["theirs"].skim
    assert results["ours"].book == results["theirs"].book
    processor = Processor(search, plan)
    route = Runner(IterativeExecutor(status=False), schema=processor.schema, metadata_cache={})
    fileset = {"signal": {"files": {file.path: TREE for file in plan.files}}}
    assert digest(runs.finished(route(fileset, processor), plan)) == digest(results["theirs"])
