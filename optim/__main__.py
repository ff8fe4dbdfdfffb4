"""`python -m optim` is the command line `minigrad`."""
import sys

from optim.commands.cli import main

if __name__ == "__main__":
    sys.exit(main())
