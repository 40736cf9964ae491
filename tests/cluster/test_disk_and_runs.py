"""A full disk under jobs of Slurm, and a run of this machine beside them."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from na62dump import runs
from na62dump.runner import Local
from tests.cluster.daemons import wait_until
from tests.cluster.jobs import on_slurm, wait_for_the_end

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cluster.jobs import World
    from tests.cluster.slurm import Slurm

ROOM = 3
"""Results that the disk has room for, and half a one."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, which nodes see as well."""
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=50m", "tmpfs", str(place)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"this user may not mount a small disk: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_disk_that_fills_up_under_jobs_loses_nothing(world: World, queue: Slurm, disk: Path) -> None:
    run = world.run_in(disk / "run")
    assert runs.submit(run, on_slurm(world)).units == 8
    size = max(path.stat().st_size for path in world.faults.parent.glob("undisturbed/results/*/*/*.zip"))
    filler = disk / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(disk).free - int((ROOM + 0.5) * size)))
    wait_for_the_end(queue)
    found = runs.status(run)
    assert not found.complete
    assert 0 < sum(sample.done for sample in found.samples) < 8
    filler.unlink()
    runs.submit(run, on_slurm(world))
    wait_for_the_end(queue)
    assert world.is_exact(run)


def test_jobs_and_a_run_of_this_machine_at_once_are_exact(world: World, queue: Slurm, tmp_path: Path) -> None:
    run = world.run_in(tmp_path / "run", every={"sleep_s": 1.0})
    assert runs.submit(run, on_slurm(world)).units == 8
    wait_until(lambda: run.ledger.places.marked_names() or run.ledger.names(), what="the first job")
    assert runs.execute(run, Local(engine="futures", workers=2)) == []
    assert world.is_exact(run)
    wait_for_the_end(queue)
    assert world.is_exact(run)
