"""What a run gives: counts, cutflow, histograms and surviving rows; it adds up, and goes to one file and back."""

from na62dump.results.booking import book, count_entries
from na62dump.results.counts import Counts
from na62dump.results.result import Result, SampleState, State, content_digest, read_provenance

__all__ = ["Counts", "Result", "SampleState", "State", "book", "content_digest", "count_entries", "read_provenance"]
