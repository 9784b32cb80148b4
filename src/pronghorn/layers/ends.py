"""What goes into a layer and comes out of it, once it was called on symbols."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pronghorn.errors import StateError
from pronghorn.layers.node import CallNode
from pronghorn.tree import map_structure

__all__ = ["Ends", "FirstCall"]


class _Otherwise:
    """A property that gives way to an attribute which a subclass sets by its name."""

    def __init__(self, get: Callable[[Any], Any]) -> None:
        self._get = get
        self.__doc__ = get.__doc__

    def __get__(self, instance: Any, owner: type) -> Any:
        return self if instance is None else self._get(instance)


class FirstCall:
    """Mixin of what is called on symbols: the tensors of its first call."""

    name: str
    _inbound_nodes: list[CallNode]

    @property
    def input(self) -> Any:
        """The symbolic input of the first call."""
        tensors = self._first_call().input_tensors
        return tensors[0] if len(tensors) == 1 else tensors

    @property
    def output(self) -> Any:
        """The symbolic output of the first call; a list where there are several."""
        tensors = self._first_call().output_tensors
        return tensors[0] if len(tensors) == 1 else tensors

    def _first_call(self) -> CallNode:
        if not self._inbound_nodes:
            raise self._uncalled()
        return self._inbound_nodes[0]

    def _uncalled(self) -> StateError:
        raise NotImplementedError


class Ends(FirstCall):
    """Mixin of `Layer`: the tensors of its first call, and their shapes."""

    @_Otherwise
    def input_shape(self) -> Any:
        """The shape of `input`, or of each."""
        return map_structure(lambda tensor: tensor.shape, self.input)

    @_Otherwise
    def output_shape(self) -> Any:
        """The shape of `output`, or of each."""
        return map_structure(lambda tensor: tensor.shape, self.output)

    def _uncalled(self) -> StateError:
        return StateError(
            "A layer has an input and an output once it was called on one.",
            where=f"layer {self.name!r}",
            expected="a call on a symbolic tensor, as of keras.Input",
            received="a layer that was never called so",
            remedy="build the model: give its first layer input_shape=",
        )
