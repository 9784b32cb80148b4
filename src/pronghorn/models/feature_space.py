"""`FeatureSpace`: a table's columns, each prepared by a layer of its kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pronghorn import config as configs
from pronghorn.data.columns import is_frame, named_columns
from pronghorn.data.host import host_array
from pronghorn.errors import ArgumentError, DataError, PronghornError, ShapeError
from pronghorn.layers.encoding import CategoryEncoding, Discretization
from pronghorn.layers.hashing import HashedCrossing, Hashing
from pronghorn.layers.index_lookup import IndexLookup
from pronghorn.layers.input_layer import Input
from pronghorn.layers.layer import Layer
from pronghorn.layers.lookups import IntegerLookup, StringLookup
from pronghorn.layers.preprocessing import Normalization, Rescaling
from pronghorn.layers.shapes import is_symbol
from pronghorn.models.feature_data import batches_by_name, side_by_side
from pronghorn.models.features import (
    Cross,
    Feature,
    TFDConcat,
    TFDIdentity,
    cardinality,
    prepared,
)
from pronghorn.models.model import saving
from pronghorn.registry import keras_class

__all__ = ["FeatureSpace"]

# What a feature may be called, and which argument has the number of its bins.
_KINDS = {
    "float": None,
    "float_rescaled": None,
    "float_normalized": None,
    "float_discretized": "num_discretization_bins",
    "integer_categorical": None,
    "string_categorical": None,
    "integer_hashed": "hashing_dim",
    "string_hashed": "hashing_dim",
}


@keras_class("keras.utils")
class FeatureSpace(Layer):
    """A table's columns as numbers for a net: each by a layer of its kind.

    `adapt` it to a table first. Then call it on rows, or build a model from
    `get_inputs()` and `get_encoded_features()`, which takes the table as it is.

    Args:
        features: {name of a column: kind}. A kind is what one of the methods below
            gives, or its name, with the method's defaults: "float", "float_rescaled",
            "float_normalized", "float_discretized", "integer_categorical",
            "string_categorical", "integer_hashed", "string_hashed".
        output_mode: "concat" (default): one array, the features by their names, then
            the crosses by theirs; "dict": {name: array}.
        crosses: tuples of names of features, or what `cross` gives. Default none.
        crossing_dim: bins of a cross that is given by names. Default 32.
        hashing_dim: bins of "integer_hashed" and "string_hashed". Default 32.
        num_discretization_bins: bins of "float_discretized". Default 32.
        name: default "feature_space".

    Raises:
        ArgumentError: no features, an unknown kind, a cross of features that are not
            there, another `output_mode`.

    Example:

    >>> table = {"age": [20, 30, 40, 50], "city": ["Rome", "Oslo", "Rome", "Bern"]}
    >>> space = FeatureSpace({"age": "float_normalized", "city": "string_categorical"})
    >>> space.adapt(table)
    >>> space({"age": 35, "city": "Oslo"})
    array([0., 0., 0., 1., 0.], dtype=float32)
    """

    @classmethod
    def cross(
        cls,
        feature_names: Sequence[str],
        crossing_dim: int,
        output_mode: str = "one_hot",
    ) -> Cross:
        """Features that are crossed into `crossing_dim` bins.

        Args:
            feature_names: of two or more features.
            crossing_dim: the number of bins.
            output_mode: "one_hot" (default) or "int".
        """
        return Cross(feature_names, crossing_dim, output_mode=output_mode)

    @classmethod
    def feature(cls, dtype: str, preprocessor: Any, output_mode: str) -> Feature:
        """A feature that a layer of your choice prepares.

        Args:
            dtype: of the column: "float32", "int32" or "string".
            preprocessor: the layer; one with `adapt` is adapted with the others.
            output_mode: "float" or "int": as the layer gives it; "one_hot": the whole
                number that it gives as columns.
        """
        return Feature(dtype, preprocessor, output_mode)

    @classmethod
    def float(cls, name: str | None = None) -> Feature:
        """Numbers as they are."""
        return prepared("float", name, "float32", TFDIdentity, "float", dtype="float32")

    @classmethod
    def float_rescaled(
        cls, scale: Any = 1.0, offset: Any = 0.0, name: str | None = None
    ) -> Feature:
        """Numbers times `scale`, plus `offset`; see `layers.Rescaling`."""
        given = {"scale": scale, "offset": offset}
        return prepared("float_rescaled", name, "float32", Rescaling, "float", **given)

    @classmethod
    def float_normalized(cls, name: str | None = None) -> Feature:
        """Numbers of mean 0 and variance 1; see `layers.Normalization`."""
        return prepared("float_normalized", name, "float32", Normalization, "float")

    @classmethod
    def float_discretized(
        cls,
        num_bins: int,
        bin_boundaries: Sequence[Any] | None = None,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """Numbers as the bins that they fall into; see `layers.Discretization`."""
        return prepared(
            "float_discretized",
            name,
            "float32",
            Discretization,
            output_mode,
            num_bins=num_bins,
            bin_boundaries=bin_boundaries,
        )

    @classmethod
    def integer_categorical(
        cls,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """Whole numbers by their places in a vocabulary; see `layers.IntegerLookup`."""
        return prepared(
            "integer_categorical",
            name,
            "int32",
            IntegerLookup,
            output_mode,
            max_tokens=max_tokens,
            num_oov_indices=num_oov_indices,
        )

    @classmethod
    def string_categorical(
        cls,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """Text by its place in a vocabulary; see `layers.StringLookup`."""
        return prepared(
            "string_categorical",
            name,
            "string",
            StringLookup,
            output_mode,
            max_tokens=max_tokens,
            num_oov_indices=num_oov_indices,
        )

    @classmethod
    def string_hashed(
        cls, num_bins: int, output_mode: str = "one_hot", name: str | None = None
    ) -> Feature:
        """Text by its hash; see `layers.Hashing`."""
        given = {"num_bins": num_bins}
        return prepared("string_hashed", name, "string", Hashing, output_mode, **given)

    @classmethod
    def integer_hashed(
        cls, num_bins: int, output_mode: str = "one_hot", name: str | None = None
    ) -> Feature:
        """Whole numbers by their hash; see `layers.Hashing`."""
        given = {"num_bins": num_bins}
        return prepared("integer_hashed", name, "int32", Hashing, output_mode, **given)

    def __init__(
        self,
        features: Mapping[str, Any],
        output_mode: str = "concat",
        crosses: Sequence[Any] | None = None,
        crossing_dim: int = 32,
        hashing_dim: int = 32,
        num_discretization_bins: int = 32,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        if not features:
            raise ArgumentError(
                "The `features` cannot be None or empty.",
                where="FeatureSpace(features=)",
                expected='a dict such as {"age": "float_normalized"}',
                received=repr(features),
            )
        if output_mode not in ("dict", "concat"):
            raise ArgumentError(
                "Features are joined, or given out one by one.",
                where="FeatureSpace(output_mode=)",
                expected="'concat' or 'dict'",
                received=repr(output_mode),
            )
        self.output_mode = output_mode
        self.crossing_dim = crossing_dim
        self.hashing_dim = hashing_dim
        self.num_discretization_bins = num_discretization_bins
        self.features = {key: self._feature(key, v) for key, v in features.items()}
        self.crosses = [self._cross(given) for given in crosses or ()]
        self.crosses_by_name = {cross.name: cross for cross in self.crosses}
        self.inputs = {
            key: Input(shape=(1,), dtype=feature.dtype, name=key)
            for key, feature in self.features.items()
        }
        self.preprocessors = {k: f.preprocessor for k, f in self.features.items()}
        self.crossers = {
            cross.name: HashedCrossing(cross.crossing_dim, name=cross.name)
            for cross in self.crosses
        }
        self.one_hot_encoders: dict[str, Any] = {}
        self.concat: Any = None
        self.encoded_features: Any = None
        self._is_adapted = False

    def _feature(self, name: str, kind: Any) -> Feature:
        if isinstance(kind, dict):
            kind = configs.deserialize(kind)
        if isinstance(kind, Feature):
            return kind
        if not isinstance(kind, str) or kind not in _KINDS:
            raise ArgumentError(
                "There is no such kind of feature.",
                where=f"FeatureSpace(features={{{name!r}: }})",
                expected=", ".join(map(repr, _KINDS)) + ", or FeatureSpace.feature()",
                received=repr(kind),
            )
        bins = _KINDS[kind]
        options = {} if bins is None else {"num_bins": getattr(self, bins)}
        made: Feature = getattr(self, kind)(name=name, **options)
        return made

    def _cross(self, given: Any) -> Cross:
        if isinstance(given, dict):
            given = configs.deserialize(given)
        if not isinstance(given, Cross) and not self.crossing_dim:
            raise ArgumentError(
                "With `crosses`, `crossing_dim` is the number of bins of each.",
                where="FeatureSpace(crossing_dim=)",
                expected="a whole number from 1 up",
                received=repr(self.crossing_dim),
            )
        cross = given if isinstance(given, Cross) else Cross(given, self.crossing_dim)
        if isinstance(given, str) or len(cross.feature_names) < 2:
            raise ArgumentError(
                "A cross is of two or more features.",
                where="FeatureSpace(crosses=)",
                expected='names in a tuple, such as ("city", "job")',
                received=repr(given if isinstance(given, str) else cross.feature_names),
            )
        unknown = [key for key in cross.feature_names if key not in self.features]
        if unknown:
            raise ArgumentError(
                "All features that are crossed should be present in `features`.",
                where="FeatureSpace(crosses=)",
                expected=", ".join(map(repr, self.features)),
                received=", ".join(map(repr, unknown)),
            )
        return cross

    # --- adapting

    def adapt(self, dataset: Any) -> None:
        """Lets each feature's layer look at its column.

        Args:
            dataset: a table (a frame, a dict of columns), or an iterable of rows or of
                batches, each a dict of values, such as a `tf.data.Dataset`. A
                generator is read once.

        Raises:
            ArgumentError: nothing of that kind.
            DataError: a feature's column is missing, has missing values or is not of
                the feature's kind; or there are no rows.
        """
        names = self._adaptable()
        # Bins depend on how values are batched, in Keras as here.
        made = {n: self.preprocessors[n] for n in names}
        whole = [n for n in names if not isinstance(made[n], Discretization)]
        for name, batches in batches_by_name(dataset, names, whole).items():
            self._check_kind(name, batches[0])
            values = np.concatenate(batches) if name in whole else batches
            try:
                made[name].adapt(values)
            except PronghornError as error:
                error.within(f"{self._place(name)}, adapt")
                raise
        self._is_adapted = True
        self.encoded_features = None
        self.one_hot_encoders = {}
        self.get_encoded_features()
        self.built = True

    def _adaptable(self) -> list[str]:
        """The features whose layers learn from data."""
        return [
            name
            for name, layer in self.preprocessors.items()
            if hasattr(layer, "adapt") and not _was_given_all(layer)
        ]

    def _check_adapted(self) -> None:
        if not self._is_adapted and self._adaptable():
            raise ArgumentError(
                "You need to call `.adapt(dataset)` first.",
                where=f"FeatureSpace {self.name!r}",
                expected="one that was adapted",
                received=f"features to adapt: {', '.join(self._adaptable())}",
                remedy="call adapt on a table with these columns",
            )
        self._is_adapted = True

    # --- as a part of models

    def get_inputs(self) -> dict[str, Any]:
        """{name of a feature: the symbolic input of its column}, of shape (None, 1).

        Raises:
            ArgumentError: it was not adapted.
        """
        self.get_encoded_features()
        return self.inputs

    def get_encoded_features(self) -> Any:
        """The symbolic output for `get_inputs()`: a tensor, or a dict of tensors.

        Raises:
            ArgumentError: it was not adapted; a feature or a cross that is joined with
                others is neither "float" nor "one_hot".
        """
        self._check_adapted()
        if self.encoded_features is None:
            self.encoded_features = self._encode(self.inputs)
        return self.encoded_features

    def _encode(self, columns: Mapping[str, Any]) -> Any:
        """Columns, or symbols of them, as features."""
        made = {name: self.preprocessors[name](columns[name]) for name in self.features}
        crossed = {
            cross.name: self.crossers[cross.name](
                [made[n] for n in cross.feature_names]
            )
            for cross in self.crosses
        }
        ordered = [*sorted(made.items()), *sorted(crossed.items())]
        if self.output_mode == "concat":
            parts = [(value, self._depth_of(name)) for name, value in ordered]
            joined = side_by_side(parts)
            if joined is not None:
                return joined
        encoded = {name: self._encode_one(name, value) for name, value in ordered}
        if self.output_mode == "dict":
            return encoded
        for name, value in encoded.items():
            if not str(value.dtype).startswith("float"):
                raise ArgumentError(
                    f"Cannot concatenate features: {name!r} has not been encoded.",
                    where=f"FeatureSpace {self.name!r}, output_mode='concat'",
                    expected="features of output_mode 'float' or 'one_hot'",
                    received=f"{name!r}, of dtype {value.dtype}",
                    remedy="use output_mode='dict', or 'one_hot' for this feature",
                )
        if self.concat is None:
            self.concat = TFDConcat(axis=-1)
        return self.concat(list(encoded.values()))

    def _depth_of(self, name: str) -> int | None:
        """How many columns a feature's whole numbers get; None where it gets none."""
        encoder = self.one_hot_encoders.get(name)
        return None if encoder is None else encoder.num_tokens

    def _encode_one(self, name: str, value: Any) -> Any:
        spec = self.features.get(name) or self.crosses_by_name[name]
        if spec.output_mode != "one_hot":
            return value
        depth = self._depth_of(name)
        columns = None if depth is None else side_by_side([(value, depth)])
        if columns is not None:
            return columns
        if name not in self.one_hot_encoders:
            layer = self.preprocessors.get(name) or self.crossers[name]
            if not str(value.dtype).startswith("int"):
                raise ArgumentError(
                    f"Feature {name!r} has output_mode='one_hot', and its layer gives "
                    "no whole numbers.",
                    where=f"FeatureSpace {self.name!r}",
                    expected="a layer that gives whole numbers",
                    received=f"{type(layer).__name__}, which gives {value.dtype}",
                    remedy="use output_mode='float'",
                )
            self.one_hot_encoders[name] = CategoryEncoding(
                num_tokens=cardinality(name, layer), output_mode="multi_hot"
            )
        return self.one_hot_encoders[name](value)

    # --- on values

    def __call__(self, data: Any) -> Any:
        """The features of rows, or of a single row.

        Args:
            data: a dict or a frame of columns, or a dict of single values.

        Returns:
            float32 (rows, columns), or {name: (rows, columns)}; without the rows' axis
            for single values.

        Raises:
            ArgumentError: it was not adapted, or `data` is nothing of that kind.
            DataError: a column is missing, unknown, or not of its feature's kind.
            ShapeError: columns differ in length.
        """
        self.get_encoded_features()
        if is_frame(data):
            data = dict(named_columns(data, "the frame"))
        if not isinstance(data, Mapping):
            raise ArgumentError(
                "A FeatureSpace can only be called with a dict or a frame.",
                where=f"FeatureSpace {self.name!r}",
                expected="{name of a column: values}",
                received=type(data).__name__,
                remedy="of rows in a list make a frame; of one row of a frame a dict: "
                "row.to_dict()",
            )
        self._check_names(data)
        columns = {
            name: data[name] if is_symbol(data[name]) else self._column(name, data)
            for name in self.features
        }
        single = any(not is_symbol(c) and not c.ndim for c in columns.values())
        columns = {n: c if is_symbol(c) else _upright(c) for n, c in columns.items()}
        self._check_rows({n: len(c) for n, c in columns.items() if not is_symbol(c)})
        encoded = self._encode(columns)
        if not single:
            return encoded
        if self.output_mode == "concat":
            return encoded[0]
        return {
            n: v[0] if len(v.shape) == 2 and v.shape[0] == 1 else v
            for n, v in encoded.items()
        }

    def _check_names(self, data: Mapping[str, Any]) -> None:
        missing = [name for name in self.features if name not in data]
        unknown = [str(name) for name in data if name not in self.features]
        if missing or unknown:
            raise DataError(
                "The columns are not those of the features.",
                where=f"FeatureSpace {self.name!r}",
                expected=", ".join(map(repr, self.features)),
                received=", ".join(map(repr, data)),
                remedy=f"add {', '.join(map(repr, missing))}"
                if missing
                else f"leave out {', '.join(map(repr, unknown))}",
            )

    def _check_rows(self, rows: Mapping[str, int]) -> None:
        first = next(iter(rows), None)
        other = next((n for n in rows if rows[n] != rows[str(first)]), None)
        if other is not None:
            raise ShapeError(
                "The columns differ in length.",
                where=f"FeatureSpace {self.name!r}, column {other!r}",
                expected=f"{rows[str(first)]} rows, as in {first!r}",
                received=f"{rows[other]} rows",
            )

    def _column(self, name: str, data: Mapping[str, Any]) -> np.ndarray:
        """A feature's values in an array of its kind."""
        values = host_array(data[name], f"column {name!r}")
        self._check_kind(name, values)
        floats = self.features[name].dtype.startswith("float")
        return values.astype(np.float32) if floats else values

    def _place(self, name: str) -> str:
        return f"FeatureSpace {self.name!r}, column {name!r}"

    def _check_kind(self, name: str, values: np.ndarray) -> None:
        """Refuses text where a feature is of numbers, and numbers where it is text."""
        kind = self.features[name].dtype
        text = values.dtype.kind == "O"
        if text != (kind == "string"):
            raise DataError(
                "A column is not of its feature's kind.",
                where=self._place(name),
                expected="text" if kind == "string" else f"numbers, as {kind}",
                received="text" if text else f"numbers, as {values.dtype}",
                remedy="turn it into text first: .astype(str)"
                if kind == "string"
                else "make it a feature of text, such as 'string_categorical'",
            )

    # --- files

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, without the name, as Keras has it."""
        return {
            "features": configs.serialize(self.features),
            "output_mode": self.output_mode,
            "crosses": configs.serialize(self.crosses),
            "crossing_dim": self.crossing_dim,
            "hashing_dim": self.hashing_dim,
            "num_discretization_bins": self.num_discretization_bins,
        }

    def get_build_config(self) -> dict[str, Any] | None:
        """What each feature's layer was built for; None before `adapt`."""
        if not self._is_adapted:
            return None
        return {
            name: feature.preprocessor.get_build_config()
            for name, feature in self.features.items()
        }

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Builds each feature's layer; what they know comes from the file's arrays."""
        for name, build in config.items():
            layer = self.features[name].preprocessor
            if not layer.built:
                layer.build_from_config(build)
        self._is_adapted = True

    def save(self, filepath: Any) -> None:
        """Saves it as a `.keras` file, which `models.load_model` opens.

        Args:
            filepath: a path ending in `.keras`.

        Raises:
            ArgumentError: another extension, a missing folder.
        """
        saving("save_model")(self, filepath)

    def __reduce__(self) -> Any:
        return saving("model_from_bytes"), (saving("model_to_bytes")(self),)

    def save_own_variables(self, store: Any) -> None:
        """There are none: its layers have them."""

    def load_own_variables(self, store: Any) -> None:
        """There are none."""


def _was_given_all(layer: Any) -> bool:
    """Whether a layer was given what it would learn by `adapt`."""
    if isinstance(layer, Normalization):
        return layer.input_mean is not None
    if isinstance(layer, Discretization):
        return layer.num_bins is None
    return isinstance(layer, IndexLookup) and layer.input_vocabulary is not None


def _upright(values: np.ndarray) -> np.ndarray:
    """A single value as (1, 1), a column as (rows, 1)."""
    return values.reshape(-1, 1) if values.ndim < 2 else values
