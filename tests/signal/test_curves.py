from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.errors import InputFileError, UnknownNameError
from na62dump.signal.curves import Curve, curves, read

TABLE = """# from a paper, MeV and without unit
mass_mev, pipi, kk

100, 0.5, 1e-3
200, 1.5, 0
# a comment between
400, 0.5, 2e-3
"""
CURVE = Curve(np.array([100.0, 200.0, 400.0]), np.array([0.5, 1.5, 0.5]))


def table(folder: Path, text: str) -> Path:
    path = folder / "signal" / "tables" / "ratios.csv"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def test_columns_are_curves_by_their_names(tmp_path: Path) -> None:
    table(tmp_path, TABLE)
    found = curves("ratios", near=tmp_path)
    assert list(found) == ["pipi", "kk"]
    np.testing.assert_array_equal(found["kk"].mass, [100, 200, 400])
    np.testing.assert_array_equal(found["kk"].value, [1e-3, 0, 2e-3])
    assert found["pipi"](150.0) == 1.0


@pytest.mark.parametrize(("mass", "value"), [(99.9, 0.0), (100, 0.5), (125, 0.75), (200, 1.5), (300, 1.0), (1e6, 0.5)])
def test_a_curve_is_linear_zero_below_and_constant_above(mass: float, value: float) -> None:
    assert CURVE(mass) == pytest.approx(value)


@given(mass=st.floats(min_value=0, max_value=1e5))
def test_a_curve_never_leaves_its_values(mass: float) -> None:
    assert CURVE(mass) == 0.0 or 0.5 <= CURVE(mass) <= 1.5


BROKEN = {
    "no mass": ("m, a\n1, 2\n", "the first column must be 'mass_mev'"),
    "decreasing": ("mass_mev,a\n2,1\n1,1\n", "increasing"),
    "twice": ("mass_mev,a\n2,1\n2,1\n", "increasing"),
    "ragged": ("mass_mev,a\n1,1\n2,1,3\n", "not a table of numbers"),
    "short": ("mass_mev,a\n1\n2\n", "every line must hold 2 finite numbers"),
    "text": ("mass_mev,a\n1,x\n", "not a table of numbers"),
    "nan": ("mass_mev,a\n1,nan\n", "finite"),
    "no line": ("mass_mev,a\n", "every line must hold 2"),
    "empty": ("# nothing\n", "not a table of numbers"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_no_table_is_refused(what: str, tmp_path: Path) -> None:
    text, message = BROKEN[what]
    with pytest.raises(InputFileError, match=message):
        read(table(tmp_path, text))


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="no config file 'signal/tables/nothing'"):
        curves("nothing", near=tmp_path)
    with pytest.raises(InputFileError, match=r"nothing\.csv: not a table"):
        read(Path(tmp_path / "nothing.csv"))
