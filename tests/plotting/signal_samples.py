"""Expected numbers and accepted decays made by formula, as a model and its simulation would give them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from na62dump.signal.acceptance import Acceptance, Simulated
from na62dump.signal.binning import Binning
from na62dump.signal.residuals import WIDTHS
from na62dump.signal.yields import Expected, Part

if TYPE_CHECKING:
    from numpy.typing import NDArray

MASSES = np.linspace(220.0, 800.0, 41)
COUPLINGS = np.geomspace(1e-8, 1e-4, 60)

ETA, BREMSSTRAHLUNG = "eta decay", "bremsstrahlung"


def numbers(scale: float, *, last: float) -> NDArray[np.float64]:
    """Made with the square of the coupling, decayed too early if it is large: float64[m, c], pure numbers."""
    room = np.clip(1 - MASSES / last, 0, None)[:, None] ** 2
    decay = (COUPLINGS / 1e-6) ** 2 * (MASSES / 300)[:, None] ** 2
    return np.asarray(scale * room * decay**2 * np.exp(-decay))


def residuals(mass: NDArray[np.float64]) -> NDArray[np.float64]:
    """A Gaussian of 0.5% of the mass (float64[...], MeV), that lies a little aside: float64[..., z], MeV."""
    return np.asarray(0.002 * (mass[..., None] - 400) + 0.005 * mass[..., None] * np.array(WIDTHS))


def expected() -> Expected:
    """Two searches; one channel ends at 550 MeV."""
    parts, events = [], []
    for analysis, final_state, factor in (("mumu", "mumu", 1.0), ("pipi", "pipi", 0.3)):
        for channel, scale, last in ((ETA, 2e3, 550.0), (BREMSSTRAHLUNG, 3e2, 900.0)):
            for region, share in (("SR", 1.0), ("CR", 0.05)):
                parts.append(Part(analysis, channel, final_state, region))
                events.append(factor * share * numbers(scale, last=last))
    return Expected(
        model="toy",
        label="$A'$",
        coupling={"name": "epsilon", "label": r"$\varepsilon$", "unit": "1"},
        digests={"model": "0"},
        protons=1.4e17,
        protons_uncertainty=0.2,
        masses=MASSES,
        couplings=COUPLINGS,
        parts=tuple(parts),
        events=np.array(events),
        statistical=0.05 * np.array(events),
        residuals=np.stack([residuals(MASSES), residuals(MASSES)]),
        uncertainties={ETA: {"mesons": 0.3}, BREMSSTRAHLUNG: {"form factor": 0.5, "mesons": 0.1}},
        uncovered=("D decay -> pipi (pipi): 220 to 300 MeV",),
    )


def acceptance(*, measured: bool = True) -> Acceptance:
    """Decays in a volume of 80 m behind 80 m, of two channels; SR has those of more than 40 GeV."""
    generator = np.random.default_rng(62)
    binning = Binning.model_construct(low=0.15, high=200.0, bins=400)
    samples = []
    for channel, mean in ((ETA, 20e3), (BREMSSTRAHLUNG, 60e3)):
        for mass in (220.0, 300.0, 420.0, 540.0):
            momentum = (25e3 + generator.exponential(mean, 2_000)).clip(max=400e3)
            z = 80e3 * (1 + generator.random(2_000))
            sums = binning.sums(z / momentum, 80e3 / momentum, region=(momentum < 40e3).astype(np.int64), regions=2)
            had = int(mass / 4)
            samples.append(
                Simulated(
                    channel,
                    "mumu",
                    mass,
                    generated=10_000,
                    share=0.25,
                    selected=2_000,
                    sums=sums,
                    trigger={"Control": (had, had - 5), "Q1": (3 * had, 3 * had - 4)} if measured else {},
                    residuals=tuple(residuals(np.array(mass)).tolist()) if measured else None,
                )
            )
    return Acceptance("mumu", "d", "f", "toy", "o", ("SR", "CR"), binning, 0.01, tuple(samples))
