from __future__ import annotations

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from na62dump.cli.app import app
from na62dump.errors import ConfigurationError

RINGS = [
    *("--expected", "0.29", "--uncertainty", "0.04", "--observed", "1"),
    *("--expected", "0.58", "--uncertainty", "0.07", "--observed", "1"),
    *("--expected", "1.70", "--uncertainty", "0.22", "--observed", "2"),
]


def test_several_regions_and_all_of_them() -> None:
    called = CliRunner().invoke(app, ["compatibility", *RINGS, "--json"])
    assert called.exit_code == 0, called.output
    rows = json.loads(called.stdout)[0]["rows"]
    assert [row["region"] for row in rows] == ["1", "2", "3", "all"]
    assert rows[-1]["p (as probable or less)"] == pytest.approx(0.240, abs=5e-4)
    assert rows[-1]["p (as many or more)"] == pytest.approx(0.259, abs=1e-3)


def test_one_region_for_people() -> None:
    words = ["--expected", "0.016", "--uncertainty", "0.002", "--observed", "1"]
    called = CliRunner().invoke(app, ["compatibility", *words])
    assert called.exit_code == 0, called.output
    assert "0.01587" in called.stdout
    assert "2.412" in called.stdout
    assert "all" not in called.stdout


BAD = [
    (["--expected", "-1", "--observed", "1"], "expected number -1"),
    (["--expected", "nan", "--observed", "1"], "expected number nan"),
    (["--expected", "1", "--uncertainty", "inf", "--observed", "1"], "uncertainty inf"),
    (["--expected", "1", "--observed", "1.5"], "observed number 1.5: it has to be a whole number"),
    (["--expected", "1", "--observed", "-2"], "observed number -2"),
    ([*RINGS, "--expected", "1"], "4 expected, 3 uncertainties and 3 observed"),
    ([*RINGS, "--common", "1.1"], "between 0 and 1"),
]


@pytest.mark.parametrize(("words", "message"), BAD)
def test_a_mistake_is_told(words: list[str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        CliRunner().invoke(app, ["compatibility", *words], catch_exceptions=False)


@pytest.mark.parametrize(("observed", "message"), [("-2", "error: observed number -2"), ("one", "Invalid value")])
def test_a_mistake_is_one_message_and_exit_code_2(observed: str, message: str) -> None:
    words = ["compatibility", "--expected", "1", "--observed", observed]
    called = subprocess.run([sys.executable, "-m", "na62dump", *words], capture_output=True, text=True, check=False)
    assert called.returncode == 2
    assert called.stdout == ""
    assert message in called.stderr
    assert "Traceback" not in called.stderr
