"""Stand-in."""

from dataclasses import replace

import numpy as np


def together(countings):
    first = countings[0]
    names = tuple(n for c in countings for n in c.searches)
    obs = None if any(c.observed is None for c in countings) else sum(c.observed for c in countings)
    return replace(
        first,
        name=" + ".join(c.name for c in countings),
        searches=names,
        windows=np.concatenate([c.windows for c in countings], axis=1),
        shares=np.concatenate([c.shares for c in countings], axis=1),
        expected=sum(c.expected for c in countings),
        uncertainty=np.sqrt(sum(c.uncertainty**2 for c in countings)),
        mechanisms=tuple(m for c in countings for m in c.mechanisms),
        by_mechanism=np.concatenate([c.by_mechanism for c in countings]),
        by_uncertainty=np.concatenate([c.by_uncertainty for c in countings]),
        observed=obs,
    )


def counting(expected, analysis, **k):
    raise NotImplementedError
