from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from na62dump import archives
from na62dump.errors import ConfigurationError
from na62dump.studies.tasks import Task, acceptance_task, begin

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def content(value: str, stamp: Mapping[str, object]) -> bytes:
    if value == "wrong":
        msg = "no such thing"
        raise ConfigurationError(msg)
    return archives.pack("test", {"value": value}, arrays={}, provenance=stamp)


def task(path: Path, value: str) -> Task:
    return Task(path, value, partial(content, value))


def value_of(path: Path) -> Any:  # noqa: ANN401 - JSON
    return archives.unpack(path, "test", made_by="a test")[0]["value"]


@pytest.mark.parametrize("workers", [0, 2])
def test_files_are_made_once(tmp_path: Path, workers: int) -> None:
    tasks = [task(tmp_path / "new" / f"{value}.zip", value) for value in ("a", "b", "c")]
    begun = begin(tasks, workers=workers)
    assert begun.number == 3
    assert begun.end("files") == {}
    assert [value_of(each.path) for each in tasks] == ["a", "b", "c"]
    before = [each.path.stat().st_mtime_ns for each in tasks]
    assert begin(tasks, workers=workers).number == 0
    assert [each.path.stat().st_mtime_ns for each in tasks] == before


def test_what_is_not_current_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "file.zip"
    begin([task(path, "old")], workers=0).end("files")
    assert not task(path, "new").done
    begin([task(path, "new")], workers=0).end("files")
    assert value_of(path) == "new"


def test_a_damaged_file_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "file.zip"
    path.write_bytes(b"no zip")
    begin([task(path, "a")], workers=0).end("files")
    assert value_of(path) == "a"


@pytest.mark.parametrize("workers", [0, 1])
def test_what_cannot_be_made_is_told_and_stops_nothing(tmp_path: Path, workers: int) -> None:
    wrong, right = task(tmp_path / "wrong.zip", "wrong"), task(tmp_path / "right.zip", "right")
    failed = begin([wrong, right], workers=workers).end("files")
    assert list(failed) == [wrong.path]
    assert "no such thing" in str(failed[wrong.path])
    assert right.done
    assert not wrong.path.exists()


def test_an_acceptance_is_current_as_long_as_what_it_is_made_from(tmp_path: Path) -> None:
    def made_from(**changes: Any) -> str:  # noqa: ANN401 - arguments of the task
        asked: dict[str, Any] = {"model": "dark_photon", "events": 100, **changes}
        return acceptance_task(tmp_path / "a.zip", "mumu", **asked).made_from

    assert made_from() == made_from()
    others = [
        made_from(events=200),
        made_from(masses=[300.0]),
        made_from(number=3),
        made_from(model="dark_photon_minimal"),
    ]
    assert len({made_from(), *others}) == len(others) + 1
