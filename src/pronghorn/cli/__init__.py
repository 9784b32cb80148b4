"""The command line: `pronghorn train`, `predict`, `evaluate` and `show`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

__all__ = ["main"]

_run: Callable[[Sequence[str] | None], int] | None = None
_lacking: str | None = None

try:
    from pronghorn.cli.app import run as _run
except ImportError as error:
    if error.name is None or error.name.split(".")[0] not in ("typer", "click", "rich"):
        raise
    _lacking = error.name


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Args:
        arguments: the words after `pronghorn`; those of the process by default.

    Returns:
        The process's exit code: 0, or 2 after an error, of which one message tells.

    >>> main(["--version"])
    pronghorn 0.1.0
    0
    """
    if _run is None:
        print(
            f"pronghorn: the command line needs {_lacking}, which is not installed.\n"
            "  what to do: pip install 'pronghorn[cli]'",
            file=sys.stderr,
        )
        return 2
    return _run(arguments)
