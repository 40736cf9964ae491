from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump import configuration as conf
from na62dump.errors import ConfigurationError, UnknownNameError
from na62dump.signal import vectors
from na62dump.signal.curves import curves
from na62dump.signal.models.dark_photon import DarkPhoton, dark_photon
from na62dump.signal.parents import Source, source
from na62dump.signal.standard import standard

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.signal.model import Model

FOLDER = conf.shipped() / "config" / "signal"
STANDARD = standard()


def made_by() -> Source:
    """Production with fewer points: 2^13 are enough to see that nothing is lost."""
    found = source()
    grid = found.settings.grid.model_copy(update={"points": 13})
    return Source(found.settings.model_copy(update={"grid": grid}), found.parents)


SOURCE = made_by()


def model(name: str = "dark_photon", **changes: object) -> Model:
    settings = conf.load(FOLDER / f"{name}.toml", DarkPhoton).model_copy(update=changes)
    return dark_photon(settings, name=name, standard=STANDARD, source=SOURCE)


FULL, MINIMAL = model(), model("dark_photon_minimal")


def r(table: str, mass: float) -> float:
    return curves(f"dark_photon_{table}")["ratio"](mass)


@pytest.mark.parametrize(
    ("mass", "width", "ee", "mumu", "pipi", "metres"),
    [
        (50, 1.217e-4, 1, 0, 0, 1.622),
        (100, 2.433e-4, 1, 0, 0, 0.811),
        (215, 6.66e-4, 0.785, 0.215, 0, 0.296),
        (250, 1.049e-3, 0.580, 0.420, 0, 0.188),
        (300, 1.388e-3, 0.526, 0.466, 0.009, 0.142),
        (400, 2.107e-3, 0.462, 0.447, 0.091, 0.0937),
        (500, 3.026e-3, 0.402, 0.397, 0.201, 0.0652),
        (600, 4.876e-3, 0.299, 0.298, 0.403, 0.0405),
        (700, 1.187e-2, 0.143, 0.143, 0.713, 0.0166),
        (775, 3.20e-2, 0.059, 0.059, 0.548, 0.00617),
    ],
)
def test_widths_are_those_of_the_reference(
    mass: float, width: float, ee: float, mumu: float, pipi: float, metres: float
) -> None:
    branching = FULL.branching(mass)
    assert FULL.width(mass) == pytest.approx(1e3 * width, rel=0.01)
    assert FULL.ctau(mass, 1e-6) == pytest.approx(1e3 * metres, rel=0.01)
    for mode, expected in (("e+ e-", ee), ("mu+ mu-", mumu), ("pi+ pi-", pipi)):
        assert branching[mode] == pytest.approx(expected, rel=0.01, abs=6e-4), mode


def test_three_pions_at_the_rho_are_those_of_the_reference() -> None:
    assert FULL.branching(775)["pi+ pi- pi0"] == pytest.approx(0.188, rel=0.01)


def test_leptons_and_hadrons_are_even_at_630_mev() -> None:
    share = [FULL.branching(m)["e+ e-"] + FULL.branching(m)["mu+ mu-"] for m in (600, 660)]
    assert share[0] > 0.5 > share[1]


@given(mass=st.floats(1.1, 1999))
def test_the_total_width_is_the_sum_of_its_parts(mass: float) -> None:
    parts = [mode.width(mass) for mode in FULL.modes]
    assert min(parts) >= 0
    assert FULL.width(mass) == pytest.approx(math.fsum(parts), rel=1e-12)
    assert math.fsum(FULL.branching(mass).values()) == pytest.approx(1, rel=1e-12)
    hadrons = FULL.width(mass) - sum(vectors.leptonic_width(mass, m, alpha=1 / 137) for m in (0.51099895, 105.6583755))
    inclusive = r("hadrons", mass) * vectors.leptonic_width(mass, 105.6583755, alpha=1 / 137)
    assert hadrons >= inclusive * (1 - 1e-6) - 1e-9  # whatever is not listed is "other hadrons"


def test_the_exclusive_tables_exceed_the_inclusive_one_by_a_quarter_at_most() -> None:
    tables = ("2pi", "3pi", "4pi", "2pi2pi0", "2K", "2Kpi")
    grid = np.arange(300, 2000, 2.5)
    worst = max(math.fsum(r(table, m) for table in tables) / r("hadrons", m) for m in grid)
    assert 1.2 < worst < 1.35


def test_half_of_the_kaons_are_charged() -> None:
    branching = FULL.branching(1019)
    assert branching["K+ K-"] == branching["K0 K0bar"]
    assert FULL.branching(1650)["other K Kbar pi"] == pytest.approx(5 * FULL.branching(1650)["K+ K- pi0"])


def test_the_tables_have_the_peaks_that_the_mesons_have() -> None:
    """At a narrow resonance R = 9 BR(e+ e-) BR(f)/alpha^2 with the alpha of zero momentum."""
    for table, mass, expected in (
        ("2K", 1019.0, 9 * 2.979e-4 * 0.83 * 137**2),
        ("3pi", 781.9, 9 * 7.38e-5 * 0.89 * 137**2),
    ):
        assert r(table, mass) == pytest.approx(expected, rel=0.25), table
    assert r("omega", 782.3) > 2.5 * 9 * 7.38e-5 * 137**2  # why the table is not used for mixing


def test_final_states_are_those_of_the_simulation_and_see_neutral_pions() -> None:
    assert set(FULL.final_states(1500)) == {"ee", "mumu", "pipi", "pipipi0", "pipi2pi0", "kk", "kkpi0"}
    assert set(FULL.final_states(300)) == {"ee", "mumu", "pipi"}
    found, branching = FULL.final_states(1500), FULL.branching(1500)
    assert found["pipi2pi0"] == pytest.approx(0.98823**2 * branching["pi+ pi- 2pi0"])
    assert found["pipipi0"] == pytest.approx(0.98823 * branching["pi+ pi- pi0"])


def test_taus_are_there_above_their_threshold() -> None:
    (taus,) = [mode for mode in FULL.modes if mode.name == "tau+ tau-"]
    assert taus.width(2 * 1776.8) == 0
    assert taus.width(4000) > 0
    assert taus.final_state is None


def test_nothing_is_below_two_electrons() -> None:
    assert FULL.mass_min == pytest.approx(1.02199790)
    with pytest.raises(ConfigurationError, match="decays into nothing"):
        FULL.branching(1.0)


def test_numbers_of_meson_decays_are_those_of_the_reference() -> None:
    found = {meson: FULL.channel(f"{meson} decay").number(100) for meson in ("pi0", "eta", "etap", "omega")}
    for meson, expected in (("pi0", 0.181), ("eta", 0.711), ("etap", 0.0446), ("omega", 0.0791)):
        assert found[meson] / SOURCE.parent(meson).number == pytest.approx(expected, rel=0.01), meson


def test_a_massless_dark_photon_replaces_the_photon() -> None:
    phi = FULL.channel("phi decay").number(1e-3) / SOURCE.parent("phi").number
    assert phi == pytest.approx(1.30e-2 + 1.3e-3, rel=1e-6)
    assert FULL.channel("pi0 decay").number(1e-3) == pytest.approx(2 * 0.98823 * SOURCE.parent("pi0").number)


def test_channels_end_at_their_thresholds() -> None:
    for name, last in (("pi0 decay", 134.9768), ("omega decay", 782.66 - 134.9768), ("rho decay", 775.11 - 139.57)):
        channel = FULL.channel(name)
        assert channel.mass_max == pytest.approx(last, abs=0.5)
        assert channel.number(channel.mass_max - 1) > 0
        assert channel.number(channel.mass_max + 1) == 0
        assert not channel.makes(channel.mass_max + 1)


@pytest.mark.parametrize("mass", [100, 500, 900])
def test_fluxes_are_normalised_and_the_same_every_time(mass: float) -> None:
    for channel in FULL.channels:
        if channel.makes(mass):
            flux, again = channel.flux(mass), channel.flux(mass)
            assert flux.inside + flux.outside == pytest.approx(1, abs=1e-9), channel.name
            assert flux.inside > 0.05, channel.name
            assert np.array_equal(flux.weight, again.weight), channel.name


def test_a_flux_of_two_decays_is_that_of_the_one_which_is_open() -> None:
    omega = conf.load(FOLDER / "dark_photon.toml", DarkPhoton).decays["omega"]
    alone = model(decays={"omega": {"pi0": omega["pi0"]}}).channel("omega decay")
    both = FULL.channel("omega decay")
    assert np.allclose(both.flux(400).weight, alone.flux(400).weight, rtol=1e-12)  # above omega -> eta A'
    assert not np.allclose(both.flux(100).weight, alone.flux(100).weight, rtol=1e-12)


@pytest.mark.parametrize("name", ["bremsstrahlung", "pi0 decay", "eta decay", "rho decay", "omega decay", "phi decay"])
@given(share=st.floats(0.01, 0.9), step=st.floats(0.01, 0.09))
def test_heavier_dark_photons_are_rarer(name: str, share: float, step: float) -> None:
    channel = MINIMAL.channel(name)
    numbers = [channel.number(s * channel.mass_max) for s in (share, share + step)]
    assert 0 < numbers[1] < numbers[0]


def test_the_minimal_file_differs_by_form_factor_and_mixing_only() -> None:
    full, minimal = (conf.read_toml(FOLDER / f"{name}.toml") for name in ("dark_photon", "dark_photon_minimal"))
    assert full["bremsstrahlung"].pop("form_factor") is True
    assert minimal["bremsstrahlung"].pop("form_factor") is False
    assert (full["mixing"].pop("method"), minimal["mixing"].pop("method")) == ("propagator", "none")
    assert full == minimal
    assert {channel.mechanism for channel in FULL.channels} == {"bremsstrahlung", "meson decay", "meson mixing"}
    assert {channel.mechanism for channel in MINIMAL.channels} == {"bremsstrahlung", "meson decay"}


def test_mesons_mix_most_at_their_mass() -> None:
    for meson, peak in (("rho0", 775.26), ("omega", 782.66), ("phi", 1019.46)):
        channel = FULL.channel(f"{meson} mixing")
        assert channel.number(peak) > max(channel.number(peak - 50), channel.number(peak + 50))
        assert channel.uncertainties["meson mixing"] == 0.5
        assert not channel.makes(channel.mass_min - 1)


@pytest.mark.parametrize(
    ("meson", "table", "mass"), [("rho0", "rho", 770.0), ("rho0", "rho", 900.0), ("phi", "phi", 1019.0)]
)
def test_a_ratio_times_the_width_into_muons_over_that_of_the_meson_is_the_mixing(
    meson: str, table: str, mass: float
) -> None:
    """theta^2 G(V) = G(A' -> hadrons of V): the ratio alone is too large by 3 G(V)/(alpha m_V), 78 for the rho."""
    width = {"rho0": 147.4, "phi": 4.249}[meson]
    settings = conf.load(FOLDER / "dark_photon.toml", DarkPhoton)
    ratio = model(mixing=settings.mixing.model_copy(update={"method": "ratio"})).channel(f"{meson} mixing").number(mass)
    assert ratio == pytest.approx(SOURCE.parent(meson).number * r(table, mass))
    theta2 = ratio * vectors.leptonic_width(mass, 105.6583755, alpha=1 / 137) / width
    assert theta2 == pytest.approx(FULL.channel(f"{meson} mixing").number(mass), rel=0.35)


def test_two_photons_are_those_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "signal").mkdir()
    (tmp_path / "signal" / "final_states.toml").write_text("pi0 = 0.5\neta = 0.25\n")
    settings = conf.load(FOLDER / "dark_photon.toml", DarkPhoton)
    own = dark_photon(settings, name="own", standard=STANDARD, source=SOURCE, near=tmp_path)
    for meson, share, shipped in (("pi0", 0.5, 0.98823), ("eta", 0.25, 0.3941)):
        ratio = own.channel(f"{meson} decay").number(50) / FULL.channel(f"{meson} decay").number(50)
        assert ratio == pytest.approx(share / shipped)
    assert {m.final_state: m.seen for m in own.modes if m.seen < 1} == {"pipipi0": 0.5, "kkpi0": 0.5, "pipi2pi0": 0.25}


def test_numbers_take_no_time() -> None:
    begin = time.perf_counter()
    for mass in np.linspace(50, 1900, 20):
        for channel in FULL.channels:
            channel.number(mass)
    assert time.perf_counter() - begin < 1  # 20 masses, eleven channels; 0.02 s on an idle machine


def test_an_unknown_meson_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="no meson 'kaon'"):
        model(decays={"kaon": {"gamma": 1.0}})


def test_an_unknown_partner_is_refused() -> None:
    tables = conf.read_toml(FOLDER / "dark_photon.toml")
    tables["decays"]["omega"] = {"kaon": 0.1}
    with pytest.raises(ConfigurationError, match=r"decays\.omega\.kaon"):
        conf.load_text(tables, DarkPhoton, where="dark_photon.toml")
