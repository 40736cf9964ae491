"""Dask clusters in jobs of Slurm or HTCondor, by dask-jobqueue; imported only to run."""

from __future__ import annotations

import asyncio
import math
import re
import shlex
import shutil
import signal
import sys
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psutil
from distributed.core import Status

from na62dump import units
from na62dump.errors import ConfigurationError, IncompleteError, nearest
from na62dump.runner.engines.security import HIDDEN, WORKER, exported, fresh_certificate, private_folder
from na62dump.runner.engines.settings import ENCRYPTED, DaskCondor, DaskSlurm

_INTERRUPT = signal.getsignal(signal.SIGINT)
from dask_jobqueue.htcondor import HTCondorCluster, HTCondorJob  # noqa: E402
from dask_jobqueue.slurm import SLURMCluster, SLURMJob  # noqa: E402

# dask-jobqueue makes an interruption end the process without a word
signal.signal(signal.SIGINT, _INTERRUPT)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from na62dump.runner.engines.settings import Jobs

_PLAIN = re.compile(r"[\w./+@:=-]+")
"""A path that means itself in a shell and in a submit file."""

_LOOK_S = 2.0
"""Pause between two looks for jobs that are lost, s."""


class _Careful:
    """What jobs of both systems do in another way than dask-jobqueue has it."""

    @contextmanager
    def job_file(self) -> Iterator[str]:
        """Write the script where nobody else can put another in its place: dask-jobqueue frees the name first."""
        with tempfile.NamedTemporaryFile("w", suffix=".sh") as file:
            file.write(self.job_script())  # type: ignore[attr-defined]
            file.flush()
            yield file.name

    async def start(self) -> None:
        """Submit; a job that was refused can be closed as well."""
        try:
            await super().start()  # type: ignore[misc]
        except (RuntimeError, ValueError, OSError):
            self.status = Status.failed
            raise


class _SlurmJob(_Careful, SLURMJob):
    """A job of Slurm."""


class _CondorJob(_Careful, HTCondorJob):
    """A job of HTCondor."""


@contextmanager
def in_jobs(execution: Jobs, *, jobs: int, folder: Path) -> Iterator[Any]:
    """A cluster whose workers are jobs; they are cancelled at the end, and one that is lost is submitted again.

    Parameters
    ----------
    execution : Jobs
        Which jobs.
    jobs : int
        How many of them.
    folder : Path
        Of the run; jobs see it too.

    Yields
    ------
    SpecCluster
        With its jobs in the queue.

    Raises
    ------
    ConfigurationError
        If the programs of the batch system, or the network, are not there, or a path has blanks.
    IncompleteError
        If the batch system refuses the jobs.
    """
    _require("sbatch" if isinstance(execution, DaskSlurm) else "condor_submit", execution)
    folder, above = folder.absolute(), (execution.shared or folder).expanduser().absolute()
    for path in (folder, above):
        if not _PLAIN.fullmatch(str(path)):
            msg = f"{path}: has blanks, or characters that a batch system may read otherwise; use a path without"
            raise ConfigurationError(msg)
    folder.mkdir(parents=True, exist_ok=True)
    with private_folder(above) as private, _cluster(execution, private, folder / "logs" / "dask") as cluster:
        try:
            cluster.sync(_keep, cluster, jobs)
        except (RuntimeError, ValueError, OSError) as error:
            msg = f"{execution.engine}: jobs were refused: {' '.join(str(error).split())}; mend that and run again"
            raise IncompleteError(msg) from error
        yield cluster


def _require(program: str, execution: Jobs) -> None:
    if shutil.which(program) is None:
        msg = f"engine = '{execution.engine}': there is no program '{program}' here; run where jobs can be submitted"
        raise ConfigurationError(msg)
    here, known = execution.scheduler_interface or execution.interface, psutil.net_if_addrs()
    if here not in known:
        key = "scheduler_interface" if execution.scheduler_interface else "interface"
        msg = (
            f"engine = '{execution.engine}': key '{key}' = '{here}' is no network of this machine; {nearest(here, known)}; "
            "if its network has another name than that of the nodes, write it as scheduler_interface"
        )
        raise ConfigurationError(msg)


def _cluster(execution: Jobs, private: str, logs: Path) -> Any:  # noqa: ANN401 - dask-jobqueue has no types
    shared: dict[str, Any] = {
        "job_cls": _SlurmJob if isinstance(execution, DaskSlurm) else _CondorJob,
        "cores": 1,
        "processes": 1,
        "memory": _megabytes(execution.memory),
        "interface": execution.interface,
        "protocol": ENCRYPTED,
        "security": fresh_certificate(private),
        "local_directory": private,
        "log_directory": str(logs),
        "python": shlex.quote(execution.python or sys.executable),
        "worker_extra_args": ["--no-dashboard", "--dashboard-address", HIDDEN],
        "job_script_prologue": [*exported(WORKER), *execution.setup],
        "job_name": "na62dump",
        "silence_logs": "critical",
        "scheduler_options": {
            "interface": execution.scheduler_interface or execution.interface,
            "dashboard_address": HIDDEN,
            "dashboard": False,
        },
    }
    if isinstance(execution, DaskSlurm):
        return SLURMCluster(
            queue=execution.partition,
            account=execution.account,
            walltime=_clock(execution.time),
            job_extra_directives=list(execution.directives),
            **shared,
        )
    assert isinstance(execution, DaskCondor)  # noqa: S101 - there is no third
    return HTCondorCluster(disk=_megabytes(execution.disk), job_extra_directives=dict(execution.directives), **shared)


def _megabytes(size: float) -> str:
    """A size (MB) as dask reads it."""
    return f"{math.ceil(size)} MB"


def _clock(time: float) -> str:
    """A time (ns) as Slurm reads it, HH:MM:SS."""
    minutes, seconds = divmod(math.ceil(units.seconds(time)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}"


async def _keep(cluster: Any, jobs: int) -> None:  # noqa: ANN401 - dask-jobqueue has no types
    """Submit jobs, and from then on another one for each that is lost."""
    cluster.scale(jobs=jobs)
    await cluster
    loop = asyncio.get_running_loop()

    def look() -> None:
        if cluster.status == Status.running:
            cluster.scale(jobs=jobs)
            loop.call_later(_LOOK_S, look)

    look()
