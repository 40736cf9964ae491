from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from na62dump.studies.reproduction.comparison import VERDICTS, Kind, Line, Section, Verdict, numbers, words
from na62dump.studies.reproduction.page import page
from na62dump.studies.reproduction.report import Reproduction, counted, tables

VOID = {"meta", "img", "br", "link"}
PIXEL = b"\x89PNG\r\n"


class Reader(HTMLParser):
    """Complains about tags that are not closed in order; keeps what the page refers to, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"src", "href"}]
        self.ids |= {value or "" for name, value in attrs if name == "id"}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def made() -> tuple[Section, ...]:
    lines = (
        numbers("p < 1", published=0.5, ours=0.25, tolerance=0.1, remark='a "remark" & more', kind="fitted"),
        words("unknown", published=None, ours=None),
    )
    return Section("First", lines, ("a <note>",), ("plane", "not drawn")), Section("Second", ())


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    return reader


def test_the_page_is_well_formed_and_refers_to_nothing_outside() -> None:
    text = page("A page", made(), missing=("limits: none",), figures={"plane": PIXEL}, provenance={"time": "now"})
    reader = read(text)
    assert reader.open == []
    assert reader.links
    for link in reader.links:
        assert link.startswith("data:image/png;base64,") or link[1:] in reader.ids
    assert not re.search(r"url\(|@import|<script|https?://", text)
    assert "default-src 'none'" in text


def test_the_page_shows_every_line_with_its_verdict() -> None:
    text = page("A page", made(), missing=("limits: none",), figures={}, provenance={})
    words_ = " ".join(read(text).words)
    for word in (
        "p < 1",
        "0.25",
        "differs",
        "not comparable",
        "fitted",
        'a "remark" & more',
        "a <note>",
        "limits: none",
    ):
        assert word in words_
    assert "1 differs" in words_
    assert "<img" not in text


def test_equal_input_gives_an_equal_page() -> None:
    first, second = (page("A", made(), missing=(), figures={"plane": PIXEL}, provenance={}) for _ in range(2))
    assert first == second


def test_tables_and_json_hold_the_same_lines() -> None:
    found = Reproduction("A", quick=True, sections=made(), missing=(), paths=())
    (table,) = tables(found)
    content = found.to_json()
    assert [row[0] for row in table.rows] == [line["what"] for line in content["sections"][0]["lines"]]
    assert found.verdicts == {"predicted": {"not comparable": 1}, "fitted": {"differs": 1}}


def test_what_was_fitted_is_counted_apart_from_what_was_predicted() -> None:
    kinds: tuple[Kind, ...] = ("predicted", "fitted", "predicted")
    lines = tuple(numbers("x", published=1.0, ours=1.0, tolerance=0.1, kind=kind) for kind in kinds)
    assert counted([Section("A", lines)]) == {"predicted": {"agrees": 2}, "fitted": {"agrees": 1}}
    text = page("A", [Section("A", lines)], missing=(), figures={}, provenance={})
    assert re.search(r"<b>predicted</b>[^\n]*>2 agrees<", text)
    assert re.search(r"<b>fitted</b>[^\n]*>1 agrees<", text)


@pytest.mark.parametrize("verdict", VERDICTS)
def test_each_verdict_has_a_look_on_paper(verdict: Verdict) -> None:
    line = Line("x", None, None, None, None, verdict, "", "predicted")
    text = page("A", [Section("A", (line,))], missing=(), figures={}, provenance={})
    (colour,) = set(re.findall(rf'class="\w+ (\w+)">(?:1 )?{verdict}<', text))
    assert f".{colour}" in text[text.index("@media print") :]
