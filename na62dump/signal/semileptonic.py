"""Decays of mesons into a lighter meson, a lepton and a heavy neutral lepton: how many, and with what energies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import Field

from na62dump import configuration as conf
from na62dump.signal.kinematics import momenta
from na62dump.signal.weak import rule

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Masses = NDArray[np.float64] | float

POINTS = 32
"""Points of the quadrature over the squared momentum transfer."""
DIRECTIONS = 12
"""Points of the one over the cosine of the decay angle."""


class Decay(conf.Settings):
    """A parent, what it becomes (PDG number), and the share of the quark state in that meson, a pure number."""

    parent: Literal["D", "D0", "Ds", "B", "B0", "Bs"]
    daughter: int
    share: float


@dataclass(frozen=True)
class Amplitudes:
    """Helicity amplitudes of the hadrons by that of the W.

    Attributes
    ----------
    plus, minus, zero : float64[n], MeV
        Spin 1.
    time : float64[n], MeV
        Spin 0.
    """

    plus: NDArray[np.float64]
    minus: NDArray[np.float64]
    zero: NDArray[np.float64]
    time: NDArray[np.float64]


Element = Literal["cd", "cs", "ub", "cb"]
"""Element of the mixing matrix."""
Pole = Annotated[tuple[float, float, float], Field(strict=False)]
"""A form factor: three pure numbers."""


class ToPseudoscalar(conf.Settings):
    """Form factors of decays into a pseudoscalar meson: value without momentum transfer, sigma_1 and sigma_2."""

    ckm: Element
    decays: conf.Many[Decay]
    pole_vector: conf.Energy
    plus: Pole
    zero: Pole

    def amplitudes(self, q2: NDArray[np.float64], *, parent: float, daughter: float) -> Amplitudes:
        """Helicity amplitudes, Koerner and Schuler, Z. Phys. C 46 (1990) 93.

        Parameters
        ----------
        q2 : float64[n], MeV^2
            Squared momentum transfer.
        parent, daughter : float, MeV
            Masses.

        Returns
        -------
        Amplitudes
            float64[n], MeV.
        """
        p, q = momenta(parent, (daughter, np.sqrt(q2))), np.sqrt(q2)
        ratio = q2 / self.pole_vector**2
        none = np.zeros_like(q2)
        along = 2 * parent * p / q * pole(self.plus, ratio) / (1 - ratio)
        return Amplitudes(none, none, along, (parent**2 - daughter**2) / q * pole(self.zero, ratio))


class ToVector(conf.Settings):
    """Form factors of decays into a vector meson: value without momentum transfer, sigma_1 and sigma_2."""

    ckm: Element
    decays: conf.Many[Decay]
    pole_vector: conf.Energy
    pole_pseudoscalar: conf.Energy
    v: Pole
    a0: Pole
    a1: Pole
    a2: Pole

    def amplitudes(self, q2: NDArray[np.float64], *, parent: float, daughter: float) -> Amplitudes:
        """Helicity amplitudes, Koerner and Schuler, Z. Phys. C 46 (1990) 93.

        Parameters
        ----------
        q2 : float64[n], MeV^2
            Squared momentum transfer.
        parent, daughter : float, MeV
            Masses.

        Returns
        -------
        Amplitudes
            float64[n], MeV.
        """
        p, q, both = momenta(parent, (daughter, np.sqrt(q2))), np.sqrt(q2), parent + daughter
        ratio, other = q2 / self.pole_vector**2, q2 / self.pole_pseudoscalar**2
        v, a0 = pole(self.v, ratio) / (1 - ratio), pole(self.a0, other) / (1 - other)
        a1, a2 = pole(self.a1, ratio), pole(self.a2, ratio)
        axial, turned = both * a1, 2 * parent * p / both * v
        along = (parent**2 - daughter**2 - q2) * axial - 4 * (parent * p) ** 2 / both * a2
        return Amplitudes(axial - turned, axial + turned, along / (2 * daughter * q), 2 * parent * p / q * a0)


class Transitions(conf.Settings):
    """Decays of config/signal/semileptonic.toml."""

    pseudoscalar: conf.Many[ToPseudoscalar]
    vector: conf.Many[ToVector]

    def of(self, parent: str) -> list[tuple[ToPseudoscalar | ToVector, Decay]]:
        """Decays of one parent with their form factors."""
        every: tuple[ToPseudoscalar | ToVector, ...] = (*self.pseudoscalar, *self.vector)
        return [(form, decay) for form in every for decay in form.decays if decay.parent == parent]


def transitions(near: Path | None = None) -> Transitions:
    """Decays of config/signal/semileptonic.toml, MeV; ``near`` is a folder looked into first."""
    return conf.load(conf.find("signal/semileptonic", near=near), Transitions)


@dataclass(frozen=True)
class Lines:
    """Heavy neutral leptons by their energy where the parent rests.

    Attributes
    ----------
    energy : float64[n], MeV
        Energies.
    weight : float64[n]
        How many of each, in the unit of what was asked for: MeV for widths, pure numbers for branching ratios.
    """

    energy: NDArray[np.float64]
    weight: NDArray[np.float64]

    @property
    def total(self) -> float:
        """All of them, in the unit of the weights."""
        return float(self.weight.sum())

    def times(self, factor: float) -> Lines:
        """The same, with all weights times a factor."""
        return Lines(self.energy, factor * self.weight)

    def quantiles(self, number: int) -> NDArray[np.float64]:
        """Energies that are all equally likely, for `na62dump.signal.decays.decay`.

        Parameters
        ----------
        number : int
            How many.

        Returns
        -------
        float64[number], MeV
            In rising order.
        """
        order = np.argsort(self.energy)
        total = np.cumsum(self.weight[order])
        found = np.searchsorted(total, (np.arange(number) + 0.5) / number * total[-1])
        return np.asarray(self.energy[order][np.minimum(found, len(order) - 1)])


def joined(lines: Sequence[Lines]) -> Lines:
    """All lines together; none of none."""
    if not lines:
        return Lines(np.zeros(0), np.zeros(0))
    return Lines(np.concatenate([one.energy for one in lines]), np.concatenate([one.weight for one in lines]))


def three_body(
    form: ToPseudoscalar | ToVector,
    mass: float,
    *,
    parent: float,
    daughter: float,
    lepton: float,
    up: bool,
    strength: float,
) -> Lines:
    """Width of parent -> daughter + lepton + heavy neutral lepton, by the energy of the latter.

    dGamma/dq2 dcos = G^2 |V|^2 p k / (32 pi^3 M^2 q) (sum of |H|^2 times the lepton tensor in the helicity basis); p is the
    momentum of the daughter, k that of the leptons in their rest frame, cos is to the direction of the pair. Without the
    mass of the heavy neutral lepton that is the decay distribution of Koerner and Schuler, Z. Phys. C 46 (1990) 93;
    integrated over cos, the widths of 1805.08567, section 2.1.

    Parameters
    ----------
    form : ToPseudoscalar or ToVector
        Form factors.
    mass : float, MeV
        Of the heavy neutral lepton.
    parent, daughter, lepton : float, MeV
        Masses.
    up : bool
        Whether an up-type quark decays: the heavy neutral lepton is then where the neutrino of a charged antilepton is.
    strength : float, 1/MeV^2
        Fermi constant times the element of the mixing matrix.

    Returns
    -------
    Lines
        Energies and widths, MeV; none below the threshold.
    """
    low, high = lepton + mass, parent - daughter
    if high <= low:
        return joined([])
    place, weight = rule(POINTS)
    q2 = low**2 + (high**2 - low**2) * place
    q = np.sqrt(q2)
    p, k = momenta(parent, (daughter, q)), momenta(q, (mass, lepton))
    cosine, share = np.polynomial.legendre.leggauss(DIRECTIONS)
    heavy, light = np.hypot(k, mass), np.hypot(k, lepton)
    density = _density(form.amplitudes(q2, parent=parent, daughter=daughter), q, k, (heavy, light), cosine, up=up)
    scale = strength**2 * (high**2 - low**2) / (32 * np.pi**3 * parent**2)
    widths = scale * (weight * p * k / q)[:, None] * share * density
    energies = (np.hypot(p, q) * heavy)[:, None] + (p * k)[:, None] * cosine
    return Lines((energies / q[:, None]).ravel(), np.maximum(widths, 0.0).ravel())


def _density(
    h: Amplitudes,
    q: NDArray[np.float64],
    k: NDArray[np.float64],
    energies: tuple[NDArray[np.float64], NDArray[np.float64]],
    cosine: NDArray[np.float64],
    *,
    up: bool,
) -> NDArray[np.float64]:
    """Hadrons times leptons in the rest frame of the leptons: float64[q2, cosine], MeV^4."""
    heavy, light = energies
    product, squared = heavy * light, k**2
    turned = (1.0 if up else -1.0) * (h.minus**2 - h.plus**2) * q * k
    flat = (h.plus**2 + h.minus**2) * product + h.zero**2 * (product + squared) + h.time**2 * (product - squared)
    linear = turned + 2 * h.time * h.zero * k * (light - heavy)
    quadratic = (h.plus**2 + h.minus**2 - 2 * h.zero**2) * squared
    return np.asarray(flat[:, None] + linear[:, None] * cosine + quadratic[:, None] * cosine**2)


def pole(numbers: Sequence[float], ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    """Form factor f(0) / (1 - sigma_1 r + sigma_2 r^2), hep-ph/0001113 (the pole itself, where there is one, is the caller's).

    Parameters
    ----------
    numbers : sequence of three float
        f(0), sigma_1 and sigma_2, pure numbers.
    ratio : float64[n]
        Squared momentum transfer over the squared mass of the pole, a pure number.

    Returns
    -------
    float64[n]
        Pure numbers.
    """
    at_zero, first, second = numbers
    return np.asarray(at_zero / (1 - first * ratio + second * ratio**2))
