from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import tomlkit

from na62dump.errors import ConfigurationError
from na62dump.runner import load_execution
from na62dump.runner.engines import MODELS

CONFIG = Path(__file__).parents[2] / "config" / "execution"


@pytest.mark.parametrize("path", sorted(CONFIG.glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_files_are_good(path: Path) -> None:
    assert load_execution(path).engine in MODELS


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"engine": "dusk", "workers": 1}, "key 'engine' = 'dusk': no such engine; did you mean 'dask'"),
        ({"engine": "futures", "workers": 0}, "key 'workers' = 0: .*greater than or equal to 1"),
        ({"engine": "futures"}, "key 'workers' is missing"),
        ({"engine": "futures", "workers": 1, "address": "tls://x:1"}, "unknown key 'address' = 'tls://x:1'"),
        ({"engine": "dask", "workers": 1, "address": "tcp://x:1"}, "'tcp://x:1' is not encrypted: .*write 'tls://"),
    ],
)
def test_errors_say_what_to_write(tmp_path: Path, tables: dict[str, object], message: str) -> None:
    path = tmp_path / "x.toml"
    path.write_text(tomlkit.dumps(tables))
    with pytest.raises(ConfigurationError, match=message):
        load_execution(path)


def test_import_loads_neither_coffea_nor_dask() -> None:
    code = "import sys, na62dump.runner; print(*[m for m in ('coffea', 'dask', 'loky', 'numpy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not done.stdout.strip()
