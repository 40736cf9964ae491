"""na62dump background: what it writes and says, and what it refuses."""

from __future__ import annotations

import json
import re
import shutil
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from na62dump import analysis as searches
from na62dump import configuration as conf
from na62dump import planning, runs
from na62dump.background.backgrounds import KIND, Backgrounds
from na62dump.cli import main
from na62dump.results import Result
from tests.worlds import declared, good_burst, merged, planned, simulated, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Call the command line in this process: exit code, standard output, and standard error in one line."""

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["na62dump", "background", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            main()
        said = capsys.readouterr()
        return int(stop.value.code or 0), said.out, " ".join(said.err.split())

    return run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Merged results: ``data``, ``more`` (other data), ``sim`` (neutrinos), ``bare`` (no events), ``ee`` (those)."""
    base = tmp_path_factory.mktemp("background")
    halo, neutrinos = simulated("halo", 30_000), simulated("neutrino_mumu", 500)
    bursts = [good_burst(int(halo["run"][0]), 1)]
    for name, events in (("data", halo), ("more", halo), ("bare", halo.take(0, 0)), ("sim", neutrinos)):
        data = name != "sim"
        write(base / f"{name}.root", events, bursts=bursts if data else [], truth=not data, seed=name)
        sample = declared("data" if data else "simulation", f"{name}.root")
        plan = planned(base, {"neutrino_mumu" if not data else name: sample})
        (base / f"{name}.zip").write_bytes(merged(base / name, plan).dumps({"made": name}))
    electrons = searches.load("ee")
    plan = planning.plan(electrons, {"bare": declared("data", "bare.root")}, base=base)
    run = runs.create(base / "ee", electrons, plan=plan)
    (base / "ee.zip").write_bytes(runs.merge(run)[0].dumps({}))
    shutil.copy(base / "sim.zip", base / "sim2.zip")
    (base / "text.zip").write_text("no result")
    return base


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The search beside a background.toml that asks for few simulated prompt pairs."""
    base = tmp_path_factory.mktemp("quick")
    for name in ("config", "selections"):
        shutil.copytree(conf.shipped() / name, base / name)
    path = base / "config" / "background.toml"
    path.write_text(path.read_text().replace("events = 200000", "events = 2000"))
    return base / "config" / "mumu.toml"


def content(path: Path) -> dict[str, bytes]:
    """Members of a file but how it was made."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != "provenance.json"}


def test_what_is_estimated_is_written_and_shown(folder: Path, quick: Path, call: Call, tmp_path: Path) -> None:
    out = tmp_path / "b.zip"
    code, shown, told = call(folder / "data.zip", folder / "sim.zip", "-o", out, "--json", "--analysis", quick)
    assert code == 1, told  # there is no sample of upstream background
    made = Backgrounds.load(out)
    table = json.loads(shown)[0]["rows"]
    (accidental,) = (each for each in made.estimates if each.mechanism == "combinatorial")
    assert [row["region"] for row in table][: len(accidental.regions)] == list(accidental.regions)
    assert sum(accidental.inputs["rows"]) > 100
    assert {"SR", "CR"} == {name for name, seen in made.observed.items() if seen is None}
    assert re.search(rf"written: {out} not complete: upstream: no result has its sample", told)


def test_the_same_files_in_any_order_give_the_same(folder: Path, quick: Path, call: Call, tmp_path: Path) -> None:
    given = [folder / "data.zip", folder / "sim.zip"]
    outs = [tmp_path / f"{n}.zip" for n in range(3)]
    for files, out in zip((given, given, given[::-1]), outs, strict=True):
        assert call(*files, "-o", out, "--analysis", quick)[0] == 1
    assert content(outs[0]) == content(outs[1]) == content(outs[2])


@pytest.mark.parametrize(
    ("files", "says"),
    [
        (["sim"], r"exactly one merged result of mumu must hold its data, all of them; of those given: none"),
        (["data", "data"], r"data\.zip, \S+data\.zip: give each result once"),
        (["data", "more"], r"of those given: \S+data\.zip, \S+more\.zip"),
        (
            ["data", "sim", "sim2"],
            r"sample 'neutrino_mumu': in more than one of the results given, \S+sim\.zip, \S+sim2\.zip",
        ),
        (
            ["bare"],
            r"no background of mumu could be estimated: combinatorial: no single track was kept: .*\[keep\.singles\]",
        ),
        (["text"], r"/text\.zip: not a result of na62dump: .*; give a file that 'na62dump merge'"),
        (["missing"], r"missing\.zip: cannot be read: No such file"),
    ],
)
def test_results_that_do_not_do_are_refused(
    folder: Path, call: Call, tmp_path: Path, files: list[str], says: str
) -> None:
    out = tmp_path / "b.zip"
    code, shown, told = call(*(folder / f"{name}.zip" for name in files), "-o", out)
    assert (code, shown) == (2, "")
    assert re.match(f"error: .*{says}", told), told
    assert not out.exists()


@pytest.mark.parametrize(
    ("before", "after"),
    [("e_over_p_max = 0.2 ", "e_over_p_max = 0.3 "), ('window = "25 ns"', 'window = "30 ns"')],
    ids=["another cut", "other tracks kept"],
)
def test_a_result_of_other_values_is_refused(folder: Path, call: Call, tmp_path: Path, before: str, after: str) -> None:
    for name in ("config", "selections"):
        shutil.copytree(conf.shipped() / name, tmp_path / name)
    path = tmp_path / "config" / "mumu.toml"
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after))
    code, _, told = call(folder / "data.zip", "-o", tmp_path / "b.zip", "--analysis", path)
    assert code == 2
    assert "data.zip: was made with other values than those of" in told
    assert told.endswith("plan, run and merge again")


def test_places_that_cannot_be_written_to_are_refused_before_any_work(folder: Path, call: Call, tmp_path: Path) -> None:
    code, _, told = call(folder / "missing.zip", "-o", tmp_path / "nowhere" / "b.zip")
    assert code == 2
    assert f"there is no folder '{tmp_path / 'nowhere'}'; make it first" in told
    (tmp_path / "b.zip").write_bytes((folder / "data.zip").read_bytes())
    code, _, told = call(folder / "missing.zip", "-o", tmp_path / "b.zip")
    assert code == 2
    assert f"is there and holds no {KIND}; give another name, or remove it" in told


def test_an_unknown_search_is_refused(folder: Path, call: Call, tmp_path: Path) -> None:
    code, _, told = call(folder / "data.zip", "-o", tmp_path / "b.zip", "--analysis", "mumuu")
    assert code == 2
    assert "mumuu" in told


def test_muons_of_two_results_are_refused(folder: Path, call: Call, tmp_path: Path) -> None:
    given = [folder / f"{name}.zip" for name in ("ee", "data", "more")]
    code, _, told = call(*given, "-o", tmp_path / "b.zip", "--analysis", "ee")
    assert code == 2
    assert (
        f"single tracks of mumu: in more than one of the results given, {given[1]}, {given[2]}; give one of them"
        in told
    )


def test_the_data_of_another_search_are_none_of_this_one(folder: Path, call: Call, tmp_path: Path) -> None:
    assert Result.load(folder / "data.zip").state.analysis == "mumu"
    code, _, told = call(folder / "data.zip", "-o", tmp_path / "b.zip", "--analysis", "ee")
    assert code == 2
    assert "exactly one merged result of ee must hold its data, all of them; of those given: none" in told
