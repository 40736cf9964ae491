"""The accidental background closes: single muons, mixed, give the numbers of real pairs in every region."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest

from na62dump.background import combinatorial as module
from na62dump.background.combinatorial import combinatorial
from na62dump.background.mixing import pool
from na62dump.background.pair_sums import PairSums, delete_a_burst, pair_sums
from na62dump.events import gather
from na62dump.results import SingleTracks
from tests.background.halo_world import DURATION, SEARCH, lines, meetings, selected, settings, tracks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.background.combinatorial import Combinatorial
    from na62dump.background.estimate import Estimate
    from na62dump.background.prefilter import Lines
    from na62dump.events import Events

    Indices = NDArray[np.int64]

REGIONS = SEARCH.plane.names[:-1]
SAME = {"same charge": ("opposite charge",)}
SPILLS = (500, 1000, 1500)
"""Mean numbers of muons in the bursts of a pseudo-experiment, of different intensity."""


def mixed(*kept: SingleTracks, **changes: Any) -> Combinatorial:  # noqa: ANN401 - any field
    """The estimate from single tracks of some samples."""
    samples = {f"sample {number}": of for number, of in enumerate(kept)}
    inverted = changes.pop("inverted", None)
    return combinatorial(SEARCH, pool(samples), settings=settings(**changes), lines=lines(), inverted=inverted)


def bursts(*muons: int, seed: int, duration: float = DURATION) -> SingleTracks:
    """Single tracks of some bursts with given numbers of muons."""
    first, *others = [tracks(n, seed=seed, burst=number, duration=duration) for number, n in enumerate(muons, 1)]
    return sum(others, start=first)


def experiment(rng: np.random.Generator) -> Estimate:
    """The estimate from one pseudo-experiment: Poisson numbers of muons, and muons that no other one has."""
    return mixed(bursts(*rng.poisson(SPILLS).tolist(), seed=int(rng.integers(2**62)))).estimate


class Truth(NamedTuple):
    """Probability of a real pair to be selected, and its uncertainty: float64[region]."""

    share: NDArray[np.float64]
    error: NDArray[np.float64]


def real(pairs: int, seed: int) -> Truth:
    found = selected(pairs, seed=seed)
    return Truth(found / pairs, np.sqrt(found) / pairs)


def by_mixing(*muons: int, seed: int) -> tuple[Truth, NDArray[np.float64]]:
    """The same from single muons, and its covariance."""
    estimate = mixed(bursts(*muons, seed=seed)).estimate
    pairs = sum(map(meetings, muons))
    return Truth(estimate.expected / pairs, estimate.statistical / pairs), estimate.covariance / pairs**2


def compare(pairs: int, *muons: int) -> None:
    """Real and mixed pairs agree in every region, and together."""
    there, (mixture, covariance) = real(pairs, 11), by_mixing(*muons, seed=12)
    width = np.hypot(there.error, mixture.error)
    ratio = mixture.share.sum() / there.share.sum()
    error = np.sqrt(np.sum(there.error**2) + covariance.sum()) / there.share.sum()
    pulls = (mixture.share - there.share) / width
    for name, pull, of in zip(REGIONS, pulls, mixture.share / there.share, strict=True):
        print(f"{name:8} mixed / real = {of:.3f}, {pull:+.2f} standard deviations")  # noqa: T201
    print(f"all      mixed / real = {ratio:.4f} +- {error:.4f}")  # noqa: T201
    assert abs(ratio - 1) < 3 * error
    assert np.all(np.abs(pulls) < 3.5)
    assert np.sum(pulls**2) < 22.5  # chi-squared of six, 0.1%


def test_mixed_muons_are_real_pairs() -> None:
    compare(600_000, 12_000, 12_000)


@pytest.mark.slow
def test_mixed_muons_are_real_pairs_to_a_percent() -> None:
    compare(24_000_000, *[30_000] * 8)


@pytest.mark.slow
def test_pulls_of_pseudo_experiments() -> None:
    rng, number, spills = np.random.default_rng(62), 240, sum(map(meetings, SPILLS))
    truth, _ = by_mixing(*[30_000] * 8, seed=12)
    made = [experiment(rng) for _ in range(number)]
    counts = np.mean([each.inputs["rows"] for each in made], axis=0)
    errors = np.array([each.statistical for each in made])
    pulls = (np.array([each.expected for each in made]) - truth.share * spills) / errors
    known = np.hypot(1 / np.sqrt(number), truth.error * spills / errors.mean(axis=0))
    for name, of, count, error in zip(REGIONS, pulls.T, counts, known, strict=True):
        print(f"{name:8} {count:4.0f} pairs, pulls {of.mean():+.3f} +- {error:.3f}, width {of.std():.3f}")  # noqa: T201
    assert counts.min() > 30
    assert np.all(np.abs(pulls.mean(axis=0)) < 3 * known)
    assert np.all(np.abs(pulls.std(axis=0) - 1) < 3 / np.sqrt(2 * number))


# Independence of intensity


def test_what_is_expected_grows_as_the_square_of_the_rate_and_with_time() -> None:
    of = {
        "so many muons": (bursts(4_000, 4_000, seed=1), 1),
        "twice the rate, for a quarter of the time": (bursts(2_000, 2_000, seed=2, duration=DURATION / 4), 1),
        "twice the rate": (bursts(8_000, 8_000, seed=3), 4),
        "twice the rate, for half of the time": (bursts(4_000, 4_000, seed=4, duration=DURATION / 2), 2),
    }
    made = {name: mixed(kept).estimate for name, (kept, _) in of.items()}
    first, *others = [(each.expected / of[name][1], each.statistical / of[name][1]) for name, each in made.items()]
    for name, (expected, error) in zip(list(of)[1:], others, strict=True):
        pulls = (expected - first[0]) / np.hypot(error, first[1])
        print(f"{name}: {np.round(pulls, 2)} standard deviations")  # noqa: T201
        assert np.sum(pulls**2) < 22.5  # chi-squared of six, 0.1%
        assert abs(expected.sum() / first[0].sum() - 1) < 0.2


def test_the_same_tracks_in_half_the_time_meet_twice_as_often() -> None:
    kept = pooled()
    sooner = {**kept.events.columns, "burst_time": kept.events["burst_time"] // 2}
    halved = SingleTracks(replace(kept.events, columns=sooner), kept.duration / 2)
    assert (mixed(halved).estimate.expected == 2 * mixed(kept).estimate.expected).all()


# What changes nothing


def pooled() -> SingleTracks:
    """Some 500 tracks of two bursts."""
    return bursts(500, 400, seed=5)


def same(one: Estimate, other: Estimate) -> bool:
    """Whether two estimates are the same, bit for bit."""
    arrays = ((each.expected, each.covariance, *each.systematic.values()) for each in (one, other))
    return one.inputs == other.inputs and all(a.tobytes() == b.tobytes() for a, b in zip(*arrays, strict=True))


def every_pair(first: Lines, second: Lines | None, **_: float) -> tuple[Indices, Indices]:
    """What close_pairs gives without limits."""
    n = len(first.x)
    i, j = np.triu_indices(n, 1) if second is None else np.indices((n, len(second.x))).reshape(2, -1)
    return i.astype(np.int64), j.astype(np.int64)


def test_the_prefilter_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = pooled()
    filtered = mixed(kept, inverted=SAME)
    monkeypatch.setattr(module, "close_pairs", every_pair)
    whole = mixed(kept, inverted=SAME)
    assert sum(whole.estimate.inputs["rows"]) > 100
    assert same(filtered.estimate, whole.estimate)
    assert same(filtered.inverted["same charge"], whole.inverted["same charge"])
    assert filtered.estimate.book == whole.estimate.book


def test_the_order_of_tracks_and_samples_changes_no_bit() -> None:
    one, other = pooled(), tracks(400, seed=6, burst=3)
    turned = [SingleTracks(*_turned(of, seed)) for seed, of in enumerate((one, other))]
    straight = combinatorial(SEARCH, pool({"a": one, "b": other}), settings=settings(), lines=lines(), inverted=SAME)
    crossed = combinatorial(
        SEARCH, pool({"b": turned[1], "a": turned[0]}), settings=settings(), lines=lines(), inverted=SAME
    )
    assert same(straight.estimate, crossed.estimate)
    assert same(straight.inverted["same charge"], crossed.inverted["same charge"])
    assert straight.estimate.book == crossed.estimate.book


def _turned(of: SingleTracks, seed: int) -> tuple[Events, NDArray[np.float64]]:
    order = np.random.default_rng(seed).permutation(len(of))
    return gather(of.events, order), of.duration[order]


def test_chunks_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = pooled()
    whole = mixed(kept, inverted=SAME)
    monkeypatch.setattr(module, "CHUNK", 173)
    cut = mixed(kept, inverted=SAME)
    assert same(whole.estimate, cut.estimate)
    assert same(whole.inverted["same charge"], cut.inverted["same charge"])


def test_thinning_is_unbiased() -> None:
    kept = bursts(1_500, 1_000, seed=7)
    whole = mixed(kept).estimate
    assert whole.inputs["share"] == 1
    plus = kept.events["Track_charge"] > 0
    first = kept.events["burst"] == 1
    pairs = sum(int((plus & of).sum()) * int((~plus & of).sum()) for of in (first, ~first))
    thin = [mixed(kept, most=pairs // 4, seed=seed).estimate for seed in range(60)]
    assert [each.inputs["share"] for each in thin] == pytest.approx([0.5] * len(thin), abs=1e-3)
    totals = np.array([each.expected.sum() for each in thin])
    error = totals.std(ddof=1) / np.sqrt(len(thin))
    print(f"thinned / whole = {totals.mean() / whole.expected.sum():.3f} +- {error / whole.expected.sum():.3f}")  # noqa: T201
    assert abs(totals.mean() - whole.expected.sum()) < 3 * error
    assert error < 0.05 * whole.expected.sum()
    assert np.mean([each.covariance.sum() for each in thin]) > whole.covariance.sum()


def test_pairs_of_one_charge_are_as_many_where_charges_say_nothing() -> None:
    """With charges drawn anew, N+ N- pairs and N+ (N+ - 1) / 2 + N- (N- - 1) / 2 have one expectation, up to N / 4."""
    kept = bursts(3_000, 3_000, seed=8)
    n = len(kept)
    drawn = [2 * np.random.default_rng(seed).integers(0, 2, n) - 1 for seed in range(12)]
    made = [mixed(SingleTracks(_charged(kept.events, of), kept.duration), inverted=SAME) for of in drawn]
    unlike = np.array([each.estimate.expected.sum() for each in made])
    alike = np.array([each.inverted["same charge"].expected.sum() for each in made])
    ratio = alike / unlike
    print(f"same / opposite charge = {ratio.mean():.3f} +- {ratio.std(ddof=1) / np.sqrt(len(ratio)):.3f}")  # noqa: T201
    assert abs(ratio.mean() - 1) < 3 * ratio.std(ddof=1) / np.sqrt(len(ratio))
    assert ratio.std() < 0.1


def _charged(events: Events, charge: NDArray[np.int64]) -> Events:
    return replace(events, columns={**events.columns, "Track_charge": charge.astype(np.int8)})


# Uncertainties


def test_the_jackknife_over_bursts_agrees() -> None:
    number = 60
    kept = bursts(*np.random.default_rng(9).poisson(600, number).tolist(), seed=9)
    seen: list[tuple[Indices, Indices, Indices, NDArray[np.float64]]] = []
    estimate, bare = _watched(kept, seen)
    first, _, region, weight = seen[0]
    left_out = delete_a_burst(bare[first], region, weight=weight, regions=len(REGIONS), bursts=number)
    errors = np.sqrt(np.diag(left_out.covariance))
    print(f"jackknife / pairs = {np.round(errors / estimate.statistical, 3)}")  # noqa: T201
    assert left_out.expected == pytest.approx(estimate.expected)
    assert errors == pytest.approx(estimate.statistical, rel=4 / np.sqrt(2 * number))
    assert left_out.covariance.sum() == pytest.approx(estimate.covariance.sum(), rel=4 * np.sqrt(2 / number))


def _watched(kept: SingleTracks, seen: list[Any]) -> tuple[Estimate, Indices]:
    """The estimate, what was summed for it, and the burst of each track."""
    tracks_of = pool({"sample": kept})

    def noted(first: Indices, second: Indices, **given: Any) -> PairSums:  # noqa: ANN401 - as pair_sums
        seen.append((first, second, given["region"], given["weight"]))
        return pair_sums(first, second, **given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "pair_sums", noted)
        estimate = combinatorial(SEARCH, tracks_of, settings=settings(), lines=lines()).estimate
    burst = np.empty(len(tracks_of), dtype=np.int64)
    for number, of in enumerate(tracks_of.bursts):
        burst[of] = number
    return estimate, burst
