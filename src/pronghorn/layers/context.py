"""Arguments of a call that reach the layers below by themselves, as `training` does."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pronghorn.errors import StateError
from pronghorn.layers.calling import Signature

__all__ = ["Context"]


class _Values(threading.local):
    values: Mapping[str, Any] = {}


_around = _Values()


class Context:
    """Mixin of `Layer`: arguments besides `training` that are handed down."""

    name: str
    _called: bool
    _handed_down: tuple[str, ...]

    @property
    def _call_context_args(self) -> set[str]:
        return {"training", *self._handed_down}

    def _register_call_context_args(self, *names: str) -> None:
        """Hands arguments of these names down to all layers that register them too.

        The layer gets them in its own call, if that takes them: from its caller, else
        from the calls around it, else `call`'s default.

        Raises:
            StateError: after the layer was called.
        """
        if self._called:
            raise StateError(
                "Arguments are handed down from the first call on.",
                where=f"layer {self.name!r}",
                expected="_register_call_context_args in __init__",
                received="it after the layer was called",
                remedy="register them before",
            )
        self._handed_down = (*self._handed_down, *names)

    @contextmanager
    def _handing_down(self, known: Signature, kwargs: dict[str, Any]) -> Iterator[None]:
        """A scope of a call; `kwargs` become what `call` itself takes of them."""
        outer = _around.values
        inner = dict(outer)
        for name in self._handed_down:
            options = (
                kwargs.pop(name, None),
                outer.get(name),
                known.defaults.get(name),
            )
            value = next((v for v in options if v is not None), None)
            inner[name] = value
            if value is not None and name in known.names:
                kwargs[name] = value
        _around.values = inner
        try:
            yield
        finally:
            _around.values = outer
