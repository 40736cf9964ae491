from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from na62dump import runs
from na62dump.errors import ConfigurationError
from na62dump.runs import PLAN, members
from na62dump.runs.families import create_family

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("content", [b"\xff\xfe", b"{", b"[]"])
def test_a_damaged_plan_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "plan.json").write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"plan\.json: not a plan of this version of na62dump; plan again"):
        runs.open_run(tmp_path)


def test_a_family_that_is_half_planned_is_told(tmp_path: Path) -> None:
    one, two = create_family(tmp_path / "fam", ["pipi", "kk"])
    for folder in (one, two):
        with pytest.raises(
            ConfigurationError, match="kk of this family are not planned; give the same 'na62dump plan'"
        ):
            members(tmp_path / "fam")
        folder.mkdir()
        (folder / PLAN).touch()
    assert members(tmp_path / "fam") == [one, two]
    assert members(one) == [one]
