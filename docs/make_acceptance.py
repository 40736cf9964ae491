"""Write docs/acceptance.md from simulated decays: ``python docs/make_acceptance.py [FOLDER]``."""
# ruff: noqa: INP001 - a script, in no package

from __future__ import annotations

import sys
from pathlib import Path

from na62dump import analysis as searches
from na62dump import configuration as conf
from na62dump import provenance, studies

TOP = Path(__file__).resolve().parent.parent
DECAYS = 200_000
MASSES = {
    "mumu": (250, 400, 600),
    "ee": (50, 100, 400),
    "pipi": (400, 700, 1000),
    "pipig": (400, 700, 1000),
    "pipipi0": (500, 850, 1200),
    "pipi2pi0": (800, 1200, 1600),
    "pipieta": (1000, 1300, 1600),
    "kk": (1050, 1200, 1600),
    "kkpi0": (1200, 1500, 1800),
    "gg": (50, 200, 400),
    "pimu": (500, 1000, 1500),
    "pie": (500, 1000, 1500),
    "eenu": (300, 1000, 1500),
    "mumunu": (300, 1000, 1500),
    "emunu": (300, 1000, 1500),
}
"""Searches, and masses (MeV) of what decays."""

HEAD = f"""# Acceptance and cutflow of each search

Simulated: {DECAYS} decays for each mass, flat in z from 100 to 182 m, X uniform in solid angle within 15 mrad with the energy
of bremsstrahlung, which stands in for the production of every model; pi0 and eta always decay into two photons. A decay counts
if its true vertex is where the search looks (105 to 180 m; for two photons 103 to 183.5 m). Errors of shares are binomial;
offsets are medians with their errors, widths half of the central 68%. Neutrinos and two-photon decays leave no mass to compare,
two photons no vertex: there the radius of the centre of energy at the LKr is compared. Made by `make acceptance`.

Muons cross the rings of the LAV and are vetoed by it, which electrons and hadrons are absorbed in: the LAV veto costs `mumu` an
eighth, the others little. Electrons that radiate before the magnet take a little off the mass. At small opening angles the vertex is found a little
downstream in the median, by less than a tenth of its width: its error grows with the distance from the chambers.

| search | mass [MeV] | decays | selected | efficiency [%] | in SR [%] | mass: offset, width [MeV] | vertex z: offset, width [mm] | centre of energy: offset, width [mm] |
|---|---|---|---|---|---|---|---|---|
"""


def row(name: str, found: studies.Channel) -> str:
    """Line of one mass in the table of acceptances."""
    share, error = found.efficiency
    cells = [
        f"`{name}`",
        f"{found.mass:g}",
        f"{found.decays}",
        f"{found.selected}",
        f"{100 * share:.2f} ± {100 * error:.2f}",
        f"{100 * found.inside / found.rows:.1f}",
        *(_compared(found, quantity) for quantity in ("mass", "vertex_z", "coe_radius")),
    ]
    return "| " + " | ".join(cells) + " |"


def _compared(found: studies.Channel, quantity: str) -> str:
    if quantity not in found.residuals:
        return "-"
    offset, error = found.offset(quantity)
    return f"{offset:.2f} ± {error:.2f}, {found.width(quantity):.2f}"


def cutflow(name: str, found: list[studies.Channel]) -> str:
    """Table of what each requirement leaves, one column a mass."""
    lines = [
        f"\n## {name}\n",
        "Share of all simulated decays, in percent, of which a candidate is left after each requirement.\n",
        "| requirement | " + " | ".join(f"{channel.mass:g} MeV" for channel in found) + " |",
        "|---|" + "---|" * len(found),
    ]
    for step, label in enumerate(("candidates", *found[0].flow.names)):
        shares = " | ".join(f"{100 * channel.passing(step):.2f}" for channel in found)
        lines.append(f"| {label} | {shares} |")
    return "\n".join(lines)


def digest(name: str) -> str:
    """Line that binds the table to the files that it was made from: analysis, sample, and response of the detectors."""
    search = searches.load(name)
    files = (conf.find(f"samples/{search.file.samples[0]}"), conf.find("experiment/response"))
    made_from = {"analysis": search.digest, "files": [path.read_text(encoding="utf-8") for path in files]}
    return f"<!-- {name}: {provenance.digest(made_from)} -->"


def channels(name: str) -> list[studies.Channel]:
    """Studies of one search, mass by mass."""
    search = searches.load(name)
    return [studies.channel(search, mass=mass, events=DECAYS) for mass in MASSES[name]]


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else TOP / "docs"
    every = {}
    for name in MASSES:
        sys.stderr.write(f"{name}\n")
        every[name] = channels(name)
    rows = [row(name, channel) for name, found in every.items() for channel in found]
    flows = [cutflow(name, found) for name, found in every.items()]
    (folder / "acceptance.md").write_text(
        HEAD + "\n".join([*rows, *flows, "", *map(digest, MASSES)]) + "\n", encoding="utf-8"
    )
