"""From what a user passes to a source of steps, and to the rows held out."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from pronghorn.data.packing import unpack_x_y_sample_weight
from pronghorn.data.row_blocks import RowBlocks
from pronghorn.data.streams import is_stream, open_stream
from pronghorn.errors import ArgumentError
from pronghorn.training.arguments import (
    limited_steps,
    refuse_beside_stream,
    require_targets,
    rows_per_step,
)
from pronghorn.training.blocks import RowBlocksSource
from pronghorn.training.dataset import Dataset, split
from pronghorn.training.sources import (
    ArraySource,
    Source,
    first_rows,
)
from pronghorn.training.streaming import StreamSource

__all__ = ["for_evaluation", "for_training", "for_validation"]


def for_training(
    model: Any,
    given: tuple[Any, Any, Any],
    class_weight: Mapping[Any, float] | None,
    validation_split: float,
    batch_size: Any,
    steps: int | None,
    shuffle: bool,
) -> tuple[Source, Dataset | None]:
    """What `fit` trains on.

    Args:
        model: compiled.
        given: x, y and sample_weight.
        class_weight, batch_size, shuffle: as `fit` has them.
        validation_split: 0 where nothing is to be split off.
        steps: of an epoch, or None.

    Returns:
        The source, for which the model is built, and the rows split off, or None.
    """
    x, y, weight = given
    if isinstance(x, RowBlocks) or is_stream(x):
        refuse_beside_stream(
            "fit", y=y, sample_weight=weight, validation_split=validation_split or None
        )
    if isinstance(x, RowBlocks):
        blocks = RowBlocksSource(
            model, "train", x, batch_size, steps, shuffle, class_weight
        )
        blocks.look()
        return blocks, None
    if is_stream(x):
        opened = open_stream(x, shuffle)
        steps = limited_steps(steps)
        stream = StreamSource(model, "train", opened, steps, class_weight)
        stream.look()
        return stream, None
    require_targets(y, model._objective.loss, "fit")
    data = model._prepare(x, y, weight, class_weight, fitting=True)
    held = None
    if validation_split:
        data, held = split(data, validation_split)
        if class_weight is not None:  # of the training rows alone, as in Keras
            held.weights = [None] * len(held.weights)
    _warn_about(data)
    size = rows_per_step(batch_size, data.rows, steps)
    steps = limited_steps(steps, -(-data.rows // size))
    return ArraySource(model, "train", data, size, steps, shuffle), held


def for_validation(
    model: Any, given: Any, batch_size: Any, steps: int | None
) -> Source | None:
    """What `fit` measures on.

    Args:
        model: compiled.
        given: `validation_data`, the rows split off, or None.
        batch_size: of arrays.
        steps: how many batches, or None for all.
    """
    if given is None:
        return None
    if isinstance(given, Dataset):
        data = given
    else:
        if isinstance(given, RowBlocks):
            return RowBlocksSource(
                model, "test", given, batch_size, steps, what="validation "
            )
        x, y, weight = unpack_x_y_sample_weight(given)
        if is_stream(x):
            refuse_beside_stream("validation_data", y=y, sample_weight=weight)
            opened, most = open_stream(x), limited_steps(steps)
            return StreamSource(model, "test", opened, most, what="validation ")
        if y is None and model._objective.loss is not None:
            raise ArgumentError(
                "validation_data is a pair.",
                where="validation_data",
                expected="(x, y), (x, y, sample_weight), or batches of these",
                received=type(given).__name__,
                remedy="pass validation_data=(x_held, y_held)",
            )
        data = model._prepare(x, y, weight, None, what="validation ")
    size = rows_per_step(batch_size, data.rows, steps)
    steps = limited_steps(steps, -(-data.rows // size))
    data = first_rows(data, size, steps, "validation_steps")
    return ArraySource(model, "test", data, size)


def for_evaluation(
    model: Any, given: tuple[Any, Any, Any], batch_size: Any, steps: int | None
) -> Source:
    """What `evaluate` measures on: x, y and sample_weight; compiled and checked."""
    x, y, weight = given
    if isinstance(x, RowBlocks):
        refuse_beside_stream("evaluate", y=y, sample_weight=weight)
        blocks = RowBlocksSource(model, "test", x, batch_size, steps)
        blocks.look()
        blocks.compile()
        return blocks
    if is_stream(x):
        refuse_beside_stream("evaluate", y=y, sample_weight=weight)
        stream = StreamSource(model, "test", open_stream(x), limited_steps(steps))
        stream.look()
        stream.compile()
        return stream
    require_targets(y, model._objective.loss, "evaluate")
    data = model._prepare(x, y, weight, None)
    size = rows_per_step(batch_size, data.rows, steps)
    steps = limited_steps(steps, -(-data.rows // size))
    data = first_rows(data, size, steps, "steps")
    source = ArraySource(model, "test", data, size)
    source.compile()
    return source


def _warn_about(data: Dataset) -> None:
    if data.rows == 1:
        warnings.warn(
            "Training on one row: nothing can be learned from it but that row.",
            stacklevel=4,
        )
        return
    for target in data.y:
        if target is not None and target.size and (target == target.ravel()[0]).all():
            warnings.warn(
                f"y is constant: every target is {target.ravel()[0]}. There is "
                "nothing to learn; check the column.",
                stacklevel=4,
            )
