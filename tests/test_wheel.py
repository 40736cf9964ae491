from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from typing import TYPE_CHECKING

import pytest

from na62dump import __version__

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = "na62dump/_shipped"


def run(*command: str | Path, cwd: Path) -> str:
    """Standard output of a command that sees no package but those of its own environment."""
    clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    done = subprocess.run(command, cwd=cwd, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def built(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the sdist, and the wheel that was built from it: so the sdist lacks nothing."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, repository, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    return built / f"na62dump-{__version__}-py3-none-any.whl"


@pytest.fixture(scope="module")
def in_wheel(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def in_repository(repository: Path, folder: str) -> set[str]:
    files = (repository / folder).rglob("*")
    return {str(f.relative_to(repository)) for f in files if f.is_file() and "__pycache__" not in f.parts}


@pytest.mark.parametrize("folder", ["config", "selections"])
def test_the_wheel_ships_all_numbers_and_requirements(folder: str, in_wheel: set[str], repository: Path) -> None:
    shipped = {name.removeprefix(f"{SHIPPED}/") for name in in_wheel if name.startswith(f"{SHIPPED}/{folder}/")}
    assert shipped == in_repository(repository, folder)


def test_the_wheel_holds_the_whole_package(in_wheel: set[str], repository: Path) -> None:
    assert in_repository(repository, "na62dump") <= in_wheel
    assert "na62dump/py.typed" in in_wheel


def test_the_wheel_holds_nothing_else(in_wheel: set[str]) -> None:
    assert {name.split("/")[0] for name in in_wheel} == {"na62dump", f"na62dump-{__version__}.dist-info"}


def test_the_licence_is_in_the_wheel(in_wheel: set[str]) -> None:
    assert f"na62dump-{__version__}.dist-info/licenses/LICENSE" in in_wheel


def test_the_sdist_holds_tests_and_build_but_no_environment(built: Path) -> None:
    with tarfile.open(built / f"na62dump-{__version__}.tar.gz") as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "Makefile", "constraints.txt", "LICENSE", "tests/conftest.py"} <= names
    assert {name for name in names if name.startswith((".venv", ".git/", "dist/")) or "__pycache__" in name} == set()


@pytest.mark.slow
def test_the_demo_runs_from_the_wheel_alone(wheel: Path, repository: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    binaries = tmp_path / "venv" / "bin"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    pins = repository / "constraints.txt"
    run(binaries / "python", "-m", "pip", "install", "-q", "-c", pins, wheel, cwd=elsewhere)
    run(binaries / "python", "-m", "pip", "check", cwd=elsewhere)
    where = run(binaries / "python", "-c", "import na62dump; print(na62dump.__file__)", cwd=elsewhere)
    assert where.startswith(str(tmp_path / "venv"))

    run(binaries / "na62dump", "demo", "-o", "out", cwd=elsewhere)
    assert [path.name for path in elsewhere.iterdir()] == ["out"]
    assert any((elsewhere / "out").iterdir())
