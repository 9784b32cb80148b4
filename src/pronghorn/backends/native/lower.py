"""From a graph to a program: one instruction for each group of the schedule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from pronghorn.backends.native.arena import plan_arena
from pronghorn.backends.native.chain import unsupported, write_chain
from pronghorn.backends.native.fuse import Group, Schedule, schedule
from pronghorn.backends.native.program import DTYPES, OPCODES, ProgramWriter, Value
from pronghorn.backends.native.turns import turns
from pronghorn.backends.native.views import contiguous
from pronghorn.errors import ShapeError, UnsupportedError
from pronghorn.ir.graph import Graph, Node
from pronghorn.ir.primitive import CONSTANT
from pronghorn.ir.shapes import BATCH, Batch, Dim, Shape, size, text

__all__ = ["Lowered", "lower"]

_REDUCTIONS = {"sum": 0, "max": 1, "argmax": 2}


@dataclass(slots=True)
class Lowered:
    """A program, and what its instructions came from.

    Attributes:
        program: the engine's bytes.
        origin: the node of each instruction, None for a chain.
    """

    program: bytes
    origin: list[Node | None] = field(default_factory=list)


def lower(graph: Graph, max_rows: int) -> Lowered:
    """The program of a graph for batches of up to `max_rows` rows.

    Raises:
        UnsupportedError: naming the first node that the engine cannot run.
    """
    return _Lowering(graph, max_rows).run()


class _Lowering:
    def __init__(self, graph: Graph, max_rows: int) -> None:
        self.graph = graph
        self.plan: Schedule = schedule(graph)
        self.place = self.plan.group_of()
        self.writer = ProgramWriter(max_rows)
        self.values: dict[Node, Value] = {}
        self.states: dict[int, Value] = {}
        self.origin: list[Node | None] = []
        self.late_copies: list[tuple[Value, Value]] = []

    def run(self) -> Lowered:
        self._make_leaves()
        leaving, last_reader = self._readers()
        stored_into = self._state_stores(last_reader)
        for turn in turns(self.plan):
            self.writer.turn += 1
            for group in turn:
                if group.second_phase and self.writer.phase_start is None:
                    self.writer.start_second_phase()
                if group.domain is None:
                    self._heavy(group.nodes[0])
                else:
                    self._chain(group, leaving, stored_into)
                self._note_origin(group)
        for source, target in self.late_copies:
            self._copy(source, target, (source.size,), [1], 0, [1], 0)
        if self.plan.guard is not None:
            self._keep_guard(self._value(self.plan.guard))
        self.writer.arena_lines = plan_arena(self.writer.values, self.writer.max_rows)
        return Lowered(self.writer.encode(), self.origin)

    def _note_origin(self, group: Group) -> None:
        node = group.nodes[0] if group.domain is None else None
        missing = self.writer.instruction_count - len(self.origin)
        self.origin.extend([node] * missing)

    def _keep_guard(self, value: Value) -> None:
        self.writer.guard = value.number
        value.last = max(value.last, self.writer.phase_turn)

    # --- values

    def _make_leaves(self) -> None:
        for leaf in self.graph.inputs:
            if not leaf.shape or leaf.shape[0] != BATCH:
                raise unsupported(leaf)
            self.values[leaf] = self._make(leaf, "input", leaf.payload)
        for position, leaf in enumerate(self.graph.state):
            if leaf.dtype == "bool":
                raise unsupported(leaf)
            self.values[leaf] = self._make(leaf, "state", position)
            self.states[position] = self.values[leaf]
        for index, node in enumerate(self.plan.outputs):
            if any(isinstance(d, Batch) for d in node.shape):
                _check_row_output(self.graph.outputs[index])
            self.values[node] = self._make(node, "output", index)

    def _make(self, node: Node, space: str, index: int) -> Value:
        if node.dtype not in DTYPES:
            raise unsupported(node)
        return self.writer.value(space, index, _elements(node), node.dtype)

    def _value(self, node: Node) -> Value:
        """The buffer of a node, which is made when it is first asked for."""
        found = self.values.get(node)
        if found is None:
            if node.primitive is not CONSTANT:
                found = self._make(node, "arena", 0)
            elif node.dtype in DTYPES:
                found = self.writer.constant(node.payload)
            else:
                raise unsupported(node)
            self.values[node] = found
        return found

    def _readers(self) -> tuple[set[Node], dict[Node, int]]:
        """Nodes that something outside of their own group reads, and the place of the
        last group that reads each state."""
        leaving = set(self.plan.outputs)
        if self.plan.guard is not None:
            leaving.add(self.plan.guard)
        last_reader: dict[Node, int] = {}
        place_of, sources = self.place.get, self.plan.sources
        for node, index in self.place.items():
            for source in sources[node]:
                place = place_of(source)
                if place is None:
                    last_reader[source] = index  # of leaves; places only grow
                elif place != index:
                    leaving.add(source)
        return leaving, last_reader

    def _state_stores(self, last_reader: dict[Node, int]) -> dict[Node, Value]:
        """Where the new value of each state is stored: in place, if nobody reads the
        old one later; else in a buffer that is copied at the very end."""
        targets: dict[Node, Value] = {}
        for position, node in self.plan.updates.items():
            leaf, state = self.graph.state[position], self.states[position]
            if last_reader.get(leaf, -1) <= self.place[node]:
                targets[node] = state
            else:
                buffer = self.writer.value("arena", 0, state.size, state.dtype)
                targets[node] = buffer
                self.late_copies.append((buffer, state))
        return targets

    # --- instructions

    def _chain(
        self, group: Group, leaving: set[Node], stored_into: dict[Node, Value]
    ) -> None:
        stores = []
        for node in group.nodes:
            if node in leaving:
                stores.append((node, self._value(node)))
            if node in stored_into:
                stores.append((node, stored_into[node]))
        write_chain(group, self.plan, self.writer, self._value, stores)

    def _heavy(self, node: Node) -> None:
        write = _WRITERS.get(node.primitive.name)
        if write is None:
            raise unsupported(node)
        try:
            write(self, node)
        except ShapeError:  # two batch dimensions met in one size
            raise unsupported(node) from None

    def _source(self, node: Node, which: int) -> Value:
        return self._value(self.plan.sources[node][which])

    def _extents(self, dims: Sequence[Dim]) -> list[int]:
        return [self.writer.extent(d) for d in dims]

    def _matmul(self, node: Node) -> None:
        if node.dtype != "float32":
            raise unsupported(node)
        (a, a_strides), (b, b_strides) = self.plan.matrices[node]
        lead = node.shape[:-2]
        a_lead = _spread_strides(node.inputs[0].shape[:-2], a_strides[:-2], lead)
        b_lead = _spread_strides(node.inputs[1].shape[:-2], b_strides[:-2], lead)
        axes = _merge(lead, a_lead, b_lead)
        if len(axes) > OPCODES["max_batch_axes"]:
            raise unsupported(node)
        m, n = node.shape[-2:]
        k = node.inputs[0].shape[-1]
        sizes = [m, n, k, *a_strides[-2:], *b_strides[-2:]]
        left, right, out = self._value(a), self._value(b), self._value(node)
        words = [left.number, right.number, out.number, *self._extents(sizes)]
        words.append(len(axes))
        for axis in axes:
            words += self._extents(axis)
        self.writer.emit("gemm", words, [left, right], [out])

    def _reduce(self, node: Node) -> None:
        """Runs of neighbouring axes one by one, the last run first."""
        shape = list(node.inputs[0].shape)
        runs = _runs([i for i in node.attrs["axes"] if shape[i] != 1], shape)
        source = self._source(node, 0)
        for i, (start, stop) in enumerate(reversed(runs)):
            rest = (*shape[:start], *shape[stop:])
            if i == len(runs) - 1:
                target = self._value(node)
            else:
                target = self.writer.value("arena", 0, size(rest), node.dtype)
            parts = shape[:start], shape[start:stop], shape[stop:]
            dims = [size(tuple(part)) for part in parts]
            self._emit_reduce(node, source, target, dims)
            shape = list(rest)
            source = target

    def _argmax(self, node: Node) -> None:
        shape, axis = node.inputs[0].shape, node.attrs["axis"]
        dims = [size(shape[:axis]), shape[axis], size(shape[axis + 1 :])]
        self._emit_reduce(node, self._source(node, 0), self._value(node), dims)

    def _emit_reduce(
        self, node: Node, source: Value, target: Value, dims: Sequence[Dim]
    ) -> None:
        code = _REDUCTIONS[node.primitive.name]
        words = [code, DTYPES[source.dtype], source.number, target.number]
        words += self._extents(dims)
        self.writer.emit("reduce", words, [source], [target])

    def _copy(
        self,
        source: Value,
        target: Value,
        shape: Shape,
        strides: Sequence[Dim],
        offset: Dim,
        target_strides: Sequence[Dim],
        target_offset: Dim,
    ) -> None:
        words = [source.number, target.number, *self._extents([offset, target_offset])]
        words.append(len(shape))
        for axis in zip(shape, strides, target_strides, strict=True):
            words += self._extents(axis)
        self.writer.emit("copy", words, [source], [target])

    def _copy_out(self, node: Node, strides: Sequence[Dim], offset: Dim = 0) -> None:
        if len(node.shape) > OPCODES["max_copy_axes"]:
            raise unsupported(node)
        source, target = self._source(node, 0), self._value(node)
        plain = contiguous(node.shape)
        self._copy(source, target, node.shape, strides, offset, plain, 0)

    def _transpose(self, node: Node) -> None:
        strides = contiguous(node.inputs[0].shape)
        self._copy_out(node, [strides[i] for i in node.attrs["perm"]])

    def _broadcast(self, node: Node) -> None:
        source = node.inputs[0].shape
        self._copy_out(node, _spread_strides(source, contiguous(source), node.shape))

    def _slice(self, node: Node) -> None:
        strides = contiguous(node.inputs[0].shape)
        offset = _dot(node.attrs["starts"], strides, node)
        steps = [s * step for s, step in zip(strides, node.attrs["steps"], strict=True)]
        self._copy_out(node, steps, offset)

    def _concat(self, node: Node) -> None:
        axis = node.attrs["axis"]
        outer, inner = size(node.shape[:axis]), size(node.shape[axis + 1 :])
        row = size((node.shape[axis], inner))
        start: Dim = 0
        for i, part in enumerate(node.inputs):
            mine = size((part.shape[axis], inner))
            source, target = self._source(node, i), self._value(node)
            self._copy(source, target, (outer, mine), [mine, 1], 0, [row, 1], start)
            start = start + mine

    def _pad(self, node: Node) -> None:
        source, target = self._source(node, 0), self._value(node)
        shape = node.inputs[0].shape
        if len(shape) > OPCODES["max_copy_axes"]:
            raise unsupported(node)
        self._fill(target, node.attrs["value"])
        strides = contiguous(node.shape)
        offset = _dot(node.attrs["low"], strides, node)
        gaps = [
            s * (i + 1) for s, i in zip(strides, node.attrs["interior"], strict=True)
        ]
        self._copy(source, target, shape, contiguous(shape), 0, gaps, offset)

    def _fill(self, target: Value, number: float) -> None:
        dtype = np.int32 if target.dtype == "int32" else np.float32
        bits = int(np.array([number], dtype).view(np.int32)[0])
        move = [OPCODES["micro.move"], 1, 0, -1, -1]
        words = [self.writer.extent(target.size), 2, 1, 1, 1]
        words += [OPCODES["load.immediate"], bits, *move, 1, target.number]
        self.writer.emit("chain", words, [], [target])

    def _take(self, node: Node) -> None:
        table, index = node.inputs
        axis = node.attrs["axis"]
        sizes = [
            size(table.shape[:axis]),
            table.shape[axis],
            size(index.shape),
            size(table.shape[axis + 1 :]),
        ]
        values = self._source(node, 0), self._source(node, 1), self._value(node)
        words = [DTYPES[node.dtype], *(v.number for v in values)]
        words += self._extents(sizes)
        self.writer.emit("gather", words, values[:2], values[2:])

    def _scatter(self, node: Node) -> None:
        rows, index = node.inputs
        axis = node.attrs["axis"]
        sizes = [
            size(rows.shape[:axis]),
            node.attrs["length"],
            size(index.shape),
            size(rows.shape[axis + len(index.shape) :]),
        ]
        given, ids, table = (
            self._source(node, 0),
            self._source(node, 1),
            self._value(node),
        )
        words = [DTYPES[node.dtype], table.number, ids.number, given.number]
        words += self._extents(sizes)
        self.writer.emit("scatter", words, [given, ids], [table])


_WRITERS: dict[str, Callable[[_Lowering, Node], None]] = {
    "matmul": _Lowering._matmul,
    "sum": _Lowering._reduce,
    "max": _Lowering._reduce,
    "argmax": _Lowering._argmax,
    "transpose": _Lowering._transpose,
    "broadcast_to": _Lowering._broadcast,
    "concat": _Lowering._concat,
    "slice": _Lowering._slice,
    "pad": _Lowering._pad,
    "take": _Lowering._take,
    "scatter_add": _Lowering._scatter,
}


def _elements(node: Node) -> Dim:
    try:
        return size(node.shape)
    except ShapeError:
        raise unsupported(node) from None


def _check_row_output(node: Node) -> None:
    if node.shape[0] != BATCH:
        raise UnsupportedError(
            "An output depends on the batch, but has not one row for each of its rows.",
            where=f"an output of shape {text(node.shape)}",
            expected="the batch as the first dimension, or no batch at all",
        )


def _spread_strides(shape: Shape, strides: Sequence[Dim], target: Shape) -> list[Dim]:
    """Strides that read `shape` as if it were `target`: 0 where it is repeated."""
    missing = len(target) - len(shape)
    kept: list[Dim] = [
        s if have == want else 0
        for have, want, s in zip(shape, target[missing:], strides, strict=True)
    ]
    return [0] * missing + kept


def _merge(
    lead: Shape, a: Sequence[Dim], b: Sequence[Dim]
) -> list[tuple[Dim, Dim, Dim]]:
    """Leading axes as (size, stride of a, stride of b), neighbours joined."""
    axes: list[tuple[Dim, Dim, Dim]] = []
    for n, s, t in zip(lead, a, b, strict=True):
        if n == 1:
            continue
        joins = (
            axes
            and all(isinstance(n, int) or stride == 0 for stride in (s, t))
            and axes[-1][1:] == (size((s, n)), size((t, n)))
        )
        if joins:
            axes[-1] = (size((axes[-1][0], n)), s, t)
        else:
            axes.append((n, s, t))
    return axes


def _runs(axes: Sequence[int], shape: Sequence[Dim]) -> list[tuple[int, int]]:
    """Neighbouring axes as (start, stop); axes of size 1 between them do not count."""
    runs: list[tuple[int, int]] = []
    for axis in axes:
        if runs and all(shape[i] == 1 for i in range(runs[-1][1], axis)):
            runs[-1] = (runs[-1][0], axis + 1)
        else:
            runs.append((axis, axis + 1))
    return runs


def _dot(places: Sequence[Dim], strides: Sequence[Dim], node: Node) -> Dim:
    total: Dim = 0
    for place, stride in zip(places, strides, strict=True):
        if isinstance(place, Batch) and isinstance(stride, Batch):
            raise unsupported(node)
        total = total + place * stride  # type: ignore[operator]
    return total
