from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from na62dump.configuration import Energy, Length, Many, Settings, Time, load, load_text, read_toml
from na62dump.configuration.loading import SIZE_LIMIT
from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Plane(Settings):
    z: Length
    radii: Many[Length]


class Model(Settings):
    cda_max: Length
    window: Time
    n_tracks: int
    energy: Energy | None = None
    planes: Many[Plane] = ()


GOOD: dict[str, Any] = {"cda_max": "2 cm", "window": "5 ns", "n_tracks": 2}


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str | bytes], Path]:
    def write(content: str | bytes) -> Path:
        path = tmp_path / "mumu.toml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_quantities_arrive_in_base_units(file: Callable[[str], Path]) -> None:
    path = file('cda_max = "2 cm"\nwindow = "5 ns"\nn_tracks = 2\n[[planes]]\nz = "1 m"\nradii = ["1 mm", "2 mm"]\n')
    model = load(path, Model)
    assert model == Model.model_construct(
        cda_max=20.0, window=5.0, n_tracks=2, energy=None, planes=(Plane.model_construct(z=1000.0, radii=(1.0, 2.0)),)
    )


def test_what_was_loaded_is_frozen() -> None:
    model = load_text(GOOD, Model, where="mumu.toml")
    with pytest.raises(ValidationError, match="frozen"):
        model.cda_max = 3.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cda_mx": "2 cm"}, r"unknown key 'cda_mx' = '2 cm'; did you mean 'cda_max'\? known: cda_max, energy"),
        ({"cda_max": 20}, r"key 'cda_max': 20 is no length: write a number, a space and a unit \(um, mm"),
        ({"cda_max": "20"}, r"key 'cda_max': '20' is no length"),
        ({"cda_max": "20 ns"}, r"key 'cda_max': '20 ns' has the unit 'ns', which is no length; allowed: um, mm"),
        ({"n_tracks": "2"}, r"key 'n_tracks' = '2': Input should be a valid integer"),
        ({"n_tracks": 2.0}, r"key 'n_tracks' = 2\.0: Input should be a valid integer"),
        ({"planes": "one"}, r"key 'planes' = 'one' is no list; write planes = \[\.\.\.\]"),
        ({"n_tracks": True}, r"key 'n_tracks' = True: Input should be a valid integer"),
        (
            {"planes": [{"z": "1 m", "radi": [], "radii": []}]},
            r"unknown key 'planes\.0\.radi' = \[\]; did you mean 'radii'\? known: radii, z",
        ),
        ({"planes": [{"z": "1 m", "radii": ["1 mm", "2 s"]}]}, r"key 'planes\.0\.radii\.1': '2 s' has the unit 's'"),
    ],
)
def test_what_is_wrong_is_said_with_file_key_value_and_fix(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"mumu\.toml: {message}"):
        load_text({**GOOD, **change}, Model, where="mumu.toml")


def test_a_missing_key_is_named() -> None:
    tables = {key: value for key, value in GOOD.items() if key != "window"}
    with pytest.raises(ConfigurationError, match=r"mumu\.toml: key 'window' is missing; write it"):
        load_text(tables, Model, where="mumu.toml")


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(
        ConfigurationError, match=r"(?s)key 'cda_max': .*\n.*key 'window' is missing.*\n.*unknown key 'x'"
    ):
        load_text({"cda_max": 1, "n_tracks": 2, "x": 1}, Model, where="mumu.toml")


def test_a_message_names_the_path_of_the_file(file: Callable[[str], Path]) -> None:
    path = file('cda_max = "2 cm"\n')
    with pytest.raises(ConfigurationError, match=f"{path}: key 'window' is missing"):
        load(path, Model)


def test_what_is_no_toml_is_refused(file: Callable[[str], Path]) -> None:
    with pytest.raises(ConfigurationError, match=r"mumu\.toml: not valid TOML: .*line 1"):
        read_toml(file("cda_max = 20 mm\n"))


def test_a_key_written_twice_is_refused(file: Callable[[str], Path]) -> None:
    with pytest.raises(ConfigurationError, match=r"not valid TOML: Cannot overwrite a value \(at line 2"):
        read_toml(file("a = 1\na = 2\n"))


def test_another_encoding_is_refused(file: Callable[[bytes], Path]) -> None:
    with pytest.raises(ConfigurationError, match=r"mumu\.toml: not valid TOML: 'utf-8' codec can't decode"):
        read_toml(file('label = "Überlauf"\n'.encode("latin-1")))


def test_a_file_that_is_too_large_is_refused(file: Callable[[bytes], Path]) -> None:
    with pytest.raises(ConfigurationError, match=r"mumu\.toml: larger than 1048576 bytes"):
        read_toml(file(b"#" * (SIZE_LIMIT + 1)))


def test_the_largest_file_is_still_read(file: Callable[[bytes], Path]) -> None:
    assert read_toml(file(b"#" * SIZE_LIMIT)) == {}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.toml: no such configuration file"):
        read_toml(tmp_path / "none.toml")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        read_toml(tmp_path)


class Numbers(Settings):
    plain: float
    length: Length


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("plain = nan", r"key 'plain' = nan: Input should be a finite number"),
        ("plain = inf", r"key 'plain' = inf: Input should be a finite number"),
        ('length = "nan mm"', r"key 'length': 'nan mm' is no length"),
    ],
)
def test_what_is_not_a_number_is_refused(change: str, message: str) -> None:
    good: dict[str, object] = {"plain": 1.0, "length": "inf mm"}
    assert load_text(good, Numbers, where="n.toml").length == float("inf")
    with pytest.raises(ConfigurationError, match=message):
        load_text(good | tomllib.loads(change), Numbers, where="n.toml")
