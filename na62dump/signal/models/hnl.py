"""Heavy neutral leptons that mix with neutrinos (BC6 to BC8, and any pattern of the three)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from na62dump import configuration as conf
from na62dump.errors import ConfigurationError
from na62dump.signal.hnl_production import Decays, channels
from na62dump.signal.hnl_widths import Widths, modes
from na62dump.signal.model import Coupling, CouplingRange, Model
from na62dump.signal.semileptonic import transitions
from na62dump.signal.weak import weak

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.signal.parents import Source
    from na62dump.signal.standard import Standard

Ratio = Annotated[float, Field(ge=0)]


class Mixing(conf.Settings):
    """|U_e|^2 : |U_mu|^2 : |U_tau|^2 as ratios of any scale."""

    e: Ratio
    mu: Ratio
    tau: Ratio

    def shares(self) -> dict[str, float]:
        """Shares of the flavours in the total |U|^2, adding up to 1.

        Raises
        ------
        ConfigurationError
            If all ratios are 0.
        """
        total = self.e + self.mu + self.tau
        if not total > 0:
            msg = "key 'mixing' = { e = 0, mu = 0, tau = 0 }: nothing makes this particle; give one flavour a ratio above 0"
            raise ConfigurationError(msg)
        return {"e": self.e / total, "mu": self.mu / total, "tau": self.tau / total}


class HeavyNeutralLepton(conf.Settings):
    """A file of config/signal/ of the kind ``"heavy neutral lepton"``; masses in MeV."""

    kind: Literal["heavy neutral lepton"]
    label: str
    pdg: int
    majorana: bool
    mixing: Mixing
    mass_min: conf.Energy
    mass_max: conf.Energy
    coupling: CouplingRange


def heavy_neutral_lepton(
    settings: HeavyNeutralLepton, *, name: str, standard: Standard, source: Source, near: Path | None
) -> Model:
    """Model of a heavy neutral lepton.

    Parameters
    ----------
    settings : HeavyNeutralLepton
        Its file.
    name : str
        Of the file.
    standard : Standard
        Parameters of the Standard Model.
    source : Source
        Protons on target and the mesons that they make.
    near : Path, optional
        Folder looked into first for tables.

    Returns
    -------
    Model
        Coupling: the total |U|^2, which numbers and widths are proportional to.

    Raises
    ------
    ConfigurationError
        If no flavour mixes.
    """
    shares, strengths = settings.mixing.shares(), weak(near)
    decays = Decays(standard, strengths, transitions(near), shares)
    limits = settings.coupling
    return Model(
        name=name,
        label=settings.label,
        pdg=settings.pdg,
        coupling=Coupling("U2", "$|U|^2$", "1", limits.low, limits.high, production_power=1, width_power=1),
        channels=channels(decays, source=source),
        modes=modes(Widths(standard, strengths), shares=shares, majorana=settings.majorana),
        mass_min=settings.mass_min,
        mass_max=settings.mass_max,
    )
