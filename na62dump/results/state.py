"""Under which conditions a result was made."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import field_validator

from na62dump.configuration import Many, Settings
from na62dump.datasets.samples import Kind
from na62dump.errors import ConfigurationError
from na62dump.histograms import NOMINAL
from na62dump.regions import Plane


class SampleState(Settings):
    """What one sample was declared to be; ``simulated`` says what its files are."""

    kind: Kind
    label: str
    simulated: bool


class State(Settings):
    """Under which conditions a result was made; only results of equal state add up.

    Attributes
    ----------
    analysis : str
        Name of the analysis.
    digest, run_digest : str
        Analysis digest, and run digest.
    opened, hidden : tuple of str
        Hidden regions that were open, and those that were not.
    plane : Plane
        The regions.
    samples : mapping
        What each sample was declared to be.
    variations : tuple of str
        Systematic variations, in order, beside the nominal one.
    also_hidden : tuple of str
        Regions of other analyses of the same events that hide rows of data too, such as ``"CR of kk"``.
    """

    analysis: str
    digest: str
    run_digest: str
    opened: Many[str]
    hidden: Many[str]
    plane: Plane
    samples: Mapping[str, SampleState]
    variations: Many[str] = ()
    also_hidden: Many[str] = ()

    @field_validator("variations")
    @classmethod
    def _named_once(cls, variations: tuple[str, ...]) -> tuple[str, ...]:
        if len({NOMINAL, *variations}) <= len(variations):
            msg = f"variations {list(variations)}: each has a name of its own, and '{NOMINAL}' is that of none of them"
            raise ConfigurationError(msg)
        return variations

    @property
    def hidden_elsewhere(self) -> tuple[str, ...]:
        """``also_hidden`` in fewer words, such as ``"CR, SR of kk, kkpi0"``: analyses with the same regions together."""
        regions: dict[str, list[str]] = {}
        for region, _, analysis in (label.rpartition(" of ") for label in self.also_hidden):
            regions.setdefault(analysis, []).append(region)
        analyses: dict[str, list[str]] = {}
        for analysis, names in regions.items():
            analyses.setdefault(", ".join(names), []).append(analysis)
        return tuple(f"{names} of {', '.join(of)}" for names, of in analyses.items())

    @property
    def regions(self) -> tuple[str, ...]:
        """Names of the regions, in order."""
        return self.plane.names


def difference(one: State, other: State) -> str:
    """Why results of two states do not add up: in words if it is what was open, before a digest says so too."""
    first, second = one.model_dump(), other.model_dump()
    key = next(key for key in ("analysis", "opened", "also_hidden", *first) if first[key] != second[key])
    return f"results of different conditions do not add up: {key} is {first[key]!r} in one and {second[key]!r} in the other"
