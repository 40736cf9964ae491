from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump import analysis as searches
from na62dump.background.backward import Muons, forward
from na62dump.background.exposure import measured
from na62dump.background.prompt import PromptSettings, prompt
from na62dump.background.simulated import put_through, recipe
from na62dump.background.tables import table
from na62dump.errors import ConfigurationError, UnknownNameError
from na62dump.simulation import incident
from tests.background.muon_world import halo, shipped
from tests.simulation.sim_world import usual

if TYPE_CHECKING:
    from na62dump.background.estimate import Estimate
    from na62dump.background.material import Material
    from na62dump.background.prompt import Suppression

SEARCH = searches.load("mumu")
VETO = {"LAV veto": (0.1, 0.02)}


def shipped_settings() -> PromptSettings:
    found = table(SEARCH, "prompt", model=PromptSettings)
    assert found is not None
    return found


def settings(events: int, *processes: str) -> PromptSettings:
    """Those of the search with fewer events and only some processes."""
    shipped_ones = shipped_settings()
    fewer = {
        name: shipped_ones.process[name].model_copy(
            update={"recipe": {**shipped_ones.process[name].recipe, "events": events}}
        )
        for name in processes
    }
    return shipped_ones.model_copy(update={"process": fewer})


@cache
def upstream(n: int = 10_000, seed: int = 1) -> Muons:
    """True muons before all material, each of which stands for 1e6."""
    return halo(n, np.random.default_rng(seed), weight=1e6)


@cache
def seen(n: int = 10_000, seed: int = 1) -> Muons:
    """The same where they are measured."""
    rng = np.random.default_rng(seed + 100)
    there = forward(upstream(n, seed), 180e3, material=shipped(), rng=rng)
    there = there.where(there.p > 0)
    return there._replace(p=measured(there.p, usual(), rng=rng))


@cache
def estimate() -> Estimate:
    return prompt(SEARCH, seen(), settings=settings(40_000, "pairs"), suppression=VETO)


def direct(events: int) -> tuple[float, float]:
    """Rows that true muons make with a known rate, and their error: by other code, in the pieces of material they cross."""
    process, rng, parts = shipped_settings().process["pairs"], np.random.default_rng(7), []
    for slab in shipped().slab:
        iron = shipped().substance[slab.substance]
        at = forward(upstream(), slab.middle, material=shipped(), rng=rng)
        at = at.where(slab.hit(at.x, at.y) & (at.p > 0))
        chance = process.cross_section * iron.charge**2 * iron.units * slab.thickness
        z, length = np.full(len(at.p), at.z), np.full(len(at.p), slab.thickness)
        parts.append([at.weight * chance, at.x, at.y, z, length, at.dxdz, at.dydz, at.p, at.charge])
    weight, *columns = (np.concatenate(column) for column in zip(*parts, strict=True))
    names = ("x", "y", "z", "length", "dxdz", "dydz", "p", "charge")
    muons = incident(weight, **dict(zip(names, columns, strict=True)))
    it = recipe(SEARCH, "prompt_mumu", changes={**process.recipe, "events": events, "seed": 999})
    rows = 0
    for _, selection in put_through(SEARCH, it, muons=muons):
        rows += int(selection.all_but("LAV veto").sum())
    each = VETO["LAV veto"][0] * weight.sum() / events
    return rows * each, np.sqrt(rows) * each


def test_the_estimate_agrees_with_what_true_muons_make() -> None:
    number, error = direct(40_000)
    found, statistical = estimate().expected.sum(), np.sqrt(estimate().covariance.sum())
    allowed = np.hypot(error, statistical)
    assert allowed < 0.1 * number
    assert found == pytest.approx(number, abs=3 * allowed)


def test_uncertainties_by_source() -> None:
    found = estimate()
    assert found.systematic["prompt normalisation"] == pytest.approx(found.expected)
    assert found.systematic["prompt veto suppression"] == pytest.approx(0.2 * found.expected)
    outside = found.regions.index("outside")
    assert 0 < found.systematic["prompt unfolding"][outside] < 0.1 * found.expected[outside]
    # rows of one weight: at least those of their number, more where a muon has several
    naive = np.sqrt(found.expected * found.inputs["row"]["pairs"])
    assert np.all(found.statistical >= 0.999 * naive)
    assert found.statistical[outside] < 2 * naive[outside]


def test_where_nothing_is_selected_there_is_a_limit() -> None:
    found = estimate()
    empty = found.expected == 0
    assert empty.any()
    assert found.limit[empty] == pytest.approx(2.302585 * found.inputs["row"]["pairs"])
    assert np.isnan(found.limit[~empty]).all()


def test_the_record_of_an_estimate() -> None:
    found = estimate()
    assert found.regions == ("SR", "CR", "CR1", "CR2", "CR3", "outside")
    assert json.loads(json.dumps(found.inputs))["vetoes"] == {"LAV veto": [0.1, 0.02]}
    rows, each = np.array(found.inputs["selected"]["pairs"]), found.inputs["row"]["pairs"]
    assert found.expected == pytest.approx(rows * each)


def small(muons: Muons, *, suppression: Suppression | None = None, material: Material | None = None) -> Estimate:
    return prompt(SEARCH, muons, settings=settings(4_000, "pairs"), suppression=suppression, material=material)


def test_the_same_again_in_any_order_and_twice_for_twice_the_muons() -> None:
    muons = seen(1000, 2)
    once = small(muons, suppression=VETO)
    assert once.expected.sum() > 0
    mixed = muons.where(np.random.default_rng(1).permutation(len(muons.p)))
    again = small(mixed, suppression=VETO)
    assert again.expected.tobytes() == once.expected.tobytes()
    assert again.covariance.tobytes() == once.covariance.tobytes()
    assert again.inputs == once.inputs
    twice = small(muons._replace(weight=2 * muons.weight), suppression=VETO)
    assert twice.expected == pytest.approx(2 * once.expected)
    assert twice.statistical == pytest.approx(2 * once.statistical)


def test_twice_as_many_muons_give_twice_the_rows() -> None:
    muons = seen(4000, 3)
    both = Muons(muons.z, *(np.concatenate([a, b]) for a, b in zip(muons[1:], seen(4000, 4)[1:], strict=True)))
    few, many = (prompt(SEARCH, m, settings=settings(20_000, "pairs"), suppression=VETO) for m in (muons, both))
    error = np.sqrt(4 * few.covariance.sum() + many.covariance.sum())
    assert many.expected.sum() == pytest.approx(2 * few.expected.sum(), abs=3 * error)
    assert error < 0.2 * many.expected.sum()


def test_simulated_vetoes_act_if_no_measured_ones_stand_for_them() -> None:
    muons = seen(1000, 2)
    vetoed, kept = small(muons), small(muons, suppression={"LAV veto": (1.0, 0.0)})
    assert vetoed.inputs["vetoes"] == "simulated"
    assert "prompt veto suppression" not in vetoed.systematic
    assert vetoed.expected.sum() < 0.2 * kept.expected.sum()


def test_without_material_or_muons_there_is_nothing() -> None:
    nowhere = shipped().model_copy(update={"slab": ()})
    for muons, material in ((seen(1000, 2), nowhere), (seen(1000, 2).where(np.arange(0)), shipped())):
        found = small(muons, material=material)
        assert not found.expected.any()
        assert not found.uncertainty.any()
        assert not found.limit.any()


@pytest.mark.parametrize("name", ["mumu", "ee"])
def test_recipes_of_all_shipped_processes_are_good(name: str) -> None:
    search = searches.load(name)
    found = table(search, "prompt", model=PromptSettings)
    assert found is not None
    assert set(found.process) == {"hadrons", "pairs"}
    for process in found.process.values():
        assert recipe(search, found.sample, changes=process.recipe).process == "prompt"


def test_what_is_asked_for_must_be_there() -> None:
    muons = seen(1000, 2)
    with pytest.raises(UnknownNameError, match="no requirement is called 'LAV'"):
        small(muons, suppression={"LAV": (0.1, 0.0)})
    with pytest.raises(ConfigurationError, match="above 0 and at most 1"):
        small(muons, suppression={"LAV veto": (0.0, 0.1)})
    with pytest.raises(ConfigurationError, match="makes no pairs"):
        prompt(SEARCH, muons, settings=settings(0, "pairs"))
