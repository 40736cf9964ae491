"""Physics of the simulated chain: signal box, resolutions, flatness of accidental pairs. Run ``python benchmarks/physics.py``."""

from __future__ import annotations

import math

import numpy as np

from na62dump import analysis as searches
from na62dump import studies

MASSES = (250, 400, 500)
DECAYS = 150_000
PAIRS = 2_000_000
AREAS = 10.9
PROMPT = 400_000
CHANNELS = {
    "ee": 100,
    "pipi": 700,
    "pipig": 700,
    "pipipi0": 850,
    "pipi2pi0": 1200,
    "pipieta": 1300,
    "kk": 1200,
    "kkpi0": 1500,
    "gg": 200,
    "pimu": 1000,
    "pie": 1000,
    "eenu": 1000,
    "mumunu": 1000,
    "emunu": 1000,
}
"""Searches, and the mass (MeV) at which each is tried."""


def main() -> None:
    """Print the record."""
    search = searches.load("mumu")
    for mass in MASSES:
        found = studies.signal(search, mass=f"{mass} MeV", events=DECAYS)
        n, share = len(found.inside), float(found.inside.mean())
        print(
            f"A' of {mass} MeV, {n} selected of {DECAYS}: {100 * share:.2f} +- {100 * math.sqrt(share * (1 - share) / n):.2f} % "
            f"in the signal region (99.5 +- 0.4); sigma(m)/m {100 * found.half_width('mass') / mass:.2f} % (0.3 to 0.7); "
            f"sigma(dt) {np.std(found.values['dt']):.3f} ns (0.85)"
        )
    for what, counts in zip(
        ("all accidental pairs", "in time, H2, opposite charge"),
        studies.accidental(search, pairs=PAIRS, last="in time with each other"),
        strict=True,
    ):
        sr, cr, out = int(counts[0]), int(counts[1]), int(counts[2:6].sum())
        ratio = cr / sr
        error = ratio * math.sqrt(1 / cr + 1 / sr)
        print(
            f"{what}: SR {sr}, CR {cr}, CR/SR {ratio:.2f} +- {error:.2f} ({AREAS} by area); outside CR / CR {out / cr:.0f} "
            "(published 155)"
        )
    for channel in CHANNELS:
        report(channel)
    vetoes = ("LAV veto", "ANTI0 veto")
    counts = studies.suppression(searches.load("ee"), sample="prompt_ee", events=PROMPT, vetoes=vetoes)
    without, with_both = counts[()], counts[vetoes]
    error = without / with_both * math.sqrt(1 / with_both)
    print(
        f"ee, prompt pairs: {without} rows without LAV and ANTI0 vetoes, {with_both} with both: suppressed "
        f"{without / with_both:.0f} +- {error:.0f} times (published: almost two orders of magnitude)"
    )


def report(name: str) -> None:
    """Print how well one search finds a decay in the middle of its range."""
    search = searches.load(name)
    found = studies.channel(search, mass=CHANNELS[name], events=DECAYS)
    share, error = found.efficiency
    compared = "; ".join(
        f"{quantity} off by {found.offset(quantity)[0]:.2f} +- {found.offset(quantity)[1]:.2f}, width {found.width(quantity):.2f}"
        for quantity in found.residuals
    )
    print(
        f"{name} of {CHANNELS[name]} MeV: efficiency {100 * share:.2f} +- {100 * error:.2f} %, "
        f"{100 * found.inside / found.rows:.1f} % in the signal region; {compared} (MeV, mm)"
    )


if __name__ == "__main__":
    main()
