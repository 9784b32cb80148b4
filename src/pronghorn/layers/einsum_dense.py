"""`EinsumDense`: a dense layer over the axes that an equation names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from pronghorn import activations, constraints, initializers, ops, regularizers
from pronghorn.errors import ArgumentError, ShapeError
from pronghorn.layers.input_spec import InputSpec
from pronghorn.layers.layer import Layer
from pronghorn.layers.parts import add_part, no_language_models
from pronghorn.registry import keras_class

__all__ = ["EinsumDense"]

# Input, kernel and output; 0 stands for the dots, before the letters or behind them.
_FORM = re.compile("(0?)([a-zA-Z]+)(0?),([a-zA-Z]+)->(0?)([a-zA-Z]+)(0?)")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class _Plan(NamedTuple):
    """What an equation says for inputs of one shape: the dots spelled out."""

    equation: str
    kernel: tuple[int, ...]
    bias: tuple[int, ...] | None
    input_axes: list[int]
    output_axes: list[int]


@keras_class("keras.layers")
class EinsumDense(Layer):
    """`activation(einsum(equation, x, kernel) + bias)`.

    Args:
        equation: as `"ab,bc->ac"`; dots stand for axes that stay as they are, before
            all others (`"...b,bc->...c"`) or behind them (`"ab...,bc->ac..."`).
        output_shape: the sizes of the output's letters but the first, which is that
            of the rows; None where the size is that of the input.
        activation: by name or function; None is linear.
        bias_axes: the output's letters that the bias has; None for no bias.
        kernel_initializer: default "glorot_uniform".
        bias_initializer: default "zeros".
        kernel_regularizer, bias_regularizer: default none.
        kernel_constraint, bias_constraint: default none.

    Raises:
        ArgumentError: when it is built, if equation and shapes do not fit.

    Example:

    >>> import numpy as np
    >>> layer = EinsumDense("abc,cd->abd", output_shape=(None, 4), bias_axes="d")
    >>> layer(np.zeros((5, 3, 2), "float32")).shape, layer.kernel.shape
    ((5, 3, 4), (2, 4))
    """

    def __init__(
        self,
        equation: str,
        output_shape: int | Sequence[int | None],
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        gptq_unpacked_column_size: int | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        no_language_models(
            "EinsumDense",
            lora_rank=lora_rank,
            lora_alpha=lora_alpha,
            gptq_unpacked_column_size=gptq_unpacked_column_size,
            quantization_config=quantization_config,
        )
        super().__init__(**kwargs)
        self.equation = equation
        listed = [output_shape] if isinstance(output_shape, int) else output_shape
        self.partial_output_shape = tuple(listed)
        self.bias_axes = bias_axes
        self.activation = activations.get(activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.bias: Any = None

    def build(self, input_shape: Any) -> None:
        """Makes kernel and bias for inputs of this shape."""
        plan = self._plan(tuple(input_shape))
        initializer: Any = self.kernel_initializer
        scaling = isinstance(initializer, initializers.VarianceScaling)
        if scaling and None in (initializer.input_axes, initializer.output_axes):
            # What is summed over are a unit's inputs, whatever the axes' order.
            initializer = initializers.VarianceScaling(
                initializer.scale,
                initializer.mode,
                initializer.distribution,
                initializer.seed,
                plan.input_axes,
                plan.output_axes,
            )
        self.kernel = add_part(self, "kernel", plan.kernel, initializer)
        if plan.bias is not None:
            self.bias = add_part(self, "bias", plan.bias)
        self.input_spec = InputSpec(ndim=len(input_shape))
        self.built = True

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """The einsum of inputs and kernel, with bias and activation."""
        equation = self._plan(tuple(inputs.shape)).equation
        x = ops.einsum(equation, inputs, self.kernel)
        if self.bias is not None:
            x = x + self.bias
        return x if self.activation is None else self.activation(x)

    def _refused(self, message: str, expected: str) -> ArgumentError:
        return ArgumentError(
            message,
            where=f"layer {self.name!r}, equation",
            expected=expected,
            received=f"{self.equation!r}, output_shape {self.partial_output_shape}, "
            f"bias_axes {self.bias_axes!r}",
            remedy='compare with equation="abc,cd->abd", output_shape=(None, 64), '
            'bias_axes="d"',
        )

    def _plan(self, shape: tuple[int | None, ...]) -> _Plan:
        found = _FORM.fullmatch(self.equation.replace(" ", "").replace("...", "0"))
        if not found or found[1] != found[5] or found[3] != found[7]:
            found = None
        if not found or (found[1] and found[3]):
            raise self._refused(
                "The equation has another form.", "'ab,bc->ac', with '...' at one side"
            )
        before, left, behind, kernel, _, result, _ = found.groups()
        extra = len(shape) - len(left)
        if extra < 0 or (extra and not before and not behind):
            raise ShapeError(
                "The equation has another number of axes than the input.",
                expected=f"{len(left)} axes, for {self.equation!r}",
                received=f"shape {shape}",
            )
        free = [c for c in _LETTERS if c not in left + kernel + result][:extra]
        dots = "".join(free)
        full = dots + left if before else left + dots
        output = dots + result if before else result + dots
        # What the dots stand for keeps its size; the rows' size is open.
        inner = shape[1:extra] if before else ()
        outer = shape[len(left) :] if behind else ()
        wanted = (None, *inner, *self.partial_output_shape, *outer)
        if len(wanted) != len(output):
            raise self._refused(
                "output_shape does not fit the equation.",
                f"{len(output) - 1 - extra + bool(before)} sizes",
            )
        sizes = self._sizes(dict(zip(full, shape)), dict(zip(output, wanted)), kernel)
        return _Plan(
            f"{full},{kernel}->{output}",
            tuple(sizes[c] for c in kernel),
            self._bias(result, dict(zip(output, wanted)), extra if behind else 0),
            [i for i, c in enumerate(kernel) if c not in output],
            [i for i, c in enumerate(kernel) if c in output],
        )

    def _sizes(
        self, given: dict[str, Any], wanted: dict[str, Any], kernel: str
    ) -> dict[str, int]:
        """The size of each letter of the kernel."""
        for letter, size in wanted.items():
            if letter not in given and letter not in kernel:
                raise self._refused(
                    f"Nothing gives the output's axis {letter!r}.",
                    "letters of the input or of the kernel",
                )
            if None not in (size, given.get(letter)) and size != given[letter]:
                raise self._refused(
                    f"The axis {letter!r} has two sizes.",
                    f"{given[letter]}, as in the input",
                )
        sizes = {}
        for letter in kernel:
            size = wanted.get(letter)
            size = given.get(letter) if size is None else size
            if size is None:
                raise self._refused(
                    f"The kernel's axis {letter!r} has no known size.",
                    "letters of the input, or of the output with their sizes",
                )
            sizes[letter] = int(size)
        return sizes

    def _bias(self, result: str, sizes: Any, behind: int) -> tuple[int, ...] | None:
        """The shape of the bias: from its first letter on, 1 where it has none."""
        axes = self.bias_axes
        if axes is None:
            return None
        if not axes or any(c not in result or sizes[c] is None for c in axes):
            raise self._refused(
                "The bias has axes that the output lacks.",
                f"letters of {result!r} with known sizes",
            )
        start = min(result.index(c) for c in axes)
        shape = [sizes[c] if c in axes else 1 for c in result[start:]]
        return (*shape, *([1] * behind))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "output_shape": self.partial_output_shape,
            "equation": self.equation,
            "activation": activations.serialize(self.activation),
            "bias_axes": self.bias_axes,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
            "quantization_config": None,
        }
