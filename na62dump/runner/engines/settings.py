"""How to run on dask: on this machine, at an address, or in jobs of Slurm or HTCondor."""

from __future__ import annotations

import math
from collections.abc import Mapping  # noqa: TC003 - pydantic reads annotations
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from na62dump import units
from na62dump.configuration import Line, Many, Memory, Time
from na62dump.errors import ConfigurationError
from na62dump.runner.batch.settings import Word, WordOrNone  # noqa: TC001 - pydantic reads annotations
from na62dump.runner.execution import Execution

ENCRYPTED = "tls://"
"""Start of the only addresses that are accepted: a bare dask port runs the code of anybody who reaches it."""


OwnPath = Annotated[Path, Field(strict=False)]
"""A path of a file or folder."""


Duration = Annotated[Time, Field(gt=0, lt=math.inf)]
"""A time that ends, ns."""

Size = Annotated[Memory, Field(gt=0, lt=math.inf)]
"""Memory or disk of a job, MB."""


class OnDask(Execution):
    """What all dask clusters have.

    Attributes
    ----------
    wait : float
        Longest wait for a first worker, and for another one when all are gone, ns.
    """

    wait: Duration

    @property
    def wait_s(self) -> float:
        """The same, s."""
        return units.seconds(self.wait)


class Dask(OnDask):
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
    wait : float
        Longest wait for a first worker, and for another one when all are gone, ns.
    """

    engine: Literal["dask"]
    address: Line | None = None
    ca: OwnPath | None = None
    cert: OwnPath | None = None
    key: OwnPath | None = None
    wait: Duration = units.TIME["min"]

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


class Jobs(OnDask):
    """Work on a dask cluster whose workers are jobs of a batch system, each with one core.

    Attributes
    ----------
    jobs : int
        How many.
    memory : float
        Of a job, MB; a worker that comes near it is ended.
    interface : str
        Network interface on which workers listen: the inner network of the cluster, never all networks.
    scheduler_interface : str or None
        That of the scheduler, on the machine of this process; None: of the same name.
    wait : float
        Longest wait, in the queue too, for a first worker, and for another one when all are gone, ns.
    shared : Path or None
        Folder that jobs see as well, where a private folder for certificates is made; None: the folder of the run.
    python : str or None
        Program that is Python in a job; None: the one of this process.
    setup : tuple of str
        Lines of shell before the worker starts.
    """

    jobs: Annotated[int, Field(ge=1)]
    memory: Size
    interface: Word
    scheduler_interface: WordOrNone = None
    shared: OwnPath | None = None
    python: Line | None = None
    setup: Many[Line] = ()


class DaskSlurm(Jobs):
    """Jobs of Slurm.

    Attributes
    ----------
    engine : str
        ``"dask-slurm"``.
    time : float
        Of a job, ns.
    partition, account : str or None
        Where jobs go, and on whose account; None: what Slurm makes of that.
    directives : tuple of str
        More of what may follow ``#SBATCH``.
    """

    engine: Literal["dask-slurm"]
    time: Duration
    partition: WordOrNone = None
    account: WordOrNone = None
    directives: Many[Line] = ()


class DaskCondor(Jobs):
    """Jobs of HTCondor.

    Attributes
    ----------
    engine : str
        ``"dask-htcondor"``.
    disk : float
        Of a job, MB.
    directives : mapping of str to str
        More lines of the submit file: key to value.
    """

    engine: Literal["dask-htcondor"]
    disk: Size
    directives: Mapping[Annotated[str, Field(pattern=r"^[+A-Za-z_][A-Za-z0-9_.]*$")], Line] = {}
