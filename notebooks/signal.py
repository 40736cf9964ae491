# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
"""# From a model to expected events.

What a model predicts, what the detector and the selection leave of it, and how many events that makes. All input is simulated.
Open it with `jupytext --to notebook notebooks/signal.py`; set `NA62DUMP_DECAYS` for more decays than a look needs.
"""

# %%
# %matplotlib inline
import os

import numpy as np
from IPython.display import Markdown, display

from na62dump import analysis, plotting, studies, tables
from na62dump.signal import expectation, library

search = analysis.load("mumu")
model = library.load("dark_photon")

# %% [markdown]
# ## Without a detector
# Widths, branching ratios, decay length and particles per proton at one coupling.

# %%
theory = tables.model(model, [250.0, 400.0, 600.0], coupling=1e-6)
lines = [
    "| " + " | ".join(f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in row) + " |"
    for row in theory.rows
]
display(Markdown("\n".join(["| " + " | ".join(theory.columns) + " |", "|---" * len(theory.columns) + "|", *lines])))

# %% [markdown]
# ## With the detector
# Decays of two production channels at three masses, selected by the real search: each sample answers for every coupling.

# %%
decays = int(os.environ.get("NA62DUMP_DECAYS", "4000"))
accepted = studies.acceptance(
    search,
    model,
    events=decays,
    masses=[250.0, 350.0, 500.0],
    channels=["bremsstrahlung", "eta decay"],
)
with plotting.styled():
    for name, figure in plotting.draw_acceptance(accepted).items():
        print(name)
        display(figure)

# %% [markdown]
# ## Expected events
# Statistical and theory errors are kept apart; what no sample covers is named.

# %%
expected = expectation.expect(
    model,
    [accepted],
    masses=np.geomspace(250, 500, 21),
    couplings=np.geomspace(1e-7, 1e-5, 41),
    protons=1.4e17,
    protons_uncertainty=0.2,
)
mass, coupling = np.unravel_index(expected.total(region="SR").argmax(), expected.events.shape[1:])
number, statistical, theory_error = (
    float(values[mass, coupling])
    for values in (
        expected.total(region="SR"),
        expected.statistical_error(region="SR"),
        expected.theory_error(region="SR"),
    )
)
print(f"most: {number:.1f} +- {statistical:.1f} (simulation) +- {theory_error:.1f} (theory) events in SR")
print(f"at {expected.masses[mass]:.0f} MeV and epsilon = {expected.couplings[coupling]:.2g}")
print("missing:", "; ".join(expected.uncovered))
with plotting.styled():
    for figure in plotting.draw_yields(expected).values():
        display(figure)
