"""Models by name: what a file of config/signal/ says, built."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from na62dump import configuration as conf
from na62dump import provenance
from na62dump.errors import ConfigurationError, UnknownNameError, nearest
from na62dump.signal.model import Model
from na62dump.signal.models.alp import (
    AlpFermion,
    AlpGluon,
    AlpPhoton,
    AlpW,
    alp_fermion,
    alp_gluon,
    alp_photon,
    alp_w,
)
from na62dump.signal.models.dark_photon import DarkPhoton, dark_photon
from na62dump.signal.models.dark_scalar import DarkScalar, dark_scalar
from na62dump.signal.models.hnl import HeavyNeutralLepton, heavy_neutral_lepton
from na62dump.signal.models.points import Table
from na62dump.signal.models.tabulated import tabulated
from na62dump.signal.parents import source
from na62dump.signal.standard import standard

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS: dict[str, tuple[type[conf.Settings], Callable[..., Model]]] = {
    "ALP with fermions": (AlpFermion, alp_fermion),
    "ALP with gluons": (AlpGluon, alp_gluon),
    "ALP with photons": (AlpPhoton, alp_photon),
    "ALP with W bosons": (AlpW, alp_w),
    "dark photon": (DarkPhoton, dark_photon),
    "dark scalar": (DarkScalar, dark_scalar),
    "heavy neutral lepton": (HeavyNeutralLepton, heavy_neutral_lepton),
    "table": (Table, tabulated),
}
"""What reads a file and what builds a model of it, by the value of ``kind``."""

FOLDER = "signal"

AFTERWARDS = {
    "label",
    "uncertainty",
    "uncertainties",
    "protons_on_target",
    "protons_uncertainty",
    "decay_begin",
    "decay_end",
}
"""Keys that change no simulated decay."""

SHARED = (
    *("standard.toml", "production.toml", "final_states.toml", "b_decays.toml", "semileptonic.toml", "weak.toml"),
    *("primakoff.toml", "tables/*.csv", "spectra/*.gz"),
)
"""Files that models share; a change of any makes another model."""


def names() -> list[str]:
    """Names of models that `load` answers to."""
    found = [name.removeprefix(f"{FOLDER}/") for name in conf.names(under=Path(FOLDER))]
    return [name for name in found if _kind(name) is not None]


def load(name: str) -> Model:
    """Build a model.

    Parameters
    ----------
    name : str
        A name in config/signal/, or a path to a TOML file.

    Returns
    -------
    Model
        Ready to predict.

    Raises
    ------
    UnknownNameError
        If there is no such file, or its kind is not known.
    ConfigurationError
        If something in it is wrong.
    """
    path = _find(name)
    table = conf.read_toml(path)
    kind = str(table.get("kind", ""))
    if kind not in KINDS:
        msg = f"{path}: key 'kind' = {kind!r} is no kind of model; {nearest(kind, KINDS)}"
        raise ConfigurationError(msg)
    settings_type, build = KINDS[kind]
    near = _config(path)
    settings = conf.load(path, settings_type)
    model = build(settings, name=path.stem, standard=standard(near), source=source(near), near=near)
    return Model(**{**vars(model), "origin": provenance.digest([model.origin, _origin(path, near)])})


def near(name: str) -> Path:
    """Folder that is looked into first for the files that a model shares with others: the one above config/signal/, or its own."""
    return _config(_find(name))


def _config(path: Path) -> Path:
    return path.parent.parent if path.parent.name == FOLDER else path.parent


def _find(name: str) -> Path:
    """File of a model, looked for in config/signal/ unless it is a path."""
    if Path(name).suffix == ".toml":
        return conf.find(name)
    try:
        return conf.find(f"{FOLDER}/{name}")
    except UnknownNameError as error:
        msg = f"no model '{name}' in config/{FOLDER}/; {nearest(name, names())}"
        raise UnknownNameError(msg) from error


def _kind(name: str) -> str | None:
    found = conf.read_toml(conf.find(f"{FOLDER}/{name}")).get("kind")
    return found if isinstance(found, str) and found in KINDS else None


def _origin(path: Path, near: Path) -> str:
    """Digest of everything that a model may have been made from: its file, and each that models share, where it is found."""
    files = {"model": path}
    for root in reversed([near, *conf.roots("config")]):
        folder = root / FOLDER
        files |= {str(file.relative_to(folder)): file for pattern in SHARED for file in sorted(folder.glob(pattern))}
    return provenance.digest({name: _content(file) for name, file in files.items()})


def _content(file: Path) -> object:
    """What of a file decides how decays are simulated: not comments, nor what yields are multiplied by afterwards."""
    if file.suffix != ".toml":
        return hashlib.sha256(file.read_bytes()).hexdigest()
    return _pruned(conf.read_toml(file))


def _pruned(value: object) -> object:
    if isinstance(value, dict):
        return {key: _pruned(each) for key, each in value.items() if key not in AFTERWARDS}
    return [_pruned(each) for each in value] if isinstance(value, list) else value
