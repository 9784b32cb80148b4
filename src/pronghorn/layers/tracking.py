"""How a layer knows its variables and sublayers: by looking at what is set on it."""

from __future__ import annotations

from typing import Any

from pronghorn.errors import ArgumentError
from pronghorn.ir.variable import Variable, structure_changed
from pronghorn.metrics.metric import Metric
from pronghorn.random import SeedGenerator
from pronghorn.tree import flatten

__all__ = ["Tracked", "TrackedDict", "TrackedList"]

_KINDS = (
    "_trainable_variables",
    "_non_trainable_variables",
    "_layers",
    "_metrics",
    "_seed_generators",
)
_WEIGHTS = _KINDS[:3]  # what training knows of before it begins
# A layer's own books: what is in them belongs to others.
_BOOKS = frozenset(
    [
        *_KINDS,
        "_losses",
        "_inbound_nodes",
        "_outbound_nodes",
        "_build_shapes",
        "_shapes_by_name",
    ]
)


class TrackedList(list[Any]):
    """A list whose layers and variables belong to the layer that holds it."""

    def __init__(self, items: Any, owner: Tracked) -> None:
        super().__init__(owner._tracked(item) for item in items)
        self._owner = owner

    def append(self, item: Any) -> None:
        """Appends, and tracks the item."""
        super().append(self._owner._tracked(item))

    def extend(self, items: Any) -> None:
        """Extends, and tracks the items."""
        for item in items:
            self.append(item)

    def insert(self, index: Any, item: Any) -> None:
        """Inserts, and tracks the item."""
        super().insert(index, self._owner._tracked(item))

    def __setitem__(self, index: Any, item: Any) -> None:
        if isinstance(index, slice):
            item = [self._owner._tracked(part) for part in item]
        super().__setitem__(index, self._owner._tracked(item))

    def __iadd__(self, items: Any) -> Any:  # type: ignore[misc]
        self.extend(items)
        return self


class TrackedDict(dict[Any, Any]):
    """A dict whose layers and variables belong to the layer that holds it."""

    def __init__(self, items: Any, owner: Tracked) -> None:
        super().__init__((key, owner._tracked(item)) for key, item in items.items())
        self._owner = owner

    def __setitem__(self, key: Any, item: Any) -> None:
        super().__setitem__(key, self._owner._tracked(item))

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Updates, and tracks the items."""
        for key, item in dict(*args, **kwargs).items():
            self[key] = item

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """The item of a key; the default becomes it, and is tracked."""
        if key not in self:
            self[key] = default
        return self[key]


class Tracked:
    """Base of layers: `self.x = ...` tracks variables, layers, metrics and seeds."""

    name: str
    _trainable_variables: list[Variable]
    _non_trainable_variables: list[Variable]
    _layers: list[Any]
    _metrics: list[Metric]
    _seed_generators: list[SeedGenerator]
    _takes_state: bool
    _called: bool
    _handed_down: tuple[str, ...]

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        self = super().__new__(cls)
        for kind in _KINDS:
            object.__setattr__(self, kind, [])
        object.__setattr__(self, "_init_arguments", (args, kwargs))
        object.__setattr__(self, "_takes_state", True)
        object.__setattr__(self, "_called", False)
        object.__setattr__(self, "_handed_down", ())
        return self

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _BOOKS:
            value = self._tracked(value)
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        value = self.__dict__.get(name)
        for kind in _KINDS:
            tracked = getattr(self, kind)
            tracked[:] = [item for item in tracked if item is not value]
        object.__delattr__(self, name)
        structure_changed()

    def _tracked(self, value: Any) -> Any:
        """The value, tracked; a container as one that tracks what comes into it."""
        if type(value) is tuple:
            return tuple(self._tracked(item) for item in value)
        if type(value) is list and (not value or _holds_state(value)):
            return TrackedList(value, self)
        if type(value) is dict and (not value or _holds_state(value)):
            return TrackedDict(value, self)
        self._track(value)
        return value

    def _track(self, value: Any) -> None:
        kind = _kind(value)
        if kind is None:
            return
        tracked = getattr(self, kind)
        if not any(item is value for item in tracked):
            if kind in _WEIGHTS and not self._takes_state:
                raise self._too_late(value)
            tracked.append(value)
            structure_changed()

    def _new_state(self, allowed: bool) -> _NewState:
        """Whether variables and layers may be added inside: in `build`, not in `call`.

        A variable that `call` makes is a new one in every call, and never trained.
        """
        return _NewState(self, allowed)

    def _too_late(self, value: Any) -> ArgumentError:
        return ArgumentError(
            "call() makes a variable or a layer, anew in every call.",
            where=f"layer {self.name!r} ({type(self).__name__}), call",
            expected="variables and layers that __init__ or build makes",
            received=repr(value),
            remedy="make it in build(self, input_shape), and use it in call()",
        )

    def _flatten_layers(self) -> list[Any]:
        """This layer and all below it, each once, parents first."""
        found: list[Any] = []
        seen: set[int] = set()
        stack = [self]
        while stack:
            layer = stack.pop()
            if id(layer) in seen:
                continue
            seen.add(id(layer))
            found.append(layer)
            stack.extend(reversed(layer._layers))
        return found


class _NewState:
    """A context that every call enters: a class takes half a generator's time."""

    __slots__ = ("_allowed", "_before", "_owner")

    def __init__(self, owner: Tracked, allowed: bool) -> None:
        self._owner = owner
        self._allowed = allowed

    def __enter__(self) -> None:
        self._before = self._owner._takes_state
        object.__setattr__(self._owner, "_takes_state", self._allowed)

    def __exit__(self, *_: object) -> None:
        object.__setattr__(self._owner, "_takes_state", self._before)


def _kind(value: Any) -> str | None:
    if isinstance(value, Variable):
        return "_trainable_variables" if value.trainable else "_non_trainable_variables"
    if isinstance(value, Tracked):
        return "_layers"
    if isinstance(value, Metric):
        return "_metrics"
    return "_seed_generators" if isinstance(value, SeedGenerator) else None


def _holds_state(structure: Any) -> bool:
    return any(_kind(leaf) is not None for leaf in flatten(structure))
