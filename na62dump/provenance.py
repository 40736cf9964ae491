"""What made a file: digests of content, and the stamp that every output carries."""

from __future__ import annotations

import hashlib
import json
import math
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from na62dump import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

LIBRARIES = ("awkward", "coffea", "hist", "numba", "numpy", "uproot")
"""Packages whose version may change a number."""

GIT_SECONDS = 5.0
"""Longest wait for git, s: a stamp is no reason to hang on a slow disk."""


def digest(content: object) -> str:
    """Fingerprint of a value that JSON can hold.

    Parameters
    ----------
    content : object
        Mappings with text keys, lists, tuples (as lists), text, whole numbers, floats, booleans, None.
        Order of keys does not matter; ``1`` and ``1.0`` differ; infinity is allowed.

    Returns
    -------
    str
        SHA-256 of the canonical JSON, 64 hexadecimal digits.

    Raises
    ------
    TypeError
        If something in it is no JSON; the message says where it is.
    ValueError
        If a float is NaN, which equals nothing, not even itself.
    """
    text = json.dumps(_canonical(content, "value"), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def stamp(
    inputs: Mapping[str, object] | None = None,
    digests: Mapping[str, str] | None = None,
    *,
    open_regions: Sequence[str] = (),
    command: Sequence[str] | None = None,
) -> dict[str, object]:
    """Where, when and with what an output was made.

    Parameters
    ----------
    inputs : mapping, optional
        What was read, as the caller describes it; JSON only.
    digests : mapping, optional
        Name of a digest (``"analysis"``, ``"run"``) to its value.
    open_regions : sequence of str
        Hidden regions that were open.
    command : sequence of str, optional
        Words of the command line; those of this process if left out.

    Returns
    -------
    dict
        JSON only. Nothing in it decides content: it is stored beside the content, not within.

    Raises
    ------
    TypeError, ValueError
        If ``inputs`` is no JSON.
    """
    return {
        "package": {"name": "na62dump", "version": __version__, "commit": commit()},
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "command": _command(sys.argv if command is None else command),
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "inputs": _canonical(inputs or {}, "inputs"),
        "digests": dict(digests or {}),
        "open_regions": list(open_regions),
    }


def commit(checkout: Path | None = None) -> str | None:
    """Git commit of the package, where it runs from a checkout.

    Parameters
    ----------
    checkout : Path, optional
        Top of the checkout; the folder above the package if left out.

    Returns
    -------
    str or None
        The commit, with ``-dirty`` if tracked files differ from it; None without a checkout or without git.
    """
    top = checkout or Path(__file__).resolve().parent.parent
    git = shutil.which("git")
    if git is None or not (top / ".git").exists():
        return None
    head = _git(git, top, "rev-parse", "HEAD")
    if head is None:
        return None
    changes = _git(git, top, "status", "--porcelain", "--untracked-files=no")
    return f"{head}-dirty" if changes else head


def _git(git: str, top: Path, *words: str) -> str | None:
    try:
        answer = subprocess.run(  # noqa: S603 - the program is found by which(), and no word comes from outside
            [git, "-C", str(top), *words], capture_output=True, text=True, check=True, timeout=GIT_SECONDS
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def _command(words: Sequence[str]) -> list[str]:
    """Words of a command without the person: the program by name, the home folder as ``~``."""
    home = str(Path.home())
    return [word.replace(home, "~") if i else Path(word).name for i, word in enumerate(words)]


def _canonical(value: object, where: str) -> object:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return _number(value, where)
        case list() | tuple():
            return [_canonical(item, f"{where}[{i}]") for i, item in enumerate(value)]
        case Mapping():
            return {_key(key, where): _canonical(item, f"{where}.{key}") for key, item in value.items()}
    msg = f"{where} is a {type(value).__name__}, which JSON cannot hold: turn it into numbers, text, lists or mappings"
    raise TypeError(msg)


def _number(value: float, where: str) -> float:
    if math.isnan(value):
        msg = f"{where} is NaN, which equals nothing: a digest of it would say nothing"
        raise ValueError(msg)
    return float(value)


def _key(key: object, where: str) -> str:
    if isinstance(key, str):
        return key
    msg = f"{where} has the key {key!r}: keys must be text"
    raise TypeError(msg)
