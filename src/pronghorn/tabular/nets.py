"""The net for a table: everything after the host stage, as layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn import ops
from pronghorn.layers import Concatenate, Input
from pronghorn.layers.by_shape import ByShape
from pronghorn.layers.input_spec import InputSpec
from pronghorn.registry import keras_class
from pronghorn.tabular.categories import CategoryEmbedding, OneHotCategories
from pronghorn.tabular.dense import ParametricActivation, ScalingLayer
from pronghorn.tabular.members import MemberNTKDense, TableNet, Temperature
from pronghorn.tabular.periodic import PeriodicEmbedding
from pronghorn.tabular.presets import Numbers, Preset
from pronghorn.tabular.scaling import RobustScaling
from pronghorn.tabular.schedules import (
    CosLog4,
    FlatCos,
    FlatCosDropout,
    ScheduledAdamW,
)

__all__ = ["MissingIndicator", "Take", "build", "optimizer"]

FACTORS = {"periodic": 0.1, "bias": 0.1, "scale": 6.0, "activation": 0.1}
"""RealMLP's factors of the learning rate, by parts of the weights' paths.

They are factors of the weight decay too, once more: `ScheduledAdamW`.
"""


@keras_class("pronghorn.tabular")
class Take(ByShape):
    """Some columns of a table, in the order given.

    Args:
        columns: their numbers, from 0.
        **kwargs: `name`, and `input_shape` on a first layer.

    Shapes: (rows, columns) to (rows, those columns).

    Example:

    >>> Take([2, 0])(np.array([[1.0, 2.0, 3.0]], "float32"))
    array([[3., 1.]], dtype=float32)
    """

    def __init__(self, columns: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.columns = [int(column) for column in columns]
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Any) -> Any:
        """(rows, columns) to (rows, those columns)."""
        return ops.take(inputs, np.array(self.columns, np.int32), axis=1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(rows, columns) to (rows, those columns)."""
        return input_shape[0], len(self.columns)

    def _output_dtype(self, inputs: Any) -> str:
        return str(inputs.dtype)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "columns": self.columns}


@keras_class("pronghorn.tabular")
class MissingIndicator(Take):
    """1 where a value is missing (NaN), else 0, for some columns of a table.

    Args:
        columns: their numbers, from 0.
        **kwargs: `name`, and `input_shape` on a first layer.

    Shapes: float (rows, columns) to float32 (rows, those columns).

    Example:

    >>> MissingIndicator([1])(np.array([[1.0, np.nan]], "float32"))
    array([[1.]], dtype=float32)
    """

    _takes_missing = True

    def call(self, inputs: Any) -> Any:
        """(rows, columns) to (rows, those columns)."""
        return ops.cast(ops.isnan(super().call(inputs)), "float32")

    def _output_dtype(self, inputs: Any) -> str:
        return "float32"


def build(
    numbers: np.ndarray,
    ids: np.ndarray,
    sizes: Sequence[int],
    outputs: int,
    task: str,
    chosen: Preset,
    steps: int,
) -> TableNet:
    """The net of a preset, its statistics taken from the training rows.

    Args:
        numbers: of the training rows: float32 (rows, columns), NaN where missing.
        ids: of their categories: int32 (rows, columns).
        sizes: how many categories each column of `ids` has.
        outputs: the number of classes, or 1.
        task: "regression" or "classification".
        chosen: how it is built.
        steps: of the whole training, which dropout's schedule follows.
    """
    arrived, parts = [], []
    members = chosen.at(len(numbers)).members
    assert isinstance(members, int)  # by `at`
    if numbers.shape[1]:
        arrived.append(Input((numbers.shape[1],), name="numbers"))
        parts += _numbers(arrived[-1], numbers, members, chosen)
    if ids.shape[1]:
        arrived.append(Input((ids.shape[1],), dtype="int32", name="ids"))
        parts += _categories(arrived[-1], ids, sizes, members, chosen)
    x = Concatenate(name="features")(parts) if len(parts) > 1 else parts[0]
    x = ScalingLayer(axes=2, name="scale")(x)
    activation = "selu" if task == "classification" else "mish"
    for i, units in enumerate(chosen.hidden):
        x = MemberNTKDense(units, name=f"hidden_{i}")(x)
        x = ParametricActivation(activation, axes=2, name=f"activation_{i}")(x)
        if chosen.dropout:
            x = FlatCosDropout(chosen.dropout, steps, name=f"dropout_{i}")(x)
    x = MemberNTKDense(outputs, name="prediction")(x)
    if task == "classification":
        x = Temperature(name="temperature")(x)
    assert x.shape[1] == members
    smoothing = chosen.smoothing if task == "classification" else 0.0
    start = arrived if len(arrived) > 1 else arrived[0]
    return TableNet(start, x, task, smoothing, name="table")


def optimizer(task: str, chosen: Preset, steps: int) -> ScheduledAdamW:
    """RealMLP's: Adam on four growing waves, with a decay that ends at 0."""
    rate, rates = _by_group(chosen.rate[task == "regression"])
    decay, decays = _by_group(chosen.decay)
    made = ScheduledAdamW(
        CosLog4(rate, steps),
        FlatCos(decay, steps) if decay else 0.0,
        beta_2=0.95,
        epsilon=1e-8,
        factors=FACTORS,
        decay_factors=FACTORS,
        rates=rates,
        decays=decays,
    )
    made.exclude_from_weight_decay(var_names=["bias"])
    return made


def _by_group(value: Numbers) -> tuple[float, tuple[float, ...] | None]:
    """A number for all members, and each group's factor of it."""
    return (1.0, value) if isinstance(value, tuple) else (value, None)


def _numbers(x: Any, numbers: np.ndarray, members: int, chosen: Preset) -> list[Any]:
    scale = RobustScaling(missing="median", name="scaled")
    scale.adapt(numbers)
    z = scale(x)
    columns = numbers.shape[1]
    if chosen.periodic:
        z = ops.tile(z, (1, members))
        embed = PeriodicEmbedding(scale=chosen.deviation, name="periodic")
        z = ops.reshape(embed(z), (-1, members, columns * embed.units))
    else:
        z = _for_all(z, members)
    absent = np.flatnonzero(np.isnan(numbers).any(axis=0))
    if not len(absent):
        return [z]
    missing = MissingIndicator(absent.tolist(), name="missing")(x)
    return [z, _for_all(missing, members)]


def _categories(
    x: Any, ids: np.ndarray, sizes: Sequence[int], members: int, chosen: Preset
) -> list[Any]:
    few = [i for i, size in enumerate(sizes) if size <= chosen.one_hot]
    many = [i for i, size in enumerate(sizes) if size > chosen.one_hot]
    parts = []
    if few:
        part = Take(few, name="few")(x) if many else x
        one_hot = OneHotCategories([sizes[i] for i in few], name="one_hot")
        one_hot.adapt(ids[:, few])
        parts.append(_for_all(one_hot(part), members))
    if many:
        part = Take(many, name="many")(x) if few else x
        embed = CategoryEmbedding(
            [sizes[i] for i in many], chosen.embedding, members, name="embedding"
        )
        parts.append(embed(part))
    return parts


def _for_all(x: Any, members: int) -> Any:
    """(rows, features) to (rows, members, features)."""
    return ops.repeat(ops.expand_dims(x, 1), members, axis=1)
