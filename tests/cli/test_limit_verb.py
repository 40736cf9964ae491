"""limit, and show and plot of what it writes."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from typer.testing import CliRunner

from na62dump import archives
from na62dump.cli.app import app
from na62dump.errors import ConfigurationError, InputFileError, MergeError, UnknownNameError
from na62dump.inference.exclusion.limits import KIND, Limits
from tests.inference import counting_world as world
from tests.inference.scan_samples import numbers, signal
from tests.signal.toys import TOY

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result as Called

MASSES, COUPLINGS = np.linspace(300.0, 500.0, 21), np.geomspace(1e-7, 1e-5, 41)


def call(*words: object) -> Called:
    return CliRunner().invoke(app, list(map(str, words)))


def told(called: Called) -> str:
    assert called.exit_code == 0, called.output
    return " ".join(called.output.split())


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Yields of two searches in a file each, and backgrounds and results of each."""
    folder = tmp_path_factory.mktemp("limit")
    shape = np.linspace(0.0, 1000.0, 2001)[:-1]
    found = {}
    for name, factor in (("mumu", 1.0), ("ee", 2.0)):
        events = {name: factor * numbers(masses=MASSES, couplings=COUPLINGS)}
        digests = {"model": "0", f"analysis {name}": world.DIGEST}
        one = signal(events, masses=MASSES, couplings=COUPLINGS, digests=digests)
        estimate = world.estimate("combinatorial", {"SR": 0.016, "CR": 0.17}, masses={"SR": shape})
        rows = [world.Row(7, 411.0)] if name == "mumu" else []
        contents = {
            "yields": one.dumps({}),
            "background": world.backgrounds(estimate, made=world.state(name)).dumps({}),
            "result": world.result(rows, name).dumps({}),
            "hidden": world.backgrounds(estimate, made=world.state(name, opened=())).dumps({}),
            "closed": world.result([], name, opened=()).dumps({}),
        }
        for what, content in contents.items():
            found[f"{what} {name}"] = folder / f"{what}.{name}.zip"
            found[f"{what} {name}"].write_bytes(content)
    return found


def words(files: dict[str, Path], *searches: str, **more: str) -> list[object]:
    """Options of the files of searches; ``background="hidden"`` takes others."""
    options = {"yields": "yields", "background": "background", "result": "result"} | more
    return [
        "--no-export",
        *(
            word
            for option, what in options.items()
            if what
            for name in searches
            for word in (f"--{option}", files[f"{what} {name}"])
        ),
    ]


def read(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def test_limits_of_two_searches(files: dict[str, Path], tmp_path: Path) -> None:
    output = tmp_path / "new" / "limits"
    text = told(call("limit", *words(files, "mumu", "ee"), "-o", output))
    for name in ("limits.zip", "limits.json", "contour.csv", "contours/minus2.csv", "contours/mumu/observed.csv"):
        assert (output / name).is_file()
        assert f"written: {output / name}" in text
    assert "includes 20% on protons and simulated decays; theory uncertainty not included" in text
    assert "contour.csv holds the observed contour of mumu + ee" in text
    made = Limits.load(output / "limits.zip")
    assert [scan.counting.name for scan in made.scans] == ["mumu", "ee", "mumu + ee"]
    mumu = made.scans[0].counting
    assert mumu.observed is not None
    np.testing.assert_array_equal(mumu.observed, (np.abs(made.masses - 411) <= 6).astype(int))  # 3 x 2 MeV
    ends = 411 + np.array([-6, 6])
    added = np.setdiff1d(made.masses, MASSES)
    np.testing.assert_allclose(added, np.sort([411, *ends * (1 - 1e-6), *ends * (1 + 1e-6)]))
    assert made.data == "Data"
    rows = read(output / "contour.csv")
    assert {float(row["mass_mev"]) for row in rows} == set(made.masses.tolist())
    summary = json.loads((output / "limits.json").read_text())
    assert summary["provenance"]["inputs"]["result"] == [str(files["result mumu"]), str(files["result ee"])]


def test_the_result_is_the_same_twice(files: dict[str, Path], tmp_path: Path) -> None:
    for name in ("first", "second"):
        told(call("limit", *words(files, "mumu"), "-o", tmp_path / name))
    for path in (tmp_path / "first").rglob("*.csv"):
        assert path.read_bytes() == (tmp_path / "second" / path.relative_to(tmp_path / "first")).read_bytes()


def test_hidden_regions_give_expected_limits_only_and_leave_no_observed_contour(
    files: dict[str, Path], tmp_path: Path
) -> None:
    told(call("limit", *words(files, "mumu"), "-o", tmp_path))
    assert (tmp_path / "contours" / "observed.csv").exists()
    text = told(call("limit", *words(files, "mumu", background="hidden", result="closed"), "-o", tmp_path))
    assert "nothing is observed, so that limits are expected ones: mumu" in text
    assert "mumu: data in SR are hidden" in text
    assert f"removed: {tmp_path / 'contours' / 'observed.csv'}" in text
    assert not (tmp_path / "contours" / "observed.csv").exists()
    assert (tmp_path / "contour.csv").read_bytes() == (tmp_path / "contours" / "expected.csv").read_bytes()


def test_without_a_result_limits_are_expected_ones(files: dict[str, Path], tmp_path: Path) -> None:
    text = told(call("limit", *words(files, "mumu", result=""), "-o", tmp_path))
    assert "contour.csv holds the expected contour of mumu" in text


def test_a_projection_scales_signal_and_background(files: dict[str, Path], tmp_path: Path) -> None:
    told(call("limit", *words(files, "mumu"), "-o", tmp_path / "now"))
    text = told(
        call("limit", *words(files, "mumu"), "-o", tmp_path / "then", "--protons", 1.4e18, "--intensity", 2, "--json")
    )
    now, then = (Limits.load(tmp_path / name / "limits.zip") for name in ("now", "then"))
    assert (then.protons, then.projected) == (1.4e18, 1.4e17)
    same = np.isin(now.masses, then.masses)  # without an observed event no mass is added around it
    np.testing.assert_allclose(then.scans[0].events, 10 * now.scans[0].events[same])
    np.testing.assert_allclose(then.scans[0].counting.expected, 20 * now.scans[0].counting.expected[same])
    assert then.scans[0].observed is None
    assert "projected from 1.4e+17 to 1.4e+18" in text


def test_method_and_level_can_be_chosen(files: dict[str, Path], tmp_path: Path) -> None:
    told(call("limit", *words(files, "mumu"), "-o", tmp_path, "--method", "bayesian", "--confidence", 0.95))
    made = Limits.load(tmp_path / "limits.zip")
    assert (made.method, made.confidence) == ("bayesian", 0.95)
    assert made.scans[0].expected.min() > 2.9957


def test_limits_are_shown_and_drawn(files: dict[str, Path], tmp_path: Path) -> None:
    told(call("limit", *words(files, "mumu"), "-o", tmp_path))
    shown = call("show", tmp_path / "limits.zip", "--json")
    assert shown.exit_code == 0, shown.output
    tables: list[dict[str, Any]] = json.loads(shown.stdout)
    assert tables[0]["rows"][0]["search"] == "mumu"
    assert len(tables[1]["rows"]) == len(MASSES) + 5  # around the event
    told(call("plot", tmp_path / "limits.zip", "-o", tmp_path / "figures"))
    assert {path.name for path in (tmp_path / "figures" / "limits").iterdir()} >= {"contour.png", "events.pdf"}


@pytest.mark.parametrize(
    ("chosen", "more", "error", "message"),
    [
        ({"background": ""}, [], SystemExit, ""),
        ({}, ["--method", "asymptotic"], UnknownNameError, "no method of limits 'asymptotic'"),
        ({}, ["--confidence", "0.3"], ConfigurationError, "confidence level 0.3: it has to be a number from 0.5"),
        ({}, ["--confidence", "0"], ConfigurationError, "such as 0.9"),
        ({}, ["--protons", "0"], ConfigurationError, "0 protons on target"),
        ({}, ["--protons", "0.5"], ConfigurationError, "0.5 protons on target: give a finite number, at least 1"),
        ({}, ["--protons", "1e26"], ConfigurationError, "background events are expected with --protons 1e+26"),
        ({}, ["--intensity", "1e11"], ConfigurationError, "background events are expected with --intensity 1e+11"),
        ({}, ["--export", "--record", "ins12"], ConfigurationError, "--record ins12: it has to be 'ins' and seven"),
        ({"result": "background"}, [], InputFileError, "is a file of backgrounds, not a result"),
        ({"background": "result"}, [], InputFileError, "background"),
        ({"background": "hidden"}, [], MergeError, "both have to be the same"),
    ],
)
def test_mistakes_are_told(
    files: dict[str, Path],
    tmp_path: Path,
    chosen: dict[str, str],
    more: list[str],
    error: type[BaseException],
    message: str,
) -> None:
    called = call("limit", *words(files, "mumu", **chosen), "-o", tmp_path, *more)
    assert isinstance(called.exception, error)
    assert message in str(called.exception)
    assert not (tmp_path / "limits.zip").exists()


def test_files_without_partners_are_told(files: dict[str, Path], tmp_path: Path) -> None:
    both, one = words(files, "mumu", "ee"), words(files, "mumu")
    cases = [
        ([*one, "--yields", files["yields ee"]], "no background of ee is given"),
        ([*one, "--background", files["background ee"]], "a background of ee is given, and no yields of it"),
        ([*one, "--result", files["result ee"]], "a merged result of ee is given, and no yields of it"),
        ([*both, "--background", files["background ee"]], "more than one background of ee"),
        ([*both, "--yields", files["yields ee"]], "for the search ee are in two files"),
    ]
    for given, message in cases:
        called = call("limit", *given, "-o", tmp_path)
        assert isinstance(called.exception, ConfigurationError)
        assert message in str(called.exception)


def test_another_file_is_not_replaced(files: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "limits.zip").write_bytes(files["yields mumu"].read_bytes())
    called = call("limit", *words(files, "mumu"), "-o", tmp_path)
    assert isinstance(called.exception, ConfigurationError)
    assert "is there and holds no limits" in str(called.exception)


def test_workspaces_and_a_submission_are_written(files: dict[str, Path], tmp_path: Path) -> None:
    options = words(files, "mumu", "ee")[1:]
    text = told(call("limit", *options, "-o", tmp_path))
    for name in ("workspace.json", "patchset.json", "hepdata/submission.yaml"):
        assert (tmp_path / name).is_file()
    assert "Asymptotic formulae, the default of pyhf and cabinetry, give wrong limits" in text
    assert "files for HEPData" in text


@pytest.mark.parametrize(
    "name",
    ["limits.json", "contour.csv", "contours/mine.csv", "lifetimes/a", "workspace.json", "patchset.json", "hepdata/a"],
)
def test_files_of_others_are_refused_before_any_work(files: dict[str, Path], tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine")
    (tmp_path / "notes.txt").write_text("no file of limits")
    called = call("limit", *words(files, "mumu")[1:], "-o", tmp_path)
    assert isinstance(called.exception, ConfigurationError)
    assert name.partition("/")[0] in str(called.exception)
    assert (tmp_path / name).read_text() == "mine"
    assert not (tmp_path / "limits.zip").exists()


def test_files_of_others_beside_earlier_limits_stay(files: dict[str, Path], tmp_path: Path) -> None:
    told(call("limit", *words(files, "mumu"), "-o", tmp_path))
    before = (tmp_path / "limits.zip").read_bytes()
    (tmp_path / "contours" / "mine.csv").write_text("mine")
    (tmp_path / "contours" / "mumu").mkdir()
    (tmp_path / "contours" / "mumu" / "expected.csv").write_text("mine")
    (tmp_path / "workspace.json").write_text("mine")
    for options, message in (
        (words(files, "mumu", "ee"), "contours/mumu/expected.csv would be replaced"),
        (words(files, "mumu")[1:], "workspace.json would be replaced"),
    ):
        called = call("limit", *options, "-o", tmp_path)
        assert isinstance(called.exception, ConfigurationError)
        assert message in str(called.exception)
    assert (tmp_path / "limits.zip").read_bytes() == before
    told(call("limit", *words(files, "mumu", result=""), "-o", tmp_path))
    assert not (tmp_path / "contours" / "observed.csv").exists()
    for name in ("contours/mine.csv", "contours/mumu/expected.csv", "workspace.json"):
        assert (tmp_path / name).read_text() == "mine"


def test_files_of_others_beside_a_submission_stay(files: dict[str, Path], tmp_path: Path) -> None:
    told(call("limit", *words(files, "mumu")[1:], "-o", tmp_path, "--record", "ins1234567"))
    assert "ins1234567" in (tmp_path / "patchset.json").read_text()
    picture = (tmp_path / "hepdata" / "contour.png").read_bytes()
    told(call("limit", *words(files, "mumu")[1:], "-o", tmp_path))
    assert (tmp_path / "hepdata" / "contour.png").read_bytes() == picture
    (tmp_path / "hepdata" / "letter.tex").write_text("mine")
    called = call("limit", *words(files, "mumu")[1:], "-o", tmp_path)
    assert isinstance(called.exception, ConfigurationError)
    assert "letter.tex; move that, or leave the submission out (--no-export)" in str(called.exception)
    text = told(call("limit", *words(files, "mumu"), "-o", tmp_path))
    assert "what else is in it is kept" in text
    assert [path.name for path in (tmp_path / "hepdata").iterdir()] == ["letter.tex"]
    assert not (tmp_path / "workspace.json").exists()


def test_a_damaged_file_of_earlier_limits_is_told(files: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "limits.zip").write_bytes(archives.pack(KIND, {}, arrays={}, provenance={}))
    called = call("limit", *words(files, "mumu"), "-o", tmp_path)
    assert isinstance(called.exception, ConfigurationError)
    assert "remove limits.zip, or give another folder" in str(called.exception)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "alp"}, "is of the model 'alp', and the limits are of 'toy'"),
        ({"origin": "9"}, "made with other values of 'toy' (digest 9) than the limits (0)"),
        ({"analysis": "pipi"}, "acceptance of 'pipi', but the limits do not count it, only mumu"),
        ({}, "made with other requirements than the limits"),
    ],
)
def test_an_acceptance_that_does_not_belong_is_refused_before_the_work(
    files: dict[str, Path], tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    acceptance = replace(TOY.acceptance(TOY.sample("B decay", "mumu", 300.0), origin="0"), **changes)
    path = tmp_path / "acceptance.zip"
    path.write_bytes(acceptance.dumps({}))
    called = call("limit", *words(files, "mumu")[1:], "-o", tmp_path / "new", "--acceptance", path)
    assert isinstance(called.exception, ConfigurationError)
    assert message in str(called.exception)
    assert not list((tmp_path / "new").iterdir())


def test_what_only_exports_use_is_refused_without_them(files: dict[str, Path], tmp_path: Path) -> None:
    called = call("limit", *words(files, "mumu"), "-o", tmp_path, "--acceptance", "a.zip", "--record", "ins1234567")
    assert isinstance(called.exception, ConfigurationError)
    assert "--no-export with --acceptance and --record" in str(called.exception)


@pytest.mark.parametrize("verb", ["limit", "reproduce"])
def test_a_file_is_no_folder(files: dict[str, Path], tmp_path: Path, verb: str) -> None:
    (tmp_path / "file").write_text("mine")
    for place, message in (("file", "file: is a file; give a folder"), ("file/deep", "file is a file; give a folder")):
        called = call(verb, *(words(files, "mumu") if verb == "limit" else []), "-o", tmp_path / place)
        assert isinstance(called.exception, ConfigurationError)
        assert message in str(called.exception)


def test_the_summary_is_no_result(files: dict[str, Path], tmp_path: Path) -> None:
    told(call("limit", *words(files, "mumu"), "-o", tmp_path))
    called = call("show", tmp_path / "limits.json")
    assert isinstance(called.exception, InputFileError)
    assert f"a summary for other programs; give {tmp_path / 'limits.zip'}" in str(called.exception)


def test_a_missing_extra_is_told_or_refused(
    files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("na62dump.inference.export.extra.LIBRARIES", ("no_such_library",))
    options = words(files, "mumu")[1:]
    text = told(call("limit", *options, "-o", tmp_path))
    assert "no workspace and no submission: to export limits, no_such_library is missing; install the extra" in text
    assert (tmp_path / "contour.csv").is_file()
    refused = call("limit", *options, "--export", "-o", tmp_path / "new")
    assert isinstance(refused.exception, ConfigurationError)
    assert not (tmp_path / "new").exists()
