"""A process that claims again and again, and dies with its claim: for others, which take it over."""

from __future__ import annotations

import os
import time
from pathlib import Path

from na62dump.errors import ClaimedError
from na62dump.runner.claim import claimed

BETWEEN_DEATHS = 7


def rush(place: str, *, seconds: float) -> None:
    """Claim in a folder for some time; every few times a child of this process claims, and dies without a word."""
    folder, end, number = Path(place), time.monotonic() + seconds, 0
    while time.monotonic() < end:
        number += 1
        child = os.fork() if number % BETWEEN_DEATHS == 0 else None
        try:
            with claimed(folder / "submitting.json", doing="is here"):
                enter(folder)
                if child == 0:
                    os._exit(0)
        except ClaimedError:
            if child == 0:
                os._exit(0)
        if child:
            os.waitpid(child, 0)


def enter(folder: Path) -> None:
    """Be alone in a room for a moment."""
    try:
        (folder / "room").mkdir()
    except FileExistsError:
        (folder / "two at once").touch()
    with (folder / "entered").open("a") as file:
        file.write("x")
    time.sleep(0.001)
    if (folder / "room").exists():
        (folder / "room").rmdir()
