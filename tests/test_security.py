"""Files of somebody who means harm, and what the sources may never do; the account is docs/security.md."""

from __future__ import annotations

import ast
import io
import json
import os
import pickle
import re
import stat
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from matplotlib.figure import Figure

from na62dump import analysis as searches
from na62dump import archives, plotting, runs
from na62dump.errors import ConfigurationError, InputFileError
from na62dump.results import Result, read_provenance
from na62dump.signal.acceptance import KIND, Acceptance
from na62dump.skims import Skim
from tests.worlds import declared, done, planned, simulated, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from na62dump.datasets import Plan

BURNT = "burnt"


class Burning:
    """What a pickle can do to whoever reads it."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (BURNT,)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, bytes]:
    folder = tmp_path_factory.mktemp("made")
    write(folder / "s.root", simulated("demo_signal", 300), bursts=[], truth=True)
    plan = planned(folder, {"signal": declared("simulation", "s.root")})
    return plan, runs.merge(done(folder / "run", plan))[0].dumps({})


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    yield
    assert not (tmp_path / BURNT).exists()


def altered(content: bytes, name: str, member: bytes) -> Path:
    """A result file with another member."""
    path = Path("r.zip")
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        assert name in old.namelist()
        for other in old.namelist():
            new.writestr(other, member if other == name else old.read(other))
    return path


def npy(shape: str, descr: str = "<f8", body: bytes = b"") -> bytes:
    """An array's file that says what it likes."""
    buffer = io.BytesIO()
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    buffer.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + body)
    return buffer.getvalue()


# Results of somebody else


def histogram(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return next(name for name in archive.namelist() if name.endswith("_values.npy"))


@pytest.mark.parametrize(
    "member", [npy("(10**13,)"), npy("(10000000000000,)"), npy("(10000000000,)")], ids=["sum", "10 TB", "80 GB"]
)
def test_an_array_that_claims_to_be_huge_is_no_result(made: tuple[Plan, bytes], member: bytes) -> None:
    path = altered(made[1], histogram(made[1]), member)
    with pytest.raises(InputFileError, match="not a result of na62dump"):
        Result.load(path)


def test_a_pickled_array_is_not_read(made: tuple[Plan, bytes]) -> None:
    path = altered(made[1], histogram(made[1]), npy("(1,)", "|O", pickle.dumps(np.array([Burning()], dtype=object))))
    with pytest.raises(InputFileError, match=r"not a result of na62dump: .*allow_pickle=False"):
        Result.load(path)
    archive = Path("a.zip")
    archive.write_bytes(archives.pack("x", {}, arrays={"a": np.zeros(3)}, provenance={}))
    assert archives.unpack(archive, "x", made_by="x")[1]["a"].shape == (3,)
    body = npy("(1,)", "|O", pickle.dumps(np.array([Burning()], dtype=object)))
    archive = altered(archive.read_bytes(), "a.npy", body)
    with pytest.raises(InputFileError, match="allow_pickle=False"):
        archives.unpack(archive, "x", made_by="x")


@pytest.mark.parametrize("name", ["state.json", "counts.json", "provenance.json"])
def test_nested_json_is_no_result(made: tuple[Plan, bytes], name: str) -> None:
    path = altered(made[1], name, b"[" * 10**6)
    with pytest.raises(InputFileError, match="not a result of na62dump"):
        read_provenance(path) if name == "provenance.json" else Result.load(path)


def test_a_zip_bomb_is_not_unpacked(made: tuple[Plan, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    path = altered(made[1], "provenance.json", b" " * 2**24)
    read_provenance(altered(made[1], "provenance.json", b"{}" + b" " * 2**24))
    monkeypatch.setattr(archives, "_FREE", 2**20)
    for read in (Result.load, read_provenance):
        with pytest.raises(InputFileError, match=r"bytes unpack to \d+, more than the \d+ allowed"):
            read(path)
    assert archives.kind_of(path) is None


def test_a_table_with_more_rows_than_its_bytes_can_mean_is_no_skim(monkeypatch: pytest.MonkeyPatch) -> None:
    table = pa.table({name: pa.array(np.zeros(10**6, dtype=np.int64)) for name in ("run", "burst", "event", "row")})
    pq.write_table(table, "s.parquet", compression="zstd")
    monkeypatch.setattr(archives, "_FREE", 2**20)
    with pytest.raises(InputFileError, match=r"bytes stand for 4000000 numbers, more than the \d+ allowed"):
        Skim.from_parquet(Path("s.parquet"))


def test_a_pipe_is_not_waited_for() -> None:
    os.mkfifo("r.zip")
    with pytest.raises(InputFileError, match="is a pipe or a device"):
        Result.load(Path("r.zip"))


# Names that become paths


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "a/b", "..", "evil.toml", "a\0b", "a\\b", "a\nb"])  # noqa: S108
def test_a_result_does_not_choose_which_analysis_is_loaded(made: tuple[Plan, bytes], name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(made[1])) as archive:
        state = json.loads(archive.read("state.json")) | {"analysis": name}
    with pytest.raises(InputFileError, match="no plain name: it leads to another place"):
        Result.load(altered(made[1], "state.json", json.dumps(state).encode()))


@pytest.mark.parametrize("key", ["analysis", "model"])
def test_an_acceptance_does_not_choose_which_files_are_loaded(key: str) -> None:
    about = {"analysis": "mumu", "model": "dark_photon", "binning": [0.0, 1.0, 1]} | {key: "evil/x.toml"}
    path = Path("a.zip")
    path.write_bytes(archives.pack(KIND, {"about": about}, arrays={}, provenance={}))
    with pytest.raises(InputFileError, match="no plain name"):
        Acceptance.load(path)


def test_a_plan_does_not_lead_out_of_its_folder(made: tuple[Plan, bytes]) -> None:
    plan = made[0]
    file, unit = plan.files[0], plan.units[0]
    strange = replace(file, uuid="../../evil")
    plan.save(Path("plan.json"))
    header = Path("plan.json").read_text().replace('"mumu"', '"../../evil"')
    for evil in (
        None,
        replace(plan, files=(strange,), units=(replace(unit, uuid=strange.uuid),)),
        replace(plan, units=(replace(unit, bursts="/../evil"),)),
    ):
        if evil is None:
            Path("plan.json").write_text(header)
        else:
            evil.save(Path("plan.json"))
        with pytest.raises(ConfigurationError, match="not a plan of this version"):
            runs.open_run(Path())


def test_a_family_does_not_lead_out_of_its_folder() -> None:
    Path("family.json").write_text('["mumu", "../evil"]')
    with pytest.raises(ConfigurationError, match=r"'\.\./evil' is no plain name"):
        runs.members(Path())


def test_a_figure_is_not_written_elsewhere() -> None:
    with pytest.raises(ConfigurationError, match=r"'\.\./evil\.png' is no plain name"):
        plotting.save({"../evil": Figure()}, Path("figures"), provenance={})
    assert not Path("evil.png").exists()


# Run folders of somebody else


def planted(made: tuple[Plan, bytes]) -> Path:
    """A run whose selection leaves a trace when it is executed."""
    folder = Path("run").absolute()
    runs.create(folder, searches.load("mumu"), plan=made[0])
    selection = folder / "selections" / "mumu.py"
    selection.write_text(f"{selection.read_text()}\nimport os\nos.mkdir({BURNT!r})\n")
    return folder


@pytest.mark.parametrize("name", ["", "plan.json", "config", "config/*", "selections", "selections/mumu.py"])
def test_the_selection_of_another_user_is_not_executed(
    made: tuple[Plan, bytes], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = planted(made)
    other = next(iter(sorted(folder.glob(name)))) if name else folder
    look = Path.lstat

    def planted_by_another(path: Path) -> os.stat_result:
        found = look(path)
        return os.stat_result((*found[:4], 12345, *found[5:])) if path == other else found

    monkeypatch.setattr(Path, "lstat", planted_by_another)
    told = rf"{re.escape(str(other))}: belongs to another user \(number 12345\).* executes the selection .*cp -r"
    with pytest.raises(ConfigurationError, match=told):
        runs.open_run(folder)
    assert not Path(BURNT).exists()


def test_a_selection_that_everybody_may_write_is_not_executed(made: tuple[Plan, bytes]) -> None:
    folder = planted(made)
    (folder / "selections" / "mumu.py").chmod(0o666)
    with pytest.raises(ConfigurationError, match=r"mumu\.py: may be written by everybody, and opening a run"):
        runs.open_run(folder)


def test_the_selection_of_ones_own_run_is_code_that_is_executed(made: tuple[Plan, bytes]) -> None:
    folder = planted(made)
    with pytest.raises(ConfigurationError, match="its files, or the version of na62dump, are not those"):
        runs.open_run(folder)
    Path(BURNT).rmdir()  # it was made: the digest is looked at afterwards, and protects from mistakes alone


# Certificates


def test_certificates_can_be_read_by_their_owner_alone() -> None:
    from na62dump.runner.engines import security  # noqa: PLC0415 - dask is loaded for this test only

    before = os.umask(0)
    try:
        with security.private_folder(Path()) as folder:
            security.fresh_certificate(folder)
            modes = {stat.S_IMODE(path.stat().st_mode) for path in Path(folder).iterdir()}
            assert stat.S_IMODE(Path(folder).stat().st_mode) == 0o700
    finally:
        os.umask(before)
    assert modes == {0o600}
    assert not Path(folder).exists()


# What the sources may not do

FORBIDDEN_MODULES = {"pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "numexpr", "tarfile"}
FORBIDDEN_CALLS = {
    *("eval", "exec", "compile", "__import__", "os.system", "os.popen", "extract", "extractall", "query"),
    *("import_module", "exec_module", "resolve_name", "subprocess.run", "subprocess.Popen", "subprocess.check_output"),
    *("yaml.load", "yaml.full_load", "yaml.unsafe_load", "yaml.load_all", "np.fromfile", "np.memmap"),
}
ALLOWED = {
    "na62dump/cutflow/protocol.py": {"exec_module"},  # selections are code; by the path that the user names
    "na62dump/runner/engines/table.py": {"resolve_name"},  # of a table in that file
    "na62dump/signal/event_files.py": {"import_module"},  # of names in that file
    "na62dump/provenance.py": {"subprocess.run"},  # git, without a shell
    "na62dump/runner/batch/commands.py": {"subprocess.run"},  # programs of batch systems, without a shell
    "na62dump/events/remote.py": {"import_module", "query"},  # of a name in that file; what a server is asked
}
READS = {"arrays", "iterate"}
"""Calls of uproot that evaluate what they are given first, or as these."""
EVALUATED = {"expressions", "cut", "aliases"}


def dangers(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            yield from (name for name in names if name.split(".")[0] in FORBIDDEN_MODULES)
        if isinstance(node, ast.Call):
            yield from dangers_of_call(node)


def dangers_of_call(node: ast.Call) -> Iterator[str]:
    called = ast.unparse(node.func)
    last = called.rpartition(".")[2]
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    if called in FORBIDDEN_CALLS or ("." in called and last in FORBIDDEN_CALLS and called != "re.compile"):
        yield called if called in FORBIDDEN_CALLS else last
    if "shell" in given:
        yield "shell"
    if "allow_pickle" in given and ast.unparse(given["allow_pickle"]) != "False":
        yield "allow_pickle"
    if called in {"np.load", "numpy.load"} and "allow_pickle" not in given:
        yield called
    if last in READS and (node.args or EVALUATED & given.keys()):
        yield last


def test_the_sources_evaluate_nothing_and_read_no_pickle(repository: Path) -> None:
    found: dict[str, set[str]] = {}
    for folder in ("na62dump", "selections"):
        for path in sorted((repository / folder).rglob("*.py")):
            name = str(path.relative_to(repository))
            rest = set(dangers(path.read_text(encoding="utf-8"))) - ALLOWED.get(name, set())
            found |= {name: rest} if rest else {}
    assert not found


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_allowed_is_still_needed(repository: Path, name: str) -> None:
    assert ALLOWED[name] <= set(dangers((repository / name).read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "eval('1')",
            "exec(x)",
            "compile(x, y, z)",
            "__import__(x)",
            "os.system(x)",
            "import pickle",
            "from dill import x",
        ),
        *("np.load(x)", "np.load(x, allow_pickle=True)", "np.save(x, y, allow_pickle=flag)", "yaml.load(x)"),
        *("subprocess.run(x)", "f(x, shell=True)", "archive.extractall(x)", "frame.query(x)", "frame.eval(x)"),
        *("tree.arrays('px > 3')", "tree.arrays(cut=x)", "tree.iterate(aliases=x)", "pkgutil.resolve_name(x)"),
    ],
)
def test_a_danger_is_seen(text: str) -> None:
    assert list(dangers(text))


def test_the_account_names_tests_that_there_are(repository: Path) -> None:
    named = set(re.findall(r"`(test_\w+)`", (repository / "docs" / "security.md").read_text(encoding="utf-8")))
    texts = [path.read_text(encoding="utf-8") for path in (repository / "tests").rglob("test_*.py")]
    there = {name for text in texts for name in re.findall(r"^def (test_\w+)", text, re.MULTILINE)}
    assert named
    assert named <= there
