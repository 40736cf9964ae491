from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from na62dump import configuration as conf
from na62dump.errors import ConfigurationError
from na62dump.inference.settings import check_level, settings

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = conf.find("inference").read_text(encoding="utf-8")
BANDS, FIRST = "widths = [-2.0, -1.0, 1.0, 2.0]", 'shortest = "1 cm"'


@pytest.mark.parametrize(
    ("line", "other", "message"),
    [
        (BANDS, "widths = []", "no number: give at least one number of standard deviations"),
        (BANDS, "widths = [0.0]", "'bands.widths': 0: give at least one number"),
        (BANDS, "widths = [-6.0, 1.0]", "-6: give at least one number of standard deviations, from -5 to 5"),
        (BANDS, "widths = [1.0, 1.0]", "one is there twice"),
        ("widths = 3.0", "widths = 0.4", r"'window.widths' = 0.4: .* greater than or equal to 0.5"),
        ("widths = 3.0", "widths = 11.0", r"'window.widths' = 11.0: .* less than or equal to 10"),
        (FIRST, 'shortest = "0 cm"', "'export': shortest = 0 mm, longest = 1e"),
        (FIRST, 'shortest = "20 km"', "give lengths above 0, the shortest first"),
        ('"protons", "statistical"', '"protons", "protons"', "protons, protons: one is there twice"),
        ("confidence = 0.90", "confidence = 0.9999999", "'confidence': confidence level 1: .* such as 0.9"),
    ],
)
def test_what_is_no_sense_is_refused_with_its_file(tmp_path: Path, line: str, other: str, message: str) -> None:
    assert SHIPPED.count(line) == 1
    (tmp_path / "inference.toml").write_text(SHIPPED.replace(line, other), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=rf"inference\.toml: key .*{message}"):
        settings(near=tmp_path)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.999999])
def test_levels_are_allowed(level: float) -> None:
    assert check_level(level) == level


@pytest.mark.parametrize("level", [0.0, 0.49, 1.0, 90.0, float("nan")])
def test_what_is_no_level_is_refused(level: float) -> None:
    with pytest.raises(ConfigurationError, match=r"has to be a number from 0\.5 to 0\.999999, such as 0\.9"):
        check_level(level)
