"""Published numbers: what is in the files, and what follows from it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.errors import ConfigurationError, UnknownNameError
from na62dump.inference.published import (
    load_event,
    load_exclusions,
    load_expectations,
    load_hadronic,
    load_inconsistencies,
)
from na62dump.inference.published.event import opening_angle

if TYPE_CHECKING:
    from pathlib import Path

MUON = 105.66


def test_the_backgrounds_of_leptons_are_those_of_the_proceedings() -> None:
    table = load_expectations()
    found = {(row.search, row.region, row.level): (row.expected, row.up, row.down, row.observed) for row in table.row}
    assert found == {
        ("mumu", "CR", 0.68): (0.17, 0.02, 0.02, 0),
        ("mumu", "SR", 0.68): (0.016, 0.002, 0.002, 1),
        ("ee", "CR", 0.68): (0.0097, 0.0213, 0.0073, 0),
        ("ee", "SR", 0.68): (0.0094, 0.0206, 0.0072, 0),
        ("ee", "SR", 0.90): (0.0094, 0.049, 0.009, None),
    }
    assert {row.up for row in table.misprint} == {0.0021}


def test_both_levels_of_the_electrons_are_of_one_law() -> None:
    low, high = (row.log_width for row in load_expectations().row if (row.search, row.region) == ("ee", "SR"))
    assert (low, high) == pytest.approx((1.16, 1.83), abs=0.005)
    assert high / 1.645 == pytest.approx(low, abs=load_expectations().agreement.log_normal)


def test_a_region_that_is_not_published_is_named() -> None:
    with pytest.raises(UnknownNameError, match=r"'kk' in the region 'SR'; there are mumu CR, mumu SR, ee CR"):
        load_expectations().of("kk", "SR")


def test_the_hadronic_table_is_as_printed() -> None:
    table = load_hadronic()
    assert [channel.minimum_signal for channel in table.channel] == [3, 3, 1, 1, 1, 1, 1]
    assert [channel.minimum_both for channel in table.channel] == [4, 5, 1, 1, 1, 2, 1]
    assert [channel.final_state for channel in table.channel][:3] == ["pipi", "pipig", "pipipi0"]
    for channel in table.channel:
        assert channel.CR.expected >= channel.SR.expected > channel.SR.down


def test_extents_and_disagreements_are_there() -> None:
    found = load_exclusions()
    assert found.protons == 1.4e17
    assert {extent.masses for extent in found.extent if extent.model == "dark_photon"} == {
        (215.0, 550.0),
        (20.0, 450.0),
        (50.0, 600.0),
    }
    assert len(load_inconsistencies()) == 9


def test_a_wrong_number_is_refused(tmp_path: Path, repository: Path) -> None:
    text = (repository / "config" / "published" / "expectations.toml").read_text()
    path = tmp_path / "wrong.toml"
    path.write_text(text.replace("level = 0.68", "level = 68.0", 1))
    with pytest.raises(ConfigurationError, match=r"'row\.0\.level'"):
        load_expectations(str(path))


def test_the_event_has_its_printed_kinematics() -> None:
    event = load_event()
    angle = opening_angle((event.momentum_plus, event.momentum_minus), mass=event.mass, particle=MUON)
    assert angle == pytest.approx(5.38e-3, abs=0.005e-3)
    assert angle * (183508 - event.vertex_z) == pytest.approx(138, abs=0.5)


@given(
    st.tuples(st.floats(1e3, 2e5), st.floats(1e3, 2e5)),
    st.floats(1e-4, 1.0),
)
def test_the_angle_gives_the_mass_back(momenta: tuple[float, float], angle: float) -> None:
    first, second = momenta
    energies = math.hypot(first, MUON) * math.hypot(second, MUON)
    mass = math.sqrt(2 * MUON**2 + 2 * (energies - first * second) + 4 * first * second * math.sin(angle / 2) ** 2)
    assert opening_angle(momenta, mass=mass, particle=MUON) == pytest.approx(angle, rel=1e-4, abs=1e-6)


def test_an_impossible_mass_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="cannot have a mass of 100 MeV"):
        opening_angle((1e4, 1e4), mass=100.0, particle=MUON)
