"""A real XRootD server that answers this machine alone, and can be killed and started again."""

from __future__ import annotations

import os
import pwd
import signal
import socket
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.cluster.daemons import end, free_port, require, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONFIGURATION = """\
all.export /data
oss.localroot {folder}/export
all.adminpath {folder}/admin
all.pidpath {folder}/admin
xrd.port {port}
xrd.allow host localhost
xrd.allow host 127.0.0.1
xrd.network nodnr
xrootd.chksum max 2 adler32
"""


@dataclass(frozen=True)
class XRootD:
    """A server; what is in `data` is at `url`."""

    folder: Path
    port: int

    @property
    def data(self) -> Path:
        """Folder that is served."""
        return self.folder / "export" / "data"

    @property
    def url(self) -> str:
        """Address of that folder."""
        return f"root://localhost:{self.port}//data"

    def start(self) -> None:
        """Start, or start again at the same port."""
        words = ["xrootd", "-c", f"{self.folder}/xrootd.cfg", "-l", f"{self.folder}/log/x.log", "-b"]
        words += ["-s", f"{self.folder}/admin/x.pid", "-n", "t", "-I", "v4"]
        subprocess.run([*_not_as_root(), *words], check=True, capture_output=True)
        wait_until(self._answers, what=f"an answer of XRootD (see {self.folder}/log)")

    def kill(self) -> None:
        """Let the server die as in a power cut."""
        end(self.folder / "admin" / "x.pid", signal.SIGKILL)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def xrootd_in(folder: Path) -> Iterator[XRootD]:
    """Start a server with all it serves and writes in a folder, and stop it."""
    require("xrootd")
    pytest.importorskip("XRootD", reason="the client of XRootD is missing: run 'make test-cluster'")
    for name in ("export/data", "admin", "log"):
        (folder / name).mkdir(parents=True)
    server = XRootD(folder, free_port())
    (folder / "xrootd.cfg").write_text(CONFIGURATION.format(folder=folder, port=server.port))
    try:
        server.start()
        yield server
    finally:
        end(folder / "admin" / "x.pid")


def _not_as_root() -> list[str]:
    """Words before a command that make root somebody else: the server does not run as root."""
    if os.getuid() != 0:
        return []
    entry = pwd.getpwnam("nobody")
    return ["unshare", "--user", f"--map-user={entry.pw_uid}", f"--map-group={entry.pw_gid}"]
