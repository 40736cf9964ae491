"""What the real servers of these tests share: a skip with the reason where one is missing, ports, waiting, ending by pid."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

PATIENCE = 120.0
"""Longest wait for anything, s."""


def require(*programs: str, also: Iterable[Path] = ()) -> None:
    """Skip the test if a program is missing."""
    path = os.pathsep.join([*map(str, also), os.environ["PATH"], "/usr/sbin", "/sbin"])
    missing = [name for name in programs if shutil.which(name, path=path) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed: run 'make test-cluster'")


def free_port() -> int:
    """A port of the loopback interface that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], object], *, what: str, patience: float = PATIENCE) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, f"waited {patience:g} s in vain for {what}"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:  # noqa: PTH123 - a path of the kernel
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def end(pid_file: Path, how: signal.Signals = signal.SIGTERM, *, patience: float = 20.0) -> None:
    """End a daemon by the pid it wrote, and see that it is gone."""
    try:
        pid = int(pid_file.read_text())
    except (OSError, ValueError):
        return
    for sent in (how, signal.SIGKILL):
        try:
            os.kill(pid, sent)
        except ProcessLookupError:
            return
        try:
            wait_until(lambda: not is_alive(pid), what=f"the end of {pid}", patience=patience)
        except AssertionError:
            continue
        return
