from __future__ import annotations

import ast
import inspect
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from na62dump import analysis as searches
from na62dump import processor
from na62dump.errors import BlindingError, InputFileError
from na62dump.regions.door import grant
from tests.worlds import declared, planned, simulated, write

if TYPE_CHECKING:
    from pathlib import Path


def test_the_chain_is_short() -> None:
    tree = ast.parse(inspect.getsource(processor))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            del node.body[0]
    assert len(ast.unparse(tree).splitlines()) < 80


def test_a_file_that_is_not_planned_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "s.root", simulated("demo_signal", 100), bursts=[], truth=True)
    plan = planned(tmp_path, {"signal": declared("simulation", "s.root")})
    made = processor.Processor(searches.load("mumu"), plan)
    stranger = SimpleNamespace(metadata={"dataset": "signal", "fileuuid": "another", "filename": "x.root"})
    with pytest.raises(InputFileError, match=r"x\.root: not a file of sample 'signal' in the plan"):
        made.process(stranger)


def test_an_opening_of_another_analysis_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "s.root", simulated("demo_signal", 100), bursts=[], truth=True)
    plan = planned(tmp_path, {"signal": declared("simulation", "s.root")})
    opened = grant(frozenset({"CR"}), analysis="mumu", digest="of another")
    with pytest.raises(BlindingError, match="they stay closed"):
        processor.Processor(searches.load("mumu"), plan, opened={"mumu": opened})


def test_generated_weights_are_booked_before_any_pair(tmp_path: Path) -> None:
    events = simulated("demo_signal", 200)
    write(tmp_path / "s.root", events, bursts=[], truth=True)
    plan = planned(tmp_path, {"signal": declared("simulation", "s.root")})
    counts = processor.Processor(searches.load("mumu"), plan).chain(events, "signal").counts["signal"]
    assert counts.entries == len(events) == 200
    assert counts.generated_weight == pytest.approx(float(events["weight"].sum()))
