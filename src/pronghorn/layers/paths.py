"""Where a layer stands within others, and its variables with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

__all__ = ["Paths"]


class _Around(threading.local):
    """The paths of the layers in which layers are being built now."""

    def __init__(self) -> None:
        self.paths: list[str] = []


_around = _Around()
_NOTHING = nullcontext()


@contextmanager
def _inside(path: str) -> Iterator[None]:
    _around.paths.append(path)
    try:
        yield
    finally:
        _around.paths.pop()


class Paths:
    """Mixin of `Layer`: its path, and the paths of what is below it."""

    name: str
    weights: Any
    _path: str | None = None

    @property
    def path(self) -> str | None:
        """The names of the layers around it and its own, parted by slashes.

        It is known once the layer is built. None before, and for a layer that needs no
        building, such as `Dropout`. The layers of a functional model stand on their
        own; those of a `Sequential`, and those that a layer holds, stand within it.

        >>> from pronghorn import Sequential, layers
        >>> model = Sequential([layers.Dense(1, name="last")], name="line")
        >>> model.layers[0].path
        >>> model.build((None, 2))
        >>> model.layers[0].path
        'line/last'
        """
        return self._path

    def _set_path(self) -> None:
        """Gives a layer that is being built the path that it has by itself."""
        if self._path is None:
            self._path = self._standing()

    def _standing(self) -> str:
        """The path that the layer gets if it is built now."""
        return "/".join([*_around.paths[-1:], self.name])

    def _building(self, some: bool = True) -> AbstractContextManager[None]:
        """A scope in which some layers are built that stand within this one."""
        if not some:
            return _NOTHING
        self._set_path()
        return _inside(str(self._path))

    def _prefix_paths(self, layers: Sequence[Any]) -> None:
        """Puts the layer's name before the paths of layers that were built in it."""
        if layers:
            self._set_path()
        for layer in layers:
            for variable in layer.weights:
                variable.path = self._within(layer.name, variable.path)
            for part in layer._flatten_layers():
                if part._path is not None:
                    part._path = self._within(layer.name, part._path)

    def _within(self, head: str, path: str) -> str:
        """A path that begins at the layer of this name, within this layer."""
        begins = f"{path}/".startswith(f"{head}/")
        done = f"{path}/".startswith(f"{self.name}/{head}/")
        return f"{self.name}/{path}" if begins and not done else path
