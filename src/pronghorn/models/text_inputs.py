"""Text that a subclass's `call` looks up: done on the host, before the program.

A subclass has no graph that could be cut, but its `call` can be traced: where it gives
a text input to a layer that reads text, the layer's output becomes an input of the
program, and the layer is run on the data before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from pronghorn.data.frames import to_target
from pronghorn.errors import UnsupportedError
from pronghorn.ir.tensor import KerasTensor
from pronghorn.layers.host import HostLayer, in_place_of_text
from pronghorn.tree import flatten, map_structure

__all__ = ["TextInputs", "is_text"]


class TextInputs:
    """Which layers a model's `call` gives its text inputs to.

    It is found out by a trace of `call` on symbols of text, and told to later traces,
    which get the layers' outputs in the same order.

    Args:
        symbols: of the inputs, those of text with dtype "string".
        trace: runs `call` on them.
    """

    def __init__(
        self, symbols: Sequence[KerasTensor], trace: Callable[[], Any]
    ) -> None:
        self._symbols = list(symbols)
        self._made: list[tuple[HostLayer, Any, KerasTensor]] = []
        self._places = {id(symbol): i for i, symbol in enumerate(symbols)}
        with in_place_of_text(self._found):
            trace()

    def _found(self, layer: HostLayer, inputs: Any) -> Any:
        leaves = flatten(inputs)
        if not any(leaf.dtype == "string" for leaf in leaves):
            return None
        if any(id(leaf) not in self._places for leaf in leaves):
            return None
        output = layer.compute_output_spec(inputs)
        places = map_structure(lambda leaf: self._places[id(leaf)], inputs)
        self._places[id(output)] = len(self._places)
        self._made.append((layer, places, output))
        return output

    @property
    def _numbers(self) -> list[int]:
        return [i for i, s in enumerate(self._symbols) if s.dtype != "string"]

    def run(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The program's inputs: the inputs that are numbers, and what layers gave."""
        values = list(arrays)
        for layer, places, _ in self._made:
            values.append(layer.on_host(map_structure(values.__getitem__, places)))
        known = [values[i] for i in self._numbers]
        for (layer, _, output), value in zip(self._made, values[len(arrays) :]):
            if value.dtype != output.dtype:
                value = to_target(value, what=repr(layer.name), dtype=output.dtype)
            known.append(np.require(value, requirements=("C", "A")))
        return known

    def inputs(self, leaves: Sequence[Any]) -> list[Any]:
        """What `call` gets of the program's inputs: symbols of text in their places."""
        numbers = dict(zip(self._numbers, leaves))
        return [numbers.get(i, symbol) for i, symbol in enumerate(self._symbols)]

    def fits(self, symbols: Sequence[KerasTensor]) -> bool:
        """Whether it was found out for inputs like these."""
        mine = [(s.shape, s.dtype) for s in self._symbols]
        return mine == [(s.shape, s.dtype) for s in symbols]

    def among(self, arguments: Any) -> bool:
        """Whether a call's arguments hold one of the symbols of text."""
        mine = {id(s) for s in self._symbols if s.dtype == "string"}
        return any(id(leaf) in mine for leaf in flatten(arguments))

    @contextmanager
    def given(self, leaves: Sequence[Any]) -> Iterator[None]:
        """A scope in which `call` gets what the layers gave, in the same order."""
        waiting = list(zip(self._made, leaves[len(self._numbers) :], strict=True))

        def next_one(layer: HostLayer, inputs: Any) -> Any:
            if not any(leaf.dtype == "string" for leaf in flatten(inputs)):
                return None
            if not waiting or waiting[0][0][0] is not layer:
                raise UnsupportedError(
                    "call() looks text up in another order than before.",
                    where=f"layer {layer.name!r}",
                    expected="the same layers in the same order, in training too",
                    remedy="look text up in front of what depends on training",
                )
            return waiting.pop(0)[1]

        with in_place_of_text(next_one):
            yield


def is_text(x: Any) -> bool:
    """Whether an array, a column or a list holds text.

    >>> is_text([["red"], ["blue"]]), is_text(np.ones(2))
    (True, False)
    """
    if not isinstance(x, (list, tuple)) and getattr(x, "dtype", None) is None:
        return False
    array = np.asarray(x)
    if array.dtype.kind in "US":
        return True
    first = array.flat[0] if array.dtype == object and array.size else None
    return isinstance(first, (str, bytes))
