"""Verb on limits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from na62dump.cli.runs import Json
from na62dump.cli.screen import progress, show, tell

if TYPE_CHECKING:
    from collections.abc import Iterable

    from na62dump.inference.exclusion.limits import Limits
    from na62dump.inference.settings import Inference
    from na62dump.signal.acceptance import Acceptance
    from na62dump.signal.yields import Expected
    from na62dump.tables import Table

Yields = Annotated[
    list[Path], typer.Option(metavar="FILE", help="What 'na62dump yields' wrote, for one model; repeatable.")
]
Grounds = Annotated[
    list[Path], typer.Option(metavar="FILE", help="What 'na62dump background' wrote, of each search; repeatable.")
]
Merged = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="MERGED",
        help="What 'na62dump merge' wrote, with data of a search; without it its limits are expected ones only; repeatable.",
    ),
]
Output = Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Folder of the files; made if needed.")]
Protons = Annotated[
    float | None,
    typer.Option(metavar="NUMBER", help="Project to so many protons on target; nothing is observed then."),
]
Intensity = Annotated[
    float | None, typer.Option(metavar="RATIO", help="Intensity of the projection, over that of the data.")
]
MethodName = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="cls, feldman-cousins or bayesian; that of config/inference.toml if left out."),
]
Level = Annotated[
    float | None, typer.Option(metavar="LEVEL", help="Such as 0.9; that of config/inference.toml if left out.")
]

Accepted = Annotated[
    list[Path] | None,
    typer.Option(metavar="FILE", help="What 'na62dump acceptance' wrote, for tables of HEPData; repeatable."),
]
Export = Annotated[
    bool | None,
    typer.Option(
        "--export/--no-export",
        help="Write workspaces of HistFactory and a submission to HEPData; without a word, if the extra is installed.",
    ),
]
Record = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Record of HEPData that the workspaces are to name, such as ins1234567."),
]


def limit(
    yields: Yields,
    background: Grounds,
    output: Output,
    result: Merged = None,
    protons: Protons = None,
    intensity: Intensity = None,
    method: MethodName = None,
    confidence: Level = None,
    acceptance: Accepted = None,
    exported: Export = None,
    record: Record = None,
    json: Json = False,
) -> None:
    """Exclude masses and couplings of a model: limits, contours and bands of each search and of all together."""
    from na62dump import provenance, studies
    from na62dump.background.backgrounds import Backgrounds
    from na62dump.results import Result
    from na62dump.signal.yields import Expected
    from na62dump.studies.limit_files import check_place, export, write_limits

    settings = _settings(method, confidence)
    exports, why = _exports(exported, acceptance=acceptance, record=record)
    check_place(output, exports=exports)
    signal = [Expected.load(path) for path in yields]
    accepted = _accepted(acceptance or (), signal)
    made = studies.limits(
        signal,
        [Backgrounds.load(path) for path in background],
        results=[Result.load(path) for path in result or ()],
        settings=settings,
        protons=protons,
        intensity=intensity,
        stage=progress,
    )
    inputs = {"yields": yields, "background": background, "result": result or []}
    stamp = provenance.stamp({name: list(map(str, paths)) for name, paths in inputs.items()}, dict(made.digests))
    written = write_limits(made, output, provenance=stamp, exports=exports)
    show(tables_of(made, as_json=json), as_json=json)
    tell(*_remarks(made), *written, *why)
    if exports:
        tell(*export(made, output, settings=settings, acceptances=accepted, record=record))


def _exports(asked: bool | None, *, acceptance: list[Path] | None, record: str | None) -> tuple[bool, list[str]]:
    """Whether files for other programs are written, and why not; refused if they cannot be, and an option asks for them."""
    from na62dump.errors import ConfigurationError
    from na62dump.inference.export.extra import require

    _check_record(record)
    options = " and ".join(option for option, given in (("--acceptance", acceptance), ("--record", record)) if given)
    if asked is False:
        if options:
            msg = f"--no-export with {options}, of which only exports make use; leave one out"
            raise ConfigurationError(msg)
        return False, []
    try:
        require()
    except ConfigurationError as error:
        if asked or options:
            raise
        return False, [f"no workspace and no submission: {error}"]
    return True, []


def _check_record(name: str | None) -> None:
    """Refuse what a patch set cannot name as a record of HEPData [pyhf]."""
    import re

    from na62dump.errors import ConfigurationError

    if name is not None and not re.fullmatch(r"ins\d{7}", name, flags=re.ASCII):
        msg = f"--record {name}: it has to be 'ins' and seven digits, such as ins1234567"
        raise ConfigurationError(msg)


def _accepted(paths: Iterable[Path], yields: list[Expected]) -> list[Acceptance]:
    """Acceptances of the yields."""
    from na62dump.inference.export.accepted import check_acceptance
    from na62dump.signal.acceptance import Acceptance
    from na62dump.signal.merging import merged

    found, signal = [Acceptance.load(path) for path in paths], merged(yields)
    for acceptance in found:
        check_acceptance(acceptance, signal.model, searches=signal.names("analysis"), digests=signal.digests)
    return found


def _settings(method: str | None, confidence: float | None) -> Inference:
    """Those of config/inference.toml, but for what was asked."""
    from na62dump.inference.settings import check_level, settings
    from na62dump.inference.statistics.upper_limits import named

    changes: dict[str, object] = {} if method is None else {"method": named(method)}
    changes |= {} if confidence is None else {"confidence": check_level(confidence)}
    return settings().model_copy(update=changes)


def _remarks(made: Limits) -> list[str]:
    """What a person should know of limits beside the tables."""
    from na62dump.inference.exclusion.exclusions import CONTOUR

    remarks = [text for scan in made.scans for text in scan.counting.remarks]
    hidden = [scan.counting.name for scan in made.scans if scan.observed is None]
    remarks += [f"nothing is observed, so that limits are expected ones: {', '.join(hidden)}"] if hidden else []
    remarks.append(f"limits: {made.uncertainties}")
    if made.main is not None:
        remarks.append(f"{CONTOUR} holds the {made.main.shown} contour of {made.main.counting.name}")
    return list(dict.fromkeys(remarks))


def tables_of(made: Limits, *, as_json: bool) -> list[Table]:
    """What is shown of limits: a person sees some masses, a program all."""
    from na62dump import tables
    from na62dump.inference.exclusion.lifetimes import has_product

    few = {"most": None} if as_json else {}
    if has_product(made.coupling):
        return [tables.limits_lifetimes(made, **few)]
    return [tables.limits(made), tables.limits_by_mass(made, **few)]


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(limit)
