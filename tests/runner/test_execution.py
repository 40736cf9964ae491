from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import tomlkit

from na62dump.errors import ConfigurationError
from na62dump.runner import load_execution
from na62dump.runner.engines import MODELS

JOBS = {"workers": 1, "jobs": 1, "memory": "1 GB", "interface": "lo", "wait_s": 1.0}
SLURM = JOBS | {"engine": "dask-slurm", "walltime": "01:00:00"}
CONDOR = JOBS | {"engine": "dask-htcondor", "disk": "1 GB"}
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
        (
            {"engine": "dask", "workers": 1, "address": "tls://x:1", "ca": "a"},
            "ca given: a certificate is ca, cert and key",
        ),
        ({"engine": "dask", "workers": 1, "ca": "a", "cert": "b", "key": "c"}, "and belongs to an address"),
        (SLURM | {"partition": "a\n#SBATCH --uid=0"}, "key 'partition' = .*should match pattern|control character"),
        (SLURM | {"partition": "a b"}, "key 'partition' = 'a b'"),
        (SLURM | {"account": "--uid=0"}, "key 'account' = '--uid=0'"),
        (SLURM | {"interface": "lo; rm -rf ~"}, "key 'interface' = 'lo; rm -rf ~'"),
        (SLURM | {"memory": "2 GB; true"}, "key 'memory' = '2 GB; true'"),
        (SLURM | {"walltime": "1:00:00\n"}, "key 'walltime' = "),
        (SLURM | {"directives": ["-n 1\nrm -rf ~"]}, "key 'directives.0': .* holds a line break"),
        (SLURM | {"setup": ["true\x1b[2J"]}, "key 'setup.0': .*another control character"),
        (SLURM | {"python": "/bin/python\u2028"}, "key 'python': .*another control character"),
        (CONDOR | {"directives": {"a": "b\nqueue 1000"}}, "key 'directives.a': .* holds a line break"),
        (CONDOR | {"directives": {"a = b\nqueue": "1000"}}, "key 'directives..*should match pattern"),
    ],
)
def test_errors_say_what_to_write(tmp_path: Path, tables: dict[str, object], message: str) -> None:
    path = tmp_path / "x.toml"
    path.write_text(tomlkit.dumps(tables))
    with pytest.raises(ConfigurationError, match=message):
        load_execution(path)


def test_import_loads_neither_coffea_nor_dask() -> None:
    code = "import sys, na62dump.runner; print(*[m for m in ('coffea', 'dask', 'distributed', 'loky') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not done.stdout.strip()
