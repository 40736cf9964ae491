from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from na62dump.cli.stopping import stoppable

TWICE = """
import os, signal, time
from na62dump.cli.stopping import stoppable
try:
    with stoppable():
        try:
            os.kill(os.getpid(), signal.{first})
            time.sleep(60)
        except KeyboardInterrupt:
            print("cleaning up", flush=True)
            os.kill(os.getpid(), signal.{second})
            time.sleep(60)
finally:
    print("never")
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_both_signals_stop_the_body_and_leave_no_trace(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), stoppable():
        os.kill(os.getpid(), number)
    assert signal.getsignal(number) == before
    with stoppable():
        assert signal.getsignal(number) != before
    assert signal.getsignal(number) == before


@pytest.mark.parametrize(("first", "second"), [("SIGINT", "SIGINT"), ("SIGTERM", "SIGINT")])
def test_the_second_ends_at_once(first: str, second: str) -> None:
    root = Path(__file__).parents[2]
    script = TWICE.format(first=first, second=second)
    found = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout, found.stderr) == (-signal.SIGINT, "cleaning up\n", "")


LATER = """
import os, signal, sys, threading, time, types
from na62dump import cli
sys.modules["na62dump.cli.app"] = types.SimpleNamespace(main=lambda: time.sleep(60))
threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()
cli.main()
"""


def test_sigterm_stops_any_verb_in_order() -> None:
    root = Path(__file__).parents[2]
    found = subprocess.run([sys.executable, "-c", LATER], cwd=root, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (1, "stopped before anything was done\n")
