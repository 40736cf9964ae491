"""How files are reached: how often a server is asked again, and whether copies are kept."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field, field_serializer

from na62dump import units
from na62dump.configuration import Settings, Time
from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator


def _complete(path: Path) -> Path:
    if not str(path).startswith(("/", "~", "$")):
        msg = f"'{path}' is relative, and jobs work in folders of their own; begin it with /, ~ or a variable such as $TMPDIR"
        raise ValueError(msg)
    return path


class Access(Settings):
    """How input files are reached; the table ``[files]`` of a file of config/execution/.

    Tries are for what fails quickly. A server that does not answer is waited for by its client, minutes long
    (`events.remote.client`), and its file is a failure after the first try.

    Attributes
    ----------
    tries : int
        How often a file is tried that cannot be read, before its unit is a failure.
    pause : float
        Wait before the second try, ns; doubled before each further one.
    cache : Path or None
        Folder for copies of remote files; None reads them where they are. It begins with ``/``, ``~`` (the home of
        whoever works) or a variable such as ``$TMPDIR``, which is looked up where the work is done.
    """

    tries: Annotated[int, Field(ge=1)] = 3
    pause: Annotated[Time, Field(ge=0, lt=math.inf)] = units.TIME["s"]
    cache: Annotated[Annotated[Path, AfterValidator(_complete)] | None, Field(strict=False)] = None

    @field_serializer("pause", when_used="json")
    def _with_unit(self, pause: float) -> str:
        """As a file says it: jobs read it again."""
        return f"{pause!r} ns"

    @property
    def pauses(self) -> Iterator[float]:
        """Waits before the second and each further try, s."""
        return (units.seconds(self.pause) * 2**number for number in range(self.tries - 1))

    @property
    def folder(self) -> Path | None:
        """Folder for copies on this machine.

        Raises
        ------
        ConfigurationError
            If it names a variable that is not set here.
        """
        if self.cache is None:
            return None
        found = os.path.expandvars(self.cache.expanduser())
        if "$" in found:
            msg = f"key 'files.cache' = '{self.cache}': a variable in it is not set on this machine; set it, or name a folder"
            raise ConfigurationError(msg)
        return Path(found)
