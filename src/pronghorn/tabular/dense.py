"""RealMLP's parts of a net: dense layers in the NTK parametrization and around them."""

from __future__ import annotations

from typing import Any

import numpy as np

from pronghorn import activations, initializers, ops
from pronghorn import random as randomness
from pronghorn.errors import DataError, StateError
from pronghorn.ir.tracer import active
from pronghorn.layers.core import known_size, whole
from pronghorn.layers.input_spec import InputSpec
from pronghorn.layers.layer import Layer
from pronghorn.registry import keras_class

__all__ = [
    "NTKDense",
    "ParametricActivation",
    "ScalingLayer",
    "draw_by_data",
    "initialize",
]

_CONSTANT = 1e-6
"""A unit whose values spread less, beside their size, keeps its kernel as drawn."""
_OF_BIAS = 5  # input values that a bias is mixed of: the paper's "he+5"
_MULTIPLICATIONS = 250_000
"""Of one product here: NumPy's library gives larger ones to threads, which then wait
busily for some 30 ms, more than the whole drawing takes, on a core that trains next."""


@keras_class("pronghorn.tabular")
class ScalingLayer(Layer):
    """`x * scale`, with a learned factor for each feature, 1 at first.

    In front of a net's first dense layer it turns the weight of a whole column up or
    down, a soft choice of columns (Holzmueller et al., arXiv 2407.04491). The paper
    trains it with 6 times the learning rate of the kernels.

    Args:
        axes: how many of the last axes have factors of their own. Default 1, the
            features; 2 where each member of an ensemble has its own.
        **kwargs: `name`, `trainable`, and `input_shape` on a first layer.

    Shapes: (rows, ..., features) to the same; scale (features,), or (members,
    features) with `axes=2`.

    Raises:
        ArgumentError: if `axes` is no positive whole number.

    Example:

    >>> ScalingLayer()(np.array([[2.0, 3.0]], "float32"))
    array([[2., 3.]], dtype=float32)
    """

    supports_masking = True

    def __init__(self, axes: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axes = whole(axes, "axes", "ScalingLayer")

    def build(self, input_shape: Any) -> None:
        """Makes the factors for inputs of these last axes."""
        self.scale = self.add_weight(
            name="scale", shape=_last(input_shape, self), initializer="ones"
        )
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Any shape to the same shape."""
        return inputs * self.scale

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "axes": self.axes}


@keras_class("pronghorn.tabular")
class ParametricActivation(Layer):
    """`x + weight * (activation(x) - x)`, with a learned weight for each feature.

    At weight 1, where it begins, it is the activation; at 0 the identity (Holzmueller
    et al., arXiv 2407.04491: parametric activation functions).

    Args:
        activation: by name or function. Default "selu", the paper's for classes; it
            has "mish" for regression.
        axes: how many of the last axes have weights of their own. Default 1, the
            features; 2 where each member of an ensemble has its own.
        **kwargs: `name`, `trainable`, and `input_shape` on a first layer.

    Shapes: (rows, ..., features) to the same; weight (features,), or (members,
    features) with `axes=2`.

    Raises:
        ArgumentError: if `axes` is no positive whole number.

    Example:

    >>> layer = ParametricActivation("relu")
    >>> layer(np.array([[-1.0, 2.0]], "float32"))
    array([[0., 2.]], dtype=float32)
    >>> layer.set_weights([np.array([0.5, 0.5], "float32")])
    >>> layer(np.array([[-1.0, 2.0]], "float32"))
    array([[-0.5,  2. ]], dtype=float32)
    """

    supports_masking = True

    def __init__(self, activation: Any = "selu", axes: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)
        self.axes = whole(axes, "axes", "ParametricActivation")

    def build(self, input_shape: Any) -> None:
        """Makes the weights for inputs of these last axes."""
        self.weight = self.add_weight(
            name="weight", shape=_last(input_shape, self), initializer="ones"
        )
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Any shape to the same shape."""
        return inputs + (self.activation(inputs) - inputs) * self.weight

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "activation": activations.serialize(self.activation),
            "axes": self.axes,
        }


@keras_class("pronghorn.tabular")
class NTKDense(Layer):
    """`activation(x @ kernel / sqrt(features) + bias)`: dense, NTK-parametrized.

    The kernel's numbers are of size 1 whatever the width, so that one learning rate
    suits layers of any width (Holzmueller et al., arXiv 2407.04491: neural tangent
    parametrization). `initialize(model, x)` draws kernels and biases by the data.

    Args:
        units: the number of outputs.
        activation: by name or function; None (default) is linear.
        use_bias: default True.
        kernel_initializer: default None: normal numbers of deviation 1.
        bias_initializer: default "zeros".
        **kwargs: `name`, `trainable`, and `input_shape` on a first layer.

    Shapes: (rows, ..., features) to (rows, ..., units); kernel (features, units).

    Raises:
        ArgumentError: if `units` is no positive whole number.

    Example:

    >>> unit = NTKDense(1, kernel_initializer="ones")
    >>> unit(np.array([[1.0, 2.0, 3.0, 4.0]], "float32"))
    array([[5.]], dtype=float32)
    """

    supports_masking = True

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = None,
        bias_initializer: Any = "zeros",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = whole(units, "units", "NTKDense")
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = (
            initializers.RandomNormal(stddev=1.0)
            if kernel_initializer is None
            else initializers.get(kernel_initializer)
        )
        self.bias_initializer = initializers.get(bias_initializer)
        self.bias: Any = None
        self.input_spec = InputSpec(min_ndim=2)
        self._draws_by_data = False

    def build(self, input_shape: Any) -> None:
        """Makes kernel and bias for inputs with this number of features."""
        features = known_size(input_shape, -1, self)
        self.kernel = self.add_weight(
            name="kernel",
            shape=(features, self.units),
            initializer=self.kernel_initializer,
        )
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias", shape=(self.units,), initializer=self.bias_initializer
            )
        self.input_spec = InputSpec(min_ndim=2, axes={-1: features})
        self.built = True

    def call(self, inputs: Any) -> Any:
        """(rows, ..., features) to (rows, ..., units)."""
        if self._draws_by_data and active() is None:
            x = ops.convert_to_tensor(self._draw(np.asarray(inputs)))
        else:
            x = self._linear(inputs)
        return x if self.activation is None else self.activation(x)

    def _linear(self, inputs: Any) -> Any:
        """What is before the activation."""
        return self._shifted(ops.matmul(inputs, self.kernel), inputs.shape[-1])

    def _shifted(self, product: Any, features: int) -> Any:
        """The product with the kernel, scaled by the features, and the bias."""
        x = product * float(features**-0.5)
        return x if self.bias is None else x + self.bias

    def _draw(self, inputs: np.ndarray) -> np.ndarray:
        """Draws kernel and bias by the inputs of this call; see `initialize`.

        Returns:
            What is before the activation, float32.
        """
        rng = np.random.default_rng(randomness.draw_seed())
        x = inputs.reshape(-1, inputs.shape[-1])
        kernel, bias, y = draw_by_data(x, self.units, rng, self.name)
        self.kernel.assign(kernel)
        if self.bias is not None:
            self.bias.assign(bias)
            y += bias
        return y.reshape(*inputs.shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
        }


def draw_by_data(
    inputs: np.ndarray, units: int, rng: np.random.Generator, name: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The kernel and bias that `initialize` gives a layer of these inputs.

    Args:
        inputs: what comes to the layer: (rows, features).
        units: the layer's.
        rng: what they are drawn by.
        name: the layer's, for errors.

    Returns:
        The kernel (features, units), the bias (units,), and `inputs @ kernel /
        sqrt(features)`, (rows, units), all float32.

    Raises:
        DataError: inputs that are not finite.
    """
    x = inputs.astype(np.float32)
    if not np.isfinite(x).all():
        raise DataError(
            "What comes to the layer is not finite.",
            where=f"initialize, layer {name!r}",
            expected="finite numbers",
            received="NaN or infinity",
            remedy="look for missing values in x; scale its columns first",
        )
    features = x.shape[1]
    kernel = rng.standard_normal((features, units), np.float32)
    y = np.empty((len(x), units), np.float32)
    step = max(_MULTIPLICATIONS // (features * units), 1)
    for start in range(0, len(x), step):
        np.matmul(x[start : start + step], kernel, out=y[start : start + step])
    y *= np.float32(features**-0.5)
    spread = y.std(axis=0, dtype=np.float64)
    level = np.abs(y).max(axis=0, initial=0)
    spread = np.where(spread > _CONSTANT * level, spread, 1.0).astype(np.float32)
    kernel /= spread
    y /= spread
    rows = rng.integers(len(y), size=(_OF_BIAS, units))
    shares = rng.exponential(size=rows.shape)
    mixed = (y[rows, np.arange(units)] * shares).sum(axis=0)
    return kernel, -(mixed / shares.sum(axis=0)).astype(np.float32), y


def initialize(model: Any, x: Any) -> None:
    """Draws the kernels and biases of all `NTKDense` layers by the data.

    The layers are drawn one after the other, as `x` passes through them. Each kernel is
    normal, and each of its columns is then divided so that the unit's values over `x`
    have deviation 1 (before the bias). Each bias is a random mean of 5 of these values,
    taken negative: where the unit bends, there is data. RealMLP's data-driven
    initialization, "std" and "he+5" in its package (Holzmueller et al., arXiv
    2407.04491; the bias after Steinwart, arXiv 1903.11482).

    Args:
        model: a model, or a layer, whose parts are `NTKDense` layers.
        x: training rows as the model takes them, float arrays: some hundreds, or all.

    Raises:
        StateError: there is no `NTKDense` in the model.
        DataError: values that are not finite came to a layer; it and those behind it
            are left as they were.

    Example:

    >>> from pronghorn import Sequential
    >>> model = Sequential([NTKDense(8, "selu", input_shape=(3,)), NTKDense(1)])
    >>> x = np.random.default_rng(0).normal(size=(200, 3)).astype("float32")
    >>> initialize(model, x)
    >>> hidden = x @ model.get_weights()[0] / 3**0.5
    >>> bool(np.allclose(hidden.std(axis=0), 1, atol=1e-5))
    True
    """
    found = [part for part in model._flatten_layers() if isinstance(part, NTKDense)]
    if not found:
        raise StateError(
            "There is no layer to draw by the data.",
            where=f"initialize, {model.name!r}",
            expected="at least one NTKDense layer",
            received=", ".join(type(part).__name__ for part in model._flatten_layers()),
            remedy="other layers have their kernel_initializer",
        )
    for layer in found:
        layer._draws_by_data = True
    try:
        model(x, training=False)
    finally:
        for layer in found:
            layer._draws_by_data = False


def _last(shape: Any, layer: Any) -> tuple[int, ...]:
    """The sizes of the last axes that have weights of their own."""
    return tuple(known_size(shape, -i, layer) for i in range(layer.axes, 0, -1))
