"""Write the tables of the documentation from the code and the configuration: ``python docs/make_tables.py [FOLDER]``."""
# ruff: noqa: INP001 - a script, in no package

from __future__ import annotations

import re
import sys
from pathlib import Path

from na62dump.events import COLUMNS
from na62dump.reconstruction import LEG, PAIR, PHOTON

TOP = Path(__file__).resolve().parent.parent
MARKS = ("assumed", "inferred", "recalled")


def columns() -> str:
    """Columns of the ntuple."""
    rows = [
        f"| `{c.name}` | {c.dtype}{'[]' if c.collection else ''} | {c.unit} | {c.meaning} | {c.presence} |"
        for c in COLUMNS.values()
    ]
    head = "# Columns of the ntuple\n\nTree or RNTuple `events`, one entry per trigger; `[]` marks a jagged column.\n\n"
    return head + "| column | type | unit | meaning | there |\n|---|---|---|---|---|\n" + "\n".join(rows) + "\n"


def quantities() -> str:
    """Quantities of a candidate."""
    rows = [
        f"| `{prefix}{q.name}` | {q.unit} | {q.meaning} | {', '.join(q.columns) or '-'} |"
        for prefix, table in (("pair.", PAIR), ("pair.plus.", LEG), ("pair.photon1.", PHOTON))
        for q in table.values()
    ]
    head = (
        "# Quantities of a candidate\n\nWhat a requirement in `selections/` can ask of a row, and the columns that each is "
        "made of. What stands under `pair.plus` is under `pair.minus` too, what stands under `pair.photon1` under those that "
        "the final state has.\n\n"
    )
    return head + "| quantity | unit | meaning | columns |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"


def assumptions() -> str:
    """Numbers of the configuration without a public source, or not checked against one."""
    rows = []
    for path in sorted((TOP / "config").rglob("*.toml")):
        section = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if header := re.match(r"\s*\[+([\w.]+)\]+", line):
                section = f"{header[1]}."
            found = re.match(r"\s*([\w.]+)\s*=\s*(.+?)\s+#\s*(.*)", line)
            if found and any(f"[{mark}" in found[3] for mark in MARKS):
                name = path.relative_to(TOP).as_posix()
                rows.append(
                    f"| `{name}` | `{section}{found[1]}` | {found[2].strip()} | {found[3]} |".replace("||", "|")
                )
    head = (
        "# Numbers without a public source\n\nDefaults that a collaboration member should set: [assumed] chosen here, "
        "[inferred] deduced from published numbers, [recalled] general knowledge, not checked against a text.\n\n"
    )
    return head + "| file | key | value | remark |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"


TABLES = {"columns.md": columns, "quantities.md": quantities, "assumptions.md": assumptions}

if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else TOP / "docs"
    for name, table in TABLES.items():
        (folder / name).write_text(table(), encoding="utf-8")
