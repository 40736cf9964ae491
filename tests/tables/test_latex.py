from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump import tables
from na62dump.inference.validation import Beside, Row, Validation
from na62dump.tables import Table, latex
from na62dump.tables.latex import escape


def test_a_table() -> None:
    shown = latex(Table("Two\nlines", ("a_b", "p"), (("50% & more", 0.5), ("x", None), ("y", 1.23456e-7), ("z", 28))))
    assert shown == (
        "% Two lines\n"
        "\\begin{tabular}{lr}\n\\toprule\n"
        "a\\_b & p \\\\\n\\midrule\n"
        "50\\% \\& more & $0.5$ \\\\\n"
        "x & -- \\\\\n"
        "y & $1.235 \\times 10^{-7}$ \\\\\n"
        "z & $28$ \\\\\n"
        "\\bottomrule\n\\end{tabular}\n"
    )


@pytest.mark.parametrize(
    ("value", "shown"), [(math.inf, r"$\infty$"), (-math.inf, r"$-\infty$"), (math.nan, "nan"), (-2.5, "$-2.5$")]
)
def test_numbers_that_are_no_plain_ones(value: float, shown: str) -> None:
    assert f"\n{shown} \\\\\n" in latex(Table("t", ("v",), ((value,),)))


@given(st.text(alphabet="\\{}$&#%_^~<>|ab1 ", max_size=20))
def test_escaped_text_has_no_special_character_left(text: str) -> None:
    left = re.sub(r"\\text[a-z]+\{\}|\\[&%$#_{}]", "", escape(text))
    assert not re.search(r"[\\{}$&#%_^~<>|]", left)


def test_a_table_without_rows_is_one() -> None:
    assert "\\midrule\n\\bottomrule" in latex(Table("none", ("a", "b"), ()))


def test_the_table_of_a_comparison() -> None:
    hidden = Row("SR", 0.016, 0.0, 0.002, 0.002)
    seen = Row("CR1", 0.29, 0.0, 0.04, 0.04, 1, 0.251, 0.251, 1.15)
    found = Validation((hidden,), (seen,), (Beside("upstream", "SR", 0.0, 0.0, 0.007),))
    assert tables.validation(found).rows == (
        ("SR", 0.016, 0.002, tables.HIDDEN, None, None, None, 4, ""),
        ("CR1", 0.29, 0.04, 1, 0.251, 0.251, 1.15, 7, ""),
    )
    assert tables.beside(found).rows == (("upstream", "SR", 0.0, 0.0, 0.007),)
