"""How a layer knows its variables and sublayers: by looking at what is set on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pronghorn.errors import StateError
from pronghorn.ir.variable import Variable
from pronghorn.metrics.metric import Metric
from pronghorn.random import SeedGenerator

__all__ = ["Tracked", "TrackedList"]

_KINDS = ("_variables", "_layers", "_metrics", "_seed_generators")
# A layer's own books: what is in them belongs to others.
_BOOKS = frozenset(
    [*_KINDS, "_losses", "_inbound_nodes", "_outbound_nodes", "_build_shapes"]
)


class TrackedList(list[Any]):
    """A list whose layers and variables belong to the layer that holds it."""

    def __init__(self, items: Any, owner: Tracked) -> None:
        super().__init__(items)
        self._owner = owner

    def append(self, item: Any) -> None:
        """Appends, and tracks the item."""
        super().append(item)
        self._owner._track(item)

    def extend(self, items: Any) -> None:
        """Extends, and tracks the items."""
        for item in items:
            self.append(item)

    def insert(self, index: Any, item: Any) -> None:
        """Inserts, and tracks the item."""
        super().insert(index, item)
        self._owner._track(item)


class Tracked:
    """Base of layers: `self.x = ...` tracks variables, layers, metrics and seeds."""

    _variables: list[Variable]
    _layers: list[Any]
    _metrics: list[Metric]
    _seed_generators: list[SeedGenerator]
    _locked: bool

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        self = super().__new__(cls)
        for kind in _KINDS:
            object.__setattr__(self, kind, [])
        object.__setattr__(self, "_locked", False)
        object.__setattr__(self, "_init_arguments", (args, kwargs))
        return self

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _BOOKS:
            value = self._track_value(value)
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        value = self.__dict__.get(name)
        for kind in _KINDS:
            tracked = getattr(self, kind)
            tracked[:] = [item for item in tracked if item is not value]
        object.__delattr__(self, name)

    def _track_value(self, value: Any) -> Any:
        if type(value) in (list, tuple):
            if any(_is_trackable(item) for item in value):
                for item in value:
                    self._track(item)
                return TrackedList(value, self) if type(value) is list else value
            return TrackedList([], self) if value == [] else value
        if type(value) is dict:
            for item in value.values():
                self._track(item)
            return value
        self._track(value)
        return value

    def _track(self, value: Any) -> None:
        kind = _kind(value)
        if kind is None:
            return
        tracked = getattr(self, kind)
        if any(item is value for item in tracked):
            return
        if self._locked and kind == "_variables":
            raise StateError(
                "A layer that is built gets no more variables.",
                where=f"{type(self).__name__} {getattr(self, 'name', '')!r}",
                remedy="create them in __init__ or build()",
            )
        tracked.append(value)

    def _flatten_layers(self) -> Iterator[Any]:
        """This layer and all below it, each once, parents first."""
        seen: set[int] = set()
        stack = [self]
        while stack:
            layer = stack.pop()
            if id(layer) in seen:
                continue
            seen.add(id(layer))
            yield layer
            stack.extend(reversed(layer._layers))


def _kind(value: Any) -> str | None:
    if isinstance(value, Variable):
        return "_variables"
    if isinstance(value, Tracked):
        return "_layers"
    if isinstance(value, Metric):
        return "_metrics"
    return "_seed_generators" if isinstance(value, SeedGenerator) else None


def _is_trackable(value: Any) -> bool:
    return _kind(value) is not None
