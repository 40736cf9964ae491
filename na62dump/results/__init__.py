"""What a run gives: counts, cutflow, histograms and surviving rows; it adds up, and goes to one file and back."""

from na62dump.results.booking import book, count_entries
from na62dump.results.counts import Counts
from na62dump.results.files import content_digest, read_provenance
from na62dump.results.result import Result
from na62dump.results.singles import SingleTracks
from na62dump.results.state import Look, SampleState, State
from na62dump.results.varied import Varied

__all__ = [
    "Counts",
    "Look",
    "Result",
    "SampleState",
    "SingleTracks",
    "State",
    "Varied",
    "book",
    "content_digest",
    "count_entries",
    "read_provenance",
]
