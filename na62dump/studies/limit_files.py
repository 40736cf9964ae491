"""Files of limits: for this program, for people, and for other programs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from na62dump import archives, plotting
from na62dump.errors import ConfigurationError, InputFileError
from na62dump.inference.exclusion.exclusions import CONTOUR, FOLDER, contour_files, to_json
from na62dump.inference.exclusion.lifetimes import has_product, product_limits
from na62dump.inference.exclusion.limits import KIND, Limits
from na62dump.inference.export import hepdata, workspace
from na62dump.inference.export.extra import require
from na62dump.runner import write_atomically
from na62dump.signal.parents import source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from na62dump.inference.settings import Inference
    from na62dump.signal.acceptance import Acceptance

LIMITS, SUMMARY, LIFETIMES, HEPDATA = "limits.zip", "limits.json", "lifetimes", "hepdata"
EXPORTED = "exported"
"""Key of the provenance of limits: whether files for other programs go with them."""

FIGURE = "contour"
"""The figure of `draw_limits` that goes into a submission."""


def check_place(folder: Path, *, exports: bool) -> None:
    """Refuse a folder where something would be lost, before any work; make it if it is not there.

    Parameters
    ----------
    folder : Path
        Of the limits. Files that earlier limits wrote there may be replaced.
    exports : bool
        Whether files for other programs are written, too.

    Raises
    ------
    ConfigurationError
        If it is a file, or holds files of others where those of limits go.
    """
    archives.check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    archives.check_output(folder / LIMITS, KIND)
    earlier = _earlier(folder)
    fixed = [] if earlier else [SUMMARY, CONTOUR, FOLDER, LIFETIMES]
    _refuse(folder, [*fixed, *(name for name in workspace.FILES if exports and name not in earlier)])
    if not exports:
        return
    if not earlier or HEPDATA in earlier:
        hepdata.check_folder(folder / HEPDATA)
    else:
        _refuse(folder, [HEPDATA])


def write_limits(limits: Limits, folder: Path, *, provenance: Mapping[str, object], exports: bool = False) -> list[str]:
    """Write limits, a summary as JSON, and their curves as CSV; curves of earlier limits that are no more are removed.

    Parameters
    ----------
    limits : Limits
        What is written.
    folder : Path
        Where to; made if needed.
    provenance : mapping
        How they were made.
    exports : bool
        Whether `export` is to follow.

    Returns
    -------
    list of str
        What was done, a line for each file.

    Raises
    ------
    ConfigurationError
        If a file is there that earlier limits did not write; nothing is written then.
    """
    provenance = {**provenance, EXPORTED: exports}
    summary = json.dumps({**to_json(limits), "provenance": provenance}, indent=1, ensure_ascii=False) + "\n"
    contents = {LIMITS: limits.dumps(provenance), SUMMARY: summary.encode()}
    contents |= {name: text.encode() for name, text in _curves(limits).items()}
    earlier = _earlier(folder)
    _refuse(folder, [name for name in contents if name not in earlier])
    written = _write(folder, contents)
    return [*_remove([folder / name for name in earlier if name not in contents]), *written]


def export(
    limits: Limits,
    folder: Path,
    *,
    settings: Inference,
    acceptances: Sequence[Acceptance] = (),
    record: str | None = None,
) -> list[str]:
    """Write the workspaces of HistFactory, and a submission to HEPData.

    Parameters
    ----------
    limits : Limits
        What is written.
    folder : Path
        Of the limits.
    settings : Inference
        Says at which decay lengths accepted shares are given.
    acceptances : sequence of Acceptance
        Of the searches, for other models.
    record : str, optional
        Record of HEPData, such as ``"ins1234567"``; one that does not exist if left out.

    Returns
    -------
    list of str
        What was done, and what a person has to know of it.

    Raises
    ------
    ConfigurationError
        If the extra is not installed, an acceptance is not that of the limits, or something else is in the place.
    IncompleteError
        If the submission is not valid.
    """
    require()
    if limits.main is None:
        return [
            "no workspace and no submission: final states of a free product are alternatives; give one search at a time"
        ]
    if not limits.main.events.any():
        return ["no workspace and no submission: no signal is expected at any point of the grid"]
    named = record or workspace.NO_RECORD
    with TemporaryDirectory() as name:
        made = hepdata.write_hepdata(
            limits,
            folder / HEPDATA,
            beam_momentum=source().settings.beam_momentum,
            decay_lengths=settings.export.decay_lengths(),
            acceptances=acceptances,
            figures=_figures(limits, Path(name)),
            record=named,
        )
    written = _write(folder, workspace.files(limits, record=named))
    return [*written, workspace.NOTE, f"written: {folder / HEPDATA}, {len(made)} files for HEPData"]


def _figures(limits: Limits, folder: Path) -> dict[Path, str]:
    """The contour of what stands for the model, drawn into a folder; none if there is no region to draw."""
    main = limits.main
    found = plotting.draw_limits(replace(limits, scans=(main,))) if main else {}
    kept = {name: figure for name, figure in found.items() if name == FIGURE}
    paths = plotting.save(kept, folder, provenance={"digests": dict(limits.digests)}, suffixes=("png",))
    about = f"Excluded couplings against mass, {limits.confidence:.0%} CL, {limits.protons:g} protons on target."
    return dict.fromkeys(paths, about)


def _curves(limits: Limits) -> dict[str, str]:
    """Contours, or limits on a free product of branching ratios against lifetime."""
    if not has_product(limits.coupling):
        return contour_files(limits)
    return {f"{LIFETIMES}/{found.search}.csv": found.to_csv() for found in product_limits(limits)}


def _write(folder: Path, contents: Mapping[str, bytes]) -> list[str]:
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / name, content)
    return [f"written: {folder / name}" for name in contents]


def _earlier(folder: Path) -> list[str]:
    """Files that earlier limits in the folder have: curves, such as observed ones that are hidden now, and exports."""
    path = folder / LIMITS
    if not path.exists():
        return []
    try:
        curves, exported = _curves(Limits.load(path)), archives.provenance_of(path).get(EXPORTED)
    except InputFileError as error:
        msg = f"-o {folder}: which files earlier limits wrote there is not known: {error}; remove {LIMITS}, or give another folder"
        raise ConfigurationError(msg) from error
    return [LIMITS, SUMMARY, *curves, *((*workspace.FILES, HEPDATA) if exported else ())]


def _refuse(folder: Path, names: Sequence[str]) -> None:
    """Refuse what is there already; an empty folder is nothing."""
    found = [name for name in names if _holds(folder / name)]
    if found:
        msg = f"-o {folder}: {', '.join(found)} would be replaced, which no earlier limits there wrote; give another folder, or move what is there"
        raise ConfigurationError(msg)


def _holds(path: Path) -> bool:
    return any(path.iterdir()) if path.is_dir() else path.exists()


def _remove(paths: Sequence[Path]) -> list[str]:
    found = [path for path in paths if path.exists()]
    for path in found:
        if path.is_dir():
            hepdata.remove(path)
        else:
            path.unlink()
    return [f"removed: {path}, of earlier limits{_kept(path)}" for path in found]


def _kept(path: Path) -> str:
    return "; what else is in it is kept" if path.exists() else ""
