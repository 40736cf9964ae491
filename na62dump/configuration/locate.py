"""Where configuration and selection files are: a path, then ./config, then the copy shipped with the package."""

from __future__ import annotations

from pathlib import Path

from na62dump.errors import UnknownNameError, nearest

_PACKAGE = Path(__file__).resolve().parent.parent


def shipped() -> Path:
    """Folder that holds the ``config`` and ``selections`` which came with the package.

    Returns
    -------
    Path
        ``na62dump/_shipped`` of an installed wheel, or the top of the checkout.
    """
    inside = _PACKAGE / "_shipped"
    return inside if inside.is_dir() else _PACKAGE.parent


def roots(kind: str) -> list[Path]:
    """Folders that are searched for files of one kind, in order.

    Parameters
    ----------
    kind : str
        ``"config"`` or ``"selections"``.

    Returns
    -------
    list of Path
        The one in the working folder, where there is one, then the shipped one.
    """
    local = Path.cwd() / kind
    return [*([local] if local.is_dir() else []), shipped() / kind]


def find(name: str, *, kind: str = "config", suffix: str = ".toml", near: Path | None = None) -> Path:
    """Path of a configuration or selection file.

    Parameters
    ----------
    name : str
        A path to a file, or a name such as ``"mumu"`` or ``"experiment/matching"``.
    kind : str
        ``"config"`` or ``"selections"``.
    suffix : str
        Ending of the file's name.
    near : Path, optional
        Folder looked into first.

    Returns
    -------
    Path
        An existing file.

    Raises
    ------
    UnknownNameError
        If nothing answers to the name; the message lists what would.
    """
    folders = [*([near] if near else []), *roots(kind)]
    given = Path(name)
    candidates = [given, *(folder / f"{name}{suffix}" for folder in folders)]
    if not name.endswith(suffix):
        candidates.remove(given)
    for path in candidates:
        if path.is_file():
            return path
    msg = f"no {kind} file '{name}'; {nearest(name, names(kind=kind, suffix=suffix, under=given.parent))}"
    raise UnknownNameError(msg)


def names(*, kind: str = "config", suffix: str = ".toml", under: Path = Path()) -> list[str]:
    """Names of one kind that `find` answers to.

    Parameters
    ----------
    kind : str
        ``"config"`` or ``"selections"``.
    suffix : str
        Ending of the files' names.
    under : Path
        Relative folder inside the kind, such as ``samples``.

    Returns
    -------
    list of str
        Sorted names, without ending.
    """
    paths = [p for root in roots(kind) for p in (root / under).glob(f"*{suffix}")]
    return sorted({str(under / p.name.removesuffix(suffix)) for p in paths})
