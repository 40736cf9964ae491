from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from na62dump.datasets import Sample
from na62dump.errors import ConfigurationError, InputFileError
from na62dump.events import COLUMNS, concatenate, describe, read
from na62dump.simulation import count_events, generate, recipe, write
from tests.simulation.sim_world import HALO, SIGNAL, changed, data_columns, same, shapes, usual

if TYPE_CHECKING:
    from pathlib import Path

THREE = {"bursts": 3, "bursts_per_file": 2, "pot": 2.0e12}


def sample(table: dict[str, Any], kind: str = "simulation") -> Sample:
    return Sample.model_validate({"kind": kind, "label": "muons", "files": ("x.root",), "simulate": table})


def written(folder: Path, table: dict[str, Any], kind: str = "simulation") -> list[Path]:
    return write("muons", sample(table, kind), geometry=shapes(), response=usual(), directory=folder)


def test_files_hold_the_events_of_their_bursts(tmp_path: Path) -> None:
    table = SIGNAL | THREE | {"events": 300}
    paths = written(tmp_path, table)
    assert paths == [tmp_path / "muons" / f"muons-000{i}.root" for i in (1, 2)]
    it = recipe(sample(table), where="muons")
    for path, bursts in zip(paths, ([1, 2], [3]), strict=True):
        found = describe(path)
        assert found.simulated
        assert [(b.run, b.burst, b.pot, b.duration_ns, b.good) for b in found.bursts] == [
            (7, b, 2.0e12, 4.8e9, True) for b in bursts
        ]
        made = [part for b in bursts for part in generate(it, shapes(), response=usual(), burst=b)]
        names = list(made[0].columns)
        assert same(read(path, columns=names), concatenate(made))


def test_the_same_recipe_makes_files_of_the_same_identity(tmp_path: Path) -> None:
    table = HALO | {"singles": 50, "pairs": 50}

    def identities(folder: str, table: dict[str, Any]) -> list[str]:
        return [str(describe(path).uuid) for path in written(tmp_path / folder, table)]

    first = identities("a", table | THREE)
    assert len(set(first)) == 2
    assert identities("b", table | THREE) == first
    assert not set(identities("c", table | THREE | {"seed": 12})) & set(first)
    [other] = write(
        "muons",
        sample(table),
        geometry=shapes(),
        response=changed(usual(), chod={"time": 0.9}),
        directory=tmp_path / "d",
    )
    assert str(describe(other).uuid) not in identities("e", table)


def test_pseudo_data_lack_the_columns_of_simulation(tmp_path: Path) -> None:
    [path] = written(tmp_path, HALO | {"truth": False, "keep": "triggered"}, kind="data")
    found = describe(path)
    assert found.simulated
    assert not {name for name in found.columns if COLUMNS[name].presence == "simulation"}
    assert set(data_columns()) <= set(found.columns)
    assert np.all(read(path, columns=["trigger"])["trigger"] > 0)


def test_progress_counts_up_to_what_was_announced(tmp_path: Path) -> None:
    table = HALO | THREE | {"singles": 60_000, "pairs": 0, "keep": "triggered"}
    told: list[int] = []
    write("muons", sample(table), geometry=shapes(), response=usual(), directory=tmp_path, on_progress=told.append)
    assert told == sorted(told)
    assert len(told) == 6
    assert told[-1] == count_events(sample(table), where="muons") == 180_000


def test_a_stranger_in_the_folder_is_refused(tmp_path: Path) -> None:
    table = SIGNAL | THREE | {"events": 20}
    written(tmp_path, table)
    assert len(written(tmp_path, table)) == 2
    with pytest.raises(InputFileError, match=r"muons-0002\.root: would be taken for a part of 'muons', which has 1"):
        written(tmp_path, table | {"bursts": 1})


def test_a_name_is_no_path(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="'a/b' cannot be the name of a sample"):
        write("a/b", sample(SIGNAL), geometry=shapes(), response=usual(), directory=tmp_path)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "muons").write_text("", encoding="utf-8")
    with pytest.raises(InputFileError, match="muons: cannot be made"):
        written(tmp_path, SIGNAL)


def test_columns_of_the_rich_are_written_when_asked_for(tmp_path: Path) -> None:
    optional = {name for name, column in COLUMNS.items() if column.presence == "optional"}
    [path] = written(tmp_path, SIGNAL | {"events": 200, "rich": True})
    assert optional <= set(describe(path).columns)
    known = read(path, columns=["Track_p", "Track_rich_mu"])
    inside = (known["Track_p"] >= 15e3) & (known["Track_p"] <= 35e3)
    assert np.all(np.isnan(known["Track_rich_mu"][~inside]))
    assert inside.any()
    [path] = written(tmp_path / "without", SIGNAL | {"events": 20})
    assert not optional & set(describe(path).columns)
