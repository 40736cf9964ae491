from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

SLOW = ("coffea", "matplotlib", "dask", "distributed", "pyhf", "hepdata_lib")

LIBRARY = "import sys, na62dump"
HELP = """
import sys
from na62dump.cli import main
sys.argv = ["na62dump", "--help"]
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
"""


@pytest.mark.parametrize("code", [LIBRARY, HELP], ids=["import na62dump", "na62dump --help"])
def test_nothing_slow_is_loaded_before_it_is_needed(code: str, repository: Path) -> None:
    report = f"{code}\nprint('loaded:', *sorted(set({SLOW!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", report], cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].split() == ["loaded:"]


def project(repository: Path) -> dict[str, list[str]]:
    """Requirements of the package and of each of its extras and groups."""
    tables = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    groups = {name: [r for r in group if isinstance(r, str)] for name, group in tables["dependency-groups"].items()}
    return {
        "": tables["project"]["dependencies"],
        **tables["project"]["optional-dependencies"],
        **groups,
    }


def normal(requirement: str) -> str:
    """Name of a distribution as indices compare it: of a requirement, a pin or a bare name."""
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=\[;! ]", requirement)[0]).lower()


def pins(path: Path) -> dict[str, str]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+]+", line) for line in lines), lines
    return {normal(line): line.split("==")[1] for line in lines}


def imported(folder: Path) -> set[str]:
    """Top-level names of everything that the files of a folder import."""
    names: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    return names - sys.stdlib_module_names - {"na62dump", "selections"}


def test_every_library_that_is_imported_is_required(repository: Path) -> None:
    required = project(repository)
    declared = {normal(r) for extra in ("", "dask") for r in required[extra]}
    distributions = packages_distributions()
    used = {name: {normal(d) for d in distributions.get(name, [name])} for name in imported(repository / "na62dump")}
    # What pydantic is made of comes with pydantic, in the version that it fixes.
    used.pop("pydantic_core", None)
    assert {name for name, owners in used.items() if not owners & declared} == set()


def test_every_requirement_is_pinned(repository: Path) -> None:
    known = pins(repository / "constraints.txt")
    wanted = {normal(r) for requirements in project(repository).values() for r in requirements}
    assert wanted - set(known) == set()


def test_the_oldest_versions_are_those_that_are_tested(repository: Path) -> None:
    known = pins(repository / "constraints-minimum.txt")
    required = project(repository)
    bounds = dict(r.split(">=") for extra in ("", "dask", "export") for r in required[extra])
    tested = {name: without_zeros(known[normal(name)]) for name in bounds}
    assert tested == {name: without_zeros(bound) for name, bound in bounds.items()}


def without_zeros(version: str) -> str:
    return re.sub(r"(\.0)+$", "", version)
