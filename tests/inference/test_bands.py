"""Bands between the uncertainties at which they are solved."""

from __future__ import annotations

import numpy as np
import pytest

from na62dump.inference.exclusion.bands import NODES, bands
from na62dump.inference.settings import settings


@pytest.mark.parametrize(("lowest", "accuracy"), [(0.2, 6e-4), (0.0, 1e-2)])
@pytest.mark.parametrize("background", [0.0, 0.023, 0.1, 0.7])
def test_bands_are_interpolated_as_well_as_is_said(background: float, lowest: float, accuracy: float) -> None:
    how = settings()
    many = np.linspace(lowest, 0.8, 10 * NODES)[None]
    given = np.array([background]), np.array([0.2 * background])
    found = bands(*given, relative=many, widths=(-2.0, -1.0, 1.0, 2.0), settings=how)
    few = slice(3, None, 11)  # fewer than nodes: each is solved
    exact = bands(*given, relative=many[:, few], widths=(-2.0, -1.0, 1.0, 2.0), settings=how)
    np.testing.assert_allclose(found[:, :, few], exact, rtol=accuracy)
    assert np.abs(found[:, :, few] / exact - 1).max() > 1e-7  # something is interpolated
