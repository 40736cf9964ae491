"""Expected numbers from files of acceptances, for the searches and numbers that are there now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.signal import expectation, grids, library
from na62dump.signal.acceptance import Acceptance
from na62dump.signal.parents import source
from na62dump.studies.acceptances import check_current

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from na62dump.signal.yields import Expected


def expected(
    name: str,
    files: Sequence[Path],
    *,
    masses: int,
    couplings: int,
    mass_range: tuple[str, str] | None = None,
    coupling_range: tuple[float, float] | None = None,
    protons: float | None = None,
) -> Expected:
    """Expected numbers of a model.

    Parameters
    ----------
    name : str
        Model: a name in config/signal/, or a TOML file.
    files : sequence of Path
        What ``na62dump acceptance`` wrote, of one search each.
    masses, couplings : int
        Points of the grid.
    mass_range : (str, str), optional
        First and last mass, with units; those of the samples if left out.
    coupling_range : (float, float), optional
        First and last coupling, in the unit of the model; its own range if left out.
    protons : float, optional
        On target; those of config/signal/production.toml if left out.

    Returns
    -------
    Expected
        By production channel, final state and region of each search.

    Raises
    ------
    InputFileError
        If a file is no acceptance of this model, or two count the same decays.
    ConfigurationError
        If a search has changed since, or the grid is none.
    """
    model = library.load(name)
    accepted = [Acceptance.load(path) for path in files]
    for each in accepted:
        check_current(each)
    production = source(library.near(name)).settings
    ends = coupling_range or (model.coupling.low, model.coupling.high)
    for end in ends:
        grids.check_coupling(end, where="--coupling-range")
    return expectation.expect(
        model,
        accepted,
        masses=grids.masses_between(accepted, masses, model=model, asked=mass_range),
        couplings=grids.spaced(couplings, ends, where="--coupling-range"),
        protons=production.protons_on_target if protons is None else protons,
        protons_uncertainty=production.protons_uncertainty,
    )
