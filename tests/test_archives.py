"""Files of tables and arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump import archives
from na62dump.errors import ConfigurationError, InputFileError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def packed(**provenance: object) -> bytes:
    return archives.pack(
        "thing", {"about": {"ü": [1, None]}}, arrays={"a": np.arange(6.0).reshape(2, 3)}, provenance=provenance
    )


def test_what_is_packed_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "thing.zip"
    path.write_bytes(packed(by="me"))
    tables, arrays = archives.unpack(path, "thing", made_by="make thing")
    assert tables["about"] == {"ü": [1, None]}
    assert tables["provenance"] == {"by": "me"}
    assert np.array_equal(arrays["a"], [[0, 1, 2], [3, 4, 5]])
    assert archives.kind_of(path) == "thing"


def test_equal_content_is_equal_bytes() -> None:
    assert packed(by="me") == packed(by="me")


def test_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "thing.zip"
    path.write_bytes(packed())
    with pytest.raises(
        InputFileError, match=r"is of kind 'thing', not of kind 'acceptance'; give a file that 'x' wrote"
    ):
        archives.unpack(path, "acceptance", made_by="x")


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.zip"
    path.write_text("no zip")
    assert archives.kind_of(path) is None
    with pytest.raises(InputFileError, match="is no file of kind 'thing'"):
        archives.unpack(path, "thing", made_by="x")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="cannot be read"):
        archives.kind_of(tmp_path / "none.zip")


def test_a_damaged_member_is_told(tmp_path: Path) -> None:
    content = bytearray(packed())
    where = content.index(b"a.npy") + 60
    content[where : where + 8] = b"\0" * 8
    path = tmp_path / "thing.zip"
    path.write_bytes(bytes(content))
    with pytest.raises(InputFileError, match=r"is damaged: .*; make it again with 'make thing'"):
        archives.unpack(path, "thing", made_by="make thing")


@pytest.mark.parametrize("array", [np.zeros(3), np.array([1.0, np.nan])])
def test_arrays_that_do_not_belong_are_refused(array: NDArray[np.float64]) -> None:
    with pytest.raises(ValueError, match=r"is not \(2,\) finite numbers"):
        archives.check_array(array, (2,))


def test_a_place_that_cannot_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"there is no folder '.*none'; make it first"):
        archives.check_output(tmp_path / "none" / "x.zip", "thing")
    with pytest.raises(ConfigurationError, match="is there and holds no thing; give another name"):
        archives.check_output(tmp_path, "thing")
    path = tmp_path / "x.zip"
    path.write_bytes(packed())
    archives.check_output(path, "thing")
    with pytest.raises(ConfigurationError, match="is there and holds no yields; give another name"):
        archives.check_output(path, "yields")
