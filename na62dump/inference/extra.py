"""Libraries of the extra ``export``: they write what other programs read, and are imported only then."""

from __future__ import annotations

import importlib
import warnings
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

LIBRARIES = ("pyhf", "hepdata_lib", "hepdata_validator")


def require() -> None:
    """Look whether all libraries are there, without importing them: to be asked before the work begins.

    Raises
    ------
    ConfigurationError
        If one is missing.
    """
    missing = [name for name in LIBRARIES if find_spec(name) is None]
    if missing:
        raise ConfigurationError(_missing(", ".join(missing)))


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
        If it is missing.
    """
    try:
        return quietly(importlib.import_module, name)
    except ImportError as error:
        raise ConfigurationError(_missing(name)) from error


def _missing(names: str) -> str:
    return f"to export limits, {names} is missing; install the extra: pip install 'na62dump[export]'"
