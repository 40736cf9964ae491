"""Axion-like particles with one coupling each: to fermions (BC10), gluons (BC11), photons (BC9) or W bosons."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from na62dump import configuration as conf
from na62dump.signal import alp_couplings as couplings
from na62dump.signal.alp_mixing import Mixing, mixing_channels
from na62dump.signal.alp_widths import extended, hadron_modes, lepton_modes, loop_width, photon_width
from na62dump.signal.b_decays import b_decay_channel, b_decays, pseudoscalar_width
from na62dump.signal.curves import curves
from na62dump.signal.model import Channel, Coupling, CouplingRange, Mode, Model
from na62dump.signal.primakoff import primakoff, primakoff_channels
from na62dump.units import ENERGY

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.signal.b_decays import BDecays
    from na62dump.signal.form_factors import Kaon
    from na62dump.signal.parents import Source
    from na62dump.signal.standard import Standard

PER_GEV = 1 / ENERGY["GeV"]
"""A coupling of 1/GeV in 1/MeV."""


class TopLoop(conf.Settings):
    """k_bs/(V_tb V_ts c_tt) (a pure number) at Lambda (MeV), and its relative uncertainty."""

    coefficient: float
    scale: conf.Energy
    uncertainty: float


class GluonLoop(conf.Settings):
    """Branching ratio of B+ -> K+ a at f_a = 1 GeV (a pure number) at a mass and with Lambda (MeV), and the uncertainty of g_bs^2."""

    branching: float
    mass: conf.Energy
    scale: conf.Energy
    uncertainty: float


class WeakLoop(conf.Settings):
    """Relative uncertainty of g_bs^2."""

    uncertainty: float


class _Alp(conf.Settings):
    """What all have: label, PDG number, masses (MeV), grid of the coupling (1/GeV)."""

    label: str
    pdg: int
    mass_min: conf.Energy
    mass_max: conf.Energy
    coupling: CouplingRange


class AlpFermion(_Alp):
    """A file such as config/signal/alp_fermion.toml; MeV and pure numbers."""

    kind: Literal["ALP with fermions"]
    normalisation: float
    hadrons: str
    flavour_change: TopLoop


class AlpGluon(_Alp):
    """A file such as config/signal/alp_gluon.toml; MeV and pure numbers."""

    kind: Literal["ALP with gluons"]
    hadrons: str
    mixing: Mixing
    flavour_change: GluonLoop


class AlpPhoton(_Alp):
    """A file such as config/signal/alp_photon.toml; MeV."""

    kind: Literal["ALP with photons"]


class AlpW(_Alp):
    """A file such as config/signal/alp_w.toml; MeV and pure numbers."""

    kind: Literal["ALP with W bosons"]
    flavour_change: WeakLoop


def alp_fermion(
    settings: AlpFermion, *, name: str, standard: Standard, source: Source, near: Path | None = None
) -> Model:
    """The model of a file, with C_ff/Lambda: made in B decays, decays into leptons and hadrons.

    Parameters
    ----------
    settings : AlpFermion
        What the file says.
    name : str
        Of the model.
    standard : Standard
        Parameters of the Standard Model.
    source : Source
        B mesons per proton.
    near : Path, optional
        Folder looked into first for tables and the decays of B mesons.

    Returns
    -------
    Model
        Coupling in 1/GeV; masses in MeV.
    """
    strength = settings.normalisation
    loop = couplings.top_loop(standard, coefficient=settings.flavour_change.coefficient) * strength
    c = strength * PER_GEV
    modes = (
        Mode("two photons", partial(loop_width, coupling=c, alpha=standard.alpha), "gg"),
        *lepton_modes(c),
        *hadron_modes(curves(settings.hadrons, near=near), near=near, factor=strength**2),
    )
    made = _kaons(b_decays(near), source, g_bs=loop * PER_GEV, uncertainty=settings.flavour_change.uncertainty)
    return _model(settings, name, r"$C_{ff}/\Lambda$", channels=(made,), modes=modes)


def alp_gluon(settings: AlpGluon, *, name: str, standard: Standard, source: Source, near: Path | None = None) -> Model:
    """The model of a file, with C_GG/Lambda: mixes with mesons, in B decays, from photons; decays into hadrons and photons.

    Parameters
    ----------
    settings : AlpGluon
        What the file says.
    name : str
        Of the model.
    standard : Standard
        Parameters of the Standard Model.
    source : Source
        Mesons per proton.
    near : Path, optional
        Folder looked into first for tables, the decays of B mesons and the conversion of photons.

    Returns
    -------
    Model
        Coupling in 1/GeV; masses in MeV.
    """
    table = curves(settings.hadrons, near=near)
    photons = partial(extended, curve=table["gg"])

    def induced(mass: float) -> float:
        return photons(mass) / photon_width(mass, coupling=1.0)

    decays = b_decays(near)
    loop = settings.flavour_change
    g_bs = couplings.gluon_loop(decays, branching=loop.branching, mass=loop.mass) * PER_GEV
    end = settings.mass_max
    channels = (
        *mixing_channels(settings.mixing, source, standard=standard, mass_max=end),
        _kaons(decays, source, g_bs=g_bs, uncertainty=loop.uncertainty),
        *primakoff_channels(primakoff(near), source, standard=standard, strength=induced, mass_max=end),
    )
    modes = (Mode("two photons", photons, "gg"), *hadron_modes(table, near=near))
    return _model(settings, name, r"$C_{GG}/\Lambda$", channels=channels, modes=modes)


def alp_photon(
    settings: AlpPhoton, *, name: str, standard: Standard, source: Source, near: Path | None = None
) -> Model:
    """The model of a file, with C_BB/Lambda: made from photons, decays into photons.

    Parameters
    ----------
    settings : AlpPhoton
        What the file says.
    name : str
        Of the model.
    standard : Standard
        Parameters of the Standard Model.
    source : Source
        Mesons per proton.
    near : Path, optional
        Folder looked into first for the conversion of photons.

    Returns
    -------
    Model
        Coupling in 1/GeV, g = 16 pi alpha C/Lambda; masses in MeV.
    """
    channels, mode = _photons(settings, standard, source=source, near=near)
    return _model(settings, name, r"$C_{\gamma\gamma}/\Lambda$", channels=channels, modes=(mode,))


def alp_w(settings: AlpW, *, name: str, standard: Standard, source: Source, near: Path | None = None) -> Model:
    """The model of a file, with C_WW/Lambda: made in B decays and from photons, decays into photons.

    Parameters
    ----------
    settings : AlpW
        What the file says.
    name : str
        Of the model.
    standard : Standard
        Parameters of the Standard Model.
    source : Source
        Mesons per proton.
    near : Path, optional
        Folder looked into first for the decays of B mesons and the conversion of photons.

    Returns
    -------
    Model
        Coupling in 1/GeV, g = 16 pi alpha C/Lambda; masses in MeV.
    """
    channels, mode = _photons(settings, standard, source=source, near=near)
    g_bs = couplings.weak_loop(standard) * PER_GEV
    made = _kaons(b_decays(near), source, g_bs=g_bs, uncertainty=settings.flavour_change.uncertainty)
    return _model(settings, name, r"$C_{WW}/\Lambda$", channels=(made, *channels), modes=(mode,))


def _kaons(decays: BDecays, source: Source, *, g_bs: float, uncertainty: float) -> Channel:
    """Channel of B decays for g_bs in 1/MeV at coupling 1."""

    def partial_width(kaon: Kaon, mass: float, *, parent: int) -> float:
        return g_bs**2 * pseudoscalar_width(kaon, mass, parent=parent)

    channel = b_decay_channel(decays, source, partial=partial_width)
    return replace(channel, uncertainties={**channel.uncertainties, "flavour change": uncertainty})


def _photons(
    settings: _Alp, standard: Standard, *, source: Source, near: Path | None
) -> tuple[tuple[Channel, ...], Mode]:
    """Production by photons and the decay into two, for C = C_BB + C_WW at C/Lambda = 1/GeV."""
    g = couplings.photon_coupling(standard.alpha) * PER_GEV

    def strength(_: float) -> float:
        return g**2

    end = settings.mass_max
    found = primakoff_channels(primakoff(near), source, standard=standard, strength=strength, mass_max=end)
    return found, Mode("two photons", partial(photon_width, coupling=g), "gg")


def _model(settings: _Alp, name: str, label: str, *, channels: tuple[Channel, ...], modes: tuple[Mode, ...]) -> Model:
    """The model with a coupling in 1/GeV."""
    grid = settings.coupling
    return Model(
        name=name,
        label=settings.label,
        pdg=settings.pdg,
        coupling=Coupling("C/Lambda", label, "1/GeV", grid.low, grid.high),
        channels=channels,
        modes=modes,
        mass_min=settings.mass_min,
        mass_max=settings.mass_max,
    )
