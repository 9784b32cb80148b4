"""The public names of a Keras-shaped package, and the parameters of what is callable.

    KERAS_BACKEND=tensorflow python -m tests.conformance.surface

Run with an interpreter that has Keras, it writes `recorded/surface.txt`, a line a name:

    layers.Dense (units, activation=None, ...)   a class by its constructor, a function
    layers.Dense.build (self, input_shape)         a method: a class's own, documented
    layers.Layer.weights                           what is not called
    losses.MSE = losses.mean_squared_error         another name of the same object

Annotations are left out. A default that is a function or a class is its name; one that
is another object is the name of its class.
"""

from __future__ import annotations

import argparse
import inspect
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

RECORDED = Path(__file__).parent / "recorded" / "surface.txt"
# Called by users whether or not Keras says a word on them.
ALWAYS = ("__call__", "build", "call")
PLAIN = (int, float, str, bool, bytes, type(None))


def spelled(value: Any) -> str:
    """A default as the record has it.

    >>> spelled(0.5), spelled(("a", None)), spelled(len), spelled(object())
    ('0.5', "('a', None)", 'len', '<object>')
    """
    if isinstance(value, PLAIN):
        return repr(value)
    if isinstance(value, tuple | list):
        inner = ", ".join(map(spelled, value))
        return f"({inner})" if isinstance(value, tuple) else f"[{inner}]"
    named = getattr(value, "__name__", None)
    return str(named) if named else f"<{type(value).__name__}>"


def parameters(function: Any, bound: bool = False) -> str:
    """The parameters of a callable; `bound` leaves out the first.

    >>> def f(self, x, /, y=1, *rest, z: int = 2.0, **more): ...
    >>> parameters(f), parameters(f, bound=True)
    ('(self, x, /, y=1, *rest, z=2.0, **more)', '(x, /, y=1, *rest, z=2.0, **more)')
    """
    try:
        found = inspect.signature(function)
    except (TypeError, ValueError):
        return "(?)"
    kept = [
        p.replace(annotation=p.empty, default=p.empty)
        if p.default is p.empty
        else p.replace(annotation=p.empty, default=_Shown(p.default))
        for p in found.parameters.values()
    ]
    empty = inspect.Signature.empty
    return str(found.replace(parameters=kept[bound:], return_annotation=empty))


class _Shown:
    """A default that is printed as the record has it."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return spelled(self.value)


def describe(value: Any) -> str:
    """What the record says of an object behind its name: parameters, or nothing."""
    if isinstance(value, type):
        return parameters(value.__init__, bound=True)
    return parameters(value) if callable(value) else ""


def method(cls: type, name: str) -> str:
    """The same of an attribute of a class: a property has no parameters."""
    held = inspect.getattr_static(cls, name)
    if isinstance(held, staticmethod | classmethod):
        return parameters(held.__func__)
    return parameters(held) if inspect.isfunction(held) else ""


def modules(package: ModuleType) -> Iterator[tuple[str, ModuleType]]:
    """The package and its public modules, each with its path below the package."""
    seen, waiting = set(), [("", package)]
    while waiting:
        # A name that is in several rooms is told in the first; mixed_precision is old.
        waiting.sort(key=lambda w: (w[0].count("."), w[0] == "mixed_precision", w[0]))
        path, module = waiting.pop(0)
        yield path, module
        for name, value in sorted(vars(module).items()):
            if not isinstance(value, ModuleType) or name.startswith("_"):
                continue
            inner = f"{path}.{name}".lstrip(".")
            home = f"{package.__name__}.{inner}"
            if value.__name__ == home and inner != "src" and home not in seen:
                seen.add(home)
                waiting.append((inner, value))


def own_methods(cls: type, package: str, public: set[type]) -> Iterator[str]:
    """Names of what a class defines, itself or through bases that are not public."""
    for name in sorted(dir(cls)):
        if name.startswith("_") and name not in ALWAYS:
            continue
        home = next((c for c in cls.__mro__ if name in vars(c)), None)
        if home is None or home.__module__.partition(".")[0] != package:
            continue
        if home is not cls and home in public:
            continue
        held = inspect.getattr_static(cls, name)
        called = isinstance(held, staticmethod | classmethod) or inspect.isfunction(
            held
        )
        if not called and not isinstance(held, property):
            continue
        if name in ALWAYS or inspect.getdoc(getattr(cls, name)):
            yield name


def lines(package: ModuleType) -> list[str]:
    """The record of a package."""
    names: dict[str, Any] = {}
    for path, module in modules(package):
        for name, value in sorted(vars(module).items()):
            if not name.startswith("_") or name == "__version__":
                names.setdefault(f"{path}.{name}".lstrip("."), value)
    names = {
        name: value
        for name, value in names.items()
        if not isinstance(value, ModuleType) and name != "src"
    }
    first: dict[int, str] = {}
    public = {value for value in names.values() if isinstance(value, type)}
    found = []
    for name, value in names.items():
        plain = isinstance(value, PLAIN)
        known = name if plain else first.setdefault(id(value), name)
        if known != name:
            found.append(f"{name} = {known}")
            continue
        found.append(f"{name} {'' if plain else describe(value)}".strip())
        if isinstance(value, type):
            found += [
                f"{name}.{inner} {method(value, inner)}".strip()
                for inner in own_methods(value, package.__name__, public)
            ]
    return found


def main() -> None:
    """Write the record of the Keras that is installed here."""
    parser = argparse.ArgumentParser(description="Record Keras's public names.")
    parser.add_argument("--out", type=Path, default=RECORDED)
    out = parser.parse_args().out
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    written = lines(keras)
    out.write_text("\n".join(written) + "\n", encoding="utf-8")
    print(f"{len(written)} names of Keras {keras.__version__}", file=sys.stderr)


if __name__ == "__main__":
    main()
