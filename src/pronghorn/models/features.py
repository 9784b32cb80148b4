"""What a `FeatureSpace` is made of: features, crosses, and two layers of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pronghorn import config as configs
from pronghorn import ops
from pronghorn.errors import ArgumentError
from pronghorn.layers.encoding import CategoryEncoding, Discretization
from pronghorn.layers.hashing import HashedCrossing, Hashing
from pronghorn.layers.index_lookup import IndexLookup
from pronghorn.layers.layer import Layer
from pronghorn.naming import auto_name
from pronghorn.registry import keras_class

__all__ = ["Cross", "Feature", "TFDConcat", "TFDIdentity", "cardinality", "prepared"]

MODULE = "keras.src.layers.preprocessing.feature_space"  # as files name them


def _mode(value: Any, known: Sequence[str], where: str) -> str:
    if value not in known:
        raise ArgumentError(
            "There is no such way to give a feature out.",
            where=f"{where}(output_mode=)",
            expected=" or ".join(map(repr, known)),
            received=repr(value),
        )
    return str(value)


@keras_class(MODULE)
class Cross:
    """Features that are crossed: the bin of what they say together.

    Args:
        feature_names: of two or more features.
        crossing_dim: the number of bins.
        output_mode: "one_hot" (default) or "int".

    Example:

    >>> Cross(("city", "job"), crossing_dim=16).name
    'city_X_job'
    """

    def __init__(
        self,
        feature_names: Sequence[str],
        crossing_dim: int,
        output_mode: str = "one_hot",
    ) -> None:
        self.output_mode = _mode(output_mode, ("int", "one_hot"), "Cross")
        self.feature_names = tuple(feature_names)
        self.crossing_dim = crossing_dim

    @property
    def name(self) -> str:
        """The features' names, joined."""
        return "_X_".join(self.feature_names)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            "feature_names": self.feature_names,
            "crossing_dim": self.crossing_dim,
            "output_mode": self.output_mode,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Cross:
        """A cross from what `get_config` gave."""
        return cls(**config)


@keras_class(MODULE)
class Feature:
    """One column of a table, and the layer that prepares it.

    Args:
        dtype: of the column: "float32", "int32" or "string".
        preprocessor: the layer, or its config.
        output_mode: "float", "int": as the layer gives it; "one_hot": the whole number
            that it gives as columns of 0 and 1.
    """

    def __init__(self, dtype: str, preprocessor: Any, output_mode: str) -> None:
        self.output_mode = _mode(output_mode, ("int", "one_hot", "float"), "Feature")
        self.dtype = dtype
        if isinstance(preprocessor, dict):
            preprocessor = configs.deserialize(preprocessor)
        self.preprocessor = preprocessor

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            "dtype": self.dtype,
            "preprocessor": configs.serialize(self.preprocessor),
            "output_mode": self.output_mode,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Feature:
        """A feature from what `get_config` gave."""
        return cls(**config)


def prepared(
    kind: str,
    name: str | None,
    column: str,
    layer: type[Layer],
    output_mode: str,
    **options: Any,
) -> Feature:
    """A feature with a new layer of its kind.

    Args:
        kind: what it is called where it has no name.
        name: of the feature; the layer's begins with it.
        column: its dtype.
        layer: the layer's class.
        output_mode: see `Feature`.
        **options: of the layer.
    """
    name = name or auto_name(kind)
    made = layer(name=f"{name}_preprocessor", **options)
    return Feature(column, made, output_mode)


def cardinality(name: str, layer: Any) -> int:
    """How many whole numbers the layer of feature `name` gives.

    Raises:
        ArgumentError: a layer of another kind than FeatureSpace's own.
    """
    if isinstance(layer, IndexLookup):
        return layer.vocabulary_size()
    if isinstance(layer, CategoryEncoding):
        return layer.num_tokens
    if isinstance(layer, Discretization):
        return layer.num_bins or len(layer.bin_boundaries or ()) + 1
    if isinstance(layer, (HashedCrossing, Hashing)):
        return layer.num_bins
    raise ArgumentError(
        f"Feature {name!r} has output_mode='one_hot', and how many whole numbers its "
        "layer gives is not known.",
        where=f"a {type(layer).__name__}",
        expected="a layer of FeatureSpace's own features",
        received=type(layer).__name__,
        remedy="use output_mode='int'",
    )


@keras_class(MODULE)
class TFDIdentity(Layer):
    """A feature of numbers as it is, in float32."""

    def call(self, x: Any) -> Any:
        """Any shape to the same shape."""
        return ops.cast(x, "float32")


@keras_class(MODULE)
class TFDConcat(Layer):
    """Features side by side, in float32.

    Args:
        axis: along which they are joined.
    """

    def __init__(self, axis: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, xs: Any) -> Any:
        """(rows, n1), (rows, n2), ... to (rows, n1 + n2 + ...)."""
        return ops.concatenate([ops.cast(x, "float32") for x in xs], axis=self.axis)
