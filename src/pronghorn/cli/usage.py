"""Words that the command line does not take, told as all other errors are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from pronghorn.data.reader import column_names
from pronghorn.errors import ArgumentError, PronghornError, closest

__all__ = ["UsageError", "usage_error"]

UsageError: type[Exception] = typer.BadParameter.__bases__[0]
"""What typer raises for words that it cannot take; the base of the others."""

NUMBERS = {
    "--epochs": ("a whole number from 1 on", "20"),
    "--batch-size": ("a whole number from 1 on", "64"),
    "--seed": ("a whole number from 0 to 4294967295", "1"),
    "--holdout": ("a number from 0 (none) to below 1", "0.2"),
    "LESSON": ("the number of a lesson, from 1 to 8", "3"),
}
"""What options and arguments for numbers take, and an example of each."""


def usage_error(error: Any, words: Sequence[str]) -> PronghornError:
    """The error in our own words.

    Args:
        error: a `UsageError`.
        words: the words of the command line.
    """
    param = getattr(error, "param", None)
    name = "" if param is None else _name(param)
    if type(error).__name__ == "MissingParameter":
        return _lacking(error, name)
    if type(error).__name__ == "NoSuchOption":
        return _unknown(error)
    if param is not None:
        return _bad_value(error, name, words)
    option = getattr(error, "option_name", None)
    return ArgumentError(
        _sentence(error.format_message()),
        where=option or _place(error),
        expected=NUMBERS.get(option, (None,))[0] if option else None,
        received="pronghorn " + " ".join(words),
        remedy=_help(error),
    )


def _lacking(error: Any, name: str) -> PronghornError:
    if name != "--target":
        return ArgumentError(
            f"{name} is missing.",
            where=_place(error),
            expected=error.param.help or name,
            remedy=_help(error),
        )
    columns = _columns(error.ctx.params.get("data"))
    return ArgumentError(
        "--target is missing.",
        where=_place(error),
        expected="--target and the name of the column to predict",
        received="no --target" + (f"; the columns are {columns}" if columns else ""),
        remedy="choose one of the columns" if columns else _help(error),
    )


def _columns(data: Path | None) -> str:
    """The table's columns, where it can be read."""
    try:
        return "" if data is None else ", ".join(column_names(data))
    except (PronghornError, OSError):
        return ""


def _unknown(error: Any) -> PronghornError:
    known = [o for p in error.ctx.command.params for o in p.opts if o.startswith("-")]
    return ArgumentError(
        f"There is no option {error.option_name}.",
        where=_place(error),
        expected="one of the options of this command",
        received=error.option_name,
        remedy=closest(error.option_name, known),
    )


def _bad_value(error: Any, name: str, words: Sequence[str]) -> PronghornError:
    received = _value(error.param.opts, words)
    expected, example = NUMBERS.get(name, (None, None))
    before = name if name.startswith("-") else _place(error)
    return ArgumentError(
        f"{name} cannot take {received!r}." if received else f"{name} does not fit.",
        where=name,
        expected=expected,
        received=repr(received) if received else _sentence(error.message),
        remedy=f"for instance {before} {example}" if example else _help(error),
    )


def _value(options: Sequence[str], words: Sequence[str]) -> str:
    """What was given for an option, the last time it was given."""
    found = ""
    for place, word in enumerate(words):
        option, separator, value = word.partition("=")
        if option in options:
            found = value if separator else " ".join(words[place + 1 : place + 2])
    return found


def _name(param: Any) -> str:
    option = max(param.opts, key=len)
    return str(option if option.startswith("-") else option.upper())


def _place(error: Any) -> str | None:
    return None if error.ctx is None else str(error.ctx.command_path)


def _help(error: Any) -> str:
    return f"{_place(error) or 'pronghorn'} --help tells what there is"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."
