from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from na62dump import runs
from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("content", [b"\xff\xfe", b"{", b"[]"])
def test_a_damaged_plan_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "plan.json").write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"plan\.json: not a plan of this version of na62dump; plan again"):
        runs.open_run(tmp_path)
