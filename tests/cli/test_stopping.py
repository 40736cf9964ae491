from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from na62dump import analysis as searches
from na62dump import runs
from na62dump.cli.stopping import stoppable
from tests.worlds import declared, good_burst, planned, simulated, write

FILES = 30
PLAN_STOPPED = "stopped; what was found is kept: the same command goes on with the rest"

TWICE = """
import os, signal, time
from na62dump.cli.stopping import stoppable
try:
    with stoppable():
        try:
            os.kill(os.getpid(), signal.{first})
            time.sleep(60)
        except KeyboardInterrupt:
            print("cleaning up", flush=True)
            os.kill(os.getpid(), signal.{second})
            time.sleep(60)
finally:
    print("never")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files that take longer than the start of a process, and a run over them."""
    made = tmp_path_factory.mktemp("world")
    events = simulated("halo", 200)
    (made / "files").mkdir()
    for number in range(FILES):
        write(made / "files" / f"{number:02}.root", events, bursts=[good_burst(int(events["run"][0]), number)])
    (made / "d.toml").write_text('kind = "data"\nlabel = "d"\nfiles = ["*.root"]\n')
    (made / "two.toml").write_text('engine = "futures"\nworkers = 2\n')
    plan = planned(made / "files", {"d": declared("data", "*.root")}, unit_events=10)
    runs.create(made / "run", searches.load("mumu"), plan=plan)
    return made


def words_of(verb: str, folder: Path, tmp_path: Path) -> list[str]:
    how = ["--execution", str(folder / "two.toml")]
    if verb == "run":
        return [verb, str(folder / "run"), *how]
    sample = ["--sample", str(folder / "d.toml"), "--base", str(folder / "files")]
    return [verb, "mumu", "-o", str(tmp_path / "run"), *sample, *how]


def importing(process: subprocess.Popen[str], library: str) -> list[int]:
    """Processes of its pool that have begun to load a library."""
    found = []
    for child in psutil.Process(process.pid).children():
        with contextlib.suppress(psutil.NoSuchProcess):
            if "popen_loky" in " ".join(child.cmdline()) and any(library in m.path for m in child.memory_maps()):
                found.append(child.pid)
    return found


@pytest.mark.parametrize(
    ("verb", "number", "library", "told"),
    [
        pytest.param("plan", signal.SIGINT, "python", PLAN_STOPPED, marks=pytest.mark.slow),
        ("plan", signal.SIGINT, "numpy", PLAN_STOPPED),
        ("plan", signal.SIGTERM, "numpy", PLAN_STOPPED),
        pytest.param("run", signal.SIGINT, "python", "stopped: ", marks=pytest.mark.slow),
        ("run", signal.SIGINT, "numpy", "stopped: "),
    ],
)
def test_a_stop_while_workers_start_is_one_line_and_leaves_nobody(
    verb: str, number: signal.Signals, library: str, told: str, *, folder: Path, tmp_path: Path
) -> None:
    command = [sys.executable, str(Path(__file__).with_name("stop_early.py")), *words_of(verb, folder, tmp_path)]
    root = Path(__file__).parents[2]
    child = subprocess.Popen(
        command,
        start_new_session=True,
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not (workers := importing(child, library)):
        assert child.poll() is None, child.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    for worker in workers:
        # of all that a terminal tells, these may be the first
        os.kill(worker, signal.SIGINT)
    time.sleep(0.3)
    os.killpg(child.pid, number)
    out, err = child.communicate(timeout=60)
    assert (child.returncode, out) == (1, "")
    (line,) = err.splitlines()
    assert line.startswith(told)
    while group_is_alive(child.pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def group_is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_both_signals_stop_the_body_and_leave_no_trace(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), stoppable():
        os.kill(os.getpid(), number)
    assert signal.getsignal(number) == before
    with stoppable():
        assert signal.getsignal(number) != before
    assert signal.getsignal(number) == before


@pytest.mark.parametrize(("first", "second"), [("SIGINT", "SIGINT"), ("SIGTERM", "SIGINT")])
def test_the_second_ends_at_once(first: str, second: str) -> None:
    root = Path(__file__).parents[2]
    script = TWICE.format(first=first, second=second)
    found = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout, found.stderr) == (-signal.SIGINT, "cleaning up\n", "")


LATER = """
import os, signal, sys, threading, time, types
from na62dump import cli
sys.modules["na62dump.cli.app"] = types.SimpleNamespace(main=lambda: time.sleep(60))
threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()
cli.main()
"""


def test_sigterm_stops_any_verb_in_order() -> None:
    root = Path(__file__).parents[2]
    found = subprocess.run([sys.executable, "-c", LATER], cwd=root, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (1, "stopped before anything was done\n")
