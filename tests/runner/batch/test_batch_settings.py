from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from na62dump import configuration as conf
from na62dump.errors import ConfigurationError
from na62dump.runner import Batch, HTCondor, Slurm, load_execution
from na62dump.runner.batch import MODELS
from na62dump.runner.batch.systems import SYSTEMS
from na62dump.runner.engines.settings import DaskSlurm
from na62dump.runner.engines.table import engine_of

CONFIG = Path(__file__).parents[3] / "config" / "execution"


def tables(name: str) -> dict[str, Any]:
    return conf.read_toml(CONFIG / f"{name}.toml")


def parsed(name: str, **changes: object) -> Batch:
    model = Slurm if name == "slurm" else HTCondor
    return conf.load_text(tables(name) | changes, model, where="x")


def test_shipped_files_say_what_they_mean() -> None:
    slurm, lxplus = load_execution(CONFIG / "slurm.toml"), load_execution(CONFIG / "lxplus.toml")
    assert isinstance(slurm, Slurm)
    assert isinstance(lxplus, HTCondor)
    assert (slurm.resources.memory, slurm.resources.time) == (2000.0, 8 * 3600e9)
    assert lxplus.time_attribute == "+MaxRuntime"


@pytest.mark.parametrize("sign", ["\n", "\r", "\t", "\0", "\x1b", "\u2028", "\u0085", "\u200b"])
@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("slurm", "partition"),
        ("slurm", "python"),
        ("slurm", "setup"),
        ("slurm", "options"),
        ("htcondor", "requirements"),
        ("htcondor", "attributes"),
        ("htcondor", "time_attribute"),
    ],
)
def test_nothing_can_begin_a_line_of_its_own(name: str, key: str, sign: str) -> None:
    value = f"a = 1{sign}queue 1000"
    with pytest.raises(ConfigurationError, match=r"control characters \(U\+"):
        parsed(name, **{key: [value] if key in {"setup", "options", "attributes"} else value})


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("slurm", {"options": ["-p debug"]}, "is no long option; write '--name=value'"),
        ("slurm", {"options": ["--wrap=rm"]}, "not --wrap here"),
        ("slurm", {"options": ["--export=ALL"]}, "not --export here"),
        ("slurm", {"options": ["--job-n=mine"]}, "not --job-name here, nor its beginning: na62dump gives it itself"),
        ("slurm", {"options": ["--w"]}, "not --w(rap|ait) here"),
        ("slurm", {"options": ["--clusters=all"]}, "jobs sent with it are not found again"),
        ("slurm", {"options": ["--mem-per-cpu=1"]}, r"write it under .resources."),
        ("slurm", {"options": ["--part=x"]}, "it has a key of its own"),
        ("slurm", {"options": ["-Jmine"]}, "is no long option"),
        ("slurm", {"account": "a -J=x"}, "is no name: write letters"),
        ("slurm", {"qos": "-x"}, "is no name: write letters"),
        ("slurm", {"partition": "a;b"}, "is no name: write letters"),
        ("slurm", {"constraint": "a -J=x"}, "is no expression for sbatch"),
        ("slurm", {"constraint": "-x"}, "is no expression for sbatch"),
        ("htcondor", {"attributes": ["queue 1000"]}, "is no attribute; write 'name = value'"),
        ("htcondor", {"attributes": ["include : /etc/passwd"]}, "is no attribute"),
        ("htcondor", {"attributes": ["Executable = /bin/sh"]}, "'Executable': na62dump gives this attribute itself"),
        ("htcondor", {"attributes": ['+na62dumpSubmission = "x"']}, "gives this attribute itself"),
        ("htcondor", {"attributes": ["MY.NA62DumpSlice = 1"]}, "gives this attribute itself"),
        ("htcondor", {"attributes": ["+RequestMemory = 1"]}, "gives this attribute itself"),
        ("htcondor", {"attributes": ["my.Cmd = 1"]}, "gives this attribute itself"),
        ("htcondor", {"time_attribute": "allowed_job_duration"}, "gives this attribute itself"),
        ("htcondor", {"attributes": ["a = b \\ "]}, "ends in a backslash"),
        ("htcondor", {"requirements": "true \\"}, "ends in a backslash"),
        ("htcondor", {"time_attribute": "a = b"}, "no name of an attribute"),
        ("slurm", {"units_per_job": 0}, "greater than or equal to 1"),
        ("slurm", {"resources": tables("slurm")["resources"] | {"memory": "20 GB"}}, "above most_memory"),
        ("slurm", {"resources": tables("slurm")["resources"] | {"time_kept": "8 h"}}, "leaves 0 s for the work"),
        ("slurm", {"resources": tables("slurm")["resources"] | {"time": "0.5 s"}}, "leaves -179.5 s for the work"),
        ("slurm", {"resources": tables("slurm")["resources"] | {"memory": "2 MB"}}, "memory = 2 MB: no job can start"),
        ("slurm", {"resources": tables("slurm")["resources"] | {"memory": "2"}}, "number, a space and a unit .MB, GB"),
    ],
)
def test_errors_say_what_to_write(name: str, changes: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        parsed(name, **changes)


def test_what_sites_need_passes() -> None:
    options = ["--nice=5", "--gres=scratch:1", "--mem-bind=local", "--exclusive", "--wait-all-nodes=1"]
    attributes = ['+AccountingGroup = "g"', "request_disk = 1 GB", "+JobFlavour = x"]
    found = [parsed("slurm", options=options, constraint="[a|b]&c"), parsed("htcondor", attributes=attributes)]
    assert [getattr(found[0], "options", ()), getattr(found[1], "attributes", ())] == [
        tuple(options),
        tuple(attributes),
    ]


def test_names_mean_the_same_for_jobs_and_for_workers_of_dask() -> None:
    dask = {"engine": "dask-slurm", "workers": 1, "jobs": 1, "memory": "1 GB", "interface": "lo", "wait": "1 s"}
    for text, meant in (("", None), ("short,long", "short,long"), ("a/b@c", "a/b@c")):
        workers = conf.load_text(dask | {"time": "1 h", "partition": text, "account": text}, DaskSlurm, where="x")
        jobs = parsed("slurm", partition=text, account=text)
        assert isinstance(jobs, Slurm)
        assert workers.partition == workers.account == jobs.partition == jobs.account == meant
    for text in ("a b", "-a", "a;b", "$a", "a`b`"):
        for model, tables_ in ((DaskSlurm, dask | {"time": "1 h"}), (Slurm, tables("slurm"))):
            with pytest.raises(ConfigurationError, match="is no name: write letters"):
                conf.load_text(tables_ | {"partition": text}, model, where="x")
    with pytest.raises(ConfigurationError, match="key 'interface': '' is no name"):
        conf.load_text(dask | {"time": "1 h", "interface": ""}, DaskSlurm, where="x")


def test_each_batch_system_has_settings_and_a_module() -> None:
    assert set(MODELS) == set(SYSTEMS)


def test_no_engine_waits_for_jobs() -> None:
    with pytest.raises(ConfigurationError, match="takes jobs, which nobody waits for: submit"):
        engine_of(parsed("slurm"))
