"""Files of events as generators write them, for tests."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import pyhepmc
import pylhe

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PDG, PARENT = 9900000, 521


class Made(NamedTuple):
    """A particle (GeV) that a B decays into, and the weight of its event."""

    px: float
    py: float
    pz: float
    mass: float = 0.3
    weight: float | None = 1.0
    pdg: int = PDG

    @property
    def energy(self) -> float:
        return math.hypot(self.px, self.py, self.pz, self.mass)


def write(path: Path, particles: Sequence[Made], *, mev: bool = False, copies: int = 1) -> Path:
    """One event for each particle, in the format of the file's ending; of several copies the first have another momentum."""
    if ".lhe" in path.name:
        _lhe(path, particles, copies)
    else:
        _hepmc(path, particles, copies, mev=mev)
    return path


def _lhe(path: Path, particles: Sequence[Made], copies: int) -> None:
    def row(it: Made, status: int, mother: int, factor: float = 1.0) -> pylhe.LHEParticle:
        momentum = [factor * x for x in (it.px, it.py, it.pz, it.energy)]
        return pylhe.LHEParticle(it.pdg, status, mother, mother, 0, 0, *momentum, it.mass, 0.0, 9.0)

    info = pylhe.LHEInitInfo(2212, 2212, 400.0, 0.938, 0, 0, 0, 0, 3, 1)
    init = pylhe.LHEInit(initInfo=info, procInfo=[pylhe.LHEProcInfo(1.0, 0.1, 1.0, 1)], generators=[])
    events = []
    for it in particles:
        rows = [
            row(it._replace(pdg=PARENT), -1, 0),
            *(row(it, 2, n, 0.5) for n in range(1, copies)),
            row(it, 1, copies),
        ]
        head = pylhe.LHEEventInfo(len(rows), 1, it.weight, 1.0, 0.1, 0.1)
        events.append(pylhe.LHEEvent(head, rows))
    pylhe.LHEFile(init=init, events=events).tofile(path)


def _hepmc(path: Path, particles: Sequence[Made], copies: int, *, mev: bool) -> None:
    unit = 1e3 if mev else 1.0
    with pyhepmc.open(path, "w") as file:
        for number, it in enumerate(particles):
            event = pyhepmc.GenEvent(pyhepmc.Units.MEV if mev else pyhepmc.Units.GEV, pyhepmc.Units.MM)
            event.event_number = number
            event.weights = [] if it.weight is None else [it.weight]
            last = pyhepmc.GenParticle((0.0, 0.0, unit * 100.0, unit * 100.2), PARENT, 2)
            for n in range(copies):
                factor = unit * (1.0 if n == copies - 1 else 0.5)
                momentum = tuple(factor * x for x in (it.px, it.py, it.pz, it.energy))
                child = pyhepmc.GenParticle(momentum, it.pdg, 1 if n == copies - 1 else 22)
                child.generated_mass = unit * it.mass
                vertex = pyhepmc.GenVertex()
                vertex.add_particle_in(last)
                vertex.add_particle_out(child)
                event.add_vertex(vertex)
                last = child
            file.write(event)
