"""The part of docs/conformance.md that says where each public name of Keras stands."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Iterable, Sequence

from tests.conformance.field import Name

WIDTH = 88


def section(names: Sequence[Name]) -> list[str]:
    """The lines: how many are alike, what is here, what differs, what is outside."""
    by = defaultdict(list)
    for name in names:
        by[name.stands].append(name)
    called = [n for n in by["alike"] if n.theirs]
    rooms = [n for n in by["alike"] if not _is_part(n)]
    lines = [
        "## The names of Keras",
        "",
        f"{len(names)} public names of Keras 3.15.1: modules' functions and classes, "
        "and what these document. "
        f"{len(by['alike'])} are here and alike; {len(called)} of these are called, "
        "with the same parameters: names, kinds, order and defaults. "
        f"{len(by['differs'])} are here with other parameters, "
        f"{len(by['outside'])} outside of the field, {len(by['lacking'])} lacking. "
        "`tests/conformance/field.txt` says so of each, and a test that it is true.",
        "",
        "### Here and alike",
        "",
        *_by_room(n.name for n in rooms),
        "### Here with other parameters",
        "",
        "| name | Keras | Pronghorn | why |",
        "|---|---|---|---|",
        *(
            f"| `{n.name}` | {_code(n.theirs)} | {_code(n.ours or '')} | {_why(n)} |"
            for n in by["differs"]
        ),
        "",
    ]
    for stands, title in (("outside", "Outside of the field"), ("lacking", "Lacking")):
        lines += [f"### {title}", "", *_by_reason(by[stands])]
    return lines[:-1]


def _is_part(name: Name) -> bool:
    owner = name.name.rpartition(".")[0]
    return bool(owner) and owner.rpartition(".")[2][:1].isupper()


def _why(name: Name) -> str:
    return name.rule.reason if name.rule else ""


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|") if text else ""


def _by_room(names: Iterable[str]) -> list[str]:
    rooms = defaultdict(list)
    for name in names:
        room, _, last = name.rpartition(".")
        rooms[room].append(last)
    lines = []
    for room, found in sorted(rooms.items()):
        title = f"keras.{room}".rstrip(".")
        lines += [*_wrapped(f"**{title}**: {', '.join(sorted(found))}"), ""]
    return lines


def _by_reason(found: Sequence[Name]) -> list[str]:
    reasons = defaultdict(list)
    listed = {n.name for n in found}
    for name in found:
        if name.name.rpartition(".")[0] not in listed:
            shown = f"`{_room_or_name(name)}`"
            if shown not in reasons[_why(name)]:
                reasons[_why(name)].append(shown)
    lines = []
    for reason, whole in reasons.items():
        lines += [*_wrapped(f"- {reason}: {', '.join(whole)}", "  ")]
    return [*lines, ""]


def _room_or_name(name: Name) -> str:
    """The name, or the whole room where a line of the list speaks of it."""
    pattern = name.rule.pattern if name.rule else ""
    return pattern if pattern.endswith(".*") and "*" not in pattern[:-2] else name.name


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_long_words=False)
