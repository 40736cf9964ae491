from __future__ import annotations

import gzip
import hashlib
import importlib.util
import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from na62dump.errors import InputFileError, UnknownNameError
from na62dump.signal import parents, spectra

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

    from numpy.typing import NDArray

    from na62dump.signal.spectra import Spectrum

SPECIES = {
    "soft": {111, 221, 331, 113, 213, 223, 333},
    "charm": {411, 421, 431},
    "beauty": {511, 521, 531},
}
EVENTS, SEED = 1500, 7
FEWEST = 8.0
"""Mesons expected in a cell, below which it is joined with others."""


@pytest.fixture(scope="module")
def folder(repository: Path) -> Path:
    return repository / "config" / "signal" / "spectra"


@pytest.fixture(scope="module")
def script(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", folder / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def anew(script: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with tables of few events, made now."""
    made = tmp_path_factory.mktemp("spectra")
    for process in SPECIES:
        script.write(script.generate(process, events=EVENTS, seed=SEED), made / f"{process}.json.gz")
    return made


def joined(spectrum: Spectrum) -> NDArray[np.float64]:
    """Counts in cells 7 times as wide in momentum and 5 times in transverse momentum."""
    rows, columns = spectrum.counts.shape
    found: NDArray[np.float64] = (
        spectrum.counts.astype(np.float64).reshape(rows // 7, 7, columns // 5, 5).sum(axis=(1, 3))
    )
    return found


# The tables that are shipped


@pytest.mark.parametrize("table", SPECIES)
def test_each_table_has_its_species_and_says_what_made_it(table: str, folder: Path) -> None:
    tables = spectra.read(folder / f"{table}.json.gz")
    assert set(tables) == SPECIES[table]
    for spectrum in tables.values():
        made = spectrum.made_by
        assert made["generator"] == "Pythia"
        assert float(made["version"]) >= 8.3
        assert {"Beams:eA = 400.0", f"Random:seed = {made['seed']}"} <= set(made["settings"])
        assert made["events"] == spectrum.events >= 1000


@pytest.mark.parametrize("table", SPECIES)
def test_each_table_was_made_by_the_script_beside_it(table: str, folder: Path) -> None:
    content = json.loads(gzip.decompress((folder / f"{table}.json.gz").read_bytes()))
    assert content["made_by"]["script"] == hashlib.sha256((folder / "generate.py").read_bytes()).hexdigest()
    assert len(content["sha256"]) == 64


def test_thirteen_species_take_less_than_a_hundred_kilobytes(folder: Path) -> None:
    files = sorted(folder.glob("*.json.gz"))
    assert [path.name.removesuffix(".json.gz") for path in files] == sorted(SPECIES)
    assert sum(map(len, SPECIES.values())) == 13
    assert sum(path.stat().st_size for path in files) < 100_000


def test_spectra_integrate_to_the_multiplicities() -> None:
    # Per collision for soft mesons, per pair for heavy ones. Numbers of D are those of ALPINIST, which Pythia meets within 4%.
    settings = parents.source().settings
    groups = (
        (settings.light, parents.LightMesons),
        (settings.charm, parents.Charm),
        (settings.beauty, parents.Beauty),
    )
    for group, kind in groups:
        for name in kind.model_fields:
            meson = getattr(group, name)
            if not isinstance(meson, parents.Light | parents.Heavy):
                continue
            spectrum = spectra.spectrum(group.table, meson.pdg)
            counted = spectrum.counts.sum() / spectrum.events
            assert counted == pytest.approx(spectrum.multiplicity * spectrum.inside, rel=1e-12)
            assert spectrum.multiplicity == pytest.approx(meson.number, rel=0.05), name
            assert 0.95 < spectrum.inside <= 1.0


# Reading


def edited(path: Path, target: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    content = json.loads(gzip.decompress(path.read_bytes()))
    change(content)
    target.write_bytes(gzip.compress(json.dumps(content).encode()))
    return target


CHANGES = {
    "a count": (lambda content: content["counts"]["411"].__setitem__(800, 10**6), "sha256: it was changed"),
    "the seed": (lambda content: content["made_by"].__setitem__("seed", 1), "sha256: it was changed"),
    "the number of mesons": (lambda content: content["mesons"].__setitem__("411", 1), "sha256: it was changed"),
    "no sha256": (lambda content: content.pop("sha256"), "not a table of spectra"),
    "too few counts": (lambda content: content["counts"].__setitem__("411", [1, 2]), "not a table of spectra"),
    "counts of text": (lambda content: content["counts"].__setitem__("411", "x"), "not a table of spectra"),
    "no edges": (lambda content: content.pop("log10_p_gev"), "not a table of spectra"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_an_edited_table_is_refused(what: str, folder: Path, tmp_path: Path) -> None:
    change, message = CHANGES[what]
    path = edited(folder / "charm.json.gz", tmp_path / "charm.json.gz", change)
    with pytest.raises(InputFileError, match=message):
        spectra.read(path)


@pytest.mark.parametrize("keep", [0.0, 0.5, 0.999])
def test_a_truncated_table_is_refused(keep: float, folder: Path, tmp_path: Path) -> None:
    whole = (folder / "charm.json.gz").read_bytes()
    (tmp_path / "charm.json.gz").write_bytes(whole[: int(keep * len(whole))])
    with pytest.raises(InputFileError, match="make it again with"):
        spectra.read(tmp_path / "charm.json.gz")


@given(place=st.floats(min_value=0.02, max_value=0.999), flip=st.integers(min_value=1, max_value=255))
def test_no_damaged_byte_goes_unnoticed(
    place: float, flip: int, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = bytearray((folder / "beauty.json.gz").read_bytes())
    content[int(place * len(content))] ^= flip
    path = tmp_path_factory.mktemp("damaged") / "beauty.json.gz"
    path.write_bytes(content)
    try:
        found = spectra.read(path)
    except InputFileError as error:
        assert "make it again with" in str(error)  # noqa: PT017 - a bit that pads the stream changes nothing
    else:
        for pdg, spectrum in spectra.read(folder / "beauty.json.gz").items():
            np.testing.assert_array_equal(found[pdg].counts, spectrum.counts)


def test_a_table_that_is_not_there_and_a_species_that_it_lacks_are_named() -> None:
    with pytest.raises(UnknownNameError, match="no config file 'signal/spectra/sofft'; did you mean"):
        spectra.spectrum("sofft", 111)
    with pytest.raises(UnknownNameError, match=r"has no particle 2212; .*111"):
        spectra.spectrum("soft", 2212)


def test_a_table_near_by_comes_first(anew: Path, tmp_path: Path) -> None:
    near = tmp_path / "signal" / "spectra"
    near.mkdir(parents=True)
    (near / "charm.json.gz").write_bytes((anew / "charm.json.gz").read_bytes())
    assert spectra.spectrum("charm", 411, near=tmp_path).events == EVENTS


# Drawing


@pytest.mark.parametrize(("table", "pdg"), [("soft", 221), ("beauty", 521)])
def test_what_is_drawn_is_distributed_as_the_table(table: str, pdg: int) -> None:
    spectrum = spectra.spectrum(table, pdg)
    n = 100_000
    p, pt = spectrum.draw(np.random.default_rng(1).random((n, 3)))
    # The place in a cell where pT would exceed p is moved to pT = p: the table is compared where that cannot be.
    found = np.histogram2d(np.log10(p / 1e3), np.sqrt(pt / 1e3), bins=(spectrum.log_p, spectrum.sqrt_pt))[0]
    expected = n * spectrum.counts / spectrum.counts.sum()
    possible = 10.0 ** spectrum.log_p[:-1, None] > spectrum.sqrt_pt[None, 1:] ** 2
    used = possible & (expected > FEWEST)
    assert expected[used].sum() > 0.5 * n
    total = float(np.sum((found - expected)[used] ** 2 / expected[used]))
    assert 1e-3 < chi2.sf(total, used.sum()) < 1 - 1e-3
    assert found[spectrum.counts == 0].sum() <= expected[~possible].sum()


@given(point=st.tuples(*[st.floats(min_value=0.0, max_value=1.0, exclude_max=True)] * 3))
def test_every_point_is_a_meson_of_the_table(point: tuple[float, float, float]) -> None:
    spectrum = spectra.spectrum("charm", 421)
    p, pt = spectrum.draw(np.array([point]))
    assert 10 ** spectrum.log_p[0] <= p[0] / 1e3 * (1 + 1e-12)
    assert p[0] / 1e3 <= 10 ** spectrum.log_p[-1] * (1 + 1e-12)
    assert 0 <= pt[0] <= p[0]


# Making anew


@pytest.mark.parametrize("table", SPECIES)
def test_a_table_made_anew_is_compatible_with_the_shipped_one(table: str, anew: Path, folder: Path) -> None:
    for pdg, few in spectra.read(anew / f"{table}.json.gz").items():
        many = spectra.read(folder / f"{table}.json.gz")[pdg]
        one, other = joined(few), joined(many)
        scale = one.sum() / other.sum()
        used = scale * other > FEWEST
        chi = (one - scale * other)[used] ** 2 / (scale * other + scale**2 * other)[used]
        # Mesons of one collision are not independent: somewhat more than 1 for each cell.
        assert chi.sum() < 2.0 * max(used.sum() - 1, 1) + 6, (table, pdg)
        spread = math.sqrt(3 * few.multiplicity / EVENTS + 3 * many.multiplicity / many.events)
        assert abs(few.multiplicity - many.multiplicity) < 5 * spread, (table, pdg)


def test_the_same_seed_makes_the_same_bytes(script: ModuleType, anew: Path, tmp_path: Path) -> None:
    script.write(script.generate("beauty", events=EVENTS, seed=SEED), tmp_path / "beauty.json.gz")
    assert (tmp_path / "beauty.json.gz").read_bytes() == (anew / "beauty.json.gz").read_bytes()


def test_a_copy_of_a_meson_is_no_birth(script: ModuleType) -> None:
    class Particle:
        def __init__(self, pdg: int, mother: int) -> None:
            self._pdg, self._mother = pdg, mother

        def id(self) -> int:
            return self._pdg

        def mother1(self) -> int:
            return self._mother

        def px(self) -> float:
            return 1.0

        py = pz = px

    class Event(list[Particle]):
        def size(self) -> int:
            return len(self)

    event = Event([Particle(90, 0), Particle(-511, 0), Particle(511, 1), Particle(111, 2), Particle(211, 2)])
    assert [number for number, *_ in script.born(event, (511, 111))] == [511, 111]
