"""From a TOML file to a model, or to one message that names file, key, value and fix."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from na62dump.errors import ConfigurationError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pydantic_core import ErrorDetails

M = TypeVar("M", bound=BaseModel)

SIZE_LIMIT = 2**20
"""Bytes: a configuration file above this is no configuration file."""


def load(path: Path, model: type[M], *, size_limit: int = SIZE_LIMIT) -> M:
    """Read one TOML file into a model.

    Parameters
    ----------
    path : Path
        The file.
    model : type
        The `Settings` that describes it.
    size_limit : int
        Largest size in bytes.

    Returns
    -------
    Settings
        Frozen; every quantity in base units (mm, ns, MeV, MeV/c, rad).

    Raises
    ------
    ConfigurationError
        File, key, value and fix of what is wrong.
    """
    return load_text(read_toml(path, size_limit=size_limit), model, where=str(path))


def read_toml(path: Path, *, size_limit: int = SIZE_LIMIT) -> dict[str, Any]:
    """Tables of a TOML file as they stand, quantities still as text.

    Parameters
    ----------
    path : Path
        The file.
    size_limit : int
        Largest size in bytes.

    Returns
    -------
    dict
        Key to value.

    Raises
    ------
    ConfigurationError
        If the file cannot be read, is too large, or is no TOML.
    """
    try:
        if path.stat().st_size > size_limit:
            msg = f"{path}: larger than {size_limit} bytes, which no configuration file is"
            raise ConfigurationError(msg)
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        msg = f"{path}: no such configuration file"
        raise ConfigurationError(msg) from error
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror}"
        raise ConfigurationError(msg) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path}: not valid TOML: {error}"
        raise ConfigurationError(msg) from error


def load_text(tables: Mapping[str, Any], model: type[M], *, where: str) -> M:
    """Turn parsed tables into a model.

    Parameters
    ----------
    tables : mapping
        What a TOML file holds.
    model : type
        The `Settings` that describes it.
    where : str
        Name of the file, for messages.

    Returns
    -------
    Settings
        Frozen; every quantity in base units (mm, ns, MeV, MeV/c, rad).

    Raises
    ------
    ConfigurationError
        File, key, value and fix of everything that is wrong, one a line.
    """
    try:
        return model.model_validate(tables)
    except ValidationError as error:
        lines = [_line(detail, model, where) for detail in error.errors()]
        raise ConfigurationError("\n".join(lines)) from error


def _line(detail: ErrorDetails, model: type[BaseModel], where: str) -> str:
    keys = [str(key) for key in detail["loc"]]
    key = ".".join(keys)
    match detail["type"]:
        case "missing":
            return f"{where}: key '{key}' is missing; write it (it has no default)"
        case "extra_forbidden":
            return f"{where}: unknown key '{key}' = {detail['input']!r}; {nearest(keys[-1], _fields(model, keys[:-1]))}"
        case "value_error":
            return f"{where}: key '{key}': {detail['ctx']['error']}"
        case _:
            return f"{where}: key '{key}' = {detail['input']!r}: {detail['msg']}"


def _fields(model: type[BaseModel], keys: list[str]) -> list[str]:
    """Field names of the nested model that a path of keys leads to; none where the path leaves the models."""
    for key in keys:
        if key in model.model_fields:
            inner = _model_in(model.model_fields[key].annotation)
            if inner is None:
                return []
            model = inner
    return list(model.model_fields)


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
