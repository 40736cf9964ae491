"""Figures of limits on a product of branching ratios."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump import plotting
from na62dump.errors import ConfigurationError
from tests.inference.lifetime_samples import LIFETIMES, limits, scan

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def legend_of(axes: Axes) -> list[str]:
    legend = axes.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


def test_each_search_has_a_figure_with_a_line_for_each_mass_with_signal() -> None:
    figures = plotting.draw_lifetimes(limits(scan("mumu"), scan("ee", hidden=True)))
    assert list(figures) == ["lifetimes_alp_independent_mumu", "lifetimes_alp_independent_ee"]
    axes = figures["lifetimes_alp_independent_mumu"].axes[0]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert axes.get_xlabel() == r"$\tau_a$ [ns]"
    assert len(axes.lines) == 2 * 2
    assert len(figures["lifetimes_alp_independent_ee"].axes[0].lines) == 2
    assert axes.get_xlim() == pytest.approx(LIFETIMES[[0, -1]])
    lowest = min(np.min(line.get_ydata()) for line in axes.lines)
    assert axes.get_ylim()[0] < lowest
    words = " ".join(text.get_text() for text in figures["lifetimes_alp_independent_mumu"].texts)
    assert "90% CL" in words
    assert "protons on target" in words


def test_one_mass_has_bands() -> None:
    axes = plotting.draw_lifetimes(limits(), masses=[480.0])["lifetimes_alp_independent_mumu"].axes[0]
    assert len(axes.collections) == 2
    assert legend_of(axes)[:3] == ["500 MeV", "observed", "expected"]


def test_a_mass_outside_is_refused() -> None:
    with pytest.raises(
        ConfigurationError, match="a mass of 100 MeV is outside of the limits; they are between 220 and 1500 MeV"
    ):
        plotting.draw_lifetimes(limits(), masses=[100.0])


def test_hopeless_lifetimes_do_not_spoil_the_axis() -> None:
    (figure,) = plotting.draw_lifetimes(limits(), masses=[220.0, 1500.0]).values()
    figure.savefig(io.BytesIO(), dpi=30)  # warnings are errors: no logarithm overflows
    (axes,) = figure.axes
    assert axes.get_ylim()[1] == pytest.approx(1e6 * axes.get_ylim()[0])
    assert all(np.isfinite(line.get_ydata()).all() for line in axes.lines)
