"""Bins of distance over momentum: any lifetime as good as decay by decay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump import configuration as conf
from na62dump.errors import ConfigurationError
from na62dump.signal.binning import Binning
from tests.signal.toys import TOY

if TYPE_CHECKING:
    from numpy.typing import NDArray


def shares(scale: float) -> NDArray[np.float64]:
    sums = TOY.binning.sums(TOY.x, TOY.v, region=TOY.region, regions=2)
    return TOY.binning.shares(sums, np.array([scale]))[0] / len(TOY.z)


def test_the_error_of_the_bins_is_below_two_per_mille_for_every_lifetime_that_can_be_seen() -> None:
    """At a share below 1e-20 no experiment sees anything: 1e18 protons would each have to make 100 particles."""
    worst = 0.0
    for scale in np.geomspace(0.004, 1e6, 400):
        direct = TOY.direct(scale)
        seen = direct > 1e-20
        worst = max(worst, float(np.max(np.abs(shares(scale)[seen, 0] / direct[seen] - 1), initial=0.0)))
    assert worst < 0.002


def test_the_shipped_bins_are_those_of_this_test() -> None:
    table = conf.read_toml(conf.find("signal/acceptance"))["binning"]
    shipped = conf.load_text(table, Binning, where="signal/acceptance")
    assert (shipped.low, shipped.high, shipped.bins) == (TOY.binning.low, TOY.binning.high, TOY.binning.bins)


def test_sums_add_up_over_decays() -> None:
    half = len(TOY.z) // 2
    parts = [
        TOY.binning.sums(TOY.x[part], TOY.v[part], region=TOY.region[part], regions=2)
        for part in (slice(0, half), slice(half, None))
    ]
    whole = TOY.binning.sums(TOY.x, TOY.v, region=TOY.region, regions=2)
    assert np.allclose(parts[0] + parts[1], whole, rtol=1e-12)
    assert whole[:, 0].sum() == pytest.approx(TOY.v.sum())
    assert whole[:, 3].sum() == pytest.approx((TOY.v**2).sum())


def test_decays_outside_of_the_bins_are_refused() -> None:
    with pytest.raises(
        ConfigurationError, match=r"do not fit between binning.low = 0.15 and binning.high = 200; widen it"
    ):
        TOY.binning.place(np.array([1.0, 300.0]))
