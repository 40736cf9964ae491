from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hist
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from na62dump.configuration import load, load_text
from na62dump.errors import ConfigurationError, InputFileError, MergeError, UnknownNameError
from na62dump.histograms import NOMINAL, Book, Declarations

if TYPE_CHECKING:
    from numpy.typing import NDArray

DECLARATIONS = load_text(
    {
        "axes": {
            "mass": {"variable": "mass", "unit": "GeV", "bins": 7, "low": "0 GeV", "high": "1 GeV", "label": "m"},
            "ratio": {"variable": "legs.e_over_p", "unit": "", "bins": 3, "low": 0.0, "high": 1.2, "label": "E/p"},
        },
        "histograms": {
            "mass": {"axes": ["mass"], "stage": "selected"},
            "plane": {"axes": ["mass", "ratio"], "stage": "visible"},
        },
    },
    Declarations,
    where="h.toml",
)
SAMPLES = ("data", "signal")
REGIONS = ("SR", "CR", "outside")
VARIATIONS = (NOMINAL, "p up", "p down")


def empty() -> Book:
    return Book.declare(DECLARATIONS, samples=SAMPLES, regions=REGIONS, variations=VARIATIONS)


@dataclass(frozen=True)
class Entries:
    region: NDArray[np.int64]
    mass: NDArray[np.float64]
    ratio: NDArray[np.float64]
    weight: NDArray[np.float64]

    @classmethod
    def random(cls, seed: int, size: int) -> Entries:
        draw = np.random.default_rng(seed)
        mass = draw.uniform(-300, 1500, size)
        mass[::7] = draw.choice([np.nan, np.inf, -np.inf, 0.0, 1000.0, 1000.0 / 7], size=len(mass[::7]))
        weight = draw.normal(1, 3, size) * 10.0 ** draw.integers(-6, 3, size)
        return cls(draw.integers(-1, 3, size), mass, draw.uniform(-0.2, 1.5, size), weight)

    def some(self, rows: NDArray[np.int64]) -> Entries:
        return Entries(self.region[rows], self.mass[rows], self.ratio[rows], self.weight[rows])

    def into(self, book: Book, *, sample: str = "data", weighted: bool = True, variation: str = NOMINAL) -> Book:
        weights = self.weight if weighted else None
        for name, values in (("mass", [self.mass]), ("plane", [self.mass, self.ratio])):
            book.fill(
                name, sample=sample, variation=variation, region_index=self.region, values=values, weights=weights
            )
        return book


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32), size=st.integers(0, 300), cuts=st.lists(st.integers(0, 300), max_size=5))
def test_any_split_and_order_gives_the_same_bits(seed: int, size: int, cuts: list[int]) -> None:
    entries = Entries.random(seed, size)
    whole = entries.into(empty())
    draw = np.random.default_rng(seed + 1)
    parts = np.split(draw.permutation(size), sorted(min(cut, size) for cut in cuts))
    books = [entries.some(rows).into(empty()) for rows in parts]
    total = empty()
    for i in draw.permutation(len(books)):
        total += books[i]
    assert total == whole
    filled_in_turn = empty()
    for rows in parts:
        entries.some(rows).into(filled_in_turn)
    assert filled_in_turn == whole


@given(seed=st.integers(0, 2**32), size=st.integers(0, 300))
def test_unit_weights_agree_with_hists_own_fill(seed: int, size: int) -> None:
    entries = Entries.random(seed, size)
    filled = entries.into(empty(), sample="signal", weighted=False)
    own = empty()["plane"]
    for i, region in enumerate(REGIONS):
        rows = entries.some(np.flatnonzero(entries.region == i))
        own.fill(dataset="signal", variation=NOMINAL, region=region, mass=rows.mass / 1e3, ratio=rows.ratio)
    nowhere = entries.some(np.flatnonzero(entries.region == -1))
    own.fill(dataset="signal", variation=NOMINAL, region="no region", mass=nowhere.mass / 1e3, ratio=nowhere.ratio)
    assert filled["plane"] == own
    ones = Entries(entries.region, entries.mass, entries.ratio, np.ones(size))
    assert ones.into(empty(), sample="signal") == filled


def test_weights_are_summed_and_squared() -> None:
    book = empty()
    book.fill(
        "mass",
        sample="signal",
        region_index=np.array([0, 0, 2]),
        values=[np.array([500.0, 501.0, 500.0])],
        weights=np.array([0.5, -2.0, 3.0]),
    )
    made = book["mass"]
    assert made[
        {"dataset": "signal", "variation": NOMINAL, "region": "SR", "mass": 3}
    ] == hist.accumulators.WeightedSum(-1.5, 4.25)
    assert made[
        {"dataset": "signal", "variation": NOMINAL, "region": "outside", "mass": 3}
    ] == hist.accumulators.WeightedSum(3, 9)
    assert made.sum(flow=True) == hist.accumulators.WeightedSum(1.5, 13.25)


def test_nothing_is_lost_out_of_range() -> None:
    book = empty()
    values = [np.array([np.nan, np.inf, 1e9, -np.inf, -1.0])]
    book.fill("mass", sample="data", region_index=np.full(5, -1), values=values)
    view = book["mass"].view(flow=True)["value"][0, 0, len(REGIONS)]
    assert (view[0], view[-1], view.sum()) == (2, 3, 5)


def test_axes_have_names_and_labels_with_units() -> None:
    made = empty()["plane"]
    assert list(made.axes.name) == ["dataset", "variation", "region", "mass", "ratio"]
    assert list(made.axes.label) == ["Sample", "Variation", "Region", "m [GeV]", "E/p"]
    assert list(made.axes[0]) == list(SAMPLES)
    assert list(made.axes[1]) == list(VARIATIONS)
    assert list(made.axes[2]) == list(REGIONS)
    assert isinstance(made.storage_type(), hist.storage.Weight)


def test_histogram_is_a_copy() -> None:
    book = empty()
    book["mass"].fill(dataset="data", variation=NOMINAL, region="SR", mass=0.5)
    assert book == empty()


def test_adding_leaves_the_terms_as_they_were() -> None:
    one, other = Entries.random(1, 10).into(empty()), Entries.random(2, 10).into(empty())
    total = one + other
    assert one == Entries.random(1, 10).into(empty())
    Entries.random(3, 10).into(total)
    assert one == Entries.random(1, 10).into(empty())


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_written_book_comes_back_bit_by_bit(compression: int) -> None:
    book = Entries.random(6, 100).into(Entries.random(5, 1000).into(empty()), sample="signal", variation="p up")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        book.write(archive)
    with zipfile.ZipFile(file) as archive:
        assert all(name.startswith("histograms/") and name.endswith((".json", ".npy")) for name in archive.namelist())
        again = Book.read(archive)
        made = hist.Hist(hist_from(archive, "histograms/plane"))
    assert again == book
    assert made == book["plane"]
    assert again + book == book + book


def hist_from(archive: zipfile.ZipFile, name: str) -> dict[str, Any]:
    from uhi.io.zip import read  # noqa: PLC0415 - as a reader without na62dump would

    return read(archive, name)


def test_file_that_is_not_what_it_declares_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        empty().write(archive)
    other = io.BytesIO()
    with zipfile.ZipFile(file) as archive, zipfile.ZipFile(other, "w") as changed:
        for name in archive.namelist():
            content = archive.read(name)
            if name.endswith("book.json"):
                index = json.loads(content)
                content = json.dumps(index | {"samples": ["data"]}).encode()
            changed.writestr(name, content)
    with zipfile.ZipFile(other) as archive, pytest.raises(InputFileError, match=r"histogram 'mass' .* not the bins"):
        Book.read(archive)


def test_books_of_different_runs_do_not_add_up() -> None:
    other = Book.declare(DECLARATIONS, samples=("data",), regions=REGIONS)
    with pytest.raises(MergeError, match="books differ in histograms, samples, variations or regions"):
        empty() + other
    nominal = Book.declare(DECLARATIONS, samples=SAMPLES, regions=REGIONS)
    with pytest.raises(MergeError, match="books differ in histograms, samples, variations or regions"):
        empty() + nominal
    assert empty() != other
    assert empty() != nominal
    assert empty() != 1


def test_wrong_names_are_answered_with_the_nearest() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    with pytest.raises(UnknownNameError, match=r"no histogram 'mas'; did you mean 'mass'\?"):
        empty()["mas"]
    with pytest.raises(UnknownNameError, match=r"no histogram 'plan'; did you mean 'plane'\?"):
        empty().fill("plan", sample="data", region_index=nothing, values=[])
    with pytest.raises(UnknownNameError, match=r"no sample 'dat' in this book; did you mean 'data'\?"):
        empty().fill("mass", sample="dat", region_index=nothing, values=[np.zeros(0)])
    with pytest.raises(UnknownNameError, match=r"no variation 'p dwn' in this book; did you mean 'p down'\?"):
        empty().fill("mass", sample="data", variation="p dwn", region_index=nothing, values=[np.zeros(0)])


@pytest.mark.parametrize(
    ("region", "values", "weights", "message"),
    [
        ([0], [[1.0], [1.0]], None, "has 1 axes, but 2 arrays"),
        ([0], [[1.0, 2.0]], None, "arrays of one length"),
        ([0], [[1.0]], [1.0, 1.0], "arrays of one length"),
        ([[0]], [[[1.0]]], None, "one-dimensional"),
        ([3], [[1.0]], None, "region indices from 3 to 3, but there are 3 regions"),
        ([-2], [[1.0]], None, "region indices from -2 to -2"),
        ([0], [[1.0]], [np.nan], "cannot be summed exactly"),
    ],
)
def test_wrong_arrays_are_refused(region: Any, values: Any, weights: Any, message: str) -> None:  # noqa: ANN401 - wrong on purpose
    with pytest.raises(ValueError, match=message):
        empty().fill(
            "mass",
            sample="data",
            region_index=np.array(region),
            values=[np.array(column) for column in values],
            weights=None if weights is None else np.array(weights),
        )


def test_book_without_regions_takes_rows_of_no_region() -> None:
    book = Book.declare(DECLARATIONS, samples=SAMPLES, regions=())
    book.fill("mass", sample="data", region_index=np.array([-1]), values=[np.array([1.0])])
    assert book["mass"].sum(flow=True).value == 1


def test_shipped_declarations_make_a_book() -> None:
    shipped = load(Path(__file__).parents[2] / "config" / "histograms.toml", Declarations)
    book = Book.declare(shipped, samples=SAMPLES, regions=REGIONS)
    assert {name: book[name].ndim for name in book.contents} == {
        name: 3 + len(histogram.axes) for name, histogram in shipped.histograms.items()
    }


@pytest.mark.parametrize("variations", [(), ("p up",), (NOMINAL, "p up", "p up")])
def test_variations_are_named_once_and_one_is_nominal(variations: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError, match="each once, and 'nominal' among them"):
        Book.declare(DECLARATIONS, samples=SAMPLES, regions=REGIONS, variations=variations)


@pytest.mark.parametrize("variations", [(NOMINAL,), VARIATIONS])
def test_every_histogram_has_the_axis_of_variations(variations: tuple[str, ...]) -> None:
    book = Book.declare(DECLARATIONS, samples=SAMPLES, regions=REGIONS, variations=variations)
    assert {tuple(book[name].axes["variation"]) for name in book.contents} == {variations}


@given(seed=st.integers(0, 2**32), size=st.integers(0, 100))
def test_a_variation_changes_its_own_place_alone(seed: int, size: int) -> None:
    entries = Entries.random(seed, size)
    book = entries.into(entries.into(empty()), variation="p down")
    nominal, varied = (book["plane"][{"variation": name}] for name in (NOMINAL, "p down"))
    assert nominal == varied == entries.into(empty())["plane"][{"variation": NOMINAL}]
    assert book["plane"][{"variation": "p up"}].sum(flow=True).value == 0
    contents = book.contents["plane"]
    assert np.array_equal(contents.values, book["plane"].view(flow=True)["value"])
    assert np.array_equal(contents.variances, book["plane"].view(flow=True)["variance"])


def test_zeros_that_were_filled_are_those_that_were_not() -> None:
    assert Entries.random(0, 0).into(empty()) == empty()
