"""Figures from results: spectra, the plane with its hidden regions masked, the cutflow; of regions alone; of signal; of backgrounds; and of limits."""

from na62dump.plotting.background_figures import draw_backgrounds
from na62dump.plotting.correlations import correlation_figure
from na62dump.plotting.drawing import draw
from na62dump.plotting.files import save
from na62dump.plotting.limits_figures import draw_limits
from na62dump.plotting.limits_lifetimes import draw_lifetimes
from na62dump.plotting.limits_shares import shares_of_sensitivity
from na62dump.plotting.regions import draw_regions, regions_figure
from na62dump.plotting.signal_acceptance import draw_acceptance
from na62dump.plotting.signal_yields import draw_yields
from na62dump.plotting.style import STYLE, styled

__all__ = [
    "STYLE",
    "correlation_figure",
    "draw",
    "draw_acceptance",
    "draw_backgrounds",
    "draw_lifetimes",
    "draw_limits",
    "draw_regions",
    "draw_yields",
    "regions_figure",
    "save",
    "shares_of_sensitivity",
    "styled",
]
