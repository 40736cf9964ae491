from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from na62dump import analysis as searches
from na62dump import provenance
from na62dump.configuration import load_text
from na62dump.errors import BlindingError, ConfigurationError
from na62dump.regions import FILE, NOTHING, BlindingRecord, Plane, Record, to_toml
from na62dump.regions.values import NULL, differences, from_toml

if TYPE_CHECKING:
    from pathlib import Path

BOX = {"hidden": True, "shape": "box", "x": ["0 mm", "20 mm"], "y": ["6 m", "40 m"]}
PLANE = load_text(
    {
        "columns": ["cda_tax", "z_tax"],
        "region": [
            BOX | {"name": "core", "opens_after": ["SR"]},
            BOX | {"name": "SR", "opens_after": ["CR"]},
            BOX | {"name": "CR", "opens_after": []},
        ],
    },
    Plane,
    where="test",
)
THEN: dict[str, Any] = {"cuts": {"e_over_p_max": 0.2}}
NOW: dict[str, Any] = {"cuts": {"e_over_p_max": 0.3}}


def record(region: str, values: dict[str, Any], *, analysis: str = "mumu", date: str = "2026-11-21") -> Record:
    digest = provenance.digest(values)
    return Record(analysis=analysis, region=region, date=date, reason="agreed", digest=digest, values=values)


def opened(*records: Record) -> frozenset[str]:
    found = BlindingRecord(record=records).opened("mumu", PLANE, digest=provenance.digest(NOW))
    assert found.digest == (provenance.digest(NOW) if found.regions else NOTHING.digest)
    return found.regions


def remarks(*records: Record) -> tuple[str, ...]:
    return BlindingRecord(record=records).remarks("mumu", PLANE, values=NOW)


# What is open


def test_a_region_stays_closed_if_the_one_before_it_was_opened_for_other_values() -> None:
    assert opened(record("CR", THEN), record("SR", NOW)) == set()
    assert opened(record("CR", THEN), record("SR", NOW), record("core", NOW)) == set()
    assert opened(record("CR", THEN), record("CR", NOW), record("SR", NOW)) == {"CR", "SR"}


@pytest.mark.parametrize(
    "records",
    [
        (record("SR", NOW),),
        (record("SR", NOW), record("CR", NOW)),
        (record("CR", THEN), record("SR", NOW), record("CR", NOW)),
        (record("CR", THEN, analysis="ee"), record("SR", NOW)),
    ],
)
def test_an_order_that_is_wrong_for_the_values_of_now_is_refused(records: tuple[Record, ...]) -> None:
    with pytest.raises(BlindingError, match=r"blinding\.toml: SR of mumu opens only after CR: open that first"):
        opened(*records)


# What is said about it


def test_there_is_nothing_to_say_without_records_and_about_open_regions() -> None:
    assert remarks() == ()
    assert remarks(record("CR", NOW), record("SR", NOW)) == ()
    assert remarks(record("CR", THEN, analysis="ee")) == ()


def test_a_region_that_was_opened_again_is_no_longer_spoken_of() -> None:
    assert remarks(record("CR", THEN), record("CR", NOW)) == ()


def test_the_value_that_changed_is_named() -> None:
    (line,) = remarks(record("CR", {"cuts": {}}, date="2025-01-01"), record("CR", THEN))
    assert line == (
        "CR of mumu was opened on 2026-11-21 for other values: cuts.e_over_p_max was 0.2 and is 0.3; it is closed"
    )


def test_a_region_that_waits_for_another_says_so() -> None:
    lines = remarks(record("CR", THEN), record("SR", NOW))
    assert len(lines) == 2
    assert "CR of mumu was opened on 2026-11-21 for other values" in lines[0]
    assert lines[1] == (
        "SR of mumu was opened on 2026-11-21 for these values, but CR was opened for others; it stays closed"
    )


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({"a": 1}, {"a": 1.0}, "a was 1 and is 1.0"),
        ({"a": {"b": "x"}}, {"a": {}}, "a.b is gone, a is new"),
        ({"version": "1"}, {"version": "2"}, 'version was "1" and is "2"'),
        ({"r": [{"x": [0.0, 1.0]}]}, {"r": [{"x": [0.0, 2.0]}]}, "r[0].x[1] was 1.0 and is 2.0"),
        ({"r": [1]}, {"r": [1, None]}, "r[1] is new"),
        ({"selection": {"mumu": "0a"}}, {"selection": {"mumu": "0b"}}, "selections/mumu.py changed"),
        ({"selection": {"x": "0a"}}, {"selection": {"y": "0b"}}, "selections/x.py is gone, selections/y.py is new"),
        (
            {"a": list(range(7))},
            {"a": [None] * 7},
            ", ".join(f"a[{n}] was {n} and is null" for n in range(5)) + ", and 2 more",
        ),
    ],
)
def test_differences_are_told_by_path(before: dict[str, Any], after: dict[str, Any], words: str) -> None:
    assert differences(before, after) == words


# Values as TOML

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec="utf-8"))
KEYS = st.text(st.characters(codec="utf-8"))
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))
VALUES = st.dictionaries(KEYS, JSON, max_size=4)


@given(VALUES)
def test_values_come_back_from_toml_with_their_digest(values: dict[str, Any]) -> None:
    back = from_toml(tomllib.loads(tomlkit.dumps(to_toml(values))))
    assert provenance.digest(back) == provenance.digest(values)


@given(VALUES, VALUES)
def test_values_of_different_digests_differ_in_something(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert bool(differences(one, other)) == (provenance.digest(one) != provenance.digest(other))


def test_none_is_read_back_and_what_looks_like_it_is_refused() -> None:
    held = record("CR", {"a": None, "b": [None]})
    assert Record.model_validate(held.model_dump() | {"values": to_toml(held.values)}) == held
    with pytest.raises(ValueError, match="edited by hand"):
        record("CR", {"a": NULL})


# The file


def test_no_file_is_an_empty_record(tmp_path: Path) -> None:
    assert BlindingRecord.beside(tmp_path).record == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("record = [", "not valid TOML"),
        ("", "key 'record' is missing"),
        ("record = []\nopen = true\n", "unknown key 'open' = True; known: record"),
        ("[[record]]\nregion = 'CR'\n", r"key 'record\.0\.analysis' is missing"),
        (
            "[[record]]\nanalysis='mumu'\nregion='CR'\ndate='2026-11-21'\nreason='x'\ndigest='d'\nvalues.on=2026-11-21\n",
            "the record that opens CR do not have its digest: it was edited by hand; take the file from version",
        ),
    ],
)
def test_a_file_that_is_no_record_is_told(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(ConfigurationError, match=rf"blinding\.toml: .*{told}"):
        BlindingRecord.beside(tmp_path)


def test_values_of_a_shipped_analysis_differ_from_themselves_in_nothing() -> None:
    search = searches.load("mumu")
    assert differences(search.values, search.values) == ""
