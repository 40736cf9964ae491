from __future__ import annotations

import re

import numpy as np
import pytest

from na62dump.errors import InputFileError
from na62dump.events import column
from na62dump.events.conversion import converted


def test_right_type_is_not_copied() -> None:
    values = np.arange(3, dtype=np.float32)
    assert converted(values, column("Track_p"), path="f") is values


@pytest.mark.parametrize("dtype", [np.int32, np.uint8, np.int64, np.float64])
def test_whole_numbers_that_fit_are_converted(dtype: type) -> None:
    result = converted(np.array([0, 7, 100], dtype=dtype), column("run"), path="f")
    assert result.dtype == np.uint32
    assert result.tolist() == [0, 7, 100]


@pytest.mark.parametrize(
    ("values", "name"),
    [
        (np.array([1, -1], dtype=np.int32), "run"),
        (np.array([1, -1], dtype=np.int64), "run"),
        (np.array([1, 2**40], dtype=np.int64), "run"),
        (np.array([1, 300], dtype=np.uint16), "Track_chambers"),
        (np.array([1, 255], dtype=np.uint8), "Track_charge"),
        (np.array([1, 1.5]), "run"),
        (np.array([1, np.nan]), "MUV3_tile"),
        (np.array([1, np.inf]), "truth_pdg"),
        (np.array([1, 2**31], dtype=np.uint32), "truth_pdg"),
    ],
)
def test_whole_numbers_that_do_not_fit_are_refused(values: np.ndarray, name: str) -> None:
    message = f"here.root: column '{name}' is stored as {values.dtype} and holds values that do not fit"
    with pytest.raises(InputFileError, match=re.escape(message)) as caught:
        converted(values, column(name), path="here.root")
    # the value may be that of an event that is hidden
    assert str(values[1]) not in str(caught.value).replace(str(values.dtype), "").replace(column(name).dtype, "")


def test_doubles_are_rounded() -> None:
    result = converted(np.array([0.1, np.nan, np.inf]), column("Track_p"), path="f")
    assert result.dtype == np.float32
    np.testing.assert_array_equal(result, np.array([0.1, np.nan, np.inf], dtype=np.float32))


def test_doubles_beyond_the_type_are_refused() -> None:
    with pytest.raises(InputFileError, match=r"do not fit into float32"):
        converted(np.array([1e300]), column("Track_p"), path="f")


def test_whole_numbers_become_floats_only_exactly() -> None:
    assert converted(np.array([2**24], dtype=np.int32), column("Track_p"), path="f").tolist() == [2.0**24]
    with pytest.raises(InputFileError, match=r"do not fit into float32"):
        converted(np.array([2**24 + 1], dtype=np.int32), column("Track_p"), path="f")


def test_factor_is_applied_in_double_precision() -> None:
    result = converted(np.array([1.5, 2.25], dtype=np.float32), column("Track_p"), path="f", factor=1000.0)
    assert result.tolist() == [1500.0, 2250.0]


def test_factor_rounds_whole_numbers() -> None:
    assert converted(np.array([24.9, 50.1]), column("burst_time"), path="f", factor=1 / 25).tolist() == [1, 2]


def test_byte_order_becomes_native() -> None:
    result = converted(np.array([1, 2], dtype=">f4"), column("Track_p"), path="f")
    assert result.dtype.isnative
    assert result.tolist() == [1, 2]


def test_no_numbers_are_refused() -> None:
    with pytest.raises(InputFileError, match=r"column 'run' holds <U1; it must hold numbers, uint32"):
        converted(np.array(["a"]), column("run"), path="f")
