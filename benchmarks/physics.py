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


if __name__ == "__main__":
    main()
