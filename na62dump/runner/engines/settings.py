"""How to run on dask: on this machine, at an address, or in jobs of Slurm or HTCondor."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic reads annotations
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from na62dump.configuration import Many  # noqa: TC001 - likewise
from na62dump.errors import ConfigurationError
from na62dump.runner.execution import Execution

ENCRYPTED = "tls://"
"""Start of the only addresses that are accepted: a bare dask port runs the code of anybody who reaches it."""


def _one_line(text: str) -> str:
    """Refuse what would be more than the one line that it is written into."""
    if not text.isprintable():
        msg = f"{text!r} holds a line break or another control character; write one line of plain text"
        raise ValueError(msg)
    return text


Line = Annotated[str, AfterValidator(_one_line)]
"""One line of text."""

Word = Annotated[Line, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.:/+@-]*$")]
"""A name without blanks, which no program takes for one of its options."""

OwnPath = Annotated[Path, Field(strict=False)]
"""A path of a file or folder."""


class Dask(Execution):
    """Work on a dask cluster.

    Attributes
    ----------
    engine : str
        ``"dask"``.
    address : str or None
        Scheduler of a running cluster, ``tls://...``; None starts one on this machine.
    ca, cert, key : Path or None
        Files (PEM) of the authority that signed the scheduler's certificate, of one's own certificate, and of its private
        key; all or none: without them dask's own configuration names them (``distributed.comm.tls``).
    wait_s : float
        Longest wait for a first worker, and for another one when all are gone, s.
    """

    engine: Literal["dask"]
    address: Line | None = None
    ca: OwnPath | None = None
    cert: OwnPath | None = None
    key: OwnPath | None = None
    wait_s: Annotated[float, Field(gt=0)] = 60.0

    @model_validator(mode="after")
    def _address_is_safe(self) -> Self:
        if self.address is not None and not self.address.startswith(ENCRYPTED):
            msg = (
                f"address = {self.address!r} is not encrypted: start the scheduler with TLS and write '{ENCRYPTED}...'"
            )
            raise ConfigurationError(msg)
        return self

    @model_validator(mode="after")
    def _certificate_is_whole(self) -> Self:
        given = [name for name in ("ca", "cert", "key") if getattr(self, name) is not None]
        if given and (self.address is None or given != ["ca", "cert", "key"]):
            msg = f"{' and '.join(given)} given: a certificate is ca, cert and key, and belongs to an address"
            raise ConfigurationError(msg)
        return self


class Jobs(Execution):
    """Work on a dask cluster whose workers are jobs of a batch system, each with one core.

    Attributes
    ----------
    jobs : int
        How many.
    memory : str
        Of a job, such as ``"2 GB"``; a worker that comes near it is ended.
    interface : str
        Network interface on which workers listen: the inner network of the cluster, never all networks.
    scheduler_interface : str or None
        That of the scheduler, on the machine of this process; None: of the same name.
    wait_s : float
        Longest wait in the queue for a first worker, and for another one when all are gone, s.
    shared : Path or None
        Folder that jobs see as well, where a private folder for certificates is made; None: the folder of the run.
    python : str or None
        Program that is Python in a job; None: the one of this process.
    setup : tuple of str
        Lines of shell before the worker starts.
    """

    jobs: Annotated[int, Field(ge=1)]
    memory: Annotated[str, Field(pattern=r"^[1-9][0-9]* ?[MG]i?B$")]
    interface: Word
    scheduler_interface: Word | None = None
    wait_s: Annotated[float, Field(gt=0)]
    shared: OwnPath | None = None
    python: Line | None = None
    setup: Many[Line] = ()


class DaskSlurm(Jobs):
    """Jobs of Slurm.

    Attributes
    ----------
    engine : str
        ``"dask-slurm"``.
    walltime : str
        Of a job, ``"HH:MM:SS"``.
    partition, account : str or None
        Where jobs go, and on whose account; None: what Slurm makes of that.
    directives : tuple of str
        More of what may follow ``#SBATCH``.
    """

    engine: Literal["dask-slurm"]
    walltime: Annotated[str, Field(pattern=r"^([0-9]+-)?[0-9]+:[0-9]{2}:[0-9]{2}$")]
    partition: Word | None = None
    account: Word | None = None
    directives: Many[Line] = ()


class DaskCondor(Jobs):
    """Jobs of HTCondor.

    Attributes
    ----------
    engine : str
        ``"dask-htcondor"``.
    disk : str
        Of a job, such as ``"1 GB"``.
    directives : mapping of str to str
        More lines of the submit file: key to value.
    """

    engine: Literal["dask-htcondor"]
    disk: Annotated[str, Field(pattern=r"^[1-9][0-9]* ?[MG]i?B$")]
    directives: Mapping[Annotated[str, Field(pattern=r"^[+A-Za-z_][A-Za-z0-9_.]*$")], Line] = {}
