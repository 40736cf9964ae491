"""The result of one unit, of some, or of all: a zip of JSON, npy and Parquet, without a pickle."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from na62dump.archives import NO_ARCHIVE
from na62dump.cutflow import Cutflow
from na62dump.datasets import Exposure
from na62dump.errors import MergeError, UnknownNameError, nearest
from na62dump.histograms import NOMINAL, Book
from na62dump.results.counts import Counts
from na62dump.results.files import PROVENANCE, no_result, read_content
from na62dump.results.state import State, difference, hidden_candidates
from na62dump.results.varied import Varied
from na62dump.skims import Skim

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from typing import BinaryIO


T = TypeVar("T", Counts, Cutflow, Varied)

_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold: dates are no content


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
    """

    state: State
    counts: Mapping[str, Counts]
    cutflow: Mapping[str, Cutflow]
    book: Book
    skim: Skim
    exposure: Mapping[str, Exposure] = field(default_factory=dict)
    varied: Mapping[str, Mapping[str, Varied]] = field(default_factory=dict)

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
            _write(archive, "state.json", self.state.model_dump(mode="json"))
            _write(archive, "counts.json", {name: counts.to_json() for name, counts in self.counts.items()})
            _write(archive, "cutflow.json", {name: flow.to_json() for name, flow in self.cutflow.items()})
            varied = {
                name: {variation: v.to_json() for variation, v in each.items()} for name, each in self.varied.items()
            }
            _write(archive, "varied.json", varied)
            _write(archive, "exposure.json", {name: e.model_dump() for name, e in self.exposure.items()})
            _write(archive, PROVENANCE, dict(provenance))
            self.book.write(archive)
            rows = io.BytesIO()
            self.write_skim(rows, {})
            archive.writestr(zipfile.ZipInfo("skim.parquet", _DATE), rows.getvalue())
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
        self.skim.to_parquet(
            file,
            provenance,
            simulated=[name for name, sample in self.state.samples.items() if sample.kind == "simulation"],
            hidden=lambda data: hidden_candidates(self.state, data),
        )

    @classmethod
    def loads(cls, content: bytes) -> Result:
        """Read what `dumps` gave."""
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = ("counts", "cutflow", "exposure", "varied")
            counts, flows, exposure, varied = (json.loads(archive.read(f"{name}.json")) for name in members)
            return cls(
                State.model_validate_json(archive.read("state.json")),
                {name: Counts.from_json(table) for name, table in counts.items()},
                {name: Cutflow.from_json(table) for name, table in flows.items()},
                Book.read(archive),
                Skim.from_parquet(io.BytesIO(archive.read("skim.parquet")))[0],
                {name: Exposure.model_validate(table) for name, table in exposure.items()},
                {
                    name: {variation: Varied.from_json(table) for variation, table in each.items()}
                    for name, each in varied.items()
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


def _write(archive: zipfile.ZipFile, name: str, tables: Mapping[str, object]) -> None:
    text = json.dumps(tables, indent=1, ensure_ascii=False)
    archive.writestr(zipfile.ZipInfo(name, _DATE), text, zipfile.ZIP_DEFLATED)
