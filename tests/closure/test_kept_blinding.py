"""What is kept for backgrounds, single tracks and rows that fail requirements, holds nothing of an event with a hidden row."""

from __future__ import annotations

import io
import struct
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump import runs
from na62dump.errors import BlindingError
from na62dump.events import H2, Q1
from tests.closure.test_blinding import outputs
from tests.making import Event, events_of, passing, pointing_pair
from tests.worlds import declared, done, good_burst, planned, write

if TYPE_CHECKING:
    from na62dump.results import Result

RUN, BURST, BAD_BURST = 7_654_321, 3_456_789, 3_456_791
PLACES = {"SR": (23e3, 8.0), "CR": (30e3, 100.0), "outside": (-90e3, 250.0)}  # z_tax, cda_tax in mm
HIDDEN = {
    "pair in SR": 1_234_567_891,
    "pair in CR": 1_234_567_893,
    "one pair of three": 1_234_567_895,
    "same charge in CR": 1_234_567_899,
    "vetoed in CR": 1_234_567_901,
}
SEEN = {"one track": 2_034_567_891, "pair outside": 2_034_567_893, "vetoed outside": 2_034_567_895}
OTHER_LINE, OTHER_BURST = 2_134_567_891, 2_134_567_893


def pair(place: str, number: int, *, trigger: int = Q1, burst: int = BURST, charge: int = -1) -> Event:
    values = {"run": RUN, "burst": burst, "event": number, "trigger": trigger}
    event = pointing_pair(*PLACES[place], opening=8e-3, z_vertex=130e3, **values)
    event.elements["Track"][1]["charge"] = charge
    return passing(event)


def with_a_third(event: Event) -> Event:
    """The event with a track whose pairs point elsewhere."""
    event.elements["Track"].append({"x": 900.0, "y": 700.0, "dxdz": 1e-4, "dydz": 9e-3, "charge": -1})
    return event


def without_second(event: Event) -> Event:
    del event.elements["Track"][1]
    return event


def vetoed(event: Event) -> Event:
    event.elements["LAV"] = [{"energy": 100.0, "time": 0.0}]
    return event


def made() -> list[Event]:
    return [
        pair("SR", HIDDEN["pair in SR"]),
        pair("CR", HIDDEN["pair in CR"]),
        with_a_third(pair("CR", HIDDEN["one pair of three"])),
        pair("CR", HIDDEN["same charge in CR"], charge=1),
        vetoed(pair("CR", HIDDEN["vetoed in CR"], trigger=H2)),
        without_second(pair("CR", SEEN["one track"])),
        pair("outside", SEEN["pair outside"]),
        vetoed(pair("outside", SEEN["vetoed outside"], trigger=H2)),
        without_second(pair("CR", OTHER_LINE, trigger=Q1 | H2)),
        without_second(pair("CR", OTHER_BURST, burst=BAD_BURST)),
    ]


@cache
def world() -> tuple[Result, dict[str, bytes]]:
    """The result of a run over these events, and all bytes that it wrote."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        bursts = [good_burst(RUN, BURST), good_burst(RUN, BAD_BURST, good=False)]
        write(folder / "in" / "x.root", events_of(made()), bursts=bursts)
        run = done(folder / "run", planned(folder / "in", {"s": declared("data", "x.root")}))
        result, provenance = runs.merge(run)
        (folder / "run" / "mumu.zip").write_bytes(result.dumps(provenance))
        skim = io.BytesIO()
        result.write_skim(skim, provenance)
        (folder / "run" / "skim.parquet").write_bytes(skim.getvalue())
        return result, outputs(folder / "run")


def traces(number: int) -> list[bytes]:
    """Ways in which an event number could be in a file."""
    return [str(number).encode(), *(struct.pack(code, number) for code in ("<I", ">I", "<Q", ">Q", "<d", ">d"))]


def test_single_tracks_are_those_of_visible_events_of_the_line() -> None:
    tracks = world()[0].singles["s"]
    assert tracks.events["event"].tolist() == [SEEN["one track"], *[SEEN["pair outside"]] * 2]
    assert tracks.events["Track_charge"].tolist() == [1, -1, 1]
    assert tracks.duration.tolist() == [4.8e9] * 3


def test_loose_rows_are_those_of_visible_events() -> None:
    loose = world()[0].loose
    assert loose is not None
    assert loose.columns["event"].tolist() == [SEEN["vetoed outside"]]


@pytest.mark.parametrize("what", HIDDEN)
def test_an_event_with_a_hidden_row_is_in_no_byte(what: str) -> None:
    for name, content in world()[1].items():
        for trace in traces(HIDDEN[what]):
            assert trace not in content, name


@pytest.mark.parametrize("what", SEEN)
def test_the_others_would_have_been_found(what: str) -> None:
    assert any(trace in content for content in world()[1].values() for trace in traces(SEEN[what]))


@pytest.mark.parametrize("number", [OTHER_LINE, OTHER_BURST])
def test_no_track_of_another_line_or_of_a_bad_burst(number: int) -> None:
    assert not any(trace in content for content in world()[1].values() for trace in traces(number))


def test_simulation_keeps_no_single_tracks(tmp_path: Path) -> None:
    write(tmp_path / "in" / "x.root", events_of(made()), bursts=[], truth=True)
    result, _ = runs.merge(done(tmp_path / "run", planned(tmp_path / "in", {"s": declared("simulation", "x.root")})))
    assert result.singles == {}
    assert result.loose is not None
    assert np.isin(result.loose.columns["event"], HIDDEN["vetoed in CR"]).any()
    # the door refuses such rows in the name of data, whoever hands them in
    smuggled = replace(world()[0], loose=result.loose)
    with pytest.raises(BlindingError, match="nothing was written"):
        smuggled.dumps({})
