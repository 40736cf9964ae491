"""The notebooks are executed for real, on a merged result."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.plotting.background_samples import backgrounds
from tests.plotting.result_samples import REQUIREMENTS, result_of

if TYPE_CHECKING:
    from pathlib import Path

# in processes of their own, because Jupyter's warnings are no business of ours
CONVERT = [sys.executable, "-m", "jupytext", "--to", "notebook", "--output"]
EXECUTE = [sys.executable, "-c", "from nbclient.cli import main; main()", "--inplace", "--timeout=300"]

DIGEST = "2" * 64


def run(command: list[str], *, folder: Path, result: Path) -> None:
    # frozen modules make the debugger warn about itself on every start of a kernel
    environment = os.environ | {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    environment |= dict.fromkeys(("NA62DUMP_RESULT", "NA62DUMP_BACKGROUND"), str(result))
    environment |= {"IPYTHONDIR": str(folder / "ipython"), "JUPYTER_CONFIG_DIR": str(folder / "jupyter")}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def without_input(name: str, *, repository: Path, folder: Path) -> dict[str, Any]:
    notebook = folder / f"{name}.ipynb"
    run([*CONVERT, str(notebook), str(repository / "notebooks" / f"{name}.py")], folder=folder, result=notebook)
    run([*EXECUTE, str(notebook)], folder=folder, result=notebook)
    done: dict[str, Any] = json.loads(notebook.read_text(encoding="utf-8"))
    return done


@pytest.fixture(scope="module")
def of_signal(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return without_input("signal", repository=repository, folder=tmp_path_factory.mktemp("notebook"))


@pytest.fixture(scope="module")
def of_limits(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return without_input("limits", repository=repository, folder=tmp_path_factory.mktemp("notebook"))


@pytest.fixture(scope="module")
def of_background(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("notebook")
    made, notebook = folder / "mumu.bg.zip", folder / "background.ipynb"
    made.write_bytes(backgrounds().dumps({}))
    run([*CONVERT, str(notebook), str(repository / "notebooks" / "background.py")], folder=folder, result=made)
    run([*EXECUTE, str(notebook)], folder=folder, result=made)
    done: dict[str, Any] = json.loads(notebook.read_text(encoding="utf-8"))
    return done


@pytest.fixture(scope="module")
def executed(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("notebook")
    merged, notebook = folder / "merged.zip", folder / "inspect.ipynb"
    merged.write_bytes(result_of(opened=("CR",)).dumps({"digests": {"run": DIGEST}}))
    run([*CONVERT, str(notebook), str(repository / "notebooks" / "inspect.py")], folder=folder, result=merged)
    run([*EXECUTE, str(notebook)], folder=folder, result=merged)
    done: dict[str, Any] = json.loads(notebook.read_text(encoding="utf-8"))
    return done


def outputs(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [output for cell in notebook["cells"] if cell["cell_type"] == "code" for output in cell["outputs"]]


def texts(notebook: dict[str, Any], kind: str) -> str:
    return "\n".join("".join(output.get("data", {}).get(kind, [])) for output in outputs(notebook))


def printed(notebook: dict[str, Any]) -> str:
    return "\n".join("".join(output.get("text", [])) for output in outputs(notebook))


def test_every_cell_was_executed_without_error_or_warning(executed: dict[str, Any]) -> None:
    code = [cell for cell in executed["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert [o for o in outputs(executed) if o["output_type"] == "error" or o.get("name") == "stderr"] == []


def test_it_shows_the_cutflow(executed: dict[str, Any]) -> None:
    shown = texts(executed, "text/markdown")
    for requirement in REQUIREMENTS:
        assert f"| {requirement} |" in shown
    assert "alone removes" in shown
    assert "protons on target" in shown


def test_it_shows_figures(executed: dict[str, Any]) -> None:
    images = [output for output in outputs(executed) if "image/png" in output.get("data", {})]
    # one by hand, those of the three histograms, the cutflow, and the correlations of each of the two samples
    assert len(images) == 7


def test_it_says_what_was_open_and_what_made_it(executed: dict[str, Any]) -> None:
    assert "opened: CR" in printed(executed)
    assert DIGEST in printed(executed)
    assert "declared data, simulated" in printed(executed)
    assert "3 rows" in printed(executed)


def test_the_notebook_of_signal_goes_from_a_model_to_expected_events(of_signal: dict[str, Any]) -> None:
    assert [o for o in outputs(of_signal) if o["output_type"] == "error" or o.get("name") == "stderr"] == []
    assert "c tau [mm]" in texts(of_signal, "text/markdown")
    assert re.search(
        r"most: \d+\.\d \+- \d+\.\d \(simulation\) \+- \d+\.\d \(theory\) events in SR", printed(of_signal)
    )
    assert len([output for output in outputs(of_signal) if "image/png" in output.get("data", {})]) >= 5


def test_the_notebook_of_backgrounds_compares_and_draws(of_background: dict[str, Any]) -> None:
    assert [o for o in outputs(of_background) if o["output_type"] == "error" or o.get("name") == "stderr"] == []
    assert "hidden in data: SR, CR" in printed(of_background)
    assert "p (as many or more)" in texts(of_background, "text/markdown")
    assert len([output for output in outputs(of_background) if "image/png" in output.get("data", {})]) >= 5


def test_the_notebook_of_limits_goes_from_a_count_to_an_excluded_region(of_limits: dict[str, Any]) -> None:
    assert [o for o in outputs(of_limits) if o["output_type"] == "error" or o.get("name") == "stderr"] == []
    said = printed(of_limits)
    assert "[[2.303 2.412]\n [3.874 4.104]]" in said
    assert "masses at which the event counts: [405. 410. 415.] MeV" in said
    assert "| mumu | observed |" in texts(of_limits, "text/markdown")
    assert len([output for output in outputs(of_limits) if "image/png" in output.get("data", {})]) >= 2


def test_notebooks_define_nothing(repository: Path) -> None:
    notebooks = sorted((repository / "notebooks").glob("*.py"))
    assert notebooks
    for notebook in notebooks:
        nodes = ast.walk(ast.parse(notebook.read_text(encoding="utf-8")))
        defined = [
            node
            for node in nodes
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda)
        ]
        assert defined == [], f"{notebook.name} defines something: it belongs into the package"
