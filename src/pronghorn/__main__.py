"""`python -m pronghorn` is the command line."""

import sys

from pronghorn.cli import main

if __name__ == "__main__":
    sys.exit(main())
