"""What counts at each mass: windows, events in them, and backgrounds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st
from scipy.special import ndtr

from na62dump.errors import ConfigurationError, MergeError, UnknownNameError
from na62dump.inference.counts.shapes import Shape
from na62dump.inference.counts.windows import counting, given, together
from na62dump.signal.residuals import WIDTHS
from tests.inference.counting_world import MASSES, SETTINGS, SIGMA, Row, backgrounds, estimate, expected, result, state

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from na62dump.background.backgrounds import Backgrounds
    from na62dump.inference.counts.counting import Counting
    from na62dump.inference.settings import Inference
    from na62dump.results import Result

HALF = 3 * SIGMA
FLAT = np.linspace(0.0, 1000.0, 5001)[:-1] + 0.1
"""A hundred entries in each bin of 20 MeV."""

COMBINATORIAL = estimate("combinatorial", {"SR": 0.016, "CR": 0.17}, masses={"SR": FLAT}, systematic={"rate": 0.05})
PROMPT = estimate("prompt", {"SR": 0.002}, masses={"SR": FLAT[:3000]}, systematic={"rate": -0.1, "theory": 1.0})
UPSTREAM = estimate("upstream", {"SR": 0.007}, limited=["SR"])
EVENT = Row(7, 411.0)


def count(
    *rows: Row,
    found: Backgrounds | None = None,
    settings: Inference = SETTINGS,
    **more: Any,  # noqa: ANN401 - of counting
) -> Counting:
    made: dict[str, Any] = {"result": result(rows), "settings": settings}
    known = found or backgrounds(COMBINATORIAL, PROMPT, UPSTREAM)
    return counting(expected(), "mumu", backgrounds=known, **(made | more))


UNMEASURED = np.full((1, len(MASSES), len(WIDTHS)), np.nan)
"""Residuals of a search that does not measure the mass."""


def test_an_event_counts_for_masses_that_go_with_its_own() -> None:
    made = count(EVENT)
    assert made.observed is not None
    near = np.abs(MASSES - 411) <= HALF
    np.testing.assert_array_equal(made.observed, near)
    assert 0 < near.sum() < 10
    np.testing.assert_allclose(made.windows[:, 0], np.stack([MASSES - HALF, MASSES + HALF], axis=1))
    np.testing.assert_allclose(made.shares, ndtr(3.0) - ndtr(-3.0))
    assert made.keys.tolist() == [[8000, 0, 7]]
    assert made.seen.tolist() == [[411.0]]


@drawn(
    rows=st.lists(st.tuples(st.integers(0, 3), st.floats(290, 510), st.sampled_from(["SR", "CR", "VR"])), max_size=9)
)
def test_events_are_counted_once_and_where_they_are(rows: list[tuple[int, float, str]]) -> None:
    made = count(*(Row(*row) for row in rows), regions=("SR", "CR"))
    for at, mass in enumerate(MASSES):
        inside = {event for event, seen, where in rows if where != "VR" and abs(seen - mass) <= HALF}
        assert made.observed is not None
        assert made.observed[at] == len(inside)


def test_simulated_rows_are_no_data() -> None:
    assert not np.any(count(Row(1, 411.0, sample="sim")).observed)


def test_the_background_is_that_of_the_window() -> None:
    made = count()
    np.testing.assert_allclose(made.by_mechanism[0], 0.016 * 2 * HALF / 1000, rtol=1e-3)
    np.testing.assert_allclose(made.by_mechanism[1], 0.002 * 2 * HALF / 600, rtol=1e-3)
    np.testing.assert_allclose(made.expected, made.by_mechanism.sum(axis=0))
    assert made.mechanisms == ("mumu combinatorial", "mumu prompt")
    assert made.limited == ("mumu upstream",)


def test_uncertainties_of_one_source_move_together() -> None:
    made = count()
    first, second = made.by_mechanism
    np.testing.assert_allclose(made.systematic["rate"], 0.05 * first - 0.1 * second)
    np.testing.assert_allclose(made.systematic["theory"], second)
    alone = [
        np.hypot(0.1 * b, error)
        for b, error in ((first, unknown(0.016, 0.03, 5000)), (second, unknown(0.002, 0.05, 3000)))
    ]
    whole = np.sqrt(sum(e**2 for e in alone) + sum(width**2 for width in made.systematic.values()))
    np.testing.assert_allclose(made.uncertainty, whole, rtol=0.01)
    np.testing.assert_allclose(made.by_uncertainty[1], np.sqrt(alone[1] ** 2 + (0.01 + 1.0) * second**2), rtol=0.01)


def unknown(number: float, share: float, entries: float) -> float:
    return float(number * np.sqrt(share * (1 - share) / entries))


def test_windows_side_by_side_have_all_of_the_background_and_of_the_events() -> None:
    masses = np.arange(HALF, 1000.0 + 3 * HALF, 2 * HALF)
    rng = np.random.default_rng(62)
    rows = [Row(n, mass) for n, mass in enumerate(rng.uniform(0, 1000, 40))]
    made = counting(
        expected(masses=masses),
        "mumu",
        result=result(rows),
        backgrounds=backgrounds(COMBINATORIAL, PROMPT),
        settings=SETTINGS,
    )
    assert made.observed is not None
    assert made.observed.sum() == 40
    assert made.expected.sum() == pytest.approx(0.018, rel=1e-9)


@pytest.mark.parametrize("opened", [(), ("CR",)])
def test_hidden_data_are_not_counted(opened: tuple[str, ...]) -> None:
    hidden: dict[str, Any] = {
        "result": result([EVENT], opened=opened),
        "found": backgrounds(COMBINATORIAL, made=state(opened=opened)),
    }
    made = count(**hidden)
    assert made.observed is None
    assert made.keys.shape == (0, 3)
    assert "mumu: data in SR are hidden" in made.remarks
    assert (count(**hidden, regions=("CR",)).observed is None) == (not opened)
    assert count(result=None).observed is None


def test_a_result_without_data_observes_nothing() -> None:
    samples = {name: one for name, one in state().samples.items() if one.kind == "simulation"}
    made = count(result=result([], samples=samples), found=backgrounds(COMBINATORIAL, made=state(samples=samples)))
    assert made.observed is None
    assert "mumu: the result has no data" in made.remarks


def test_a_search_without_a_mass_counts_everything_everywhere() -> None:
    made = counting(
        expected(residuals=UNMEASURED),
        "mumu",
        result=result([EVENT, Row(8, np.nan)]),
        backgrounds=backgrounds(COMBINATORIAL, remarks=("prompt was not estimated",)),
        settings=SETTINGS,
    )
    assert made.observed is not None
    assert set(made.observed) == {2}
    assert np.isinf(made.windows).all()
    assert np.isinf(made.seen).all()
    np.testing.assert_array_equal(made.shares, 1.0)
    np.testing.assert_allclose(made.expected, 0.016)
    np.testing.assert_allclose(made.uncertainty, 0.016 * np.hypot(0.1, 0.05))
    assert made.remarks == ("mumu: prompt was not estimated",)


def test_where_nothing_is_selected_the_nearest_resolution_is_taken() -> None:
    known = expected().residuals.copy()
    known[0, :10] = np.nan
    made = counting(
        expected(residuals=known), "mumu", result=None, backgrounds=backgrounds(COMBINATORIAL), settings=SETTINGS
    )
    np.testing.assert_allclose(made.windows[:, 0, 1] - MASSES, HALF)


def test_a_background_without_a_mass_counts_at_every_mass() -> None:
    made = count(found=backgrounds(replace(COMBINATORIAL, book=None)))
    np.testing.assert_allclose(made.expected, 0.016)
    assert "mumu: combinatorial: no histogram of the mass: all of it counts at every mass" in made.remarks


def test_few_entries_are_told() -> None:
    few = estimate("combinatorial", {"SR": 0.016}, masses={"SR": FLAT[:20], "VR": FLAT})
    (remark,) = count(found=backgrounds(few)).remarks
    assert remark.startswith("mumu: combinatorial: mass as in all regions together, because SR has 20")


def test_a_mechanism_of_which_nothing_is_known_is_named() -> None:
    known = replace(backgrounds(COMBINATORIAL, UPSTREAM), undescribed=("neutrino",))
    made = count(found=known)
    assert known.missing == ("prompt",)
    assert made.missing == ("mumu prompt",)
    other = replace(one("ee", []), missing=("ee neutrino",))
    assert together([made, other]).missing == ("mumu prompt", "ee neutrino")
    assert replace(known, undescribed=("neutrino", "prompt")).missing == ()


def test_a_mechanism_with_limits_in_some_regions_adds_the_others() -> None:
    made = count(found=backgrounds(replace(COMBINATORIAL, limit=UPSTREAM.limit)), regions=("SR", "CR"))
    assert made.limited == ("mumu combinatorial",)
    np.testing.assert_allclose(made.expected, 0.17 * 2 * HALF / 1000, rtol=1e-3)
    nothing = count(found=backgrounds(UPSTREAM))
    assert not nothing.expected.any()
    assert nothing.by_mechanism.shape == (0, len(MASSES))
    assert not nothing.uncertainty.any()


def test_backgrounds_grow_by_their_own_law() -> None:
    now, later = count(EVENT), count(EVENT, scale=7.0, intensity=3.0)
    np.testing.assert_allclose(later.by_mechanism[0], 21 * now.by_mechanism[0])
    np.testing.assert_allclose(later.by_mechanism[1], 7 * now.by_mechanism[1])
    np.testing.assert_allclose(later.by_uncertainty[0], 21 * now.by_uncertainty[0])
    np.testing.assert_allclose(later.systematic["rate"], 0.05 * later.by_mechanism[0] - 0.1 * later.by_mechanism[1])
    assert later.observed is None
    assert not len(later.keys)
    assert "mumu: projected to 7 times the protons at 3 times the intensity of the data" in later.remarks
    twice = count(scale=7.0).expected
    np.testing.assert_allclose(twice, 7 * now.expected)


def test_a_mechanism_without_a_law_is_refused_only_if_it_is_projected() -> None:
    stranger = backgrounds(replace(COMBINATORIAL, mechanism="cosmic", book=None))
    assert count(found=stranger).expected.any()
    with pytest.raises(ConfigurationError, match=r"no law of growth for the background 'cosmic': .* \[projection\]"):
        count(found=stranger, scale=2.0)


@pytest.mark.parametrize("change", [{"scale": 0.0}, {"intensity": -1.0}, {"scale": np.nan}])
def test_ratios_are_above_zero(change: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="of a projection: it is a ratio to the data, so give a finite number"):
        count(**change)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"result": result([], digest="2" * 64)}, MergeError, "'mumu': result and yields of 'toy' were not made with"),
        (
            {"found": backgrounds(made=state(digest="2" * 64))},
            MergeError,
            "'mumu': backgrounds and yields of 'toy' were not made with the same analysis; make again what is older",
        ),
        ({"result": result([], "ee")}, MergeError, "result of 'ee' given for 'mumu'; give what was made for 'mumu'"),
        (
            {"found": backgrounds(made=state(opened=("CR",)))},
            MergeError,
            r"open regions and control samples are \['CR', 'SR'\] in the result and \['CR'\] in the backgrounds; both have to",
        ),
        (
            {"result": result([], also_hidden=("SR of ee",))},
            MergeError,
            r"regions hidden by other searches are \['SR of ee'\]",
        ),
        (
            {"found": backgrounds(made=state(samples={}))},
            MergeError,
            r"data are \['run1'\] in the result and \[\] .*: make the backgrounds again .* with 'na62dump background'",
        ),
        ({"regions": ("XR",)}, UnknownNameError, "'mumu' has no region 'XR' to count in; .*SR"),
        ({"regions": ("undefined",)}, UnknownNameError, "'mumu' has no region 'undefined' to count in"),
        ({"regions": ("SR", "SR")}, ConfigurationError, "name at least one region, and each once"),
        ({"regions": ()}, ConfigurationError, "name at least one region, and each once"),
    ],
)
def test_what_does_not_belong_together_is_refused(
    change: Mapping[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        count(**change)


def test_a_search_without_yields_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="no expected numbers of 'toy' in a search 'ee'; known: mumu"):
        given(expected(), "ee", background=0.0, settings=SETTINGS)


# Several searches


def one(name: str, rows: Sequence[Row], *, made: Result | None = None, **systematic: float) -> Counting:
    halo = estimate("combinatorial", {"SR": 0.02}, masses={"SR": FLAT[::2]}, systematic=systematic)
    return counting(
        expected("mumu", "ee"),
        name,
        result=made or result(rows, name),
        backgrounds=backgrounds(halo, made=made.state if made else state(name)),
        settings=SETTINGS,
    )


def test_two_halves_are_the_whole() -> None:
    rows = [Row(n, mass) for n, mass in enumerate(np.random.default_rng(62).uniform(300, 500, 30))]
    both = together([one("mumu", rows[::2], rate=0.3), one("ee", rows[1::2], rate=0.3)])
    whole = counting(
        expected(),
        "mumu",
        result=result(rows),
        backgrounds=backgrounds(
            estimate(
                "combinatorial", {"SR": 0.04}, masses={"SR": FLAT}, systematic={"rate": 0.3}, relative=0.1 / 2**0.5
            )
        ),
        settings=SETTINGS,
    )
    assert both.name == "mumu + ee"
    assert both.searches == ("mumu", "ee")
    assert both.mechanisms == ("mumu combinatorial", "ee combinatorial")
    np.testing.assert_array_equal(both.observed, whole.observed)
    np.testing.assert_array_equal(both.keys, whole.keys)
    np.testing.assert_allclose(both.expected, whole.expected)
    np.testing.assert_allclose(both.systematic["rate"], whole.systematic["rate"])
    np.testing.assert_allclose(both.uncertainty, whole.uncertainty, rtol=1e-3)


def test_what_no_source_names_is_independent() -> None:
    first, second = one("mumu", [], rate=0.3), one("ee", [], time=0.2)
    both = together([first, second])
    np.testing.assert_allclose(both.uncertainty, np.hypot(first.uncertainty, second.uncertainty))


def test_an_event_in_two_searches_counts_once() -> None:
    both = together([one("mumu", [EVENT, Row(9, 350.0)]), one("ee", [Row(7, 400.0), Row(7, 480.0), Row(3, 350.0)])])
    np.testing.assert_array_equal(both.keys[:, 2], [3, 7, 7, 9])
    np.testing.assert_array_equal(both.seen, [[np.nan, 350], [411, 400], [np.nan, 480], [350, np.nan]])
    assert both.observed is not None
    at = {mass: both.observed[np.argmin(np.abs(MASSES - mass))] for mass in (350, 400, 405, 425, 480, 500)}
    assert at == {350: 2, 400: 1, 405: 1, 425: 1, 480: 1, 500: 0}


def test_three_searches_in_any_grouping_are_the_same() -> None:
    parts = [
        given(expected("a", "b", "c"), name, background=0.1, uncertainty=0.05, events=[400.0], settings=SETTINGS)
        for name in "abc"
    ]
    one, other = together([together(parts[:2]), parts[2]]), together(parts)
    assert one.name == other.name == "a + b + c"
    for name in ("windows", "shares", "expected", "uncertainty", "keys", "seen", "observed"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name))
    assert one.observed is not None
    assert np.max(one.observed) == 3


def test_one_hidden_search_hides_the_sum() -> None:
    hidden = result([EVENT], "ee", opened=())
    both = together([one("mumu", [EVENT]), one("ee", [], made=hidden)])
    assert both.observed is None
    np.testing.assert_array_equal(both.seen, [[411.0, np.nan]])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"masses": MASSES + 1.0}, "'mumu' and 'ee' have different masses; make both with one file of yields"),
        ({"regions": ("CR",)}, r"'mumu' counts in \['SR'\] and 'ee' in \['CR'\]: take the same regions"),
        ({"searches": ("mumu",)}, r"searches \['mumu', 'mumu'\] cannot be put together: each counts once"),
    ],
)
def test_searches_that_differ_are_not_put_together(change: dict[str, Any], message: str) -> None:
    first, second = one("mumu", []), one("ee", [])
    with pytest.raises(ConfigurationError, match=message):
        together([first, replace(second, **change)])


def test_nothing_is_not_put_together() -> None:
    with pytest.raises(ConfigurationError, match="no search to put together: give at least one"):
        together([])


# Numbers alone


def test_numbers_are_counted_in_the_same_windows() -> None:
    shape = Shape(np.array([0.0, 1000.0]), np.array([0.0, 1.0, 0.0]))
    made = given(
        expected(), "mumu", background=0.016, uncertainty=0.002, events=[411.0], shape=shape, settings=SETTINGS
    )
    np.testing.assert_array_equal(made.observed, count(EVENT).observed)
    np.testing.assert_allclose(made.expected, 0.016 * 2 * HALF / 1000)
    np.testing.assert_allclose(made.uncertainty, made.expected / 8)
    assert made.remarks == ()


def test_without_a_shape_all_of_the_background_counts() -> None:
    made = given(expected(), "mumu", background=0.0094, uncertainty=(0.0072, 0.0206), events=None, settings=SETTINGS)
    np.testing.assert_allclose(made.expected, 0.0094)
    np.testing.assert_allclose(made.uncertainty, 0.0139)
    assert made.observed is None
    assert made.remarks == (
        "mumu: background: no distribution of the mass: all of it counts at every mass",
        "mumu: background: uncertainty is the mean of -0.0072 and +0.0206",
    )


def test_numbers_of_a_search_without_a_mass_count_everywhere() -> None:
    shape = Shape(np.array([0.0, 1.0]), np.array([0.0, 1.0, 0.0]))
    made = given(expected(residuals=UNMEASURED), "mumu", background=0.1, events=[1.0], shape=shape, settings=SETTINGS)
    np.testing.assert_array_equal(made.observed, 1)
    np.testing.assert_allclose(made.expected, 0.1)


def test_numbers_grow_by_the_law_of_their_mechanism() -> None:
    later = given(expected(), "mumu", background=0.016, mechanism="combinatorial", settings=SETTINGS, scale=7.0)
    np.testing.assert_allclose(later.expected, 7 * 0.016)
    assert later.observed is None
    with pytest.raises(ConfigurationError, match="no law of growth for the background 'background'"):
        given(expected(), "mumu", background=0.016, settings=SETTINGS, scale=7.0)


@pytest.mark.parametrize(
    "numbers", [{"background": -1.0}, {"background": np.inf}, {"background": 1.0, "uncertainty": (0.1, np.nan)}]
)
def test_numbers_are_counts(numbers: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"mumu: background .* give finite counts of at least 0"):
        given(expected(), "mumu", settings=SETTINGS, **numbers)
