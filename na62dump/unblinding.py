"""Opening a hidden region: a line in the record beside the analysis, written by a person and never by a program."""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomlkit

from na62dump import analysis as searches
from na62dump import configuration as conf
from na62dump import runs
from na62dump.errors import BlindingError, nearest
from na62dump.regions import FILE, SIZE_LIMIT, BlindingRecord, Record, to_toml
from na62dump.runner import write_atomically

if TYPE_CHECKING:
    from datetime import date

    from na62dump.analysis import Analysis


@dataclass(frozen=True)
class Unblinding:
    """A region that has just been opened.

    Attributes
    ----------
    path : Path
        File that says so.
    record : Record
        What it says.
    hidden : tuple of str
        Regions that stay hidden.
    """

    path: Path
    record: Record
    hidden: tuple[str, ...]


def unblind(analysis: Analysis, region: str, *, reason: str, today: date) -> Unblinding:
    """Open a hidden region for an analysis as it is now.

    Parameters
    ----------
    analysis : Analysis
        The search; its folder gets the record.
    region : str
        Name of the region, or of a control sample.
    reason : str
        Why it may be opened.
    today : date
        Date of the record.

    Returns
    -------
    Unblinding
        What was written, and what stays hidden.

    Raises
    ------
    BlindingError
        If the region cannot be opened, or not yet, or a record there would open nothing; nothing is written.
    ConfigurationError
        If the record that is there is damaged or was edited; it stays as it is.
    """
    home, text = analysis.path.parent.resolve(), _checked(reason, region)
    require(analysis, region)
    past = BlindingRecord.beside(home)
    opened = opened_regions(analysis)
    record = Record(
        analysis=analysis.name,
        region=region,
        date=today.isoformat(),
        reason=text,
        digest=analysis.digest,
        values=analysis.values,
    )
    write_atomically(home / FILE, _extended(home / FILE, past, record))
    return Unblinding(home / FILE, record, tuple(sorted(analysis.plane.hidden - opened - {region})))


def opened_regions(analysis: Analysis) -> frozenset[str]:
    """Names of the hidden regions that the record beside an analysis opens for it as it is now."""
    past = BlindingRecord.beside(analysis.path.parent)
    return past.opened(analysis.name, analysis.plane, digest=analysis.digest).regions


def require(analysis: Analysis, region: str) -> None:
    """Refuse a region that cannot be opened for an analysis, or not yet; nothing is written.

    Parameters
    ----------
    analysis : Analysis
        The search.
    region : str
        Name of the region.

    Raises
    ------
    BlindingError, ConfigurationError
        As for `unblind`.
    """
    _check_place(analysis, analysis.path.parent.resolve())
    _check_region(analysis, region, opened=opened_regions(analysis))


def remarks(analysis: Analysis) -> tuple[str, ...]:
    """Why regions that have been opened, for an analysis or others of the same events, are closed; one line each."""
    record = BlindingRecord.beside(analysis.path.parent)
    family = searches.recorded(analysis, [entry.analysis for entry in record.record])
    lines = [record.remarks(name, search.plane, values=search.values) for name, search in family.items()]
    return tuple(chain.from_iterable(lines))


def _check_place(analysis: Analysis, home: Path) -> None:
    shipped = conf.shipped() / "config"
    if (home / FILE).resolve().is_relative_to(shipped.resolve()):
        msg = (
            f"{shipped}: the copy that came with na62dump is opened for nobody; make your own with 'na62dump init DIR' "
            f"and open {analysis.name} there, as DIR/config/{analysis.path.name}"
        )
        raise BlindingError(msg)
    plan = home.parent / runs.PLAN
    planned = Path(runs.read_plan(plan).home) if plan.is_file() else home
    if planned.resolve() != home:
        msg = (
            f"{analysis.path}: the copy that a run keeps, where a record opens nothing; "
            f"give the analysis that was planned: {planned / analysis.path.name}"
        )
        raise BlindingError(msg)


def _check_region(analysis: Analysis, region: str, *, opened: frozenset[str]) -> None:
    name, plane = analysis.name, analysis.plane
    if region not in plane.openable:
        msg = f"'{region}' is no hidden region of {name}; {nearest(region, plane.openable)}"
        raise BlindingError(msg)
    if region in opened:
        msg = f"{region} of {name} is open already for analysis digest {analysis.digest[:16]}; nothing was written"
        raise BlindingError(msg)
    closed = [before for before in plane.openable[region] if before not in opened]
    if closed:
        msg = (
            f"{region} of {name} opens only after {', '.join(closed)}, which is closed for analysis digest "
            f"{analysis.digest[:16]}: look at it first, with 'na62dump unblind {name} --region {shlex.quote(closed[0])}'"
        )
        raise BlindingError(msg)


def _checked(reason: str, region: str) -> str:
    text = reason.encode(errors="replace").decode().strip()  # a command line may hold bytes that are no text
    if not text:
        msg = f"reason = {reason!r}: write in words why {region} may be opened; the record keeps it"
        raise BlindingError(msg)
    return text


def _extended(path: Path, past: BlindingRecord, record: Record) -> bytes:
    """The file with one more record; comments and earlier records stay as they are."""
    document = tomlkit.parse(path.read_bytes()) if path.exists() else tomlkit.document()
    if not document.get("record"):  # [] is no array of tables, and cannot become one in its place
        document.pop("record", None)
        document.append("record", tomlkit.aot())
    table = tomlkit.table()
    table.trivia.indent = "\n"  # an empty line before it
    for key, value in record.model_dump().items():
        table.append(key, _item(to_toml(value)))
    document["record"].append(table)  # whatever it is: what has come of it is compared below
    content = tomlkit.dumps(document)
    if len(content.encode()) > SIZE_LIMIT or _records_in(content) != (*past.record, record):
        msg = (
            f"{path}: cannot take another record: it was changed just now, or it would grow above {SIZE_LIMIT} bytes, "
            "or its records are not written as [[record]]; nothing was written"
        )
        raise BlindingError(msg)
    return content.encode()


def _records_in(content: str) -> tuple[Record, ...]:
    """Records of a text; none if it is no sound record."""
    try:
        return BlindingRecord.model_validate(tomllib.loads(content)).record
    except ValueError:
        return ()


def _item(value: Any, *, inline: bool = False) -> Any:  # noqa: ANN401 - JSON to TOML
    """A value in the form in which a difference is easiest to read: tables as tables, long lists line by line."""
    match value:
        case Mapping():
            table = tomlkit.inline_table() if inline else tomlkit.table()
            for key, item in value.items():
                table.append(key, _item(item, inline=inline))
            return table
        case list():
            array = tomlkit.array()
            array.extend(_item(item, inline=True) for item in value)
            return array.multiline(not inline and any(isinstance(item, Mapping | list) for item in value))
        case _:
            return tomlkit.item(value)
