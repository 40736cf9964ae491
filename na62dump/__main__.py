"""``python -m na62dump`` is the command line."""

from na62dump.cli import main

if __name__ == "__main__":
    main()
