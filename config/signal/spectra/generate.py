"""Make the tables of meson spectra beside this file: ``python config/signal/spectra/generate.py [FOLDER]``.

Protons of 400 GeV on protons at rest, by Pythia 8 (the extra ``gen``). A table counts the mesons of one species in cells of
log10(p/GeV) and sqrt(pT/GeV) of the laboratory, at their birth; what lies outside of the table is counted too, so that
the sum over all is the multiplicity. The same seed gives the same file.
"""
# ruff: noqa: INP001 - a script, in no package

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import pythia8mc

EVENTS, SEED, BEAM_GEV = 2_000_000, 62, 400.0
LOG_P = (-0.5, 2.65, 63)
"""Cells in log10(p/GeV): first and last edge, number; 20 a decade."""
SQRT_PT = (0.0, 2.5, 25)
"""Cells in sqrt(pT/GeV): first and last edge, number."""

PROCESSES = {
    "soft": ("SoftQCD:inelastic = on", (111, 221, 331, 113, 213, 223, 333)),
    "charm": ("HardQCD:hardccbar = on", (411, 421, 431)),
    "beauty": ("HardQCD:hardbbbar = on", (511, 521, 531)),
}
"""Setting that switches the process on, and PDG numbers of the species; antiparticles are counted with them."""


def settings(process: str, seed: int) -> list[str]:
    """Everything that Pythia is told."""
    return [
        "Beams:frameType = 2",
        "Beams:idA = 2212",
        "Beams:idB = 2212",
        f"Beams:eA = {BEAM_GEV}",
        "Beams:eB = 0.0",
        PROCESSES[process][0],
        "Random:setSeed = on",
        f"Random:seed = {seed}",
        "111:mayDecay = off",
    ]


def born(event: pythia8mc.Event, species: tuple[int, ...]) -> list[tuple[int, float, float, float]]:
    """Species, px, py, pz (GeV) of each meson of an event, once: a copy of itself (recoil, oscillation) is no birth."""
    found = []
    for i in range(event.size()):
        particle = event[i]
        number = abs(particle.id())
        if number in species and abs(event[particle.mother1()].id()) != number:
            found.append((number, particle.px(), particle.py(), particle.pz()))
    return found


def fill(counts: dict[int, np.ndarray], found: list[tuple[int, float, float, float]]) -> None:
    """Count mesons in their cells; those outside of the tables, or backward, are in no cell."""
    table = np.array(found, dtype=np.float64).reshape(-1, 4)
    number, pt = table[:, 0].astype(np.int64), np.hypot(table[:, 1], table[:, 2])
    log_p = np.log10(np.hypot(pt, table[:, 3]))
    forward = table[:, 3] > 0.0
    for species in counts:
        mine = forward & (number == species)
        cells, *_ = np.histogram2d(
            log_p[mine], np.sqrt(pt[mine]), bins=(LOG_P[2], SQRT_PT[2]), range=(LOG_P[:2], SQRT_PT[:2])
        )
        counts[species] += cells.astype(np.int64)


def generate(process: str, *, events: int, seed: int) -> dict[str, object]:
    """Tables of one process: what made them, edges, and counts per species."""
    species = PROCESSES[process][1]
    pythia = pythia8mc.Pythia("", False)  # noqa: FBT003 - takes no keywords
    told = settings(process, seed)
    for line in (*told, "Print:quiet = on", "Next:numberCount = 0"):
        if not pythia.readString(line):
            msg = f"Pythia does not take {line!r}"
            raise SystemExit(msg)
    if not pythia.init():
        msg = f"Pythia could not begin with {told}"
        raise SystemExit(msg)
    counts = {number: np.zeros((LOG_P[2], SQRT_PT[2]), dtype=np.int64) for number in species}
    totals = dict.fromkeys(species, 0)
    found: list[tuple[int, float, float, float]] = []
    for n in range(1, events + 1):
        while not pythia.next():
            pass
        found += born(pythia.event, species)
        if n % 10_000 == 0 or n == events:
            fill(counts, found)
            for number, *_ in found:
                totals[number] += 1
            found = []
            sys.stderr.write(f"\r{process}: {n} of {events} events")
    sys.stderr.write("\n")
    content = {
        "made_by": {
            "generator": "Pythia",
            "version": f"{pythia.parm('Pythia:versionNumber'):.3f}",
            "settings": told,
            "seed": seed,
            "events": events,
            "cross_section_mb": pythia.infoPython().sigmaGen(),
            "script": hashlib.sha256(Path(__file__).read_bytes()).hexdigest(),
        },
        "log10_p_gev": list(LOG_P),
        "sqrt_pt_gev": list(SQRT_PT),
        "mesons": {str(number): totals[number] for number in species},
        "counts": {str(number): counts[number].ravel().tolist() for number in species},
    }
    return content | {"sha256": digest(content)}


def digest(content: dict[str, object]) -> str:
    """SHA-256 of a table's content without this entry."""
    text = json.dumps({key: value for key, value in content.items() if key != "sha256"}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def write(content: dict[str, object], path: Path) -> None:
    """Write a table as compressed JSON without a date."""
    path.write_bytes(gzip.compress(json.dumps(content, separators=(",", ":")).encode(), mtime=0))


def main() -> None:
    """Make the tables that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--events", type=int, default=EVENTS, help="of each process")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--process", action="append", choices=list(PROCESSES), help="repeated; all by default")
    told = parser.parse_args()
    for process in told.process or PROCESSES:
        write(generate(process, events=told.events, seed=told.seed), told.folder / f"{process}.json.gz")


if __name__ == "__main__":
    main()
