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
"""# From a count to an excluded region.

Upper limits, their uncertainties, and the couplings that they exclude. Counts and background are the published ones of the search for
two muons; decays are simulated. Open it with `jupytext --to notebook notebooks/limits.py`; set `NA62DUMP_DECAYS` for more decays
than a look needs.
"""

# %%
# %matplotlib inline
import os

import numpy as np
from IPython.display import Markdown, display

from na62dump import analysis, plotting, studies, tables
from na62dump.inference.counts import windows
from na62dump.inference.exclusion import scan
from na62dump.inference.published import load_event, load_expectations
from na62dump.inference.settings import settings
from na62dump.inference.statistics.upper_limits import upper_limits
from na62dump.signal import expectation, library

how = settings()

# %% [markdown]
# ## A limit on the number of signal events
# None and one observed; without uncertainty of the signal, and with the 20% on protons.

# %%
limits_on_events = upper_limits(
    np.array([[0], [1]]),
    0.016,
    uncertainty=0.002,
    relative=np.array([0.0, 0.2]),
    method=how.method,
    confidence=how.confidence,
    priors=how.priors,
)
print(limits_on_events.round(3))

# %% [markdown]
# ## What a model makes of it
# Decays of the dark photon without form factors, selected by the real search.

# %%
search, model = analysis.load("mumu"), library.load("dark_photon_minimal")
decays = int(os.environ.get("NA62DUMP_DECAYS", "1500"))
accepted = studies.acceptance(
    search,
    model,
    events=decays,
    masses=[215.0, 260.0, 320.0, 400.0, 480.0, 560.0, 640.0],
    channels=["bremsstrahlung", "eta decay", "omega decay"],
)
expected = expectation.expect(
    model,
    [accepted],
    masses=np.linspace(215.0, 640.0, 86),
    couplings=np.geomspace(1e-7, 1e-5, 101),
    protons=1.4e17,
    protons_uncertainty=0.2,
)

# %% [markdown]
# ## What is counted
# The event counts only for masses near its own. Without a distribution over the mass the background counts whole everywhere.

# %%
printed = load_expectations().of("mumu", "SR")
event = load_event()
counting = windows.given(
    expected,
    "mumu",
    background=printed.expected,
    uncertainty=(printed.down, printed.up),
    events=[event.mass],
    settings=how,
)
print("masses at which the event counts:", counting.masses[counting.observed > 0], "MeV")

# %% [markdown]
# ## What is excluded

# %%
found = scan.limits(expected, [counting], settings=how, data="published counts")
table = tables.limits(found)
lines = [
    "| " + " | ".join(f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in row) + " |"
    for row in table.rows
]
display(Markdown("\n".join(["| " + " | ".join(table.columns) + " |", "|---" * len(table.columns) + "|", *lines])))
with plotting.styled():
    for name, figure in plotting.draw_limits(found).items():
        print(name)
        display(figure)
