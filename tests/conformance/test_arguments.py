"""Every argument of every constructor changes what is observed, or is refused."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pronghorn.errors import PronghornError, UnsupportedError
from tests.conformance import field, surface
from tests.conformance.arguments import ROOMS, rows
from tests.conformance.arguments.layers import COMMON, ENDINGS
from tests.conformance.arguments.row import Idle, Row, Shown, With, names, same

TESTS = Path(__file__).parents[1]
DIFFERENCES = TESTS.parent / "docs" / "differences.md"
RECORD = field.recorded(surface.RECORDED.read_text(encoding="utf-8"))
ROWS = {row.name: row for row in rows()}


def classes() -> list[str]:
    """The classes of Keras in the rooms that are here, by their first name."""
    alias = re.findall(r"^(\S+) = ", surface.RECORDED.read_text(), re.MULTILINE)
    tops = [name for name in RECORD if "." not in name]
    homes = {f"{room}.{top}" for room in ROOMS for top in tops}
    kept = {name for name in RECORD if name not in alias} | (homes & set(RECORD))
    return sorted(
        name
        for name in kept
        if name.rpartition(".")[0] in ROOMS
        and isinstance(field.here(name), type)
        and (names(RECORD[name]) or name in ROWS)
    )


def value_of(row: Row, argument: str) -> Any:
    """The value that a row, or the common table, has for an argument; or None."""
    if argument in row.changes:
        return row.changes[argument]
    if row.name.startswith("layers."):
        if argument in COMMON:
            return COMMON[argument]
        values = ENDINGS.get(argument.rpartition("_")[2], ())
        default = re.search(rf"\b{argument}='(\w+)'", RECORD[row.name])
        return next((v for v in values if not default or v != default[1]), None)
    return None


def pairs() -> list[tuple[str, str]]:
    """Each class with each of its arguments, in Keras and in its row."""
    found = []
    for name in classes():
        row = ROWS.get(name)
        given = {**dict.fromkeys(names(RECORD[name])), **(row.changes if row else {})}
        found += [(name, argument) for argument in given]
    return found


def unknown(row: Row | None, name: str, argument: str) -> str:
    """What to add for an argument that no row speaks of."""
    where = "a row" if row is None else f"{argument}=<another value>"
    return f"tests/conformance/arguments needs {where} for {name}({argument}=)"


def effect(row: Row, argument: str, value: Any) -> str:
    """What an argument does: "changes", "is refused", "warns" or "nothing"."""
    others = value.others if isinstance(value, With) else {}
    value = value.value if isinstance(value, With) else value
    try:
        plain, warned = told(row, others)
    except UnsupportedError:
        assert others, "the row's own arguments are refused"
        return "is refused"  # with what it needs to do anything
    assert same(plain, row.seen(**others)), "two runs of the same differ"
    try:
        changed, warned_then = told(row, others | {argument: value})
    except PronghornError:
        return "is refused"
    if warned_then > warned:
        return "warns"
    return "nothing" if same(plain, changed) else "changes"


def told(row: Row, given: dict[str, Any]) -> tuple[Any, int]:
    """What is observed, and how many warnings came."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        return row.seen(**given), len(caught)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "argument"), pairs(), ids=lambda word: word)
def test_an_argument_has_an_effect(name: str, argument: str) -> None:
    row = ROWS.get(name)
    value = None if row is None else value_of(row, argument)
    assert row is not None and (value is not None or argument in row.changes), unknown(
        row, name, argument
    )
    if isinstance(value, Shown):
        file, _, function = value.where.partition("::")
        text = (TESTS / file).read_text(encoding="utf-8")
        assert f"def {function}(" in text and argument in text
    elif isinstance(value, Idle):
        assert value.reason in DIFFERENCES.read_text(encoding="utf-8")
    else:
        assert effect(row, argument, value) != "nothing"


def test_each_row_is_of_a_class_and_its_arguments() -> None:
    assert sorted(set(ROWS) - set(RECORD)) == []
    lost = [
        f"{row.name}({argument}=)"
        for row in ROWS.values()
        for argument in row.changes
        if argument not in names(RECORD[row.name]) + names(field.ours(row.name) or "")
    ]
    assert lost == []


# --- the testers themselves -----------------------------------------------------
def looks(make: Callable[[], Any]) -> Any:
    return [np.asarray(make()(np.float32([-1.0, 2.0])))]


class Slope:
    """Has an argument that does nothing, and one that raises."""

    def __init__(self, by: float = 1.0, lost: int = 0, never: bool = False) -> None:
        if never:
            raise UnsupportedError("never")
        self.by, self.lost = by, lost

    def __call__(self, x: Any) -> Any:
        return self.by * x


def test_an_argument_that_does_nothing_is_noticed() -> None:
    row = Row("layers.Slope", looks, made=Slope)
    assert effect(row, "by", 2.0) == "changes"
    assert effect(row, "lost", 3) == "nothing"
    assert effect(row, "never", True) == "is refused"
    assert effect(row, "by", With(2.0, by=2.0)) == "nothing"


def test_runs_that_differ_by_themselves_are_noticed() -> None:
    def draws(make: Callable[[], Any]) -> Any:
        return np.random.default_rng().normal()

    with pytest.raises(AssertionError, match="two runs"):
        effect(Row("layers.Slope", draws, made=Slope), "by", 2.0)


def test_an_argument_without_a_row_says_what_to_add() -> None:
    assert unknown(None, "layers.New", "rate") == (
        "tests/conformance/arguments needs a row for layers.New(rate=)"
    )
    row = Row("layers.New", looks)
    assert "needs rate=<another value> for" in unknown(row, "layers.New", "rate")


def test_the_arguments_of_a_line() -> None:
    line = "(units, shape=(1, 2), *, text='a, b', axes=[1, 2], rate=0.5, **kwargs)"
    assert names(line) == ["units", "shape", "text", "axes", "rate"]
