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
"""# Backgrounds of a search.

`na62dump background` writes one file with what every mechanism is expected to give in each region, and what data show where they
may be seen. Open this notebook with `jupytext --to notebook notebooks/background.py`; set `NA62DUMP_BACKGROUND` to look at another
file than the README's.
"""

# %%
# %matplotlib inline
import os
from pathlib import Path

import numpy as np
from IPython.display import Markdown, display

from na62dump import plotting, tables
from na62dump.background.backgrounds import Backgrounds
from na62dump.inference import validation_of

path = Path(os.environ.get("NA62DUMP_BACKGROUND", "mumu.bg.zip"))
found = Backgrounds.load(path)
print(f"{found.state.analysis}; hidden in data: {', '.join(found.state.hidden)}")
print("\n".join(f"not estimated: {remark}" for remark in found.remarks))

# %% [markdown]
# ## Expected and observed
# Every mechanism gives the same: numbers, their covariance, systematic uncertainties by source, limits.

# %%
for estimate in found.estimates:
    print(f"{estimate.mechanism}: {estimate.method}")
    for name, number, statistical, error in zip(
        estimate.regions, estimate.expected, estimate.statistical, estimate.uncertainty, strict=True
    ):
        print(f"  {name:8} {number:.4g} +- {error:.2g}, of it {statistical:.2g} statistical")

# %% [markdown]
# ## Validation
# p_N: probability of at least as many; p_L: of what is at most as probable. Regions that are named together share uncertainties.

# %%
compared = validation_of(found)
table = tables.validation(compared)
lines = [table.columns, ["---"] * len(table.columns), *table.rows]
cells = [[f"{cell:.3g}" if isinstance(cell, float) else str(cell) for cell in line] for line in lines]
display(Markdown("\n".join("| " + " | ".join(line) + " |" for line in cells)))

# %% [markdown]
# ## Pairs share tracks
# Regions are correlated, and the uncertainty is not that of the number of pairs.

# %%
first = found.estimates[0]
errors = np.where(first.statistical > 0, first.statistical, 1)
print(np.array_str(first.covariance / np.outer(errors, errors), precision=2, suppress_small=True))

# %% [markdown]
# ## Figures

# %%
with plotting.styled():
    for figure in plotting.draw_backgrounds(found).values():
        display(figure)
