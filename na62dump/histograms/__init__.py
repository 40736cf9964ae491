"""Named axes from configuration, and the book of histograms that a run fills."""

from na62dump.histograms.axis import Axis
from na62dump.histograms.book import Book
from na62dump.histograms.declaration import NOMINAL, SELECTED, Declarations, Histogram
from na62dump.histograms.filling import fill, quantities

__all__ = ["NOMINAL", "SELECTED", "Axis", "Book", "Declarations", "Histogram", "fill", "quantities"]
