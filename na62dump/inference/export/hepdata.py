"""Submission to HEPData: tables, statistical model and figures in one folder, as its own validator wants them."""

from __future__ import annotations

import contextlib
import math
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.errors import ConfigurationError, IncompleteError
from na62dump.inference.export.extra import library, quietly, require
from na62dump.inference.export.hepdata_tables import sheets
from na62dump.inference.export.workspace import NO_RECORD, NOTE, files
from na62dump.signal.species import PROTON
from na62dump.signal.standard import mass as mass_of
from na62dump.units import parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from na62dump.inference.exclusion.limits import Limits
    from na62dump.inference.export.hepdata_tables import Column, Sheet
    from na62dump.signal.acceptance import Acceptance

INDEX = "submission.yaml"
"""The file that names all others."""

UNSAFE = (("->", "to"), ("*", "star"), ("/", " or "))
"""What names of tables must not have, since they become names of files."""

LONGEST = 64
"""Characters of the name of a table [HEPData]."""

MOST_NAMES = 5
"""Files that a message names, at most."""

ABOUT = {
    "workspace.json": "Statistical model in HistFactory JSON, a channel of one bin for each search, where its signal is nearest to its limit.",
    "patchset.json": "Patches of workspace.json for all other masses, to be applied by pyhf.",
}


def write_hepdata(
    limits: Limits,
    folder: Path,
    *,
    beam_momentum: float,
    decay_lengths: NDArray[np.float64],
    acceptances: Sequence[Acceptance] = (),
    figures: Mapping[Path, str] | None = None,
    record: str = NO_RECORD,
) -> tuple[Path, ...]:
    """Write a submission, and have it validated.

    Parameters
    ----------
    limits : Limits
        What is published; nothing that is observed in a hidden region is in it.
    folder : Path
        Where to. A submission that is there is replaced, but for one with files that it does not name.
    beam_momentum : float, MeV
        Of the protons.
    decay_lengths : float64[c], mm
        Proper decay lengths of the tables of accepted decays.
    acceptances : sequence of Acceptance
        Of the searches, for other models.
    figures : mapping of Path to str, optional
        Image files, and what they show.
    record : str
        Record of HEPData, such as ``"ins1234567"``.

    Returns
    -------
    tuple of Path
        All files. The same limits make the same bytes.

    Raises
    ------
    ConfigurationError
        If the extra is not installed, the folder holds something else, or there is no signal.
    IncompleteError
        If the validator of HEPData finds a fault; nothing is written then.
    """
    require()
    check_folder(folder)
    made = sheets(limits, acceptances, decay_lengths=decay_lengths)
    with tempfile.TemporaryDirectory() as name:
        attached = Path(name) / "attached"
        attached.mkdir()
        for file, content in files(limits, record=record).items():
            (attached / file).write_bytes(content)
        submission = _submission(limits, made, beam=beam_momentum)
        resources = {attached / file: f"{about} {NOTE}" for file, about in ABOUT.items()} | dict(figures or {})
        for path, about in resources.items():
            kind = "HistFactory" if path.name == "workspace.json" else None
            submission.add_additional_resource(about, str(path.resolve()), copy_file=True, file_type=kind)
        with contextlib.chdir(name):  # a tar archive, with today's date, is left where it stands
            submission.create_files("made", validate=False)
        return _keep(Path(name) / "made", folder)


def check_folder(folder: Path) -> None:
    """Refuse a place where something else than a submission is, which would be lost.

    Parameters
    ----------
    folder : Path
        Where a submission is to go.

    Raises
    ------
    ConfigurationError
        If it is a file, or holds files that no submission there names.
    """
    if folder.exists() and not folder.is_dir():
        msg = f"{folder} is a file, where the folder of a submission to HEPData is to go; move it, or leave the submission out (--no-export)"
        raise ConfigurationError(msg)
    strangers = _strangers(folder)
    if strangers:
        msg = (
            f"{folder} holds something else than a submission to HEPData: {', '.join(strangers[:MOST_NAMES])}"
            f"{' and others' if len(strangers) > MOST_NAMES else ''}; move that, or leave the submission out (--no-export)"
        )
        raise ConfigurationError(msg)


def _strangers(folder: Path) -> list[str]:
    """Names of what is in a folder and no part of its submission."""
    there = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    known = _named(folder) if there else set()
    return [name for name in there if name not in known]


def _named(folder: Path) -> set[str]:
    """Files of a submission, as its index names them; none if there is none, or it cannot be read."""
    yaml = library("yaml")
    try:
        found = list(yaml.safe_load_all((folder / INDEX).read_text(encoding="utf-8")))
        resources = [each["location"] for document in found for each in document.get("additional_resources", ())]
        tables = [document["data_file"] for document in found if "data_file" in document]
        return {INDEX, *(name for name in (*tables, *resources) if Path(name).name == name)}  # none of another folder
    except (OSError, ValueError, TypeError, AttributeError, LookupError, yaml.YAMLError):
        return set()


def _keep(made: Path, folder: Path) -> tuple[Path, ...]:
    """Put a submission into its place, if it is valid."""
    validator = quietly(library("hepdata_validator.full_submission_validator").FullSubmissionValidator)
    if not quietly(validator.validate, directory=str(made)):
        faults = (str(fault.message) for found in validator.get_messages().values() for fault in found)
        msg = f"the submission to HEPData is not valid, and was not written: {'; '.join(faults)}"
        raise IncompleteError(msg)
    beside = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(made, beside)  # all of it is on the disk before what was there goes
    remove(folder)
    beside.rename(folder)
    return tuple(sorted(folder.iterdir()))


def remove(folder: Path) -> None:
    """Remove a submission, if there is one; what is no part of it stays.

    Parameters
    ----------
    folder : Path
        Where it is.
    """
    if not folder.is_dir():
        return
    for name in sorted(_named(folder)):
        if (folder / name).is_file():
            (folder / name).unlink()
    if not any(folder.iterdir()):
        folder.rmdir()


def _submission(limits: Limits, made: Sequence[Sheet], *, beam: float) -> Any:  # noqa: ANN401 - without types
    submission = library("hepdata_lib").Submission()
    submission.comment = f"Search for {limits.label} ({limits.model}) with NA62 in beam-dump mode, {limits.protons:g} protons on target. {NOTE}"
    for number, sheet in enumerate(made):
        submission.add_table(_table(limits, sheet, name=_safe(sheet.name, number=number), beam=beam))
    return submission


def _table(limits: Limits, sheet: Sheet, *, name: str, beam: float) -> Any:  # noqa: ANN401
    gev = parse("1 GeV", "energy")
    proton = mass_of(PROTON)
    energy = math.sqrt(2 * proton * (proton + math.hypot(beam, proton))) / gev  # on a nucleon at rest
    reaction = f"P NUCLEUS --> {limits.model.upper()} X"
    table = library("hepdata_lib").Table(name)
    table.description, table.location = sheet.about.strip(), ""
    table.keywords = {
        "observables": [sheet.observable],
        "reactions": [reaction],
        "cmenergies": [round(energy, 1)],
        "phrases": ["beam dump", "fixed target", "feebly interacting particles", limits.label],
    }
    qualifiers = [
        ("RE", reaction, ""),
        ("P(BEAM)", beam / gev, "GEV/C"),
        ("SQRT(S)", round(energy, 1), "GEV"),
        ("Protons on target", limits.protons, ""),
        *([("CL", sheet.confidence, "")] if sheet.confidence else []),
    ]
    for column in sheet.given:
        table.add_variable(_variable(column, given=True))
    for column in sheet.found:
        variable = _variable(column, given=False)
        for what, value, unit in qualifiers:
            variable.add_qualifier(what, value, units=unit)
        table.add_variable(variable)
    return table


def _variable(column: Column, *, given: bool) -> Any:  # noqa: ANN401
    module = library("hepdata_lib")
    variable = module.Variable(
        column.name,
        is_independent=given,
        is_binned=False,
        units=column.unit,
        values=np.asarray(column.values).tolist(),
        zero_uncertainties_warning=False,
    )
    for label, error in column.errors.items():
        uncertainty = module.Uncertainty(label)
        uncertainty.values = error.tolist()
        variable.add_uncertainty(uncertainty)
    return variable


def _safe(name: str, *, number: int) -> str:
    """Name of a table that can also be that of a file; a long one ends with the number of the table."""
    for what, by in UNSAFE:
        name = name.replace(what, by)
    name = re.sub(r"[^\w .()=+-]", "", name, flags=re.ASCII)
    end = f" {number}"
    return name if len(name) <= LONGEST else name[: LONGEST - len(end)] + end
