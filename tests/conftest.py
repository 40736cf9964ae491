"""What all tests share: hypothesis settings, the experiment's geometry, and an option for runs that may skip nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from na62dump.configuration import load
from na62dump.geometry import Geometry

if TYPE_CHECKING:
    from collections.abc import Generator

# Compiling a kernel takes longer than any deadline; the same examples in every run make a failure a fact.
hypothesis.settings.register_profile("na62dump", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("na62dump")

SKIPPED = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fail-on-skip", action="store_true", help="fail if any test is skipped")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SKIPPED] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        item.config.stash[SKIPPED].append(report.nodeid)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped:
        collector.config.stash[SKIPPED].append(report.nodeid)
    return report


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if (
        session.config.getoption("--fail-on-skip")
        and session.config.stash[SKIPPED]
        and exitstatus == pytest.ExitCode.OK
    ):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def repository() -> Path:
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def geometry(repository: Path) -> Geometry:
    return load(repository / "config" / "experiment" / "geometry.toml", Geometry)
