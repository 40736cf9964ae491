from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from na62dump.errors import InputFileError, MergeError
from na62dump.results import Counts, Result, State, content_digest, read_provenance
from na62dump.results.counts import tally_regions
from tests.worlds import declared, digest, good_burst, merged, planned, simulated, write

if TYPE_CHECKING:
    from numpy.typing import NDArray


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    folder = tmp_path_factory.mktemp("result")
    write(folder / "s.root", simulated("demo_signal", 3_000), bursts=[], truth=True)
    return merged(folder / "run", planned(folder, {"signal": declared("simulation", "s.root")}))


def test_a_result_comes_back_as_it_was(result: Result, tmp_path: Path) -> None:
    path = tmp_path / "r.zip"
    path.write_bytes(result.dumps({"made": "here"}))
    back = Result.load(path)
    assert back.state == result.state
    assert back.book == result.book
    assert back.skim == result.skim
    assert dict(back.cutflow) == dict(result.cutflow)
    assert digest(back) == digest(result)
    assert read_provenance(path) == {"made": "here"}


def test_provenance_and_dates_are_no_content(result: Result) -> None:
    one, other = result.dumps({"time": 1}), result.dumps({"time": 2})
    assert one != other
    assert content_digest(one) == content_digest(other)


def test_there_is_no_pickle_in_it(result: Result) -> None:
    with zipfile.ZipFile(io.BytesIO(result.dumps({}))) as archive:
        endings = {Path(name).suffix for name in archive.namelist()}
        for name in archive.namelist():
            if name.endswith(".npy"):
                np.load(io.BytesIO(archive.read(name)), allow_pickle=False)
    assert endings <= {".json", ".npy", ".parquet"}


@pytest.mark.parametrize("digests", [{}, {"digest": "0" * 64, "run_digest": "1" * 64}])
@pytest.mark.parametrize("key", ["opened", "also_hidden"])
def test_results_of_different_conditions_do_not_add_up(result: Result, key: str, digests: dict[str, str]) -> None:
    # told in words, whatever digests differ too
    other = replace(result, state=result.state.model_copy(update={key: ("CR",), **digests}))
    with pytest.raises(MergeError, match=rf"{key} is \(\) in one and \('CR',\) in the other"):
        _ = result + other


def test_results_of_different_variations_do_not_add_up(result: Result) -> None:
    other = replace(result, state=result.state.model_copy(update={"variations": ("p up",)}))
    with pytest.raises(MergeError, match=r"variations is \(\) in one and \('p up',\) in the other"):
        _ = result + other


@pytest.mark.parametrize("names", [["nominal"], ["up", "up"]])
def test_names_of_variations_differ_from_each_other_and_from_the_nominal_one(result: Result, names: list[str]) -> None:
    with pytest.raises(ValueError, match="each has a name of its own, and 'nominal' is that of none of them"):
        State.model_validate_json(json.dumps(result.state.model_dump(mode="json") | {"variations": names}))


def with_variation(result: Result) -> Result:
    return replace(result, varied={"signal": {"p up": result.of("signal")}})


def test_variations_are_content_and_come_back(result: Result, tmp_path: Path) -> None:
    varied = with_variation(result)
    path = tmp_path / "r.zip"
    path.write_bytes(varied.dumps({}))
    back = Result.load(path)
    assert back.varied == varied.varied
    assert back.of("signal", variation="p up") == result.of("signal")
    assert digest(back) == digest(varied) != digest(result)


def test_a_variation_with_other_regions_is_no_result(result: Result, tmp_path: Path) -> None:
    nominal = result.of("signal")
    wrong = replace(result, varied={"signal": {"p up": replace(nominal, regions=nominal.regions[1:])}})
    path = tmp_path / "r.zip"
    path.write_bytes(wrong.dumps({}))
    with pytest.raises(InputFileError, match=r"r\.zip: not a result of na62dump"):
        Result.load(path)


def test_merged_results_do_not_add_up(tmp_path: Path) -> None:
    events = simulated("halo", 100)
    write(tmp_path / "h.root", events, bursts=[good_burst(int(events["run"][0]), 1)])
    total = merged(tmp_path / "run", planned(tmp_path, {"halo": declared("data", "h.root")}))
    with pytest.raises(MergeError, match="merged results do not add up"):
        _ = total + total


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_result_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "r.zip"
    path.write_bytes(content)
    with pytest.raises(InputFileError, match=r"r\.zip: not a result of na62dump"):
        Result.load(path)
    with pytest.raises(InputFileError, match=r"r\.zip: not a result of na62dump"):
        read_provenance(path)


def altered(content: bytes, name: str, member: bytes | None) -> bytes:
    """A result file with another member, or without it."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for other in old.namelist():
            if other != name:
                new.writestr(other, old.read(other))
        if member is not None:
            new.writestr(name, member)
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("state.json", None),
        ("state.json", b"[]"),
        ("counts.json", b"[]"),
        ("counts.json", b'{"signal": []}'),
        (
            "counts.json",
            (
                b'{"signal": {"entries": [1], "bad_burst": 0, "generated_weight": 0.0, '
                b'"generated_weight2": 0.0, "regions": []}}'
            ),
        ),
        ("cutflow.json", b"[1]"),
        ("cutflow.json", b'{"signal": 3}'),
        ("cutflow.json", b'{"signal": {"names": 3}}'),
        ("exposure.json", b'{"signal": 3}'),
        ("varied.json", None),
        ("varied.json", b'{"signal": 3}'),
        ("varied.json", b'{"signal": {"p up": {"cutflow": 3, "regions": []}}}'),
        ("skim.parquet", b"no table"),
    ],
)
def test_a_zip_with_a_wrong_member_is_no_result(
    result: Result, tmp_path: Path, name: str, member: bytes | None
) -> None:
    path = tmp_path / "r.zip"
    path.write_bytes(altered(result.dumps({}), name, member))
    with pytest.raises(
        InputFileError, match=r"r\.zip: not a result of na62dump: .*; give a file that 'na62dump merge' .* wrote"
    ):
        Result.load(path)


@pytest.mark.parametrize("member", [None, b"[1]", b"3", b"{", b"\xff"])
def test_a_zip_without_a_provenance_is_no_result(result: Result, tmp_path: Path, member: bytes | None) -> None:
    path = tmp_path / "r.zip"
    path.write_bytes(altered(result.dumps({}), "provenance.json", member))
    with pytest.raises(InputFileError, match=r"r\.zip: not a result of na62dump"):
        read_provenance(path)


def test_a_missing_result_has_no_provenance(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"r\.zip: cannot be read: No such file"):
        read_provenance(tmp_path / "r.zip")


def test_a_damaged_stream_is_no_result(result: Result, tmp_path: Path) -> None:
    content = bytearray(result.dumps({}))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        start = archive.getinfo("state.json").header_offset + 30 + len("state.json")
    content[start : start + 4] = b"\xff\xff\xff\xff"
    path = tmp_path / "r.zip"
    path.write_bytes(content)
    with pytest.raises(InputFileError, match=r"r\.zip: not a result of na62dump"):
        Result.load(path)


@given(
    hnp.arrays(np.int64, 12, elements=st.integers(0, 3)),
    hnp.arrays(np.float32, 12, elements=st.floats(-9, 9, width=32)),
    st.integers(0, 12),
)
def test_regions_are_tallied_exactly(region: NDArray[np.int64], weight: NDArray[np.float32], edge: int) -> None:
    whole = tally_regions(region, weight, n_regions=4)
    high = tally_regions(region[edge:], weight[edge:], n_regions=4)
    low = tally_regions(region[:edge], weight[:edge], n_regions=4)
    np.testing.assert_array_equal(whole, high + low)
    for index in range(4):
        assert whole[index, 0] == np.count_nonzero(region == index)
        assert whole[index, 1] == pytest.approx(weight[region == index].sum(dtype=np.float64), abs=1e-5)


def test_counts_round_trip() -> None:
    counts = Counts(5, 1, 2, 0.5, 0.25, np.ones((2, 3)))
    assert Counts.from_json(counts.to_json()).to_json() == counts.to_json()
    assert (counts + counts).entries == 10
