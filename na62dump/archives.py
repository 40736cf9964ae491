"""Files of tables and arrays: a zip of JSON and npy, without a date and without a pickle."""

from __future__ import annotations

import io
import json
import os
import zipfile
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from na62dump.errors import ConfigurationError, InputFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

_DATE = (1980, 1, 1, 0, 0, 0)
_KIND = "kind.json"
_LONGEST_REASON = 200
NO_ARCHIVE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError),
    *(LookupError, ValueError, TypeError, AttributeError, ArithmeticError, RuntimeError, MemoryError),
)
"""What the readers of zip, JSON and npy raise on what is none."""

_FREE = 2**30
_RATIO = 100


def unpacked_limit(size: int) -> int:
    """Bytes that a file of so many bytes may unpack to: 1 GiB, or a hundred times its size if that is more."""
    return max(_FREE, _RATIO * size)


@contextmanager
def opened(source: Path | BinaryIO) -> Iterator[zipfile.ZipFile]:
    """Open an archive that may be somebody else's.

    Parameters
    ----------
    source : Path or binary file
        Where it is.

    Yields
    ------
    ZipFile
        For reading; its members are as large as it says, because zipfile reads no further.

    Raises
    ------
    zipfile.BadZipFile
        If it is no archive, or would unpack to far more than a file of its size can mean.
    """
    with zipfile.ZipFile(source) as archive:
        size = source.stat().st_size if isinstance(source, os.PathLike) else source.seek(0, io.SEEK_END)
        unpacked, limit = sum(member.file_size for member in archive.infolist()), unpacked_limit(size)
        if unpacked > limit:
            msg = f"its {size} bytes unpack to {unpacked}, more than the {limit} allowed"
            raise zipfile.BadZipFile(msg)
        yield archive


def pack(
    kind: str,
    tables: Mapping[str, object],
    *,
    arrays: Mapping[str, NDArray[Any]],
    provenance: Mapping[str, object],
    also: Callable[[zipfile.ZipFile], object] = lambda _: None,
) -> bytes:
    """Bytes of a file.

    Parameters
    ----------
    kind : str
        What it is, such as ``"acceptance"``.
    tables : mapping
        JSON by name.
    arrays : mapping
        Arrays of numbers by name, float64[a, b] or int64[a] of any shape, in any unit.
    provenance : mapping
        How it was made; JSON only.
    also : callable
        Writes what is neither table nor array into folders of an open archive; `unpack` leaves it alone.

    Returns
    -------
    bytes
        The same for the same content.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, table in {"kind": kind, "provenance": provenance, **tables}.items():
            _put(archive, f"{name}.json", json.dumps(table, ensure_ascii=False).encode())
        for name, array in arrays.items():
            member = io.BytesIO()
            np.save(member, np.ascontiguousarray(array), allow_pickle=False)
            _put(archive, f"{name}.npy", member.getvalue())
        for name, content in _members(also).items():
            _put(archive, name, content)
    return buffer.getvalue()


def kind_of(path: Path) -> str | None:
    """What a file says that it is; None if it says nothing of the kind.

    Raises
    ------
    InputFileError
        If it cannot be read.
    """
    try:
        with opened(path) as archive:
            return str(json.loads(archive.read(_KIND)))
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror or error}"
        raise InputFileError(msg) from error
    except NO_ARCHIVE:
        return None


def check_output(path: Path, kind: str) -> None:
    """Refuse a place that a file cannot be written to, before any work is done; a file of another kind is not replaced.

    Parameters
    ----------
    path : Path
        Where to.
    kind : str
        What is to be written.

    Raises
    ------
    ConfigurationError
        If its folder does not exist, or something else is there.
    """
    if not path.parent.is_dir():
        msg = f"-o {path}: there is no folder '{path.parent}'; make it first"
        raise ConfigurationError(msg)
    if path.exists() and (not path.is_file() or kind_of(path) != kind):
        msg = f"-o {path}: is there and holds no {kind}; give another name, or remove it"
        raise ConfigurationError(msg)


def check_folder(path: Path) -> None:
    """Refuse the place of a folder where a file is, or that lies in one.

    Parameters
    ----------
    path : Path
        Where a folder of files is to be.

    Raises
    ------
    ConfigurationError
        If so.
    """
    for place in (path, *path.parents):
        if place.is_file():
            msg = f"-o {path}: {'' if place == path else f'{place} '}is a file; give a folder"
            raise ConfigurationError(msg)


def provenance_of(path: Path) -> dict[str, Any]:
    """How a file was made, as it says.

    Raises
    ------
    InputFileError
        If it does not.
    """
    try:
        with opened(path) as archive:
            return dict(json.loads(archive.read("provenance.json")).items())
    except NO_ARCHIVE as error:
        raise damaged(path, error, made_by="the command that made it") from error


def unpack(path: Path, kind: str, *, made_by: str) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Tables and arrays of a file.

    Parameters
    ----------
    path : Path
        What `pack` made.
    kind : str
        What it has to be.
    made_by : str
        Command that writes such files, for the message.

    Returns
    -------
    tables : dict
        JSON by name; ``provenance`` among them.
    arrays : dict
        Arrays by name, float64[a, b] or int64[a], in whatever shape and unit they were packed.

    Raises
    ------
    InputFileError
        If it cannot be read, or is something else.
    """
    found = kind_of(path)
    if found != kind:
        what = f"is of kind '{found}', not of kind '{kind}'" if found else f"is no file of kind '{kind}'"
        msg = f"{path}: {what}; give a file that '{made_by}' wrote"
        raise InputFileError(msg)
    tables, arrays = {}, {}
    try:
        with opened(path) as archive:
            for name in (name for name in archive.namelist() if "/" not in name):
                stem, _, suffix = name.rpartition(".")
                if suffix == "json":
                    tables[stem] = json.loads(archive.read(name))
                else:
                    arrays[stem] = np.load(io.BytesIO(archive.read(name)), allow_pickle=False)
    except NO_ARCHIVE as error:
        raise damaged(path, error, made_by=made_by) from error
    return tables, arrays


def check_array(array: NDArray[Any], shape: tuple[int, ...]) -> None:
    """Refuse an array, float64[a, b] in any unit, that has not the shape that belongs to its tables, or holds what is no number.

    Raises
    ------
    ValueError
        If so; `damaged` tells it.
    """
    if array.shape != shape or not np.all(np.isfinite(array)):
        msg = f"an array of shape {array.shape} is not {shape} finite numbers"
        raise ValueError(msg)


def damaged(path: Path, error: Exception, *, made_by: str) -> InputFileError:
    """Error of a file that cannot be used, with the reason in one short line."""
    return InputFileError(f"{path}: is damaged: {shortly(error)}; make it again with '{made_by}'")


def shortly(error: Exception) -> str:
    """What an error says, in one short line."""
    return " ".join(str(error).split())[:_LONGEST_REASON]


def _members(write: Callable[[zipfile.ZipFile], object]) -> dict[str, bytes]:
    """What is written into an open archive, by name: without the dates that other writers give to it."""
    with zipfile.ZipFile(io.BytesIO(), "w") as apart:
        write(apart)
        return {name: apart.read(name) for name in apart.namelist()}


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _DATE), content, zipfile.ZIP_DEFLATED)
