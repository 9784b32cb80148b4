"""`python -m pronghorn.accel script.py [arguments]`."""

import sys

from pronghorn.accel.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
