"""The net for a table: everything after the host stage, as layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pronghorn import ops
from pronghorn.layers import Concatenate, Input
from pronghorn.layers.by_shape import ByShape
from pronghorn.layers.input_spec import InputSpec
from pronghorn.registry import keras_class
from pronghorn.tabular.categories import CategoryEmbedding, OneHotCategories
from pronghorn.tabular.dense import ParametricActivation, ScalingLayer
from pronghorn.tabular.members import (
    MemberNTKDense,
    SharedNTKDense,
    TableNet,
    Temperature,
)
from pronghorn.tabular.periodic import PeriodicEmbedding
from pronghorn.tabular.piecewise import PiecewiseLinearEncoding
from pronghorn.tabular.presets import Numbers, Preset
from pronghorn.tabular.scaling import RobustScaling
from pronghorn.tabular.schedules import (
    CosLog4,
    FlatCos,
    FlatCosDropout,
    ScheduledAdamW,
)

__all__ = ["MissingIndicator", "Take", "build", "members_of", "optimizer"]

FACTORS = {"periodic": 0.1, "bias": 0.1, "scale": 6.0, "activation": 0.1}
"""RealMLP's factors of the learning rate, by parts of the weights' paths.

They are factors of the weight decay too, once more: `ScheduledAdamW`.
"""

CUT = "cut_"
"""How the names of the second half of a mixed net's layers begin."""

ROWS_OF_A_PIECE = 200
FEWEST_PIECES = 8
MOST_RAMPS = 1_024
"""Of all columns together: wide tables have fewer pieces for each."""


@keras_class("pronghorn.tabular")
class Take(ByShape):
    """Some columns of a table, in the order given; what is missing stays so.

    Args:
        columns: their numbers, from 0.
        **kwargs: `name`, and `input_shape` on a first layer.

    Shapes: (rows, columns) to (rows, those columns).

    Example:

    >>> Take([2, 0])(np.array([[1.0, 2.0, 3.0]], "float32"))
    array([[3., 1.]], dtype=float32)
    """

    _takes_missing = True

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
    members = chosen.at(len(numbers)).members
    assert isinstance(members, int)  # by `at`
    arrived, seen = _seen(numbers, ids, sizes, chosen)
    activation = "selu" if task == "classification" else "mish"
    found = []
    for prefix, count, periodic, pieces in _families(seen, members, chosen):
        x = _features(seen, count, chosen, prefix, periodic, pieces)
        if len(x.shape) > 2:
            x = ScalingLayer(axes=2, name=f"{prefix}scale")(x)
        for i, units in enumerate(chosen.hidden):
            x = _dense(x, units, count, f"{prefix}hidden_{i}")
            act = ParametricActivation(
                activation, axes=2, name=f"{prefix}activation_{i}"
            )
            x = act(x)
            if chosen.dropout:
                drop = FlatCosDropout(
                    chosen.dropout, steps, name=f"{prefix}dropout_{i}"
                )
                x = drop(x)
        found.append(_dense(x, outputs, count, f"{prefix}prediction"))
    x = Concatenate(axis=1, name="members")(found) if len(found) > 1 else found[0]
    if task == "classification":
        x = Temperature(name="temperature")(x)
    assert x.shape[1] == members
    smoothing = chosen.smoothing if task == "classification" else 0.0
    start = arrived if len(arrived) > 1 else arrived[0]
    return TableNet(start, x, task, smoothing, name="table")


def members_of(net: TableNet) -> list[tuple[int, int]]:
    """Whose each trainable weight is: the first member, and how many.

    The weights of so many members lie one after the other on the first axis.
    """
    size = int(net.output.shape[1])
    others = [layer for layer in net.layers if layer.name == f"{CUT}prediction"]
    later = int(others[0].output.shape[1]) if others else 0
    found = {}
    for layer in net.layers:
        cut = layer.name.startswith(CUT)
        own = (size - later, later) if cut else (0, size - later)
        found.update({id(variable): own for variable in layer.trainable_variables})
    return [found[id(variable)] for variable in net.trainable_variables]


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


@dataclass(frozen=True)
class _Seen:
    """What members see of a table.

    Attributes:
        scaled: numbers, (rows, columns), or None.
        ramps: their pieces, or None.
        alike: what all members get as it is: gaps, one-hot categories.
        many: ids of columns of many categories, or None; and how many they have.
    """

    scaled: Any
    ramps: Any
    alike: list[Any]
    many: Any
    sizes: list[int]


def _seen(
    numbers: np.ndarray, ids: np.ndarray, sizes: Sequence[int], chosen: Preset
) -> tuple[list[Any], _Seen]:
    """The inputs, and what is computed from them for all members."""
    arrived: list[Any] = []
    scaled = ramps = many = None
    alike: list[Any] = []
    if numbers.shape[1]:
        arrived.append(x := Input((numbers.shape[1],), name="numbers"))
        scale = RobustScaling(missing="median", name="scaled")
        scale.adapt(numbers)
        scaled, ramps = scale(x), _pieces(x, numbers, chosen)
        absent = np.flatnonzero(np.isnan(numbers).any(axis=0))
        if len(absent):
            alike.append(MissingIndicator(absent.tolist(), name="missing")(x))
    one_hot = [i for i, size in enumerate(sizes) if size <= chosen.one_hot]
    learned = [i for i, size in enumerate(sizes) if size > chosen.one_hot]
    if ids.shape[1]:
        arrived.append(x := Input((ids.shape[1],), dtype="int32", name="ids"))
        if one_hot:
            part = Take(one_hot, name="few")(x) if learned else x
            encode = OneHotCategories([sizes[i] for i in one_hot], name="one_hot")
            encode.adapt(ids[:, one_hot])
            alike.append(encode(part))
        if learned:
            many = Take(learned, name="many")(x) if one_hot else x
    return arrived, _Seen(scaled, ramps, alike, many, [sizes[i] for i in learned])


def _families(
    seen: _Seen, members: int, chosen: Preset
) -> list[tuple[str, int, bool, bool]]:
    """Members that see numbers alike: a prefix, how many, whether waves, and pieces."""
    if not chosen.mixed or members < 2 or seen.ramps is None or not chosen.periodic:
        return [("", members, chosen.periodic, True)]
    half = members // 2
    return [("", members - half, True, False), (CUT, half, False, True)]


def _features(
    seen: _Seen, members: int, chosen: Preset, prefix: str, periodic: bool, pieces: bool
) -> Any:
    """What so many members get: (rows, members, features).

    (rows, features) where nothing in it is a member's own.
    """
    own, alike = [], []
    if seen.scaled is not None and periodic:
        columns = int(seen.scaled.shape[1])
        z = ops.tile(seen.scaled, (1, members))
        embed = PeriodicEmbedding(scale=chosen.deviation, name=f"{prefix}periodic")
        own.append(ops.reshape(embed(z), (-1, members, columns * embed.units)))
    elif seen.scaled is not None:
        alike.append(seen.scaled)
    if pieces and seen.ramps is not None:
        alike.append(seen.ramps)
    alike += seen.alike
    if seen.many is not None:
        embedding = CategoryEmbedding(
            seen.sizes, chosen.embedding, members, name=f"{prefix}embedding"
        )
        own.append(embedding(seen.many))
    parts = [*own, *(_for_all(part, members) for part in alike)] if own else alike
    return Concatenate(name=f"{prefix}features")(parts) if len(parts) > 1 else parts[0]


def _dense(x: Any, units: int, members: int, name: str) -> Any:
    """A layer of each member; where `x` is alike for all, with scaled features."""
    if len(x.shape) == 2:
        return SharedNTKDense(units, members, name=name)(x)
    return MemberNTKDense(units, name=name)(x)


def _pieces(x: Any, numbers: np.ndarray, chosen: Preset) -> Any:
    """The ramps of columns with more than two values; None if there are no such."""
    cut = [i for i, column in enumerate(numbers.T) if _has_more_than_two(column)]
    if not chosen.pieces or not cut:
        return None
    most = min(chosen.pieces, MOST_RAMPS // len(cut))
    bins = min(most, max(len(numbers) // ROWS_OF_A_PIECE, FEWEST_PIECES))
    if bins < 2:
        return None
    encode = PiecewiseLinearEncoding(bins, "median", spread=True, name="pieces")
    encode.adapt(numbers[:, cut])
    part = x if len(cut) == numbers.shape[1] else Take(cut, name="cut")(x)
    # Beyond the training rows ramps stay level: the number itself goes on.
    return ops.clip(encode(part), 0.0, 1.0)


def _has_more_than_two(column: np.ndarray) -> bool:
    inside = (column > np.nanmin(column)) & (column < np.nanmax(column))
    return bool(inside.any())


def _for_all(x: Any, members: int) -> Any:
    """(rows, features) to (rows, members, features)."""
    return ops.repeat(ops.expand_dims(x, 1), members, axis=1)
