"""The command line: words to calls; one verb per stage."""

import signal as signals
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line; see `na62dump.cli.app.main`. SIGTERM stops it as Ctrl-C does, in order."""
    before = signals.signal(signals.SIGTERM, signals.default_int_handler)
    try:
        from na62dump.cli.app import main as begin

        begin()
    except KeyboardInterrupt:
        # nothing of ours may be loaded yet
        sys.stderr.write("stopped before anything was done\n")
        sys.exit(1)
    finally:
        signals.signal(signals.SIGTERM, before)
