"""A search that lives outside the repository, in one TOML and one Python file, goes through the whole command line."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump import analysis as searches
from na62dump.cli import main
from na62dump.reconstruction import build
from na62dump.regions import Policy, blind
from tests.worlds import simulated, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Call = Callable[..., tuple[int, str, str]]

SELECTION = '''
"""Two tracks of one vertex, whatever they are."""

from na62dump.configuration import Angle, Settings
from na62dump.cutflow import Selection

from . import common


class Cuts(Settings):
    """Numbers of loose.toml."""

    tracks: common.TrackCuts
    vertex: common.VertexCuts
    angle_max: Angle


def select(visible, cuts):
    """Ask the requirements."""
    pair = visible.rows
    return Selection(
        visible,
        common.opposite_charge(pair),
        common.good_tracks(pair, cuts.tracks),
        common.from_one_vertex(pair, cuts.vertex),
        {"narrow": pair.opening_angle < cuts.angle_max},
    )
'''
SEARCH = """
selection = "loose"
regions = "mumu"
samples = ["signal.toml"]
histograms = ["plane", "vertex_z"]
hidden_with = ["mumu"]
variations = ["straw_scale_up"]

[final_state]
plus = "mu+"
minus = "mu-"

[cuts]
angle_max = "10 mrad"

[cuts.tracks]
chi2_max = 20
chambers_min = 4
momentum_min = "15 GeV/c"
separation_min = "20 mm"
dt_trigger_max = "5 ns"
dt_pair_max = "5 ns"

[cuts.vertex]
cda_max = "20 mm"
z_min = "105 m"
z_max = "180 m"

[variation.wide.cuts]
angle_max = "1 rad"
"""
SIGNAL = 'kind = "simulation"\nlabel = "signal"\nfiles = ["signal.root"]\n'
NARROW, SLOW = 10e-3, 15e3
EVENTS = 2_000


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Call the command line in this process: exit code, standard output, standard error."""

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["na62dump", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capsys.readouterr()
        return int(stop.value.code or 0), out, err

    return run


@pytest.fixture
def search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The two files, in a folder that is not the working folder."""
    outside, work = tmp_path / "outside", tmp_path / "work"
    outside.mkdir()
    work.mkdir()
    (outside / "loose.py").write_text(SELECTION)
    (outside / "loose.toml").write_text(SEARCH)
    monkeypatch.chdir(work)
    return outside / "loose.toml"


def expected() -> dict[str, int]:
    """Rows that pass, counted with the masks of the muon search where the two ask the same."""
    muons = searches.load("mumu")
    events = simulated("demo_signal", EVENTS)
    every = build(events, muons.geometry, matching=muons.matching, final_state=muons.file.final_state)
    visible = blind(every, [muons.plane], policy=Policy("simulation"))
    masks = muons.selection.select(visible, muons.cuts).masks
    others = {
        "H2 trigger",
        "in time with the trigger",
        "in time with each other",
        "one MUV3 tile each",
        "E/p",
        "LAV veto",
    }
    same = np.logical_and.reduce([mask for name, mask in masks.items() if name not in {*others, "momentum"}])
    rows = every.rows
    wide = {
        name: same & (scale * rows.plus.p > SLOW) & (scale * rows.minus.p > SLOW)
        for name, scale in (("nominal", 1.0), ("straw_scale_up", np.float32(1.001)))
    }
    narrow = rows.opening_angle < NARROW
    found = {name: int((mask & narrow).sum()) for name, mask in wide.items()} | {"wide": int(wide["nominal"].sum())}
    assert 50 < found["nominal"] < found["wide"]
    return found


def test_it_is_checked_planned_run_merged_and_shown(search: Path, call: Call) -> None:
    code, out, _ = call("check", search, "--json")
    assert code == 0
    requirements = {row["requirement"]: row for row in json.loads(out)[0]["rows"]}
    assert "narrow" in requirements
    assert "Track_dxdz" in requirements["narrow"]["columns of the ntuple"]
    write(search.parent.parent / "data" / "signal.root", simulated("demo_signal", EVENTS), bursts=[], truth=True)
    (search.parent.parent / "work" / "signal.toml").write_text(SIGNAL)
    assert call("plan", search, "-o", "r", "--base", "../data")[0] == 0
    assert call("run", "r", "--execution", "execution/iterative")[0] == 0
    assert call("merge", "r", "-o", "loose.zip")[0] == 0
    code, out, _ = call("show", "loose.zip", "--json")
    assert code == 0
    tables = json.loads(out)
    numbers = expected()
    last = tables[0]["rows"][-1]
    assert (last["requirement"], last["rows"]) == ("narrow", numbers["nominal"])
    for variation in ("straw_scale_up", "wide"):
        code, out, _ = call("show", "loose.zip", "--variation", variation, "--json")
        assert code == 0
        assert json.loads(out)[0]["rows"][-1]["rows"] == numbers[variation]


def test_a_run_goes_on_when_its_files_are_gone(search: Path, call: Call) -> None:
    write(search.parent / "signal.root", simulated("demo_signal", 200), bursts=[], truth=True)
    (search.parent.parent / "work" / "signal.toml").write_text(SIGNAL)
    assert call("plan", search, "-o", "r", "--base", search.parent)[0] == 0
    for path in (search, search.with_suffix(".py")):
        path.unlink()
    assert call("run", "r", "--execution", "execution/iterative")[0] == 0
    assert call("merge", "r")[0] == 0


def test_its_digest_is_that_of_both_files_and_of_what_they_import(search: Path) -> None:
    first = searches.load(str(search))
    assert {name for name in first.selection.sources if not name.startswith("_")} >= {"loose", "common"}
    search.with_suffix(".py").write_text(SELECTION.replace("< cuts.angle_max", "<= cuts.angle_max"))
    second = searches.load(str(search))
    search.write_text(SEARCH.replace("10 mrad", "11 mrad"))
    third = searches.load(str(search))
    assert len({first.digest, second.digest, third.digest}) == 3


@pytest.mark.parametrize(
    ("suffix", "old", "new", "told"),
    [
        (".py", "pair.opening_angle", "pair.opening_angel", "have no quantity 'opening_angel'; did you mean 'opening_angle'"),
        (".py", "pair.opening_angle", "pair.plus.e_ovr_p", "has no quantity 'e_ovr_p'; did you mean 'e_over_p'"),
        (".py", "common.good_tracks", "common.god_tracks", "loose.py, line 24: select() does not run: AttributeError"),
        (".py", '"narrow"', '"one vertex"', "the requirement 'one vertex' is given twice"),
        (".py", "from . import common", "from . import comon", "loose.py: the selection does not load: ImportError"),
        (".toml", '"vertex_z"]', '"vertx_z"]', "loose.toml: key 'histograms': no histogram 'vertx_z' is declared; did you mean 'vertex_z'"),
        (".toml", 'regions = "mumu"', 'regions = "mumuu"', "loose.toml: key 'regions': no regions are called 'mumuu'; did you mean 'mumu'"),
        (".toml", '"straw_scale_up"]', '"straw_scal_up"]', "no variation 'straw_scal_up' of variations.toml; did you mean 'straw_scale_up'"),
        (".toml", 'hidden_with = ["mumu"]', 'hidden_with = ["mumo"]', "loose.toml: key 'hidden_with': no config file 'mumo'; did you mean 'mumu'"),
        (".toml", 'selection = "loose"', 'selection = "mumo"', "loose.toml: key 'selection': no selections file 'mumo'; did you mean 'mumu'"),
        (".toml", 'angle_max = "10 mrad"', 'angle_max = "10 mm"', "key 'angle_max': '10 mm' has the unit 'mm', which is no angle"),
        (".toml", "[variation.wide.cuts]\nangle_max", "[variation.wide.cuts]\nangle_mx", "[variation.wide.cuts]: unknown key 'angle_mx'"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_message_and_exit_code_2(
    search: Path, call: Call, suffix: str, old: str, new: str, told: str
) -> None:
    path = search.with_suffix(suffix)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    code, out, err = call("check", search)
    assert (code, out) == (2, "")
    assert told in " ".join(err.split("\n"))
    assert "Traceback" not in err
