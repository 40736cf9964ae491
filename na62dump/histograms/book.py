"""All histograms of a run: filled exactly, added in any order, saved without pickle."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import hist
import numpy as np
import uhi.io.zip

from na62dump.errors import ConfigurationError, InputFileError, MergeError, UnknownNameError, nearest
from na62dump.histograms.contents import Contents
from na62dump.histograms.declaration import DATASET, NOMINAL, REGION, VARIATION, Declarations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zipfile import ZipFile

    from numpy.typing import NDArray

FOLDER = "histograms/"
_INDEX = "book.json"


@dataclass(frozen=True, eq=False)
class Book:
    """Histograms over (sample, variation, region, one or two variables), with sums of weights and of squared weights.

    The category axes are fixed at declaration, so that books of all units add up. What is frozen is what the book
    holds; its contents grow by `fill`. Sums are exact (see `na62dump.sums`): they depend neither on the order of
    filling nor on how entries were spread over books.

    Attributes
    ----------
    declarations : Declarations
        Axes and histograms.
    samples, variations, regions : tuple of str
        Categories, in order.
    contents : mapping
        Name of a histogram to its sums.
    """

    declarations: Declarations
    samples: tuple[str, ...]
    variations: tuple[str, ...]
    regions: tuple[str, ...]
    contents: Mapping[str, Contents]

    @classmethod
    def declare(
        cls,
        declarations: Declarations,
        *,
        samples: Sequence[str],
        regions: Sequence[str],
        variations: Sequence[str] = (NOMINAL,),
    ) -> Book:
        """Empty book.

        Parameters
        ----------
        declarations : Declarations
            Axes and histograms.
        samples : sequence of str
            All samples of the plan, in its order.
        regions : sequence of str
            All regions, in order; rows in none of them go to the overflow of this axis.
        variations : sequence of str
            All systematic variations, in order, with the one in which nothing is varied.

        Returns
        -------
        Book
            All sums zero.

        Raises
        ------
        ConfigurationError
            If a variation is named twice, or the nominal one is missing.
        """
        if NOMINAL not in variations or len(set(variations)) < len(variations):
            msg = f"variations of a book are {list(variations)}: each once, and '{NOMINAL}' among them"
            raise ConfigurationError(msg)
        contents = {}
        for name in declarations.histograms:
            bins = tuple(axis.bins for axis in declarations.axes_of(name).values())
            contents[name] = Contents.empty(len(samples), len(variations), len(regions), bins=bins)
        return cls(declarations, tuple(samples), tuple(variations), tuple(regions), contents)

    def fill(
        self,
        name: str,
        *,
        sample: str,
        region_index: NDArray[np.integer],
        values: Sequence[NDArray[np.floating]],
        weights: NDArray[np.floating] | None = None,
        variation: str = NOMINAL,
    ) -> None:
        """Count entries of one sample, in one variation, in one histogram.

        Parameters
        ----------
        name : str
            Histogram.
        sample : str
            One of `samples`.
        region_index : int[n]
            Position in `regions`; -1 for a row in none.
        values : sequence of float[n]
            One array an axis, in base units: mm, ns, MeV, MeV/c, rad. NaN goes to the overflow, so that no entry
            is lost.
        weights : float[n], optional
            Without unit; all 1 if left out. Rounded to the grid of `na62dump.sums`, as are their squares.
        variation : str
            One of `variations`.

        Raises
        ------
        UnknownNameError
            If there is no such histogram, sample or variation.
        ValueError
            If lengths differ, an index is no region, or a weight cannot be summed exactly.
        """
        axes = self._axes[self._known(name)]
        factors = [axis.factor for axis in self.declarations.axes_of(name).values()]
        if len(values) != len(axes):
            msg = f"histogram '{name}' has {len(axes)} axes, but {len(values)} arrays of values came"
            raise ValueError(msg)
        shapes = [np.shape(column) for column in (region_index, *values, *([] if weights is None else [weights]))]
        if len(set(shapes)) != 1 or np.ndim(region_index) != 1:
            msg = f"histogram '{name}' needs one-dimensional arrays of one length; shapes are {shapes}"
            raise ValueError(msg)
        bins = [
            axis.index(np.asarray(column, dtype=np.float64) / factor)
            for axis, column, factor in zip(axes, values, factors, strict=True)
        ]
        place = _position(sample, self.samples, what="sample"), _position(variation, self.variations, what="variation")
        self.contents[name].count(place, region_index, bins=bins, weights=weights)

    def __add__(self, other: Book) -> Book:
        if self._made_for != other._made_for:
            msg = "books differ in histograms, samples, variations or regions and cannot be added: run both with the same files"
            raise MergeError(msg)
        contents = {name: filled + other.contents[name] for name, filled in self.contents.items()}
        return Book(*self._made_for, contents)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Book):
            return NotImplemented
        return self._made_for == other._made_for and all(
            filled.same_bits(other.contents[name]) for name, filled in self.contents.items()
        )

    __hash__ = None  # type: ignore[assignment]  # it holds arrays, and its base declares a method

    def __getitem__(self, name: str) -> hist.Hist:
        """Histogram with axes (dataset, variation, region, variables), Weight storage; a copy.

        Parameters
        ----------
        name : str
            Histogram.

        Returns
        -------
        hist.Hist
            Sums of weights and of squared weights, flow bins included.

        Raises
        ------
        UnknownNameError
            If there is none.
        """
        axes = self._axes[self._known(name)]
        return self.contents[name].to_hist([*self._categories, *axes], name=name)

    def write(self, archive: ZipFile, *, folder: str = FOLDER) -> None:
        """Store all histograms in an open zip archive, in the UHI format.

        Parameters
        ----------
        archive : ZipFile
            Open for writing.
        folder : str
            Folder inside it, with its slash.
        """
        index = {
            "declarations": self.declarations.model_dump(mode="json"),
            "samples": self.samples,
            "variations": self.variations,
            "regions": self.regions,
        }
        archive.writestr(f"{folder}{_INDEX}", json.dumps(index, indent=1))
        for name in self.contents:
            uhi.io.zip.write(archive, f"{folder}{name}", self[name])

    @classmethod
    def read(cls, archive: ZipFile, *, folder: str = FOLDER) -> Book:
        """Read what `write` stored.

        Parameters
        ----------
        archive : ZipFile
            Open for reading.
        folder : str
            Folder inside it, with its slash.

        Returns
        -------
        Book
            Equal to the one that was written, bit by bit.

        Raises
        ------
        InputFileError
            If a histogram is not what the archive's own index declares.
        """
        index = json.loads(archive.read(f"{folder}{_INDEX}"))
        declarations = Declarations.model_validate(index["declarations"])
        categories = {name: index[name] for name in ("samples", "variations", "regions")}
        empty = cls.declare(declarations, **categories)
        contents = {}
        for name, declared in empty.contents.items():
            storage = uhi.io.zip.read(archive, f"{folder}{name}")["storage"]
            contents[name] = Contents.of(storage["values"], storage["variances"])
            if contents[name].shape != declared.shape:
                msg = f"histogram '{name}' in {archive.filename} has not the bins that it declares; make it again"
                raise InputFileError(msg)
        return replace(empty, contents=contents)

    @property
    def _made_for(self) -> tuple[Declarations, tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        return self.declarations, self.samples, self.variations, self.regions

    @cached_property
    def _axes(self) -> dict[str, list[Any]]:

        declared = self.declarations
        made = {
            name: hist.axis.Regular(axis.bins, axis.low, axis.high, name=name, label=axis.title)
            for name, axis in declared.axes.items()
        }
        return {name: [made[axis] for axis in histogram.axes] for name, histogram in declared.histograms.items()}

    @cached_property
    def _categories(self) -> list[Any]:

        return [
            hist.axis.StrCategory(self.samples, name=DATASET, label="Sample"),
            hist.axis.StrCategory(self.variations, name=VARIATION, label="Variation"),
            hist.axis.StrCategory(self.regions, name=REGION, label="Region"),
        ]

    def _known(self, name: str) -> str:
        if name not in self.contents:
            msg = f"no histogram '{name}'; {nearest(name, self.contents)}"
            raise UnknownNameError(msg)
        return name


def _position(name: str, known: tuple[str, ...], *, what: str) -> int:
    if name not in known:
        msg = f"no {what} '{name}' in this book; {nearest(name, known)}"
        raise UnknownNameError(msg)
    return known.index(name)
