"""Files of results: what made one, the digest of what it holds, and how one that is damaged is told."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.archives import NO_ARCHIVE, kind_of, opened, shortly
from na62dump.errors import InputFileError
from na62dump.skims import Skim

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip can hold: dates are no content."""

_SINGLES = "singles/"
PROVENANCE = "provenance.json"
"""The one member of a result file that says how it was made; all others are content."""


def read_provenance(path: Path) -> dict[str, Any]:
    """How a result file was made.

    Parameters
    ----------
    path : Path
        A result file.

    Returns
    -------
    dict
        What its provenance member holds.

    Raises
    ------
    InputFileError
        If there is no such file, or it is no result.
    """
    content = read_content(path)
    try:
        with opened(io.BytesIO(content)) as archive:
            return dict(json.loads(archive.read(PROVENANCE)).items())
    except NO_ARCHIVE as error:
        raise no_result(path, error) from error


def read_content(path: Path) -> bytes:
    """Bytes of a file.

    Parameters
    ----------
    path : Path
        A result file.

    Returns
    -------
    bytes
        All of it.

    Raises
    ------
    InputFileError
        If it cannot be read.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        msg = f"{path}: is a pipe or a device, which may never end; give a result file"
        raise InputFileError(msg)
    try:
        return path.read_bytes()
    except IsADirectoryError as error:
        there = ", ".join(str(file) for file in sorted(path.glob("*.zip"))) or "no result is in it"
        msg = f"{path}: is a folder, not a result; give one of its results: {there}"
        raise InputFileError(msg) from error
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror}"
        raise InputFileError(msg) from error


def no_result(path: Path, error: Exception) -> InputFileError:
    """Error of a file that is no result: what it is, if it says so, or the reason in one short line."""
    kind, beside = kind_of(path), path.with_suffix(".zip")
    if kind:
        msg = f"{path}: is a file of {kind}, not a result of na62dump; --result and MERGED take what 'na62dump merge' wrote"
    elif path.suffix == ".json" and beside.is_file():
        msg = f"{path}: not a result of na62dump, but a summary for other programs; give {beside}"
    else:
        msg = (
            f"{path}: not a result of na62dump: {shortly(error)}; give a file that 'na62dump merge' (or 'acceptance', 'yields', "
            "'background', 'limit') wrote"
        )
    return InputFileError(msg)


def content_digest(content: bytes) -> str:
    """Digest of what a result file holds, apart from how it was made.

    Parameters
    ----------
    content : bytes
        A result file.

    Returns
    -------
    str
        SHA-256 over the names and bytes of all members but the provenance.
    """
    digest = hashlib.sha256()
    with opened(io.BytesIO(content)) as archive:
        for name in sorted(set(archive.namelist()) - {PROVENANCE}):
            digest.update(name.encode() + hashlib.sha256(archive.read(name)).digest())
    return digest.hexdigest()


def write_json(archive: zipfile.ZipFile, name: str, *, tables: Mapping[str, object]) -> None:
    """Write a member of JSON."""
    text = json.dumps(tables, indent=1, ensure_ascii=False)
    archive.writestr(zipfile.ZipInfo(name, DATE), text, zipfile.ZIP_DEFLATED)


def write_array(archive: zipfile.ZipFile, name: str, *, array: NDArray[Any]) -> None:
    """Write a member of one array of numbers, array[any] in any unit."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, allow_pickle=False)
    archive.writestr(zipfile.ZipInfo(name, DATE), buffer.getvalue(), zipfile.ZIP_DEFLATED)


def read_arrays(archive: zipfile.ZipFile, folder: str) -> dict[str, NDArray[Any]]:
    """Arrays of numbers in a folder of an archive, array[any] in any unit, by the names of the members."""
    members = [name for name in archive.namelist() if name.startswith(folder) and name.endswith(".npy")]
    return {
        name.removeprefix(folder).removesuffix(".npy"): np.load(io.BytesIO(archive.read(name)), allow_pickle=False)
        for name in members
    }


def read_rows(archive: zipfile.ZipFile, name: str) -> Skim:
    """Rows of candidates in an archive."""
    return Skim.from_parquet(io.BytesIO(archive.read(f"{name}.parquet")))[0]


def singles_of(sample: str) -> str:
    """Folder of the single tracks of a sample."""
    return f"{_SINGLES}{sample}/"


def samples_with_singles(archive: zipfile.ZipFile) -> list[str]:
    """Samples of which single tracks are in an archive, in the order of its members."""
    folders = [name.removeprefix(_SINGLES) for name in archive.namelist() if name.startswith(_SINGLES)]
    return list(dict.fromkeys(name.rpartition("/")[0] for name in folders))
