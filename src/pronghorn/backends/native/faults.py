"""What went wrong in a run, in the words of the graph."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pronghorn.errors import DataError, ShapeError
from pronghorn.ir.graph import Node
from pronghorn.ir.shapes import Batch, size

__all__ = ["bad_index", "too_few_rows"]


def bad_index(
    fault: IndexError, origin: Sequence[Node | None], order: np.ndarray | None
) -> DataError:
    """The error for an index outside of its range.

    Args:
        fault: the engine's: instruction, position in the index, value, first row of
            the batch.
        origin: the node of each instruction.
        order: the row at each position of the data set; None: as they lie.
    """
    instruction, place, value, start = fault.args[:4]
    node = origin[instruction]
    assert node is not None
    per_row = _size_per_row(node.inputs[1])
    where = f"position {place}"
    if per_row is not None:
        row = start + place // per_row
        where = f"row {row if order is None else order[row]}"
    length = _length(node)
    return DataError(
        "An index is outside of its range.",
        where=where,
        expected=f"0 to {length - 1}" if isinstance(length, int) else "a row",
        received=f"{value} at {where}",
        remedy="check the ids, or make the table larger (Embedding: input_dim)",
    )


def _size_per_row(index: Node) -> int | None:
    if not index.shape or not isinstance(index.shape[0], Batch):
        return None
    count = size(index.shape[1:])
    return count if isinstance(count, int) else None


def _length(node: Node) -> object:
    if node.primitive.name == "take":
        return node.inputs[0].shape[node.attrs["axis"]]
    return node.attrs["length"]


def too_few_rows(error: Exception, batch_size: int) -> ShapeError:
    """The error for a batch that is smaller than what the graph takes from it."""
    return ShapeError(
        "The graph takes more rows than a batch has.",
        where=f"batches of {batch_size}, the last of which may be smaller",
        received=str(error),
        remedy="take no fixed number of rows from a batch",
    )
