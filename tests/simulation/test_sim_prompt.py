from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump.errors import ConfigurationError
from na62dump.simulation.sources import count
from tests.simulation.sim_world import events_of, owner, prompt, quiet, usual

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.events import Events
    from na62dump.simulation import Response

BEHIND = {"vertex_z_min": "190 m", "vertex_z_max": "200 m"}
"""Behind the ANTI0 and nearly all of the LAV: what is there is not of the pair."""


@cache
def sample() -> Events:
    return events_of(prompt(), quiet())


def momenta(events: Events) -> NDArray[np.float64]:
    """Momenta float64[event, daughter, axis], MeV/c."""
    return np.stack([events[f"Truth_p{axis}"].astype(np.float64).reshape(-1, 2) for axis in "xyz"], axis=-1)


def test_pairs_have_their_mass_and_momentum() -> None:
    events, p = sample(), momenta(sample())
    energy = np.sqrt((p**2).sum(axis=-1) + 0.511**2).sum(axis=1)
    assert energy == pytest.approx(events["truth_energy"], rel=1e-5)
    assert count(prompt(), 1) == len(events) == 20_000
    mass = events["truth_mass"].astype(np.float64)
    cut = np.exp(-(2000 - 1.022) / 100)
    assert mass.mean() == pytest.approx(1.022 + 100 - 1999 * cut / (1 - cut), rel=0.03)
    total = np.sqrt((p.sum(axis=1) ** 2).sum(axis=-1))
    assert total.min() > 4900
    assert np.median(total) == pytest.approx(5e3 + 30e3 * np.log(2), rel=0.03)


def test_vertices_are_flat_in_z_and_the_pair_is_no_exotic_particle() -> None:
    events = sample()
    z = events["truth_z"]
    counts = np.histogram(z, bins=10, range=(80e3, 180e3))[0]
    assert counts.sum() == len(z)
    assert np.sum((counts - counts.mean()) ** 2 / counts.mean()) < 9 + 4 * np.sqrt(18)
    assert not events["truth_pdg"].any()
    assert set(events["truth_final_state"]) == {2}
    assert np.all(events["weight"] == 1.0)


def test_without_transverse_momentum_pairs_fly_like_halo_muons() -> None:
    events = events_of(prompt(transverse_momentum="0 MeV/c"), quiet())
    p = momenta(events).sum(axis=1)
    at = [events[f"truth_{c}"] + p[:, i] / p[:, 2] * (183_508 - events["truth_z"]) for i, c in enumerate("xy")]
    for x in at:
        assert x.std() == pytest.approx(300.0, rel=0.03)
        assert x.mean() == pytest.approx(0.0, abs=4 * 300 / np.sqrt(len(x)))


def test_both_particles_come_at_one_time() -> None:
    events = events_of(prompt(final_state="mumu", mass_mean="200 MeV", transverse_momentum="0 MeV/c"), quiet())
    two = np.diff(events.offsets["Track"]) == 2
    first = events.offsets["Track"][:-1][two]
    dt = events["Track_time"][first + 1] - events["Track_time"][first]
    assert dt.std() == pytest.approx(0.85, rel=0.05)


def in_time(events: Events, collection: str, window: float) -> NDArray[np.bool_]:
    """Whether each event has a hit that close (ns) to its trigger."""
    dt = events[f"{collection}_time"] - events["trigger_time"][owner(events, collection)]
    return np.bincount(owner(events, collection)[np.abs(dt) < window], minlength=len(events)) > 0


@pytest.mark.parametrize(("response", "rate"), [(quiet(), 0.0), (usual(), 400e3 * 1e-9)], ids=["quiet", "usual"])
def test_lav_and_anti0_see_the_interaction_as_often_as_asked_for(response: Response, rate: float) -> None:
    # With accidental hits: 1 - (1 - p) exp(-rate * full window).
    events = events_of(prompt(**BEHIND, final_state="mumu", lav_activity=0.8, anti0_activity=0.6), response)
    lav, anti0 = in_time(events, "LAV", 10.0), in_time(events, "ANTI0", 10.0)
    of_pair = events_of(prompt(**BEHIND, final_state="mumu", lav_activity=0.0, anti0_activity=0.0), quiet())
    silent = 1 - in_time(of_pair, "LAV", 10.0).mean()
    error = 4 * np.sqrt(0.25 / len(events))
    assert lav.mean() == pytest.approx(1 - 0.2 * np.exp(-20 * rate) * silent, abs=error)
    assert anti0.mean() == pytest.approx(1 - 0.4 * np.exp(-20 * rate), abs=error)
    assert np.mean(lav & anti0) == pytest.approx(lav.mean() * anti0.mean(), abs=error)


def test_hits_of_the_interaction_are_above_threshold_and_everywhere() -> None:
    events = events_of(prompt(**BEHIND, final_state="mumu", lav_activity=1.0, anti0_activity=1.0), quiet())
    assert events["LAV_energy"].min() > usual().lav.threshold
    assert set(events["LAV_station"]) == set(range(1, 13))
    assert np.hypot(events["ANTI0_x"], events["ANTI0_y"]).max() < 1081
    assert len(events["ANTI0_x"]) == len(events)


WITH_MUON = {"muon": True, "share_min": 0.1}


def test_the_muon_is_in_the_event_and_keeps_what_the_pair_does_not_take() -> None:
    events = events_of(prompt(**WITH_MUON, transverse_momentum="0 MeV/c", positive=0.7), quiet())
    pdg = events["Truth_pdg"].reshape(-1, 3)
    assert set(pdg[:, 2]) == {-13, 13}
    assert np.mean(pdg[:, 2] == -13) == pytest.approx(0.7, abs=4 * np.sqrt(0.21 / len(events)))
    p = np.stack([events[f"Truth_p{axis}"].astype(np.float64).reshape(-1, 3) for axis in "xyz"], axis=-1)
    pair, muon = p[:, :2].sum(axis=1), p[:, 2]
    assert pair[:, :2] / pair[:, 2:] == pytest.approx(muon[:, :2] / muon[:, 2:], abs=1e-6)
    share = pair[:, 2] / (pair + muon)[:, 2]
    counts = np.histogram(np.log(share), bins=10, range=(np.log(0.1), 0))[0]
    assert counts.sum() == len(events)
    assert np.sum((counts - counts.mean()) ** 2 / counts.mean()) < 9 + 4 * np.sqrt(18)
    total = np.sqrt(((pair + muon) ** 2).sum(axis=1))
    assert np.median(total) == pytest.approx(5e3 + 30e3 * np.log(2), rel=0.03)


def test_the_muon_leaves_what_muons_leave_upstream_of_the_vertex_too() -> None:
    nothing_else = {"lav_activity": 0.0, "anti0_activity": 0.0}
    without, with_it = (
        events_of(prompt(**BEHIND, **nothing_else, **muon, momentum_min="40 GeV/c", final_state="mumu"), quiet())
        for muon in ({"share_min": 0.1}, WITH_MUON)
    )
    assert not in_time(without, "ANTI0", 10.0).any()
    assert in_time(with_it, "ANTI0", 10.0).mean() > 0.5
    assert in_time(with_it, "LAV", 10.0).mean() > in_time(without, "LAV", 10.0).mean() + 0.1
    assert len(with_it["CHOD_time"]) > 1.2 * len(without["CHOD_time"])


def test_a_muon_that_gives_all_cannot_go_on() -> None:
    with pytest.raises(ConfigurationError, match="needs share_min below 1"):
        prompt(muon=True)
