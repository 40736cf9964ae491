"""How each detector answers a particle: the model of config/experiment/response.toml."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from na62dump.configuration import Angle, Energy, Length, LengthMomentum, Momentum, Rate, Settings, Time

ACCIDENTALS_MAX = 4.0
"""Largest mean number of accidental hits per detector and event that the buffers are made for."""

Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
"""A probability."""
Positive = Annotated[float, Field(gt=0.0)]
"""A pure number above zero."""


class Accidental(Settings):
    """Activity that has nothing to do with the event: flat in time over the readout window, which the event centres.

    Attributes
    ----------
    rate : float, 1/ns
        Of the whole detector.
    window : float, ns
        Full width of the readout window.
    """

    rate: Rate
    window: Time

    @model_validator(mode="after")
    def _is_moderate(self) -> Accidental:
        if not (self.rate >= 0 and self.window > 0 and self.rate * self.window <= ACCIDENTALS_MAX):
            msg = (
                f"rate times window must be from 0 to {ACCIDENTALS_MAX} hits, and the window above 0; "
                f"rate {self.rate:g} /ns and window {self.window:g} ns give {self.rate * self.window:g}: "
                "lower one of them"
            )
            raise ValueError(msg)
        return self


class Beam(Settings):
    """The proton beam on the dump: transverse size, and mean depth of the interaction."""

    spot: Length
    depth: Length


class AccidentalTracks(Accidental):
    """Accidental tracks: flat over the first chamber, Gaussian slopes, momentum flat between two values."""

    slope: Angle
    momentum_min: Momentum
    momentum_max: Momentum


class Straw(Settings):
    """STRAW spectrometer.

    The momentum resolution is constant (+) linear * p, added in quadrature, p in GeV/c as papers give it;
    ``radiation_lengths`` is X/X0 of a chamber. A track that a kink makes straighter gets no more than ``momentum_most``.
    """

    position: Length
    radiation_lengths: Positive
    momentum_constant: Fraction
    momentum_per_gev: Fraction
    momentum_min: Momentum
    momentum_most: Momentum
    chambers_min: Annotated[int, Field(ge=2, le=4)]
    efficiency: Fraction
    time: Time
    degrees_of_freedom: Annotated[int, Field(ge=1)]
    accidental: AccidentalTracks


class Bremsstrahlung(Settings):
    """Electrons upstream of the magnet: least energy of a photon, X/X0 of what is before the first chamber."""

    photon_min: Energy
    upstream_radiation_lengths: Annotated[float, Field(ge=0.0)]

    @model_validator(mode="after")
    def _is_possible(self) -> Bremsstrahlung:
        if not self.photon_min > 0:
            msg = f"photon_min ({self.photon_min:g} MeV) must be above 0: below it photons are countless"
            raise ValueError(msg)
        return self


class Decays(Settings):
    """Decays in flight: share of kaons that decay to muon and neutrino; all others go to a charged pion and a pi0."""

    kaon_to_muon: Fraction


class AccidentalClusters(Accidental):
    """Accidental clusters: energy above threshold falls exponentially with this mean."""

    energy: Energy


class Rich(Settings):
    """RICH: tracks within a range of momentum are identified.

    Attributes
    ----------
    momentum_min, momentum_max : float, MeV/c
        That range.
    refractivity : float
        n - 1 of the gas.
    hits, background : float
        Mean numbers of hits of a ring at full angle, and of others.
    resolution : float, rad
        Of the Cherenkov angle of one hit.
    """

    momentum_min: Momentum
    momentum_max: Momentum
    refractivity: Positive
    hits: Positive
    background: Positive
    resolution: Angle


class Hadron(Settings):
    """LKr: what a charged pion or kaon leaves.

    Attributes
    ----------
    mip : float
        Probability that it only ionises, as a muon does; otherwise it showers.
    charge_exchange : float
        Probability that a shower holds all its energy: a pi0 takes over.
    a, b : int
        The share that other showers leave follows the beta distribution x^(a-1) (1-x)^(b-1).
    """

    mip: Fraction
    charge_exchange: Fraction
    a: Annotated[int, Field(ge=1)]
    b: Annotated[int, Field(ge=1)]


class Sharing(Settings):
    """LKr: showers close in space, and in time within ``window``.

    Those closer than ``merging`` are one cluster. Others give each other a part of their energies, which is
    ``fraction`` at that distance and falls exponentially with ``length``.
    """

    merging: Length
    window: Time
    fraction: Fraction
    length: Length


class Lkr(Settings):
    """LKr: sigma(E) is stochastic * sqrt(E GeV) (+) noise (+) constant * E; a muon leaves a Gaussian deposit with a tail.

    A fraction ``muon_tail_fraction`` of muons loses an exponential amount of mean ``muon_tail`` on top. Of a fraction
    ``electron_tail_fraction`` of electrons an exponential share of mean ``electron_tail`` is lost.
    """

    stochastic: Fraction
    noise: Energy
    constant: Fraction
    position: Length
    time: Time
    efficiency: Fraction
    threshold: Energy
    muon_energy: Energy
    muon_spread: Energy
    muon_tail_fraction: Fraction
    muon_tail: Energy
    electron_tail_fraction: Fraction
    electron_tail: Positive
    hadron: Hadron
    sharing: Sharing
    accidental: AccidentalClusters


class Muv3(Settings):
    """MUV3: muons above a momentum reach it, scattered by ``scattering`` / p; one hit per tile and dead time.

    ``punch_through`` is the probability that something of a pion or kaon gets there, too.
    """

    momentum_min: Momentum
    punch_through: Fraction
    scattering: LengthMomentum
    efficiency: Fraction
    time: Time
    dead_time: Time
    accidental: Accidental


class Chod(Settings):
    """NewCHOD: one hit per tile and dead time."""

    efficiency: Fraction
    time: Time
    dead_time: Time
    accidental: Accidental


class Lav(Settings):
    """LAV: an electron or photon leaves all its energy where it crosses a ring, any other particle what a muon leaves."""

    muon_energy: Energy
    muon_spread: Energy
    threshold: Energy
    efficiency: Fraction
    time: Time
    accidental: AccidentalClusters


class Anti0(Settings):
    """ANTI0: hits of charged particles."""

    position: Length
    efficiency: Fraction
    time: Time
    accidental: Accidental


class Trigger(Settings):
    """Trigger lines, emulated from hits within ``window`` of the centre of the readout.

    Attributes
    ----------
    clock : float, ns
        Period of the clock of time stamps: the event's centre is flat in one period.
    window : float, ns
        Largest distance of a hit from the centre, and of a cluster from the trigger's time.
    coincidence : float, ns
        Largest distance in time of two CHOD hits that count as in time for H2.
    control_energy : float, MeV
        What an LKr cluster must exceed for Control.
    q1_downscaling : int
        One Q1 trigger of so many is kept.
    """

    clock: Time
    window: Time
    coincidence: Time
    control_energy: Energy
    q1_downscaling: Annotated[int, Field(ge=1)]


class Response(Settings):
    """The whole of config/experiment/response.toml, in MeV, mm, ns."""

    beam: Beam
    straw: Straw
    rich: Rich
    bremsstrahlung: Bremsstrahlung
    decays: Decays
    lkr: Lkr
    muv3: Muv3
    chod: Chod
    lav: Lav
    anti0: Anti0
    trigger: Trigger
