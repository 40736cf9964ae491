"""Libraries of the extra ``export``: they write what other programs read, and are imported only then."""

from __future__ import annotations

import importlib
import warnings
from typing import TYPE_CHECKING, Any

from na62dump.archives import shortly
from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

LIBRARIES = ("pyhf", "hepdata_lib", "hepdata_validator")


def require() -> None:
    """Import all libraries: to be asked before the work begins, so that what is missing or broken is told in time.

    Raises
    ------
    ConfigurationError
        If one is missing, or cannot be imported.
    """
    for name in LIBRARIES:
        library(name)


def quietly(call: Callable[..., Any], *arguments: object, **named: object) -> Any:  # noqa: ANN401 - without types
    """Call one of these libraries: what they use that is deprecated, or leave open, is no business of a user.

    Parameters
    ----------
    call : callable
        A function of theirs.
    *arguments, **named : object
        For it.

    Returns
    -------
    Any
        What it returns.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", ResourceWarning)
        return call(*arguments, **named)


def library(name: str) -> Any:  # noqa: ANN401 - these packages have no types
    """A module of one of the libraries.

    Parameters
    ----------
    name : str
        Such as ``"pyhf"``.

    Returns
    -------
    module
        Imported.

    Raises
    ------
    ConfigurationError
        If it is missing, or cannot be imported.
    """
    try:
        return quietly(importlib.import_module, name)
    except Exception as error:  # a library that is broken may raise anything
        missing = isinstance(error, ModuleNotFoundError) and error.name == name
        what = "is missing; install" if missing else f"cannot be imported ({shortly(error)}); install again"
        msg = f"to export limits, {name} {what} the extra: pip install 'na62dump[export]'"
        raise ConfigurationError(msg) from error
