"""`HostLayer`: a layer that is computed in NumPy, before the engine's program.

The engine has no text. A layer that reads some is run on the host, once for a data set
or for each batch of a stream, and the program gets the numbers that it gave.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import numpy as np

from pronghorn.data.host import host_array
from pronghorn.errors import ArgumentError, PronghornError, UnsupportedError
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import array_hooks
from pronghorn.layers.layer import Layer
from pronghorn.layers.shapes import is_symbol
from pronghorn.tree import flatten, map_structure

__all__ = ["HostLayer", "in_place_of_text"]


class HostLayer(Layer):
    """The base of layers that read text, or whole numbers of 64 bits.

    A subclass computes in `call_on_host(*inputs)`, on arrays as `data.host.host_array`
    makes them: object arrays of `str`, int64, float or bool. It says what comes out in
    `compute_output_shape` and `output_dtype`. Where `several_inputs` is true, a call
    takes a list of inputs, and `call_on_host` gets one array for each.

    Within a model the layer is run before the engine's program, so its inputs must be
    inputs of the model, or come from other such layers, or from layers that have no
    variables and no `training`. A subclass that can also be composed of `ops`, for
    whole numbers that the program computes, does so in `call_in_trace(*inputs)`.

    Example:

    >>> class Length(HostLayer):
    ...     def call_on_host(self, inputs):
    ...         return np.vectorize(len)(inputs)
    >>> Length()(["one", "three"])
    array([3, 5], dtype=int32)
    """

    several_inputs: ClassVar[bool] = False
    _takes_text = True

    def call_on_host(self, *inputs: np.ndarray) -> np.ndarray:
        """The output's array for the inputs' arrays. Override it."""
        raise UnsupportedError(
            f"{type(self).__name__} has no call_on_host().",
            where=f"layer {self.name!r}",
            remedy="define call_on_host(self, inputs)",
        )

    def call_in_trace(self, *inputs: Any) -> Any:
        """The output for tensors of a trace, composed of `ops`.

        Raises:
            UnsupportedError: unless a subclass can do so.
        """
        raise UnsupportedError(
            f"{type(self).__name__} is computed before the model's program, which has "
            "no text.",
            where=f"layer {self.name!r} ({type(self).__name__})",
            expected="an input of the model, or what such a layer gave",
            received=", ".join(f"{x.name}, of {x.dtype}" for x in inputs),
            remedy="call the layer on the data before the model, or on Input(...) of a "
            "functional model: Model(inputs, outputs)",
        )

    @property
    def input_dtype(self) -> str:
        """The dtype of the input of a model that begins with it. Default "string"."""
        return "string"

    @property
    def output_dtype(self) -> str:
        """The dtype of the output, as symbols have it. Default "int32"."""
        return "int32"

    def compute_output_shape(self, *input_shapes: Any) -> Any:
        """The output's shape: by default that of the first input."""
        first = input_shapes[0]
        return tuple(first[0] if self.several_inputs else first)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """A symbolic output for symbolic inputs, without recording the call."""
        inputs = self._inputs_of(args, kwargs)
        shapes = [tuple(np.shape(x)) if not _is_tensor(x) else x.shape for x in inputs]
        self._ensure_built(shapes if self.several_inputs else shapes[0])
        given = [tuple(shapes)] if self.several_inputs else shapes
        shape = self.compute_output_shape(*given)
        return KerasTensor(shape, self.output_dtype, name=f"{self.name}_output")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Computes on values of any kind; records the call on symbolic tensors."""
        self._check_super()
        if any(map(is_symbol, flatten((args, kwargs)))):
            return super().__call__(*args, **kwargs)
        try:
            return self.call(*self._call_arguments(args, kwargs))
        except PronghornError as error:
            raise error.at(f"layer {self.name!r} ({type(self).__name__})") from None

    def call(self, inputs: Any) -> Any:
        """The output for values, or for the tensors of a trace."""
        listed = self._inputs_of((inputs,), {})
        if any(map(is_symbol, listed)):
            found = _told.answer(self, inputs) if _told.answer is not None else None
            return self.call_in_trace(*listed) if found is None else found
        output = _narrowed(self._on_host(listed), self.compute_dtype == "float64")
        return output if array_hooks.show is None else array_hooks.show(output)

    def on_host(self, inputs: Any) -> np.ndarray:
        """The output for values, in its own type: int64 for whole numbers."""
        return self._on_host(self._inputs_of((inputs,), {}))

    def _on_host(self, listed: list[Any]) -> np.ndarray:
        where = f"the input of layer {self.name!r}"
        arrays = [host_array(x, where) for x in listed]
        shapes = [(None, *array.shape[1:]) for array in arrays]
        self._ensure_built(shapes if self.several_inputs else shapes[0])
        return self.call_on_host(*arrays)

    def _call_arguments(self, args: tuple[Any, ...], kwargs: Any) -> tuple[Any, ...]:
        named = {k: v for k, v in kwargs.items() if k not in ("training", "mask")}
        given = (*args[:1], *named.values())
        if len(given) != 1 or not set(named) <= {"inputs"}:
            raise ArgumentError(
                "The layer takes one argument: inputs.",
                expected="inputs",
                received=", ".join(named) or f"{len(args)} arguments",
            )
        return given

    def _inputs_of(self, args: tuple[Any, ...], kwargs: Any) -> list[Any]:
        """The inputs of a call in a list."""
        (inputs,) = self._call_arguments(args, kwargs)
        if not self.several_inputs:
            return [inputs]
        if not isinstance(inputs, (list, tuple)):
            raise ArgumentError(
                "The layer takes several inputs.",
                expected="a list or a tuple of them",
                received=type(inputs).__name__,
            )
        return list(inputs)


Answer = Callable[[HostLayer, Any], Any]


class _Told(threading.local):
    answer: Answer | None = None


_told = _Told()


@contextmanager
def in_place_of_text(answer: Answer) -> Iterator[None]:
    """A scope in which layers that get symbols give what `answer` says.

    Args:
        answer: is given the layer and its inputs; None leaves it to the layer.
    """
    outer, _told.answer = _told.answer, answer
    try:
        yield
    finally:
        _told.answer = outer


def _is_tensor(x: Any) -> bool:
    return isinstance(x, KerasTensor)


def _narrowed(output: Any, wide: bool) -> Any:
    """An output as operations give it: int32 where it was int64 and that is enough.

    Floats are float32 unless the layer computes in float64.
    """

    def narrow(array: Any) -> Any:
        if array.dtype != np.int64:
            doubles = array.dtype == np.float64 and not wide
            return array.astype(np.float32) if doubles else array
        info = np.iinfo(np.int32)
        fits = not array.size or (array.min() >= info.min and array.max() <= info.max)
        return array.astype(np.int32) if fits else array

    return map_structure(narrow, output)
