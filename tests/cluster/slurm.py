"""A real Slurm on the loopback interface: munged, slurmctld and one slurmd with two cores."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.cluster.daemons import end, free_port, require, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONFIGURATION = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/run/slurmctld.pid
SlurmdPidFile={folder}/run/slurmd.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
ReturnToService=2
SlurmdTimeout=300
InactiveLimit=0
KillWait=5
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=0
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=8000 State=UNKNOWN
PartitionName=debug Nodes={host} Default=YES MaxTime=01:00:00 State=UP
"""


@dataclass(frozen=True)
class Slurm:
    """A running Slurm."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """Environment in which sbatch and the others find it."""
        return {**os.environ, "SLURM_CONF": str(self.folder / "slurm.conf")}

    def __call__(self, *words: str) -> str:
        """Output of a program of Slurm."""
        done = subprocess.run(words, env=self.environment, capture_output=True, text=True, check=True)
        return done.stdout

    def jobs(self) -> list[str]:
        """Identifiers of jobs, and of tasks of arrays, that are queued or running."""
        return self("squeue", "-h", "-r", "-o", "%i", "-t", "PD,R,CG").split()


@contextmanager
def slurm_in(folder: Path) -> Iterator[Slurm]:
    """Start Slurm, with all it writes in a folder, and stop it."""
    require("sbatch", "squeue", "munged", "slurmctld", "slurmd")
    for name in ("munge", "state", "spool", "log", "run"):
        (folder / name).mkdir(parents=True, mode=0o755)
    for each in (folder, folder / "munge"):
        each.chmod(0o711)  # munged wants no parent that a group may write
    key = folder / "munge" / "key"
    key.touch(mode=0o600)
    key.write_bytes(secrets.token_bytes(1024))
    munge = [f"--{name}={folder}/munge/{name.removesuffix('-file')}" for name in ("pid-file", "log-file", "seed-file")]
    words = ["munged", "--force", f"--key-file={key}", f"--socket={folder}/munge/socket", *munge]
    host = socket.gethostname().partition(".")[0]
    text = CONFIGURATION.format(
        folder=folder, host=host, controller_port=free_port(), node_port=free_port(), user=_user()
    )
    (folder / "slurm.conf").write_text(text)
    slurm = Slurm(folder)
    environment = slurm.environment | {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
    try:
        for command in (words, ["slurmctld"], ["slurmd"]):
            subprocess.run(command, env=environment, check=True, capture_output=True)
        wait_until(lambda: "idle" in slurm("sinfo", "-h", "-o", "%T"), what="an idle node")
        yield slurm
    finally:
        if (folder / "run" / "slurmctld.pid").exists():
            subprocess.run(["scancel", "-u", _user()], env=environment, check=False, capture_output=True)
        for name in ("run/slurmd.pid", "run/slurmctld.pid", "munge/pid"):
            end(folder / name)


def _user() -> str:
    return subprocess.run(["id", "-un"], check=True, capture_output=True, text=True).stdout.strip()
