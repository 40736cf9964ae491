"""The hadronic searches, all seven: each requirement alone, the RICH, and which photons are the best."""

from __future__ import annotations

import math
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from na62dump import analysis as searches
from na62dump import planning
from na62dump.configuration import load_text
from na62dump.errors import ConfigurationError
from na62dump.reconstruction.final_state import mass_of
from tests.making import Event, hit, photons_of
from tests.selections.test_common import CDA_TAX, EVENTS, PAIRS, TRACKS, WIDE, Z_TAX, failures, made, select, track

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.analysis import Analysis
    from na62dump.configuration import Settings

FAMILY = {
    "pipi": ("pi", ()),
    "pipig": ("pi", ("gamma",)),
    "pipipi0": ("pi", ("pi0",)),
    "pipi2pi0": ("pi", ("pi0", "pi0")),
    "pipieta": ("pi", ("eta",)),
    "kk": ("K", ()),
    "kkpi0": ("K", ("pi0",)),
}
PLACES = {
    "photons inside LKr": [(0.0, 100.0), (300.0, -300.0)],
    "photons apart": [(300.0, -300.0), (390.0, -300.0)],
}
USUAL = [(500.0, -200.0), (-500.0, -100.0)]
OTHERS = [(300.0, -700.0), (-300.0, -700.0)]
CHARGED = {"no MUV3 tile", "E/p"}
PHOTONS = {"photon energy", "photons inside LKr", "photons apart", "photons in time", "best photons"}


def photons(requirement: str, neutrals: tuple[str, ...]) -> list[dict[str, float]]:
    """Clusters of the neutral particles; the first fails a requirement."""
    z = {**WIDE, **PAIRS.get(requirement, {})}["z_vertex"]
    vertex = (CDA_TAX, -22.0 + 2e-3 * (z - Z_TAX), z)
    clusters: list[dict[str, float]] = []
    for neutral, places in zip(neutrals, (PLACES.get(requirement, USUAL), OTHERS), strict=False):
        first = 1000.0 if requirement == "photon energy" and not clusters else None
        mass = mass_of("pi0" if neutral == "gamma" else neutral)
        clusters += photons_of(mass, vertex, places, first=first)[: 1 if neutral == "gamma" else 2]
    return clusters


def family_event(name: str, requirement: str = "") -> Event:
    """A signal event of one analysis that fails one requirement, or none."""
    particle, neutrals = FAMILY[name]
    event = made(requirement, particle, particle)
    clusters = event.elements["LKr"]
    clusters += photons(requirement, neutrals)
    if requirement == "no MUV3 tile":
        event.elements["MUV3"] = [hit(event.elements["Track"][0], "MUV3")]
    elif requirement == "E/p":
        clusters[0]["energy"] = 0.9 * 30e3
    elif requirement == "photons in time":
        clusters[-1]["time"] = 6.0
    elif requirement == "neutral masses":
        clusters[-1]["energy"] *= 1.5
    elif requirement == "best photons":
        clusters.append({**clusters[-1], "energy": 0.985 * clusters[-1]["energy"]})
    return event


def asked(name: str) -> set[str]:
    neutrals = FAMILY[name][1]
    return (
        {*PAIRS, *TRACKS, *EVENTS, *CHARGED}
        | (PHOTONS if neutrals else set())
        | ({"neutral masses"} if set(neutrals) - {"gamma"} else set())
    )


def cases() -> list[tuple[str, str]]:
    every = [(name, requirement) for name in FAMILY for requirement in sorted(asked(name))]
    # one photon is apart from all others
    return [case for case in every if case != ("pipig", "photons apart") and case[1] != "best photons"]


@pytest.mark.parametrize("name", FAMILY)
def test_a_signal_event_passes_and_every_requirement_is_spoiled_below(name: str) -> None:
    selection = select(searches.load(name), family_event(name))
    assert failures(selection)[0] == []
    assert selection.passed().sum() == 1
    assert set(selection.names) == asked(name)


@pytest.mark.parametrize(("name", "requirement"), cases())
def test_one_requirement_removes_it(name: str, requirement: str) -> None:
    found = failures(select(searches.load(name), family_event(name, requirement)))
    assert found[0] == [requirement]


@pytest.mark.parametrize("name", [name for name, (_, neutrals) in FAMILY.items() if neutrals])
def test_of_two_choices_of_photons_the_better_one_passes(name: str) -> None:
    selection = select(searches.load(name), family_event(name, "best photons"))
    assert failures(selection)[:2] == [[], ["best photons"]]
    assert selection.passed().sum() == 1
    best, worse = (selection.visible.rows.where(mask) for mask in (selection.passed(), ~selection.passed()))
    assert best.mass_distance[0] <= worse.mass_distance.min()
    assert best.n_photons[0] == len(best.photons) + 1


@pytest.mark.parametrize("name", [name for name, (_, neutrals) in FAMILY.items() if neutrals])
def test_without_its_photons_there_is_no_row(name: str) -> None:
    assert len(select(searches.load(name), made("", "pi", "pi")).visible.rows) == 0


def with_cuts(search: Analysis, **tables: Any) -> Settings:  # noqa: ANN401 - tables of a file
    return load_text({**search.file.cuts, **tables}, search.selection.cuts, where="this test")


NOTHING_SAID = float("nan")


@pytest.mark.parametrize("name", FAMILY)
@pytest.mark.parametrize(
    ("likelihoods", "passes"),
    [
        ((0.0, -8.0), True),
        ((-8.0, 0.0), False),
        ((0.0, 0.0), True),
        ((NOTHING_SAID, NOTHING_SAID), True),
        ((NOTHING_SAID, 0.0), True),
        ((0.0, NOTHING_SAID), True),
    ],
)
def test_the_rich_prefers_the_hypothesis_or_says_nothing(
    name: str,
    likelihoods: tuple[float, float],
    passes: bool,  # noqa: FBT001 - a column of the table
) -> None:
    search = searches.load(name)
    wanted, other = ("k", "pi") if FAMILY[name][0] == "K" else ("pi", "k")
    cuts = with_cuts(search, rich={"prefers": wanted, "over": other, "difference_min": 0.0})
    values = {f"rich_{wanted}": likelihoods[0], f"rich_{other}": likelihoods[1]}
    for number in (0, 1):
        event = family_event(name)
        event.elements["Track"][number].update(values)
        assert failures(select(search, event, cuts))[0] == ([] if passes else ["RICH"])


def test_the_rich_prefers_by_as_much_as_is_asked_for() -> None:
    search = searches.load("pipi")
    event = family_event("pipi")
    for element in event.elements["Track"]:
        element.update({"rich_pi": 0.0, "rich_k": -2.0})
    for difference, expected in ((1.9, []), (2.0, []), (2.1, ["RICH"])):
        rich = {"prefers": "pi", "over": "k", "difference_min": difference}
        assert failures(select(search, event, with_cuts(search, rich=rich))) == [expected]


def test_a_hypothesis_that_the_rich_does_not_know_is_refused() -> None:
    search = searches.load("pipi")
    with pytest.raises(ConfigurationError, match=r"key 'rich\.prefers' = 'p': Input should be 'pi' or 'k'"):
        with_cuts(search, rich={"prefers": "p", "over": "k", "difference_min": 0.0})


def test_without_the_columns_of_the_rich_it_is_not_asked() -> None:
    event = family_event("pipi")
    track(rich_pi=-50.0, rich_k=0.0)(event)
    assert failures(select(searches.load("pipi"), event)) == [[]]


def test_a_neutral_particle_without_a_mass_window_is_told(tmp_path: Path, repository: Path) -> None:
    for folder in ("config", "selections"):
        shutil.copytree(repository / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / "config" / "pipi2pi0.toml"
    path.write_text(path.read_text().replace('pi0 = "8 MeV"', 'eta = "8 MeV"'))
    search = searches.load(str(path))
    with pytest.raises(
        ConfigurationError,
        match=r"key 'cuts\.photons\.mass_window\.pi0' is missing, .* has a pi0; write it \(given: eta\)",
    ):
        planning.trace(search)


def test_masses_are_within_the_window_on_both_sides() -> None:
    search = searches.load("pipipi0")
    for factor, expected in ((0.93, ["neutral masses"]), (0.95, []), (1.05, []), (1.07, ["neutral masses"])):
        event = family_event("pipipi0")
        for cluster in event.elements["LKr"][2:]:
            cluster["energy"] *= factor
        selection = select(search, event)
        assert failures(selection) == [expected]
        assert math.isclose(selection.visible.rows.neutral1_mass[0], factor * mass_of("pi0"), rel_tol=1e-5)
