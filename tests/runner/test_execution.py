from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest
import tomlkit

from na62dump.errors import ConfigurationError
from na62dump.runner import load_execution
from na62dump.runner.engines import MODELS
from na62dump.runner.engines.settings import DaskCondor, DaskSlurm

JOBS = {"workers": 1, "jobs": 1, "memory": "1 GB", "interface": "lo", "wait": "1 s"}
SLURM = JOBS | {"engine": "dask-slurm", "time": "1 h"}
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
        (SLURM | {"partition": "a\n#SBATCH --uid=0"}, "key 'partition': .* has line breaks"),
        (SLURM | {"partition": "a b"}, "key 'partition': 'a b' is no name"),
        (SLURM | {"account": "--uid=0"}, "key 'account': '--uid=0' is no name"),
        (SLURM | {"interface": "lo; rm -rf ~"}, "key 'interface': 'lo; rm -rf ~' is no name"),
        (SLURM | {"memory": "2 GB; true"}, "key 'memory': '2 GB; true'"),
        (SLURM | {"memory": "0 GB"}, "key 'memory' = '0 GB': .*greater than 0"),
        (SLURM | {"time": "1:00:00"}, "key 'time': '1:00:00' is no time: write a number, a space and a unit"),
        (SLURM | {"time": "inf h"}, "key 'time' = 'inf h': .*less than inf"),
        (SLURM | {"wait": 60.0}, "key 'wait': 60.0 is no time"),
        (CONDOR | {"disk": "1 GiB"}, "key 'disk': '1 GiB' has the unit 'GiB'"),
        ({"engine": "futures", "workers": 1, "files": {"pause": 1.0}}, "key 'files.pause': 1.0 is no time"),
        (SLURM | {"directives": ["-n 1\nrm -rf ~"]}, "key 'directives.0': .* has line breaks"),
        (SLURM | {"setup": ["true\x1b[2J"]}, "key 'setup.0': .*other control characters .U.001B."),
        (SLURM | {"python": "/bin/python\u2028"}, "key 'python': .*other control characters .U.2028."),
        (CONDOR | {"directives": {"a": "b\nqueue 1000"}}, "key 'directives.a': .* has line breaks"),
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


@pytest.mark.parametrize(
    ("text", "clock"), [("2 h", "02:00:00"), ("90 s", "00:01:30"), ("1.5 s", "00:00:02"), ("100 h", "100:00:00")]
)
def test_a_time_is_written_as_slurm_reads_it(text: str, clock: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from na62dump.runner.engines import clusters  # noqa: PLC0415 - dask is loaded for these tests only

    asked = mock.MagicMock()
    monkeypatch.setattr(clusters, "SLURMCluster", asked)
    monkeypatch.setattr(clusters, "fresh_certificate", lambda _: None)
    clusters._cluster(DaskSlurm.model_validate(SLURM | {"time": text, "memory": "1.5 GB"}), "p", Path("l"))
    assert asked.call_args.kwargs["walltime"] == clock
    assert asked.call_args.kwargs["memory"] == "1500 MB"


def test_a_size_is_written_as_dask_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from na62dump.runner.engines import clusters  # noqa: PLC0415 - likewise

    asked = mock.MagicMock()
    monkeypatch.setattr(clusters, "HTCondorCluster", asked)
    monkeypatch.setattr(clusters, "fresh_certificate", lambda _: None)
    clusters._cluster(DaskCondor.model_validate(CONDOR | {"disk": "2 GB"}), "p", Path("l"))
    assert asked.call_args.kwargs["disk"] == "2000 MB"


@pytest.mark.parametrize("key", ["interface", "scheduler_interface"])
def test_a_network_that_this_machine_has_not_is_told(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clusters = pytest.importorskip("na62dump.runner.engines.clusters")
    monkeypatch.setattr("shutil.which", lambda _: "/bin/sbatch")
    clusters._require("sbatch", DaskSlurm.model_validate(SLURM | {"interface": "lo"}))
    told = rf"'dask-slurm': key '{key}' = 'ib7' is no network of this machine; .*lo"
    with pytest.raises(ConfigurationError, match=told):
        clusters._require("sbatch", DaskSlurm.model_validate(SLURM | {"interface": "lo", key: "ib7"}))
