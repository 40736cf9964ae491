from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.errors import ConfigurationError, InputFileError
from na62dump.simulation import Spectrum, spectra
from na62dump.simulation.recipe import spectrum_of
from tests.simulation.sim_world import FLAT, events_of, quiet, signal

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

CELLS = """# a test
energy_low,energy_high,theta_low,theta_high,weight
10000, 20000, 0, 0.001, 1
20000, 50000, 0.001, 0.003, 3
50000, 80000, 0, 0.004, 0
90000, 90000, 0.002, 0.002, 2
"""


def angles(events_spectrum: Spectrum) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Energy and angle of 20,000 sampled particles."""
    events = events_of(signal(), quiet(), spectrum=events_spectrum)
    p = [events[f"Truth_p{axis}"].astype(np.float64).reshape(-1, 2).sum(axis=1) for axis in "xyz"]
    return events["truth_energy"].astype(np.float64), np.arctan2(np.hypot(p[0], p[1]), p[2])


def test_cells_are_filled_by_their_weights(tmp_path: Path) -> None:
    path = tmp_path / "cells.csv"
    path.write_text(CELLS, encoding="utf-8")
    spectrum = spectra.from_csv(path)
    energy, theta = angles(spectrum)
    counts = [
        np.sum(
            (energy >= low * (1 - 1e-6)) & (energy <= high * (1 + 1e-6)) & (theta > t_0 - 1e-6) & (theta < t_1 + 1e-6)
        )
        for low, high, t_0, t_1 in zip(
            spectrum.energy_low, spectrum.energy_high, spectrum.theta_low, spectrum.theta_high, strict=True
        )
    ]
    assert sum(counts) == len(energy)
    assert counts[2] == 0
    expected = len(energy) * spectrum.weight / spectrum.weight.sum()
    used = expected > 0
    assert np.sum((np.array(counts) - expected)[used] ** 2 / expected[used]) < 2 + 4 * 2


def test_a_cell_is_flat_in_energy_and_solid_angle() -> None:
    energy, theta = angles(spectra.flat(30e3, 200e3, theta_max=0.01))
    for share in ((energy - 30e3) / 170e3, np.sin(theta / 2) ** 2 / np.sin(0.005) ** 2):
        counts = np.histogram(share, bins=20, range=(0, 1))[0]
        assert counts.sum() >= len(energy) - 2
        assert np.sum((counts - 1000) ** 2 / 1000) < 19 + 4 * np.sqrt(38)


def test_bremsstrahlung_follows_its_splitting_function() -> None:
    energy, _ = angles(spectra.bremsstrahlung(400e3, z_min=0.14, z_max=0.86, theta_max=0.015, cells=500))
    counts, edges = np.histogram(energy / 400e3, bins=12, range=(0.14, 0.86))
    z = np.linspace(edges[:-1], edges[1:], 101)
    expected = ((1 + (1 - z) ** 2) / z).mean(axis=0)
    expected *= len(energy) / expected.sum()
    assert np.sum((counts - expected) ** 2 / expected) < 11 + 4 * np.sqrt(22)


@given(st.lists(st.floats(0, 10), min_size=1, max_size=30).filter(lambda w: sum(w) > 0))
def test_cells_for_the_kernels_end_at_one_and_never_fall(weights: list[float]) -> None:
    n = len(weights)
    cells = Spectrum(np.ones(n), np.ones(n), np.zeros(n), np.zeros(n), np.array(weights)).cells()
    assert cells["cumulative"][-1] == 1.0
    assert np.all(np.diff(cells["cumulative"]) >= 0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,2\n", "the first line is 'a,b'; it must be the header 'energy_low"),
        ("", "the first line is ''"),
        (CELLS + "1,2,x,4,5\n", "not a table of numbers: could not convert"),
        (CELLS + "1,2\n", "not a table of numbers"),
        ("energy_low,energy_high,theta_low,theta_high,weight\n", "needs at least one line of 5 numbers"),
        (CELLS + "5,4,0,0,1\n", r"spectrum cell 4 \(energy_low 5, .*needs 0 < energy_low <= energy_high"),
        (CELLS + "4,5,0,2,1\n", r"theta_high < pi/2"),
        (CELLS + "4,5,0,0,-1\n", r"weight >= 0"),
        (CELLS + "4,5,0,0,nan\n", r"spectrum cell 4 .*weight nan"),
    ],
)
def test_bad_tables_say_what_is_wrong(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "cells.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=says):
        spectra.from_csv(path)


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"none\.csv: cannot be read"):
        spectra.from_csv(tmp_path / "none.csv")


def test_weights_of_zero_and_columns_of_different_length_are_no_spectrum() -> None:
    one, two = np.ones(1), np.ones(2)
    with pytest.raises(ConfigurationError, match="all weights of the spectrum are 0"):
        Spectrum(one, one, one, one, np.zeros(1))
    with pytest.raises(ConfigurationError, match="all columns of one length"):
        Spectrum(one, two, one, one, one)


def test_a_recipe_names_its_table(tmp_path: Path) -> None:
    path = tmp_path / "cells.csv"
    path.write_text(CELLS, encoding="utf-8")
    assert len(spectrum_of(signal(spectrum={"shape": "table", "file": str(path)})).weight) == 4


def test_a_particle_has_more_energy_than_mass() -> None:
    with pytest.raises(ConfigurationError, match=r"the spectrum begins at 300 MeV, .* of mass 400 MeV"):
        spectrum_of(signal(spectrum=FLAT | {"energy_min": "300 MeV"}))
