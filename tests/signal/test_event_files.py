from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump.errors import ConfigurationError, InputFileError
from na62dump.signal import event_files
from tests.signal.event_world import PARENT, PDG, Made, write

if TYPE_CHECKING:
    from pathlib import Path

ENDINGS = (*event_files.LHE, *event_files.HEPMC)
BOTH = (".lhe", ".hepmc")
PARTICLES = [Made(0.3, 0.4, 40.0), Made(-0.1, 0.0, 10.0, weight=0.25), Made(0.0, 0.0, 100.0, pdg=-PDG)]


@pytest.mark.parametrize("ending", ENDINGS)
def test_particles_are_read_as_they_were_written(ending: str, tmp_path: Path) -> None:
    found = event_files.read(write(tmp_path / f"a{ending}", PARTICLES), PDG)
    np.testing.assert_allclose(found.momentum, 1e3 * np.hypot([0.5, 0.1, 0.0], [40, 10, 100]), rtol=1e-7)
    np.testing.assert_allclose(found.theta, np.arctan2([0.5, 0.1, 0.0], [40, 10, 100]), atol=1e-9)
    np.testing.assert_allclose(found.mass, 300.0, rtol=1e-7)
    np.testing.assert_allclose(found.weight, [1.0, 0.25, 1.0])


@pytest.mark.parametrize("ending", BOTH)
def test_of_copies_the_last_counts(ending: str, tmp_path: Path) -> None:
    found = event_files.read(write(tmp_path / f"a{ending}", PARTICLES, copies=3), PDG)
    assert len(found.momentum) == 3
    assert found.momentum[2] == pytest.approx(100e3)


def test_units_of_hepmc_files_are_minded(tmp_path: Path) -> None:
    one = event_files.read(write(tmp_path / "a.hepmc", PARTICLES), PDG)
    other = event_files.read(write(tmp_path / "b.hepmc", PARTICLES, mev=True), PDG)
    np.testing.assert_allclose(one.momentum, other.momentum)
    np.testing.assert_allclose(one.mass, other.mass)


def test_hepmc_events_without_weight_count_once(tmp_path: Path) -> None:
    found = event_files.read(write(tmp_path / "a.hepmc", [Made(0, 0, 10, weight=None)]), PDG)
    assert found.weight.tolist() == [1.0]


def test_particles_backward_have_large_angles(tmp_path: Path) -> None:
    found = event_files.read(write(tmp_path / "a.lhe", [Made(0, 0, -10)]), PDG)
    assert found.theta[0] == pytest.approx(np.pi)


def test_what_goes_into_a_process_is_not_taken(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=f"has no particle {PARENT}"):
        event_files.read(write(tmp_path / "a.lhe", PARTICLES), PARENT)


@pytest.mark.parametrize("ending", BOTH)
@pytest.mark.parametrize(
    ("particles", "message"),
    [
        ([Made(0, 0, 10, pdg=22)], f"a.*: has no particle {PDG}; write the 'pdg' that the file has"),
        (
            [Made(0, 0, 10), Made(0, 0, 10, weight=-0.5)],
            "has the weight -0.5, and all add up to 0.5; none may be negative",
        ),
        ([Made(0, 0, 10, weight=0.0)], "has the weight 0, and all add up to 0; .*one must be above 0"),
    ],
)
def test_what_cannot_be_drawn_from_is_refused(ending: str, particles: list[Made], message: str, tmp_path: Path) -> None:
    path = write(tmp_path / f"a{ending}", particles)
    with pytest.raises(InputFileError, match=message):
        event_files.read(path, PDG)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("keep", [0.55, 0.0])
def test_a_file_that_ends_early_is_refused(ending: str, keep: float, tmp_path: Path) -> None:
    path = write(tmp_path / f"a{ending}", PARTICLES)
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content))])
    with pytest.raises(
        InputFileError, match=r"a\.\S+: (cannot be read, or is damaged|damaged: \d of its \d|has no particle)"
    ):
        event_files.read(path, PDG)


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_no_such_file_is_refused(ending: str, tmp_path: Path) -> None:
    (tmp_path / f"a{ending}").write_text("something else\n")
    with pytest.raises(InputFileError, match=r"a\.\S+: (cannot be read|has no particle)"):
        event_files.read(tmp_path / f"a{ending}", PDG)
    with pytest.raises(InputFileError, match=r"b\.\S+: cannot be read"):
        event_files.read(tmp_path / f"b{ending}", PDG)


def test_a_number_that_is_none_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.lhe", PARTICLES)
    path.write_text(path.read_text().replace("4.00000000e+01", "nan", 1).replace("4.00000000e+01", "nan", 1))
    with pytest.raises(InputFileError, match="not finite"):
        event_files.read(path, PDG)


def test_an_unknown_ending_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"a.root: its name must end in one of \.lhe, \.lhe\.gz, \.hepmc"):
        event_files.read(tmp_path / "a.root", PDG)


@pytest.mark.parametrize(("ending", "package"), [(".lhe", "pylhe"), (".hepmc.gz", "pyhepmc")])
def test_without_the_package_the_extra_is_named(
    ending: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / f"a{ending}", PARTICLES)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ConfigurationError, match=rf"'{package}' that reads it is missing; .*na62dump\[generators\]"):
        event_files.read(path, PDG)


def test_the_packages_are_imported_only_when_needed() -> None:
    code = "import sys, na62dump.signal.event_files; sys.exit(bool({'pylhe', 'pyhepmc'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], check=True)
