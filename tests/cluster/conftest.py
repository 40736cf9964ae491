"""Real servers, started once for the tests that need them; each test here has the mark ``cluster``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cluster.condor import Condor, condor_in
from tests.cluster.jobs import World, make_world, wait_for_the_end
from tests.cluster.slurm import Slurm, slurm_in
from tests.cluster.xrootd import XRootD, xrootd_in

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.cluster)


@pytest.fixture(scope="session")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slurm]:
    with slurm_in(tmp_path_factory.mktemp("slurm")) as started:
        yield started


@pytest.fixture(scope="session")
def condor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Condor]:
    with condor_in(tmp_path_factory.mktemp("condor")) as started:
        yield started


@pytest.fixture
def queue(slurm: Slurm, monkeypatch: pytest.MonkeyPatch) -> Iterator[Slurm]:
    """Slurm where submitting looks for it; its queue is empty in the end."""
    monkeypatch.setenv("SLURM_CONF", slurm.environment["SLURM_CONF"])
    yield slurm
    for job in slurm.jobs():
        slurm("scancel", job)
    wait_for_the_end(slurm)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("world"))


@pytest.fixture
def xrootd(tmp_path: Path) -> Iterator[XRootD]:
    with xrootd_in(tmp_path / "xrootd") as started:
        yield started
