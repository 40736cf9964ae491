from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from na62dump import studies
from na62dump.datasets import Exposure
from na62dump.errors import ConfigurationError
from na62dump.inference.settings import settings
from tests.inference import counting_world as world

COMBINATORIAL = world.estimate("combinatorial", {"SR": 0.016, "CR": 0.17})


def test_protons_that_differ_are_told() -> None:
    result = world.result([])
    for pot, told in ((1e17, False), (1.1e17, False), (1.4e17, True), (0.5e17, True)):
        exposure = Exposure(bursts=1, pot=pot, duration_ns=1e9)
        seen = replace(result, exposure={"run1": exposure})
        made = studies.limits(
            [world.expected()], [world.backgrounds(COMBINATORIAL)], results=[seen], settings=settings()
        )
        assert any("'na62dump yields --protons' sets these" in text for text in made.scans[0].counting.remarks) == told


def test_what_is_counted_is_named() -> None:
    made = studies.limits([world.expected()], [world.backgrounds(COMBINATORIAL)], settings=settings())
    assert made.data == "Data"
    samples = {"run1": world.state().samples["run1"].model_copy(update={"simulated": True})}
    pseudo = world.backgrounds(COMBINATORIAL, made=world.state(samples=samples))
    assert studies.limits([world.expected()], [pseudo], settings=settings()).data == "pseudo-data (simulated)"


def test_each_step_is_told() -> None:
    steps: list[int] = []

    class Told:
        def __call__(self, what: str, total: int) -> Told:
            assert (what, total) == ("limits", 2)
            return self

        def __enter__(self) -> object:
            return steps.append

        def __exit__(self, *_: object) -> None:
            pass

    studies.limits([world.expected()], [world.backgrounds(COMBINATORIAL)], settings=settings(), stage=Told())  # type: ignore[arg-type]
    assert steps == [1, 2]


def test_regions_can_be_chosen() -> None:
    expected = world.expected()
    both = replace(
        expected,
        parts=(*expected.parts, replace(expected.parts[0], region="CR")),
        events=np.concatenate([expected.events, 0.1 * expected.events]),
        statistical=np.concatenate([expected.statistical, 0.1 * expected.statistical]),
    )
    made = studies.limits([both], [world.backgrounds(COMBINATORIAL)], settings=settings(), regions=("SR", "CR"))
    np.testing.assert_allclose(made.scans[0].events, 1.1 * made.scans[0].counting.shares * np.ones(3))
    with pytest.raises(ConfigurationError, match="no expected numbers of 'toy' for mumu in CR"):
        studies.limits([expected], [world.backgrounds(COMBINATORIAL)], settings=settings(), regions=("SR", "CR"))
