"""Modules under Keras's and TensorFlow's names, which show what Pronghorn has.

A view holds nothing of its own: each name is looked up when it is asked for, so what
Pronghorn learns is there at once, and nothing is loaded that a script does not touch.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from functools import lru_cache, wraps
from types import FunctionType, ModuleType
from typing import Any

from pronghorn.accel.eager import shown
from pronghorn.accel.names import in_keras, is_keras_module, real_room, was_removed
from pronghorn.accel.refusal import Absent
from pronghorn.accel.symbols import gradient_tape
from pronghorn.accel.tensorflow import KERAS_VERSION, NAMESPACES
from pronghorn.errors import UnsupportedError, closest

__all__ = ["KerasView", "TensorFlowView", "view"]

_PACKAGE = "pronghorn"
# Rooms that have a name which Keras keeps in two of them.
_ALSO_IN = {"utils": ("saving", "models"), "models": ("saving",)}
# What makes arrays out of none: these results have `.numpy()` as others do.
_MAKERS = frozenset(
    """
    arange array convert_to_tensor empty eye full identity linspace logspace ones tri
    zeros
    """.split()
)


def view(name: str) -> ModuleType | None:
    """The view for a module's full name; None where there is no such module.

    >>> view("keras.layers").Dense
    <class 'pronghorn.layers.core.Dense'>
    >>> view("keras.layrs") is None
    True
    """
    root, _, room = name.partition(".")
    if root == "tensorflow":
        room = room.removeprefix("compat.v2").lstrip(".")
        for start in ("python.keras", "keras"):
            if room == start or room.startswith(f"{start}."):
                return _keras_view(name, room[len(start) + 1 :], "tf.keras")
        public = all(part and not part.startswith("_") for part in room.split("."))
        if room and (not public or was_removed(room.partition(".")[0])):
            return None
        return TensorFlowView(name, room)
    return _keras_view(name, room, "keras") if root == "keras" else None


def _keras_view(name: str, room: str, symbol: str) -> ModuleType | None:
    room = real_room(room)
    if room and not is_keras_module(room) and _module(room) is None:
        return None
    return KerasView(name, room, f"{symbol}.{room}" if room else symbol)


def _module(room: str) -> ModuleType | None:
    """Pronghorn's own module for a room, where it offers one."""
    module = importlib.import_module(_PACKAGE)
    for part in room.split(".") if room else ():
        inner = getattr(module, part, None) if part in module.__all__ else None
        if not isinstance(inner, ModuleType):
            return None
        module = inner
    return module


class KerasView(ModuleType):
    """A module of Keras, by Pronghorn's room of the same name.

    Args:
        name: its full name.
        room: the path below `keras`, as Keras has it today.
        symbol: what errors call it.
    """

    def __init__(self, name: str, room: str, symbol: str) -> None:
        super().__init__(name, f"`{symbol}`, as Pronghorn has it.")
        self._room = room
        self._symbol = symbol

    def __getattr__(self, name: str) -> Any:
        if name == "__version__" and not self._room:
            return KERAS_VERSION
        if name.startswith("_") and name != "__all__":
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        remedy = None
        inner = f"{self._room}.{name}".lstrip(".")
        for module in self._modules():
            try:
                value = getattr(module, name)
            except AttributeError:
                continue
            except UnsupportedError as error:
                remedy = error.remedy or ""
                continue
            if not isinstance(value, ModuleType):
                return self._given(name, value)
            if _module(inner) is not None:
                return importlib.import_module(f"{self.__name__}.{name}")
        if is_keras_module(inner) and ("." not in inner or real_room(inner) != inner):
            return importlib.import_module(f"{self.__name__}.{name}")
        if remedy is not None or in_keras(self._room, name):
            return Absent(f"{self._symbol}.{name}", remedy)
        known = [n for module in self._modules() for n in module.__all__]
        lacks = f"module {self.__name__!r} has no attribute {name!r}"
        raise AttributeError(f"{lacks}: {closest(name, known)}")

    def _modules(self) -> Iterator[ModuleType]:
        for room in (self._room, *_ALSO_IN.get(self._room, ())):
            module = _module(room)
            if module is not None:
                yield module

    def _given(self, name: str, value: Any) -> Any:
        makes = self._room == "random" or (self._room == "ops" and name in _MAKERS)
        return _showing(value) if makes and type(value) is FunctionType else value

    def __dir__(self) -> list[str]:
        return sorted({n for module in self._modules() for n in module.__all__})


@lru_cache(None)
def _showing(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with results that have `.numpy()`."""

    @wraps(function)
    def showing(*args: Any, **kwargs: Any) -> Any:
        return shown(function(*args, **kwargs))

    return showing


class TensorFlowView(ModuleType):
    """A module of TensorFlow, as far as scripts of dense networks touch it.

    Args:
        name: its full name.
        room: the path below `tensorflow`.
    """

    def __init__(self, name: str, room: str) -> None:
        symbol = f"tf.{room}" if room else "tf"
        super().__init__(name, f"`{symbol}`, as far as Pronghorn has it.")
        self._room = room
        self._symbol = symbol

    def __getattr__(self, name: str) -> Any:
        here = NAMESPACES.get(self._room, {})
        if name in here:
            return here[name]
        inner = f"{self._room}.{name}".lstrip(".")
        if not self._room and (name.startswith("_") or was_removed(name)):
            raise AttributeError(f"module 'tensorflow' has no attribute {name!r}")
        if name.startswith("_"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if inner == "keras" or any(f"{n}.".startswith(f"{inner}.") for n in NAMESPACES):
            return importlib.import_module(f"{self.__name__}.{name}")
        if inner == "GradientTape":
            return gradient_tape() or Absent("tf.GradientTape")
        return Absent(f"{self._symbol}.{name}")

    def __dir__(self) -> list[str]:
        below = {n.partition(".")[0] for n in NAMESPACES if not self._room}
        return sorted({*NAMESPACES.get(self._room, {}), *below, "keras"} - {""})
