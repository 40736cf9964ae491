from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump.errors import ConfigurationError, UnknownNameError
from na62dump.signal import parents, spectra

if TYPE_CHECKING:
    from pathlib import Path

LIGHT = ("pi0", "eta", "etap", "rho0", "rho", "omega", "phi")
HEAVY = {"D": "charm", "D0": "charm", "Ds": "charm", "B": "beauty", "B0": "beauty", "Bs": "beauty"}


@pytest.fixture(scope="module")
def source() -> parents.Source:
    return parents.source()


@pytest.fixture
def elsewhere(repository: Path, tmp_path: Path) -> Path:
    """Folder whose signal/production.toml has twice the protons and another number of pi0."""
    text = (repository / "config" / "signal" / "production.toml").read_text()
    (tmp_path / "signal").mkdir()
    changed = text.replace("= 1.4e17", "= 2.8e17").replace("number = 5.07", "number = 4.0")
    (tmp_path / "signal" / "production.toml").write_text(changed)
    return tmp_path


def test_all_mesons_are_parents(source: parents.Source) -> None:
    assert tuple(source.parents) == (*LIGHT, *HEAVY)
    for name, parent in source.parents.items():
        assert parent.name == name
        assert parent.spectrum.pdg == parent.pdg
        assert 0 < parent.number < 10


def test_pairs_of_heavy_quarks_per_proton_are_the_published_ones(source: parents.Source) -> None:
    # arXiv:2407.08673 and ALPINIST, on copper: 2.0e-3 and 2.6e-7.
    assert source.settings.per_proton(source.settings.charm) == pytest.approx(2.0e-3, rel=0.01)
    assert source.settings.per_proton(source.settings.beauty) == pytest.approx(2.6e-7, rel=0.02)


def test_heavy_mesons_are_pairs_times_fragmentation(source: parents.Source) -> None:
    pairs = source.settings.per_proton(source.settings.charm)
    assert source.parent("D0").number == pytest.approx(1.054 * pairs)
    assert source.parent("pi0").number == 5.07


def test_uncertainties_are_shared_by_mesons_of_one_quark(source: parents.Source) -> None:
    for name, quark in HEAVY.items():
        assert list(source.parent(name).uncertainties) == [quark]
    assert source.parent("B").uncertainties == {"beauty": 0.29}
    assert source.parent("eta").uncertainties == {"eta spectrum": 0.5}
    assert len({cause for name in LIGHT for cause in source.parent(name).uncertainties}) == len(LIGHT)


@pytest.mark.parametrize(
    ("name", "mass"), [("pi0", 134.98), ("rho", 775.1), ("D", 1869.7), ("B", 5279.4), ("Bs", 5366.9)]
)
def test_masses_are_those_of_the_particles(name: str, mass: float, source: parents.Source) -> None:
    assert source.parent(name).mass == pytest.approx(mass, abs=0.5)


def test_cells_reach_from_the_least_momentum_to_that_of_the_protons(source: parents.Source) -> None:
    grid = source.settings.cells()
    assert grid.shape == (130, 60)
    assert (grid.momentum[0], grid.momentum[-1]) == pytest.approx((1e3, 400e3))
    assert (grid.theta[0], grid.theta[-1]) == pytest.approx((0.0, 15e-3))
    np.testing.assert_allclose(np.diff(np.log(grid.momentum)), np.log(400) / 130)
    np.testing.assert_allclose(np.diff(grid.theta), 15e-3 / 60)


def test_an_unknown_meson_is_answered_with_the_known_ones(source: parents.Source) -> None:
    with pytest.raises(UnknownNameError, match=r"no meson 'omg' in config/signal/production.toml; .*known: .*phi"):
        source.parent("omg")


def test_a_file_near_by_comes_first(elsewhere: Path) -> None:
    source = parents.source(elsewhere)
    assert source.settings.protons_on_target == 2.8e17
    assert source.parent("pi0").number == 4.0
    assert source.parent("pi0").spectrum is spectra.spectrum("soft", 111)


def test_a_wrong_unit_is_named(elsewhere: Path) -> None:
    path = elsewhere / "signal" / "production.toml"
    path.write_text(path.read_text().replace('"20 ub"', '"20 MeV"'))
    with pytest.raises(ConfigurationError, match=r"production.toml: key 'charm.cross_section'.*'MeV'"):
        parents.source(elsewhere)
