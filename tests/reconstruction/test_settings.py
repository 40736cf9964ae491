from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from na62dump.configuration import load_text, read_toml
from na62dump.errors import ConfigurationError
from na62dump.reconstruction import FinalState, Matching

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("lkr_radius", "-60 mm"),
        ("lkr_window", "0 ns"),
        ("muv3_sigmas", -4.0),
        ("muv3_momentum_min", "0 GeV/c"),
        ("muv3_scattering", "-530 mm GeV/c"),
        ("chod_radius", "-20 mm"),
        ("lav_window", "-5 ns"),
        ("lav_energy_min", "-10 MeV"),
        ("anti0_window", "-5 ns"),
    ],
)
def test_radii_and_windows_are_positive(repository: Path, key: str, value: object) -> None:
    tables = read_toml(repository / "config" / "experiment" / "matching.toml")
    load_text(tables, Matching, where="m.toml")
    with pytest.raises(ConfigurationError, match=rf"m\.toml: key '{key}' = .*should be greater than"):
        load_text(tables | {key: value}, Matching, where="m.toml")


def test_a_particle_without_a_mass_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"f\.toml: key 'plus': 'nu\(e\)' has no mass in the PDG table"):
        load_text({"plus": "nu(e)", "minus": "mu-"}, FinalState, where="f.toml")
