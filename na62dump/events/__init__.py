"""What the detector recorded: one table of columns, and all reading and writing of ROOT files.

The schema for coffea is imported as ``na62dump.events.schema`` by who needs it: coffea takes seconds to load.
"""

from na62dump.events.addresses import Address, is_remote
from na62dump.events.columns import (
    BURSTS,
    COLUMNS,
    CONTROL,
    H2,
    KEY,
    Q1,
    TREE,
    TRIGGERS,
    Column,
    collections,
    column,
)
from na62dump.events.description import Description, beside, checksum, describe, read_bursts
from na62dump.events.folders import Entry, is_here, listing, listing_here
from na62dump.events.gathering import elements, from_counts, gather, overlaid
from na62dump.events.reading import read
from na62dump.events.remote import patiently
from na62dump.events.renaming import Renames
from na62dump.events.scaling import Scaling, scaled
from na62dump.events.stamps import stamp
from na62dump.events.table import Events, concatenate, empty
from na62dump.events.writing import Writer

__all__ = [
    "BURSTS",
    "COLUMNS",
    "CONTROL",
    "H2",
    "KEY",
    "Q1",
    "TREE",
    "TRIGGERS",
    "Address",
    "Column",
    "Description",
    "Entry",
    "Events",
    "Renames",
    "Scaling",
    "Writer",
    "beside",
    "checksum",
    "collections",
    "column",
    "concatenate",
    "describe",
    "elements",
    "empty",
    "from_counts",
    "gather",
    "is_here",
    "is_remote",
    "listing",
    "listing_here",
    "overlaid",
    "patiently",
    "read",
    "read_bursts",
    "scaled",
    "stamp",
]
