from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from na62dump import analysis as searches
from na62dump.errors import ConfigurationError, UnknownQuantityError
from na62dump.planning import columns_of, needs, trace

if TYPE_CHECKING:
    from pathlib import Path

SELECTION = """
import numpy as np
from na62dump.configuration import Settings
from na62dump.cutflow import Selection

class Cuts(Settings):
    x_max: float

def select(visible, cuts):
    pair = visible.rows
    return Selection(visible, {{ "mine": {mask} }})
"""

CONFIG = """
selection = "mine"
regions = "mumu"
samples = []
histograms = ["mass", "e_over_p"]
hidden_with = []
[final_state]
plus = "mu+"
minus = "mu-"
[cuts]
x_max = 1.0
"""


def made(folder: Path, mask: str) -> searches.Analysis:
    (folder / "mine.py").write_text(SELECTION.format(mask=mask))
    (folder / "mine.toml").write_text(CONFIG)
    return searches.load(str(folder / "mine.toml"))


@pytest.mark.parametrize(
    ("mask", "found"),
    [
        ("pair.cda < 1", ("cda",)),
        ("np.abs(pair.dt) < cuts.x_max", ("dt",)),
        ("(pair.plus.p > 1) & ~(pair.n_lav > 0)", ("n_lav", "plus.p")),
        (
            "np.hypot(pair.vertex_x, pair.vertex_y) < np.where(pair.mass > 1, 2.0, pair.cda)",
            ("cda", "mass", "vertex_x", "vertex_y"),
        ),
        ("np.isin(pair.trigger, [1, 2])", ("trigger",)),
        ("pair.charge == 0", ("minus.charge", "plus.charge")),
        ("np.stack([pair.plus.p, pair.minus.p]).min(axis=0) > 1", ("minus.p", "plus.p")),
        ("pair.quantity('minus.e_over_p')[:] < 1", ("minus.e_over_p",)),
    ],
)
def test_what_a_requirement_reads_is_found_by_running_it(tmp_path: Path, mask: str, found: tuple[str, ...]) -> None:
    assert trace(made(tmp_path, mask)) == {"mine": found}


def test_what_cannot_be_followed_is_still_read(tmp_path: Path) -> None:
    # numpy turns the list into an array before anybody is asked
    assert trace(made(tmp_path, "np.logical_and.reduce([pair.cda < 1, pair.mass > 2])")) == {"mine": ("cda", "mass")}


def test_every_requirement_of_mumu_reads_something() -> None:
    traced = trace(searches.load("mumu"))
    assert next(iter(traced)) == "opposite charge"
    assert traced["E/p"] == ("minus.e_over_p", "plus.e_over_p")
    assert all(traced.values())


def test_needs_say_what_for() -> None:
    found = needs(searches.load("mumu"), "data")
    assert found["LAV_energy"] == ("requirement 'LAV veto'", "histogram 'n_lav'")
    assert "requirement 'E/p'" in found["LKr_energy"]
    assert "the regions" in found["Track_p"]
    assert "weight" not in found
    assert "ANTI0_time" not in found
    assert "weight" in needs(searches.load("mumu"), "simulation")


def test_columns_of_quantities_come_once() -> None:
    assert columns_of(["plus.p", "minus.p", "plus.time"], final_state=searches.load("mumu").file.final_state) == (
        "Track_p",
        "Track_time",
    )


def test_the_line_of_a_candidate_with_photons_is_made_of_clusters_too() -> None:
    with_photons = columns_of(["cda_tax"], final_state=searches.load("pipipi0").file.final_state)
    assert set(with_photons) > {
        *columns_of(["cda_tax"], final_state=searches.load("pipi").file.final_state),
        "LKr_energy",
    }
    photons = columns_of(["coe_radius"], final_state=searches.load("gg").file.final_state)
    assert {"trigger_time", "LKr_x", "LKr_y", "LKr_energy", "LKr_time"} == set(photons)


def test_an_unknown_quantity_stops_before_any_file_is_opened(tmp_path: Path) -> None:
    with pytest.raises(UnknownQuantityError, match="did you mean 'e_over_p'"):
        trace(made(tmp_path, "pair.plus.eop < 1"))


def test_a_histogram_of_an_unknown_requirement_is_refused(tmp_path: Path) -> None:
    search = made(tmp_path, "pair.cda < 1")
    with pytest.raises(ConfigurationError, match="names no requirement of the selection"):
        search.declarations.check_stages(list(trace(search)))


@pytest.mark.parametrize(
    ("mask", "told"),
    [
        ("{}['x']", r"mine\.py, line 11: select\(\) does not run: KeyError: 'x'; mend the selection"),
        ("1 / 0", r"mine\.py, line 11: select\(\) does not run: ZeroDivisionError: division by zero"),
        ("pair.cda < cuts.typo", r"mine\.py, line 11: .*AttributeError: 'Cuts' object has no attribute 'typo'"),
        ("__import__('sys').exit(3)", r"mine\.py, line 11: .*SystemExit: 3"),
        ("True", "the requirement 'mine' is a bool: it must be one bool for each of 0 rows"),
        ("[True]", "the requirement 'mine' is a list: it must be one bool for each of 0 rows"),
    ],
)
def test_a_selection_that_does_not_run_is_told_with_file_line_and_reason(tmp_path: Path, mask: str, told: str) -> None:
    search = made(tmp_path, mask)
    with pytest.raises(ConfigurationError, match=told) as caught:
        trace(search)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "select(visible, cuts)",
            "select(visible)",
            r"mine\.py: select\(\) does not run: TypeError: select\(\) takes 1",
        ),
        ("return Selection", "Selection", r"mine\.py: select\(\) gives a NoneType: it must return a Selection"),
    ],
)
def test_what_gives_no_selection_is_refused(tmp_path: Path, old: str, new: str, told: str) -> None:
    made(tmp_path, "pair.cda < 1")
    path = tmp_path / "mine.py"
    path.write_text(path.read_text().replace(old, new))
    search = searches.load(str(tmp_path / "mine.toml"))
    with pytest.raises(ConfigurationError, match=told):
        trace(search)
