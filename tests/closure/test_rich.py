"""Searches that ask the RICH, on simulated pions and kaons; what they ask is the remark in the shipped files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump import analysis as searches
from na62dump.studies.closure import simulated

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.analysis import Analysis


def asking(name: str, repository: Path, folder: Path) -> Analysis:
    """A shipped search, with its remark about the RICH made to count."""
    text = (repository / "config" / f"{name}.toml").read_text(encoding="utf-8")
    remark = text.index("# [cuts.rich]")
    path = folder / f"{name}.toml"
    path.write_text(text[:remark] + re.sub(r"(?m)^# ", "", text[remark:]), encoding="utf-8")
    return searches.load(str(path))


def kept(analysis: Analysis, sample: str) -> tuple[int, int]:
    """Rows in which all but the RICH is met and it knows a track, and those that it leaves."""
    known = left = 0
    for _, selection in simulated(analysis, sample, changes={"events": 150_000, "rich": True}):
        rows = selection.visible.rows
        others = [mask for name, mask in selection.masks.items() if name != "RICH"]
        says = np.isfinite(rows.plus.rich_pi) | np.isfinite(rows.minus.rich_pi)
        of = np.logical_and.reduce([*others, says])
        known, left = known + int(of.sum()), left + int((of & selection.masks["RICH"]).sum())
    return known, left


@pytest.mark.parametrize(("name", "right", "wrong"), [("pipi", "ap_pipi", "ap_kk"), ("kk", "ap_kk", "ap_pipi")])
def test_the_rich_keeps_what_a_search_is_for(
    name: str, right: str, wrong: str, repository: Path, tmp_path: Path
) -> None:
    analysis = asking(name, repository, tmp_path)
    (known, left), (strange, taken) = kept(analysis, right), kept(analysis, wrong)
    assert known > 200
    assert strange > 200
    assert left > 0.95 * known
    assert taken < 0.05 * strange
