from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.simulation.sim_world import both_tracks, changed, events_of, halo, owner, quiet, shapes, signal, usual

if TYPE_CHECKING:
    from numpy.typing import NDArray

NARROW = {"shape": "flat", "energy_min": "15 GeV", "energy_max": "150 GeV", "theta_max": "4 mrad"}


@cache
def tracks() -> dict[str, NDArray[np.float64]]:
    """Tracks of muons from decays upstream of the spectrometer."""
    return both_tracks(events_of(signal(events=200_000, spectrum=NARROW), quiet()))


def near(p: float) -> NDArray[np.bool_]:
    return np.abs(tracks()["true_p"] / p - 1) < 0.05


@pytest.mark.parametrize(("p", "urad"), [(10e3, 74), (50e3, 22)])
@pytest.mark.parametrize("axis", ["x", "y"])
def test_angular_resolution(p: float, urad: float, axis: str) -> None:
    # Scattering of 13.6 MeV/p sqrt(X/X0) in the first chamber, and 130 um twice over 10.56 m.
    t, here = tracks(), near(p)
    error = (t[f"d{axis}dz"] - t[f"true_p{axis}"] / t["true_pz"])[here]
    assert error.mean() == pytest.approx(0.0, abs=4e-6 * urad / np.sqrt(here.sum()))
    assert error.std() * 1e6 == pytest.approx(urad, rel=0.06)


@pytest.mark.parametrize("p", [10e3, 30e3, 80e3])
def test_momentum_resolution(p: float) -> None:
    t, here = tracks(), near(p)
    error = (t["p"] / t["true_p"] - 1)[here]
    assert error.std() == pytest.approx(np.hypot(0.0030, 0.00005 * p / 1000), rel=0.05)
    assert error.mean() == pytest.approx(0.0, abs=4 * 0.006 / np.sqrt(here.sum()))


def test_the_magnet_kicks_positive_tracks_to_positive_x_and_keeps_the_momentum() -> None:
    t = tracks()
    scale = t["true_p"] / np.sqrt(1 + t["dxdz"] ** 2 + t["dydz"] ** 2)
    after = t["true_p"] / np.sqrt(1 + t["dxdz_after"] ** 2 + t["dydz_after"] ** 2)
    kick = after * t["dxdz_after"] - scale * t["dxdz"]
    here = near(10e3)
    assert np.mean(kick[here] * t["charge"][here]) == pytest.approx(270.0, abs=0.2)
    assert np.std(kick[here] * t["charge"][here]) < 2.0
    assert np.mean((after * t["dydz_after"] - scale * t["dydz"])[here]) == pytest.approx(0.0, abs=0.2)


def test_times_of_two_tracks_differ_by_what_was_measured() -> None:
    t = tracks()["time"]
    half = len(t) // 2
    assert np.std(t[:half] - t[half:]) == pytest.approx(0.85, rel=0.03)


def test_decays_behind_the_first_chamber_give_no_track() -> None:
    late = events_of(signal(events=2000, decay_z_min="183.6 m", decay_z_max="190 m"), quiet())
    assert len(late["Track_p"]) == 0
    assert len(late["MUV3_tile"]) > 0


def test_tracks_lie_in_the_chambers() -> None:
    events = events_of(signal(events=5000), quiet())
    for chamber in shapes().straw[:2]:
        dz = chamber.z - shapes().reference.z
        r = np.hypot(events["Track_x"] + events["Track_dxdz"] * dz, events["Track_y"] + events["Track_dydz"] * dz)
        assert r.max() < chamber.r_max + 1.0
    assert set(events["Track_chambers"]) == {4}
    assert events["Track_chi2"].mean() == pytest.approx(1.0, abs=0.05)


def test_slow_particles_make_no_track() -> None:
    slow = changed(quiet(), straw={"momentum_min": 40_000.0})
    p = events_of(halo(singles=5000, pairs=0), slow)["Track_p"]
    assert len(p) > 100
    assert p.min() > 40_000 * 0.98


def test_efficiency() -> None:
    recipe = halo(singles=20_000, pairs=0)
    all_of_them = len(events_of(recipe, quiet())["Track_p"])
    some = len(events_of(recipe, changed(quiet(), straw={"efficiency": 0.6}))["Track_p"])
    assert some == pytest.approx(0.6 * all_of_them, abs=4 * np.sqrt(0.24 * all_of_them))


def test_accidental_tracks_are_flat_in_their_window() -> None:
    accidental = usual().straw.accidental.model_copy(update={"rate": 0.01})
    events = events_of(
        halo(singles=5000, pairs=0, target_spread="90 m"), changed(quiet(), straw={"accidental": accidental})
    )
    # Five in six points of the disc are in the chamber's acceptance: nearly all that is not the beam's band.
    assert 0.8 * len(events) < len(events["Track_p"]) < 1.0 * len(events) + 4 * np.sqrt(len(events))
    dt = events["Track_time"] - events["trigger_time"][owner(events, "Track")]
    assert dt.std() == pytest.approx(100 / np.sqrt(12), rel=0.03)
    assert np.abs(dt).max() <= 50.01
