from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
import pyarrow as pa
import pytest
import uproot
from pyarrow import parquet

from na62dump.errors import InputFileError, MissingColumnError
from na62dump.events import COLUMNS, Writer, checksum, describe, empty, writing
from na62dump.events.columns import BURSTS
from tests.events.event_samples import BURST, sample, write, write_raw

if TYPE_CHECKING:
    from pathlib import Path

NAME = UUID("12345678-1234-5678-1234-567812345678")


@pytest.mark.parametrize(("layout", "called"), [("ttree", "counter"), ("rntuple", "rntuple")])
def test_file_of_the_writer(tmp_path: Path, layout: str, called: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "CLUSTER", 40)
    found = describe(write(tmp_path / "a.root", sample(110), layout=layout, uuid=NAME))
    assert found.uuid == str(NAME)
    assert found.entries == 110
    assert found.clusters == (0, 40, 80, 110)
    assert found.columns == frozenset(COLUMNS)
    assert found.layout == called
    assert found.bursts == (BURST,)
    assert found.simulated
    assert found.provenance == {"simulated": True}


@pytest.mark.parametrize("layout", ["ttree", "rntuple"])
def test_file_without_events(tmp_path: Path, layout: str) -> None:
    found = describe(write(tmp_path / "a.root", empty(list(COLUMNS)), layout=layout))
    assert found.entries == 0
    assert found.clusters == (0,)
    assert found.bursts == (BURST,)


@pytest.mark.parametrize(
    ("name", "layout"), [("counter", "counter"), ("vector", "vector"), ("rntuple", "rntuple"), ("record", "rntuple")]
)
def test_layouts_are_told_apart(repository: Path, name: str, layout: str) -> None:
    found = describe(repository / "tests" / "data" / f"{name}.root")
    assert found.layout == layout
    assert found.entries == 40
    assert found.clusters == (0, 40)
    assert found.simulated == (name == "counter")


def test_file_that_says_nothing_is_no_simulation(tmp_path: Path) -> None:
    found = describe(write_raw(tmp_path / "a.root", {"run": np.arange(3), "weight": np.ones(3)}))
    assert not found.simulated
    assert found.provenance == {}
    assert found.bursts == ()
    assert found.columns == {"run", "weight"}


@pytest.mark.parametrize("said", [{"simulated": False}, {"simulated": "yes"}, {}])
def test_only_true_is_simulated(tmp_path: Path, said: dict[str, object]) -> None:
    with Writer(tmp_path / "a.root", columns=["run"], provenance=said):
        pass
    found = describe(tmp_path / "a.root")
    assert not found.simulated
    assert found.provenance == said


@pytest.mark.parametrize(("text", "expected"), [("[1]", {}), (json.dumps({"a": "ü"}), {"a": "ü"})])
def test_provenance_is_json(tmp_path: Path, text: str, expected: dict[str, str]) -> None:
    path = write_raw(tmp_path / "a.root", {"run": np.arange(3)})
    with uproot.update(path) as file:
        file["provenance"] = text
    assert describe(path).provenance == expected


def test_provenance_that_is_no_json_is_refused(tmp_path: Path) -> None:
    path = write_raw(tmp_path / "a.root", {"run": np.arange(3)})
    with uproot.update(path) as file:
        file["provenance"] = "{"
    with pytest.raises(InputFileError, match=r"a.root: its 'provenance' is no JSON"):
        describe(path)


ROWS = {"run": [1, 1], "burst": [2, 3], "pot": [1e12, 2e12], "duration_ns": [4.8e9, 4.8e9], "good": [True, False]}


def test_bursts_beside_the_file(tmp_path: Path) -> None:
    path = write_raw(tmp_path / "a.root", {"run": np.arange(3)})
    parquet.write_table(pa.table(ROWS), tmp_path / "a.bursts.parquet")
    first, second = describe(path).bursts
    assert (first.run, first.burst, first.pot, first.duration_ns, first.good) == (1, 2, 1e12, 4.8e9, True)
    assert not second.good


def test_bursts_that_lack_a_column(tmp_path: Path) -> None:
    path = write_raw(tmp_path / "a.root", {"run": np.arange(3)})
    parquet.write_table(
        pa.table({name: row for name, row in ROWS.items() if name != "pot"}), tmp_path / "a.bursts.parquet"
    )
    with pytest.raises(MissingColumnError, match=r"a.bursts.parquet has no column 'pot'; known: burst"):
        describe(path)


def test_bursts_that_are_no_parquet(tmp_path: Path) -> None:
    path = write_raw(tmp_path / "a.root", {"run": np.arange(3)})
    (tmp_path / "a.bursts.parquet").write_text("no")
    with pytest.raises(InputFileError, match=r"a.bursts.parquet: cannot be read"):
        describe(path)


def test_bursts_that_are_no_numbers(tmp_path: Path) -> None:
    path = write_raw(tmp_path / "a.root", {"run": np.arange(3)})
    parquet.write_table(pa.table({**ROWS, "pot": ["a", "b"]}), tmp_path / "a.bursts.parquet")
    with pytest.raises(InputFileError, match=r"column 'pot' holds object; it must hold float64"):
        describe(path)


@pytest.mark.parametrize(
    ("column", "values", "told"),
    [
        ("run", [1, 1.7], r"column 'run' holds 1.7 in row 1; allowed: whole numbers from 0 to 4294967295"),
        ("run", [float("nan"), 1.0], r"column 'run' holds nan in row 0"),
        ("burst", [-1, 2], r"column 'burst' holds -1 in row 0"),
        ("burst", [1.0, float("inf")], r"column 'burst' holds inf in row 1"),
        ("good", [1.0, float("nan")], r"column 'good' holds nan in row 1; allowed: 0 \(not good\) or 1 \(good\)"),
        ("good", [-1, 1], r"column 'good' holds -1 in row 0"),
        ("good", [2, 1], r"column 'good' holds 2 in row 0"),
    ],
)
def test_bursts_are_not_rounded(tmp_path: Path, column: str, values: list[float], told: str) -> None:
    path = write_raw(tmp_path / "a.root", {"run": np.arange(3)})
    rows = {name: np.array(values if name == column else row) for name, row in ROWS.items()}
    parquet.write_table(pa.table(rows), tmp_path / "a.bursts.parquet")
    with pytest.raises(InputFileError, match=rf"a.bursts.parquet: {told}"):
        describe(path)
    with uproot.update(path) as file:
        file.mktree(BURSTS, {k: v.dtype for k, v in rows.items()}).extend(rows)
    with pytest.raises(InputFileError, match=rf"a.root: tree '{BURSTS}': {told}"):
        describe(path)


@pytest.mark.parametrize("kind", [bool, np.uint8, np.float64])
def test_good_is_zero_or_one_of_any_type(tmp_path: Path, kind: type) -> None:
    path = write_raw(tmp_path / "a.root", {"run": np.arange(3)})
    parquet.write_table(pa.table({**ROWS, "good": np.array([1, 0], kind)}), tmp_path / "a.bursts.parquet")
    assert [burst.good for burst in describe(path).bursts] == [True, False]


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"none.root: no such file"):
        describe(tmp_path / "none.root")


def test_checksum_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a"
    content = bytes(range(256)) * 10000
    path.write_bytes(content)
    assert checksum(path) == f"adler32:{zlib.adler32(content):08x}"


def test_checksum_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"no such file"):
        checksum(tmp_path / "a")
