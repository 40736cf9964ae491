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
"""# A look at a result.

`na62dump merge` (and `na62dump demo`) write one file with everything that a run gave. Open this notebook with
`jupytext --to notebook notebooks/inspect.py`, or directly in Jupyter with the jupytext extension; set
`NA62DUMP_RESULT` to look at another file than the demonstration's.
"""

# %%
# %matplotlib inline
import os
from pathlib import Path

import mplhep
from IPython.display import Markdown, display
from matplotlib.figure import Figure

from na62dump import plotting, tables
from na62dump.histograms import NOMINAL
from na62dump.results import Result, read_provenance

path = Path(os.environ.get("NA62DUMP_RESULT", "demo/mumu.zip"))
result = Result.load(path)

# %% [markdown]
# ## What it is
# The analysis, its samples, and what was hidden while it was made. Pseudo-data are simulation that goes through the
# chain as data do.

# %%
state = result.state
print(f"{state.analysis}, digest {state.digest[:12]}; {tables.opened(result)}")
for name, sample in state.samples.items():
    print(f"{name}: {sample.label}; declared {sample.kind}, {'simulated' if sample.simulated else 'recorded'}")

# %% [markdown]
# ## Cutflow, N-1, regions, exposure
# Every function of `na62dump.tables` gives plain rows: here they become Markdown.

# %%
shown = [tables.regions(result), tables.exposure(result)]
for name, flow in result.cutflow.items():
    shown += [tables.cutflow(result, name), tables.removed(flow, title=f"What each requirement removes [{name}]")]
for table in shown:
    lines = [table.columns, ["---"] * len(table.columns), *table.rows]
    cells = [[f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in line] for line in lines]
    rows = "\n".join("| " + " | ".join(line) + " |" for line in cells)
    display(Markdown(f"**{table.title}**\n\n{rows}"))

# %% [markdown]
# ## Histograms
# Each has the axes `dataset`, `variation` and `region` in front of its own. They are `hist.Hist` with sums of weights and
# of squared weights, so everything that hist and mplhep can do is at hand.

# %%
for name, histogram in result.book.declarations.histograms.items():
    print(
        f"{name}: {', '.join(axis.label for axis in result.book[name].axes)}; filled with rows that are {histogram.stage}"
    )

# %%
name = next(name for name, histogram in result.book.declarations.histograms.items() if len(histogram.axes) == 1)
with plotting.styled():
    figure = Figure(figsize=(7, 4))
    axes = figure.add_subplot()
    for sample in state.samples:
        mplhep.histplot(result.book[name][sample, NOMINAL, sum, :], ax=axes, label=sample)
    axes.set(yscale="log", ylabel="Sum of weights")
    axes.legend()
    display(figure)

# %% [markdown]
# ## All figures
# These are the ones of `na62dump plot`: hidden regions of data are masked, and each says what was open.

# %%
with plotting.styled():
    for figure in plotting.draw(result, state.plane).values():
        display(figure)

# %% [markdown]
# ## Rows that met every requirement
# `na62dump show --skim` writes them as Parquet. In memory they are columns of NumPy arrays, in base units: mm, ns, MeV.

# %%
print(f"{len(result.skim)} rows")
for name, column in result.skim.columns.items():
    print(f"{name} ({column.dtype}): {column[:3]}")

# %% [markdown]
# ## How it was made

# %%
for key, value in read_provenance(path).items():
    print(f"{key}: {str(value)[:300]}")
