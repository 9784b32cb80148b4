"""Each argument of a constructor does something: what is observed of an object changes.

A row says how an object of a class is made and, of each argument, a value that is not
the default. What can be observed (outputs, weights before and after training, losses,
files, lines of text; not the config) must then be another than without it, or the
constructor must refuse the value. An argument that is kept and does nothing fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import pronghorn
from pronghorn.naming import reset_names
from tests.conformance.case import lookup

Arguments = dict[str, Any]


class With:
    """A value that shows its effect only beside other arguments.

    Args:
        value: of the argument.
        others: the arguments beside it, also in the run without it.
    """

    def __init__(self, value: Any, **others: Any) -> None:
        self.value, self.others = value, others


class Shown:
    """An argument whose effect a test elsewhere shows.

    Args:
        where: `file::function`, below `tests`.
    """

    def __init__(self, where: str) -> None:
        self.where = where


class Idle:
    """An argument without effect, on purpose: its purpose is met otherwise.

    Args:
        reason: the words for it in docs/differences.md.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason


@dataclass(frozen=True)
class Row:
    """How a class's objects are made and looked at.

    Attributes:
        name: below `pronghorn`.
        observe: what an object does, as a structure of numbers and words; it is given
            a maker, called once.
        base: arguments of the object that is compared with.
        changes: by argument a value, or `With`, `Shown`, `Idle`.
        made: a class in its place, where the class itself is only a base.
    """

    name: str
    observe: Callable[[Callable[[], Any]], Any]
    base: Arguments = field(default_factory=dict)
    changes: Arguments = field(default_factory=dict)
    made: type | None = None

    def seen(self, **given: Any) -> Any:
        """What is observed of an object made with these arguments."""
        reset_names()
        pronghorn.utils.set_random_seed(3)
        cls = self.made or lookup(pronghorn, self.name)
        arguments = {k: fresh(v) for k, v in (self.base | given).items()}
        return self.observe(lambda: cls(**arguments))


class Made:
    """An argument that is an object: made anew for each run.

    Args:
        maker: gives the object.
    """

    def __init__(self, maker: Callable[[], Any]) -> None:
        self.maker = maker


def fresh(value: Any) -> Any:
    """The value, or what a `Made` makes."""
    return value.maker() if isinstance(value, Made) else value


def names(parameters: str) -> list[str]:
    """The arguments in a line of the record, those with stars left out.

    >>> names("(rate, noise_shape=(1, None), *, seed=None, **kwargs)")
    ['rate', 'noise_shape', 'seed']
    """
    outer = re.sub(r"=\s*(?:\([^()]*\)|\[[^\[\]]*\]|'[^']*'|[^,]*)", "", parameters)
    parts = (part.strip() for part in outer.strip("()").split(","))
    return [part for part in parts if part and part[0] not in "*/"]


def same(one: Any, other: Any) -> bool:
    """Whether two observations are equal, to the last bit.

    >>> same({"a": [np.ones(2), "x"]}, {"a": [np.ones(2), "x"]}), same([1], [2])
    (True, False)
    """
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        keys = list(one) == list(other)
        return keys and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        alike = one.shape == other.shape and one.dtype == other.dtype
        return alike and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    return type(one) is type(other) and (one == other or one is other)
