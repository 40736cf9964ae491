from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import TextColumn

from na62dump.cli.bar import MOST_TOLD, Pace, RunBar, run_bar
from na62dump.runner import Failure, Progress

if TYPE_CHECKING:
    from collections.abc import Callable


def failed(number: int) -> Failure:
    return Failure(unit=f"u{number}", path=f"/d/{number}.root", reason="[odd] reason", kind="input", attempts=3)


def clock(*times: float) -> Callable[[], float]:
    return iter(times).__next__


@pytest.mark.parametrize(
    ("pace", "told"),
    [
        (Pace(200_000, 300_000, 100.0), "2,000 events/s, 0:02:30 left"),
        (Pace(0, 300_000, 100.0), "- events/s, - left"),
        (Pace(10, 0, 0.0), "- events/s, - left"),
        (Pace(100, 0, 8.0), "12 events/s, 0:00:00 left"),
    ],
)
def test_pace(pace: Pace, told: str) -> None:
    assert str(pace) == told


def test_off_a_terminal_only_failures_are_told_and_each_once(capsys: pytest.CaptureFixture[str]) -> None:
    with run_bar("mumu", 3) as bar:
        bar(Progress(0, 3, 0, 30))
        bar(Progress(1, 2, 0, 20, (failed(1),)))
        bar(Progress(2, 1, 10, 10, (failed(1),)))
        bar.tell([failed(1), failed(2)])
    assert capsys.readouterr() == ("", "failed: /d/1.root: [odd] reason\nfailed: /d/2.root: [odd] reason\n")


def test_many_failures_are_not_all_told(capsys: pytest.CaptureFixture[str]) -> None:
    with run_bar("mumu", 100) as bar:
        for many in (30, 60):
            bar(Progress(many, 100 - many, 0, 10, tuple(map(failed, range(many)))))
    *told, last = capsys.readouterr().err.splitlines()
    assert len(told) == MOST_TOLD
    assert last == "failed: more units, which are counted and no longer listed here; 'na62dump status' lists them"


def test_what_was_done_before_counts_as_done_but_not_in_the_rate() -> None:
    screen = Console(file=io.StringIO(), force_terminal=True, width=200, color_system=None)
    with Bar(TextColumn("{task.completed}/{task.total} units, {task.fields[pace]}"), console=screen) as drawn:
        bar = RunBar(drawn, drawn.add_task("mumu", total=100, pace=""), clock=clock(0.0, 0.0, 10.0))
        bar(Progress(0, 40, 0, 400))
        assert (drawn.tasks[0].completed, drawn.tasks[0].fields["pace"]) == (60, "- events/s, - left")
        bar(Progress(11, 29, 100, 290, (failed(1),)))
    assert "71/100 units, 10 events/s, 0:00:29 left, 1 failed" in screen.file.getvalue()  # type: ignore[attr-defined]
    assert "failed: /d/1.root: [odd] reason" in screen.file.getvalue()  # type: ignore[attr-defined]


def test_a_run_that_stands_still_says_so_less_and_less_often() -> None:
    screen = Console(file=io.StringIO(), width=200)
    times = [0.0, 0.0, 100.0, 219.0, 220.0, 330.0, 340.0, 500.0, 620.0, 630.0, 900.0]
    left = [4, 3, 3, 3, 3, 3, 3, 2, 2, 0, 0]
    with Bar(console=screen, disable=True) as drawn:
        bar = RunBar(drawn, drawn.add_task("mumu", total=4), clock=clock(0.0, *times))
        for units in left:
            bar(Progress(4 - units, units, 0, 0))
    told = [line.partition(":")[0] for line in screen.file.getvalue().splitlines()]  # type: ignore[attr-defined]
    assert told == [f"no unit has finished for {seconds} s" for seconds in (219, 330, 120)]
