"""Figures from results: spectra, the plane with its hidden regions masked, the cutflow."""

from na62dump.plotting.correlations import correlation_figure
from na62dump.plotting.drawing import draw
from na62dump.plotting.files import save
from na62dump.plotting.style import STYLE, styled

__all__ = ["STYLE", "correlation_figure", "draw", "save", "styled"]
