"""dask on real Slurm and HTCondor, and at an address: exact when workers die, and closed to everybody else."""

from __future__ import annotations

import _thread
import contextlib
import itertools
import json
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from distributed import Client
from distributed.security import Security

from na62dump import analysis as searches
from na62dump import runs
from na62dump.errors import ConfigurationError, IncompleteError
from na62dump.events import Events
from na62dump.runner import Dask, DaskCondor, DaskSlurm, Job, Ledger, Progress, execute
from na62dump.runner.engines.clusters import in_jobs
from na62dump.runner.engines.security import secured
from tests.cluster.daemons import free_port, wait_until
from tests.runner.test_engines import UNITS, make_work
from tests.worlds import declared, digest, good_burst, merged, planned, simulated, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from na62dump.datasets import Plan
    from tests.cluster.condor import Condor
    from tests.cluster.slurm import Slurm

# a client of distributed leaves its socket to the garbage when the scheduler is killed: its warning is not ours
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning"
)
psutil = pytest.importorskip("psutil", reason="comes with distributed")
REPOSITORY = Path(__file__).parents[2]
FILES = 4
SETUP = (f"export PYTHONPATH={REPOSITORY}", f"cd {REPOSITORY}")
ALLOWED = {"127.0.0.1", "::1"}


def on_slurm(**changes: Any) -> DaskSlurm:  # noqa: ANN401 - values of any key
    values = {"engine": "dask-slurm", "workers": 1, "jobs": 2, "memory": "2 GB", "time": "20 min"}
    return DaskSlurm.model_validate(values | {"interface": "lo", "wait": "60 s", "setup": SETUP} | changes)


def on_condor(**changes: Any) -> DaskCondor:  # noqa: ANN401 - values of any key
    values = {"engine": "dask-htcondor", "workers": 1, "jobs": 2, "memory": "2 GB", "disk": "100 MB"}
    return DaskCondor.model_validate(values | {"interface": "lo", "wait": "60 s", "setup": SETUP} | changes)


@pytest.fixture
def slurm_here(slurm: Slurm, monkeypatch: pytest.MonkeyPatch) -> Slurm:
    monkeypatch.setenv("SLURM_CONF", slurm.environment["SLURM_CONF"])
    return slurm


@pytest.fixture
def condor_here(condor: Condor, monkeypatch: pytest.MonkeyPatch) -> Condor:
    for name in ("PATH", "CONDOR_CONFIG"):
        monkeypatch.setenv(name, condor.environment[name])
    return condor


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, str]:
    folder = tmp_path_factory.mktemp("world")
    events = simulated("halo", 2_000)
    run = int(events["run"][0])
    edges = np.linspace(0, len(events), FILES + 1).astype(int)
    for number, (start, stop) in enumerate(itertools.pairwise(edges)):
        part = events.take(int(start), int(stop))
        burst = np.full(len(part), number, dtype=np.uint32)
        part = Events(len(part), {**part.columns, "burst": burst}, part.offsets)
        write(folder / f"{number:02}.root", part, bursts=[good_burst(run, number)])
    plan = planned(folder, {"d": declared("data", "*.root")}, unit_events=50)
    return plan, digest(merged(folder / "local", plan))


class Once:
    """Does something, from the thread that watches, when the first units are done; keeps what it raises."""

    def __init__(self, act: Callable[[], object]) -> None:
        self.act = act
        self.done = False

    def __call__(self, progress: Progress) -> None:
        if progress.units and not self.done:
            self.done = True
            self.act()


def run_and(folder: Path, plan: Plan, execution: DaskSlurm | DaskCondor, act: Callable[[runs.Run], object]) -> str:
    run = runs.create(folder, searches.load("mumu"), plan=plan)
    once = Once(lambda: act(run))
    assert runs.execute(run, execution, on_progress=once) == []
    assert once.done
    assert not list(folder.glob(".na62dump-dask-*"))
    return digest(runs.merge(run)[0])


def kill_a_worker(run: runs.Run) -> None:
    """SIGKILL for the process that some unit is in, as its mark says."""
    marks = run.ledger.places
    name = next(iter(marks.marked_names()), None)
    while name is None:
        time.sleep(0.01)
        name = next(iter(marks.marked_names()), None)
    path = run.folder / "working" / run.ledger.fingerprint[:16] / f"{name}.json"
    try:
        pid = json.loads(path.read_text())["process"]
    except (FileNotFoundError, json.JSONDecodeError):
        kill_a_worker(run)  # that unit was done meanwhile
    else:
        os.kill(pid, signal.SIGKILL)


def test_slurm_worker_killed_in_mid_run_is_exact(slurm_here: Slurm, world: tuple[Plan, str], tmp_path: Path) -> None:
    plan, expected = world
    assert run_and(tmp_path / "run", plan, on_slurm(), kill_a_worker) == expected
    wait_until(lambda: not slurm_here.jobs(), what="the end of the jobs")


def test_slurm_jobs_cancelled_in_mid_run_are_replaced(slurm_here: Slurm, tmp_path: Path) -> None:
    once = Once(lambda: slurm_here("scancel", *slurm_here.jobs()))
    slow = {f"at_{unit.start}": lambda: time.sleep(0.5) for unit in UNITS}
    ledger = Ledger(tmp_path / "run", "f" * 64)
    assert execute(UNITS, Job(make_work(**slow), ledger), execution=on_slurm(), on_progress=once) == []
    assert once.done
    assert ledger.missing(UNITS) == []


def test_always_crashing_unit_on_slurm_is_named_alone(slurm_here: Slurm, tmp_path: Path) -> None:
    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    ledger = Ledger(tmp_path / "run", "f" * 64)
    failures = execute(UNITS, Job(make_work(at_100=die), ledger), execution=on_slurm())
    assert [(failure.unit, failure.kind) for failure in failures] == [("u-100-110", "crash")]
    assert ledger.failures(UNITS) == failures
    assert ledger.missing(UNITS) == [UNITS[10]]
    wait_until(lambda: not slurm_here.jobs(), what="the end of the jobs")


def test_condor_job_removed_in_mid_run_is_exact(condor_here: Condor, world: tuple[Plan, str], tmp_path: Path) -> None:
    plan, expected = world

    def remove(_run: runs.Run) -> None:
        condor_here("condor_rm", condor_here.jobs(2)[0])

    assert run_and(tmp_path / "run", plan, on_condor(), remove) == expected
    wait_until(lambda: not condor_here.jobs(), what="the end of the jobs")


def test_condor_workers_have_our_settings_and_listen_to_this_machine(condor_here: Condor, tmp_path: Path) -> None:
    with secured(wait_s=60), in_jobs(on_condor(jobs=1), jobs=1, folder=tmp_path) as cluster:
        with Client(cluster, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=60)
            workers = [psutil.Process(pid) for pid in client.run(os.getpid).values()]
            kept = client.run(_spilling)
        found = [listening([process]) for worker in workers for process in (worker, worker.parent())]
    assert len(found) == 2
    assert all(where and where <= ALLOWED for where in found)
    assert not any(any(each) for each in kept.values())
    wait_until(lambda: not condor_here.jobs(), what="the end of the jobs")


def test_interrupted_run_cancels_its_jobs_and_goes_on_later(slurm_here: Slurm, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "run", "f" * 64)
    slow = {f"at_{unit.start}": lambda: time.sleep(0.3) for unit in UNITS}
    with pytest.raises(KeyboardInterrupt):
        execute(
            UNITS, Job(make_work(**slow), ledger), execution=on_slurm(jobs=1), on_progress=Once(_thread.interrupt_main)
        )
    wait_until(lambda: not slurm_here.jobs(), what="the end of the jobs", patience=20)
    assert not list(ledger.folder.glob(".na62dump-dask-*"))
    assert 0 < len(ledger.missing(UNITS)) < len(UNITS)


def test_jobs_that_never_start_are_one_error_in_time(slurm_here: Slurm, tmp_path: Path) -> None:
    job = Job(make_work(), Ledger(tmp_path / "run", "f" * 64))
    with pytest.raises(IncompleteError, match=r"dask-slurm.*no worker began within wait = '3 s'; .*queue"):
        execute(UNITS, job, execution=on_slurm(directives=["--hold"], wait="3 s"))
    wait_until(lambda: not slurm_here.jobs(), what="the end of the jobs", patience=20)


def test_refused_jobs_are_one_error_that_says_why(slurm_here: Slurm, tmp_path: Path) -> None:
    job = Job(make_work(), Ledger(tmp_path / "run", "f" * 64))
    with pytest.raises(IncompleteError, match=r"dask-slurm: jobs were refused: .*invalid partition"):
        execute(UNITS, job, execution=on_slurm(partition="nowhere"))
    assert not slurm_here.jobs()


# Closed to everybody else


def listening(processes: list[Any]) -> set[str]:
    found = [c.laddr.ip for p in processes for c in p.net_connections(kind="inet") if c.status == psutil.CONN_LISTEN]
    return set(found)


def refuses(address: str, security: Security | None) -> bool:
    try:
        with Client(address, security=security, timeout=3, set_as_default=False):
            return False
    except (OSError, RuntimeError):
        return True


def answers_without_certificate(address: str) -> bytes:
    """What the scheduler says to somebody who speaks TLS and shows nothing, or does not even speak TLS."""
    host, port = address.removeprefix("tls://").split(":")
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    told = b""
    for wrap in (context.wrap_socket, lambda plain: plain):
        plain = socket.create_connection((host, int(port)), timeout=2)
        with contextlib.suppress(ssl.SSLError, OSError), wrap(plain) as speaking:
            told += speaking.recv(100)
    return told


def test_cluster_on_slurm_is_closed_to_others(slurm_here: Slurm, tmp_path: Path) -> None:
    execution = on_slurm(jobs=1)
    with secured(wait_s=60), in_jobs(execution, jobs=1, folder=tmp_path) as cluster:
        address = cluster.scheduler_address
        assert address.startswith("tls://127.0.0.1:")
        with Client(cluster, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=60)
            pids = client.run(os.getpid).values()
            workers = [psutil.Process(pid) for pid in pids]
            kept = client.run(_spilling)
        everybody = [psutil.Process(), *workers, *(p for worker in workers if (p := worker.parent()))]
        assert listening(everybody) <= ALLOWED
        assert all(listening([worker]) for worker in workers)  # or nothing was looked at
        assert not any(any(each) for each in kept.values())
        assert refuses(address, Security.temporary())
        assert not answers_without_certificate(address)
        (private,) = tmp_path.glob(".na62dump-dask-*")
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
        keys = list(private.glob("*.pem"))
        assert len(keys) == 3
        assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}
        assert "PRIVATE KEY" not in cluster.job_script()
        with cluster._dummy_job.job_file() as script:
            assert stat.S_IMODE(Path(script).stat().st_mode) == 0o600
    assert not private.exists()
    wait_until(lambda: not slurm_here.jobs(), what="the end of the jobs")


def _spilling() -> tuple[object, ...]:
    import dask  # noqa: PLC0415 - on the worker

    return tuple(dask.config.get(f"distributed.worker.memory.{key}") for key in ("target", "spill", "pause"))


# At an address


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return fresh_files(tmp_path_factory.mktemp("certificates"))


def fresh_files(folder: Path) -> dict[str, Path]:
    made = Security.temporary()
    found = {}
    for key, text in {"ca": made.tls_ca_file, "cert": made.tls_client_cert, "key": made.tls_client_key}.items():
        found[key] = folder / f"{key}.pem"
        found[key].touch(mode=0o600)
        found[key].write_text(text)
    return found


@contextlib.contextmanager
def started(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "dask", *words]
    process = subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


@contextlib.contextmanager
def cluster_at(port: int, certificates: dict[str, Path]) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A scheduler with one worker; its address and the process of the scheduler."""
    tls = ["--tls-ca-file", certificates["ca"], "--tls-cert", certificates["cert"], "--tls-key", certificates["key"]]
    common = [*map(str, tls), "--dashboard-address", "127.0.0.1:0", "--protocol", "tls://"]
    address = f"tls://127.0.0.1:{port}"
    with (
        started("scheduler", "--host", "127.0.0.1", "--port", str(port), *common) as process,
        started("worker", address, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", *common),
    ):
        yield address, process


@pytest.fixture(scope="module")
def scheduler(certificates: dict[str, Path]) -> Iterator[str]:
    """Address of a scheduler that has its worker, so that whoever is refused is refused by it."""
    paths = {key: str(path) for key, path in certificates.items()}
    security = Security(tls_ca_file=paths["ca"], tls_client_cert=paths["cert"], tls_client_key=paths["key"])
    with cluster_at(free_port(), certificates) as (address, _):
        with Client(address, security=security, timeout=60, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=60)
        yield address


def at(address: str, files: dict[str, Path], wait: str = "1 min") -> Dask:
    return Dask.model_validate({"engine": "dask", "workers": 1, "address": address, "wait": wait, **files})


def test_address_with_its_certificate_is_used(scheduler: str, certificates: dict[str, Path], tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "f" * 64)
    assert execute(UNITS, Job(make_work(), ledger), execution=at(scheduler, certificates)) == []
    assert ledger.missing(UNITS) == []


def test_address_refuses_another_certificate(scheduler: str, certificates: dict[str, Path], tmp_path: Path) -> None:
    strange = fresh_files(tmp_path)
    job = Job(make_work(), Ledger(tmp_path / "run", "f" * 64))
    # a stranger to the client, and a client that knows the scheduler and is a stranger to it
    for files in (strange, {**strange, "ca": certificates["ca"]}):
        with pytest.raises(
            IncompleteError, match=r"somebody listens there, but the TLS handshake failed: .*ca, cert and key"
        ):
            execute(UNITS[:1], job, execution=at(scheduler, files, "3 s"))
    assert job.ledger.missing(UNITS) == UNITS
    assert execute(UNITS[:1], job, execution=at(scheduler, certificates)) == []
    assert job.ledger.missing(UNITS) == UNITS[1:]


def test_address_where_nobody_listens_is_one_error(certificates: dict[str, Path], tmp_path: Path) -> None:
    job = Job(make_work(), Ledger(tmp_path, "f" * 64))
    address = f"tls://127.0.0.1:{free_port()}"
    with pytest.raises(
        IncompleteError, match=r"no scheduler listens there: .*refused; check address, start the scheduler"
    ):
        execute(UNITS[:1], job, execution=at(address, certificates, "1 s"))


def test_address_without_a_certificate_is_one_error(scheduler: str, tmp_path: Path) -> None:
    job = Job(make_work(), Ledger(tmp_path, "f" * 64))
    with pytest.raises(ConfigurationError, match="no certificate to show there: give files as keys ca, cert and key"):
        execute(UNITS, job, execution=at(scheduler, {}))
    gone = {key: tmp_path / f"{key}.pem" for key in ("ca", "cert", "key")}
    with pytest.raises(ConfigurationError, match=r"ca = '.*ca.pem': no such file"):
        execute(UNITS, job, execution=at(scheduler, gone))


def test_scheduler_that_dies_in_mid_run_is_one_error_and_results_are_kept(
    certificates: dict[str, Path], tmp_path: Path
) -> None:
    ledger = Ledger(tmp_path, "f" * 64)
    slow = {f"at_{unit.start}": lambda: time.sleep(0.5) for unit in UNITS}
    with cluster_at(free_port(), certificates) as (address, process):
        job = Job(make_work(**slow), ledger)
        with pytest.raises(IncompleteError, match=r"finished results are kept|Finished results are kept"):
            execute(UNITS, job, execution=at(address, certificates, "5 s"), on_progress=Once(process.kill))
    assert 0 < len(ledger.missing(UNITS)) < len(UNITS)
