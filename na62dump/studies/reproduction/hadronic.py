"""Published fewest events of the searches for decays into hadrons, computed again from the published backgrounds."""

from __future__ import annotations

import numpy as np

from na62dump.inference.discovery import minimum_counts
from na62dump.inference.published import load_hadronic
from na62dump.studies.reproduction.comparison import Section, words


def hadronic() -> Section:
    """Fewest events beyond the significance in the signal region, and in both regions together.

    Returns
    -------
    Section
        Two lines for each final state.
    """
    table = load_hadronic()
    signal = np.array([channel.SR.expected for channel in table.channel])
    both = signal + np.array([channel.CR.expected for channel in table.channel])
    found = minimum_counts(
        np.stack([signal, both], axis=-1), prior="gaussian", deviations=table.sigmas, sides=2
    ).tolist()
    lines = tuple(
        words(
            f"{channel.final_state}: fewest events in {regions}",
            published=printed,
            ours=ours,
            remark=f"{background:.3g} expected",
        )
        for channel, counts, backgrounds in zip(table.channel, found, zip(signal, both, strict=True), strict=True)
        for regions, printed, ours, background in zip(
            ("SR", "SR + CR"), (channel.minimum_signal, channel.minimum_both), counts, backgrounds, strict=True
        )
    )
    notes = (
        (
            f"Fewest events whose probability is below that of {table.sigmas:g} standard deviations, two-sided, for a Poisson number "
            f"of the expected mean without its uncertainty; {table.source}."
        ),
        (
            "Of the conventions tried, this one has most entries right. One-sided, averaged over a log-normal or gamma law, has as "
            "many; over a Gaussian fewer. The convention is therefore fitted to the table, its entries are predicted."
        ),
    )
    return Section("Fewest events for a discovery, decays into hadrons", lines, notes)
