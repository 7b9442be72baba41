"""`python -m qatui` is the `qatui` command."""

from qatui.cli import main

if __name__ == "__main__":
    main()
