"""What parts of the signal would exclude alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from na62dump.errors import ConfigurationError, UnknownNameError
from na62dump.inference.exclusion.sensitivities import ALL, By, sensitivities
from tests.plotting.signal_samples import BREMSSTRAHLUNG, ETA, expected

SURE = 0.9


def test_parts_exclude_where_they_alone_have_enough() -> None:
    signal = expected()
    found = sensitivities(signal, "channel", regions=["SR"], confidence=SURE)
    assert list(found) == [ETA, BREMSSTRAHLUNG, ALL]
    for channel in (ETA, BREMSSTRAHLUNG):
        assert ((found[channel].height > 0) == (signal.total(channel=channel, region="SR") > np.log(10))).all()
    assert ((found[ALL].height > 0) == (signal.total(region="SR") > np.log(10))).all()


def test_all_together_exclude_at_least_what_each_does() -> None:
    every: tuple[By, ...] = ("channel", "final_state")
    for by in every:
        found = sensitivities(expected(), by, regions=["SR", "CR"], confidence=SURE)
        whole = found.pop(ALL)
        assert whole.extents is not None
        for part in found.values():
            assert (whole.height[part.height > 0] > 0).all()
            assert part.extents is None or part.extents.area <= whole.extents.area


def test_a_higher_level_excludes_less() -> None:
    low, high = (sensitivities(expected(), "channel", regions=["SR"], confidence=level)[ALL] for level in (0.9, 0.99))
    assert low.extents
    assert high.extents
    assert high.extents.area < low.extents.area


def test_alternatives_are_not_added_up() -> None:
    signal = expected()
    free = replace(signal, coupling={**signal.coupling, "product": "BR"})
    assert list(sensitivities(free, "final_state", regions=["SR"], confidence=SURE)) == ["mumu", "pipi"]


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="no expected numbers of 'toy' in a region 'SRR'"):
        sensitivities(expected(), "channel", regions=["SRR"], confidence=SURE)
    with pytest.raises(ConfigurationError, match="confidence = 90: it has to be between 0 and 1"):
        sensitivities(expected(), "channel", regions=["SR"], confidence=90)
