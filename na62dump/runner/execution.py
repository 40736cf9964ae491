"""How to run: a file of config/execution/."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from na62dump.configuration import Settings
from na62dump.datasets import Access


class Execution(Settings):
    """What every way to run has; each engine adds its own.

    Attributes
    ----------
    engine : str
        Name of the engine, a key of `MODELS`.
    workers : int
        Processes of this machine: for planning, and for the work itself if the engine works here.
    files : Access
        How input files are reached.
    """

    engine: str
    workers: Annotated[int, Field(ge=1)]
    files: Access = Access()


class Local(Execution):
    """Work on this machine.

    Attributes
    ----------
    engine : str
        ``"iterative"`` (in this process) or ``"futures"`` (in processes of their own).
    """

    engine: Literal["iterative", "futures"]
