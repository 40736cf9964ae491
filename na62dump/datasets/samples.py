"""What a sample is: a name, data or simulation, and the files that hold it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from na62dump.configuration import Many, Settings

Kind = Literal["data", "simulation"]


class Sample(Settings):
    """One table of config/samples/: whether it is data is said here and nowhere else."""

    kind: Kind
    label: str
    files: Many[str]
    simulate: Mapping[str, Any] | None = None
