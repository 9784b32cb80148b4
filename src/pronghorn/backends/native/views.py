"""Seeing through what moves no element: who owns the memory that a node shows.

Reshapes, `stop_gradient`, casts from bool (which is kept as floats) and transposes of
axes of size 1 share the memory of their input. An elementwise consumer sees through
broadcasts too, and a matrix product through transposes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

from pronghorn.ir.graph import Node
from pronghorn.ir.shapes import Dim, Shape, size

__all__ = [
    "FULL",
    "MAY_SHARE",
    "Operand",
    "Pattern",
    "contiguous",
    "owner",
    "pattern",
    "shown",
]

Pattern: TypeAlias = "tuple[str, Dim, Dim]"
# What an elementwise node reads: the owner's memory, and how it is spread.
Operand: TypeAlias = "tuple[Node, Pattern]"

FULL: Pattern = ("full", 1, 1)
# Whatever is called otherwise has memory of its own.
MAY_SHARE = frozenset(
    "reshape stop_gradient cast transpose broadcast_to sum max".split()
)


@lru_cache(4096)
def contiguous(shape: Shape) -> Sequence[Dim]:
    """The strides of a shape, in elements."""
    return tuple([size(shape[i + 1 :]) for i in range(len(shape))])


def shares_memory(node: Node) -> bool:
    """Whether a node's elements are those of its first input, in the same order."""
    name = node.primitive.name
    if name not in MAY_SHARE:
        return False
    if name in ("reshape", "stop_gradient"):
        return True
    if name == "cast":
        return (node.inputs[0].dtype, node.dtype) in (
            ("bool", "float32"),
            (node.dtype, node.dtype),
        )
    if name == "transpose":
        kept = [i for i in node.attrs["perm"] if node.inputs[0].shape[i] != 1]
        return kept == sorted(kept)
    if name == "broadcast_to":
        return size(node.shape) == size(node.inputs[0].shape)
    if name in ("sum", "max"):
        return all(node.inputs[0].shape[i] == 1 for i in node.attrs["axes"])
    return False


def owner(node: Node, copies: frozenset[int] | set[int] = frozenset()) -> Node:
    """The node whose memory a node shows; `copies` have memory of their own."""
    while node.number not in copies and shares_memory(node):
        node = node.inputs[0]
    return node


def shown(node: Node, copies: set[int]) -> tuple[Node, Shape]:
    """What an elementwise consumer of `node` reads: whose memory, seen as what."""
    while node.number not in copies and node.primitive.name in MAY_SHARE:
        name = node.primitive.name
        if name == "broadcast_to" or (name != "reshape" and _same_shape(node)):
            node = node.inputs[0]
        else:
            return owner(node, copies), node.shape
    return node, node.shape


def _same_shape(node: Node) -> bool:
    return shares_memory(node) and node.shape == node.inputs[0].shape


@lru_cache(4096)
def pattern(shape: Shape, target: Shape) -> Pattern | None:
    """How an operand of `shape` is spread over `target`: a kind of load, two extents.

    None if no load can do it, and it must be copied first.
    """
    runs: list[tuple[bool, Dim]] = []
    padded = (1,) * (len(target) - len(shape)) + tuple(shape)
    for have, want in zip(padded, target, strict=True):
        if want == 1:
            continue
        kept = have == want
        if runs and runs[-1][0] == kept:
            runs[-1] = (kept, size((runs[-1][1], want)))
        else:
            runs.append((kept, want))
    sizes = [s for _, s in runs]
    match [kept for kept, _ in runs]:
        case [] | [True]:
            return FULL
        case [False]:
            return "scalar", 1, 1
        case [False, True]:
            return "middle", 1, sizes[1]
        case [True, False]:
            return "middle", sizes[1], sizes[0]
        case [False, True, False]:
            return "middle", sizes[2], sizes[1]
        case [True, False, True]:
            return "outer", sizes[2], sizes[1]
    return None
