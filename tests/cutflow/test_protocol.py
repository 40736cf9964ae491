from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from na62dump.cutflow import load_selection
from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
from na62dump.configuration import Settings
from na62dump.cutflow import Selection
from . import common

class Cuts(Settings):
    vertex: common.VertexCuts

def select(visible, cuts):
    return Selection(visible, common.from_one_vertex(visible.rows, cuts.vertex))
"""


def test_a_selection_outside_the_repository_uses_the_shipped_common(tmp_path: Path, repository: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(GOOD)
    loaded = load_selection(path)
    assert loaded.sources["common"] == (repository / "selections" / "common.py").read_text()
    assert loaded.sources["mine"] == GOOD


def test_a_neighbour_of_that_name_goes_first_and_is_in_the_sources(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(GOOD)
    common = "from na62dump.configuration import Settings\nclass VertexCuts(Settings):\n    z: float\n"
    (tmp_path / "common.py").write_text(common)
    loaded = load_selection(tmp_path / "mine.py")
    assert loaded.sources["common"] == common


def test_an_edited_selection_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(GOOD)
    load_selection(path)
    path.write_text(GOOD + "\nEDITED = 1\n")
    assert "EDITED" in load_selection(path).sources["mine"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def select(visible, cuts):\n    return None\n", "a selection defines a class Cuts"),
        ("from . import nothing_there\n", "does not load: ImportError"),
        ("def select(:\n", "does not load: SyntaxError"),
        ("import sys\nsys.exit(3)\n", "does not load: SystemExit: 3"),
    ],
)
def test_what_is_no_selection_is_refused(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "mine.py"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=told):
        load_selection(path)
