"""Under which views data are hidden: each final state, the bare pair, all others, every scale; each once."""

from __future__ import annotations

import numpy as np
import pytest

from na62dump import analysis as searches
from na62dump.analysis import Looks
from na62dump.analysis.views import Kin, views
from na62dump.events import Scaling
from na62dump.reconstruction import FinalState
from tests.making import events_of, photons_of, pointing_pair

HADRONS = ("pipi", "pipig", "pipipi0", "pipi2pi0", "pipieta", "kk", "kkpi0")
UP = Scaling({"Track_p": 1.1})
PLANE = searches.load("pipi").plane
PIPI = FinalState(plus="pi+", minus="pi-")
PIPIPI0 = FinalState(plus="pi+", minus="pi-", neutrals=("pi0",))
PIMU = FinalState(plus="pi+", minus="mu-", conjugate=True)
GG = FinalState(neutrals=("gamma", "gamma"))


@pytest.mark.parametrize(
    ("state", "looks"),
    [(PIPI, [(True, 0)]), (PIPIPI0, [(True, 2), (True, 0)]), (PIMU, [(True, 0)]), (GG, [(False, 2)])],
)
def test_a_final_state_is_seen_with_and_without_its_photons(state: FinalState, looks: list[tuple[bool, int]]) -> None:
    found = views("x", Kin(state, PLANE, (Scaling(), UP)), kin={})
    assert [view.look for view in found] == [(*look, scaling) for look in looks for scaling in (Scaling(), UP)]
    # by geometry alone: all photons are alike, and no pair is taken twice
    assert all(set(view.final_state.neutrals) <= {"gamma"} for view in found)
    assert not any(view.final_state.conjugate for view in found)


def test_each_of_the_others_is_a_view_with_its_own_regions_under_every_scale() -> None:
    other = searches.load("pipipi0").plane
    kin = {"kk": Kin(PIPI, PLANE, (Scaling(), UP)), "pipipi0": Kin(PIPIPI0, other, (Scaling(),))}
    found = views("pipi", Kin(PIPI, PLANE, (Scaling(),)), kin=kin)
    assert {(view.analysis, view.look) for view in found} == {
        (name, (True, photons, scaling))
        for name, photons in (("pipi", 0), ("kk", 0), ("pipipi0", 0), ("pipipi0", 2))
        for scaling in (Scaling(), UP)
    }
    assert len({(view.analysis, view.look) for view in found}) == len(found) == 8
    assert all(view.plane is (other if view.analysis == "pipipi0" else PLANE) for view in found)


@pytest.mark.parametrize("name", HADRONS)
def test_the_hadronic_searches_hide_together(name: str) -> None:
    search = searches.load(name)
    assert {name, *search.kin} == set(HADRONS)
    every = {(view.analysis, view.look) for view in search.views}
    assert every == {(view.analysis, view.look) for view in searches.load("pipi").views}
    assert len(every) == len(search.views)
    photons = dict(zip(HADRONS, (0, 1, 2, 4, 2, 0, 2), strict=True))
    nominal = {(analysis, look[1]) for analysis, look in every if look[2] == Scaling()}
    assert nominal == {(analysis, n) for analysis, own in photons.items() for n in {0, own}}
    assert len({look[2] for _, look in every}) == 5


def test_an_analysis_named_by_itself_is_no_other() -> None:
    search = searches.load("mumu")
    assert search.kin == {}
    assert len(search.views) == 1


def test_each_look_is_made_once() -> None:
    search = searches.load("pipig")
    event = pointing_pair(23e3, 5.0)
    event.elements["LKr"] = photons_of(135.0, (5.0, 232.0, 150e3), [(500.0, -200.0), (-500.0, -100.0)])
    looks = Looks(search, events_of([event]))
    own = looks.own(Scaling())
    assert looks.own(Scaling()) is own
    assert own.rows.neutrals_of == ("gamma",)
    veils = list(looks.veils({}))
    assert len(veils) == len(search.views)
    # no photon, one, two and four, under five scales each
    assert len({id(veil.candidates) for veil in veils}) == 4 * 5
    # the candidates of the analysis itself serve its own view; the others know their lines and charges, and no more
    assert any(veil.candidates is own for veil in veils)
    assert {tuple(veil.candidates.rows.tracks) for veil in veils if not veil.candidates.rows.events} == {("charge",)}


def test_scaled_detectors_are_looked_at_in_every_view() -> None:
    search = searches.load("pipi")
    looks = Looks(search, events_of([pointing_pair(23e3, 5.0)]))
    momenta = {scaling: float(looks.own(scaling).rows.plus.p[0]) for scaling in {v.look[2] for v in search.views}}
    factors = sorted(np.round(p / momenta[Scaling()], 6) for p in momenta.values())
    assert factors == pytest.approx([0.999, 1.0, 1.0, 1.0, 1.001], rel=1e-6)
