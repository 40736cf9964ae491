"""Numbers of each mechanism of background: tables of config/background.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from na62dump import configuration as conf
from na62dump.configuration import Settings

if TYPE_CHECKING:
    from na62dump.analysis import Analysis

FILE = "background"

T = TypeVar("T", bound=Settings)


def table(analysis: Analysis, mechanism: str, *, model: type[T]) -> T | None:
    """Numbers of one mechanism for one search.

    Parameters
    ----------
    analysis : Analysis
        The search. A table named as the search itself goes before one named as its selection, which searches share.
    mechanism : str
        Such as ``"combinatorial"``.
    model : type
        What the table has to be.

    Returns
    -------
    Settings or None
        In base units; None if the file has no such table.

    Raises
    ------
    ConfigurationError
        File, key, and what is wrong.
    """
    path = conf.find(FILE, near=analysis.path.parent)
    tables = conf.read_toml(path)
    for name in (analysis.name, analysis.file.selection):
        if mechanism in tables.get(name, {}):
            return conf.load_text(tables[name][mechanism], model, where=f"{path}: [{name}.{mechanism}]")
    return None
