"""Dark photon: a vector particle that couples to the electromagnetic current, times epsilon."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Literal

from na62dump import configuration as conf
from na62dump.signal import vectors
from na62dump.signal.bremsstrahlung import Bremsstrahlung, BremsstrahlungSettings
from na62dump.signal.curves import curves
from na62dump.signal.decays import two_body_decay
from na62dump.signal.final_states import seen, two_photons
from na62dump.signal.mixing import in_place_of
from na62dump.signal.model import Channel, Coupling, CouplingRange, Mode, Model
from na62dump.signal.species import ELECTRON, ETA, LEPTON_PAIRS, MUON, PHOTON, PI, PI0
from na62dump.signal.standard import mass as mass_of
from na62dump.signal.standard import width as width_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from na62dump.signal.flux import Flux
    from na62dump.signal.parents import Parent, Source
    from na62dump.signal.standard import Standard

PARTNERS = {"gamma": PHOTON, "pi0": PI0, "pi": PI, "eta": ETA}
"""What comes with the dark photon where a meson decays into it."""

Partner = Literal["gamma", "pi0", "pi", "eta"]


class Hadrons(conf.Settings):
    """Shares of the tables of hadrons that are K+ K- and K+ K- pi0, pure numbers."""

    charged_kaons: float
    charged_kaons_pi0: float


class MixingMeson(conf.Settings):
    """A meson that mixes: branching ratio into e+ e-, a pure number, and lowest mass (MeV) of a dark photon in its place."""

    electrons: float
    mass_min: conf.Energy


class MixingSettings(conf.Settings):
    """How dark photons are made in place of vector mesons, and the relative uncertainty of that."""

    method: Literal["propagator", "ratio", "none"]
    uncertainty: float
    rho0: MixingMeson
    omega: MixingMeson
    phi: MixingMeson


class DarkPhoton(conf.Settings):
    """A file of the kind of config/signal/dark_photon.toml; MeV and pure numbers.

    ``decays`` holds, by meson and by what comes with it, the branching ratio with a photon in place of the dark photon; those
    of pi0 and eta into two photons are of config/signal/final_states.toml.
    """

    kind: Literal["dark photon"]
    label: str
    pdg: int
    mass_max: conf.Energy
    coupling: CouplingRange
    hadrons: Hadrons
    bremsstrahlung: BremsstrahlungSettings
    decays: dict[str, dict[Partner, float]]
    mixing: MixingSettings


def dark_photon(
    settings: DarkPhoton, *, name: str, standard: Standard, source: Source, near: Path | None = None
) -> Model:
    """The model of a dark photon.

    Parameters
    ----------
    settings : DarkPhoton
        Its numbers, MeV.
    name : str
        Its name in files.
    standard : Standard
        Parameters of the Standard Model.
    source : Source
        Protons and the mesons they make.
    near : Path, optional
        Folder that is looked into for tables first.

    Returns
    -------
    Model
        Channels (per proton on target) and modes (MeV) at epsilon 1.
    """
    coupling = Coupling("epsilon", r"$\varepsilon$", "1", settings.coupling.low, settings.coupling.high)
    beam = source.settings
    radiated = Bremsstrahlung(
        settings.bremsstrahlung, standard.alpha, beam.beam_momentum, cross_section=beam.proton_cross_section
    )
    photons = two_photons(near)
    decays: dict[str, dict[Partner, float]] = {
        "pi0": {"gamma": photons.pi0},
        "eta": {"gamma": photons.eta},
        **settings.decays,
    }
    channels = (
        _bremsstrahlung(radiated, source, settings.mass_max),
        *(_decay(source.parent(meson), found, settings, source) for meson, found in decays.items()),
        *_mixing(settings, standard, source, near),
    )
    modes = (*_leptons(standard.alpha), *_hadrons(settings, standard.alpha, near))
    least = 2 * mass_of(ELECTRON)
    return Model(name, settings.label, settings.pdg, coupling, channels, modes, least, settings.mass_max)


def _bremsstrahlung(radiated: Bremsstrahlung, source: Source, mass_max: float) -> Channel:
    """Radiation of the proton of the beam."""
    grid, it = source.settings.cells(), radiated.settings
    return Channel(
        "bremsstrahlung",
        "bremsstrahlung",
        mass_min=0.0,
        mass_max=mass_max,
        number=radiated.number,
        flux=lambda mass: radiated.flux(mass, grid=grid),
        uncertainties={"bremsstrahlung": it.uncertainty}
        | ({"nucleon form factor": radiated.form_factor_share} if it.form_factor else {}),
    )


def _decay(parent: Parent, branching: Mapping[Partner, float], settings: DarkPhoton, source: Source) -> Channel:
    """Decays of one meson into a dark photon and a photon, or another meson."""
    grid, power = source.settings.cells(), source.settings.grid.points
    others = {partner: mass_of(PARTNERS[partner]) for partner in branching}

    def parts(mass: float) -> dict[Partner, float]:
        return {partner: ratio * _with(partner, parent, mass) for partner, ratio in branching.items()}

    def flux(mass: float) -> Flux:
        found = {partner: part for partner, part in parts(mass).items() if part > 0}
        first, *rest = (
            two_body_decay(parent, mass, other=others[partner], grid=grid, power=power).times(part)
            for partner, part in found.items()
        )
        return sum(rest, start=first).times(1 / math.fsum(found.values()))

    return Channel(
        f"{parent.name} decay",
        "meson decay",
        mass_min=0.0,
        mass_max=min(parent.mass - min(others.values()), settings.mass_max),
        number=lambda mass: parent.number * math.fsum(parts(mass).values()),
        flux=flux,
        uncertainties=parent.uncertainties,
    )


def _with(partner: Partner, parent: Parent, mass: float) -> float:
    """Branching ratio with a dark photon over that with a photon, at epsilon 1; a pure number."""
    if partner == "gamma":
        return vectors.from_pseudoscalar(mass, parent=parent.mass)
    return vectors.from_vector(mass, parent=parent.mass, partner=mass_of(PARTNERS[partner]))


def _mixing(settings: DarkPhoton, standard: Standard, source: Source, near: Path | None) -> Iterator[Channel]:
    """Dark photons in place of vector mesons, one channel a meson."""
    found = settings.mixing
    if found.method == "none":
        return
    for meson, table, own in (("rho0", "rho", found.rho0), ("omega", "omega", found.omega), ("phi", "phi", found.phi)):
        parent = source.parent(meson)
        if found.method == "ratio":
            share: Callable[[float], float] = curves(f"dark_photon_{table}", near=near)["ratio"]
        else:
            share = _propagator(parent, own.electrons, standard.alpha)
        yield _mixed(parent, share, settings, source, mass_min=own.mass_min)


def _propagator(parent: Parent, electrons: float, alpha: float) -> Callable[[float], float]:
    """Dark photons per meson at epsilon 1 for a mass in MeV, from the branching ratio into e+ e-; pure numbers."""
    width = width_of(parent.pdg)
    return partial(vectors.mixing, meson=parent.mass, width=width, electrons=electrons * width, alpha=alpha)


def _mixed(
    parent: Parent,
    share: Callable[[float], float],
    settings: DarkPhoton,
    source: Source,
    *,
    mass_min: float,
) -> Channel:
    """Dark photons in place of one vector meson."""
    grid, power, beam = source.settings.cells(), source.settings.grid.points, source.settings.beam_momentum
    return Channel(
        f"{parent.name} mixing",
        "meson mixing",
        mass_min=mass_min,
        mass_max=settings.mass_max,
        number=lambda mass: parent.number * share(mass),
        flux=lambda mass: in_place_of(parent, mass, beam=beam, grid=grid, power=power),
        uncertainties={**parent.uncertainties, "meson mixing": settings.mixing.uncertainty},
    )


def _leptons(alpha: float) -> Iterator[Mode]:
    """Decays into two leptons."""
    for name, (lepton, final_state) in LEPTON_PAIRS.items():
        yield Mode(name, partial(vectors.leptonic_width, lepton=mass_of(lepton), alpha=alpha), final_state)


def _hadrons(settings: DarkPhoton, alpha: float, near: Path | None) -> Iterator[Mode]:
    """Decays into hadrons: R(m) times the width into muons [arXiv:1801.04847]."""
    shares = settings.hadrons
    listed = (  # mode, table, share of it, final state
        ("pi+ pi-", "2pi", 1.0, "pipi"),
        ("pi+ pi- pi0", "3pi", 1.0, "pipipi0"),
        ("pi+ pi- 2pi0", "2pi2pi0", 1.0, "pipi2pi0"),
        ("2(pi+ pi-)", "4pi", 1.0, None),
        ("K+ K-", "2K", shares.charged_kaons, "kk"),
        ("K0 K0bar", "2K", 1 - shares.charged_kaons, None),
        ("K+ K- pi0", "2Kpi", shares.charged_kaons_pi0, "kkpi0"),
        ("other K Kbar pi", "2Kpi", 1 - shares.charged_kaons_pi0, None),
    )
    ratios = {table: curves(f"dark_photon_{table}", near=near)["ratio"] for _, table, *_ in listed}
    for name, table, share, state in listed:
        yield Mode(name, _hadronic(ratios[table], share, alpha), state, seen(state, near=near) if state else 1.0)
    everything, exclusive = curves("dark_photon_hadrons", near=near)["ratio"], tuple(ratios.values())
    yield Mode(
        "other hadrons",
        _hadronic(lambda mass: max(everything(mass) - math.fsum(part(mass) for part in exclusive), 0.0), 1.0, alpha),
    )


def _hadronic(ratio: Callable[[float], float], share: float, alpha: float) -> Callable[[float], float]:
    """Width (MeV) at epsilon 1 for a mass in MeV: a share of R(m) times the width into muons."""
    muon = mass_of(MUON)
    return lambda mass: share * ratio(mass) * vectors.leptonic_width(mass, muon, alpha=alpha)
