"""Numba, wrapped once: the decorator that makes a typed function a compiled kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def kernel(function: F) -> F:
    """Compile a function over flat arrays: cached on disk, without the interpreter lock, strict IEEE arithmetic.

    Parameters
    ----------
    function : callable
        Loops over plain arrays and scalars; their shapes and units stand in its own docstring.

    Returns
    -------
    callable
        The compiled function, typed as the one that came.
    """
    compiled = numba.njit(cache=True, nogil=True, fastmath=False, error_model="numpy")(function)
    return cast("F", compiled)
