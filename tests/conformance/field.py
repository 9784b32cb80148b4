"""Where each public name of Keras stands: here alike, here otherwise, outside, lacking.

The names and parameters of Keras are recorded (`surface.py`); `field.txt` says what of
them differs or is outside of the field, and why. All others have to be here, with the
same parameters: names, kinds, order and defaults.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pronghorn
from pronghorn.absent import Absent
from pronghorn.accel.names import real_room
from tests.conformance import surface

LIST = Path(__file__).with_name("field.txt")
SECTIONS = ("differs", "outside", "lacking")
ABSENT: Any = object()


@dataclass(frozen=True)
class Rule:
    """A line of the list: what of Keras, where it stands, and why."""

    section: str
    pattern: str
    reason: str

    def covers(self, name: str) -> bool:
        """Whether it speaks of a name, or of the class that the name is part of.

        >>> rule = Rule("outside", "layers.Conv*", "images")
        >>> rule.covers("layers.Conv2D.call"), rule.covers("layers.Dense")
        (True, False)
        """
        parts = name.split(".")
        whole = (".".join(parts[:end]) for end in range(1, len(parts) + 1))
        return any(fnmatchcase(part, self.pattern) for part in whole)


@dataclass(frozen=True)
class Name:
    """A public name of Keras, and where it stands.

    Attributes:
        name: below `keras`.
        stands: "alike", "differs", "outside", "lacking", or "unknown" where the list
            says nothing and it is not alike.
        theirs: its parameters in Keras; empty for what is not called.
        ours: here; None where it is not here.
        rule: the line of the list that speaks of it.
    """

    name: str
    stands: str
    theirs: str
    ours: str | None
    rule: Rule | None = None

    def __str__(self) -> str:
        ours = "nothing" if self.ours is None else self.ours or "no parameters"
        return f"{self.name}: Keras has {self.theirs or 'it'}, Pronghorn {ours}"


def rules(text: str) -> list[Rule]:
    """The lines of a list.

    >>> rules("# why\\n[outside]\\nlayers.Conv*  images\\n")
    [Rule(section='outside', pattern='layers.Conv*', reason='images')]
    """
    section, found = "", []
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("["):
            section = line.strip("[]")
            assert section in SECTIONS, line
        elif not line.startswith("#"):
            pattern, _, reason = line.partition("  ")
            assert section and reason.strip(), line
            found.append(Rule(section, pattern, reason.strip()))
    return found


def recorded(text: str) -> dict[str, str]:
    """Names and parameters of a record; other names of an object have its parameters.

    >>> recorded("losses.mse (y)\\nlosses.MSE = losses.mse\\n")
    {'losses.mse': '(y)', 'losses.MSE': '(y)'}
    """
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, _, rest = line.partition(" ")
        found[name] = found[rest[2:]] if rest.startswith("= ") else rest
    return found


def here(name: str) -> Any:
    """What Pronghorn has under a name of Keras, or ABSENT."""
    room, _, last = name.rpartition(".")
    value: Any = pronghorn
    for part in filter(None, [*real_room(room).split("."), last]):
        try:
            value = getattr(value, part)
        except (AttributeError, NotImplementedError):
            return ABSENT
    return value


def ours(name: str, names: Sequence[str] | dict[str, str] = ()) -> str | None:
    """The parameters here of a name of Keras; None where Pronghorn has it not.

    Args:
        name: below `keras`.
        names: all names of Keras, by which a class is told from a room.

    >>> ours("layers.Identity"), ours("layers.Conv2D")
    ('(**kwargs)', None)
    """
    owner, _, last = name.rpartition(".")
    if owner not in names:
        value = here(name)
        if value is ABSENT:
            return None
        plain = isinstance(value, surface.PLAIN)
        return "" if plain else surface.describe(value)
    cls = here(owner)
    if cls is ABSENT:
        return None
    if not isinstance(cls, type) or not _on_class(cls, last):
        return "" if hasattr(cls, last) or _in_source(cls, last) else None
    return surface.method(cls, last)


def _on_class(cls: type, name: str) -> bool:
    found = inspect.getattr_static(cls, name, ABSENT)
    return found is not ABSENT and not isinstance(found, Absent)


def _in_source(cls: Any, name: str) -> bool:
    """Whether a class of ours makes the attribute in its methods."""
    made = re.compile(rf"\bself\.{name}\b\s*(?:[:,][^=\n]*)?=[^=]")
    return any(
        name in getattr(c, "__annotations__", {}) or made.search(inspect.getsource(c))
        for c in getattr(cls, "__mro__", ())
        if c.__module__.startswith("pronghorn")
    )


def judge(names: dict[str, str], listed: Sequence[Rule]) -> list[Name]:
    """Where each name stands."""
    found = []
    for name, theirs in names.items():
        mine = ours(name, names)
        rule = next((r for r in listed if r.covers(name)), None)
        if mine == theirs:
            stands = "alike"
        elif rule is None:
            stands = "unknown"
        elif rule.section == "differs":
            stands = "unknown" if mine is None else "differs"
        else:
            stands = "unknown" if _is_new(name, mine, names) else rule.section
        found.append(Name(name, stands, theirs, mine, rule))
    return found


def _is_new(name: str, mine: str | None, names: dict[str, str]) -> bool:
    """Whether what is said to be absent is here, and no part of an absent class."""
    return mine is not None and name.rpartition(".")[0] not in names


def idle(names: Sequence[Name], listed: Sequence[Rule]) -> list[Rule]:
    """The lines that say nothing true: no name stands where they say."""
    used = {n.rule for n in names if n.rule and n.stands == n.rule.section}
    return [rule for rule in listed if rule not in used]


@cache
def standing() -> list[Name]:
    """Where each recorded name stands by the list."""
    names = recorded(surface.RECORDED.read_text(encoding="utf-8"))
    return judge(names, rules(LIST.read_text(encoding="utf-8")))
