"""Verb on limits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from na62dump.cli.runs import Json
from na62dump.cli.screen import progress, show, tell

if TYPE_CHECKING:
    from na62dump.inference.limits import Limits
    from na62dump.inference.settings import Inference
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

LIMITS, SUMMARY = "limits.zip", "limits.json"


def limit(
    yields: Yields,
    background: Grounds,
    output: Output,
    result: Merged = None,
    protons: Protons = None,
    intensity: Intensity = None,
    method: MethodName = None,
    confidence: Level = None,
    json: Json = False,
) -> None:
    """Exclude masses and couplings of a model: limits, contours and bands of each search and of all together."""
    from na62dump import archives, provenance, studies
    from na62dump.background.backgrounds import Backgrounds
    from na62dump.inference.limits import KIND
    from na62dump.results import Result
    from na62dump.signal.yields import Expected

    settings = _settings(method, confidence)
    output.mkdir(parents=True, exist_ok=True)
    archives.check_output(output / LIMITS, KIND)
    made = studies.limits(
        [Expected.load(path) for path in yields],
        [Backgrounds.load(path) for path in background],
        results=[Result.load(path) for path in result or ()],
        settings=settings,
        protons=protons,
        intensity=intensity,
        stage=progress,
    )
    inputs = {"yields": yields, "background": background, "result": result or []}
    stamp = provenance.stamp({name: list(map(str, paths)) for name, paths in inputs.items()}, dict(made.digests))
    written = _write(output, _contents(made, stamp))
    show(tables_of(made, as_json=json), as_json=json)
    tell(*_remarks(made), *written)


def _contents(made: Limits, stamp: dict[str, object]) -> dict[str, bytes]:
    """Content of all files by name."""
    from na62dump.inference.exclusions import contour_files

    contours = {name: text.encode() for name, text in contour_files(made).items()}
    return {LIMITS: made.dumps(stamp), SUMMARY: _summary(made, stamp), **contours}


def _write(output: Path, contents: dict[str, bytes]) -> list[str]:
    """Write files, remove contours of earlier limits that are no more, and say so."""
    from na62dump import runner

    stale = _stale(output, set(contents))
    for path in stale:
        path.unlink()
    for name, content in contents.items():
        (output / name).parent.mkdir(parents=True, exist_ok=True)
        runner.write_atomically(output / name, content)
    removed = [f"removed: {path}, of earlier limits" for path in stale]
    return [*removed, *(f"written: {output / name}" for name in contents)]


def _settings(method: str | None, confidence: float | None) -> Inference:
    """Those of config/inference.toml, but for what was asked."""
    from na62dump import configuration as conf
    from na62dump.inference import settings as known

    asked = {"method": method, "confidence": confidence}
    changes = {key: value for key, value in asked.items() if value is not None}
    tables = known.settings().model_dump(mode="json") | changes
    return conf.load_text(tables, known.Inference, where=" and ".join(f"--{key}" for key in changes) or "inference")


def _summary(made: Limits, stamp: dict[str, object]) -> bytes:
    import json

    from na62dump.inference.exclusions import to_json

    return (json.dumps({**to_json(made), "provenance": stamp}, indent=1, ensure_ascii=False) + "\n").encode()


def _stale(output: Path, names: set[str]) -> list[Path]:
    """Contours of limits that were in the folder before, of curves that are no more: such as observed ones."""
    from na62dump.inference.exclusions import FOLDER

    if not (output / LIMITS).exists():
        return []
    found = sorted((output / FOLDER).rglob("*.csv"))
    return [path for path in found if path.relative_to(output).as_posix() not in names]


def _remarks(made: Limits) -> list[str]:
    """What a person should know of limits beside the tables."""
    from na62dump.inference.exclusions import CONTOUR

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

    return [tables.limits(made), tables.limits_by_mass(made, **({"most": None} if as_json else {}))]


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(limit)
