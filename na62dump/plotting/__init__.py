"""Figures from results: spectra, the plane with its hidden regions masked, and the cutflow."""

from na62dump.plotting.drawing import draw
from na62dump.plotting.files import save
from na62dump.plotting.style import STYLE, styled

__all__ = ["STYLE", "draw", "save", "styled"]
