"""Layers around another layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pronghorn import config as configs
from pronghorn import initializers, ops
from pronghorn.errors import ArgumentError, ShapeError
from pronghorn.layers.calling import signature
from pronghorn.layers.core import Dense, known_size, whole
from pronghorn.layers.input_spec import InputSpec
from pronghorn.layers.layer import Layer
from pronghorn.registry import keras_class

__all__ = ["SpectralNormalization", "TimeDistributed", "Wrapper"]


@keras_class("keras.layers")
class Wrapper(Layer):
    """Base of layers that hold one other layer, as `self.layer`.

    Args:
        layer: the layer inside.

    Raises:
        ArgumentError: if `layer` is no layer.

    Example:

    >>> import numpy as np
    >>> class Twice(Wrapper):
    ...     def call(self, inputs):
    ...         return self.layer(self.layer(inputs))
    >>> Twice(Dense(1, kernel_initializer="ones"))(np.array([[3.0]], "float32"))
    array([[3.]], dtype=float32)
    """

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        if not isinstance(layer, Layer):
            raise ArgumentError(
                f"{type(self).__name__} goes around a layer.",
                where=f"{type(self).__name__}(layer=)",
                expected="a layer, such as layers.Dense(3)",
                received=repr(layer),
                remedy="pass an object, not a class or a function",
            )
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape: Any = None) -> None:
        """Builds the layer inside."""
        if not self.layer.built:
            self.layer.build(input_shape)
            self.layer.built = True
        self._prefix_paths([self.layer])
        self.built = True

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "layer": configs.serialize(self.layer)}

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Any:
        """A layer from what `get_config` gave."""
        rest = {key: value for key, value in config.items() if key != "layer"}
        return cls(configs.deserialize(config["layer"], custom_objects), **rest)


@keras_class("keras.layers")
class TimeDistributed(Wrapper):
    """One layer, called on each step of every row by itself.

    Args:
        layer: the layer inside; it is built for one step.

    Shapes: (rows, steps, ...) to (rows, steps, ...); the number of steps is known. A
    mask, (rows, steps), goes to the layer inside if its `call` takes one.

    Raises:
        ShapeError: when it is called, for a mask of other rows or steps.

    Example:

    >>> import numpy as np
    >>> TimeDistributed(Dense(2))(np.zeros((4, 3, 5), "float32")).shape
    (4, 3, 2)
    """

    supports_masking = True

    def build(self, input_shape: Any) -> None:  # type: ignore[override]
        """Builds the layer inside for one step."""
        if not isinstance(input_shape, (list, tuple)) or len(input_shape) < 3:
            raise ShapeError(
                "TimeDistributed takes rows of steps.",
                where=f"layer {self.name!r}",
                expected="three axes or more: rows, steps, features",
                received=f"shape {input_shape}",
                remedy="call the layer inside without TimeDistributed",
            )
        super().build((input_shape[0], *input_shape[2:]))

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """(rows, steps, ...) to (rows, steps, ...)."""
        layer = self.layer
        if mask is not None:
            self._check_mask(tuple(inputs.shape), tuple(mask.shape))
        if type(layer).call is Dense.call:  # it takes any number of axes
            return layer.call(inputs)
        names = signature(layer.call).names
        outputs = []
        for i in range(known_size(inputs.shape, 1, self)):
            given = {"training": training} if "training" in names else {}
            if mask is not None and "mask" in names:
                given["mask"] = mask[:, i]
            outputs.append(layer.call(inputs[:, i], **given))
        return ops.stack(outputs, axis=1)

    def _check_mask(self, shape: tuple[Any, ...], mask: tuple[Any, ...]) -> None:
        pairs = zip(shape[:2], mask)
        if len(mask) < 2 or any(None not in (n, m) and n != m for n, m in pairs):
            raise ShapeError(
                "The mask does not fit the inputs.",
                where=f"layer {self.name!r}, mask",
                expected=f"a shape that begins with {shape[:2]}",
                received=mask,
                remedy="pass one boolean for each step of each row",
            )


@keras_class("keras.layers")
class SpectralNormalization(Wrapper):
    """A layer whose kernel is divided by its largest singular value in training.

    Miyato et al., arXiv 1802.05957. The value is estimated by power iteration, which
    goes on from call to call; the layer keeps the kernel that was divided.

    Args:
        layer: a layer with a `kernel` or `embeddings`, such as `Dense`.
        power_iterations: of the estimate, in each call. Default 1.

    Raises:
        ArgumentError: if the layer has neither, or `power_iterations` is below 1.

    Example:

    >>> import numpy as np
    >>> layer = SpectralNormalization(Dense(3), power_iterations=50)
    >>> _ = layer(np.ones((2, 3), "float32"), training=True)
    >>> float(np.linalg.norm(layer.layer.kernel.numpy(), 2).round(3))
    1.0
    """

    def __init__(self, layer: Any, power_iterations: int = 1, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        self.power_iterations = whole(
            power_iterations, "power_iterations", "SpectralNormalization"
        )

    def build(self, input_shape: Any) -> None:  # type: ignore[override]
        """Builds the layer inside, and the vector that the estimate starts from."""
        super().build(input_shape)
        self.input_spec = InputSpec(min_ndim=1, axes={-1: input_shape[-1]})
        found = [n for n in ("kernel", "embeddings") if hasattr(self.layer, n)]
        if not found:
            raise ArgumentError(
                "Only a layer with a matrix of weights has a largest singular value.",
                where=f"layer {self.name!r}",
                expected="a layer with a kernel or embeddings, such as Dense",
                received=type(self.layer).__name__,
                remedy="go without SpectralNormalization for this layer",
            )
        self.kernel = getattr(self.layer, found[0])
        self.vector_u = self.add_weight(
            name="vector_u",
            shape=(1, self.kernel.shape[-1]),
            initializer=initializers.TruncatedNormal(stddev=0.02),
            trainable=False,
        )
        self.built = True

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        """What the layer inside gives."""
        if training:
            self._divide()
        return self.layer(inputs)

    def normalized_weights(self) -> tuple[Any, Any]:
        """The estimate after this call's iterations, and the kernel divided by it.

        Returns:
            `(vector_u, kernel)`, of the shapes of these two; the layer's own stay as
            they are. A kernel of zeros stays one of zeros.

        Example:

        >>> import numpy as np
        >>> layer = SpectralNormalization(Dense(3), power_iterations=50)
        >>> layer.build((None, 2))
        >>> _, kernel = layer.normalized_weights()
        >>> float(np.linalg.norm(kernel, 2).round(3))
        1.0
        """
        kernel = ops.stop_gradient(ops.convert_to_tensor(self.kernel))
        u = ops.convert_to_tensor(self.vector_u)
        matrix = ops.reshape(kernel, (-1, self.kernel.shape[-1]))
        for _ in range(self.power_iterations):
            v = ops.normalize(ops.matmul(u, ops.transpose(matrix)), axis=None)
            u = ops.normalize(ops.matmul(v, matrix), axis=None)
        value = ops.matmul(ops.matmul(v, matrix), ops.transpose(u))
        scale = ops.reshape(value, ())
        return u, kernel / ops.where(ops.equal(scale, 0.0), 1.0, scale)

    def _divide(self) -> None:
        kernel = ops.stop_gradient(ops.convert_to_tensor(self.kernel))
        old = ops.convert_to_tensor(self.vector_u)
        zero = ops.all(ops.equal(kernel, 0.0))
        u, divided = self.normalized_weights()
        # The gradient is that of the divided kernel, as if it had been a variable.
        self.vector_u.assign(ops.where(zero, old, u))
        self.kernel.assign(self.kernel + (divided - kernel))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "power_iterations": self.power_iterations}
