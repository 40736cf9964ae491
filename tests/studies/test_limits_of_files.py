from __future__ import annotations

from dataclasses import replace
from operator import attrgetter

import numpy as np
import pytest

from na62dump import studies
from na62dump.errors import ConfigurationError
from na62dump.inference.settings import settings
from tests.inference import counting_world as world

COMBINATORIAL = world.estimate("combinatorial", {"SR": 0.016, "CR": 0.17})


def test_signal_goes_with_the_protons_of_the_data() -> None:
    background, signal = world.backgrounds(COMBINATORIAL), world.expected()
    by_yields = studies.limits([signal], [background], settings=settings())
    assert "mumu: its data book no protons (column pot)" in " ".join(by_yields.scans[0].counting.remarks)
    booked = replace(background, protons=0.5 * signal.protons)
    halved = studies.limits([signal], [booked], settings=settings())
    assert halved.protons == 0.5 * signal.protons
    assert halved.projected is None
    np.testing.assert_allclose(halved.scans[0].events, 0.5 * by_yields.scans[0].events)
    np.testing.assert_array_equal(halved.scans[0].counting.expected, by_yields.scans[0].counting.expected)
    assert "signal and background are those of the 5e+16 protons of its data" in " ".join(
        halved.scans[0].counting.remarks
    )
    same = studies.limits([signal], [replace(background, protons=signal.protons)], settings=settings())
    assert not any("protons" in remark for remark in same.scans[0].counting.remarks)


def test_a_projection_starts_from_the_protons_of_the_data() -> None:
    signal = world.expected()
    booked = replace(world.backgrounds(COMBINATORIAL), protons=0.5 * signal.protons)
    now = studies.limits([signal], [booked], settings=settings())
    later = studies.limits([signal], [booked], settings=settings(), protons=2 * signal.protons)
    assert (later.protons, later.projected) == (2 * signal.protons, 0.5 * signal.protons)
    for what in ("events", "counting.expected"):
        first, last = (attrgetter(what)(made.scans[0]) for made in (now, later))
        np.testing.assert_allclose(last, 4 * first)


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
