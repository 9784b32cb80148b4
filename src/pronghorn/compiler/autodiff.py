"""Reverse-mode differentiation of a graph.

The gradient of each primitive stands beside it, in `pronghorn.ops`; here is only the
walk from the loss back to what it depends on (Griewank and Walther, "Evaluating
Derivatives", 2008, chapter 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pronghorn.errors import ShapeError, UnsupportedError
from pronghorn.ir import dtypes
from pronghorn.ir.graph import Node, OwnGradient, ancestors, constant
from pronghorn.ir.primitive import Kind
from pronghorn.ir.shapes import text
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ops.structure import unbroadcast

__all__ = ["gradients"]


def gradients(loss: Node, wrt: Sequence[Node]) -> list[Node | None]:
    """The gradient of a scalar with respect to each of `wrt`.

    Args:
        loss: a float node of shape ().
        wrt: nodes, most often the STATE leaves of trainable variables.

    Returns:
        One node per element of `wrt`, of its shape; None where the loss does not
        depend on it.

    Raises:
        ShapeError: if the loss is no scalar.
        UnsupportedError: if a primitive on the way has no gradient.
    """
    if loss.shape != ():
        raise ShapeError(
            "Only a scalar can be differentiated.",
            expected="a loss of shape ()",
            received=text(loss.shape),
            remedy="reduce it with ops.mean or ops.sum",
        )
    needed = _dependents(loss, wrt)
    adjoints: dict[int, Any] = {}
    if loss.number in needed:
        adjoints[loss.number] = KerasTensor.of(constant(1.0, loss.dtype))
    for node in sorted(needed.values(), key=lambda n: n.number, reverse=True):
        if node.number in adjoints and node.primitive.kind is not Kind.LEAF:
            _propagate(node, adjoints, needed)
    return [_result(adjoints.get(node.number)) for node in wrt]


def _result(adjoint: Any) -> Node | None:
    return None if adjoint is None else adjoint.node


def _dependents(loss: Node, wrt: Sequence[Node]) -> dict[int, Node]:
    """The nodes on a path from one of `wrt` to the loss."""
    reached = {node.number: node for node in wrt}
    found: dict[int, Node] = {}
    for node in ancestors([loss]):
        depends = node.number in reached or any(i.number in found for i in node.inputs)
        if depends and dtypes.is_float(node.dtype):
            found[node.number] = node
    return found


def _propagate(node: Node, adjoints: dict[int, Any], needed: dict[int, Node]) -> None:
    if isinstance(node.payload, OwnGradient):
        sources = node.payload.inputs
        results = node.payload.function(adjoints[node.number])
    else:
        sources, results = node.inputs, _slopes(node, adjoints[node.number])
    for source, g in zip(sources, results, strict=True):
        if g is None or source.number not in needed:
            continue
        g = unbroadcast(g, source.shape)
        have = adjoints.get(source.number)
        adjoints[source.number] = g if have is None else have + g


def _slopes(node: Node, adjoint: Any) -> Sequence[Any]:
    """What the primitive's rule gives for each input."""
    if node.primitive.vjp is None:
        raise UnsupportedError(
            f"There is no gradient through {node.primitive.name}.",
            where=repr(node),
            remedy="use ops.stop_gradient where none should flow",
        )
    arguments = [KerasTensor.of(i) for i in node.inputs]
    return node.primitive.vjp(adjoint, KerasTensor.of(node), *arguments, **node.attrs)
