"""Files of limits: for this program, for people, and for other programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from na62dump.inference import hepdata, workspace
from na62dump.inference.exclusions import contour_files, to_json
from na62dump.inference.extra import require
from na62dump.inference.lifetimes import has_product, product_limits
from na62dump.inference.limits import Limits
from na62dump.runner import write_atomically
from na62dump.signal.parents import source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from na62dump.inference.settings import Inference
    from na62dump.signal.acceptance import Acceptance

LIMITS, SUMMARY, LIFETIMES, HEPDATA = "limits.zip", "limits.json", "lifetimes", "hepdata"


def write_limits(limits: Limits, folder: Path, *, provenance: Mapping[str, object]) -> list[str]:
    """Write limits, a summary as JSON, and their curves as CSV; curves of earlier limits that are no more are removed.

    Parameters
    ----------
    limits : Limits
        What is written.
    folder : Path
        Where to; made if needed.
    provenance : mapping
        How they were made.

    Returns
    -------
    list of str
        What was done, a line for each file.
    """
    summary = json.dumps({**to_json(limits), "provenance": provenance}, indent=1, ensure_ascii=False) + "\n"
    contents = {LIMITS: limits.dumps(provenance), SUMMARY: summary.encode()}
    contents |= {name: text.encode() for name, text in _curves(limits).items()}
    earlier = _earlier(folder)
    written = _write(folder, contents)
    return [*_remove([folder / name for name in earlier if name not in contents]), *written]


def export(limits: Limits, folder: Path, *, settings: Inference, acceptances: Sequence[Acceptance] = ()) -> list[str]:
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
    made = hepdata.write_hepdata(
        limits,
        folder / HEPDATA,
        beam_momentum=source().settings.beam_momentum,
        decay_lengths=settings.export.decay_lengths(),
        acceptances=acceptances,
    )
    written = _write(folder, workspace.files(limits))
    return [*written, workspace.NOTE, f"written: {folder / HEPDATA}, {len(made)} files for HEPData"]


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
    if not (folder / LIMITS).exists():
        return []
    return [*_curves(Limits.load(folder / LIMITS)), *workspace.FILES, HEPDATA]


def _remove(paths: Sequence[Path]) -> list[str]:
    found = [path for path in paths if path.exists()]
    for path in found:
        if path.is_dir():
            hepdata.remove(path)
        else:
            path.unlink()
    return [f"removed: {path}, of earlier limits" for path in found]
