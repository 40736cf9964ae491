from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from na62dump import configuration as conf
from na62dump.background.material import Material
from na62dump.errors import ConfigurationError
from tests.background.muon_world import shipped
from tests.signal.test_config_sources import without_source

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["background", "experiment/material"])
def test_every_number_of_backgrounds_says_where_it_comes_from(name: str) -> None:
    path: Path = conf.find(name)
    assert not list(without_source(path.read_text(encoding="utf-8")))


def test_a_metre_of_iron() -> None:
    # PDG: 1.45 GeV/m for least ionisation, 1.8 to 2.3 GeV/m for 10 to 100 GeV; 8.48e22 atoms/cm^3
    iron = shipped().substance["iron"]
    lost = 3e4 - iron.loses(np.array([3e4]), 1e3)
    assert lost == pytest.approx([1740], rel=0.03)
    assert iron.units == pytest.approx(8.49e19, rel=1e-3)
    # Highland, by hand: 13.6/30000 sqrt(1000/17.57) (1 + 0.038 ln 56.9)
    assert iron.angle(np.array([3e4]), np.array([1e3])) == pytest.approx([3.945e-3], rel=1e-3)
    # xi = 0.1536 MeV cm2/mol * 0.46557 * 787.4 g/cm2
    assert iron.straggling(np.array([1e3])) == pytest.approx([56.3], rel=1e-3)


def test_radiation_takes_as_much_as_ionisation_at_the_critical_energy() -> None:
    lead_glass = shipped().substance["lead_glass"]
    for energy, factor in ((lead_glass.critical_energy, 2.0), (0.0, 1.0)):
        lost = energy - lead_glass.loses(np.array([energy]), 1e-3)
        ionisation = lead_glass.stopping * lead_glass.density * 1e-3
        assert lost == pytest.approx([factor * ionisation], rel=1e-4)


def test_no_path_no_angle() -> None:
    angles = shipped().substance["iron"].angle(np.full(3, 1e4), np.array([0.0, 1e-30, 10.0]))
    assert angles[0] == 0
    assert np.all(angles >= 0)
    assert np.isfinite(angles).all()


def slabs(**changes: object) -> dict[str, Any]:
    tables = conf.read_toml(conf.find("experiment/material"))
    first = tables["slab"][0] | changes
    return {**tables, "slab": [first, *tables["slab"][1:]]}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"substance": "irn"}, "did you mean 'iron'"),
        ({"z": "102.5 m"}, "must begin behind the one before it"),
        ({"thickness": "0 m"}, "be thicker than 0"),
        ({"r_min": "2 m"}, "r_min < r_max"),
    ],
)
def test_impossible_material_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        conf.load_text(slabs(**changes), Material, where="material")
