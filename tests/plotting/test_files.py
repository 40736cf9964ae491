from __future__ import annotations

import json
import re
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure
from PIL import Image

from na62dump import plotting
from na62dump.cli.show import plot
from na62dump.errors import ConfigurationError
from na62dump.provenance import digest

MADE = {"digests": {"analysis": "abc"}, "inputs": {"units": []}}


@pytest.fixture
def figure() -> Figure:
    figure = Figure(figsize=(2, 1))
    figure.add_subplot().plot([0, 1], [0, 1])
    return figure


def description(path: Path) -> dict[str, object]:
    with Image.open(path) as image:
        said: dict[str, object] = json.loads(image.info["Description"])
    return said


def test_each_figure_becomes_two_files_that_say_what_made_them(figure: Figure, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "figures"
    paths = plotting.save({"mass": figure}, folder, provenance=MADE)
    assert paths == [folder / "mass.png", folder / "mass.pdf"]
    assert sorted(folder.iterdir()) == sorted(paths)
    assert description(paths[0]) == MADE
    subject = re.search(rb"/Subject \((.*?[^\\])\)", paths[1].read_bytes(), re.DOTALL)
    assert subject is not None
    assert json.loads(subject[1]) == MADE


def test_writing_again_gives_the_same_bytes(figure: Figure, tmp_path: Path) -> None:
    first, second = (plotting.save({"a": figure}, tmp_path / folder, provenance=MADE) for folder in ("one", "two"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert b"CreationDate" not in first[1].read_bytes()


def test_a_long_list_of_inputs_becomes_its_digest(figure: Figure, tmp_path: Path) -> None:
    inputs = {"units": [{"path": f"file{number}.root"} for number in range(1000)]}
    path, _ = plotting.save({"a": figure}, tmp_path, provenance=MADE | {"inputs": inputs})
    assert description(path) == MADE | {"inputs": {"digest": digest(inputs)}}


def test_settings_of_the_caller_do_not_matter_and_stay(figure: Figure, tmp_path: Path) -> None:
    plain, _ = plotting.save({"a": figure}, tmp_path / "one", provenance=MADE)
    with mpl.rc_context():
        mpl.rcParams["font.size"] = 30.0
        other, _ = plotting.save({"a": figure}, tmp_path / "two", provenance=MADE)
        assert mpl.rcParams["font.size"] == 30.0
    assert plain.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("second", ["dd/d1.zip", "d1.zip"])
def test_files_that_share_a_folder_are_refused_before_any_is_drawn(second: str, tmp_path: Path) -> None:
    # none of them is there: they are not even read
    files = [Path("other.zip"), Path("d1.zip"), Path(second)]
    with pytest.raises(ConfigurationError, match=rf"'d1\.zip' and '{second}' would both .* give them one at a time"):
        plot(files, tmp_path / "figures")
    assert not (tmp_path / "figures").exists()
