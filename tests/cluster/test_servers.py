from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from tests.cluster.daemons import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cluster.condor import Condor
    from tests.cluster.slurm import Slurm
    from tests.cluster.xrootd import XRootD

READ = """
import sys
from XRootD import client
file = client.File()
status, _ = file.open(sys.argv[1])
assert status.ok, status.message
sys.stdout.write(file.read()[1].decode())
"""


def test_slurm_runs_a_job(slurm: Slurm, tmp_path: Path) -> None:
    out = tmp_path / "out"
    slurm("sbatch", f"--output={out}", "--wrap", "echo done")
    wait_until(lambda: out.exists() and out.read_text() == "done\n", what="the job")


def test_condor_runs_a_job(condor: Condor, tmp_path: Path) -> None:
    out = tmp_path / "out"
    job = f"executable = /bin/echo\narguments = done\noutput = {out}\nrequest_memory = 10\nqueue\n"
    (tmp_path / "job.sub").write_text(job)
    condor("condor_submit", str(tmp_path / "job.sub"))
    wait_until(lambda: out.exists() and out.read_text() == "done\n", what="the job")


def test_xrootd_serves_a_file_and_comes_back(xrootd: XRootD) -> None:
    (xrootd.data / "file").write_text("content")
    for _ in range(2):
        # in a process of its own: a client remembers the server it has lost
        words = [sys.executable, "-c", READ, f"{xrootd.url}/file"]
        assert subprocess.run(words, check=True, capture_output=True, text=True).stdout == "content"
        xrootd.kill()
        xrootd.start()
