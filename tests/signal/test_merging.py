from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from na62dump.errors import ConfigurationError
from na62dump.signal.merging import merged
from na62dump.signal.yields import Part
from tests.inference.scan_samples import COUPLINGS, numbers, signal


def test_files_of_two_searches_are_one() -> None:
    one, other = signal({"mumu": numbers()}), signal({"ee": 2 * numbers()})
    both = merged([one, other])
    assert both.names("analysis") == ("mumu", "ee")
    np.testing.assert_array_equal(both.total(), 3 * numbers())
    assert both.residuals.shape[0] == 2
    assert set(both.digests) == {"model", "analysis mumu", "analysis ee"}
    assert merged([one]) is one


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "other"}, "model is toy in one and other in another"),
        ({"protons": 1e18}, r"protons is 1\.4e\+17 in one and 1e\+18"),
        ({"couplings": 2 * COUPLINGS}, "on different grids"),
        ({"digests": {"model": "1"}}, r"different values of 'toy' in config/signal/"),
        ({"parts": (Part("mumu", "eta decay", "ee", "SR"),)}, "for the search mumu are in two files"),
        ({"parts": (Part("ee", "eta decay", "mumu", "SR"),)}, "of decays into mumu are in two files"),
    ],
)
def test_files_that_do_not_belong_together_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        merged([signal({"mumu": numbers()}), signal({"ee": numbers()}, **changes)])


def test_no_file_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no expected numbers"):
        merged([])
