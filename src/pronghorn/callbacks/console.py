"""Text to standard output, whatever it is connected to."""

from __future__ import annotations

import os
import sys

from pronghorn.preferences import is_interactive_logging_enabled

__all__ = ["print_line", "terminal_columns", "write"]

# What these characters become where the terminal cannot show them.
_PLAIN = str.maketrans(
    "━─┃│┏┳┓┡╇┩├┼┤└┴┘…",
    "=-||++++++++++++.",
)


def write(text: str) -> None:
    """Writes text as it is to standard output, and flushes it.

    An encoding that lacks the line-drawing characters gets ASCII look-alikes.

    Example:

    >>> write("Epoch 1/10\\n")
    Epoch 1/10
    """
    out = sys.stdout
    try:
        out.write(text)
    except UnicodeEncodeError:
        encoding = out.encoding or "ascii"
        plain = text.translate(_PLAIN)
        out.write(plain.encode(encoding, errors="replace").decode(encoding))
    out.flush()


def print_line(text: str) -> None:
    """Writes text and a line break.

    After `config.disable_interactive_logging()` the text goes to Python's logger
    "pronghorn", where that shows what is said at the level INFO.

    Example:

    >>> print_line("Epoch 3: early stopping")
    Epoch 3: early stopping
    """
    if is_interactive_logging_enabled() or not _logged(text):
        write(text + "\n")


def _logged(text: str) -> bool:
    logging = sys.modules.get("logging")  # where nobody imported it, nobody set it up
    if logging is None:
        return False
    logger = logging.getLogger("pronghorn")
    shown = logger.isEnabledFor(logging.INFO) and logger.hasHandlers()
    if shown:
        logger.info(text.strip())
    return bool(shown)


def terminal_columns() -> int:
    """The width of the terminal; 80 where there is none.

    As `shutil.get_terminal_size`, whose module costs 3 ms to import.

    Example:

    >>> terminal_columns() > 0
    True
    """
    said = os.environ.get("COLUMNS", "")
    if said.isdigit() and int(said) > 0:
        return int(said)
    out = sys.__stdout__  # None in a program without a console
    try:
        return os.get_terminal_size(out.fileno()).columns or 80 if out else 80
    except (ValueError, OSError):
        return 80
