"""Figures to files, which say what made them."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from na62dump import __version__
from na62dump.configuration import check_file_name
from na62dump.plotting.style import styled
from na62dump.provenance import digest
from na62dump.runner import write_atomically

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path
    from typing import BinaryIO

    from matplotlib.figure import Figure

    Metadata = dict[str, str | None]
    Figures = Mapping[str, Figure]

DPI = 150

LONGEST = 10_000
"""Longest provenance, in letters, that is written whole."""

INPUTS = "inputs"

SUFFIXES = ("png", "pdf")
"""Kinds of files."""


def save(
    figures: Mapping[str, Figure],
    folder: Path,
    *,
    provenance: Mapping[str, object],
    suffixes: Collection[str] = SUFFIXES,
) -> list[Path]:
    """Write figures as PNG and PDF.

    Parameters
    ----------
    figures : mapping of str to Figure
        By the name of the files.
    folder : Path
        Made if it is not there.
    provenance : mapping
        How the result was made; JSON only. It is written into each file (``Description`` of PNG, ``Subject`` of PDF);
        a long list of inputs is replaced by its digest there.
    suffixes : collection of str
        Which of `SUFFIXES` are written.

    Returns
    -------
    list of Path
        The files; equal figures and provenance give equal bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = _text(provenance)
    program = f"na62dump {__version__}"
    paths = []
    with styled():
        for name, figure in figures.items():
            title = f"{name}, NA62 beam dump"
            png: Metadata = {"Title": title, "Description": text, "Software": program}
            # a date would make every file new
            pdf: Metadata = {
                "Title": title,
                "Subject": text,
                "Creator": program,
                "Producer": None,
                "CreationDate": None,
            }
            for suffix, metadata in zip(SUFFIXES, (png, pdf), strict=True):
                if suffix not in suffixes:
                    continue
                path = _inside(folder, f"{name}.{suffix}")
                write_atomically(path, partial(_write, figure, suffix=suffix, metadata=metadata))
                paths.append(path)
    return paths


def _inside(folder: Path, name: str) -> Path:
    """Path of a file in a folder: a name may come from a result file of somebody else."""
    return folder / check_file_name(name)


def _write(figure: Figure, file: BinaryIO, *, suffix: str, metadata: Metadata) -> None:
    figure.savefig(file, format=suffix, dpi=DPI, metadata=metadata)


def _text(provenance: Mapping[str, object]) -> str:
    whole = json.dumps(dict(provenance), ensure_ascii=True, sort_keys=True)
    if len(whole) <= LONGEST or INPUTS not in provenance:
        return whole
    short = {**provenance, INPUTS: {"digest": digest(provenance[INPUTS])}}
    return json.dumps(short, ensure_ascii=True, sort_keys=True)
