"""Table of upper limits of counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from na62dump.tables.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from na62dump.inference.settings import Method, Priors

NAMES: dict[Method, str] = {"cls": "CLs", "feldman-cousins": "Feldman-Cousins", "bayesian": "Bayesian, flat"}
COLUMNS = ("observed", "background", "uncertainty", "relative uncertainty of the signal", "upper limit")


def upper_limits(
    numbers: Sequence[ArrayLike], *, method: Method, confidence: float, priors: Priors, of_protons: bool
) -> Table:
    """Upper limits on the signal beside what they were made from.

    Parameters
    ----------
    numbers : sequence of array
        Observed and expected counts, uncertainty (counts), relative uncertainty of the signal (a pure number), limit (counts):
        numbers or float[row].
    method : str
        How the limits were made.
    confidence : float
        Level.
    priors : Priors
        Densities.
    of_protons : bool
        Whether the uncertainty of the signal is the default, that of the number of protons.

    Returns
    -------
    Table
        One row for each limit.
    """
    title = (
        f"Upper limits on the signal, events: {NAMES[method]}, {100 * confidence:.4g}% CL; densities: {priors.background} of the background, "
        f"{priors.signal} of the signal"
    )
    if of_protons:
        title += "; the signal is as uncertain as the number of protons (config/signal/production.toml)"
    columns = (np.atleast_1d(column).tolist() for column in np.broadcast_arrays(*numbers))
    rows = tuple((int(observed), *others) for observed, *others in zip(*columns, strict=True))
    return Table(title, COLUMNS, rows)
