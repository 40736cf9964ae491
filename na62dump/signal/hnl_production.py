"""Where heavy neutral leptons are made: decays of mesons with charm and beauty, and of taus from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from na62dump.errors import ConfigurationError
from na62dump.signal.decays import decay, in_flight, points
from na62dump.signal.kinematics import momentum
from na62dump.signal.model import Channel
from na62dump.signal.semileptonic import Lines, joined, three_body
from na62dump.signal.species import KSTAR, PI, RHO, TAU, K
from na62dump.signal.spectra import GEV, Spectrum
from na62dump.signal.standard import mass, width
from na62dump.signal.weak import lepton, to_pair, to_pseudoscalar, to_vector

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from na62dump.signal.flux import Flux
    from na62dump.signal.parents import Parent, Source
    from na62dump.signal.semileptonic import Transitions
    from na62dump.signal.standard import Standard
    from na62dump.signal.weak import Weak

TWO_BODY = {"D": "cd", "Ds": "cs", "B": "ub"}
"""Charged mesons by the names of their decay constants: element of the mixing matrix."""
CHANNELS = {
    "D decay": (("D",), "charm", "D decay"),
    "D0 decay": (("D0",), "charm", "D decay"),
    "Ds decay": (("Ds",), "charm", "D decay"),
    "B decay": (("B", "B0", "Bs"), "beauty", "B decay"),
}
"""Parents, their quark, and the mechanism by channel."""
ENERGIES = 4096
"""Equally likely energies that stand for their distribution."""
Square = TypeVar("Square", float, "NDArray[np.float64]")


@dataclass(frozen=True)
class Origin:
    """Particles that heavy neutral leptons come from.

    Attributes
    ----------
    mass : float, MeV
        Of the particle.
    number : float
        Per proton on target, a pure number.
    spectrum : callable
        Their momenta.
    lines : callable
        Energies of the heavy neutral leptons where the particle rests, with branching ratios, for a mass in MeV.
    """

    mass: float
    number: float
    spectrum: Callable[[], Spectrum]
    lines: Callable[[float], Lines]


@dataclass(frozen=True)
class Decays:
    """Branching ratios at total |U|^2 = 1.

    Attributes
    ----------
    standard : Standard
        Parameters of the Standard Model.
    weak : Weak
        Strengths of the mesons.
    transitions : Transitions
        Decays into a meson and two leptons.
    shares : mapping of str to float
        Shares of the flavours in the total |U|^2, adding up to 1.
    """

    standard: Standard
    weak: Weak
    transitions: Transitions
    shares: Mapping[str, float]

    @property
    def flavours(self) -> list[str]:
        """Flavours that mix."""
        return [name for name, share in self.shares.items() if share > 0]

    def two_body(self, parent: Parent, heavy: float, *, flavour: str) -> float:
        """Branching ratio of meson -> lepton + heavy neutral lepton of a mass (MeV) at |U|^2 = 1.

        G^2 f^2 |V|^2 M^3/(8 pi Gamma) [x + y - (x - y)^2] sqrt(lambda(1, x, y)), x and y the squared masses of lepton and heavy
        neutral lepton over M^2: 1805.08567, section 2.1; the same as 0705.1729.
        """
        total = parent.mass
        if parent.name not in TWO_BODY or total <= heavy + lepton(flavour):
            return 0.0
        x, y = (lepton(flavour) / total) ** 2, (heavy / total) ** 2
        element = getattr(self.standard.ckm, TWO_BODY[parent.name])
        strength = self.standard.fermi_constant * element * getattr(self.standard.decay_constants, parent.name)
        shape = (x + y - (x - y) ** 2) * 2 * momentum(total, (lepton(flavour), heavy)) / total
        return float(strength**2 * total**3 / (8 * np.pi) * shape / width(parent.pdg))

    def meson(self, heavy: float, *, parent: Parent) -> Lines:
        """All decays of a meson into a heavy neutral lepton of a mass (MeV): energies, and branching ratios."""
        found = []
        for flavour in self.flavours:
            one, share = lepton(flavour), self.shares[flavour]
            two = self.two_body(parent, heavy, flavour=flavour)
            if two > 0:
                energy = float(np.hypot(momentum(parent.mass, (heavy, one)), heavy))
                found.append(_line(energy, share * two))
            for form, way in self.transitions.of(parent.name):
                strength = self.standard.fermi_constant * getattr(self.standard.ckm, form.ckm)
                kinematics = {"parent": parent.mass, "daughter": mass(way.daughter), "lepton": one}
                lines = three_body(form, heavy, **kinematics, up=_up(parent.pdg), strength=strength)
                found.append(lines.times(share * way.share / width(parent.pdg)))
        return joined(found)

    def tau(self, heavy: float) -> Lines:
        """All decays of a tau that mixes into a heavy neutral lepton of a mass (MeV): energies, and branching ratios.

        Mesons pi, K, rho and K*, as in 0705.1729. Leptons: the energy says the mass of lepton and neutrino.
        """
        fermi, ckm, total = self.standard.fermi_constant, self.standard.ckm, mass(TAU)
        pseudoscalars, vectors = self.standard.decay_constants, self.weak.vectors
        found = []
        for pdg, constant in ((PI, ckm.ud * pseudoscalars.pi), (K, ckm.us * pseudoscalars.K)):
            made = to_pseudoscalar(total, heavy, meson=mass(pdg), constant=constant, fermi=fermi)
            found.append(_line(_energy(heavy, mass(pdg) ** 2), made))
        for pdg, constant in ((RHO, ckm.ud * vectors.rho), (KSTAR, ckm.us * vectors.Kstar)):
            made = to_vector(total, heavy, meson=mass(pdg), constant=constant, fermi=fermi)
            found.append(_line(_energy(heavy, mass(pdg) ** 2), made))
        for flavour in ("e", "mu"):
            pairs = to_pair(total, heavy, pair=(lepton(flavour), 0.0), fermi=fermi)
            found.append(Lines(_energy(heavy, pairs.square), pairs.width))
        open_ = [lines for lines in found if lines.total > 0]
        return joined(open_).times(self.shares["tau"] / width(TAU))

    def heaviest(self, parent: Parent) -> float:
        """Mass below which a meson makes heavy neutral leptons, MeV; 0 if it makes none."""
        others = [mass(way.daughter) for _, way in self.transitions.of(parent.name)]
        others += [0.0] if parent.name in TWO_BODY else []
        return max(
            (parent.mass - other - lepton(flavour) for other in others for flavour in self.flavours), default=0.0
        )


def channels(decays: Decays, *, source: Source) -> tuple[Channel, ...]:
    """Production channels of a heavy neutral lepton.

    Parameters
    ----------
    decays : Decays
        Branching ratios.
    source : Source
        Protons on target and the mesons that they make.

    Returns
    -------
    tuple of Channel
        One a parent, and one of taus from mesons with charm if the tau mixes.
    """
    found = []
    for name, (parents, quark, mechanism) in CHANNELS.items():
        mesons = [source.parent(parent) for parent in parents]
        origins = [
            Origin(meson.mass, meson.number, partial(_spectrum, meson), cache(partial(decays.meson, parent=meson)))
            for meson in mesons
        ]
        highest = max(decays.heaviest(meson) for meson in mesons)
        theory = getattr(decays.weak.uncertainties, f"{quark}_form_factors")
        uncertainties = {**mesons[0].uncertainties, f"{quark} form factors": theory}
        if highest > 0:
            found.append(
                _channel(name, mechanism, origins=origins, highest=highest, source=source, theory=uncertainties)
            )
    if decays.shares["tau"] > 0:
        found.append(_taus(decays, source=source))
    return tuple(found)


def _taus(decays: Decays, *, source: Source) -> Channel:
    """Channel of taus from mesons with charm."""
    power = source.settings.grid.points
    origins = []
    for name in type(decays.weak.tau_sources).model_fields:
        meson = source.parent(name)
        number = meson.number * getattr(decays.weak.tau_sources, name)
        origins.append(Origin(mass(TAU), number, partial(taus, meson, power=power), cache(decays.tau)))
    theory = {**source.parent("Ds").uncertainties, "tau modes": decays.weak.uncertainties.tau_modes}
    highest = mass(TAU) - lepton("e")
    return _channel("tau decay", "D decay", origins=origins, highest=highest, source=source, theory=theory)


def _channel(
    name: str, mechanism: str, *, origins: Sequence[Origin], highest: float, source: Source, theory: Mapping[str, float]
) -> Channel:
    """Channel of all that comes from some particles."""
    grid, power = source.settings.cells(), source.settings.grid.points

    def number(heavy: float) -> float:
        return sum(origin.number * origin.lines(heavy).total for origin in origins)

    def flux(heavy: float) -> Flux:
        parts = []
        for origin in origins:
            lines = origin.lines(heavy)
            if lines.total > 0:
                energies = lines.quantiles(ENERGIES)
                spectrum = origin.spectrum()
                made = decay(spectrum, heavy, parent_mass=origin.mass, energies=energies, grid=grid, power=power)
                parts.append(made.times(origin.number * lines.total))
        if not parts:
            msg = f"'{name}' makes no particle of {heavy:g} MeV; give a mass above 0 and below {highest:g} MeV"
            raise ConfigurationError(msg)
        return sum(parts[1:], start=parts[0]).normalised()

    return Channel(name, mechanism, 0.0, highest, number, flux, theory)


@cache
def taus(parent: Parent, *, power: int) -> Spectrum:
    """Momenta of taus from decays of a meson into tau and neutrino; their polarisation is left out.

    Parameters
    ----------
    parent : Parent
        The meson.
    power : int
        2 to this power points are used.

    Returns
    -------
    Spectrum
        In the cells of that of the meson, GeV; its counts are points.
    """
    cube, meson = points(power), parent.spectrum
    p, pt = meson.draw(cube[:, :3])
    star = momentum(parent.mass, (mass(TAU), 0.0))
    pz, made_pt = in_flight(p, pt, parent_mass=parent.mass, star=star, mass=mass(TAU), direction=cube[:, 3:5])
    cells = (meson.log_p, meson.sqrt_pt)
    counts = np.histogram2d(np.log10(np.hypot(pz, made_pt) / GEV), np.sqrt(made_pt / GEV), bins=cells)[0]
    made = round(len(cube) / meson.inside)
    return Spectrum(TAU, *cells, counts.astype(np.int64), made, made, meson.made_by)


def _spectrum(parent: Parent) -> Spectrum:
    """Momenta of a meson."""
    return parent.spectrum


def _line(energy: float, weight: float) -> Lines:
    """One energy (MeV) with its weight."""
    return Lines(np.array([energy]), np.array([weight]))


def _energy(heavy: float, other: Square) -> Square:
    """Energy of a heavy neutral lepton from a tau at rest, MeV, beside a squared mass (MeV^2)."""
    return (mass(TAU) ** 2 + heavy**2 - other) / (2 * mass(TAU))


def _up(pdg: int) -> bool:
    """Whether the heavy quark of a meson is of the up type: the PDG number of quarks is then even."""
    return pdg // 100 % 2 == 0
