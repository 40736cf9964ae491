"""Decays into a meson and two leptons, against measured branching ratios and against brute force."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from na62dump import configuration as conf
from na62dump.errors import ConfigurationError
from na62dump.signal.semileptonic import (
    Lines,
    ToPseudoscalar,
    ToVector,
    Transitions,
    joined,
    pole,
    three_body,
    transitions,
)
from na62dump.signal.standard import mass, standard, width

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PARENTS = {"D": 411, "D0": 421, "Ds": 431, "B": 521, "B0": 511, "Bs": 531}
FORMS = transitions()


def made(parent: str, daughter: int, heavy: float, *, lepton: float = 0.511, up: bool | None = None) -> Lines:
    """Branching ratio by energy."""
    form, way = next((f, d) for f, d in FORMS.of(parent) if d.daughter == daughter)
    strength = standard().fermi_constant * getattr(standard().ckm, form.ckm)
    kinematics = {"parent": mass(PARENTS[parent]), "daughter": mass(daughter), "lepton": lepton}
    turned = parent.startswith("D") if up is None else up
    lines = three_body(form, heavy, **kinematics, up=turned, strength=strength)
    return lines.times(way.share / width(PARENTS[parent]))


@pytest.mark.parametrize(
    ("parent", "daughter", "measured", "within"),
    [
        ("D", 311, 0.0873, 0.03),
        ("D0", 321, 0.0354, 0.03),
        ("D0", 211, 0.00291, 0.06),
        ("D", 313, 0.0540, 0.13),
        ("D0", 323, 0.0215, 0.13),
        ("Ds", 221, 0.0232, 0.09),
        ("Ds", 331, 0.0080, 0.16),
        ("Ds", 333, 0.0239, 0.09),
        ("B", 421, 0.0230, 0.03),
        ("B0", 411, 0.0224, 0.06),
        ("B", 423, 0.0558, 0.12),
        ("B0", 413, 0.0497, 0.15),
    ],
)
def test_without_mass_they_are_the_measured_decays(parent: str, daughter: int, measured: float, within: float) -> None:
    assert made(parent, daughter, 1e-3).total == pytest.approx(measured, rel=within)


def test_a_neutrino_beside_a_tau_is_a_heavy_neutral_lepton_beside_nothing() -> None:
    # The formula knows no difference between the two leptons but their names, save for the direction of the weak current.
    one = made("B", 421, 1e-3, lepton=1776.93).total
    other = made("B", 421, 1776.93, lepton=1e-3).total
    assert one == pytest.approx(other, rel=1e-6)
    assert one == pytest.approx(0.0077, rel=0.15)


def dalitz(parent: float, daughter: float, lepton: float, heavy: float, points: int = 500) -> list[Floats]:
    """Energies of both leptons, evenly over the allowed ones, and the area of each point."""
    highest = (parent**2 + heavy**2 - (daughter + lepton) ** 2) / (2 * parent)
    highest_light = (parent**2 + lepton**2 - (daughter + heavy) ** 2) / (2 * parent)
    one = heavy + (highest - heavy) * (np.arange(points) + 0.5) / points
    other = lepton + (highest_light - lepton) * (np.arange(points) + 0.5) / points
    energy, light = (x.ravel() for x in np.meshgrid(one, other))
    left = parent - energy - light
    p, k = np.sqrt(energy**2 - heavy**2), np.sqrt(light**2 - lepton**2)
    rest = np.sqrt(np.maximum(left**2 - daughter**2, 0.0))
    allowed = (left > daughter) & (rest < p + k) & (rest > np.abs(p - k))
    area = np.full(len(energy), (one[1] - one[0]) * (other[1] - other[0]))
    return [x[allowed] for x in (energy, light, area)]


def test_the_form_factor_is_squared_once_and_energies_are_those_of_the_squared_amplitude() -> None:
    # Invariants only: |M|^2 = 4 G^2 V^2 [2 (J l)(J n) - J^2 (l n)], dGamma = |M|^2 dE dE' / (64 pi^3 M).
    form, _ = next((f, d) for f, d in FORMS.of("D0") if d.daughter == 321)
    assert isinstance(form, ToPseudoscalar)
    m, d, ml, mn = mass(421), mass(321), mass(13), 600.0
    energy, light, area = dalitz(m, d, ml, mn)
    q2 = m**2 + d**2 - 2 * m * (m - energy - light)
    ratio = q2 / form.pole_vector**2
    plus, zero = pole(form.plus, ratio) / (1 - ratio), pole(form.zero, ratio)
    minus = (zero - plus) * (m**2 - d**2) / q2
    ln = (q2 - ml**2 - mn**2) / 2
    pl, pn = m * light, m * energy  # parent times leptons
    dl, dn = pl - ml**2 - ln, pn - mn**2 - ln  # daughter times leptons
    along_l = plus * (pl + dl) + minus * (ml**2 + ln)
    along_n = plus * (pn + dn) + minus * (mn**2 + ln)
    pp, qq = 2 * m**2 + 2 * d**2 - q2, m**2 - d**2
    squared = plus**2 * pp + 2 * plus * minus * qq + minus**2 * q2
    weight = 4 * (2 * along_l * along_n - squared * ln) * area / (64 * np.pi**3 * m)
    found = three_body(form, mn, parent=m, daughter=d, lepton=ml, up=True, strength=1.0)
    assert found.total == pytest.approx(weight.sum(), rel=3e-3)
    for power in (1, 2):
        mean = (weight * energy**power).sum() / weight.sum()
        assert (found.weight * found.energy**power).sum() / found.total == pytest.approx(mean, rel=1e-3)
    cut = np.quantile(energy, 0.3)
    assert found.weight[found.energy < cut].sum() / found.total == pytest.approx(
        weight[energy < cut].sum() / weight.sum(), abs=0.02
    )


def lower(vectors: Floats) -> Floats:
    return np.asarray(vectors @ METRIC)


def along(numbers: Floats) -> Floats:
    return numbers[:, None, None]


METRIC = np.diag([1.0, -1.0, -1.0, -1.0])
LEVI_CIVITA = np.zeros((4, 4, 4, 4))
for order in itertools.permutations(range(4)):
    LEVI_CIVITA[order] = np.linalg.det(np.eye(4)[list(order)])


def test_vector_mesons_have_the_squared_amplitude_of_four_form_factors() -> None:
    # Hadron tensor from polarisation sums in the parent's rest frame. What is odd in parity cancels between both hands.
    form, _ = next((f, d) for f, d in FORMS.of("D") if d.daughter == 313)
    assert isinstance(form, ToVector)
    m, d, ml, mn = mass(411), mass(313), mass(13), 400.0
    energy, light, area = dalitz(m, d, ml, mn, points=120)
    p, k = np.sqrt(energy**2 - mn**2), np.sqrt(light**2 - ml**2)
    left = m - energy - light
    cosine = (left**2 - d**2 - p**2 - k**2) / (2 * p * k)
    none = np.zeros_like(p)
    n = np.stack([energy, none, none, p], axis=1)
    one = np.stack([light, k * np.sqrt(np.maximum(1 - cosine**2, 0)), none, k * cosine], axis=1)
    big = np.broadcast_to(np.array([m, 0.0, 0.0, 0.0]), n.shape)
    small, q = big - n - one, n + one
    q2 = m**2 + d**2 - 2 * m * left
    ratio, other = q2 / form.pole_vector**2, q2 / form.pole_pseudoscalar**2
    v, a0 = pole(form.v, ratio) / (1 - ratio), pole(form.a0, other) / (1 - other)
    a1, a2 = pole(form.a1, ratio), pole(form.a2, ratio)
    a3 = ((m + d) * a1 - (m - d) * a2) / (2 * d)
    summed = (big + small)[:, :, None] * lower(q)[:, None, :]
    itself = q[:, :, None] * lower(q)[:, None, :]
    axial = along((m + d) * a1) * np.eye(4) - along(a2 / (m + d)) * summed - along(2 * d * (a3 - a0) / q2) * itself
    # rows: index of the current (up); columns: index of the polarisation (down)
    vector = along(2 * v / (m + d)) * np.einsum("abcd,nc,nd->nab", LEVI_CIVITA, lower(big), lower(small))
    spin = -METRIC + small[:, :, None] * small[:, None, :] / d**2
    axial_part = np.einsum("nab,nbc,ndc->nad", axial, spin, axial)
    turned = vector @ METRIC  # polarisation index down
    vector_part = np.einsum("nab,nbc,ndc->nad", turned, spin, turned)
    hadron = axial_part + vector_part
    ll, nn = lower(one), lower(n)
    ln = (one * nn).sum(axis=1)
    lepton = ll[:, :, None] * nn[:, None, :] + nn[:, :, None] * ll[:, None, :] - along(ln) * METRIC
    weight = 4 * np.einsum("nab,nab->n", hadron, lepton) * area / (64 * np.pi**3 * m)
    hands = [three_body(form, mn, parent=m, daughter=d, lepton=ml, up=up, strength=0.5**0.5) for up in (True, False)]
    found = joined(hands)
    assert found.total == pytest.approx(weight.sum(), rel=0.01)
    mean = (weight * energy).sum() / weight.sum()
    assert (found.weight * found.energy).sum() / found.total == pytest.approx(mean, rel=3e-3)


def mean(lines: Lines) -> float:
    return float((lines.weight * lines.energy).sum() / lines.total)


def test_beside_a_vector_meson_the_neutrino_is_hard_from_charm_and_soft_from_beauty() -> None:
    # The W has helicity -1 in both, as the quark that it leaves is left-handed. A neutrino then flies forward, an antineutrino
    # backward; measured lepton spectra of B -> D* l nu are the harder for it.
    assert mean(made("D", 313, 1e-3)) > mean(made("D", 313, 1e-3, up=False))
    assert mean(made("B0", 413, 1e-3)) < mean(made("B0", 413, 1e-3, up=True))
    assert mean(made("D", 311, 1e-3)) == pytest.approx(mean(made("D", 311, 1e-3, up=False)))


@settings(max_examples=40)
@given(st.sampled_from([("D", 313), ("D0", 321), ("Ds", 333), ("B", 423), ("B0", 411)]), st.floats(1.0, 3000.0))
def test_energies_are_allowed_and_no_weight_is_negative(way: tuple[str, int], heavy: float) -> None:
    parent, daughter = mass(PARENTS[way[0]]), mass(way[1])
    lines = made(*way, heavy, lepton=105.66)
    if parent <= daughter + heavy + 105.66:
        assert lines.total == 0
        return
    highest = (parent**2 + heavy**2 - (daughter + 105.66) ** 2) / (2 * parent)
    assert np.all(lines.weight >= 0)
    assert np.all((lines.energy >= heavy * (1 - 1e-9)) & (lines.energy <= highest * (1 + 1e-9)))


def test_a_table_with_a_wrong_name_or_number_is_refused() -> None:
    text = conf.read_toml(conf.find("signal/semileptonic"))
    good = text["pseudoscalar"][0]
    way = {"parent": "D1", "daughter": 311, "share": 1.0}
    for wrong in ({"ckm": "su"}, {"plus": [0.7, 0.2]}, {"decays": [way]}):
        with pytest.raises(ConfigurationError, match=f"pseudoscalar.0.{next(iter(wrong))}"):
            conf.load_text(text | {"pseudoscalar": [good | wrong]}, Transitions, where="semileptonic")


def test_equally_likely_energies_have_the_mean_of_the_lines() -> None:
    lines = joined([made("D", 311, 300.0), Lines(np.array([900.0]), np.array([0.05]))])
    found = lines.quantiles(4096)
    assert np.all(np.diff(found) >= 0)
    assert found.mean() == pytest.approx(mean(lines), rel=1e-3)
    assert np.count_nonzero(found == 900.0) / 4096 == pytest.approx(0.05 / lines.total, abs=1e-3)
    assert joined([]).total == 0
