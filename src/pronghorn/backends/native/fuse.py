"""Scheduling: which nodes run, in which order, and which of them as one chain.

Nodes are placed from the last to the first. An elementwise node joins the latest group
of its own size that runs no later than its first consumer, so that it is computed
where it is used and its result need not be stored.

The schedule has two phases. The second holds the elementwise nodes that nothing but
state updates depends on; only there is state written, so that a step which is
interrupted before it leaves no trace.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pronghorn.backends.native.program import OPCODES
from pronghorn.backends.native.views import (
    Operand,
    contiguous,
    elementwise_operand,
    owner,
    pattern,
)
from pronghorn.ir.graph import Graph, Node
from pronghorn.ir.primitive import Kind, named
from pronghorn.ir.shapes import Dim, Shape, size

__all__ = ["Group", "Schedule", "schedule"]

_MOST_NODES = 160  # of one chain: its registers must be numbered
_MOST_DRAWS = OPCODES["max_draws"]


@dataclass(slots=True, eq=False)
class Group:
    """Nodes that become one instruction: elementwise ones of one size, or any one."""

    domain: Dim | None  # None: not elementwise
    second_phase: bool
    nodes: list[Node] = field(default_factory=list)
    draws: int = 0  # random nodes among them

    def has_room_for(self, node: Node) -> bool:
        """Whether one more node fits the limits of a chain."""
        draws = self.draws + (node.primitive.kind is Kind.RANDOM)
        return len(self.nodes) < _MOST_NODES and draws <= _MOST_DRAWS

    def add(self, node: Node) -> None:
        """Puts a node before those that are in the group already."""
        self.nodes.append(node)
        self.draws += node.primitive.kind is Kind.RANDOM


@dataclass(slots=True)
class Schedule:
    """What the lowering turns into instructions.

    Attributes:
        groups: in the order in which they run.
        operands: of each elementwise node.
        outputs: the node whose memory is the output, for each output of the graph.
        updates: the node that is stored into each state, by the state's position.
        guard: the node whose memory holds the graph's guard.
        copies: synthetic nodes that copy their input into memory of their own.
    """

    groups: list[Group] = field(default_factory=list)
    operands: dict[Node, list[Operand]] = field(default_factory=dict)
    outputs: list[Node] = field(default_factory=list)
    updates: dict[int, Node] = field(default_factory=dict)
    guard: Node | None = None
    copies: set[int] = field(default_factory=set)
    _sources: dict[Node, list[Node]] = field(default_factory=dict)

    def sources(self, node: Node) -> list[Node]:
        """The nodes whose memory a scheduled node reads."""
        found = self._sources.get(node)
        if found is None:
            found = self._sources[node] = self._find_sources(node)
        return found

    def _find_sources(self, node: Node) -> list[Node]:
        if node in self.operands:
            return [operand.owner for operand in self.operands[node]]
        if node.primitive.kind is Kind.CONTRACTION:
            return [matrix_operand(n, self.copies)[0] for n in node.inputs]
        return [owner(n, self.copies) for n in node.inputs]

    def group_of(self) -> dict[Node, int]:
        """The place in `groups` of every scheduled node."""
        return {n: i for i, group in enumerate(self.groups) for n in group.nodes}


def matrix_operand(node: Node, copies: set[int]) -> tuple[Node, list[Dim]]:
    """The owner of a matrix and its strides; a transpose is a matter of strides."""
    inner = node
    while (
        inner.primitive.name in ("stop_gradient", "cast") and inner.number not in copies
    ):
        if owner(inner, copies) is inner:
            break
        inner = inner.inputs[0]
    if inner.primitive.name == "transpose":
        source = inner.inputs[0]
        strides = contiguous(source.shape)
        return owner(source, copies), [strides[i] for i in inner.attrs["perm"]]
    return owner(node, copies), contiguous(node.shape)


def is_elementwise(node: Node, copies: set[int]) -> bool:
    """Whether a node can be part of a chain."""
    kind = node.primitive.kind
    if kind in (Kind.ELEMENTWISE, Kind.SOURCE, Kind.RANDOM):
        return True
    if node.primitive.name != "broadcast_to":
        return False
    operand = elementwise_operand(node.inputs[0], copies)
    return pattern(operand.shape, node.shape) is not None


class _Scheduler:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.result = Schedule()
        self.needed: list[Node] = []
        self.second: set[Node] = set()

    def run(self) -> Schedule:
        self._name_outputs()
        updates = [(p, owner(n, self.result.copies)) for p, n in self.graph.updates]
        roots = [*self.result.outputs, *(n for _, n in updates)]
        if self.graph.guard is not None:
            self.result.guard = self._stored(self.graph.guard)
            roots.append(self.result.guard)
        self._collect(roots)
        self._find_second_phase()
        self._name_updates(updates)
        self._place()
        return self.result

    # --- outputs and updates have memory of their own

    def _copy(self, node: Node) -> Node:
        """A node with the same value in memory of its own."""
        identity = named("stop_gradient")
        made = Node(identity, (node,), {}, node.shape, node.dtype)
        self.result.copies.add(made.number)
        return made

    def _stored(self, node: Node) -> Node:
        found = owner(node)
        immediate = found.primitive.kind is Kind.LEAF or found.primitive.name == "rows"
        return self._copy(node) if immediate else found

    def _name_outputs(self) -> None:
        for node in self.graph.outputs:
            found = self._stored(node)
            # A bool that an output shows as float32 is two outputs' business.
            if found in self.result.outputs or found.dtype != node.dtype:
                found = self._copy(node)
            self.result.outputs.append(found)

    def _name_updates(self, updates: Iterable[tuple[int, Node]]) -> None:
        taken: set[Node] = set()
        for (position, node), (_, wanted) in zip(
            updates, self.graph.updates, strict=True
        ):
            if node not in self.second or node in taken:
                node = self._copy(wanted)
                self._collect([node])
                self.second.add(node)
            taken.add(node)
            self.result.updates[position] = node

    # --- what is needed

    def _collect(self, roots: Iterable[Node]) -> None:
        seen = set(self.needed)
        stack = list(roots)
        while stack:
            node = stack.pop()
            if node in seen or is_leaf(node):
                continue
            seen.add(node)
            self.needed.append(node)
            if is_elementwise(node, self.result.copies):
                self.result.operands[node] = self._operands(node)
            stack.extend(self.result.sources(node))

    def _operands(self, node: Node) -> list[Operand]:
        found = [elementwise_operand(n, self.result.copies) for n in node.inputs]
        return [
            o if pattern(o.shape, node.shape) else self._spread(o, source, node.shape)
            for o, source in zip(found, node.inputs, strict=True)
        ]

    def _spread(self, operand: Operand, node: Node, shape: Shape) -> Operand:
        """An operand that no load can spread, spread by a copy before."""
        made = Node(named("broadcast_to"), (node,), {"shape": shape}, shape, node.dtype)
        return Operand(made, shape)

    def _find_second_phase(self) -> None:
        first: set[Node] = set()
        stack = [n for n in self.needed if n not in self.result.operands]
        stack += self.result.outputs
        if self.result.guard is not None:
            stack.append(self.result.guard)
        while stack:
            node = stack.pop()
            if node not in first and not is_leaf(node):
                first.add(node)
                stack.extend(self.result.sources(node))
        self.second = {n for n in self.needed if n not in first}

    # --- placing

    def _place(self) -> None:
        last_first: list[Group] = []
        place: dict[Node, int] = {}
        earliest_use: dict[Node, int] = {}
        if any(size(n.shape) == 1 for n in self.result.updates.values()):
            # Scalars (counters, rates) last: their readers come before.
            last_first.append(Group(1, True))
        order = sorted(self._in_order(), key=lambda n: n in self.second)
        for node in reversed(order):
            index = self._group_for(node, earliest_use.get(node, 0), last_first)
            last_first[index].add(node)
            place[node] = index
            for source in self.result.sources(node):
                earliest_use[source] = max(earliest_use.get(source, 0), index)
        for group in reversed(last_first):
            group.nodes.reverse()
            if group.nodes:
                self.result.groups += self._components(group)

    def _components(self, group: Group) -> list[Group]:
        """The updates of variables of one size apart: each is a chain that the engine
        may know. Scalars stay together."""
        if not group.second_phase or group.domain in (None, 1):
            return [group]
        parts: dict[Node, Group] = {}
        found: list[Group] = []
        for node in group.nodes:
            mine = Group(group.domain, True)
            for other in {id(p): p for p in self._parts(node, parts)}.values():
                found.remove(other)
                mine.nodes += other.nodes
                mine.draws += other.draws
            mine.add(node)
            found.append(mine)
            parts.update(dict.fromkeys(mine.nodes, mine))
        return found

    def _parts(self, node: Node, parts: dict[Node, Group]) -> list[Group]:
        return [parts[s] for s in self.result.sources(node) if s in parts]

    def _group_for(self, node: Node, start: int, groups: list[Group]) -> int:
        second = node in self.second
        domain = size(node.shape) if node in self.result.operands else None
        if domain is not None:
            for i in range(start, len(groups)):
                group = groups[i]
                fits = (group.domain, group.second_phase) == (domain, second)
                if fits and group.has_room_for(node):
                    return i
        groups.append(Group(domain, second))
        return len(groups) - 1

    def _in_order(self) -> list[Node]:
        """Needed nodes, sources before users, otherwise as they were traced."""
        done: set[Node] = set()
        order: list[Node] = []
        for root in sorted(self.needed, key=lambda n: n.number):
            stack = [root]
            while stack:
                node = stack[-1]
                if node in done or is_leaf(node):
                    stack.pop()
                    continue
                waiting = [
                    s
                    for s in self.result.sources(node)
                    if s not in done and not is_leaf(s)
                ]
                if waiting:
                    stack.extend(waiting)
                else:
                    done.add(node)
                    order.append(stack.pop())
        return order


def is_leaf(node: Node) -> bool:
    """Whether a node is read where it is: leaves, and the number of rows."""
    return node.primitive.kind is Kind.LEAF or node.primitive.name == "rows"


def schedule(graph: Graph) -> Schedule:
    """The schedule of a graph."""
    return _Scheduler(graph).run()
