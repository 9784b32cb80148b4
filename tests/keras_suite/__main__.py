"""`python -m tests.keras_suite`."""

import sys

from tests.keras_suite.runner import environment, main

if __name__ == "__main__":
    environment(["tests.keras_suite", *sys.argv[1:]])
    sys.exit(main())
