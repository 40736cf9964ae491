"""The three shipped heavy neutral leptons, and files of other patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from na62dump import configuration as conf
from na62dump.errors import ConfigurationError
from na62dump.signal.models.hnl import HeavyNeutralLepton, heavy_neutral_lepton
from na62dump.signal.parents import source
from na62dump.signal.standard import standard

if TYPE_CHECKING:
    from na62dump.signal.model import Model

SOURCE, STANDARD = source(), standard()


def model(name: str, **changes: Any) -> Model:  # noqa: ANN401 - as TOML has it
    text = conf.read_toml(conf.find(f"signal/{name}")) | changes
    settings = conf.load_text(text, HeavyNeutralLepton, where=name)
    return heavy_neutral_lepton(settings, name=name, standard=STANDARD, source=SOURCE, near=None)


@pytest.mark.parametrize("flavour", ["e", "mu", "tau"])
@pytest.mark.parametrize("heavy", [10.0, 120.0, 300.0, 1000.0, 3500.0])
def test_shipped_models_decay_completely_at_all_their_masses(flavour: str, heavy: float) -> None:
    found = model(f"hnl_{flavour}")
    assert found.mass_min <= heavy <= found.mass_max
    assert sum(found.branching(heavy).values()) == pytest.approx(1)
    assert 0 < sum(found.final_states(heavy).values()) < 1
    assert sum(channel.number(heavy) for channel in found.channels if channel.makes(heavy)) > 0
    assert found.ctau(heavy, 1e-8) == pytest.approx(1e8 * found.ctau(heavy, 1.0))


def test_models_end_where_nothing_makes_them() -> None:
    for flavour in ("e", "mu", "tau"):
        found = model(f"hnl_{flavour}")
        assert any(channel.makes(found.mass_max - 1) for channel in found.channels)
        assert max(channel.mass_max for channel in found.channels) - found.mass_max < 100


def test_final_states_are_those_of_the_flavour() -> None:
    assert set(model("hnl_e").final_states(500.0)) == {"pie", "eenu", "mumunu", "emunu"}
    assert set(model("hnl_mu").final_states(500.0)) == {"pimu", "eenu", "mumunu", "emunu"}
    assert set(model("hnl_tau").final_states(500.0)) == {"eenu", "mumunu"}


def test_ratios_may_have_any_scale() -> None:
    one = model("hnl_e", mixing={"e": 1.0, "mu": 2.0, "tau": 1.0})
    other = model("hnl_e", mixing={"e": 0.5, "mu": 1.0, "tau": 0.5})
    assert one.width(400.0) == pytest.approx(other.width(400.0))
    assert one.channel("D decay").number(400.0) == pytest.approx(other.channel("D decay").number(400.0))


def test_a_dirac_particle_lives_twice_as_long_and_is_made_as_often() -> None:
    one, other = model("hnl_mu"), model("hnl_mu", majorana=False)
    assert other.ctau(700.0, 1.0) == pytest.approx(2 * one.ctau(700.0, 1.0))
    assert other.final_states(700.0) == pytest.approx(one.final_states(700.0))
    assert other.channel("D decay").number(700.0) == one.channel("D decay").number(700.0)


def test_number_and_width_grow_with_the_square_of_the_mixing() -> None:
    coupling = model("hnl_e").coupling
    assert (coupling.unit, coupling.production_power, coupling.width_power) == ("1", 1, 1)


@pytest.mark.parametrize(
    ("mixing", "message"),
    [
        ({"e": 0.0, "mu": 0.0, "tau": 0.0}, "give one flavour a ratio above 0"),
        ({"e": -1.0, "mu": 1.0, "tau": 1.0}, "mixing.e"),
        ({"e": 1.0, "mu": 1.0}, "mixing.tau"),
    ],
)
def test_a_pattern_that_is_none_is_refused(mixing: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        model("hnl_e", mixing=mixing)
