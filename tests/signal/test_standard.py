from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import strategies as st

from na62dump.errors import UnknownNameError
from na62dump.signal import standard as sm

if TYPE_CHECKING:
    from pathlib import Path

Masses = st.floats(min_value=0.0, max_value=1e4)


def test_constants_agree_with_one_another() -> None:
    found = sm.standard()
    assert pytest.approx(1.973269804e-10) == sm.HBARC  # MeV mm
    assert found.alpha == pytest.approx(1 / 137)
    assert found.fermi_constant == pytest.approx(1.1663788e-11)  # 1/MeV^2
    assert found.vacuum_value == pytest.approx((math.sqrt(2) * found.fermi_constant) ** -0.5, rel=1e-4)
    # G_F/sqrt(2) = g^2/(8 mW^2)
    gauge = found.weak_coupling**2 / (8 * found.mass_w**2)
    assert gauge == pytest.approx(found.fermi_constant / math.sqrt(2), rel=5e-3)


def test_the_ckm_matrix_is_unitary() -> None:
    ckm = sm.standard().ckm.model_dump()
    for row in "uct":
        assert sum(ckm[row + column] ** 2 for column in "dsb") == pytest.approx(1, abs=3e-3)
    for column in "dsb":
        assert sum(ckm[row + column] ** 2 for row in "uct") == pytest.approx(1, abs=3e-3)


def test_a_file_near_by_comes_first(repository: Path, tmp_path: Path) -> None:
    text = (repository / "config" / "signal" / "standard.toml").read_text()
    (tmp_path / "signal").mkdir()
    (tmp_path / "signal" / "standard.toml").write_text(text.replace("= 137.0 ", "= 128.0 "))
    assert sm.standard(tmp_path).alpha == pytest.approx(1 / 128)


@pytest.mark.parametrize(("pdg", "mass"), [(13, 105.658), (211, 139.570), (-321, 493.677), (22, 0.0), (12, 0.0)])
def test_masses_are_in_mev(pdg: int, mass: float) -> None:
    assert sm.mass(pdg) == pytest.approx(mass, abs=0.02)


def test_widths_are_in_mev() -> None:
    assert sm.width(223) == pytest.approx(8.68, abs=0.05)
    assert sm.HBARC / sm.width(411) == pytest.approx(0.310, rel=0.02)  # c tau of the D+, mm
    assert sm.width(2212) == 0.0


@pytest.mark.parametrize("pdg", [0, 99999999, 9900000])
def test_a_particle_that_is_not_known_is_named(pdg: int) -> None:
    for of in (sm.mass, sm.width):
        with pytest.raises(UnknownNameError, match=f"no particle has the PDG number {pdg}"):
            of(pdg)
