"""Upper limits on a Poisson mean beside a known background."""

from __future__ import annotations

from scipy import special

from na62dump.errors import EstimateError

CONFIDENCE = 0.9
"""Of all upper limits: what the field uses."""


def upper_limit(observed: int, background: float = 0.0) -> float:
    """Upper limit at 90% CL on the mean of what comes beside a known background.

    Solves P(n <= observed | background + limit) = 0.1 P(n <= observed | background). That is the Bayesian limit with
    a prior flat above 0 (Helene, NIM 212 (1983) 319, eq. 8) and the same number as that of CLs (Read, J. Phys. G 28
    (2002) 2693). The sum of Poisson probabilities is a regularised incomplete gamma function, whose inverse is known.

    Parameters
    ----------
    observed : int
        Rows seen.
    background : float, rows
        Expected without what is asked about; its uncertainty does not enter.

    Returns
    -------
    float, rows
        2.303 where nothing is seen, whatever the background.

    Raises
    ------
    EstimateError
        If a number is negative, or so much more was expected than seen that no double holds the probability.
    """
    allowed = special.gammaincc(observed + 1, background) if min(observed, background) >= 0 else 0.0
    if not (1 - CONFIDENCE) * allowed > 0:
        msg = (
            f"no upper limit follows from {observed} rows seen and {background:g} expected: both are at least 0, and what "
            "is expected agrees with what is seen; look at the other backgrounds"
        )
        raise EstimateError(msg)
    return float(special.gammainccinv(observed + 1, (1 - CONFIDENCE) * allowed) - background)
