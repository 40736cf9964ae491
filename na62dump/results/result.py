"""The result of one unit, of some, or of all: a zip of JSON, npy and Parquet, without a pickle."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from na62dump.archives import NO_ARCHIVE, opened
from na62dump.cutflow import Cutflow
from na62dump.datasets import Exposure
from na62dump.errors import MergeError, UnknownNameError, nearest
from na62dump.histograms import NOMINAL, Book
from na62dump.results.counts import Counts
from na62dump.results.files import (
    DATE,
    PROVENANCE,
    no_result,
    read_arrays,
    read_content,
    read_rows,
    samples_with_singles,
    singles_of,
    write_array,
    write_json,
)
from na62dump.results.singles import SingleTracks
from na62dump.results.state import State, difference, hidden_candidates, hidden_rows
from na62dump.results.varied import Varied

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from typing import BinaryIO

    from na62dump.skims import Skim


T = TypeVar("T", Counts, Cutflow, Varied, SingleTracks)


@dataclass(frozen=True)
class Result:
    """Counts, cutflows, histograms and surviving rows.

    Attributes
    ----------
    state : State
        Under which conditions.
    counts : mapping of str to Counts
        By sample.
    cutflow : mapping of str to Cutflow
        By sample.
    book : Book
        Histograms.
    skim : Skim
        Rows that met every requirement, with nothing varied.
    exposure : mapping of str to Exposure
        Exposure of each sample, booked from the plan when all units are together; empty before.
    varied : mapping of str to mapping of str to Varied
        Cutflow and selected rows by sample and systematic variation, beside the nominal one.
    loose : Skim or None
        Rows that fail some requirements which the analysis loosens, and no other, with nothing varied.
    singles : mapping of str to SingleTracks
        Single tracks by sample, for the combinatorial background.
    """

    state: State
    counts: Mapping[str, Counts]
    cutflow: Mapping[str, Cutflow]
    book: Book
    skim: Skim
    exposure: Mapping[str, Exposure] = field(default_factory=dict)
    varied: Mapping[str, Mapping[str, Varied]] = field(default_factory=dict)
    loose: Skim | None = None
    singles: Mapping[str, SingleTracks] = field(default_factory=dict)

    def __add__(self, other: Result) -> Result:
        """Result of both inputs together.

        Raises
        ------
        MergeError
            If they were made under different conditions.
        """
        if self.state != other.state:
            raise MergeError(difference(self.state, other.state))
        if self.exposure or other.exposure:
            msg = "merged results do not add up: their exposure is that of a whole plan; merge the units of one plan"
            raise MergeError(msg)
        return Result(
            self.state,
            _added(self.counts, other.counts, self.state.samples),
            _added(self.cutflow, other.cutflow, self.state.samples),
            self.book + other.book,
            self.skim + other.skim,
            varied=self._varied_with(other),
            loose=_together(self.loose, other.loose),
            singles=_added(self.singles, other.singles, self.state.samples),
        )

    def of(self, sample: str, *, variation: str = NOMINAL) -> Varied:
        """Cutflow and selected rows of one sample.

        Parameters
        ----------
        sample : str
            Name of a sample.
        variation : str
            Name of a systematic variation.

        Returns
        -------
        Varied
            Its numbers.

        Raises
        ------
        UnknownNameError
            If there is no such sample, or it has no such variation.
        """
        if sample not in self.state.samples:
            msg = f"no sample '{sample}' in this result; {nearest(sample, self.state.samples)}"
            raise UnknownNameError(msg)
        if variation not in self.variations_of(sample):
            msg = f"sample '{sample}' has no variation '{variation}'; {nearest(variation, self.variations_of(sample))}"
            raise UnknownNameError(msg)
        if variation == NOMINAL:
            return Varied(self.cutflow[sample], self.counts[sample].regions)
        return self.varied[sample][variation]

    def variations_of(self, sample: str) -> tuple[str, ...]:
        """Variations of which a sample has numbers, the nominal one first."""
        return (*([NOMINAL] if sample in self.cutflow else []), *self.varied.get(sample, {}))

    def _varied_with(self, other: Result) -> dict[str, dict[str, Varied]]:
        mine, theirs, state = self.varied, other.varied, self.state
        return {
            sample: _added(mine.get(sample, {}), theirs.get(sample, {}), state.variations)
            for sample in state.samples
            if sample in mine or sample in theirs
        }

    def dumps(self, provenance: Mapping[str, object]) -> bytes:
        """Bytes of a result file, unless a row in it ought to be hidden.

        Parameters
        ----------
        provenance : mapping
            How it was made; JSON only.

        Returns
        -------
        bytes
            A zip archive; equal content gives equal members.
        """
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            write_json(archive, "state.json", tables=self.state.model_dump(mode="json"))
            write_json(archive, "counts.json", tables={name: counts.to_json() for name, counts in self.counts.items()})
            write_json(archive, "cutflow.json", tables={name: flow.to_json() for name, flow in self.cutflow.items()})
            varied = {
                name: {variation: v.to_json() for variation, v in each.items()} for name, each in self.varied.items()
            }
            write_json(archive, "varied.json", tables=varied)
            write_json(archive, "exposure.json", tables={name: e.model_dump() for name, e in self.exposure.items()})
            write_json(archive, PROVENANCE, tables=dict(provenance))
            self.book.write(archive)
            for name, skim, hidden in (
                ("skim", self.skim, partial(hidden_candidates, self.state)),
                ("loose", self.loose, partial(hidden_rows, self.state, controls=True)),
            ):
                if skim is not None:
                    rows = io.BytesIO()
                    skim.to_parquet(rows, {}, simulated=self._simulated, hidden=hidden)
                    archive.writestr(zipfile.ZipInfo(f"{name}.parquet", DATE), rows.getvalue())
            for sample, tracks in self.singles.items():
                for name, array in tracks.to_arrays().items():
                    write_array(archive, f"{singles_of(sample)}{name}.npy", array=array)
        return buffer.getvalue()

    def write_skim(self, file: BinaryIO, provenance: Mapping[str, object]) -> None:
        """Write the surviving rows as Parquet, unless one of them ought to be hidden.

        Parameters
        ----------
        file : binary file
            Open for writing.
        provenance : mapping
            How the rows were made; JSON only.

        Raises
        ------
        BlindingError
            If a data row is in a hidden region that is not open, whatever control samples are.
        """
        hidden = partial(hidden_candidates, self.state)
        self.skim.to_parquet(file, provenance, simulated=self._simulated, hidden=hidden)

    @property
    def _simulated(self) -> list[str]:
        return [name for name, sample in self.state.samples.items() if sample.kind == "simulation"]

    @classmethod
    def loads(cls, content: bytes) -> Result:
        """Read what `dumps` gave."""
        with opened(io.BytesIO(content)) as archive:
            members = ("counts", "cutflow", "exposure", "varied")
            counts, flows, exposure, varied = (json.loads(archive.read(f"{name}.json")) for name in members)
            return cls(
                State.model_validate_json(archive.read("state.json")),
                {name: Counts.from_json(table) for name, table in counts.items()},
                {name: Cutflow.from_json(table) for name, table in flows.items()},
                Book.read(archive),
                read_rows(archive, "skim"),
                {name: Exposure.model_validate(table) for name, table in exposure.items()},
                {
                    name: {variation: Varied.from_json(table) for variation, table in each.items()}
                    for name, each in varied.items()
                },
                loose=read_rows(archive, "loose") if "loose.parquet" in archive.namelist() else None,
                singles={
                    name: SingleTracks.from_arrays(read_arrays(archive, singles_of(name)))
                    for name in samples_with_singles(archive)
                },
            )

    @classmethod
    def load(cls, path: Path) -> Result:
        """Read a result file.

        Parameters
        ----------
        path : Path
            What ``na62dump merge`` wrote, or the result of one unit.

        Returns
        -------
        Result
            Its content.

        Raises
        ------
        InputFileError
            If there is no such file, or it is no result.
        """
        content = read_content(path)
        try:
            result = cls.loads(content)
            zero = Counts.zero(len(result.state.regions))
            _ = [counts + zero for counts in result.counts.values()]  # numbers that add up, or an error
            _ = [flow + Cutflow.zero(flow.names) for flow in result.cutflow.values()]
            flat = [varied for each in result.varied.values() for varied in each.values()]
            _ = [varied + Varied(Cutflow.zero(varied.cutflow.names), zero.regions) for varied in flat]
        except NO_ARCHIVE as error:
            raise no_result(path, error) from error
        return result


def _added(one: Mapping[str, T], other: Mapping[str, T], order: Iterable[str]) -> dict[str, T]:
    """Sums by name, in the order given, for names that either has."""
    both = {name: [part[name] for part in (one, other) if name in part] for name in order}
    return {name: parts[0] if len(parts) == 1 else parts[0] + parts[1] for name, parts in both.items() if parts}


def _together(one: Skim | None, other: Skim | None) -> Skim | None:
    if one is None or other is None:
        return other if one is None else one
    return one + other
