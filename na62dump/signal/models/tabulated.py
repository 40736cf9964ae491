"""A model that a user describes by numbers: at given masses lifetime, branching ratios and files of momenta."""

from __future__ import annotations

import functools
import hashlib
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from na62dump.errors import ConfigurationError, InputFileError
from na62dump.provenance import digest
from na62dump.signal import cell_files, event_files
from na62dump.signal.decays import two_body_decay
from na62dump.signal.final_states import seen, threshold
from na62dump.signal.flux import counted
from na62dump.signal.model import Channel, Coupling, Mode, Model, Product
from na62dump.signal.models.points import ROUNDING
from na62dump.signal.standard import HBARC

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from na62dump.signal.flux import Flux, Grid
    from na62dump.signal.models.points import Table
    from na62dump.signal.parents import Parent, Source
    from na62dump.signal.standard import Standard

SAME_MASS = 0.01
"""Relative difference that the mass in a file of events may have from that of its point: files round."""

ENDINGS = (".csv", *event_files.LHE, *event_files.HEPMC)


def tabulated(settings: Table, *, name: str, standard: Standard, source: Source, near: Path | None) -> Model:
    """A particle as its file describes it.

    Parameters
    ----------
    settings : Table
        The file: MeV, ns, mm, pure numbers.
    name : str
        Of the model.
    standard : Standard
        Not used: the file says all.
    source : Source
        Cells, and the mesons that it may decay from.
    near : Path, optional
        Folder in which files of momenta are looked for first.

    Returns
    -------
    Model
        Its widths and numbers are those of the file at the reference coupling, over the coupling to its powers.

    Raises
    ------
    ConfigurationError
        If a file is missing or of no known kind, or a meson is too light.
    UnknownNameError
        If there is no such meson.
    """
    del standard
    told, masses = settings.coupling, [mass for mass, _ in settings.nodes]
    found = _files(settings, near, name)
    channels = tuple(_channel(settings, way, name=name, source=source, files=found) for way in _ways(settings))
    return Model(
        name=name,
        label=settings.label,
        pdg=settings.pdg,
        coupling=Coupling(
            *(told.name, told.label, told.unit, told.low, told.high),
            *(told.production_power, told.width_power),
        ),
        channels=channels,
        modes=_modes(settings, near),
        mass_min=masses[0] * (1 - ROUNDING),
        mass_max=masses[-1] * (1 + ROUNDING),
        origin=digest(
            [it.model_dump(mode="json") for it in (settings, source.settings)]
            + [{file: _sha256(path) for file, path in found.items()}]
        ),
        product=_product(settings),
    )


def _ways(settings: Table) -> list[str]:
    return list({way: None for point in settings.point for way in point.production})


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _files(settings: Table, near: Path | None, name: str) -> dict[str, Path]:
    """Paths of the files of momenta, by what the model says."""
    return {
        way.spectrum: _located(way.spectrum, near, f"model '{name}': key 'point.{i}.production.{made}.spectrum'")
        for i, point in enumerate(settings.point)
        for made, way in point.production.items()
        if way.spectrum
    }


def _located(file: str, near: Path | None, where: str) -> Path:
    if not file.lower().endswith(ENDINGS):
        msg = f"{where} = '{file}' must end in one of {', '.join(ENDINGS)}"
        raise ConfigurationError(msg)
    folders = [*([near, near / "signal"] if near else []), Path("config/signal"), Path()]
    candidates = dict.fromkeys(folder / file for folder in folders)
    path = next((path for path in candidates if path.is_file()), None)
    if path is None:
        looked = ", ".join(str(path) for path in candidates)
        msg = f"{where} = '{file}': no such file ({looked}); put it beside the model's file, or write its path"
        raise ConfigurationError(msg)
    return path


# Decays


def _product(settings: Table) -> Product | None:
    """What is free beside mass and lifetime; its value is the branching ratio of the only production."""
    told = settings.product
    (way, *_) = settings.point[0].production.values()
    return Product(told.name, told.label, way.branching_ratio or 0.0) if told else None


def _modes(settings: Table, near: Path | None) -> tuple[Mode, ...]:
    masses = [mass for mass, _ in settings.nodes]
    log_ctau = _between(masses, [math.log(point.ctau) for _, point in settings.nodes])
    alternatives = dict.fromkeys(settings.product.final_states, 1.0) if settings.product else None
    shares = [alternatives or point.branching_ratios or {} for _, point in settings.nodes]
    names = list({name: None for each in shares for name in each})
    branching = {name: _between(masses, [each.get(name, 0.0) for each in shares]) for name in names}
    scale = settings.coupling.reference**settings.coupling.width_power

    def total(mass: float) -> float:
        return HBARC / math.exp(log_ctau(mass)) / scale if _within(mass, masses) else 0.0

    def share(name: str, mass: float) -> float:
        return branching[name](mass) if mass > threshold(name) else 0.0

    def width(mass: float, *, name: str) -> float:
        return total(mass) * share(name, mass)

    def other(mass: float) -> float:
        return total(mass) * max(1.0 - math.fsum(share(name, mass) for name in names), 0.0)

    known = tuple(Mode(name, functools.partial(width, name=name), name, seen(name, near=near)) for name in names)
    return known if alternatives else (*known, Mode("other", other))


def _between(masses: Sequence[float], values: Sequence[float]) -> Callable[[float], float]:
    """Function of the mass (MeV) that is linear between the points, and constant outside of them."""
    return lambda mass: float(np.interp(mass, masses, values))


def _within(mass: float, masses: Sequence[float]) -> bool:
    return masses[0] * (1 - ROUNDING) <= mass <= masses[-1] * (1 + ROUNDING)


# Production


def _channel(settings: Table, way: str, *, name: str, source: Source, files: dict[str, Path]) -> Channel:
    nodes = tuple((mass, point.production[way]) for mass, point in settings.nodes if way in point.production)
    masses = [mass for mass, _ in nodes]
    first = nodes[0][1]
    parents = [source.parent(parent) for parent in first.parent or ()]
    made = math.fsum(parent.number for parent in parents)
    per_proton = [made * (it.branching_ratio or 0.0) if parents else it.per_proton or 0.0 for _, it in nodes]
    rate = _between(masses, per_proton)
    scale = settings.coupling.reference**settings.coupling.production_power
    grid, power = source.settings.cells(), source.settings.grid.points
    if parents:
        other = first.other_mass or 0.0
        _check_open(parents, masses[-1] + other, where=f"model '{name}': production '{way}'")
        flux: Callable[[float], Flux] = functools.partial(_from_parents, parents, other=other, grid=grid, power=power)
    else:
        flux = _from_files([(mass, files[it.spectrum or ""]) for mass, it in nodes], settings.pdg, grid)
    own = max(it.uncertainty for _, it in nodes)
    return Channel(
        name=way,
        mechanism=first.mechanism,
        mass_min=masses[0] * (1 - ROUNDING),
        mass_max=masses[-1] * (1 + ROUNDING),
        number=lambda mass: rate(mass) / scale if _within(mass, masses) else 0.0,
        flux=flux,
        uncertainties=_together(parents, made) | ({f"{name} {way}": own} if own else {}),
    )


def _check_open(parents: Sequence[Parent], needed: float, *, where: str) -> None:
    for parent in parents:
        if not needed < parent.mass:
            msg = (
                f"{where}: a {parent.name} of {parent.mass:g} MeV cannot decay into {needed:g} MeV, the heaviest mass and "
                "other_mass together; end the masses below, or leave that parent out"
            )
            raise ConfigurationError(msg)


def _together(parents: Sequence[Parent], made: float) -> dict[str, float]:
    """Relative uncertainty of the sum of the parents by source: those that share one vary together."""
    found: dict[str, float] = {}
    for parent in parents:
        for cause, uncertainty in parent.uncertainties.items():
            found[cause] = found.get(cause, 0.0) + uncertainty * parent.number / made
    return found


def _from_parents(parents: Sequence[Parent], mass: float, *, other: float, grid: Grid, power: int) -> Flux:
    made = math.fsum(parent.number for parent in parents)
    fluxes = [
        two_body_decay(parent, mass, other=other, grid=grid, power=power).times(parent.number / made)
        for parent in parents
    ]
    return functools.reduce(lambda one, more: one + more, fluxes)


def _from_files(nodes: Sequence[tuple[float, Path]], pdg: int, grid: Grid) -> Callable[[float], Flux]:
    """Flux at a mass (MeV): those of the nearest points, mixed linearly; each file is read once, when it is needed."""
    masses = [mass for mass, _ in nodes]

    @functools.cache
    def at(node: int) -> Flux:
        return _from_file(nodes[node][1], masses[node], pdg=pdg, grid=grid)

    def flux(mass: float) -> Flux:
        place = float(np.interp(mass, masses, range(len(masses))))
        left, part = int(place), place - int(place)
        return at(left) if part == 0 else at(left).times(1 - part) + at(left + 1).times(part)

    return flux


def _from_file(path: Path, mass: float, *, pdg: int, grid: Grid) -> Flux:
    """Flux of the particles in a file, of which the sum is 1."""
    if path.name.lower().endswith(".csv"):
        found = cell_files.flux(path, mass, grid=grid)
    else:
        made = event_files.read(path, pdg)
        far = float(made.mass[np.argmax(np.abs(made.mass - mass))])
        if abs(far - mass) > SAME_MASS * mass:
            msg = f"{path}: holds a particle {pdg} of {far:g} MeV, but its [[point]] is at {mass:g} MeV"
            raise InputFileError(msg)
        found = counted(made.momentum, made.theta, weight=made.weight, grid=grid).normalised()
    if not found.inside > 0:
        msg = (
            f"{path}: no particle has a momentum of {grid.momentum[0]:g} to {grid.momentum[-1]:g} MeV and an angle below "
            f"{grid.theta[-1]:g} rad; momenta must be of the laboratory, with the protons along +z"
        )
        raise InputFileError(msg)
    return found
