"""Tables as LaTeX."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from na62dump.tables.table import several

if TYPE_CHECKING:
    from na62dump.tables.table import Cell, Table

ESCAPED = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "\n": " ",
    **{mark: f"\\{mark}" for mark in "&%$#_{}"},
}
"""Characters that mean something else to LaTeX, or are others in its old fonts."""

_SPECIAL = re.compile("|".join(map(re.escape, ESCAPED)))


def latex(table: Table) -> str:
    """A table as a LaTeX tabular; needs the package booktabs.

    Parameters
    ----------
    table : Table
        What to write; its title becomes a comment.

    Returns
    -------
    str
        Lines to be read by LaTeX: columns of numbers are aligned right, numbers have four digits as on the screen, and
        a dash stands where there is nothing to say.
    """
    columns = range(len(table.columns))
    numeric = [all(isinstance(row[c], int | float | None) for row in table.rows) for c in columns]
    return "\n".join(
        (
            f"% {' '.join(table.title.split())}",
            rf"\begin{{tabular}}{{{''.join('r' if n else 'l' for n in numeric)}}}",
            r"\toprule",
            _line(table.columns),
            r"\midrule",
            *map(_line, table.rows),
            r"\bottomrule",
            r"\end{tabular}",
            "",
        )
    )


def escape(text: str) -> str:
    """Text that LaTeX prints as it is."""
    return _SPECIAL.sub(lambda found: ESCAPED[found[0]], text)


def _line(cells: tuple[Cell, ...]) -> str:
    return " & ".join(map(_cell, cells)) + r" \\"


def _cell(value: Cell) -> str:
    if isinstance(value, tuple):
        return several(tuple(map(_cell, value)))
    if value is None:
        return "--"
    if isinstance(value, str | bool):
        return escape(str(value))
    if not math.isfinite(value):
        return {math.inf: r"$\infty$", -math.inf: r"$-\infty$"}.get(value, "nan")
    digits, _, power = (f"{value:.4g}" if isinstance(value, float) else str(value)).partition("e")
    return rf"${digits} \times 10^{{{int(power)}}}$" if power else f"${digits}$"
