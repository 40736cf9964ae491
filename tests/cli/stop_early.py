"""The command line, with files opened in processes from the first one on; for `test_stopping`."""

from __future__ import annotations

from na62dump.cli import main
from na62dump.planning import opening

if __name__ == "__main__":
    opening.ALONE_SECONDS = 0.0
    opening.BATCH = 1
    main()
