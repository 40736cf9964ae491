from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from na62dump import reconstruction
from na62dump.configuration import load_text
from na62dump.cutflow import Selection
from na62dump.errors import UnknownQuantityError
from na62dump.histograms import NOMINAL, Book, Declarations, fill, quantities

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.regions import Visible

PHOTONS = ("photon1", "photon2", "photon3")
ENERGY = {"unit": "GeV/c", "bins": 4, "low": "0 GeV/c", "high": "4 GeV/c", "label": "p"}
NUMBER = {"unit": "", "bins": 4, "low": 0.0, "high": 4.0, "label": "n"}


class Rows:
    """Two rows; one of their tracks is at 1, the other at 2; of photons there are two."""

    def __init__(self, **values: list[float]) -> None:
        self.columns = {name: np.array(column) for name, column in values.items()}
        self.weight = np.ones(2)

    def __len__(self) -> int:
        return 2

    def has(self, name: str) -> bool:
        return name in self.columns

    def take(self, chosen: NDArray[np.int64]) -> Rows:
        assert chosen.tolist() == [0, 1]
        return self

    def quantity(self, name: str) -> NDArray[np.float64]:
        if name not in self.columns:
            msg = f"no {name}"
            raise UnknownQuantityError(msg)
        return self.columns[name]


def filled(rows: Rows, *axes: str) -> Book:
    declared = {
        name.replace(".", "_"): (NUMBER if name.endswith("chambers") else ENERGY) | {"variable": name} for name in axes
    }
    tables = {"axes": declared, "histograms": {"h": {"axes": list(declared), "stage": "visible"}}}
    book = Book.declare(
        load_text(tables, Declarations, where="h.toml"),
        samples=["data"],
        regions=["SR"],
        variations=[NOMINAL, "up"],
    )
    visible = cast("Visible", type("V", (), {"rows": rows})())
    fill(book, Selection(visible), sample="data", region=np.zeros(2, dtype=np.int64), variation="up")
    return book


def entries(book: Book) -> Any:  # noqa: ANN401 - lists in lists
    made = book["h"]
    assert made[{"variation": NOMINAL}].sum(flow=True).value == 0
    return made[{"dataset": "data", "variation": "up", "region": "SR"}].values().tolist()


@pytest.fixture
def photons(monkeypatch: pytest.MonkeyPatch) -> None:
    """A group beside the tracks, as if photons were there already; their p is that of a track."""
    monkeypatch.setitem(reconstruction.GROUPS, "photons", PHOTONS)
    monkeypatch.setattr(
        "na62dump.histograms.axis.quantity", lambda name: reconstruction.quantity(name.replace("photon1", "plus"))
    )


TRACKS = {
    "plus.p": [500.0, 500.0],
    "minus.p": [1500.0, 1500.0],
    "plus.chambers": [3.0, 3.0],
    "minus.chambers": [2.0, 3.0],
}


def test_an_axis_of_both_tracks_is_filled_with_each() -> None:
    assert quantities("legs.p") == ("plus.p", "minus.p")
    assert entries(filled(Rows(**TRACKS), "legs.p")) == [2, 2, 0, 0]


def test_axes_of_one_group_go_together_and_the_whole_row_with_each() -> None:
    both = entries(filled(Rows(**TRACKS), "legs.p", "legs.chambers"))
    assert both == [[0, 0, 0, 2], [0, 0, 1, 1], [0, 0, 0, 0], [0, 0, 0, 0]]
    each = entries(filled(Rows(**TRACKS, p=[2500.0, 2500.0]), "p", "legs.chambers"))
    assert each == [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 3], [0, 0, 0, 0]]


@pytest.mark.usefixtures("photons")
def test_members_that_rows_lack_are_left_out() -> None:
    rows = Rows(**{"photon1.p": [500.0, 1500.0], "photon2.p": [500.0, 500.0]})
    assert quantities("photons.p") == ("photon1.p", "photon2.p", "photon3.p")
    assert entries(filled(rows, "photons.p")) == [3, 1, 0, 0]


@pytest.mark.usefixtures("photons")
def test_every_photon_goes_with_every_track() -> None:
    rows = Rows(**TRACKS, **{"photon1.p": [2500.0, 2500.0], "photon2.p": [3500.0, 3500.0]})
    assert entries(filled(rows, "legs.p", "photons.p"))[:2] == [[0, 0, 2, 2], [0, 0, 2, 2]]


def test_a_group_of_which_nothing_was_read_is_an_error() -> None:
    with pytest.raises(UnknownQuantityError, match=r"no plus\.p"):
        filled(Rows(), "legs.p")
