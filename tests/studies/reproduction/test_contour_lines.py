from __future__ import annotations

import numpy as np
import pytest

from na62dump.inference.counts.counting import Counting
from na62dump.inference.exclusion.limits import Limits, Scan
from na62dump.inference.published import Extent
from na62dump.studies.reproduction.contours import compared, name_of, reach
from na62dump.studies.reproduction.settings import Agreement, plan

MASSES = np.linspace(100.0, 1000.0, 46)
COUPLINGS = np.geomspace(1e-8, 1e-3, 101)
NONE = np.zeros(len(MASSES), dtype=np.int64)
AGREEMENT = Agreement(mass=0.05, coupling=0.1, order=0.5)


def counting(*searches: str) -> Counting:
    nothing, shape = np.zeros(len(MASSES)), (len(MASSES), len(searches))
    return Counting(
        name=" + ".join(searches), searches=searches, regions=("SR",), masses=MASSES, windows=np.zeros((*shape, 2)),
        shares=np.ones(shape), expected=nothing, uncertainty=nothing, mechanisms=(), by_mechanism=np.zeros((0, len(MASSES))),
        by_uncertainty=np.zeros((0, len(MASSES))), limited=(), keys=np.zeros((0, 3), dtype=np.int64),
        seen=np.zeros((0, len(searches))), observed=nothing.astype(np.int64), remarks=(), systematic={},
    )  # fmt: skip


def limits(*, mass: tuple[float, float], coupling: tuple[float, float]) -> Limits:
    """Limits that exclude a box."""
    far = (np.abs(MASSES - np.mean(mass)) / (np.ptp(mass) / 2))[:, None] * np.ones(len(COUPLINGS))
    low, high = np.log(coupling)
    inside = (np.abs(np.log(COUPLINGS) - (low + high) / 2) / ((high - low) / 2))[None, :] * np.ones_like(far)
    events = 2.3 * np.exp(1 - np.maximum(far, inside))
    limit = np.full(events.shape, 2.3)
    scan = Scan(counting("mumu"), events, np.zeros_like(events), NONE, limit, np.zeros((0, *events.shape)), limit)
    about = {"name": "epsilon", "label": "e", "unit": "1"}
    return Limits("dark_photon", "A'", about, {}, 1.4e17, 0.2, None, 0.9, "cls", (), (), MASSES, COUPLINGS, (scan,))


def extent(*, order: bool = False) -> Extent:
    couplings = (1e-6, 1e-6) if order else (1e-6, 1e-5)
    told = {"model": "dark_photon", "searches": ["mumu"], "source": "a text", "masses": ["200 MeV", "600 MeV"]}
    return Extent.model_validate({**told, "couplings": couplings, "order": order})


def verdicts(found: Limits, published: Extent) -> dict[str, str]:
    return {
        line.what.split(": ")[1].split(" ")[0]: line.verdict for line in compared(found, published, agreement=AGREEMENT)
    }


def test_a_larger_contour_holds_what_is_published() -> None:
    found = limits(mass=(150, 800), coupling=(1e-7, 1e-4))
    ends = {line.what: line.verdict for line in compared(found, extent(), agreement=AGREEMENT)}
    assert ends.pop("mumu, observed: share of the published masses with an exclusion there") == "agrees"
    assert set(ends.values()) == {"reaches further"}


def test_a_contour_as_published_agrees() -> None:
    found = limits(mass=(199, 601), coupling=(1e-6, 1e-5))
    assert {line.verdict for line in compared(found, extent(), agreement=AGREEMENT)} == {"agrees"}


@pytest.mark.parametrize("mass", [(191, 609), (187, 613)])
def test_masses_end_between_points_of_the_grid(mass: tuple[float, float]) -> None:
    lines = {
        line.what: line for line in compared(limits(mass=mass, coupling=(1e-7, 1e-4)), extent(), agreement=AGREEMENT)
    }
    ends = [lines[f"mumu, observed: {end} mass, MeV"].ours for end in ("lowest", "highest")]
    assert ends == pytest.approx(mass, abs=0.5)


def test_only_published_couplings_count_for_the_masses() -> None:
    found = limits(mass=(150, 800), coupling=(3e-5, 1e-4))
    lines = [line for line in compared(found, extent(), agreement=AGREEMENT) if "mass, MeV" in line.what]
    assert [line.ours for line in lines] == [None, None]


@pytest.mark.parametrize(
    ("mass", "coupling", "which"),
    [
        ((300, 800), (1e-7, 1e-4), "lowest mass, MeV"),
        ((150, 400), (1e-7, 1e-4), "highest mass, MeV"),
        ((150, 800), (3e-6, 1e-4), "lowest epsilon"),
        ((150, 800), (1e-7, 3e-6), "highest epsilon"),
    ],
)
def test_a_contour_that_ends_short_differs(
    mass: tuple[float, float], coupling: tuple[float, float], which: str
) -> None:
    lines = compared(limits(mass=mass, coupling=coupling), extent(), agreement=AGREEMENT)
    differ = [line.what for line in lines if line.verdict == "differs"]
    assert any(which in what for what in differ)


def test_an_order_of_magnitude_has_more_room() -> None:
    found = limits(mass=(150, 800), coupling=(2e-6, 1e-5))
    verdicts = {line.what: line.verdict for line in compared(found, extent(order=True), agreement=AGREEMENT)}
    assert verdicts["mumu, observed: lowest epsilon"] == "agrees"
    assert "differs" not in verdicts.values()


def test_nothing_excluded_differs_and_says_so() -> None:
    found = limits(mass=(150, 800), coupling=(2e-4, 5e-4))
    lines = list(compared(found, extent(), agreement=AGREEMENT))
    assert all(line.verdict == "differs" for line in lines)
    assert "nothing is excluded" in lines[0].remark


def test_how_far_is_told_of_each_scan() -> None:
    (line,) = reach(limits(mass=(150, 800), coupling=(1e-7, 1e-4)))
    assert line.published is None
    assert "epsilon 1e-07 to 0.0001" in str(line.ours)


def test_several_searches_have_one_name() -> None:
    found = limits(mass=(150, 800), coupling=(1e-7, 1e-4)).scans[0]
    both = Scan(
        counting("mumu", "ee"), found.events, found.relative, found.median, found.expected, found.bands, found.observed
    )
    assert name_of(both) == "combined"


def test_the_shipped_plan_covers_the_published_extents() -> None:
    assert {"dark_photon", "dark_scalar", "hnl_mu", "alp_gluon", "alp_photon"} <= {
        study.model for study in plan().study
    }
