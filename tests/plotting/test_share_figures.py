"""Figures of the sensitivity by production and by final state."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from na62dump.inference.exclusion.sensitivities import sensitivities
from na62dump.plotting.limits_shares import shares_of_sensitivity
from na62dump.plotting.signal_words import About
from tests.plotting.signal_samples import BREMSSTRAHLUNG, ETA, expected

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def legend_of(axes: Axes) -> list[str]:
    legend = axes.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


def test_each_part_has_a_contour_and_an_entry() -> None:
    signal = expected()
    found = sensitivities(signal, "channel", regions=["SR"], confidence=0.9)
    figure = shares_of_sensitivity(found, signal, about=About("POT", "$A'$"), what="by production, 90% CL")
    (axes,) = figure.axes
    assert len(axes.collections) == 3
    assert legend_of(axes) == [ETA, BREMSSTRAHLUNG, "all together"]
    assert axes.get_yscale() == "log"
    assert "by production, 90% CL" in " ".join(text.get_text() for text in figure.texts)


def test_what_excludes_nothing_is_told() -> None:
    signal = expected()
    little = replace(signal, events=signal.events * 1e-9)
    found = sensitivities(little, "final_state", regions=["SR"], confidence=0.9)
    (axes,) = shares_of_sensitivity(found, little, about=About("", ""), what="").axes
    assert not axes.collections
    assert all(label.endswith(": nothing") for label in legend_of(axes))
