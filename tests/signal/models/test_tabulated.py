from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from na62dump import configuration as conf
from na62dump import simulation
from na62dump.errors import ConfigurationError, InputFileError, UnknownNameError
from na62dump.signal import cell_files, final_states, parents
from na62dump.signal.decays import two_body_decay
from na62dump.signal.flux import Grid, counted
from na62dump.signal.models import points
from na62dump.signal.models.points import Table
from na62dump.signal.models.tabulated import tabulated
from na62dump.signal.standard import HBARC, standard
from na62dump.simulation import final_states as simulated
from na62dump.simulation.processes import CHANNELS
from tests.signal.event_world import Made, write

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.signal.model import Model

C = 299.792458
"""Speed of light, mm/ns."""

HEAD = """
kind = "table"
label = "mine"

[coupling]
name = "g"
label = "$g$"
unit = "1/GeV"
reference = 1e-3
low = 1e-5
high = 1e-1
production_power = 2
width_power = 4
"""
ONE = """
[[point]]
mass = "300 MeV"
lifetime = "12 ns"
branching_ratios = { mumu = 0.4, pipi2pi0 = 0.0 }

[point.production.brems]
per_proton = 1e-12
uncertainty = 0.2
mechanism = "bremsstrahlung"
spectrum = "one.csv"
"""
TWO = """
[[point]]
mass = "400 MeV"
decay_length = "0.8 m"
branching_ratios = { mumu = 0.2, pipi = 0.6 }

[point.production.brems]
per_proton = 3e-12
uncertainty = 0.3
mechanism = "bremsstrahlung"
spectrum = "two.csv"
"""
DECAY = """
[[point]]
masses = ["215 MeV", "4.3 GeV"]
lifetime = "1 ns"
branching_ratios = { mumu = 1.0 }

[point.production.kaons]
parent = ["B", "B0"]
other_mass = "891.9 MeV"
branching_ratio = 1e-10
uncertainty = 0.1
mechanism = "B decay"
"""
CELLS = """# a test
energy_low,energy_high,theta_low,theta_high,weight
10000, 20000, 0, 0.001, 1
20000, 55000, 0.0012, 0.0035, 5
50000, 80000, 0, 0.004, 0
90000, 90000, 0.002, 0.002, 2
300000, 400000, 0.010, 0.020, 2
"""
OTHER_CELLS = "energy_low,energy_high,theta_low,theta_high,weight\n5000,90000,0,0.01,1\n"


@pytest.fixture(scope="module")
def source() -> parents.Source:
    return parents.source()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one.csv").write_text(CELLS)
    (tmp_path / "two.csv").write_text(OTHER_CELLS)
    return tmp_path


def table(folder: Path, text: str) -> Table:
    path = folder / "mine.toml"
    path.write_text(text)
    return conf.load(path, Table)


def built(folder: Path, text: str, source: parents.Source) -> Model:
    return tabulated(table(folder, text), name="mine", standard=standard(), source=source, near=folder)


# What is written in two places


def test_final_states_are_those_of_the_simulation() -> None:
    assert {name: it.daughters for name, it in simulated.FINAL_STATES.items()} == final_states.FINAL_STATES


def test_thresholds_are_those_of_the_simulation() -> None:
    for name in final_states.FINAL_STATES:
        assert final_states.threshold(name) == pytest.approx(simulated.daughters(name)["mass"].sum())


def test_mechanisms_are_those_of_the_simulation() -> None:
    assert set(points.MECHANISMS) == set(CHANNELS) - {"flat"}


@pytest.mark.parametrize(
    ("name", "share"), [("mumu", 1.0), ("kkpi0", 0.98823), ("pipi2pi0", 0.98823**2), ("pipieta", 0.3941), ("gg", 1.0)]
)
def test_neutral_mesons_are_seen_by_two_photons(name: str, share: float) -> None:
    assert final_states.seen(name) == pytest.approx(share)


# One point


def test_one_point_is_what_it_says_at_its_mass(folder: Path, source: parents.Source) -> None:
    model = built(folder, HEAD + ONE, source)
    assert (model.name, model.label, model.pdg) == ("mine", "mine", 9900000)
    assert model.ctau(300.0, 1e-3) == pytest.approx(12 * C)
    assert model.ctau(300.0, 1e-2) == pytest.approx(12 * C / 1e4)
    assert model.branching(300.0) == pytest.approx({"mumu": 0.4, "pipi2pi0": 0.0, "other": 0.6})
    assert model.final_states(300.0) == pytest.approx({"mumu": 0.4})
    channel = model.channel("brems")
    assert channel.mechanism == "bremsstrahlung"
    assert channel.number(300.0) * 1e-3**2 == pytest.approx(1e-12)
    assert channel.uncertainties == {"mine brems": 0.2}


def test_one_point_holds_at_its_mass_only(folder: Path, source: parents.Source) -> None:
    model = built(folder, HEAD + ONE, source)
    channel = model.channel("brems")
    assert model.mass_min < 300.0 < model.mass_max
    assert channel.makes(300.0)
    for mass in (299.9, 300.1):
        assert not channel.makes(mass)
        assert channel.number(mass) == 0.0
        assert model.width(mass) == 0.0
        with pytest.raises(ConfigurationError, match="decays into nothing; masses from 300 MeV do"):
            model.branching(mass)


def test_the_total_width_is_the_one_of_the_lifetime(folder: Path, source: parents.Source) -> None:
    model = built(folder, HEAD + ONE + TWO, source)
    for mass in np.linspace(300, 400, 7):
        assert model.ctau(mass, 1e-3) == pytest.approx(HBARC / (model.width(mass) * 1e-12))
        assert sum(model.branching(mass).values()) == pytest.approx(1.0)


# Several


def test_between_points_numbers_are_linear_and_the_lifetime_in_its_logarithm(
    folder: Path, source: parents.Source
) -> None:
    model = built(folder, HEAD + ONE + TWO, source)
    assert model.ctau(400.0, 1e-3) == pytest.approx(800.0)
    assert model.ctau(350.0, 1e-3) == pytest.approx(np.sqrt(12 * C * 800.0))
    assert model.final_states(325.0) == pytest.approx({"mumu": 0.35, "pipi": 0.15})
    channel = model.channel("brems")
    assert channel.number(375.0) * 1e-6 == pytest.approx(2.5e-12)
    assert channel.uncertainties == {"mine brems": 0.3}
    assert not channel.makes(401.0)
    low, high = channel.flux(300.0), channel.flux(400.0)
    between = channel.flux(325.0)
    np.testing.assert_allclose(between.weight, 0.75 * low.weight + 0.25 * high.weight, atol=1e-15)
    assert between.inside + between.outside == pytest.approx(1.0)


def test_below_its_threshold_a_final_state_belongs_to_the_rest(folder: Path, source: parents.Source) -> None:
    low = ONE.replace("300 MeV", "200 MeV").replace("mumu = 0.4", "ee = 0.5")
    model = built(folder, HEAD + low + TWO, source)
    assert model.final_states(210.0) == pytest.approx({"ee": 0.475})
    assert model.branching(210.0)["other"] == pytest.approx(0.525)
    assert model.final_states(220.0) == pytest.approx({"ee": 0.45, "mumu": 0.02})
    assert model.final_states(300.0)["pipi"] == pytest.approx(0.3)


def test_a_production_that_begins_later_is_made_there_only(folder: Path, source: parents.Source) -> None:
    more = TWO + TWO.replace("400 MeV", "500 MeV")
    model = built(folder, HEAD + ONE.replace("production.brems", "production.early") + more, source)
    assert [channel.name for channel in model.channels] == ["early", "brems"]
    assert [channel.makes(300.0) for channel in model.channels] == [True, False]
    assert [channel.makes(450.0) for channel in model.channels] == [False, True]


@given(
    shares=st.lists(st.floats(min_value=0, max_value=1), min_size=4, max_size=4),
    mass=st.floats(min_value=600, max_value=700),
)
def test_what_is_seen_is_never_more_than_all(shares: list[float], mass: float, source: parents.Source) -> None:
    def ratios(one: float, other: float) -> dict[str, float]:
        return {"mumu": one / 2, "pipipi0": other / 2}

    told = tomllib.loads(HEAD + DECAY)
    way = told["point"][0]["production"]
    first, last = (
        {"mass": f"{at} MeV", "lifetime": "1 ns", "branching_ratios": ratios(*two), "production": way}
        for at, two in ((600, shares[:2]), (700, shares[2:]))
    )
    settings = conf.load_text(told | {"point": [first, last]}, Table, where="mine.toml")
    model = tabulated(settings, name="mine", standard=standard(), source=source, near=None)
    assert sum(model.final_states(mass).values()) <= 1 + 1e-12
    assert all(branching >= 0 for branching in model.branching(mass).values())


# Momenta


def test_cells_are_the_distribution_that_the_simulation_draws_from_them(folder: Path, source: parents.Source) -> None:
    grid, n, mass = source.settings.cells(), 400_000, 300.0
    coarse = Grid(grid.momentum[::10], grid.theta[::6])
    cells = simulation.spectra.from_csv(folder / "one.csv")
    rng = np.random.default_rng(5)
    row = rng.choice(len(cells.weight), n, p=cells.weight / cells.weight.sum())
    energy = rng.uniform(cells.energy_low[row], cells.energy_high[row])
    cosine = rng.uniform(np.cos(cells.theta_high[row]), np.cos(cells.theta_low[row]))
    drawn = counted(np.sqrt(energy**2 - mass**2), np.arccos(cosine), weight=np.ones(n), grid=coarse)
    flux = cell_files.flux(folder / "one.csv", mass, grid=coarse)
    expected = n * flux.weight
    assert flux.inside + flux.outside == pytest.approx(1.0)
    assert drawn.outside / n == pytest.approx(flux.outside, abs=4e-3)
    used = expected > 10
    assert drawn.weight[expected == 0].sum() == 0
    assert chi2.sf(np.sum((drawn.weight - expected)[used] ** 2 / expected[used]), used.sum()) > 1e-3


def test_cells_that_are_those_of_the_grid_keep_their_weights(tmp_path: Path) -> None:
    grid, mass = Grid(np.array([1e3, 2e3, 5e3]), np.array([0.0, 0.005, 0.015])), 777.0
    energy = np.hypot(grid.momentum, mass)
    weight = np.array([[1.0, 2.0], [3.0, 4.0]])
    rows = [
        f"{energy[i]!r},{energy[i + 1]!r},{grid.theta[j]!r},{grid.theta[j + 1]!r},{weight[i, j]!r}".replace(
            "np.float64", ""
        )
        for i in range(2)
        for j in range(2)
    ]
    text = "\n".join([",".join(cell_files.COLUMNS), *rows]).replace("(", "").replace(")", "")
    (tmp_path / "a.csv").write_text(text)
    np.testing.assert_allclose(cell_files.flux(tmp_path / "a.csv", mass, grid=grid).weight, weight / 10, rtol=1e-12)


BAD_CELLS = {
    "no header": ("1,2,0,1,1\n", "needs the header 'energy_low,"),
    "no cell": ("energy_low,energy_high,theta_low,theta_high,weight\n", "at least one"),
    "negative": (OTHER_CELLS.replace(",1\n", ",-1\n"), r"5000,90000,0,0.01,-1: .*weight below 0"),
    "nothing": (OTHER_CELLS.replace(",1\n", ",0\n"), "all weights 0"),
    "turned round": (OTHER_CELLS.replace("5000,9", "95000,9"), "energy_low <= energy_high"),
    "wide": (OTHER_CELLS.replace("0.01", "2"), "theta_high < pi/2"),
    "text": (OTHER_CELLS.replace("0.01", "x"), "not a table of numbers"),
    "short": (OTHER_CELLS.replace(",0.01,1", ""), "needs the header"),
}


@pytest.mark.parametrize("what", BAD_CELLS)
def test_what_is_no_table_of_cells_is_refused(what: str, tmp_path: Path) -> None:
    text, message = BAD_CELLS[what]
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(InputFileError, match=message):
        cell_files.read(tmp_path / "a.csv")


def test_an_energy_below_the_mass_is_refused(folder: Path, source: parents.Source) -> None:
    model = built(folder, HEAD + ONE.replace('"300 MeV"', '"11 GeV"'), source)
    with pytest.raises(InputFileError, match=r"one.csv: begins at 10000 MeV, .* mass 11000 MeV"):
        model.channel("brems").flux(11e3)


@pytest.mark.parametrize("file", ["a.lhe", "a.lhe.gz", "a.hepmc", "a.hepmc3.gz"])
def test_particles_of_files_of_events_are_counted_with_their_weights(
    file: str, folder: Path, source: parents.Source
) -> None:
    write(folder / file, [Made(0, 0.03, 30), Made(0.1, 0, 20, weight=2.0), Made(0, 0.5, 10, weight=1.0)])
    flux = built(folder, HEAD + ONE.replace("one.csv", file), source).channel("brems").flux(300.0)
    p, theta = 1e3 * np.hypot([0.03, 0.1], [30, 20]), np.arctan2([0.03, 0.1], [30, 20])
    expected = counted(p, theta, weight=np.array([0.25, 0.5]), grid=source.settings.cells())
    np.testing.assert_allclose(flux.weight, expected.weight)
    assert flux.outside == pytest.approx(0.25)


def test_a_file_of_another_mass_is_refused(folder: Path, source: parents.Source) -> None:
    write(folder / "a.lhe", [Made(0, 0, 30), Made(0, 0, 30, mass=0.5)])
    model = built(folder, HEAD + ONE.replace("one.csv", "a.lhe"), source)
    with pytest.raises(InputFileError, match=r"a.lhe: holds a particle 9900000 of 500 MeV, .* at 300 MeV"):
        model.channel("brems").flux(300.0)


def test_a_file_of_another_frame_is_refused(folder: Path, source: parents.Source) -> None:
    write(folder / "a.hepmc", [Made(3, 0, 30), Made(0, 3, -30)])
    model = built(folder, HEAD + ONE.replace("one.csv", "a.hepmc"), source)
    with pytest.raises(InputFileError, match="momenta must be of the laboratory, with the protons along"):
        model.channel("brems").flux(300.0)


def test_a_file_without_the_particle_is_refused(folder: Path, source: parents.Source) -> None:
    write(folder / "a.lhe", [Made(0, 0, 30, pdg=22)])
    model = built(folder, HEAD + ONE.replace("one.csv", "a.lhe"), source)
    with pytest.raises(InputFileError, match=r"a.lhe: has no particle 9900000; write the 'pdg'"):
        model.channel("brems").flux(300.0)


def test_the_origin_follows_what_was_read(folder: Path, source: parents.Source) -> None:
    origins = {built(folder, HEAD + ONE, source).origin, built(folder, HEAD + ONE, source).origin}
    assert len(origins) == 1
    origins.add(built(folder, HEAD + ONE.replace("12 ns", "13 ns"), source).origin)
    (folder / "one.csv").write_text(OTHER_CELLS)
    origins.add(built(folder, HEAD + ONE, source).origin)
    assert len(origins) == 3


# From mesons


def test_decays_of_mesons_are_those_of_the_frame(source: parents.Source, folder: Path) -> None:
    model = built(folder, HEAD + DECAY, source)
    channel = model.channel("kaons")
    one, other = source.parent("B"), source.parent("B0")
    made = one.number + other.number
    assert channel.number(1000.0) * 1e-3**2 == pytest.approx(1e-10 * made)
    assert channel.uncertainties == pytest.approx({"beauty": 0.29, "mine kaons": 0.1})
    grid, power = source.settings.cells(), source.settings.grid.points
    fluxes = [two_body_decay(parent, 1000.0, other=891.9, grid=grid, power=power) for parent in (one, other)]
    expected = (one.number * fluxes[0].weight + other.number * fluxes[1].weight) / made
    found = channel.flux(1000.0)
    np.testing.assert_allclose(found.weight, expected)
    assert found.inside + found.outside == pytest.approx(1.0)
    assert channel.makes(215.0)
    assert channel.makes(4300.0)
    assert not channel.makes(4301.0)


def test_a_branching_ratio_of_mesons_is_linear_between_points(source: parents.Source, folder: Path) -> None:
    low = DECAY.replace('masses = ["215 MeV", "4.3 GeV"]', 'mass = "1 GeV"')
    high = low.replace('"1 GeV"', '"2 GeV"').replace("1e-10", "5e-10")
    channel = built(folder, HEAD + low + high, source).channel("kaons")
    made = source.parent("B").number + source.parent("B0").number
    assert channel.number(1250.0) * 1e-3**2 == pytest.approx(2e-10 * made)
    with pytest.raises(ConfigurationError, match="'kaons' must have one mechanism, parent and other_mass"):
        table(folder, HEAD + low + high.replace("891.9", "493.7"))


def test_mesons_of_different_quarks_keep_their_uncertainties_apart(source: parents.Source, folder: Path) -> None:
    text = DECAY.replace('["B", "B0"]', '["D", "B"]').replace("4.3 GeV", "0.5 GeV")
    uncertainties = built(folder, HEAD + text, source).channel("kaons").uncertainties
    share = source.parent("B").number / (source.parent("B").number + source.parent("D").number)
    assert uncertainties == pytest.approx({"charm": 0.225 * (1 - share), "beauty": 0.29 * share, "mine kaons": 0.1})


def test_a_meson_that_is_too_light_or_unknown_is_named(source: parents.Source, folder: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"production 'kaons': a B of 5279.* cannot decay into 5391.9 MeV"):
        built(folder, HEAD + DECAY.replace("4.3 GeV", "4.5 GeV"), source)
    with pytest.raises(UnknownNameError, match="no meson 'Bc'"):
        built(folder, HEAD + DECAY.replace('"B0"', '"Bc"'), source)


def test_the_shipped_search_has_its_lifetime_as_coupling(repository: Path, source: parents.Source) -> None:
    settings = conf.load(repository / "config" / "signal" / "alp_independent.toml", Table)
    model = tabulated(settings, name="alp_independent", standard=standard(), source=source, near=None)
    for lifetime in (1e-3, 1.0, 250.0):
        assert model.ctau(1000.0, lifetime) == pytest.approx(C * lifetime)
    assert model.coupling.production_power == 0
    (channel,) = model.channels
    made = source.parent("B").number + source.parent("B0").number
    assert channel.number(300.0) == channel.number(4200.0) == pytest.approx(1e-10 * made)
    # docs/signal/own_model.md: 4.29e-17 per proton, 6.0 in 2021
    assert channel.number(1000.0) * source.settings.protons_on_target == pytest.approx(6.0, abs=0.05)
    assert model.final_states(220.0) == {"ee": 1.0, "mumu": 1.0}
    assert model.mass_min == pytest.approx(2.0)
    assert channel.flux(4300.0).inside > channel.flux(212.0).inside > 0


FREE = HEAD.replace("production_power = 2", "production_power = 0")
PRODUCT = """
[product]
name = "BR x BR"
label = "$BR$"
final_states = ["mumu", "pipi", "pipipi0"]
"""
ALONE = DECAY.replace("branching_ratios = { mumu = 1.0 }\n", "")


def test_alternatives_each_have_the_whole_width(folder: Path, source: parents.Source) -> None:
    model = built(folder, FREE + PRODUCT + ALONE, source)
    assert model.product
    assert (model.product.name, model.product.label) == ("BR x BR", "$BR$")
    assert model.product.value == 1e-10
    assert model.branching(250.0) == {"mumu": 1.0, "pipi": 0.0, "pipipi0": 0.0}
    assert model.branching(2000.0) == {"mumu": 1.0, "pipi": 1.0, "pipipi0": 1.0}
    assert model.final_states(2000.0)["pipipi0"] == pytest.approx(0.98823)
    alone = built(folder, FREE + DECAY, source)
    assert model.width(2000.0) == alone.width(2000.0)
    assert alone.product is None


# What is refused


REFUSED: dict[str, tuple[str, tuple[str, str], str]] = {
    "two lifetimes": (
        ONE,
        ('"12 ns"', '"12 ns"\ndecay_length = "3 m"'),
        r"'point.0': at 300 MeV: give either 'lifetime'",
    ),
    "no lifetime": (
        ONE,
        ('lifetime = "12 ns"', ""),
        r"'point.0': at 300 MeV: give either 'lifetime' or 'decay_length'",
    ),
    "a lifetime of 0": (ONE, ("12 ns", "0 ns"), "must be above 0 and finite"),
    "a lifetime without end": (ONE, ("12 ns", "inf ns"), "must be above 0 and finite"),
    "a lifetime in metres": (ONE, ("12 ns", "12 m"), r"'point.0.lifetime': '12 m' has the unit 'm'"),
    "no mass": (ONE, ('mass = "300 MeV"', ""), r"'point.0': give either 'mass', or 'masses'"),
    "a negative mass": (ONE, ("300 MeV", "-300 MeV"), "a mass must be above 0 and finite.*got -300 MeV"),
    "too much": (
        ONE,
        ("pipi2pi0 = 0.0", "ee = 0.7"),
        r"'point.0': branching_ratios at 300 MeV add up to 1.1; at most 1",
    ),
    "an unknown final state": (
        ONE,
        ("pipi2pi0", "pipi3pi0"),
        "final state 'pipi3pi0' is not known; did you mean 'pipipi0'",
    ),
    "a closed final state": (ONE, ("pipi2pi0 = 0.0", "kk = 0.1"), r"kk = 0.1 at 300 MeV, .* threshold of 987.354 MeV"),
    "a negative share": (ONE, ("pipi2pi0 = 0.0", "ee = -0.1"), r"'point.0.branching_ratios.ee' = -0.1.*greater"),
    "an unknown mechanism": (ONE, ("bremsstrahlung", "brems"), r"'point.0.production.brems': mechanism 'brems' is not"),
    "a negative number": (ONE, ("1e-12", "-1e-12"), r"'point.0.production.brems.per_proton' = -1e-12"),
    "no file": (ONE, ('spectrum = "one.csv"', ""), "give either 'per_proton' and 'spectrum', or 'parent'"),
    "file and meson": (ONE, ("per_proton", 'parent = "B"\nper_proton'), "give either 'per_proton' and 'spectrum'"),
    "no production": (ONE, (ONE[ONE.index("[point.") :], ""), r"'point.0.production' is missing"),
    "an empty production": (ONE, (ONE[ONE.index("[point.") :], "production = {}"), "at 300 MeV: nothing makes it"),
    "an unknown key": (
        ONE,
        ("lifetime", "lifetme"),
        r"unknown key 'point.0.lifetme' = '12 ns'; did you mean 'lifetime'",
    ),
    "points in disorder": (TWO + ONE, ("", ""), r"key '': the masses .* must increase; got 400, 300 MeV"),
    "points of one mass": (ONE + ONE, ("", ""), "must increase; got 300, 300 MeV"),
    "a range and a point": (DECAY + TWO, ("", ""), "must be the only one"),
    "a range turned round": (DECAY, ("4.3 GeV", "213 MeV"), "the first of two below the last; got 215, 213 MeV"),
    "a range with a file": (ONE, ('mass = "300 MeV"', 'masses = ["300 MeV", "1 GeV"]'), "a file holds at one mass"),
    "a range from below": (DECAY, ("215 MeV", "150 MeV"), r"mumu = 1 at 150 MeV, .* 211.317 MeV"),
    "a gap": (
        ONE + TWO.replace("brems]", "more]") + TWO.replace("400", "500"),
        ("", ""),
        "production 'brems' is missing at a point between others",
    ),
    "another mechanism": (ONE + TWO.replace("bremsstrahlung", "Primakoff"), ("", ""), "must have one mechanism"),
    "no branching ratios": (ALONE, ("", ""), "give either 'branching_ratios' in every"),
    "branching ratios and a product": (PRODUCT + DECAY, ("", ""), "give either 'branching_ratios' in every"),
    "a product and a coupling": (PRODUCT + ALONE, ("", ""), "and coupling.production_power = 0"),
    "a product of files": (
        PRODUCT + ONE.replace("branching_ratios", "#"),
        ("", ""),
        "made in one way by a 'branching_ratio' above 0",
    ),
    "a product of 0": (
        PRODUCT + ALONE,
        ("branching_ratio = 1e-10", "branching_ratio = 0.0"),
        "made in one way by a 'branching_ratio' above 0",
    ),
    "a product of nothing open": (
        PRODUCT.replace('"mumu", "pipi", ', "") + ALONE,
        ("", ""),
        r"none is open at 215 MeV, the lowest threshold is 414.1",
    ),
    "a product of an unknown final state": (
        PRODUCT + ALONE,
        ('"pipi"', '"pip"'),
        "product.final_states: final state 'pip' is not known",
    ),
    "no point": ("point = []", ("", ""), "there is no point; write at least one"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_is_refused_with_file_and_key(what: str, folder: Path) -> None:
    text, change, message = REFUSED[what]
    changed = text.replace(*change)
    head = FREE if what.startswith("a product of") else HEAD
    whole = changed + head if what == "no point" else head + changed
    with pytest.raises(ConfigurationError, match=rf"mine.toml: .*{message}") as error:
        table(folder, whole)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('unit = "1/GeV"', 'unit = "1/Gev"'), "'coupling': unit '1/Gev' is not known; did you mean '1/GeV'"),
        (("low = 1e-5", "low = 1.0"), r"low \(1\) must be below high \(0.1\)"),
        (("reference = 1e-3", "reference = 0.0"), "'coupling.reference' = 0.0"),
        (("width_power = 4", "width_power = 0.5"), "'coupling.width_power' = 0.5"),
        (('label = "mine"', 'label = "mine"\npdg = 0'), "'pdg' = 0"),
    ],
)
def test_a_coupling_that_cannot_be_is_refused(change: tuple[str, str], message: str, folder: Path) -> None:
    with pytest.raises(ConfigurationError, match=message):
        table(folder, HEAD.replace(*change) + ONE)


def test_a_missing_file_is_named_with_where_it_was_looked_for(folder: Path, source: parents.Source) -> None:
    with pytest.raises(
        ConfigurationError,
        match=rf"model 'mine': key 'point.0.production.brems.spectrum' = 'none.csv': .*{re.escape(str(folder))}",
    ):
        built(folder, HEAD + ONE.replace("one.csv", "none.csv"), source)
    with pytest.raises(ConfigurationError, match=r"spectrum' = 'one.root' must end in one of \.csv, \.lhe"):
        built(folder, HEAD + ONE.replace("one.csv", "one.root"), source)


def test_files_are_found_by_their_path(
    folder: Path, source: parents.Source, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = table(folder, HEAD + ONE.replace("one.csv", str(folder / "one.csv")))
    for near in (None, tmp_path_factory.mktemp("other")):
        model = tabulated(settings, name="mine", standard=standard(), source=source, near=near)
        assert model.channels[0].flux(300.0).inside > 0


# The documentation


def test_the_example_of_the_documentation_runs_as_written(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (repository / "docs" / "signal" / "own_model.md").read_text()
    files = re.findall(r"`(\w+\.(?:toml|csv))`:\n\n```\w+\n(.*?)```", text, flags=re.DOTALL)
    assert [name for name, _ in files] == ["mymodel.toml", "at_300.csv", "at_400.csv"]
    for name, content in files:
        (tmp_path / name).write_text(content)
    (snippet,) = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {}
    exec(compile(snippet, "own_model.md", "exec"), found)  # noqa: S102 - the text of our own page
    assert found["decay_length"] == pytest.approx(12 * C / 4)
    assert found["shares"] == pytest.approx({"mumu": 0.35, "ee": 0.1, "pipi": 0.2})
    assert found["made"] == pytest.approx(1.6e-11)
    assert found["flux"].inside == pytest.approx(1.0)


def test_the_documentation_names_every_key_final_state_and_mechanism(repository: Path) -> None:
    text = (repository / "docs" / "signal" / "own_model.md").read_text()
    keys = {
        name for kind in (Table, points.Point, points.Production, points.CouplingTable) for name in kind.model_fields
    }
    for name in (*(keys - {"point", "kind"}), *final_states.FINAL_STATES, *points.MECHANISMS, str(points.PDG)):
        assert re.search(rf"\b{re.escape(name)}\b", text), name
