"""What a conformance case is, and what it may give back.

A case is a pure function of a Keras-shaped module: ``run(keras)`` and
``run(pronghorn)`` must give the same results. Results are a dict; the first word
of a key says how its values are compared (see `tests.conformance.compare`):

``weights...``   lists of arrays, by the norm of the difference over the norm
``history...``   numbers, element by element, relative
``stats...``     statistics of random draws, relative, with the case's tolerance
anything else    float arrays relative to their largest entry; the rest exactly
"""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Results = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One row of the table: a name, a function of the module, tolerances.

    Attributes:
        name: ``group/class/variant``; the group names the recorded file.
        run: pure function of the module under test, giving the results.
        tolerance: largest accepted difference, unless `tolerances` says otherwise.
        tolerances: tolerance of the keys beginning with the given words.
        needs: dotted names that Pronghorn may lack; without them the case is left
            out and reported as missing. Empty for all that it promises.
    """

    name: str
    run: Callable[[Any], Results]
    tolerance: float = 1e-5
    tolerances: dict[str, float] = field(default_factory=dict)
    needs: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """First part of the name."""
        return self.name.split("/", 1)[0]

    def limit(self, path: str) -> float:
        """Tolerance of the result at `path`."""
        for start, value in self.tolerances.items():
            if path.startswith(start):
                return value
        return self.tolerance


def lookup(module: Any, dotted: str) -> Any:
    """Attribute of an attribute: ``lookup(keras, "layers.Dense")``."""
    for part in dotted.split("."):
        module = getattr(module, part)
    return module


def has(module: Any, dotted: str) -> bool:
    """Whether `lookup` would find the name."""
    try:
        lookup(module, dotted)
    except (AttributeError, NotImplementedError):
        return False
    return True


def signature(module: Any, dotted: str) -> Results:
    """The parameters of a callable: names, kinds, defaults; types are not compared."""
    parameters = inspect.signature(lookup(module, dotted)).parameters.values()
    return {
        "parameters": [
            [p.name, p.kind.name, "" if p.default is p.empty else repr(p.default)]
            for p in parameters
        ]
    }


def jsonable(value: Any) -> Any:
    """`value` as JSON gives it back: tuples as lists, NumPy scalars as numbers."""

    def plain(item: Any) -> Any:
        if isinstance(item, np.generic):
            return item.item()
        if hasattr(item, "__array__"):
            return np.asarray(item).tolist()
        raise TypeError(f"a config must be JSON; it holds {type(item).__name__}")

    return json.loads(json.dumps(value, default=plain))


def arrays(values: Any) -> list[np.ndarray]:
    """Each of a list of tensors or variables, as a NumPy array."""
    return [np.asarray(value) for value in values]


def assert_backend(k: Any, model: Any) -> None:
    """Pronghorn's runs must be on the engine under test; Keras has no such name."""
    if hasattr(k, "backend_of"):
        expected = os.environ.get("PRONGHORN_BACKEND") or "native"
        assert k.backend_of(model) == expected, (k.backend_of(model), expected)


CaseTable = Iterator[Case]
