"""Errors a person can mend; each is also the builtin that a caller expects."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class NA62DumpError(Exception):
    """Root of all errors that na62dump raises on purpose."""


class ConfigurationError(NA62DumpError, ValueError):
    """A value in a configuration file, or on the command line, is not allowed."""


class UnknownNameError(NA62DumpError, LookupError):
    """A name was used that nothing answers to."""


class UnknownQuantityError(UnknownNameError, AttributeError):
    """A candidate was asked for a quantity that it does not have."""


class InputFileError(NA62DumpError, OSError):
    """A data file is missing, damaged, or not what was declared."""


class ServerError(InputFileError):
    """A server of files did not do what it was asked; another time it may."""


class SilentServerError(ServerError):
    """A server of files does not answer, and was waited for long enough."""


class MissingColumnError(NA62DumpError, LookupError):
    """A data file lacks a column that is needed."""


class BlindingError(NA62DumpError, PermissionError):
    """Something asked to see, or to store, what is hidden."""


class MergeError(NA62DumpError, ValueError):
    """Results do not belong together."""


class EstimateError(NA62DumpError, ValueError):
    """What there is does not suffice for an estimate of background."""


class BatchSystemError(NA62DumpError, RuntimeError):
    """A batch system cannot be asked, or does not take a job."""


class ClaimedError(NA62DumpError, RuntimeError):
    """Another process is doing what only one at a time may do."""


class IncompleteError(NA62DumpError, RuntimeError):
    """Work stopped before it was complete; what is finished is kept."""


class GapsError(MergeError, IncompleteError):
    """Some of what is to be merged has not been computed yet."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Known names as a phrase for an error message, the likeliest first.

    Parameters
    ----------
    name : str
        What was asked for.
    known : iterable of str
        What would have been allowed.

    Returns
    -------
    str
        ``"did you mean 'x'? known: x, y, z"``.
    """
    names = sorted(known)
    if not names:
        return "nothing is known here"
    close = get_close_matches(name, names, n=1, cutoff=0.5)
    listed = ", ".join([*close, *(n for n in names if n not in close)])
    return f"did you mean '{close[0]}'? known: {listed}" if close else f"known: {listed}"
