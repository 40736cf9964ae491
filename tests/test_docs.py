from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.worlds import good_burst, simulated, write

if TYPE_CHECKING:
    from pathlib import Path

TABLES = ("columns.md", "quantities.md", "assumptions.md")


@pytest.fixture(scope="module")
def made(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    subprocess.run([sys.executable, repository / "docs" / "make_tables.py", folder], check=True)
    return folder


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_those_of_the_code(made: Path, repository: Path, name: str) -> None:
    assert (made / name).read_text() == (repository / "docs" / name).read_text(), "run python docs/make_tables.py"


def test_links_lead_somewhere(repository: Path) -> None:
    for page in [repository / "README.md", *(repository / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_readme_names_only_verbs_that_exist(repository: Path) -> None:
    text = (repository / "README.md").read_text()
    verbs = set(re.findall(r"^na62dump ([\w-]+)", text, flags=re.MULTILINE))
    shown = subprocess.run(
        [sys.executable, "-m", "na62dump", "--help"], check=True, capture_output=True, text=True
    ).stdout
    known = set(re.findall(r"^  ([\w-]+)  ", shown, flags=re.MULTILINE))
    assert verbs
    assert verbs <= known


def test_every_row_of_the_fault_tables_names_a_test_that_exists(repository: Path) -> None:
    text = (repository / "docs" / "reliability.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| ") and "| shown by |" not in line]
    assert rows
    for row in rows:
        named = re.findall(r"`([^`]+)::(test_\w+)`", row.rpartition(" | ")[2])
        assert named, row
        for file, test in named:
            assert f"def {test}(" in (repository / file).read_text(), f"{file}::{test}"


def test_the_tests_that_the_page_on_security_names_exist(repository: Path) -> None:
    text = (repository / "docs" / "security.md").read_text()
    written = "\n".join(path.read_text() for path in (repository / "tests").rglob("test_*.py"))
    for name in re.findall(r"`(test_\w+)`", text):
        assert f"def {name}(" in written, name


def test_the_notebook_snippet_of_the_readme_runs_as_written(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", (repository / "README.md").read_text(), flags=re.DOTALL)
    events = simulated("halo", 600)
    run = int(events["run"][0])
    write(tmp_path / "ntuples" / "demo_data" / "a.root", events, bursts=[good_burst(run, 1)])
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {}
    exec(compile(snippet, "README.md", "exec"), found)  # noqa: S102 - the text of our own README
    assert found["result"].counts["demo_data"].entries == 600
