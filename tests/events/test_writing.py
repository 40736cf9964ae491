from __future__ import annotations

import os
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
import uproot

from na62dump.errors import InputFileError, MissingColumnError, UnknownNameError
from na62dump.events import COLUMNS, Events, Writer, concatenate, describe, read, writing
from tests.events.event_samples import BURST, assert_same, sample, write

if TYPE_CHECKING:
    from pathlib import Path

Layout = Literal["ttree", "rntuple"]
FEW = ("run", "Track_p", "Track_charge", "LKr_x")


def test_one_counter_per_collection(tmp_path: Path) -> None:
    path = write(tmp_path / "a.root", sample(10))
    with uproot.open(path) as file:
        tree = file["events"]
        counters = set(tree.keys()) - set(COLUMNS)
        assert counters == {"nTrack", "nLKr", "nMUV3", "nCHOD", "nLAV", "nANTI0", "nTruth"}
        assert tree["Track_p"].count_branch.name == tree["Track_rich_k"].count_branch.name == "nTrack"
        np.testing.assert_array_equal(tree["nTrack"].array(library="np"), np.diff(sample(10).offsets["Track"]))
        assert file.file.compression == uproot.ZSTD(1)


@pytest.mark.parametrize("layout", ["ttree", "rntuple"])
@pytest.mark.parametrize("sizes", [[1] * 130, [130], [99, 31], [7, 0, 123]])
def test_clusters_do_not_depend_on_the_pieces(
    tmp_path: Path, sizes: list[int], layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "CLUSTER", 40)
    events = sample(sum(sizes), names=FEW)
    edges = np.concatenate([[0], np.cumsum(sizes)])
    with Writer(tmp_path / "a.root", layout=layout, columns=FEW, provenance={}) as writer:
        for start, stop in pairwise(edges):
            writer.extend(events.take(int(start), int(stop)))
    assert describe(tmp_path / "a.root").clusters == (0, 40, 80, 130)
    assert_same(read(tmp_path / "a.root", FEW), events)


def test_many_clusters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "CLUSTER", 4)
    events = concatenate([sample(90, names=FEW), sample(7, names=FEW, seed=1)])
    assert_same(read(write(tmp_path / "a.root", events), FEW), events)


def test_file_replaces_another_only_when_complete(tmp_path: Path) -> None:
    path = tmp_path / "a.root"
    path.write_text("old")
    with Writer(path, columns=FEW, provenance={}) as writer:
        writer.extend(sample(3))
        assert path.read_text() == "old"
    assert read(path, FEW).n == 3
    assert [file.name for file in tmp_path.iterdir()] == ["a.root"]


def test_nothing_is_left_after_an_error(tmp_path: Path) -> None:
    def fail() -> None:
        with Writer(tmp_path / "a.root", columns=FEW, provenance={}) as writer:
            writer.extend(sample(3))
            message = "stop"
            raise RuntimeError(message)

    with pytest.raises(RuntimeError, match=r"stop"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_after_an_error_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with (
        pytest.raises(InputFileError, match=r"a.root: cannot be written: No space left on device; check"),
        Writer(tmp_path / "a.root", columns=FEW, provenance={}),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_folder_that_is_not_there(tmp_path: Path) -> None:
    with (
        pytest.raises(InputFileError, match=r"cannot be written: No such file or directory; check the folder"),
        Writer(tmp_path / "none" / "a.root", columns=FEW, provenance={}),
    ):
        pass


def test_only_declared_columns_are_written(tmp_path: Path) -> None:
    with Writer(tmp_path / "a.root", columns=["Track_p"], provenance={}) as writer:
        writer.extend(sample(3))
    assert describe(tmp_path / "a.root").columns == {"Track_p"}


def test_missing_column_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(MissingColumnError, match=r"column 'LKr_x' was not read"),
        Writer(tmp_path / "a.root", columns=["LKr_x", "LKr_y"], provenance={}) as writer,
    ):
        writer.extend(sample(3, names=["LKr_y"]))


def test_unknown_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown column 'Track_q'"):
        Writer(tmp_path / "a.root", columns=["Track_q"], provenance={})


def test_values_that_do_not_belong_to_the_offsets_are_refused(tmp_path: Path) -> None:
    events = sample(3, names=FEW)
    broken = replace(events, columns={**events.columns, "Track_p": events["Track_p"][1:]})
    with (
        pytest.raises(ValueError, match=r"column 'Track_p' has .* values; its 3 events need"),
        Writer(tmp_path / "a.root", columns=FEW, provenance={}) as writer,
    ):
        writer.extend(broken)


def test_values_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(InputFileError, match=r"column 'run' is stored as int64 and holds values that do not fit"),
        Writer(tmp_path / "a.root", columns=["run"], provenance={}) as writer,
    ):
        writer.extend(Events(1, {"run": np.array([-1])}, {}))


def test_identity_is_random_unless_given(tmp_path: Path) -> None:
    events = sample(2, names=FEW)
    one, two = (describe(write(tmp_path / name, events)).uuid for name in ("a.root", "b.root"))
    assert one != two


@pytest.mark.parametrize("layout", ["ttree", "rntuple"])
def test_bursts_add_up(tmp_path: Path, layout: Layout) -> None:
    bad = BURST.model_copy(update={"burst": 4, "good": False})
    with Writer(tmp_path / "a.root", layout=layout, columns=FEW, provenance={}) as writer:
        writer.write_bursts([BURST])
        writer.extend(sample(3))
        writer.write_bursts([bad])
    assert describe(tmp_path / "a.root").bursts == (BURST, bad)
