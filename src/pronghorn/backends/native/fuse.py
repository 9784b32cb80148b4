"""Scheduling: which nodes run, in which order, and which of them as one chain.

Nodes are placed from the last to the first. An elementwise node joins the latest group
of its own size that runs no later than its first consumer, so that it is computed
where it is used and its result need not be stored.

The schedule has two phases. The second holds the elementwise nodes that nothing but
state updates depends on; only there is state written, so that a step which is
interrupted before it leaves no trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from pronghorn.backends.native.program import OPCODES
from pronghorn.backends.native.views import (
    FULL,
    MAY_SHARE,
    Operand,
    contiguous,
    owner,
    pattern,
    shown,
)
from pronghorn.ir.graph import Graph, Node
from pronghorn.ir.primitive import Kind, named
from pronghorn.ir.shapes import Dim, Shape, size

__all__ = ["Group", "Matrix", "Schedule", "schedule"]

_MOST_NODES = 160  # of one chain: its registers must be numbered
_MOST_DRAWS = OPCODES["max_draws"]

# Looked up once: this module's work is what a first epoch waits for.
_LEAF, _SOURCE, _RANDOM = Kind.LEAF, Kind.SOURCE, Kind.RANDOM
_ELEMENTWISE, _CONTRACTION = Kind.ELEMENTWISE, Kind.CONTRACTION
_by_number = attrgetter("number")

Matrix = tuple[Node, Sequence[Dim]]  # the owner of its memory, its strides


class Group:
    """Nodes that become one instruction: elementwise ones of one size, or any one.

    Attributes:
        domain: that size; None: not elementwise.
        second_phase: whether only updates need it.
        nodes: in the order in which they run, once all are placed.
        draws: how many of those that it took are random.
    """

    __slots__ = ("domain", "draws", "nodes", "second_phase")

    def __init__(self, domain: Dim | None, second_phase: bool) -> None:
        self.domain = domain
        self.second_phase = second_phase
        self.nodes: list[Node] = []
        self.draws = 0

    def took(self, node: Node) -> bool:
        """Puts a node beside those that are here already, if a chain's limits allow."""
        if len(self.nodes) >= _MOST_NODES:
            return False
        if node.primitive.kind is _RANDOM:
            if self.draws >= _MOST_DRAWS:
                return False
            self.draws += 1
        self.nodes.append(node)
        return True


@dataclass(slots=True)
class Schedule:
    """What the lowering turns into instructions.

    Attributes:
        groups: in the order in which they run.
        operands: of each elementwise node.
        matrices: the two that each product multiplies.
        sources: the nodes whose memory a scheduled node reads.
        outputs: the node whose memory is the output, for each output of the graph.
        updates: the node that is stored into each state, by the state's position.
        guard: the node whose memory holds the graph's guard.
        copies: synthetic nodes that copy their input into memory of their own.
    """

    groups: list[Group] = field(default_factory=list)
    operands: dict[Node, list[Operand]] = field(default_factory=dict)
    matrices: dict[Node, list[Matrix]] = field(default_factory=dict)
    sources: dict[Node, list[Node]] = field(default_factory=dict)
    outputs: list[Node] = field(default_factory=list)
    updates: dict[int, Node] = field(default_factory=dict)
    guard: Node | None = None
    copies: set[int] = field(default_factory=set)

    def group_of(self) -> dict[Node, int]:
        """The place in `groups` of every scheduled node, in that order."""
        return {n: i for i, group in enumerate(self.groups) for n in group.nodes}


def _matrix(node: Node, copies: set[int]) -> Matrix:
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


class _Scheduler:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.result = Schedule()
        self.second: set[Node] = set()
        self.in_order_of_number = True  # whether that has sources before users

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
        return self._copy(node) if is_leaf(found) else found

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

    def _collect(self, stack: list[Node]) -> None:
        """Finds what the nodes on the stack, and all that these need, read."""
        sources, operands = self.result.sources, self.result.operands
        rows = named("rows")
        while stack:
            node = stack.pop()
            primitive = node.primitive
            kind = primitive.kind
            if node in sources or kind is _LEAF or primitive is rows:
                continue
            if kind is _ELEMENTWISE or self._is_elementwise(node):
                operands[node], found = self._operands(node)
            else:
                found = self._whole(node)
            sources[node] = found
            stack += found

    def _is_elementwise(self, node: Node) -> bool:
        """Whether a node can be part of a chain."""
        primitive = node.primitive
        if primitive.kind is _SOURCE or primitive.kind is _RANDOM:
            return True
        if primitive.name != "broadcast_to":
            return False
        _, shape = shown(node.inputs[0], self.result.copies)
        return pattern(shape, node.shape) is not None

    def _whole(self, node: Node) -> list[Node]:
        """What a node reads that is an instruction by itself."""
        copies = self.result.copies
        if node.primitive.kind is _CONTRACTION:
            pair = [_matrix(n, copies) for n in node.inputs]
            self.result.matrices[node] = pair
            return [matrix for matrix, _ in pair]
        return [owner(n, copies) for n in node.inputs]

    def _operands(self, node: Node) -> tuple[list[Operand], list[Node]]:
        """What an elementwise node reads; and from where, once more."""
        target, copies = node.shape, self.result.copies
        found: list[Operand] = []
        owners: list[Node] = []
        for source in node.inputs:
            read, shape = source, source.shape
            if source.primitive.name in MAY_SHARE:
                read, shape = shown(source, copies)
            way = FULL if shape == target else pattern(shape, target)
            if way is None:
                read, way = self._spread(source, target), FULL
            found.append((read, way))
            owners.append(read)
        return found, owners

    def _spread(self, node: Node, shape: Shape) -> Node:
        """An operand that no load can spread, spread by a copy before."""
        made = Node(named("broadcast_to"), (node,), {"shape": shape}, shape, node.dtype)
        self.in_order_of_number = False
        return made

    def _find_second_phase(self) -> None:
        operands, sources = self.result.operands, self.result.sources
        first = set(self.result.outputs)
        if self.result.guard is not None:
            first.add(self.result.guard)
        order = self._in_order()
        for node in reversed(order):
            if node in first or node not in operands:
                first.add(node)
                first.update(sources[node])
        self.second = {n for n in order if n not in first}

    # --- placing

    def _place(self) -> None:
        self.groups: list[Group] = []  # the last first
        self.alike: dict[tuple[Dim, bool], list[int]] = {}  # their places, by form
        if any(size(n.shape) == 1 for n in self.result.updates.values()):
            # Scalars (counters, rates) last: their readers come before.
            self._new_group(1, True)
        sources, second = self.result.sources, self.second
        earliest_use: dict[Node, int] = {}
        order = self._in_order()
        first_phase = [n for n in order if n not in second]
        second_phase = [n for n in order if n in second]
        for nodes, is_second in ((second_phase, True), (first_phase, False)):
            for node in reversed(nodes):
                index = self._group_for(node, is_second, earliest_use.get(node, 0))
                for source in sources[node]:
                    if earliest_use.get(source, -1) < index:
                        earliest_use[source] = index
        for group in reversed(self.groups):
            group.nodes.reverse()
            if group.nodes:
                self.result.groups += self._components(group)

    def _group_for(self, node: Node, second: bool, start: int) -> int:
        """Puts a node into the first group from `start` that it fits."""
        domain = size(node.shape) if node in self.result.operands else None
        if domain is not None:
            for index in self.alike.get((domain, second), ()):
                if index >= start and self.groups[index].took(node):
                    return index
        index = self._new_group(domain, second)
        self.groups[index].took(node)
        return index

    def _new_group(self, domain: Dim | None, second: bool) -> int:
        index = len(self.groups)
        self.groups.append(Group(domain, second))
        if domain is not None:
            self.alike.setdefault((domain, second), []).append(index)
        return index

    def _components(self, group: Group) -> Iterable[Group]:
        """The updates of variables of one size apart: each is a chain that the engine
        may know. Scalars stay together."""
        if not group.second_phase or group.domain in (None, 1):
            return [group]
        part_of: dict[Node, Group] = {}
        found: dict[Group, None] = {}  # the one that grew last at the end
        for node in group.nodes:
            read = self.result.sources[node]
            parts = list(dict.fromkeys(part_of[s] for s in read if s in part_of))
            mine = parts[0] if parts else Group(group.domain, True)
            for part in parts:
                del found[part]
                if part is not mine:
                    mine.nodes += part.nodes
                    part_of.update(dict.fromkeys(part.nodes, mine))
            mine.nodes.append(node)
            part_of[node] = mine
            found[mine] = None
        return found

    def _in_order(self) -> list[Node]:
        """Needed nodes, sources before users, otherwise as they were traced."""
        order = sorted(self.result.sources, key=_by_number)
        return order if self.in_order_of_number else self._sources_first(order)

    def _sources_first(self, nodes: list[Node]) -> list[Node]:
        sources = self.result.sources
        done: dict[Node, None] = {}
        for root in nodes:
            stack = [root]
            while stack:
                node = stack[-1]
                read: Sequence[Node] = () if node in done else sources[node]
                waiting = [s for s in read if s in sources and s not in done]
                if waiting:
                    stack += waiting
                else:
                    done[stack.pop()] = None
        return list(done)


def is_leaf(node: Node) -> bool:
    """Whether a node is read where it is: leaves, and the number of rows."""
    return node.primitive.kind is _LEAF or node.primitive.name == "rows"


def schedule(graph: Graph) -> Schedule:
    """The schedule of a graph."""
    return _Scheduler(graph).run()
