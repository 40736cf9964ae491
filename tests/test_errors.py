from __future__ import annotations

import inspect

import pytest

from na62dump import errors

CLASSES = [found for _, found in inspect.getmembers(errors, inspect.isclass) if found.__module__ == errors.__name__]


@pytest.mark.parametrize("error", [found for found in CLASSES if found is not errors.NA62DumpError])
def test_each_error_is_ours_and_a_builtin_one(error: type[Exception]) -> None:
    assert issubclass(error, errors.NA62DumpError)
    assert any(base.__module__ == "builtins" and base is not Exception for base in error.__mro__[1:-3])


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (errors.ConfigurationError, ValueError),
        (errors.UnknownNameError, LookupError),
        (errors.UnknownQuantityError, AttributeError),
        (errors.InputFileError, OSError),
        (errors.MissingColumnError, LookupError),
        (errors.BlindingError, PermissionError),
        (errors.MergeError, ValueError),
    ],
)
def test_a_caller_can_catch_the_builtin_he_expects(error: type[Exception], builtin: type[Exception]) -> None:
    msg = "what came, where, and what to do"
    with pytest.raises(builtin, match="what came"):
        raise error(msg)


def test_the_likeliest_name_comes_first() -> None:
    assert errors.nearest("mumo", ["ee", "mumu", "pipi"]) == "did you mean 'mumu'? known: mumu, ee, pipi"


def test_unlike_names_are_listed_without_a_guess() -> None:
    assert errors.nearest("xyz", ["mumu", "ee"]) == "known: ee, mumu"


def test_nothing_known_is_said() -> None:
    assert errors.nearest("xyz", []) == "nothing is known here"
