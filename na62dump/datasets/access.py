"""How files are reached: how often a server is asked again, and whether copies are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from na62dump.configuration import Settings


class Access(Settings):
    """How input files are reached; the table ``[files]`` of a file of config/execution/.

    Attributes
    ----------
    tries : int
        How often a file is tried that cannot be read, before its unit is a failure.
    pause_s : float
        Wait before the second try, s; doubled before each further one.
    cache : Path or None
        Folder for copies of remote files; None reads them where they are.
    """

    tries: Annotated[int, Field(ge=1)] = 3
    pause_s: Annotated[float, Field(ge=0)] = 1.0
    cache: Annotated[Path | None, Field(strict=False)] = None
