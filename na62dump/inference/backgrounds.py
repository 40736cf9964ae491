"""What a file of backgrounds says of expected against observed counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.inference.validation import validate
from na62dump.regions import UNDEFINED

if TYPE_CHECKING:
    from na62dump.background.backgrounds import Backgrounds
    from na62dump.inference.validation import Validation


def validation_of(found: Backgrounds) -> Validation:
    """Compare all mechanisms of a search together with what was observed.

    Parameters
    ----------
    found : Backgrounds
        What ``na62dump background`` wrote.

    Returns
    -------
    Validation
        Of the regions that any mechanism knows; rows whose place is undefined are left out.

    Raises
    ------
    UnknownNameError, ConfigurationError
        As of `validate`.
    """
    known = {name for estimate in found.estimates for name in estimate.regions} - {UNDEFINED}
    observed = {name: count for name, count in found.observed.items() if name in known}
    joint = {name: regions for name, regions in found.joint.items() if set(regions) <= set(observed)}
    return validate(found.estimates, observed, joint=joint)


def sides(found: Backgrounds) -> dict[str, tuple[str, ...]]:
    """Mechanisms whose size the selected rows of a region tell, by region: it is no test of these."""
    told = [
        (region, estimate.mechanism)
        for estimate in found.estimates
        if not estimate.inputs.get("inverted")
        for region in estimate.inputs.get("side", ())
    ]
    return {region: tuple(name for other, name in told if other == region) for region, _ in told}
