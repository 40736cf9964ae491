"""What a person sees: tables and JSON on standard output, progress and messages on standard error."""

from __future__ import annotations

import json
import shlex
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table as RichTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from na62dump.tables import Table
    from na62dump.tables.table import Cell

INCOMPLETE, MISTAKE = 1, 2
"""Exit codes beside 0: something is missing; a mistake that the user can mend."""

_WIDE = 200


def as_word(path: Path) -> str:
    """A path as one word of a command that may be pasted into a shell."""
    return shlex.quote(str(path))


def tell(*messages: str) -> None:
    """Say something on standard error, a line for each message."""
    console = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    for message in messages:
        console.print(message)


def show(tables: Sequence[Table], *, as_json: bool, as_latex: bool = False) -> None:
    """Print tables on standard output: for people, as JSON, or as LaTeX."""
    if as_latex:
        from na62dump.tables import latex

        sys.stdout.write("\n".join(map(latex, tables)))
        return
    if as_json:
        sys.stdout.write(json.dumps([table.to_json() for table in tables], indent=1, ensure_ascii=False) + "\n")
        return
    console = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else _WIDE)
    for table in tables:
        drawn = RichTable(title=table.title, title_justify="left", title_style="bold")
        for number, column in enumerate(table.columns):
            numeric = all(isinstance(row[number], int | float | None) for row in table.rows)
            drawn.add_column(column, justify="right" if numeric else "left", overflow="fold")
        for row in table.rows:
            drawn.add_row(*map(_text, row))
        console.print(drawn)


def _text(value: Cell) -> str:
    if isinstance(value, tuple):
        from na62dump.tables import several

        return several(tuple(map(_text, value)))
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar on standard error while something of `total` steps goes on; silent if it is no terminal.

    Yields
    ------
    callable
        To be called with the number of steps done.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)
