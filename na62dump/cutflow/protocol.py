"""What a file of selections/ fulfils, and how one is loaded: by path, with everything it imports in its digest."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

from na62dump.configuration import Settings, shipped
from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from na62dump.cutflow.selection import Selection
    from na62dump.reconstruction import Leg
    from na62dump.regions import Visible


class Select(Protocol):
    """The requirements of a search."""

    def __call__(self, visible: Visible, cuts: Settings, /) -> Selection:
        """Ask them of visible rows, with the numbers of the search's configuration."""


class Single(Protocol):
    """What a search asks of one track alone."""

    def __call__(self, track: Leg, cuts: Settings, /) -> Mapping[str, NDArray[np.bool_]]:
        """Ask it of single tracks, with the numbers of the search's configuration: bool[single] each."""


@dataclass(frozen=True)
class SelectionFile:
    """A loaded file of selections/.

    Attributes
    ----------
    path : Path
        Where it was.
    cuts : type
        Model of its numbers.
    select : callable
        Its requirements.
    sources : mapping of str to str
        Text of the file and of every selection file that it imports, by name.
    single : callable, optional
        What it asks of one track alone.
    """

    path: Path
    cuts: type[Settings]
    select: Select
    sources: Mapping[str, str]
    single: Single | None = None


def load_selection(path: Path) -> SelectionFile:
    """Load a file of requirements.

    It may import its neighbours (``from . import common``); a neighbour that its folder lacks comes from the shipped
    selections.

    Parameters
    ----------
    path : Path
        The Python file; it must define ``Cuts`` (a `Settings`) and ``select(visible, cuts)``, and may define
        ``single(track, cuts)``.

    Returns
    -------
    SelectionFile
        With the text of all that it is made of.

    Raises
    ------
    ConfigurationError
        If it does not run, or lacks one of the two.
    """
    package = _package(path.resolve().parent)
    module = _import(package, path)
    cuts, select = getattr(module, "Cuts", None), getattr(module, "select", None)
    if not (isinstance(cuts, type) and issubclass(cuts, Settings)) or not callable(select):
        msg = f"{path}: a selection defines a class Cuts(Settings) and a function select(visible, cuts)"
        raise ConfigurationError(msg)
    return SelectionFile(path, cuts, select, _sources(package.__name__, path), getattr(module, "single", None))


def _package(folder: Path) -> ModuleType:
    """Package of one folder of selections: its modules are looked up there first, then in the shipped folder."""
    name = f"_na62dump_selections_{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"
    for loaded in [key for key in sys.modules if key == name or key.startswith(f"{name}.")]:
        del sys.modules[loaded]
    importlib.invalidate_caches()
    package = ModuleType(name)
    package.__path__ = [str(folder), str(shipped() / "selections")]
    sys.modules[name] = package
    return package


def _import(package: ModuleType, path: Path) -> ModuleType:
    name = f"{package.__name__}.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        msg = f"{path}: not a Python file"
        raise ConfigurationError(msg)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        msg = f"{path}: the selection does not load: {type(error).__name__}: {error}"
        raise ConfigurationError(msg) from error
    return module


def _sources(package: str, path: Path) -> dict[str, str]:
    loaded = {name.removeprefix(f"{package}."): module for name, module in sys.modules.items() if f"{package}." in name}
    files = {name: Path(module.__file__) for name, module in loaded.items() if module.__file__}
    return {name: file.read_text(encoding="utf-8") for name, file in sorted({**files, path.stem: path}.items())}
