"""The application: its verbs, and how mistakes are told."""

from __future__ import annotations

import sys

import typer

from na62dump import __version__
from na62dump.cli import (
    background,
    batch,
    compatibility,
    limit,
    prepare,
    reproduce,
    runs,
    show,
    signal,
    unblind,
    upper_limit,
)
from na62dump.cli.screen import INCOMPLETE, MISTAKE, tell
from na62dump.errors import IncompleteError, NA62DumpError

_INTERRUPTED = 130
"""Exit code that typer makes of Ctrl-C, without a word [128 + SIGINT, as shells have it]."""

app = typer.Typer(
    name="na62dump",
    help="Searches for exotic particles with NA62 in beam-dump mode: from ntuples to blinded results.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for module in (prepare, runs, unblind, background, signal, limit, compatibility, upper_limit, show, reproduce, batch):
    module.add_to(app)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False,  # noqa: FBT003 - its default
        "--version",
        callback=_version,
        is_eager=True,
        help="Print the version and stop.",
    ),
) -> None:
    """Searches for exotic particles with NA62 in beam-dump mode: from ntuples to blinded results."""


def main() -> None:
    """Run the command line: exit code 0 for complete work, 1 for incomplete work, 2 for a user's mistake."""
    try:
        app()
    except IncompleteError as error:
        tell(f"not complete: {error}")
        sys.exit(INCOMPLETE)
    except NA62DumpError as error:
        tell(f"error: {error}")
        sys.exit(MISTAKE)
    except SystemExit as end:
        if end.code != _INTERRUPTED:
            raise
        tell("stopped")
        sys.exit(INCOMPLETE)
    except OSError as error:
        tell(f"error: {error.filename or 'output'}: {error.strerror or error}")
        sys.exit(MISTAKE)
