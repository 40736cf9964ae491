"""The ntuple as coffea's NanoEvents: ``events.Track.p``, ``events.run``, read only when touched.

Importing this module imports coffea, which takes seconds; nothing else of the package does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import awkward as ak
import numpy as np
from coffea.nanoevents import BaseSchema
from coffea.nanoevents.util import quote

from na62dump.errors import ConfigurationError, InputFileError, MissingColumnError, nearest
from na62dump.events.columns import COLUMNS, Column, collections, column
from na62dump.events.files import guarded
from na62dump.events.layouts import locate
from na62dump.events.reading import PLAIN_CHAR, assembled
from na62dump.events.sources import Source
from na62dump.provenance import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from na62dump.events.reading import Content
    from na62dump.events.renaming import Renames
    from na62dump.events.table import Events

NanoEvents: TypeAlias = Any
"""An array of coffea, which has no types."""

Form: TypeAlias = dict[str, Any]
"""A form of awkward, as JSON would hold it."""

ALWAYS = frozenset(name for name, entry in COLUMNS.items() if entry.presence == "always")
"""Columns that every file has."""

FACTOR = "factor"
"""Parameter of a form: what its values are multiplied by to be in the unit of the table of columns."""

RENAMES = "renames"
"""Parameter of a form: which names and units of foreign columns the schema went by."""

_COUNTER = re.compile(r"\w+\[(\w+)\]")
"""Title of a branch that has a counter: ``Track_p[nTrack]/F``."""


class _Builder:
    """Builds the form of NanoEvents from the forms of the branches of one tree."""

    def __init__(self, base_form: Form, required: Iterable[str], renames: Renames | None) -> None:
        self.mark = _mark(renames)
        self.branches: dict[str, Form] = dict(zip(base_form["fields"], base_form["contents"], strict=True))
        self.keys = set(self.branches) | set(_fields_of_records(self.branches))
        self.typenames: Mapping[str, str] = base_form.get("typenames", {})
        heading = str(base_form.get("parameters", {}).get("__doc__", ""))
        self.sources = locate(self.keys, heading, where="this tree", renames=renames)
        for name in required:
            if name not in self.sources:
                group = column(name).collection or "events"
                msg = f"collection '{group}' lacks column '{name}' in this tree; {nearest(name, self.keys)}"
                raise MissingColumnError(msg)

    def forms(self) -> dict[str, Form]:
        """Forms by name of field: one number per event, or one list of records."""
        grouped = collections(self.sources)
        scalars = {entry.name: self._number(entry) for entry in grouped.pop("", [])}
        return {**scalars, **{name: self._collection(name, entries) for name, entries in grouped.items()}}

    def _number(self, entry: Column) -> Form:
        """Form of one value per event, or of the elements of a list."""
        key = self.sources[entry.name].key
        form = self._form(key)
        listed = form["class"] == "ListOffsetArray"
        if listed != bool(entry.collection):
            kind = "a list" if entry.collection else "one value"
            msg = f"'{key}' is {form['class']}; column '{entry.name}' must be {kind} of {entry.dtype} per event"
            raise InputFileError(msg)
        inner = form["content"] if listed else form
        if inner["class"] != "NumpyArray" or form.get("parameters", {}).get("__array__"):
            msg = f"'{key}' is no list of numbers; column '{entry.name}' must hold {entry.dtype}"
            raise InputFileError(msg)
        told = {"__doc__": f"{entry.meaning} [{entry.unit}]", RENAMES: self.mark}
        parameters = told | {FACTOR: self.sources[entry.name].factor}
        load = f"{key},!load,!content" if listed else f"{key},!load"
        primitive = inner["primitive"]
        if entry.dtype == "int8" and PLAIN_CHAR.fullmatch(self.typenames.get(key, "")):
            primitive = "int8"
        return {"class": "NumpyArray", "primitive": primitive, "form_key": quote(load), "parameters": parameters}

    def _form(self, key: str) -> Form:
        if key in self.branches:
            return self.branches[key]
        # A field of records is read by itself under its dotted name, so that its neighbours stay unread.
        collection, _, field = key.partition(".")
        outer = self.branches[collection]
        inner = dict(zip(outer["content"]["fields"], outer["content"]["contents"], strict=True))
        return {**outer, "content": inner[field]}

    def _collection(self, name: str, entries: list[Column]) -> Form:
        contents = {entry.field: self._number(entry) for entry in entries}
        cheapest = min(entries, key=lambda entry: np.dtype(entry.dtype).itemsize)
        # from_buffers adds "!offsets"; "!skip" drops it where the counter already gave offsets.
        counter = self._counter(entries)
        key = self.sources[cheapest.name].key
        offsets = f"{counter},!load,!counts2offsets,!skip" if counter else f"{key},!load"
        record = {
            "class": "RecordArray",
            "fields": list(contents),
            "contents": list(contents.values()),
            "form_key": quote(f"!invalid,{name}"),
        }
        return {"class": "ListOffsetArray", "offsets": "i64", "content": record, "form_key": quote(offsets)}

    def _counter(self, entries: list[Column]) -> str:
        """Branch that counts the elements; empty where the lists know their lengths themselves."""
        form = self._form(self.sources[entries[0].name].key)
        title = str(form["content"].get("parameters", {}).get("__doc__", ""))
        match = _COUNTER.match(title)
        return match[1] if match and match[1] in self.branches else ""


class NA62Schema(BaseSchema):  # type: ignore[misc]  # coffea has no types
    """Collections of records, and one value per event, named by the table of columns.

    Of a file with foreign names (`renames`), fields have the contract's names but keep the file's units;
    `from_nanoevents` converts them.

    Attributes
    ----------
    required : frozenset of str
        Columns without which a tree is refused.
    renames : Renames, optional
        Names in foreign ntuples.

    Raises
    ------
    MissingColumnError
        If a required column is not in the tree; the message names the collection and what the tree has.
    InputFileError
        If a column has the wrong shape.
    """

    required: ClassVar[frozenset[str]] = ALWAYS
    renames: ClassVar[Renames | None] = None

    def __init__(self, base_form: Form, *args: object, **kwargs: object) -> None:
        super().__init__(base_form, *args, **kwargs)
        forms = _Builder(base_form, sorted(self.required), self.renames).forms()
        self._form.update(fields=list(forms), contents=list(forms.values()))

    @classmethod
    def requiring(cls, columns: Iterable[str], *, renames: Renames | None = None) -> type[NA62Schema]:
        """Make a schema for trees, or selections of branches, that need only have some columns.

        Parameters
        ----------
        columns : iterable of str
            Names from the table of columns.
        renames : Renames, optional
            Names in foreign ntuples.

        Returns
        -------
        type
            A subclass.

        Raises
        ------
        UnknownNameError
            If the contract has no such column.
        """
        names = frozenset(column(name).name for name in columns)
        return type(cls.__name__, (cls,), {"required": names, "renames": renames, "__doc__": cls.__doc__})

    @classmethod
    def uproot_writeable(cls, events: NanoEvents) -> dict[str, NanoEvents]:
        """Undo the schema.

        Parameters
        ----------
        events : NanoEvents
            Of this schema.

        Returns
        -------
        dict of str to array
            Keyed by column, in the file's units; `Writer` with `from_nanoevents` writes faster.
        """
        return {name: ak.to_packed(_field(events, column(name))) for name in COLUMNS if _has(events, column(name))}


def from_nanoevents(events: NanoEvents, columns: Sequence[str], *, renames: Renames | None = None) -> Events:
    """Take columns out of NanoEvents.

    Two jagged columns of a file of vectors that differ in length event by event, but not in total, look the same
    here; `read` tells them apart.

    Parameters
    ----------
    events : NanoEvents
        Of `NA62Schema`, in any mode, whole or selected.
    columns : sequence of str
        Names from the table of columns.
    renames : Renames, optional
        Names in foreign ntuples, which the schema must have gone by.

    Returns
    -------
    Events
        What `read` gives for the same events.

    Raises
    ------
    InputFileError
        If the file is damaged, or holds something else than the contract says.
    MissingColumnError
        If a column is not there.
    ConfigurationError
        If the schema went by other names and units of foreign columns.
    """
    wanted = [column(name) for name in dict.fromkeys(columns)]
    where = str((events.layout.parameter("metadata") or {}).get("filename", "these events"))
    layouts: dict[str, Content] = {}
    for entry in wanted:
        if not _has(events, entry):
            msg = f"{where}: no column '{entry.name}' came through the schema; collections: {', '.join(events.fields)}"
            raise MissingColumnError(msg)
        with guarded(where):
            layouts[entry.name] = ak.to_packed(ak.materialize(_field(events, entry))).layout
    if any((layout.purelist_parameter(RENAMES) or "") != _mark(renames) for layout in layouts.values()):
        msg = (
            f"{where}: read with a schema that knows other names and units of columns than the analysis; "
            "hand Runner the schema of the processor (its attribute 'schema')"
        )
        raise ConfigurationError(msg)
    sources = {name: Source(name, _factor(layout)) for name, layout in layouts.items()}
    return assembled(layouts, wanted, sources=sources, n=len(events), path=where)


def _has(events: NanoEvents, entry: Column) -> bool:
    if not entry.collection:
        return entry.name in events.fields
    return entry.collection in events.fields and entry.field in events[entry.collection].fields


def _field(events: NanoEvents, entry: Column) -> NanoEvents:
    return events[entry.collection][entry.field] if entry.collection else events[entry.name]


def _mark(renames: Renames | None) -> str:
    return digest(renames.model_dump(mode="json")) if renames is not None and renames.columns else ""


def _factor(layout: Content) -> float:
    return float(layout.purelist_parameter(FACTOR) or 1)


def _fields_of_records(branches: Mapping[str, Form]) -> list[str]:
    return [
        f"{name}.{field}"
        for name, form in branches.items()
        if form["class"] == "ListOffsetArray" and form["content"]["class"] == "RecordArray"
        for field in form["content"]["fields"]
    ]
