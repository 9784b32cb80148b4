"""Writing one chain: loads, micro-operations, stores; registers are numbered here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from struct import Struct

import numpy as np

from pronghorn.backends.native.fuse import Group, Schedule
from pronghorn.backends.native.program import ProgramWriter, Value, numbered
from pronghorn.backends.native.views import Operand, Pattern
from pronghorn.errors import UnsupportedError
from pronghorn.ir.graph import Node
from pronghorn.ir.primitive import CONSTANT, Primitive
from pronghorn.ir.shapes import text

__all__ = ["micro_name", "unsupported", "write_chain"]

_MICROS = numbered("micro.")
_LOADS = numbered("load.")
_MOVE, _UNIFORM = _MICROS["move"], _MICROS["uniform"]
_IMMEDIATE, _EXTENT = _LOADS["immediate"], _LOADS["extent"]
_WORD = Struct("=i")
_NO_OPERANDS: Sequence[list[int]] = ([-1, -1, -1], [-1, -1], [-1], [])  # after so many
_known: dict[tuple[Primitive, str, str], int] = {}

_INTEGER = {
    "neg": "int_neg",
    "abs": "int_abs",
    "sign": "int_sign",
    "relu": "int_relu",
    "add": "int_add",
    "sub": "int_sub",
    "mul": "int_mul",
    "div": "int_div",
    "mod": "int_mod",
    "maximum": "int_maximum",
    "minimum": "int_minimum",
    "equal": "int_equal",
    "less": "int_less",
    "less_equal": "int_less_equal",
    "where": "where",
}
# On the floats 0 and 1 these are what NumPy makes of booleans.
_BOOLEAN = {
    "add": "maximum",
    "mul": "mul",
    "maximum": "maximum",
    "minimum": "minimum",
    "equal": "equal",
    "less": "less",
    "less_equal": "less_equal",
    "where": "where",
}
_CASTS = {
    ("float32", "int32"): "float_to_int",
    ("bool", "int32"): "float_to_int",
    ("int32", "float32"): "int_to_float",
    ("float32", "bool"): "float_to_bool",
    ("int32", "bool"): "int_to_bool",
}


def unsupported(node: Node) -> UnsupportedError:
    """The error for a node that the engine has no instruction for."""
    shapes = ", ".join(f"{n.dtype}{text(n.shape)}" for n in node.inputs)
    return UnsupportedError(
        "The native engine cannot run this operation.",
        where=f"{node.primitive.name}({shapes}) -> {node.dtype}{text(node.shape)}",
        expected="float32, int32 and bool, with the batch along one axis",
        remedy="compile with run_eagerly=True, or set PRONGHORN_BACKEND=reference",
    )


def micro_name(node: Node) -> str:
    """The micro-operation of an elementwise node.

    Raises:
        UnsupportedError: if there is none for its dtype.
    """
    name = node.primitive.name
    if name in ("stop_gradient", "broadcast_to"):
        return "move"
    if not node.inputs:
        return name
    source = node.inputs[-1].dtype
    if name == "cast":
        name = _CASTS.get((source, node.dtype), "move")
    elif source == "int32":
        name = _INTEGER.get(name, "")
    elif source == "bool":
        name = _BOOLEAN.get(name, "")
    if name not in _MICROS or source not in ("float32", "int32", "bool"):
        raise unsupported(node)
    return name


def _micro(node: Node) -> int:
    """The number of a node's micro-operation, found once for each name and dtypes."""
    inputs = node.inputs
    form = (node.primitive, inputs[-1].dtype if inputs else "", node.dtype)
    found = _known.get(form)
    if found is None:
        found = _known[form] = _MICROS[micro_name(node)]
    return found


# Operands are numbers: of a load, or, counted down from -1, of an operation.
_Op = tuple[int, list[int], int]  # micro-operation, operands, stream


class _Chain:
    def __init__(
        self,
        operands: dict[Node, list[Operand]],
        writer: ProgramWriter,
        value_of: Callable[[Node], Value],
    ) -> None:
        self.operands = operands
        self.writer = writer
        self.value_of = value_of
        self.loads: dict[tuple[int, ...], int] = {}
        self.read: dict[Value, None] = {}
        self.ops: list[_Op] = []
        self.last_use: list[int] = []  # of each operation's result: by which
        self.shown: dict[Node, int] = {}  # the operand that a node of the chain is

    def write(self, group: Group, stores: list[tuple[Node, Value]]) -> None:
        stored = {node for node, _ in stores}
        self._compute(group.nodes, stored)
        pinned = {~self.shown[node] for node in stored}
        registers, place, code = self._number(pinned)
        assert group.domain is not None
        domain = self.writer.extent(group.domain)
        words = [domain, registers, len(self.loads), len(self.ops), len(stores)]
        for load in self.loads:
            words += load
        words += code
        for node, value in stores:
            words += (place[~self.shown[node]], value.number)
        self.writer.emit("chain", words, list(self.read), [v for _, v in stores])

    # --- operations

    def _compute(self, nodes: list[Node], stored: set[Node]) -> None:
        """Finds the operations of a group's nodes."""
        shown, ops, last_use = self.shown, self.ops, self.last_use
        for node in nodes:
            read: list[int] = []
            for source, way in self.operands[node]:
                place = shown.get(source)
                read.append(self._load(source, way) if place is None else place)
            micro = _micro(node)
            if micro == _MOVE and node not in stored:
                shown[node] = read[0]  # its consumers read what it would copy
                continue
            for operand in read:
                if operand < 0:
                    last_use[~operand] = len(ops)
            shown[node] = ~len(ops)
            stream = node.attrs.get("stream", 0) if micro == _UNIFORM else 0
            ops.append((micro, read, stream))
            last_use.append(-1)

    def _load(self, source: Node, way: Pattern) -> int:
        """The register that something from outside of the chain is loaded into."""
        load: tuple[int, ...]
        primitive = source.primitive
        if primitive is CONSTANT and source.payload.size == 1:
            load = _IMMEDIATE, _bits(source.payload)
        elif primitive.name == "rows":
            load = _EXTENT, self.writer.extent(source.attrs["dim"])
        else:
            kind, inner, count = way
            value = self.value_of(source)
            self.read[value] = None
            load = _LOADS[kind], value.number
            if kind not in ("full", "scalar"):
                load += self.writer.extent(inner), self.writer.extent(count)
        return self.loads.setdefault(load, len(self.loads))

    # --- registers

    def _number(self, pinned: set[int]) -> tuple[int, list[int], list[int]]:
        """Gives results registers, each free again after its last use; the results of
        `pinned` operations are stored.

        Returns how many registers there are, that of each result, and the operations.
        """
        last_use = self.last_use
        place: list[int] = []
        free: list[int] = []
        count = len(self.loads)
        words: list[int] = []
        for i, (micro, operands, stream) in enumerate(self.ops):
            read: list[int] = []
            for operand in operands:
                if operand < 0:
                    result, operand = ~operand, place[~operand]
                    if last_use[result] == i and result not in pinned:
                        last_use[result] = -1  # an operand may come twice
                        free.append(operand)
                read.append(operand)
            # A stored result is written to its buffer at once: no other may use it.
            if free and i not in pinned:
                register = free.pop()
            else:
                register, count = count, count + 1
            place.append(register)
            words += (micro, register)
            words += _fill(read) if micro != _UNIFORM else (_signed(stream), -1, -1)
        return count, place, words


def _fill(operands: list[int]) -> list[int]:
    """An operation's words for operands, of which there are three."""
    return operands + _NO_OPERANDS[len(operands)]


def _signed(stream: int) -> int:
    """The 32 lowest bits as a signed number."""
    return ((stream + 0x80000000) & 0xFFFFFFFF) - 0x80000000


def _bits(array: np.ndarray) -> int:
    value = array.astype(np.float32) if array.dtype.kind == "b" else array
    bits: int = _WORD.unpack_from(value.tobytes())[0]
    return bits


def write_chain(
    group: Group,
    schedule: Schedule,
    writer: ProgramWriter,
    value_of: Callable[[Node], Value],
    stores: list[tuple[Node, Value]],
) -> None:
    """Appends the chain of a group; `stores` are the results that leave it."""
    _Chain(schedule.operands, writer, value_of).write(group, stores)
