"""Upper limits at each point of a grid of mass and coupling, of one search and of several together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from na62dump.errors import ConfigurationError
from na62dump.inference.counts.windows import together
from na62dump.inference.exclusion.bands import bands
from na62dump.inference.exclusion.limits import Limits, Scan
from na62dump.inference.statistics.discovery import p_values
from na62dump.inference.statistics.empty import positive
from na62dump.inference.statistics.quantiles import median_count
from na62dump.inference.statistics.upper_limits import upper_limits
from na62dump.provenance import digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from na62dump.inference.counts.counting import Counting
    from na62dump.inference.settings import Inference
    from na62dump.signal.yields import Expected

NEGLIGIBLE = 1e-100
"""Expected events below which errors, which are added as squares, are not to be told from 0."""

DIGITS = 9
"""Decimals of a relative uncertainty: equal ones stay equal whatever they were added from."""


def scan(expected: Expected, counting: Counting, *, settings: Inference) -> Scan:
    """Limits of what is counted, at each point.

    The signal of several searches is added up, and so is their background: one number is counted. Without events this is
    the best that can be done, since CLs then does not depend on the background. One relative uncertainty moves the signal
    of all: that of protons, of the number of simulated decays, and of theory, in quadrature, as far as
    ``settings.signal`` includes them. A larger one than ``settings.signal.largest`` counts as this.

    Parameters
    ----------
    expected : Expected
        Signal.
    counting : Counting
        What is counted, at the same masses.
    settings : Inference
        Method, level, what is included.

    Returns
    -------
    Scan
        Observed limits only if the counts are open.

    Raises
    ------
    ConfigurationError
        If the masses differ, the signal of a search or region is missing, or a number cannot be.
    """
    counted = inside(expected, counting)
    events = counted.total()
    relative = _relative(counted, events, settings)
    prior, observed = settings.priors.background, counting.observed
    background, uncertainty = positive(counting.expected, counting.uncertainty, prior=prior)
    uncertain = background, uncertainty, relative, settings
    middle = median_count(background, uncertainty, prior=prior)
    return Scan(
        counting=counting,
        events=events,
        relative=relative,
        median=middle,
        expected=_limits(middle, *uncertain),
        bands=bands(background, uncertainty, relative=relative, widths=settings.bands.widths, settings=settings),
        observed=None if observed is None else _limits(observed, *uncertain),
        p_values=None if observed is None else p_values(observed, background, uncertainty=uncertainty, prior=prior),
    )


def limits(
    expected: Expected,
    countings: Sequence[Counting],
    *,
    settings: Inference,
    projected: float | None = None,
    data: str = "",
) -> Limits:
    """Limits of each search, and of all together.

    Parameters
    ----------
    expected : Expected
        Signal of all searches.
    countings : sequence of Counting
        One for each search.
    settings : Inference
        Method, level, what is included.
    projected : float, optional
        Protons of the data, where the signal is for another number.
    data : str
        What is counted, in words.

    Returns
    -------
    Limits
        The combination last, if there are several searches and their final states are no alternatives.

    Raises
    ------
    ConfigurationError
        If there is nothing to count, files do not belong together, or as of `scan`.
    """
    if not countings:
        msg = "nothing is counted: give the background of at least one search"
        raise ConfigurationError(msg)
    combined = len(countings) > 1 and not expected.alternatives
    every = [*countings, *([together(countings)] if combined else [])]
    return Limits(
        model=expected.model,
        label=expected.label,
        coupling=expected.coupling,
        digests={**expected.digests, "settings": digest(settings.model_dump(mode="json"))},
        protons=expected.protons,
        protons_uncertainty=expected.protons_uncertainty,
        projected=projected,
        confidence=settings.confidence,
        method=settings.method,
        included=tuple(settings.signal.uncertainties),
        widths=tuple(settings.bands.widths),
        masses=expected.masses,
        couplings=expected.couplings,
        scans=tuple(scan(expected, each, settings=settings) for each in every),
        data=data,
    )


def inside(expected: Expected, counting: Counting) -> Expected:
    """Signal that is counted: of its searches and regions, each times its share inside of the window.

    Parameters
    ----------
    expected : Expected
        Signal of all searches and regions.
    counting : Counting
        What is counted.

    Returns
    -------
    Expected
        With these parts only.

    Raises
    ------
    ConfigurationError
        If the masses differ, or the signal of a search or region is missing.
    """
    if not np.array_equal(expected.masses, counting.masses):
        msg = f"the counts of {counting.name} are at other masses than the expected numbers; make both from one file of yields"
        raise ConfigurationError(msg)
    known = {(part.analysis, part.region) for part in expected.parts}
    for key in ((search, region) for search in counting.searches for region in counting.regions):
        if key not in known:
            msg = (
                f"no expected numbers of '{expected.model}' for {key[0]} in {key[1]}; make them with 'na62dump yields'"
            )
            raise ConfigurationError(msg)
    kept = [
        index
        for index, part in enumerate(expected.parts)
        if part.analysis in counting.searches and part.region in counting.regions
    ]
    found = expected.take(kept)
    shares = counting.shares.T[[counting.searches.index(part.analysis) for part in found.parts]][:, :, None]
    return replace(found, events=found.events * shares, statistical=found.statistical * shares)


def _relative(counted: Expected, events: NDArray[np.float64], settings: Inference) -> NDArray[np.float64]:
    """Relative uncertainty of the signal, float64[m, c], pure numbers; errors of no events are none."""
    errors = {
        "protons": counted.protons_uncertainty * events,
        "statistical": counted.statistical_error(),
        "theory": counted.theory_error(),
    }
    included = settings.signal.uncertainties
    some = events > NEGLIGIBLE
    ratios = [np.divide(errors[name], events, where=some, out=np.zeros(events.shape)) for name in included]
    if "protons" in included:
        ratios[included.index("protons")] = np.full(events.shape, counted.protons_uncertainty)
    total = np.sqrt(sum((ratio**2 for ratio in ratios), np.zeros(events.shape)))
    return np.minimum(total.round(DIGITS), settings.signal.largest)


def _limits(
    counts: NDArray[np.int64],
    background: NDArray[np.float64],
    uncertainty: NDArray[np.float64],
    relative: NDArray[np.float64],
    settings: Inference,
) -> NDArray[np.float64]:
    """Upper limits float64[m, c], counts, for counts int64[m], backgrounds and errors float64[m]; each distinct combination once."""
    rows = (counts, background, uncertainty)
    given = np.stack([*(np.broadcast_to(row[:, None], relative.shape) for row in rows), relative]).reshape(4, -1)
    distinct, places = np.unique(given, axis=1, return_inverse=True)
    found = upper_limits(
        distinct[0].astype(np.int64),
        distinct[1],
        uncertainty=distinct[2],
        relative=distinct[3],
        method=settings.method,
        confidence=settings.confidence,
        priors=settings.priors,
    )
    return found[places].reshape(relative.shape)
