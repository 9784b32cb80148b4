"""Words of the command line into values, with errors that say what was expected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pronghorn.data.reader import EVERY_COLUMN
from pronghorn.errors import ArgumentError, closest
from pronghorn.tabular.presets import PRESETS

__all__ = ["hidden_units", "missing_codes", "names", "net_options"]

MOST_UNITS = 100_000


def names(text: str | None) -> tuple[str, ...]:
    """Names of columns, separated by commas.

    >>> names("sugars, fiber")
    ('sugars', 'fiber')
    """
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())


def hidden_units(text: str | None) -> tuple[int, ...] | None:
    """Units of the hidden layers; an empty text is a linear unit.

    Raises:
        ArgumentError: anything but positive whole numbers.

    >>> hidden_units("64,32")
    (64, 32)
    >>> hidden_units("")
    ()
    """
    if text is None:
        return None
    if not text.strip():
        return ()
    units = []
    for word in text.split(","):
        number = int(word) if word.strip().isdecimal() else 0
        if number > MOST_UNITS:
            raise ArgumentError(
                f"A hidden layer has {MOST_UNITS:,} units at the most.",
                where="--hidden",
                expected=f"whole numbers from 1 to {MOST_UNITS}, separated by commas",
                received=repr(text),
                remedy="for instance 256,128; wider nets seldom help on a table",
            )
        if not number:
            raise ArgumentError(
                "A hidden layer has a positive whole number of units.",
                where="--hidden",
                expected='for instance 64,64; or "" for a linear unit',
                received=repr(text),
            )
        units.append(number)
    return tuple(units)


def net_options(preset: str | None, hidden: str | None) -> dict[str, Any]:
    """Which net: that of a preset, or a plain one.

    Raises:
        ArgumentError: both, or no such preset.

    >>> net_options(None, None), net_options(None, "")
    ({'preset': 'default'}, {'hidden': ()})
    """
    units = hidden_units(hidden)
    if units is None:
        name = "default" if preset is None else preset
        if name not in PRESETS:
            raise ArgumentError(
                f"There is no preset {name!r}.",
                where="--preset",
                expected=", ".join(PRESETS),
                received=repr(name),
                remedy=closest(name, PRESETS),
            )
        return {"preset": name}
    if preset is not None:
        raise ArgumentError(
            "--preset and --hidden exclude each other.",
            expected="--preset for a net of ours, or --hidden for a plain one",
            received=f"--preset {preset} --hidden {hidden!r}",
            remedy="leave one out",
        )
    return {"hidden": units}


def missing_codes(words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Codes for missing: CODE for every column, COLUMN=CODE for one.

    Raises:
        ArgumentError: an empty code.

    >>> missing_codes(["-1", "glucose=0"])
    {'*': ('-1',), 'glucose': ('0',)}
    """
    found: dict[str, tuple[str, ...]] = {}
    for word in words:
        column, separator, code = word.rpartition("=")
        column = column.strip() if separator else EVERY_COLUMN
        code = code.strip()
        if not code or not column:
            raise ArgumentError(
                "A code for missing is empty.",
                where="--missing",
                expected="--missing=CODE, or --missing=COLUMN=CODE for one column",
                received=repr(word),
                remedy="an empty cell is missing anyway",
            )
        found[column] = (*found.get(column, ()), code)
    return found
