from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import tomlkit

from na62dump import analysis as searches
from na62dump import configuration as conf
from na62dump import unblinding
from na62dump.errors import BlindingError, ConfigurationError
from na62dump.regions import FILE, BlindingRecord

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.analysis import Analysis

TODAY = date(2026, 11, 21)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Config folder of an editable copy."""
    for name in ("config", "selections"):
        shutil.copytree(conf.shipped() / name, tmp_path / "mine" / name)
    return tmp_path / "mine" / "config"


def search(folder: Path) -> Analysis:
    return searches.load(str(folder / "mumu.toml"))


def unblind(folder: Path, region: str, reason: str = "agreed on") -> unblinding.Unblinding:
    return unblinding.unblind(search(folder), region, reason=reason, today=TODAY)


def opened(folder: Path) -> frozenset[str]:
    found = search(folder)
    return BlindingRecord.beside(folder).opened("mumu", found.plane, digest=found.digest).regions


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


# What is written


def test_control_region_then_signal_region(own: Path) -> None:
    assert opened(own) == set()
    done = unblind(own, "CR")
    assert (done.path, done.hidden) == (own / FILE, ("SR",))
    assert opened(own) == {"CR"}
    assert unblind(own, "SR").hidden == ()
    assert opened(own) == {"CR", "SR"}
    first, second = BlindingRecord.beside(own).record
    assert (first.analysis, first.region, first.date, first.reason) == ("mumu", "CR", "2026-11-21", "agreed on")
    assert first.digest == second.digest == search(own).digest
    assert first.values == search(own).values


def test_what_was_in_the_file_stays_byte_by_byte(own: Path) -> None:
    head = (own / FILE).read_text().removesuffix("record = []\n")
    unblind(own, "CR")
    first = (own / FILE).read_text()
    assert first.startswith(head)
    (own / FILE).write_text(first + "# looked at on Monday\n")
    unblind(own, "SR")
    second = (own / FILE).read_text()
    assert second.startswith(first + "# looked at on Monday\n")
    assert not list(own.glob(".*"))


def test_a_missing_file_is_made(own: Path) -> None:
    (own / FILE).unlink()
    unblind(own, "CR")
    assert opened(own) == {"CR"}


@pytest.mark.parametrize(
    "reason", ["two\nlines", "she said \"yes\", he said 'no'", "''' \"\"\" \\", "§ 3 — τ", "\x00\x7f\t.", "[[record]]"]
)
def test_a_reason_is_kept_as_it_is(own: Path, reason: str) -> None:
    unblind(own, "CR", reason=f" {reason} ")
    assert BlindingRecord.beside(own).record[0].reason == reason


def test_bytes_that_are_no_text_are_replaced(own: Path) -> None:
    assert unblind(own, "CR", reason="a\udcffb").record.reason == "a?b"


def test_none_and_infinity_in_the_values_keep_the_digest(own: Path) -> None:
    edit(own / "mumu.toml", 'z_max = "180 m"', 'z_max = "inf m"')
    found = search(own)
    values: dict[str, Any] = found.values | {"none": None, "list": [None, {"a": None}]}
    changed = replace(found)
    changed.__dict__["values"] = values  # as if it were cached: no shipped analysis has None
    unblinding.unblind(changed, "CR", reason="agreed on", today=TODAY)
    (record,) = BlindingRecord.beside(own).record
    assert record.values == values
    assert record.digest == changed.digest


def test_each_value_is_a_line(own: Path) -> None:
    unblind(own, "CR")
    before = set((own / FILE).read_text().splitlines())
    edit(own / "mumu.toml", "e_over_p_max = 0.2", "e_over_p_max = 0.25")
    unblind(own, "CR")
    new = set((own / FILE).read_text().splitlines()) - before
    assert new == {"e_over_p_max = 0.25", f'digest = "{search(own).digest}"'}


# What is refused


def test_a_region_that_is_not_hidden_is_refused(own: Path) -> None:
    with pytest.raises(BlindingError, match="'CR1' is no hidden region of mumu; did you mean 'CR'"):
        unblind(own, "CR1")


def test_signal_region_first_is_refused(own: Path) -> None:
    with pytest.raises(BlindingError, match=r"SR of mumu opens only after CR, .* 'na62dump unblind mumu --region CR'"):
        unblind(own, "SR")
    unblind(own, "CR")
    edit(own / "mumu.toml", "e_over_p_max = 0.2", "e_over_p_max = 0.3")
    with pytest.raises(BlindingError, match="SR of mumu opens only after CR, which is closed for analysis digest"):
        unblind(own, "SR")


@pytest.mark.parametrize("reason", ["", " \n\t"])
def test_no_reason_is_refused(own: Path, reason: str) -> None:
    with pytest.raises(BlindingError, match="write in words why CR may be opened"):
        unblind(own, "CR", reason=reason)


def test_opening_twice_is_refused(own: Path) -> None:
    unblind(own, "CR")
    with pytest.raises(BlindingError, match=r"CR of mumu is open already for analysis digest [0-9a-f]{16};"):
        unblind(own, "CR")
    assert len(BlindingRecord.beside(own).record) == 1


def test_the_shipped_copy_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = conf.shipped() / "config"
    before = (shipped / FILE).read_bytes()
    with pytest.raises(BlindingError, match=r"'na62dump init DIR' and open mumu there, as DIR/config/mumu\.toml"):
        unblind(shipped, "CR")
    (tmp_path / "link").symlink_to(shipped)
    with pytest.raises(BlindingError, match="the copy that came with na62dump"):
        unblind(tmp_path / "link", "CR")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BlindingError, match="the copy that came with na62dump"):
        unblinding.unblind(searches.load("mumu"), "CR", reason="agreed on", today=TODAY)
    assert (shipped / FILE).read_bytes() == before


def test_a_link_to_the_shipped_record_is_refused(own: Path) -> None:
    (own / FILE).unlink()
    (own / FILE).symlink_to(conf.shipped() / "config" / FILE)
    with pytest.raises(BlindingError, match="the copy that came with na62dump"):
        unblind(own, "CR")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("e_over_p_max = 0.2", "e_over_p_max = 0.3", "was edited by hand; take the file from version control"),
        ('digest = "', 'digest = "0', "was edited by hand"),
        ("[[record]]", "[[record]", "not valid TOML"),
        ('date = "2026-11-21"', 'date = "yesterday"', "write it as 2026-12-31"),
    ],
)
def test_an_inconsistent_record_is_refused_and_left_alone(own: Path, before: str, after: str, told: str) -> None:
    unblind(own, "CR")
    edit(own / FILE, before, after)
    damaged = (own / FILE).read_bytes()
    with pytest.raises(ConfigurationError, match=rf"blinding\.toml: .*{told}"):
        unblind(own, "SR")
    assert (own / FILE).read_bytes() == damaged


def test_a_record_in_the_wrong_order_is_refused_and_left_alone(own: Path) -> None:
    unblind(own, "CR")
    edit(own / FILE, 'region = "CR"', 'region = "SR"')
    damaged = (own / FILE).read_bytes()
    with pytest.raises(BlindingError, match="SR of mumu opens only after CR: open that first"):
        unblind(own, "CR")
    assert (own / FILE).read_bytes() == damaged


def test_records_that_are_not_written_as_tables_are_left_alone(own: Path) -> None:
    unblind(own, "CR")
    table = tomlkit.inline_table()
    table.update(tomlkit.parse((own / FILE).read_text())["record"][0].unwrap())
    array = tomlkit.array()
    array.append(table)
    (own / FILE).write_text(tomlkit.dumps({"record": array}))
    assert opened(own) == {"CR"}
    before = (own / FILE).read_bytes()
    with pytest.raises(BlindingError, match=r"its records are not written as \[\[record\]\]; nothing was written"):
        unblind(own, "SR")
    assert (own / FILE).read_bytes() == before


def test_a_file_that_would_be_too_large_to_read_is_not_written(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (own / FILE).read_bytes()
    monkeypatch.setattr("na62dump.unblinding.SIZE_LIMIT", 2000)
    with pytest.raises(BlindingError, match=r"grow above 2000 bytes, .* nothing was written"):
        unblind(own, "CR", reason="x" * 2000)
    assert (own / FILE).read_bytes() == before


def test_a_record_that_appears_meanwhile_is_not_lost(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = BlindingRecord.beside(own)
    unblind(own, "CR")
    before = (own / FILE).read_bytes()
    monkeypatch.setattr(BlindingRecord, "beside", lambda _: nothing)
    with pytest.raises(BlindingError, match="it was changed just now"):
        unblind(own, "CR")
    assert (own / FILE).read_bytes() == before


# Afterwards


def test_a_changed_value_is_told_and_a_value_put_back_opens_again(own: Path) -> None:
    unblind(own, "CR")
    assert unblinding.remarks(search(own)) == ()
    edit(own / "mumu.toml", "e_over_p_max = 0.2", "e_over_p_max = 0.3")
    (line,) = unblinding.remarks(search(own))
    assert "cuts.e_over_p_max was 0.2 and is 0.3; it is closed" in line
    assert opened(own) == set()
    edit(own / "mumu.toml", "e_over_p_max = 0.3", "e_over_p_max = 0.2")
    assert opened(own) == {"CR"}


def test_a_changed_selection_is_told(own: Path) -> None:
    unblind(own, "CR")
    with (own.parent / "selections" / "common.py").open("a") as file:
        file.write("# more\n")
    (line,) = unblinding.remarks(search(own))
    assert "for other values: selections/common.py changed; it is closed" in line
