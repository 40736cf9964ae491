from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.errors import BlindingError, InputFileError, MergeError
from na62dump.skims import KEYS, Skim

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray


def made(size: int, *, seed: int = 1) -> Skim:
    draw = np.random.default_rng(seed)
    return Skim(
        {
            "sample": draw.choice(["data", "A' 200 MeV", "µ"], size),
            "run": draw.integers(0, 3, size).astype(np.uint32),
            "burst": draw.integers(0, 3, size).astype(np.int32),
            "event": draw.integers(0, 3, size),
            "row": draw.integers(0, 2, size).astype(np.int16),
            "mass": draw.choice([210.5, np.nan, np.inf, -0.0], size),
            "e_over_p": draw.uniform(0, 1, size).astype(np.float32),
            "in_time": draw.choice([True, False], size),
        }
    )


def nothing(data: Mapping[str, NDArray[Any]]) -> NDArray[np.bool_]:
    return np.zeros(len(data["sample"]), dtype=bool)


def stored(skim: Skim, provenance: Mapping[str, object] | None = None) -> bytes:
    file = io.BytesIO()
    skim.to_parquet(file, provenance or {}, simulated=(), hidden=nothing)
    return file.getvalue()


@given(seed=st.integers(0, 2**32), size=st.integers(0, 60), cuts=st.lists(st.integers(0, 60), max_size=4))
def test_sorted_rows_do_not_depend_on_split_and_order(seed: int, size: int, cuts: list[int]) -> None:
    skim = made(size, seed=seed)
    draw = np.random.default_rng(seed)
    total = made(0)
    for rows in np.split(draw.permutation(size), sorted(min(cut, size) for cut in cuts)):
        total += Skim({name: column[rows] for name, column in skim.columns.items()})
    assert total.sorted() == skim.sorted()
    assert stored(total.sorted()) == stored(skim.sorted())


def test_order_is_sample_run_burst_event_row() -> None:
    skim = made(200).sorted()
    names = [tuple(skim.columns[key][i] for key in KEYS) for i in range(len(skim))]
    assert names == sorted(names)


def test_sum_concatenates() -> None:
    one, other = made(3, seed=1), made(4, seed=2)
    total = one + other
    assert len(total) == 7
    assert total.columns["mass"].tobytes() == one.columns["mass"].tobytes() + other.columns["mass"].tobytes()


@pytest.mark.parametrize("size", [0, 1, 1000])
def test_parquet_there_and_back(size: int) -> None:
    skim = made(size)
    provenance: dict[str, object] = {"package": {"version": "1"}, "inputs": ["a", 1.5]}
    again, read = Skim.from_parquet(io.BytesIO(stored(skim, provenance)))
    assert again == skim
    assert read == provenance
    assert {name: c.dtype.kind for name, c in again.columns.items()} == {
        name: c.dtype.kind for name, c in skim.columns.items()
    }
    assert again.columns["run"].dtype == np.uint32
    assert made(2) + again == made(2) + skim


def test_provenance_changes_no_row() -> None:
    one, _ = Skim.from_parquet(io.BytesIO(stored(made(10), {"time": "1"})))
    other, _ = Skim.from_parquet(io.BytesIO(stored(made(10), {"time": "2"})))
    assert one == other


def test_hidden_data_row_stops_the_writer_before_a_byte() -> None:
    file = io.BytesIO()

    def hidden(data: Mapping[str, NDArray[Any]]) -> NDArray[np.bool_]:
        return np.asarray(np.isinf(data["mass"]))

    skim = made(100)
    count = int((np.isinf(skim.columns["mass"]) & (skim.columns["sample"] == "data")).sum())
    assert count > 0
    with pytest.raises(
        BlindingError, match=f"^{count} rows of sample data lie in a hidden region: nothing was written$"
    ):
        skim.to_parquet(file, {}, simulated=["A' 200 MeV", "µ"], hidden=hidden)
    assert not file.getvalue()


def test_sample_that_nobody_calls_simulation_is_data() -> None:
    with pytest.raises(BlindingError, match="rows of sample A' 200 MeV, data, µ lie"):
        made(100).to_parquet(io.BytesIO(), {}, simulated=(), hidden=lambda data: data["run"] >= 0)


def test_simulation_is_not_checked() -> None:
    seen = []

    def hidden(data: Mapping[str, NDArray[Any]]) -> NDArray[np.bool_]:
        seen.extend(data["sample"].tolist())
        return nothing(data)

    made(100).to_parquet(io.BytesIO(), {}, simulated=["µ"], hidden=hidden)
    assert set(seen) == {"data", "A' 200 MeV"}


@pytest.mark.parametrize("answer", [np.zeros(3, dtype=bool), np.zeros(100), None, False])
def test_check_that_does_not_answer_for_every_row_hides_all(answer: Any) -> None:  # noqa: ANN401 - wrong on purpose
    with pytest.raises(BlindingError, match="the check for hidden rows answered"):
        made(100).to_parquet(io.BytesIO(), {}, simulated=(), hidden=lambda _data: answer)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mass": np.zeros((2, 2))}, "column 'mass' is float64"),
        ({"mass": np.array([None, 1], dtype=object)}, "column 'mass' is object"),
        ({"mass": np.zeros(3)}, "columns of a skim have one length"),
        ({"sample": np.zeros(2)}, "column 'sample' is float64.*must be text"),
        ({"event": np.zeros(2)}, "column 'event' is float64.*the other keys whole numbers"),
    ],
)
def test_wrong_columns_are_refused(change: dict[str, NDArray[Any]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Skim({**made(2).columns, **change})


def test_keys_are_needed() -> None:
    with pytest.raises(ValueError, match="missing: run, burst, event, row"):
        Skim({"sample": np.array(["data"])})


def test_different_columns_do_not_join() -> None:
    other = Skim({**made(2).columns, "mass": np.zeros(2, dtype=np.float32)})
    with pytest.raises(MergeError, match="cannot be joined: mass"):
        made(2) + other
    assert made(2) != other
    assert made(2) != 1


@pytest.mark.parametrize("content", [b"", b"PAR1 no", b"PAR1" * 10])
def test_what_is_no_skim_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "s.parquet"
    path.write_bytes(content)
    with pytest.raises(InputFileError, match=r"s\.parquet is no skim of na62dump"):
        Skim.from_parquet(path)


def test_foreign_parquet_is_refused(tmp_path: Path) -> None:
    import pyarrow as pa  # noqa: PLC0415 - as somebody without na62dump would write
    import pyarrow.parquet as pq  # noqa: PLC0415 - same

    path = tmp_path / "s.parquet"
    pq.write_table(pa.table({"x": [1]}), path)
    with pytest.raises(InputFileError, match="is no skim of na62dump"):
        Skim.from_parquet(path)
