"""How to run on dask."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from na62dump.errors import ConfigurationError
from na62dump.runner.execution import Execution

ENCRYPTED = "tls://"
"""Start of the only addresses that are accepted: a bare dask port runs the code of anybody who reaches it."""


class Dask(Execution):
    """Work on a dask cluster.

    Attributes
    ----------
    engine : str
        ``"dask"``.
    address : str or None
        Scheduler of a running cluster, ``tls://...``; None starts one on this machine.
    """

    engine: Literal["dask"]
    address: str | None = None

    @model_validator(mode="after")
    def _address_is_safe(self) -> Self:
        if self.address is not None and not self.address.startswith(ENCRYPTED):
            msg = (
                f"address = {self.address!r} is not encrypted: start the scheduler with TLS and write '{ENCRYPTED}...'"
            )
            raise ConfigurationError(msg)
        return self
