"""A real HTCondor of one's own on the loopback interface: collector, negotiator, schedd and startd with two cores."""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import signal
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cluster.daemons import end, require, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

FETCHED = Path(__file__).parents[2] / ".cluster" / "condor"
"""Where get_condor.sh has put it, if it is not installed."""

CONFIGURATION = """\
LOCAL_DIR = {folder}
RELEASE_DIR = {prefix}
BIN = {prefix}/bin
SBIN = {prefix}/sbin
LIB = {prefix}/lib
LIBEXEC = {prefix}/libexec/condor
LOG = {folder}/log
SPOOL = {folder}/spool
EXECUTE = {folder}/execute
RUN = {folder}/run
LOCK = {folder}/lock
PID = {folder}/run/master.pid
CONDOR_HOST = 127.0.0.1
NETWORK_INTERFACE = 127.0.0.1
BIND_ALL_INTERFACES = False
ENABLE_IPV6 = False
COLLECTOR_HOST = 127.0.0.1:0
COLLECTOR_ADDRESS_FILE = {folder}/log/.collector_address
DAEMON_LIST = MASTER COLLECTOR NEGOTIATOR SCHEDD STARTD
use SECURITY : HOST_BASED
ALLOW_READ = 127.0.0.1
ALLOW_WRITE = 127.0.0.1
ALLOW_ADMINISTRATOR = 127.0.0.1
ALLOW_DAEMON = 127.0.0.1
SEC_DEFAULT_AUTHENTICATION = OPTIONAL
SEC_DEFAULT_AUTHENTICATION_METHODS = FS
SEC_CLIENT_AUTHENTICATION_METHODS = FS
UID_DOMAIN = local
FILESYSTEM_DOMAIN = local
USE_SHARED_PORT = False
NUM_CPUS = 2
MEMORY = 8000
SLOT_TYPE_1 = 100%
SLOT_TYPE_1_PARTITIONABLE = True
NUM_SLOTS_TYPE_1 = 1
START = True
SUSPEND = False
PREEMPT = False
KILL = False
WANT_SUSPEND = False
WANT_VACATE = False
RUNBENCHMARKS = False
NEGOTIATOR_INTERVAL = 5
NEGOTIATOR_MIN_INTERVAL = 1
NEGOTIATOR_CYCLE_DELAY = 1
SCHEDD_INTERVAL = 5
SCHEDD_MIN_INTERVAL = 1
UPDATE_INTERVAL = 5
CLAIM_WORKLIFE = 600
JOB_START_DELAY = 0
PERIODIC_EXPR_INTERVAL = 2
MAX_PERIODIC_EXPR_INTERVAL = 5
DAGMAN_USE_STRICT = 0
DAGMAN_USER_LOG_SCAN_INTERVAL = 1
DISCARD_SESSION_KEYRING_ON_STARTUP = False
CREATE_CGROUP_WITHOUT_ROOT = False
STARTD_CRON_JOBLIST =
SCHEDD_CRON_JOBLIST =
MAIL = /bin/true
CREDMON_OAUTH =
AUTO_INCLUDE_CREDD_IN_DAEMON_LIST = False
"""

NOBODY_IN_PARTICULAR = "daemon"
"""Whom root's processes call themselves: HTCondor takes no jobs from root."""


@dataclass(frozen=True)
class Condor:
    """A running HTCondor."""

    folder: Path
    prefix: Path

    @property
    def environment(self) -> dict[str, str]:
        """Environment in which condor_submit and the others find it."""
        path = f"{self.folder}/bin:{self.prefix}/bin:{self.prefix}/sbin:{os.environ['PATH']}"
        return {**os.environ, "CONDOR_CONFIG": str(self.folder / "condor_config"), "PATH": path}

    def __call__(self, *words: str) -> str:
        """Output of a program of HTCondor."""
        done = subprocess.run(
            [*as_ordinary_user(), *words], env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    def jobs(self, status: int | None = None) -> list[str]:
        """Identifiers ``cluster.process`` of the jobs in the queue, or of those with a given JobStatus."""
        which = [] if status is None else ["-constraint", f"JobStatus == {status}"]
        return self("condor_q", *which, "-af:j", "JobStatus").split()[::2]


def as_ordinary_user() -> list[str]:
    """Words before a command that make root an ordinary user who may do all the same; none for anybody else."""
    if os.getuid() != 0:
        return []
    entry = pwd.getpwnam(NOBODY_IN_PARTICULAR)
    return ["unshare", "--user", f"--map-user={entry.pw_uid}", f"--map-group={entry.pw_gid}"]


@contextmanager
def condor_in(folder: Path) -> Iterator[Condor]:
    """Start HTCondor, with all it writes in a folder, and stop it."""
    fetched = FETCHED / "usr"
    require("condor_master", "condor_submit", also=[fetched / "bin", fetched / "sbin"])
    installed = shutil.which("condor_master")
    prefix = fetched if installed is None else Path(installed).parents[1]
    if subprocess.run([*as_ordinary_user(), "true"], check=False, capture_output=True).returncode:
        pytest.skip("this system lets root be no other user: HTCondor takes no jobs from root")
    for name in ("log", "spool", "execute", "run", "lock", "bin"):
        (folder / name).mkdir(parents=True)
    (folder / "condor_config").write_text(CONFIGURATION.format(folder=folder, prefix=prefix))
    condor = Condor(folder, prefix)
    _wrap(prefix / "bin", folder / "bin")
    try:
        condor("condor_master", "-pidfile", str(folder / "run" / "master.pid"))
        wait_until(lambda: "slot" in _asked(condor), what="a slot of HTCondor")
        yield condor
    finally:
        end(folder / "run" / "master.pid", signal.SIGQUIT)


def _wrap(programs: Path, folder: Path) -> None:
    """Put scripts in front of the programs of HTCondor that call them as an ordinary user."""
    before = shlex.join(as_ordinary_user())
    for program in programs.glob("condor_*"):
        wrapper = folder / program.name
        wrapper.write_text(f'#!/bin/sh\nexec {before} {shlex.quote(str(program))} "$@"\n')
        wrapper.chmod(0o755)


def _asked(condor: Condor) -> str:
    try:
        return condor("condor_status", "-af", "Name")
    except subprocess.CalledProcessError:
        return ""
