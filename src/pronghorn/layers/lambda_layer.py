"""`Lambda`: a function as a layer, in a running program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pronghorn import config as configs
from pronghorn.errors import ArgumentError
from pronghorn.layers.calling import signature
from pronghorn.layers.layer import Layer
from pronghorn.layers.shapes import tuples
from pronghorn.registry import keras_class
from pronghorn.tree import flatten

__all__ = ["Lambda"]


@keras_class("keras.layers")
class Lambda(Layer):
    """`function(inputs)` as a layer.

    Files never hold code: a model with a lambda expression in it cannot be saved, one
    with a named function can. Loading finds that function by its name, among those
    registered with `@register_keras_serializable()` or given as `custom_objects`.

    Args:
        function: takes the inputs, and `training` and `mask` if it names them; computes
            with `ops`, which is what makes it traced and differentiated.
        output_shape: of one row, or a function of the inputs' shape: what
            `compute_output_shape` tells. Default: found out by tracing.
        mask: the mask of the outputs, or a function `(inputs, mask)` that gives it.
            Default none, and what the inputs have is lost.
        arguments: more arguments for `function`, by name.

    Raises:
        ArgumentError: if `function` is none; on saving, if it is a lambda expression.

    Example:

    >>> import numpy as np
    >>> Lambda(lambda x: x * 2.0)(np.array([1.0, 2.0], "float32"))
    array([2., 4.], dtype=float32)
    """

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Any = None,
        mask: Any = None,
        arguments: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not callable(function):
            raise ArgumentError(
                "Lambda is made of a function.",
                where=f"layer {self.name!r}, function",
                expected="a function of the inputs",
                received=repr(function),
                remedy="write layers.Lambda(lambda x: x * 2.0)",
            )
        self.function = function
        self.supports_masking = mask is not None
        self.mask = mask
        self.arguments = dict(arguments or {})
        self._output_shape = output_shape
        self._build_at_init()

    def call(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        """What the function gives."""
        names = signature(self.function).names
        extra: dict[str, Any] = {"mask": mask, "training": training}
        given = {name: value for name, value in extra.items() if name in names}
        return self.function(inputs, **self.arguments, **given)

    def _takes_masks(self) -> bool:
        return bool(signature(self.function).masks)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask that was given, or what its function gives."""
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any:
        """The shape of the outputs, as it was told or by a symbolic call."""
        if self._output_shape is None:
            return super().compute_output_shape(*args, **kwargs)
        shape = args[0] if args else kwargs["input_shape"]
        if callable(self._output_shape):
            return self._output_shape(shape)
        return (flatten(shape)[0], *self._output_shape)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Symbolic outputs of the shape that was told, or by tracing."""
        if self._output_shape is None:
            return self._traced(*args, **kwargs)
        return super().compute_output_spec(*args, **kwargs)

    # A call is traced, whatever was told.
    _symbolic = Layer._traced

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, functions by their names."""
        config = {**super().get_config(), "function": configs.serialize(self.function)}
        if self._output_shape is not None:
            config["output_shape"] = configs.serialize(self._output_shape)
        if self.mask is not None:
            config["mask"] = configs.serialize(self.mask)
        return {**config, "arguments": configs.serialize(self.arguments)}

    @classmethod
    def from_config(
        cls,
        config: dict[str, Any],
        custom_objects: Mapping[str, Any] | None = None,
        safe_mode: bool | None = None,
    ) -> Any:
        """A layer from what `get_config` gave; code in it is refused.

        Raises:
            FileFormatError: for code, and for a function that is not known.
        """
        mode = safe_mode is not False
        read: dict[str, Any] = {
            key: configs.deserialize(config[key], custom_objects, mode)
            for key in ("function", "output_shape", "mask", "arguments")
            if key in config
        }
        if isinstance(read.get("output_shape"), list):
            read["output_shape"] = tuples(read["output_shape"])
        return cls(**{**config, **read})
