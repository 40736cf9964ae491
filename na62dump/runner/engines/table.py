"""The engines: for each the settings it takes, and the function that drives it."""

from __future__ import annotations

import pkgutil
from typing import TYPE_CHECKING, Protocol, cast

from na62dump import configuration as conf
from na62dump.errors import ConfigurationError, nearest
from na62dump.runner.batch.settings import MODELS as BATCH_SYSTEMS
from na62dump.runner.engines.settings import Dask, DaskCondor, DaskSlurm
from na62dump.runner.execution import Execution, Local

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from na62dump.runner.statuses import Reporting, Statuses

MODELS: Mapping[str, type[Execution]] = {
    "iterative": Local,
    "futures": Local,
    "dask": Dask,
    "dask-slurm": DaskSlurm,
    "dask-htcondor": DaskCondor,
    **BATCH_SYSTEMS,
}
"""Settings of each engine, and of each batch system."""

ENGINES = {
    "iterative": "na62dump.runner.engines.local:iterative",
    "futures": "na62dump.runner.engines.local:futures",
    "dask": "na62dump.runner.engines.dask:dask",
    "dask-slurm": "na62dump.runner.engines.dask:dask",
    "dask-htcondor": "na62dump.runner.engines.dask:dask",
}
"""Engine to the function that drives it, by name, because coffea takes seconds to import."""

_FOLDER = "execution/"


class Engine(Protocol):
    """Runs a function on every item and returns the sum of the reports."""

    def __call__(self, items: Sequence[object], function: Reporting, *, execution: Execution) -> Statuses:
        """Run."""
        ...


def find_execution(name: str) -> Path:
    """File that says how to run.

    Parameters
    ----------
    name : str
        Such as ``"slurm"``, in ``config/execution/``, or a path to a TOML file.

    Returns
    -------
    Path
        An existing file.

    Raises
    ------
    UnknownNameError
        If nothing answers to the name; the message lists what would.
    """
    return conf.find(name if name.endswith(".toml") else f"{_FOLDER}{name.removeprefix(_FOLDER)}")


def load_execution(path: Path) -> Execution:
    """How to run, as a file says it.

    Parameters
    ----------
    path : Path
        A TOML file.

    Returns
    -------
    Execution
        Settings of its engine.

    Raises
    ------
    ConfigurationError
        File, key, value and fix of what is wrong.
    """
    tables = conf.read_toml(path)
    if "engine" not in tables:
        msg = f"{path}: key 'engine' is missing; write one of: {', '.join(sorted(MODELS))}"
        raise ConfigurationError(msg)
    engine = tables["engine"]
    if not isinstance(engine, str) or engine not in MODELS:
        msg = f"{path}: key 'engine' = {engine!r}: no such engine; {nearest(str(engine), MODELS)}"
        raise ConfigurationError(msg)
    return conf.load_text(tables, MODELS[engine], where=str(path))


def engine_of(execution: Execution) -> Engine:
    """Function that drives an engine; its libraries are imported now.

    Parameters
    ----------
    execution : Execution
        Settings of it.

    Returns
    -------
    Engine
        To be called with items and a function.

    Raises
    ------
    ConfigurationError
        If it is a batch system, to which work is submitted.
    """
    if execution.engine not in ENGINES:
        msg = f"engine = {execution.engine!r} takes jobs, which nobody waits for: submit; {nearest('', ENGINES)}"
        raise ConfigurationError(msg)
    return cast("Engine", pkgutil.resolve_name(ENGINES[execution.engine]))
