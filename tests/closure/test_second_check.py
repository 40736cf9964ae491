"""Were the door to let a hidden row through, nothing would be written: rows are judged again by their own values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from na62dump import analysis as searches
from na62dump import planning
from na62dump.errors import BlindingError
from na62dump.processor import Processor
from na62dump.regions import curtain
from tests.closure.test_family_blinding import FAR, IN_CR, PHOTON, bare_pair, regions_of, together, with_photons
from tests.making import Event, events_of
from tests.worlds import declared, good_burst, write

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.results import Result


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A door that looks at the analysis' own candidates only."""
    monkeypatch.setattr("na62dump.processor.curtain", lambda _veils, n_events: curtain([], n_events=n_events))


def result(folder: Path, name: str, event: Event) -> Result:
    events = events_of([event])
    write(folder / "x.root", events, bursts=[good_burst(0, 0)])
    search = searches.load(name)
    plan = planning.plan(search, {"s": declared("data", "x.root")}, base=folder)
    return Processor(search, plan).chain(events, "s")


@pytest.mark.usefixtures("broken")
def test_a_row_whose_tracks_alone_point_there_is_not_written(tmp_path: Path) -> None:
    event = with_photons(bare_pair(IN_CR), PHOTON)
    assert not regions_of(event, "pipig") & {"SR", "CR"}
    made = result(tmp_path, "pipig", event)
    assert len(made.skim) == 1
    with pytest.raises(BlindingError, match="1 rows of sample s lie in a hidden region"):
        made.dumps({})


@pytest.mark.usefixtures("broken")
def test_a_row_in_the_open_is_written(tmp_path: Path) -> None:
    made = result(tmp_path, "pipig", with_photons(bare_pair(FAR), PHOTON))
    assert made.dumps({})


def test_the_door_itself_hides_what_the_second_check_would_refuse(tmp_path: Path) -> None:
    for number, event in enumerate((with_photons(bare_pair(IN_CR), PHOTON), together(IN_CR))):
        assert len(result(tmp_path / f"{number}", "pipig", event).skim) == 0
