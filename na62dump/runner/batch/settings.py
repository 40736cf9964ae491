"""How to run as jobs of a batch system."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from na62dump.configuration import Line, Many, Memory, Settings, Time
from na62dump.errors import ConfigurationError
from na62dump.runner.execution import Execution
from na62dump.units import seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

SystemName = Literal["slurm", "htcondor"]

_OPTION = re.compile(r"--([a-z][a-z-]*)(=.*)?")
_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.,:/+@-]*")
_ATTRIBUTE = re.compile(r"(\+?[A-Za-z_][A-Za-z0-9_.]*)\s*=\s*\S.*")
_NAME = re.compile(r"\+?[A-Za-z_][A-Za-z0-9_.]*")

OWN_OPTIONS: Mapping[str, str] = {
    **dict.fromkeys(
        ("array", "chdir", "error", "export", "export-file", "get-user-env", "job-name", "no-requeue", "ntasks"),
        "na62dump gives it itself",
    ),
    **dict.fromkeys(("open-mode", "output", "parsable", "requeue", "wrap"), "na62dump gives it itself"),
    **dict.fromkeys(("cpus-per-task", "mem", "mem-per-cpu", "time", "time-min"), "write it under [resources]"),
    **dict.fromkeys(("account", "constraint", "partition", "qos"), "it has a key of its own"),
    **dict.fromkeys(
        ("clusters", "gid", "help", "test-only", "uid", "usage", "version", "wait"),
        "jobs sent with it are not found again",
    ),
}
"""Options of sbatch that may not be given, and why."""

_OWN_ATTRIBUTES = frozenset(
    (
        *("allowedjobduration", "args", "arguments", "cmd", "err", "error", "executable"),
        *("getenv", "initialdir", "iwd", "jobiwd", "jobuniverse", "log", "onexitremove", "out", "output", "queue"),
        *("requestcpus", "requestmemory", "requirements", "shouldtransferfiles", "slice", "stderr", "stdout"),
        *("universe", "userlog"),
    )
)
"""Attributes of a submit file that na62dump gives itself, with their other names; small letters only."""

LEAST_MEMORY_MB = 100.0
"""Memory below which no job can work, MB; the imports alone take 200 MB, of which half is shared with others."""

LEAST_WORK_NS = 10e9
"""Time below which no job can work, ns: Python and the compiled kernels start in seconds."""

_MARK = "na62dump"
"""How the attributes begin by which jobs are found again."""


def _option(text: str) -> str:
    match = _OPTION.fullmatch(text)
    if match is None:
        msg = f"{text!r} is no long option; write '--name=value' or '--name'"
        raise ConfigurationError(msg)
    # sbatch takes the beginning of a name for the name
    for name, reason in OWN_OPTIONS.items():
        if name.startswith(match[1]):
            msg = f"{text!r}: not --{name} here, nor its beginning: {reason}; leave it out"
            raise ConfigurationError(msg)
    return text


def _attribute(text: str) -> str:
    match = _ATTRIBUTE.fullmatch(text)
    if match is None:
        msg = f"{text!r} is no attribute; write 'name = value' or '+Name = value'"
        raise ConfigurationError(msg)
    _require_free(match[1])
    return _whole(text)


def _name(text: str) -> str:
    if text and not _NAME.fullmatch(text):
        msg = f"{text!r} is no name of an attribute; write one such as '+MaxRuntime'"
        raise ConfigurationError(msg)
    _require_free(text)
    return text


def _require_free(name: str) -> None:
    """Refuse an attribute of ours, in any of the ways that HTCondor writes a name: +A, My.A, some_name, SomeName."""
    bare = name.lower().removeprefix("+").removeprefix("my.").replace("_", "")
    if bare in _OWN_ATTRIBUTES or bare.startswith(_MARK):
        msg = f"{name!r}: na62dump gives this attribute itself; leave it out, or use the key that is made for it"
        raise ConfigurationError(msg)


def _whole(text: str) -> str:
    if text.rstrip().endswith("\\"):
        msg = f"{text!r} ends in a backslash, which would join the next line to it; write it as one line"
        raise ConfigurationError(msg)
    return text


def _word(text: str) -> str:
    if not _WORD.fullmatch(text):
        msg = f"{text!r} is no name: write letters, digits and any of _.,:/+@-, beginning with a letter, a digit or _"
        raise ConfigurationError(msg)
    return text


def _expression(text: str) -> str:
    if text.startswith("-") or any(sign.isspace() for sign in text):
        msg = f"{text!r} is no expression for sbatch: no blanks, and no '-' at its beginning"
        raise ConfigurationError(msg)
    return text


Whole = Annotated[Line, AfterValidator(_whole)]
"""Such text that joins no other line to it."""

Word = Annotated[Line, AfterValidator(_word)]
"""A name, or several with commas: no option, and nothing that a shell reads otherwise."""

WordOrNone = Annotated[Word | None, BeforeValidator(lambda text: None if text == "" else text)]
"""A name; left out, or empty text, is none."""

Expression = Annotated[Line, AfterValidator(_expression)]
"""Such text without blanks, and no option; may be empty."""

Option = Annotated[Line, AfterValidator(_option)]
"""A long option of sbatch."""

Attribute = Annotated[Line, AfterValidator(_attribute)]
"""A line of a submit file."""

AttributeName = Annotated[Line, AfterValidator(_name)]
"""Name of an attribute of a submit file."""


class Resources(Settings):
    """What a job asks for, and how far that is raised where it does not suffice.

    Attributes
    ----------
    cpus : int
        Cores, and so units at once.
    memory : float
        Of the whole job, MB.
    time : float
        Of the whole job, ns.
    growth : float
        By how much memory or time is raised for a unit that lacked it, pure number.
    most_memory : float
        Highest memory that is asked for, MB.
    most_time : float
        Longest time that is asked for, ns.
    memory_share : float
        Share of the memory at which a job ends its largest worker itself, fraction.
    time_kept : float
        How long before its end a job stops work itself, ns.
    """

    cpus: Annotated[int, Field(ge=1)]
    memory: Annotated[Memory, Field(gt=0)]
    time: Annotated[Time, Field(gt=0)]
    growth: Annotated[float, Field(gt=1)]
    most_memory: Memory
    most_time: Time
    memory_share: Annotated[float, Field(gt=0, le=1)]
    time_kept: Annotated[Time, Field(ge=0)]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.memory > self.most_memory or self.time > self.most_time:
            msg = "memory and time may not be above most_memory and most_time"
            raise ConfigurationError(msg)
        if self.memory < LEAST_MEMORY_MB:
            msg = f"memory = {self.memory:g} MB: no job can start with less than {LEAST_MEMORY_MB:g} MB"
            raise ConfigurationError(msg)
        if self.time - self.time_kept < LEAST_WORK_NS:
            left, least = seconds(self.time - self.time_kept), seconds(LEAST_WORK_NS)
            msg = f"time less time_kept leaves {left:g} s for the work; no job does any in less than {least:g} s"
            raise ConfigurationError(msg)
        return self


class Batch(Execution):
    """Work as jobs of a batch system that need nothing of ours to stay alive; all see the same files.

    Attributes
    ----------
    engine : str
        Batch system.
    units_per_job : int
        Most units of a job.
    resources : Resources
        What a job asks for.
    python : str
        Interpreter on the nodes that has na62dump; this one if left out.
    setup : tuple of str
        Lines of shell before the work: a job inherits no environment.
    at_once : int or None
        Most jobs of a submission that run at once; for HTCondor only with DAGMan.
    """

    engine: SystemName
    units_per_job: Annotated[int, Field(ge=1)]
    resources: Resources
    python: Line = sys.executable
    setup: Many[Line] = ()
    at_once: Annotated[int | None, Field(ge=1)] = None

    @property
    def most_together(self) -> int | None:
        """Most jobs that can be sent together; None where any number can."""
        return None


class Slurm(Batch):
    """Job arrays of Slurm.

    Attributes
    ----------
    engine : str
        ``"slurm"``.
    array_most : int
        Most jobs of an array (MaxArraySize of the site, less one).
    partition, account, qos : str or None
        Options of sbatch of these names; None: what Slurm makes of that.
    constraint : str
        The same, an expression such as ``"[a|b]&c"``; empty for none.
    options : tuple of str
        More options, such as ``"--gres=scratch:1"``.
    """

    engine: Literal["slurm"]
    array_most: Annotated[int, Field(ge=1)]
    partition: WordOrNone = None
    account: WordOrNone = None
    qos: WordOrNone = None
    constraint: Expression = ""
    options: Many[Option] = ()

    @property
    def most_together(self) -> int:
        """Most jobs that can be sent together."""
        return self.array_most


class HTCondor(Batch):
    """Jobs of HTCondor.

    Attributes
    ----------
    engine : str
        ``"htcondor"``.
    dag_above : int
        Number of jobs above which DAGMan submits them bit by bit.
    time_attribute : str
        Attribute that also carries the time, in whole seconds; empty if the site has none.
    requirements : str
        Expression that a slot must fulfil; empty for any.
    attributes : tuple of str
        More lines of the submit file, such as ``'+AccountingGroup = "group_u_NA62"'``.
    """

    engine: Literal["htcondor"]
    dag_above: Annotated[int, Field(ge=1)]
    time_attribute: AttributeName = ""
    requirements: Whole = ""
    attributes: Many[Attribute] = ()


MODELS: Mapping[str, type[Batch]] = {"slurm": Slurm, "htcondor": HTCondor}
"""Settings of each batch system."""
