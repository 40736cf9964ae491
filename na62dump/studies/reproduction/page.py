"""One page that opens from disk: all sections, with their figures inside."""

from __future__ import annotations

import json
from base64 import b64encode
from html import escape
from typing import TYPE_CHECKING

from na62dump.studies.reproduction.report import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from na62dump.studies.reproduction.comparison import Kind, Line, Section, Verdict

COLOURS: dict[Verdict, str] = {
    "agrees": "agrees",
    "reaches further": "further",
    "differs": "differs",
    "not comparable": "silent",
}
"""What is said of a line, with the name of its colour."""

MEANINGS: dict[Kind, str] = {
    "predicted": "nothing of ours knew the published number",
    "fitted": "something was adjusted to the published number",
    "input": "the published number went in",
}

HEADINGS = ("what", "published", "ours", "difference", "allowed", "verdict", "how", "remark")

STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.45 Georgia, 'Times New Roman', serif; color: #1b1b1b; background: #fff; margin: 0 auto; padding: 1.5rem; max-width: 76rem; }
h1 { font-size: 1.7rem; margin: 0 0 .3rem; }
h2 { font-size: 1.25rem; margin: 2.4rem 0 .6rem; border-bottom: 1px solid #999; padding-bottom: .2rem; }
nav ol { columns: 2; padding-left: 1.4rem; }
a { color: #0b4a8f; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font: .86rem/1.35 system-ui, sans-serif; }
th, td { padding: .3rem .55rem; border-bottom: 1px solid #ddd; text-align: left; vertical-align: top; }
th { border-bottom: 2px solid #666; }
td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.verdict { white-space: nowrap; font-weight: 600; }
.agrees { background: #dff0df; color: #14501c; }
.further { background: #dfe8f5; color: #17386b; }
.differs { background: #fbdcd7; color: #8a1809; }
.silent { background: #ececec; color: #444; }
.badge { padding: .1rem .5rem; border-radius: .2rem; font: 600 .9rem system-ui, sans-serif; }
figure { margin: 1rem 0; display: inline-block; max-width: 100%; vertical-align: top; }
figure img { max-width: 100%; width: 36rem; height: auto; }
figcaption, .notes { font-size: .92rem; color: #333; }
pre { font-size: .75rem; white-space: pre-wrap; overflow-wrap: anywhere; }
@media print {
  body { font-size: 10pt; padding: 0; max-width: none; }
  h2 { break-after: avoid; } tr, figure { break-inside: avoid; } figure img { width: 100%; max-width: 15cm; }
  .agrees, .further, .differs, .silent { print-color-adjust: exact; } nav { display: none; }
}
"""


def page(
    title: str,
    sections: Sequence[Section],
    *,
    missing: Sequence[str],
    figures: Mapping[str, bytes],
    provenance: Mapping[str, object],
) -> str:
    """Write the page.

    Parameters
    ----------
    title : str
        Of the page.
    sections : sequence of Section
        In order.
    missing : sequence of str
        What could not be made, and why.
    figures : mapping of str to bytes
        PNG by name; those that sections name are shown there.
    provenance : mapping
        How it was made; JSON only.

    Returns
    -------
    str
        HTML that reads nothing from elsewhere; equal input gives an equal page.
    """
    body = [
        f"<h1>{escape(title)}</h1>",
        *_summary(sections),
        *_list("Could not be made", missing),
        _contents(sections),
        *(text for number, section in enumerate(sections) for text in _section(section, number, figures)),
        *_explained(),
        "<h2>How this page was made</h2>",
        f"<pre>{escape(json.dumps(dict(provenance), indent=1, ensure_ascii=False))}</pre>",
    ]
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    head = (
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
    )
    top = "\n".join(head)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{top}\n</head>\n<body>\n'
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def _summary(sections: Sequence[Section]) -> Iterator[str]:
    """A paragraph for each kind of line: what was fitted agrees by construction."""
    for kind, numbers in counted(sections).items():
        badges = (
            f'<span class="badge {COLOURS[verdict]}">{n} {escape(verdict)}</span>' for verdict, n in numbers.items()
        )
        yield f"<p><b>{kind}</b> ({MEANINGS[kind]}): {' '.join(badges)}</p>"


def _contents(sections: Sequence[Section]) -> str:
    entries = (f'<li><a href="#s{number}">{escape(each.title)}</a></li>' for number, each in enumerate(sections))
    return f"<nav><ol>{''.join(entries)}</ol></nav>"


def _section(section: Section, number: int, figures: Mapping[str, bytes]) -> Iterator[str]:
    yield f'<section id="s{number}"><h2>{escape(section.title)}</h2>'
    if section.lines:
        head = "".join(f'<th scope="col">{heading}</th>' for heading in HEADINGS)
        rows = "\n".join(map(_row, section.lines))
        yield f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table></div>'
    if section.notes:
        yield f'<ul class="notes">{"".join(f"<li>{escape(note)}</li>" for note in section.notes)}</ul>'
    for name in section.figures:
        if name in figures:
            data = b64encode(figures[name]).decode("ascii")
            words = escape(name.replace("_", " "))
            yield f'<figure><img src="data:image/png;base64,{data}" alt="{words}"><figcaption>{words}</figcaption></figure>'
    yield "</section>"


def _row(line: Line) -> str:
    numbers = (line.published, line.ours, line.difference, line.tolerance)
    return (
        f"<tr><td>{escape(line.what)}</td>{''.join(map(_cell, numbers))}"
        f'<td class="verdict {COLOURS[line.verdict]}">{line.verdict}</td><td>{line.kind}</td><td>{escape(line.remark)}</td></tr>'
    )


def _cell(value: str | float | None) -> str:
    if value is None:
        return "<td>&ndash;</td>"
    return f"<td>{escape(value)}</td>" if isinstance(value, str) else f'<td class="number">{value:.4g}</td>'


def _list(title: str, entries: Sequence[str]) -> Iterator[str]:
    if entries:
        yield f"<h2>{escape(title)}</h2><ul>{''.join(f'<li>{escape(entry)}</li>' for entry in entries)}</ul>"


def _explained() -> Iterator[str]:
    yield "<h2>How to read it</h2><ul>"
    for kind, words in MEANINGS.items():
        yield f"<li><b>{kind}</b>: {words}</li>"
    yield "<li><b>allowed</b>: the largest difference that agrees, such as half of the last printed digit</li>"
    yield "<li><b>reaches further</b>: holds what is published, of which others had excluded nothing before, and more</li>"
    yield "<li><b>not comparable</b>: nothing is published, or nothing says how close is close</li></ul>"
