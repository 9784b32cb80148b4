"""Whether each row of a graph's outputs depends on its own row of the inputs alone.

Then the size of the batch changes no value, and a prediction may take whatever number
of rows at once is fastest. The walk is from the inputs on: a node is fixed (the same
for every batch), or its leading elements belong to the first row, the next ones to the
second, and so on. A node that is neither ends the walk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pronghorn.ir.graph import Graph, Node
from pronghorn.ir.primitive import INPUT, Kind, Primitive
from pronghorn.ir.shapes import Batch
from pronghorn.ops import indexing, linalg, structure

__all__ = ["rows_are_independent"]


def rows_are_independent(graph: Graph) -> bool:
    """Whether a row of each output depends on no other row, nor on how many there are.

    Draws of random numbers and the place of a row in its batch count as dependence.

    >>> from pronghorn.ir.graph import apply, input_leaf
    >>> from pronghorn.ir.shapes import BATCH
    >>> from pronghorn.ops.reduce import sum_p
    >>> x = input_leaf(0, (BATCH, 3), "float32")
    >>> of_row, of_batch = (apply(sum_p, [x], {"axes": (a,)}) for a in (1, 0))
    >>> [rows_are_independent(Graph([x], [], [n], [])) for n in (of_row, of_batch)]
    [True, False]
    """
    by_row: dict[int, bool] = {}
    for node in graph.nodes:
        kept = [by_row[i.number] for i in node.inputs]
        if node.primitive is INPUT or any(kept):
            good = _leads(node) and (node.primitive is INPUT or _keeps(node, kept))
        else:
            good = _is_fixed(node) or _is_spread(node)
        if not good:
            return False
        by_row[node.number] = node.primitive is INPUT or any(kept) or _leads(node)
    return all(by_row[node.number] for node in graph.outputs)


def _leads(node: Node) -> bool:
    """Whether the rows come first: a whole number of leading elements for each."""
    if not node.shape or not isinstance(node.shape[0], Batch):
        return False
    rest = any(isinstance(d, Batch) for d in node.shape[1:])
    return not rest and node.shape[0].offset == 0


def _is_fixed(node: Node) -> bool:
    if node.primitive.kind in (Kind.RANDOM, Kind.SOURCE):
        return False
    return not any(isinstance(d, Batch) for d in node.shape)


def _is_spread(node: Node) -> bool:
    """Whether it gives every row the same fixed values."""
    if node.primitive is not structure.broadcast_to_p or not _leads(node):
        return False
    source = node.inputs[0].shape
    return len(source) < len(node.shape) or source[0] == 1


def _keeps(node: Node, by_row: list[bool]) -> bool:
    """Whether a node with a row-wise input keeps its rows apart and in order."""
    if node.primitive.kind is Kind.ELEMENTWISE:
        return _aligned(node, by_row)
    if node.primitive.kind is Kind.REDUCTION:
        axes = node.attrs.get("axes", (node.attrs.get("axis"),))
        return 0 not in axes
    rule = _RULES.get(node.primitive)
    return rule is not None and rule(node, by_row)


def _aligned(node: Node, by_row: list[bool]) -> bool:
    """By NumPy's rules the rows of an operand meet the rows of the result."""
    rank = len(node.shape)
    return all(
        i.shape[0] == node.shape[0]
        if rows and len(i.shape) == rank
        else not rows and (len(i.shape) < rank or i.shape[0] == 1)
        for i, rows in zip(node.inputs, by_row, strict=True)
    )


def _product(node: Node, by_row: list[bool]) -> bool:
    """Rows stand in the left matrix, or in a leading axis; never are they summed."""
    if len(node.shape) == 2:
        return by_row == [True, False]
    return _aligned(node, by_row)


def _sliced(node: Node, _: list[bool]) -> bool:
    starts: Any = node.attrs["starts"][0]
    whole = node.shape[0] == node.inputs[0].shape[0]
    return whole and starts == 0 and node.attrs["steps"][0] == 1


def _padded(node: Node, _: list[bool]) -> bool:
    return node.shape[0] == node.inputs[0].shape[0] and node.attrs["low"][0] == 0


def _taken(node: Node, by_row: list[bool]) -> bool:
    axis: int = node.attrs["axis"]
    return axis == 0 if by_row == [False, True] else axis > 0 and not by_row[1]


_RULES: dict[Primitive, Callable[[Node, list[bool]], bool]] = {
    linalg.matmul_p: _product,
    structure.reshape_p: lambda node, by_row: True,
    structure.broadcast_to_p: _aligned,
    structure.transpose_p: lambda node, by_row: node.attrs["perm"][0] == 0,
    structure.concat_p: lambda node, by_row: node.attrs["axis"] > 0 and all(by_row),
    structure.slice_p: _sliced,
    structure.pad_p: _padded,
    indexing.take_p: _taken,
}
