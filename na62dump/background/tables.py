"""Numbers of each mechanism of background: tables of config/background.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from na62dump import configuration as conf
from na62dump.configuration import Settings
from na62dump.errors import UnknownNameError, nearest

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


def number_of(analysis: Analysis, key: str) -> Any:  # noqa: ANN401 - whatever the selection calls its numbers
    """A number, or a group of numbers, of the analysis' own cuts, in base units.

    Parameters
    ----------
    analysis : Analysis
        The search.
    key : str
        Names with dots, such as ``"tracks.dt_pair_max"``.

    Raises
    ------
    UnknownNameError
        If its cuts have no such key.
    """
    found: Any = analysis.cuts
    for part in key.split("."):
        known = type(found).model_fields if isinstance(found, Settings) else {}
        if part not in known:
            msg = f"config/{FILE}.toml asks for the cut '{key}' of {analysis.name}, but there is no '{part}'; {nearest(part, known)}"
            raise UnknownNameError(msg)
        found = getattr(found, part)
    return found
