"""Reverse-mode differentiation of a graph.

The gradient of each primitive stands beside it, in `pronghorn.ops`; here is only the
walk from the loss back to what it depends on (Griewank and Walther, "Evaluating
Derivatives", 2008, chapter 3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pronghorn.errors import ShapeError, UnsupportedError
from pronghorn.ir import dtypes
from pronghorn.ir.graph import Node, OwnGradient, ancestors, constant
from pronghorn.ir.primitive import Kind
from pronghorn.ir.shapes import text
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ops.structure import unbroadcast

__all__ = ["gradients", "pullback", "require_scalar"]


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
    require_scalar(loss)
    one = KerasTensor.of(constant(1.0, loss.dtype))
    found = pullback([(loss, one)], wrt)
    return [None if g is None else g.node for g in found]


def require_scalar(loss: Node) -> None:
    """Raises a ShapeError unless the loss is a single number."""
    if loss.shape != ():
        raise ShapeError(
            "Only a scalar can be differentiated.",
            expected="a loss of shape ()",
            received=text(loss.shape),
            remedy="reduce it with ops.mean or ops.sum",
        )


def pullback(
    targets: Sequence[tuple[Node, Any]],
    wrt: Sequence[Node],
    tensor: Callable[[Node], Any] = KerasTensor.of,
    passes: Callable[[Node], bool] = lambda node: True,
) -> list[Any]:
    """What a change of each of `wrt` does to all targets together.

    Args:
        targets: float nodes, each with the weights of its elements: a tensor of its
            shape.
        wrt: nodes.
        tensor: gives the tensor of a node, which its gradient is computed with.
        passes: whether a node's inputs matter; where not, it is taken as a leaf.

    Returns:
        One tensor per element of `wrt`, of its shape; None where no target depends on
        it.

    Raises:
        UnsupportedError: if a primitive on the way has no gradient.
    """
    needed = _dependents([node for node, _ in targets], wrt, passes)
    adjoints: dict[int, Any] = {}
    for node, weights in targets:
        if node.number in needed:
            _add(adjoints, node.number, weights)
    for node in sorted(needed.values(), key=lambda n: n.number, reverse=True):
        leaf = node.primitive.kind is Kind.LEAF
        if node.number in adjoints and not leaf and passes(node):
            _propagate(node, adjoints, needed, tensor)
    return [adjoints.get(node.number) for node in wrt]


def _dependents(
    targets: Sequence[Node], wrt: Sequence[Node], passes: Callable[[Node], bool]
) -> dict[int, Node]:
    """The nodes on a path from one of `wrt` to a target."""
    reached = {node.number: node for node in wrt}
    found: dict[int, Node] = {}
    for node in ancestors(targets):
        depends = node.number in reached or (
            any(i.number in found for i in node.inputs) and passes(node)
        )
        if depends and dtypes.is_float(node.dtype):
            found[node.number] = node
    return found


def _add(adjoints: dict[int, Any], number: int, g: Any) -> None:
    have = adjoints.get(number)
    adjoints[number] = g if have is None else have + g


def _propagate(
    node: Node,
    adjoints: dict[int, Any],
    needed: dict[int, Node],
    tensor: Callable[[Node], Any],
) -> None:
    if isinstance(node.payload, OwnGradient):
        sources = node.payload.inputs
        results = node.payload.function(adjoints[node.number])
    else:
        sources = node.inputs
        results = _slopes(node, adjoints[node.number], tensor)
    for source, g in zip(sources, results, strict=True):
        if g is not None and source.number in needed:
            _add(adjoints, source.number, unbroadcast(g, source.shape))


def _slopes(node: Node, adjoint: Any, tensor: Callable[[Node], Any]) -> Sequence[Any]:
    """What the primitive's rule gives for each input."""
    if node.primitive.vjp is None:
        raise UnsupportedError(
            f"There is no gradient through {node.primitive.name}.",
            where=repr(node),
            remedy="use ops.stop_gradient where none should flow",
        )
    arguments = [tensor(i) for i in node.inputs]
    return node.primitive.vjp(adjoint, tensor(node), *arguments, **node.attrs)
