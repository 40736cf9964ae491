from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from na62dump.datasets import Access
from na62dump.errors import ConfigurationError


def test_pauses_double() -> None:
    assert list(Access.model_validate({"tries": 4, "pause": "500 ms"}).pauses) == [0.5, 1.0, 2.0]
    assert list(Access(tries=1).pauses) == []


def test_what_is_written_for_a_job_is_read_by_it() -> None:
    access = Access.model_validate({"tries": 4, "pause": "1.1 s", "cache": "~/b"})
    assert Access.model_validate_json(access.model_dump_json()) == access


@pytest.mark.parametrize(("text", "folder"), [("/a/b", "/a/b"), ("~/b", "/home/me/b"), ("$SCRATCH/b", "/scratch/b")])
def test_folder_for_copies(text: str, folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("SCRATCH", "/scratch")
    access = Access.model_validate({"cache": text})
    assert access.cache == Path(text)  # looked up where the work is done, not here
    assert access.folder == Path(folder)
    assert Access().folder is None


def test_a_folder_that_depends_on_where_one_is_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match=r"'cache' is relative, .*begin it with /, ~ or a variable"):
        Access.model_validate({"cache": "cache"})
    monkeypatch.delenv("SCRATCH", raising=False)
    with pytest.raises(ConfigurationError, match=r"'files.cache' = '\$SCRATCH/b': a variable in it is not set"):
        _ = Access(cache=Path("$SCRATCH/b")).folder
