"""Write, with ROOT, the events of a file with counters in the other layouts: make_snapshot.py COUNTER_FILE FOLDER.

Run it with an interpreter that has the ROOT wheel; ``counter.root`` itself is made by ``make_counter.py``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import ROOT

COUNTED = "n"
"""Prefix of a counter's name."""


def grouped(frame: Any) -> tuple[list[str], dict[str, list[str]]]:  # noqa: ANN401 - ROOT has no types
    """Names of one value per event, and fields by collection."""
    names = [str(name) for name in frame.GetColumnNames()]
    collections = [n.removeprefix(COUNTED) for n in names if n.startswith(COUNTED) and n[1:2].isupper()]
    fields = {c: [n.removeprefix(f"{c}_") for n in names if n.startswith(f"{c}_")] for c in collections}
    jagged = {f"{c}_{f}" for c in collections for f in fields[c]} | {f"{COUNTED}{c}" for c in collections}
    return [n for n in names if n not in jagged], fields


def element(frame: Any, name: str) -> str:  # noqa: ANN401 - ROOT has no types
    """C++ type of the elements of a list."""
    inner = str(frame.GetColumnType(name)).partition("<")[2].removesuffix(">")
    return {"Char_t": "std::int8_t", "char": "std::int8_t", "UChar_t": "std::uint8_t"}.get(inner, inner)


def with_records(frame: Any, fields: dict[str, list[str]]) -> Any:  # noqa: ANN401 - ROOT has no types
    """Frame that has a vector of structures for each collection."""
    for collection, members in fields.items():
        declared = " ".join(f"{element(frame, f'{collection}_{m}')} {m};" for m in members)
        ROOT.gInterpreter.Declare(f"struct {collection}Record {{ {declared} }};")
        filled = " ".join(f"v[i].{m} = {collection}_{m}[i];" for m in members)
        first = f"{collection}_{members[0]}"
        body = (
            f"std::vector<{collection}Record> v({first}.size()); for (size_t i = 0; i < v.size(); ++i) {{ {filled} }}"
        )
        frame = frame.Define(collection, f"{body} return v;")
    return frame


def main(source: Path, folder: Path) -> None:
    """Write ``vector.root``, ``rntuple.root`` and ``record.root``."""
    frame = ROOT.RDataFrame("events", str(source))
    scalars, fields = grouped(frame)
    for name in (f"{c}_{f}" for c, members in fields.items() for f in members):
        frame = frame.Redefine(
            name, f"auto copied = {name}; return copied;"
        )  # else ROOT writes arrays with counters again
    flat = [*scalars, *(f"{c}_{f}" for c, members in fields.items() for f in members)]
    options = ROOT.RDF.RSnapshotOptions()
    frame.Snapshot("events", str(folder / "vector.root"), flat, options)
    options.fOutputFormat = ROOT.RDF.ESnapshotOutputFormat.kRNTuple
    frame.Snapshot("events", str(folder / "rntuple.root"), flat, options)
    with_records(frame, fields).Snapshot("events", str(folder / "record.root"), [*scalars, *fields], options)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
