from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from na62dump import plotting
from tests.plotting.result_samples import PLANE, result_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

compared = pytest.mark.mpl_image_compare(style=plotting.STYLE, savefig_kwargs={"dpi": 60})


@compared
def test_image_of_the_plane_with_masks() -> Figure:
    return plotting.draw(result_of(), PLANE)["plane"]


@compared
def test_image_of_a_mass() -> Figure:
    return plotting.draw(result_of(opened=("CR",), simulated=False), PLANE)["mass"]


@compared
def test_image_of_a_cutflow() -> Figure:
    return plotting.draw(result_of(), PLANE)["cutflow"]
