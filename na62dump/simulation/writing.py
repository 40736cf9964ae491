"""A sample on disk: ntuples with the events and the bursts, the same identity for the same recipe."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from uuid import NAMESPACE_URL, uuid5

from na62dump import __version__
from na62dump.datasets import Burst
from na62dump.errors import ConfigurationError, InputFileError
from na62dump.events import COLUMNS, Writer, describe
from na62dump.provenance import digest
from na62dump.simulation.generation import CHUNK, generate
from na62dump.simulation.processes import SignalRecipe
from na62dump.simulation.recipe import Recipe, recipe, spectrum_of
from na62dump.simulation.sources import count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from na62dump.datasets import Sample
    from na62dump.events import Events
    from na62dump.geometry import Geometry
    from na62dump.simulation.response import Response
    from na62dump.simulation.spectra import Spectrum

    Progress: TypeAlias = Callable[[int], None]


def write(
    name: str,
    sample: Sample,
    *,
    geometry: Geometry,
    response: Response,
    directory: Path,
    on_progress: Progress | None = None,
) -> list[Path]:
    """Simulate a sample into ``directory/name/name-0001.root`` and so on, one or more bursts in each.

    A file that is there already, whole and made from the same recipe, geometry and response, is left as it is.

    Parameters
    ----------
    name : str
        Of the sample: that of its file in config/samples/.
    sample : Sample
        With its recipe.
    geometry : Geometry
        Shapes, mm.
    response : Response
        Of the detectors.
    directory : Path
        Made if it is not there.
    on_progress : callable, optional
        Called with the number of events made so far, kept or not, of those that `count_events` gives.

    Returns
    -------
    list of Path
        The files, in order of their bursts.

    Raises
    ------
    ConfigurationError
        If the name is no name of a folder, or something in the recipe is wrong.
    InputFileError
        If the folder holds files of this sample that this recipe does not make, or a file cannot be written.
    """
    if Path(name).name != name:
        msg = f"'{name}' cannot be the name of a sample: it must be the name of a folder, without '/'"
        raise ConfigurationError(msg)
    it = recipe(sample, where=name)
    spectrum = spectrum_of(it) if isinstance(it, SignalRecipe) else None
    paths = _paths(name, it, directory)
    content = identity(it, geometry=geometry, response=response, spectrum=spectrum)
    done = 0
    for index, path in enumerate(paths):
        stamp = {"simulated": True, "sample": name, "seed": it.seed, "version": __version__, "digest": content}
        uuid = uuid5(NAMESPACE_URL, f"na62dump:{content}:{index}")
        bursts = range(1 + index * it.bursts_per_file, 1 + min((index + 1) * it.bursts_per_file, it.bursts))
        if _is_there(path, uuid):
            done += sum(count(it, burst) for burst in bursts)
            if on_progress:
                on_progress(done)
            continue
        chunks = _chunks(it, geometry, response, bursts=bursts, spectrum=spectrum)
        with Writer(path, columns=_columns(it), provenance=stamp, uuid=uuid) as writer:
            for events, made in chunks:
                writer.extend(events)
                done += made
                if on_progress:
                    on_progress(done)
            writer.write_bursts([_burst(it, burst) for burst in bursts])
    return paths


def _is_there(path: Path, uuid: UUID) -> bool:
    """Whether a file has that identity: the same recipe, geometry and response made it, and made it whole."""
    try:
        return path.exists() and describe(path).uuid == str(uuid)
    except InputFileError:
        return False


def identity(it: Recipe, *, geometry: Geometry, response: Response, spectrum: Spectrum | None) -> str:
    """Digest of all that decides what is in the files of a sample.

    Parameters
    ----------
    it : SignalRecipe, HaloRecipe or PromptRecipe
        The recipe.
    geometry : Geometry
        Shapes, mm.
    response : Response
        Of the detectors.
    spectrum : Spectrum or None
        Cells, MeV and rad: the recipe may only name the file that they come from.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    return digest(
        {
            "version": __version__,
            "recipe": it.model_dump(),
            "geometry": geometry.model_dump(),
            "response": response.model_dump(),
            "spectrum": spectrum.cells().tolist() if spectrum else None,
        }
    )


def count_events(sample: Sample, *, where: str) -> int:
    """Events that simulating a sample will make, kept or not.

    Parameters
    ----------
    sample : Sample
        With its recipe.
    where : str
        Name of its file, for messages.

    Returns
    -------
    int
        What `write` counts up to.
    """
    it = recipe(sample, where=where)
    return sum(count(it, burst) for burst in range(1, it.bursts + 1))


def _paths(name: str, it: Recipe, directory: Path) -> list[Path]:
    folder = directory / name
    paths = [folder / f"{name}-{index + 1:04d}.root" for index in range(it.files)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{folder}: cannot be made: {error.strerror or error}; choose another folder"
        raise InputFileError(msg) from error
    if strangers := sorted(set(folder.glob("*.root")) - set(paths)):
        msg = f"{strangers[0]}: would be taken for a part of '{name}', which has {len(paths)} file(s); remove it first"
        raise InputFileError(msg)
    return paths


def _columns(it: Recipe) -> list[str]:
    presences = {"always", *(["simulation"] if it.truth else []), *(["optional"] if it.rich else [])}
    return [column.name for column in COLUMNS.values() if column.presence in presences]


def _burst(it: Recipe, burst: int) -> Burst:
    return Burst(run=it.run, burst=burst, pot=it.pot, duration_ns=it.duration, good=True)


def _chunks(
    it: Recipe, geometry: Geometry, response: Response, *, bursts: range, spectrum: Spectrum | None
) -> Iterator[tuple[Events, int]]:
    """Events that are kept, and how many were made for them."""
    for burst in bursts:
        size = count(it, burst)
        for i, events in enumerate(generate(it, geometry, response=response, burst=burst, spectrum=spectrum)):
            yield events, min(CHUNK, size - i * CHUNK)
