from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from na62dump.errors import ConfigurationError
from na62dump.inference.exclusion.previous import previous

if TYPE_CHECKING:
    from pathlib import Path

ENTRY = '[[previous]]\nlabel = "A"\nsource = "B"\nfile = "a.csv"\nkind = "{}"\n'
CORNERS = "# from B\nmass_mev,coupling\n100,1e-6\n200,1e-6\n150,1e-5\n"


def written(folder: Path, *, kind: str = "excluded", corners: str = CORNERS) -> Path:
    (folder / "previous").mkdir()
    (folder / "previous" / "toy.toml").write_text(ENTRY.format(kind))
    (folder / "previous" / "a.csv").write_text(corners)
    return folder


def test_limits_of_others_are_read(tmp_path: Path) -> None:
    (one,) = previous("toy", near=written(tmp_path))
    assert (one.label, one.source, one.kind) == ("A", "B", "excluded")
    assert one.corners.tolist() == [[100, 1e-6], [200, 1e-6], [150, 1e-5]]


def test_a_byte_order_mark_is_no_letter(tmp_path: Path) -> None:
    (one,) = previous("toy", near=written(tmp_path, corners="\ufeff" + CORNERS.split("\n", 1)[1]))
    assert len(one.corners) == 3


def test_none_come_with_the_program() -> None:
    assert previous("dark_photon") == ()
    assert previous("example") == ()


@pytest.mark.parametrize(
    ("kind", "corners", "message"),
    [
        ("area", CORNERS, "kind"),
        ("excluded", "mass,coupling\n1,2\n", "has no column mass_mev; .* names 'mass', 'coupling': .*commas separate"),
        ("excluded", "mass_mev;coupling\n1;2\n", "has no column mass_mev, coupling; .* names 'mass_mev;coupling'"),
        ("excluded", "mass_mev,coupling\n1,x\n", "has to be a CSV file"),
        ("excluded", "mass_mev,coupling\n1\n", "has to be a CSV file"),
        ("excluded", "mass_mev,coupling\n1,2\n2,3\n", "has 2 points; 'excluded' needs at least 3"),
        ("line", "mass_mev,coupling\n1,2\n2,-3\n", "all above 0 and finite"),
        ("line", "", "has 0 points; 'line' needs at least 2"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, kind: str, corners: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        previous("toy", near=written(tmp_path, kind=kind, corners=corners))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (folder / "previous" / "a.csv").unlink()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        previous("toy", near=folder)
