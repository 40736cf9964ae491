"""From a TOML file to a model, or to one message that names file, key, value and fix."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from na62dump.errors import ConfigurationError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pydantic_core import ErrorDetails

M = TypeVar("M", bound=BaseModel)

SIZE_LIMIT = 2**20
"""Bytes: a configuration file above this is no configuration file."""

DOTS_LIMIT = 500
"""Dots of one key: the parser's time grows with the square of their number."""

DEPTH_LIMIT = 20
"""Tables and arrays inside each other: what is deeper overflows the stack of some later reader."""

_BETWEEN = re.compile(r"[\n,=\[\]{}#]")
"""What separates one key from another, and from values."""

_MOST_LINES = 20
_MOST_CHARACTERS = 200
_MOST_OF_A_MESSAGE = 2000  # of what our own models say: it quotes the value, and lists what is known


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
        If the file cannot be read, is too large or too deep, or is no TOML.
    """
    try:
        text = _read(path, size_limit).decode()
        _require_short_keys(text, path)
        tables = tomllib.loads(text)
    except FileNotFoundError as error:
        msg = f"{path}: no such configuration file"
        raise ConfigurationError(msg) from error
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror}"
        raise ConfigurationError(msg) from error
    except ConfigurationError:
        raise
    except RecursionError as error:
        raise _too_deep(path) from error
    except ValueError as error:  # of TOML, of UTF-8, and of numbers with thousands of digits
        msg = f"{path}: not valid TOML: {_short(str(error))}"
        raise ConfigurationError(msg) from error
    _require_flat(tables, path)
    return tables


def _read(path: Path, size_limit: int) -> bytes:
    """Bytes of a regular file: a pipe or a device may never end."""
    with open(path, "rb", opener=_without_waiting) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            msg = f"{path}: is a folder, a pipe or a device; give a file"
            raise ConfigurationError(msg)
        content = file.read(size_limit + 1)
    if len(content) > size_limit:
        msg = f"{path}: larger than {size_limit} bytes, which no configuration file is"
        raise ConfigurationError(msg)
    return content


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def _require_short_keys(text: str, path: Path) -> None:
    for part in _BETWEEN.split(text):
        if part.count(".") > DOTS_LIMIT:
            raise _too_deep(path)


def _require_flat(tables: dict[str, Any], path: Path) -> None:
    level: list[object] = [tables]
    for _ in range(DEPTH_LIMIT):
        level = [inner for value in level for inner in _inside(value)]
    if level:
        raise _too_deep(path)


def _inside(value: object) -> Iterable[object]:
    """What is inside a table or an array."""
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _too_deep(path: Path) -> ConfigurationError:
    return ConfigurationError(f"{path}: tables or arrays more than {DEPTH_LIMIT} deep inside each other; write it flat")


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
        lines = [_line(detail, model, where) for detail in islice(error.errors(), _MOST_LINES)]
        more = error.error_count() - len(lines)
        raise ConfigurationError("\n".join([*lines, *([f"{where}: and {more} more"] if more else [])])) from error


def _line(detail: ErrorDetails, model: type[BaseModel], where: str) -> str:
    keys = [_short(key if key.isprintable() else ascii(key)) for key in map(str, detail["loc"])]
    key = ".".join(keys)
    match detail["type"]:
        case "missing":
            return f"{where}: key '{key}' is missing; write it (it has no default)"
        case "extra_forbidden":
            near = nearest(keys[-1], _fields(model, keys[:-1]))
            return f"{where}: unknown key '{key}' = {_shown(detail['input'])}; {near}"
        case "value_error":
            return f"{where}: key '{key}': {_short(str(detail['ctx']['error']), most=_MOST_OF_A_MESSAGE)}"
        case "tuple_type" | "list_type":
            return f"{where}: key '{key}' = {_shown(detail['input'])} is no list; write {key} = [...]"
        case _:
            return f"{where}: key '{key}' = {_shown(detail['input'])}: {detail['msg']}"


def _shown(value: object) -> str:
    try:
        return _short(repr(value))
    except ValueError:  # an integer of thousands of digits
        return "a number of thousands of digits"


def _short(text: str, *, most: int = _MOST_CHARACTERS) -> str:
    return text if len(text) <= most else f"{text[:most]}..."


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
