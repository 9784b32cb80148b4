"""What the instructions of a step's program are for, in words for people.

Nodes carry no names of layers. But values flow from weights and into weights, and
weights have paths: an instruction that reads a layer's kernel belongs to that layer,
and one whose result only the update of a kernel reads is that kernel's gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from pronghorn.backends.native.words import Instruction, instructions, places
from pronghorn.ir.graph import Graph
from pronghorn.ir.variable import Variable

__all__ = ["Described", "describe"]

_GUARD_WORD = 13  # of the header: the value of the guard, or -1
_MOST_NAMES = 2
_MOST_OPERATIONS = 6
_LOSS = "loss"


@dataclass(frozen=True, slots=True)
class Described:
    """An instruction, and what it is for.

    Attributes:
        instruction: see `pronghorn.backends.native.words`.
        where: the layer, weight or other object that it works for, and in which part of
            the step: "dense_1", "dense_1, backward", "gradient of dense_1/kernel",
            "update of dense_1/kernel".
        computes: "256x512 @ 512x512", "65,536 elements: add relu".
    """

    instruction: Instruction
    where: str
    computes: str


def describe(
    graph: Graph, program: bytes, rows: int, own: Sequence[Variable], x: int, model: str
) -> list[Described]:
    """Describes the instructions of a program.

    Args:
        graph: of a step.
        program: what the graph was lowered to.
        rows: of a batch, for the sizes.
        own: the model's variables, those of its optimizer and metrics not among them.
        x: how many of the graph's inputs are the model's; the rest are targets and
            their weights.
        model: its name, which is left out of paths.
    """
    flow = _Flow(graph, program, rows, own, x, model)
    return [
        Described(one, where, computes(one))
        for one, where in zip(flow.found, flow.where(), strict=True)
    ]


def computes(one: Instruction) -> str:
    """What an instruction computes, in a few words.

    >>> computes(Instruction("gemm", (256, 64, 20)))
    '256x20 @ 20x64'
    >>> computes(Instruction("reduce", (1, 256, 64), reduction="sum"))
    'sum over the rows of 256x64'
    """
    if one.name == "gemm":
        m, n, k = one.sizes
        return f"{m}x{k} @ {k}x{n}"
    if one.name == "reduce":
        return f"{one.reduction} {_over(one.sizes)}"
    size = _count(one.sizes[0], "element")
    if one.chain is None:
        return size
    names = [operation.micro for operation in one.chain.operations]
    if len(names) > _MOST_OPERATIONS:
        names = [*names[: _MOST_OPERATIONS - 1], f"... ({len(names)} in all)"]
    return f"{size}: {' '.join(names)}"


def _over(sizes: tuple[int, ...]) -> str:
    outer, mid, inner = sizes
    if outer == inner == 1:
        return f"of {_count(mid, 'element')}"
    if outer == 1:
        return f"over the rows of {mid}x{inner}"
    if inner == 1:
        return f"over the columns of {outer}x{mid}"
    return f"over the middle of {outer}x{mid}x{inner}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class _Name:
    """What an instruction works for.

    Attributes:
        part: "forward", "backward", "gradient" or "update".
        layers: or the optimizer, the loss, metrics.
        paths: of the variables, for a gradient or an update.
    """

    part: str
    layers: tuple[str, ...]
    paths: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """For people."""
        if self.part in ("gradient", "update"):
            return f"{self.part} of {_listed(self.paths)}"
        return _listed(self.layers) + (", backward" * (self.part == "backward"))


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - _MOST_NAMES
    more = f" and {rest} more" if rest > 0 else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def _first(names: Iterable[_Name | None]) -> _Name | None:
    return next((name for name in names if name), None)


def _feeds(one: Instruction) -> dict[int, set[int]]:
    """For each value that an instruction writes those that it is computed from."""
    chain = one.chain
    if chain is None:
        return {value: set(one.reads) for value in one.writes}
    registers: list[set[int]] = [set() for _ in range(chain.registers)]
    for register, load in enumerate(chain.loads):
        if load.kind not in ("immediate", "extent"):
            registers[register] = {load.words[0]}
    for operation in chain.operations:
        drawn = operation.micro == "uniform"  # its operands are no registers
        read = [] if drawn else [o for o in operation.operands if o >= 0]
        registers[operation.to] = set().union(*(registers[o] for o in read))
    stored = zip(one.writes, chain.stored, strict=True)
    return {value: registers[register] for value, register in stored}


class _Flow:
    """Which instruction reads what another one writes, and what comes of it."""

    def __init__(
        self,
        graph: Graph,
        program: bytes,
        rows: int,
        own: Sequence[Variable],
        x: int,
        model: str,
    ) -> None:
        self.found = instructions(program, rows)
        self.places = places(program)
        self.graph = graph
        self.own = {id(variable) for variable in own}
        self.x = x
        self.model = model
        guard = int(np.frombuffer(program, np.int32)[_GUARD_WORD])
        self.guard = guard if guard >= 0 else None
        self.readers: dict[int, list[int]] = {}
        self.makers: dict[int, list[int]] = {}
        for i, one in enumerate(self.found):
            for value in one.reads:
                self.readers.setdefault(value, []).append(i)
            for value in one.writes:
                self.makers.setdefault(value, []).append(i)
        self.feeds = [_feeds(one) for one in self.found]
        self.ends = self._find_ends()
        states = [leaf.payload for leaf in graph.state]
        self.others = {self._owner(v) for v in states if id(v) not in self.own}

    def where(self) -> list[str]:
        """For each instruction what it works for."""
        numbers = range(len(self.found))
        at_once = [self._at_once(i) for i in numbers]
        named = list(at_once)
        inside = {i for i in numbers if self._inside_layer(i, named[i])}
        for i in reversed(numbers):
            if named[i] is None and self._backward(i):
                named[i] = self._towards_weights(i, at_once, named)
            elif named[i] is None:
                found = _first(named[j] for j in self._after(i) if j in inside)
                named[i] = found and _Name("forward", found.layers[:1])
                inside |= {i} if found else set()
        self._from_neighbours(named, numbers, lambda i: self._before(i)[::-1])
        self._from_neighbours(named, numbers[::-1], self._after)  # the very first
        return [name.text if name else "step" for name in named]

    def _from_neighbours(
        self,
        named: list[_Name | None],
        numbers: Sequence[int],
        neighbours: Callable[[int], list[int]],
    ) -> None:
        for i in numbers:
            if named[i] is None:
                found = _first(named[j] for j in neighbours(i))
                part = "backward" if self._backward(i) else "forward"
                named[i] = found and _Name(part, found.layers[-1:])

    def _inside_layer(self, i: int, name: _Name | None) -> bool:
        """Whether it is a later part of a layer: it reads weights, but no product."""
        if self.found[i].name != "chain" or not name or name.part != "forward":
            return False
        own = self._variables(self.found[i].reads, True)
        return bool(own) and _LOSS not in name.layers

    def _towards_weights(
        self, i: int, at_once: Sequence[_Name | None], named: Sequence[_Name | None]
    ) -> _Name | None:
        """The layer whose products or gradients read it, or the optimizer."""
        after = self._after(i)
        heavy = [at_once[j] for j in after if self.found[j].name != "chain"]
        found = _first(n for n in heavy if n and n.part != "forward")
        if found:
            return _Name("backward", found.layers[:1])
        plain = (named[j] for j in after)
        found = _first(n for n in plain if n and set(n.layers) <= self.others)
        return found and _Name("forward", found.layers[:1])

    # --- what an instruction touches

    def _variable(self, value: int) -> Variable | None:
        space, index = self.places[value]
        if space != "state":
            return None
        variable: Variable = self.graph.state[index].payload
        return variable

    def _variables(self, values: Sequence[int], own: bool) -> list[Variable]:
        found = (self._variable(value) for value in values)
        return [v for v in found if v is not None and (id(v) in self.own) == own]

    def _after(self, i: int) -> list[int]:
        """The instructions that read what this one writes."""
        found = (j for v in self.found[i].writes for j in self.readers.get(v, ()))
        return [j for j in dict.fromkeys(found) if j > i]

    def _before(self, i: int) -> list[int]:
        """The instructions that write what this one reads."""
        found = (j for v in self.found[i].reads for j in self.makers.get(v, ()))
        return sorted({j for j in found if j < i})

    def _find_ends(self) -> list[set[int]]:
        """The values that leave the step and depend on each instruction."""
        ends: list[set[int]] = [set() for _ in self.found]
        of_value: dict[int, set[int]] = {}
        for i in reversed(range(len(self.found))):
            for value, sources in self.feeds[i].items():
                found = set(of_value.get(value, ()))
                if value == self.guard or self.places[value][0] in ("state", "output"):
                    found.add(value)
                ends[i] |= found
                for source in sources:
                    of_value.setdefault(source, set()).update(found)
        return ends

    def _forward(self, i: int) -> bool:
        """Whether predictions or the loss depend on it."""
        outputs = any(self.places[value][0] == "output" for value in self.ends[i])
        return outputs or self.guard in self.ends[i]

    def _backward(self, i: int) -> bool:
        """Whether only what is trained depends on it."""
        trained = self._variables(sorted(self.ends[i]), True)
        return bool(trained) and not self._forward(i)

    # --- names

    def _at_once(self, i: int) -> _Name | None:
        """What can be told from the instruction itself, and from what it ends in."""
        one = self.found[i]
        written = self._variables(one.writes, True)
        if written:
            layers = tuple(self._owner(v) for v in written)
            return _Name("update", layers, tuple(self._path(v) for v in written))
        others = self._owners(one.writes, False)
        if others:
            return _Name("update", others, others)
        layers = self._owners(one.reads, True)
        if self._backward(i):
            return self._backward_name(i, layers)
        if not self._forward(i):
            layers = self._owners(sorted(self.ends[i]), False)
        elif self._reads_targets(i):
            layers = (*layers, _LOSS)
        return _Name("forward", layers) if layers else None

    def _backward_name(self, i: int, layers: tuple[str, ...]) -> _Name | None:
        one = self.found[i]
        if layers:
            return _Name("backward", layers)
        others = self._owners(one.reads, False)
        if others:
            return _Name("forward", others)
        if one.name not in ("gemm", "reduce"):
            return None
        a, b, c = one.sizes
        size = a * b if one.name == "gemm" else a * c
        updated = self._updated(i, size)
        if updated is None:
            return None
        return _Name("gradient", (self._owner(updated),), (self._path(updated),))

    def _updated(self, i: int, size: int) -> Variable | None:
        """The only variable that is updated by a result of this size, if it is one."""
        mine = set(self.found[i].writes)
        fed = {
            value
            for j in self._after(i)
            for value, sources in self.feeds[j].items()
            if sources & mine
        }
        updated = self._variables(sorted(fed), True)
        if updated:
            alone = len(updated) == 1 and updated[0].size == size
            return updated[0] if alone else None
        for j in self._after(i):
            one = self.found[j]
            if one.name == "chain" and one.sizes == (size,):
                return self._updated(j, size)
        return None

    def _reads_targets(self, i: int) -> bool:
        read = (self.places[value] for value in self.found[i].reads)
        return any(space == "input" and index >= self.x for space, index in read)

    def _path(self, variable: Variable) -> str:
        return variable.path.removeprefix(f"{self.model}/")

    def _owner(self, variable: Variable) -> str:
        return self._path(variable).rpartition("/")[0] or self._path(variable)

    def _owners(self, values: Sequence[int], own: bool) -> tuple[str, ...]:
        found = (self._owner(v) for v in self._variables(values, own))
        return tuple(dict.fromkeys(found))
