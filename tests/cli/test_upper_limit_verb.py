from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from na62dump.cli.app import app
from na62dump.errors import ConfigurationError, NA62DumpError, UnknownNameError

EVENT = ["upper-limit", "--observed", "0", "--observed", "1", "--background", "0.016", "--uncertainty", "0.002"]


def rows(*words: str) -> tuple[str, list[float]]:
    called = CliRunner().invoke(app, [*EVENT, *words, "--json"])
    assert called.exit_code == 0, called.output
    (table,) = json.loads(called.stdout)
    return table["title"], [row["upper limit"] for row in table["rows"]]


def test_the_default_includes_the_protons_and_says_so() -> None:
    title, limits = rows()
    assert limits == pytest.approx([2.412, 4.104], abs=1e-3)
    assert "as uncertain as the number of protons" in title
    assert "CLs, 90% CL" in title


def test_without_uncertainty_of_the_signal() -> None:
    title, limits = rows("--relative", "0")
    assert limits == pytest.approx([2.303, 3.874], abs=1e-3)
    assert "protons" not in title


def test_other_methods_and_levels() -> None:
    assert rows("--relative", "0", "--method", "feldman-cousins")[1] == pytest.approx([2.42, 4.34], abs=0.01)
    assert rows("--relative", "0", "--confidence", "0.95")[1] == pytest.approx([2.996, 4.73], abs=0.01)
    assert rows("--method", "bayesian")[1] > rows("--method", "cls")[1]


def test_for_people() -> None:
    called = CliRunner().invoke(app, [*EVENT, "--relative", "0.3", "--relative", "0.1"])
    assert called.exit_code == 0, called.output
    assert "Upper limits on the signal" in called.stdout
    assert "0.016" in called.stdout


BAD: list[tuple[list[str], type[NA62DumpError], str]] = [
    (["--method", "clz"], UnknownNameError, "no method of limits 'clz'"),
    (["--confidence", "90"], ConfigurationError, "confidence level 90"),
    (["--confidence", "0"], ConfigurationError, r"confidence level 0: .* from 0\.5 to 0\.999999, such as 0\.9"),
    (["--confidence", "0.3"], ConfigurationError, r"confidence level 0\.3"),
    (["--relative", "20"], ConfigurationError, "--relative 20: it is a share of the signal, from 0 to 1"),
    (["--observed", "1e7"], ConfigurationError, r"observed number 1e\+07: it has to be a number from 0 to 100000"),
    (["--observed", "1.5"], ConfigurationError, "whole number"),
    (["--background", "1", "--background", "2"], ConfigurationError, "shapes"),
]


@pytest.mark.parametrize(("words", "kind", "message"), BAD)
def test_a_mistake_is_told(words: list[str], kind: type[NA62DumpError], message: str) -> None:
    with pytest.raises(kind, match=message):
        CliRunner().invoke(app, [*EVENT, *words], catch_exceptions=False)
