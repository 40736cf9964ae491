"""How to run: a file of config/execution/."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from na62dump.configuration import Settings
from na62dump.errors import ConfigurationError

ENCRYPTED = "tls://"
"""Start of the only addresses that are accepted: a bare dask port runs the code of anybody who reaches it."""


class Execution(Settings):
    """How to run; a file of config/execution/.

    Attributes
    ----------
    engine : str
        ``"iterative"``, ``"futures"`` or ``"dask"``.
    workers : int
        Processes; with ``iterative`` and with an ``address`` it has no effect.
    address : str or None
        Scheduler of a running dask cluster, ``tls://...``; None starts one on this machine.
    """

    engine: Literal["iterative", "futures", "dask"]
    workers: Annotated[int, Field(ge=1)]
    address: str | None = None

    @model_validator(mode="after")
    def _address_is_safe(self) -> Self:
        if self.address is None:
            return self
        if self.engine != "dask":
            msg = f"address = {self.address!r} belongs to engine = 'dask', not to '{self.engine}'; remove it"
            raise ConfigurationError(msg)
        if not self.address.startswith(ENCRYPTED):
            msg = (
                f"address = {self.address!r} is not encrypted: start the scheduler with TLS and write '{ENCRYPTED}...'"
            )
            raise ConfigurationError(msg)
        return self
