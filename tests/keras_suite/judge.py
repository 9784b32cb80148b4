"""Runs one file of Keras's tests in this process."""

from __future__ import annotations

import functools
import importlib
import itertools
import random
import re
import signal
import sys
import traceback
import unittest
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.keras_suite.alias import TESTS
from tests.keras_suite.files import Exclusions

LETTERS = 180  # of an error
SECONDS = 20  # a test that takes longer has failed


@dataclass(frozen=True)
class Outcome:
    """What came of one test.

    Attributes:
        name: `file::class::test`.
        result: passed, failed, excluded, or skipped by a condition of its own.
        detail: the error's last line, or the reason.
        other_words: errors that were ours, in other words than Keras's.
    """

    name: str
    result: str
    detail: str = ""
    other_words: int = 0


class TooLongError(BaseException):
    """A test ran out of time; no test catches it."""


def _alarm(_: int, __: FrameType | None) -> None:
    raise TooLongError(f"more than {SECONDS} s")


class _Result(unittest.TestResult):
    """Keeps what one test said last."""

    def __init__(self) -> None:
        super().__init__()
        self.outcome, self.detail = "passed", ""

    def _failed(self, error: Any) -> None:
        if self.outcome != "failed":
            self.outcome, self.detail = "failed", _last_line(error)

    def addError(self, test: Any, err: Any) -> None:
        """An exception that is no assertion; pytest's own way to skip is one."""
        if isinstance(err[1], pytest.skip.Exception):
            self.addSkip(test, str(err[1]))
        else:
            self._failed(err[1])

    def addFailure(self, test: Any, err: Any) -> None:
        """An assertion."""
        self._failed(err[1])

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        """A part of a test; one that fails fails the test."""
        if err is not None:
            self._failed(err[1])

    def addSkip(self, test: Any, reason: str) -> None:
        """The test does not want to run here."""
        if self.outcome == "passed":
            self.outcome, self.detail = "skipped", reason

    def addExpectedFailure(self, test: Any, err: Any) -> None:
        """It failed as it should."""

    def addUnexpectedSuccess(self, test: Any) -> None:
        """It passed, though it should fail."""
        self._failed(AssertionError("expected to fail"))


def _last_line(error: BaseException) -> str:
    """The error in a line, without what differs from run to run.

    Of an assertion's own message the first line is kept, and no long text: that would
    be Keras's, and none of it belongs into the report.
    """
    lines = "".join(traceback.format_exception_only(error)).strip().splitlines()
    lines = [line.strip() for line in lines if line.strip()]
    if isinstance(error, AssertionError):
        stated = " ".join(lines[:2])
        lines = [re.sub(r"""(['"])[^'"]{16,}\1?""", "'...'", stated)]
    text = " | ".join(lines).replace("tests.keras_suite.stand_ins.", "")
    text = re.sub(r"\b0x[0-9a-f]+", "0x", text)
    text = re.sub(r"(?<![\w.])/(?:[\w.+-]+/)+", "FOLDER/", text)
    return text[:LETTERS]


def marks(*owners: Any) -> Iterator[Any]:
    """pytest's marks on a test, its class and its module."""
    for owner in owners:
        found = getattr(owner, "pytestmark", [])
        yield from found if isinstance(found, list) else [found]


def skip_reason(*owners: Any) -> str | None:
    """Why a mark leaves a test out, None where none does."""
    for mark in marks(*owners):
        if mark.name == "xfail":
            return str(mark.kwargs.get("reason") or "it fails in Keras too")
        conditions = mark.args if mark.name == "skipif" else (mark.name == "skip",)
        if any(conditions):
            return str(mark.kwargs.get("reason") or "a condition of its own")
    return None


def _tests(module: Any) -> Iterator[tuple[str, Any, Callable[[Any], None]]]:
    """(class::test, what bears its marks, what runs it) of each test of a module."""
    for name, value in sorted(vars(module).items()):
        if isinstance(value, type) and issubclass(value, unittest.TestCase):
            if value.__module__ != module.__name__:
                continue
            for method in unittest.TestLoader().getTestCaseNames(value):
                owners = (getattr(value, method), value, module)
                yield f"{name}::{method}", owners, _of_class(value, method)
        elif (
            name.startswith("test") and callable(value) and not isinstance(value, type)
        ):
            for label, given, more in _rows(value):
                title = f"functions::{name}{label and f'[{label}]'}"
                yield title, (more, value, module), _of_function(value, given)


def _rows(function: Any) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """(label, arguments, what bears marks) of each of pytest's parametrized runs."""
    tables = [m for m in marks(function) if m.name == "parametrize"]
    columns = [list(_parameters(*mark.args, **mark.kwargs)) for mark in tables]
    for chosen in itertools.product(*reversed(columns)):
        given = {name: v for _, values, _ in chosen for name, v in values.items()}
        own = [mark for _, _, found in chosen for mark in found]
        label = "-".join(label for label, _, _ in reversed(chosen))
        yield label, given, SimpleNamespace(pytestmark=own)


def _parameters(
    names: Any, rows: Any, ids: Any = None, **_: Any
) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """One table of parameters: each row's label, its values by name, and its marks."""
    known = [n.strip() for n in names.split(",")] if isinstance(names, str) else names
    for number, row in enumerate(rows):
        values, found = getattr(row, "values", row), getattr(row, "marks", ())
        if row is values and len(known) == 1:
            values = (row,)
        label = getattr(row, "id", None)
        if label is None and callable(ids):
            told = [ids(v) for v in values]
            label = "-".join(str(t) for t in told if t is not None)
        yield str(label or number), dict(zip(known, values)), found


def _of_class(cls: type[unittest.TestCase], method: str) -> Callable[[Any], None]:
    return lambda result: cls(method).run(result) and None


def _of_function(function: Any, given: dict[str, Any]) -> Callable[[Any], None]:
    called = functools.partial(function, **given)
    return lambda result: unittest.FunctionTestCase(called).run(result) and None


def run(file: str, exclusions: Exclusions) -> Iterator[Outcome]:
    """Run a file's tests one after another."""
    from tests.keras_suite import case

    name = f"{TESTS}." + file.removesuffix(".py").replace("/", ".")
    try:
        module = importlib.import_module(name)
    except Exception as error:
        yield Outcome(f"{file}::*::*", "failed", _last_line(error))
        return
    signal.signal(signal.SIGALRM, _alarm)
    for title, owners, start in _tests(module):
        full = f"{file}::{title}"
        reason = exclusions.reason(full)
        if reason is not None:
            yield Outcome(full, "excluded", reason)
            continue
        reason = skip_reason(*owners)
        if reason is not None:
            yield Outcome(full, "skipped", reason)
            continue
        case.OTHER_WORDS.clear()
        result = _one(start)
        yield Outcome(full, result.outcome, result.detail, len(case.OTHER_WORDS))


def _one(start: Callable[[Any], None]) -> _Result:
    """Run a test from a known state, for a limited time."""
    result = _Result()
    random.seed(0)
    np.random.seed(0)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            start(result)
    except TooLongError as error:
        result._failed(error)
    except pytest.skip.Exception as skipped:
        result.addSkip(None, str(skipped))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    for framework in ("tensorflow", "jax", "torch", "keras"):
        loaded = sys.modules.get(framework)
        if loaded is not None and getattr(loaded, "__file__", None):
            raise RuntimeError(f"the real {framework} was imported")
    return result
