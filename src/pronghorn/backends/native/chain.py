"""Writing one chain: loads, micro-operations, stores; registers are numbered here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pronghorn.backends.native.fuse import Group, Schedule
from pronghorn.backends.native.program import OPCODES, ProgramWriter, Value
from pronghorn.backends.native.views import Operand, pattern
from pronghorn.errors import UnsupportedError
from pronghorn.ir.graph import Node
from pronghorn.ir.primitive import CONSTANT
from pronghorn.ir.shapes import Dim, text

__all__ = ["micro_name", "unsupported", "write_chain"]

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
    if f"micro.{name}" not in OPCODES or source not in ("float32", "int32", "bool"):
        raise unsupported(node)
    return name


@dataclass(slots=True)
class _Op:
    micro: int
    result: Node
    operands: list[int | Node]  # a load's register, or the node that computes it
    stream: int = 0


class _Chain:
    def __init__(
        self,
        group: Group,
        schedule: Schedule,
        writer: ProgramWriter,
        value_of: Callable[[Node], Value],
        stores: list[tuple[Node, Value]],
    ) -> None:
        self.group = group
        self.schedule = schedule
        self.writer = writer
        self.value_of = value_of
        self.stores = stores
        self.inside = set(group.nodes)
        self.loads: dict[tuple[int, ...], int] = {}
        self.read: dict[Value, None] = {}
        self.ops: list[_Op] = []
        self.shown: dict[Node, int | Node] = {}  # where a node's value is found

    def write(self) -> None:
        stored = {node for node, _ in self.stores}
        for node in self.group.nodes:
            self._add(node, node in stored)
        registers, ops = self._number()
        words = [
            self.writer.extent(self._domain()),
            registers,
            len(self.loads),
            len(ops),
            len(self.stores),
        ]
        for load in self.loads:
            words += load
        for op in ops:
            words += op
        for node, value in self.stores:
            words += [self.place[node], value.number]
        self.writer.emit("chain", words, list(self.read), [v for _, v in self.stores])

    def _domain(self) -> Dim:
        assert self.group.domain is not None
        return self.group.domain

    # --- operations

    def _add(self, node: Node, stored: bool) -> None:
        operands = [self._operand(o, node) for o in self.schedule.operands[node]]
        name = micro_name(node)
        if name == "move" and not stored:
            self.shown[node] = operands[0]  # its consumers read what it would copy
            return
        stream = node.attrs.get("stream", 0) if name == "uniform" else 0
        self.ops.append(_Op(OPCODES[f"micro.{name}"], node, operands, stream))

    def _operand(self, operand: Operand, node: Node) -> int | Node:
        source = operand.owner
        if source in self.inside:
            return self.shown.get(source, source)
        return self.loads.setdefault(self._load(operand, node), len(self.loads))

    def _load(self, operand: Operand, node: Node) -> tuple[int, ...]:
        source = operand.owner
        if source.primitive.name == "rows":
            return OPCODES["load.extent"], self.writer.extent(source.attrs["dim"])
        if source.primitive is CONSTANT and source.payload.size == 1:
            return OPCODES["load.immediate"], _bits(source.payload)
        found = pattern(operand.shape, node.shape)
        assert found is not None, "the scheduler copies what no load can spread"
        kind, inner, count = found
        value = self.value_of(source)
        self.read[value] = None
        load = (OPCODES[f"load.{kind}"], value.number)
        if kind in ("full", "scalar"):
            return load
        return (*load, self.writer.extent(inner), self.writer.extent(count))

    # --- registers

    def _number(self) -> tuple[int, list[list[int]]]:
        """Gives results registers, each free again after its last use."""
        last_use: dict[Node, int] = {}
        for i, op in enumerate(self.ops):
            for operand in op.operands:
                if isinstance(operand, Node):
                    last_use[operand] = i
        pinned = {node for node, _ in self.stores}
        self.place: dict[Node, int] = {}
        free: list[int] = []
        count = len(self.loads)
        words = []
        for i, op in enumerate(self.ops):
            operands = [o if isinstance(o, int) else self.place[o] for o in op.operands]
            for operand in dict.fromkeys(op.operands):
                dies = isinstance(operand, Node) and last_use[operand] == i
                if dies and operand not in pinned:
                    free.append(self.place[operand])  # type: ignore[index]
            # A stored result is written to its buffer at once: no other may use it.
            if free and op.result not in pinned:
                register = free.pop()
            else:
                register, count = count, count + 1
            self.place[op.result] = register
            words.append(self._op_words(op, register, operands))
        return count, words

    @staticmethod
    def _op_words(op: _Op, register: int, operands: list[int]) -> list[int]:
        if op.micro == OPCODES["micro.uniform"]:
            stream = int(np.uint32(op.stream & 0xFFFFFFFF).view(np.int32))
            return [op.micro, register, stream, -1, -1]
        padded = operands + [-1] * (3 - len(operands))
        return [op.micro, register, *padded]


def _bits(array: np.ndarray) -> int:
    value = array.astype(np.float32) if array.dtype == np.bool_ else array
    return int(value.reshape(1).view(np.int32)[0])


def write_chain(
    group: Group,
    schedule: Schedule,
    writer: ProgramWriter,
    value_of: Callable[[Node], Value],
    stores: list[tuple[Node, Value]],
) -> None:
    """Appends the chain of a group; `stores` are the results that leave it."""
    _Chain(group, schedule, writer, value_of, stores).write()
