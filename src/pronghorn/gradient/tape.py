"""`GradientTape`: what was computed inside can be differentiated afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from pronghorn import ops
from pronghorn.errors import ArgumentError, DtypeError, ShapeError, StateError
from pronghorn.gradient.keepers import Keeper, keeper
from pronghorn.ir import dtypes
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.variable import Variable
from pronghorn.tree import flatten, pack_sequence_as

__all__ = ["GradientTape"]

_UNCONNECTED = ("none", "zero")


class GradientTape:
    """Records what is computed inside, for gradients afterwards, as TensorFlow's.

    Trainable variables are watched as they are read. While a tape records, operations
    on them, and calls of models, give tensors that have their value at once (`float`,
    `numpy()`, `if` work on them). In a model's own `train_step` the tape is traced with
    the step, and runs natively.

    Args:
        persistent: whether `gradient` may be called more than once. Default False.
        watch_accessed_variables: whether trainable variables are watched as they are
            read. Default True; else only what `watch` was called on.

    Example:

    >>> v = Variable(3.0)
    >>> with GradientTape() as tape:
    ...     loss = v * v
    >>> float(tape.gradient(loss, v))
    6.0
    """

    def __init__(
        self, persistent: bool = False, watch_accessed_variables: bool = True
    ) -> None:
        self._persistent = bool(persistent)
        self._accessed = bool(watch_accessed_variables)
        self._keeper: Keeper | None = None
        self._records = False
        self._used = False

    def __enter__(self) -> GradientTape:
        if self._records:
            raise StateError(
                "The tape records already.",
                where="with GradientTape",
                expected="a tape of its own for each with block inside another",
                received="the same tape twice",
                remedy="write with GradientTape() as inner:",
            )
        if self._keeper is None:
            self._keeper = keeper(self._accessed)
        self._begin()
        return self

    def __exit__(self, *_: object) -> None:
        if self._records:
            self._end()

    def _begin(self) -> None:
        self._kept.start()
        self._records = True

    def _end(self) -> None:
        self._kept.stop()
        self._records = False

    @property
    def _kept(self) -> Keeper:
        if self._keeper is None:
            raise StateError(
                "The tape has recorded nothing yet.",
                where="GradientTape",
                expected="with GradientTape() as tape: ... around the computation",
                received="a tape that was never entered",
            )
        return self._keeper

    def watch(self, tensor: Any) -> Any:
        """Follows what is computed from tensors or variables; call it inside.

        Args:
            tensor: one, or a structure of them. An array is watched through a tensor
                of its value: go on with what is returned.

        Returns:
            The same structure, of what is watched.

        Raises:
            DtypeError: for whole numbers and bools, through which no gradient flows.

        Example:

        >>> with GradientTape() as tape:
        ...     x = tape.watch(np.float32(2.0))
        ...     y = x * x * x
        >>> float(tape.gradient(y, x))
        12.0
        """
        if not self._records:
            raise StateError(
                "The tape does not record.",
                where="GradientTape.watch",
                expected="a call inside of with GradientTape() as tape:",
                received="a call outside of it",
            )
        watched = [self._watched(leaf) for leaf in flatten(tensor)]
        return pack_sequence_as(tensor, watched)

    def _watched(self, leaf: Any) -> Any:
        if not isinstance(leaf, (Variable, KerasTensor)):
            leaf = self._kept.tensor_of(leaf)
        if not dtypes.is_float(leaf.dtype):
            raise DtypeError(
                "No gradient flows through whole numbers and bools.",
                where="GradientTape.watch",
                expected="float32",
                received=leaf.dtype,
                remedy="watch ops.cast(x, 'float32')",
            )
        self._kept.watch(leaf)
        return leaf

    def watched_variables(self) -> tuple[Variable, ...]:
        """The variables that are watched, in the order in which they were met."""
        return tuple(self._kept.variables())

    def reset(self) -> None:
        """Forgets everything recorded so far."""
        records = self._records
        if records:
            self._end()
        self._keeper, self._used = keeper(self._accessed), False
        if records:
            self._begin()

    @contextmanager
    def stop_recording(self) -> Iterator[None]:
        """What is computed inside is not recorded.

        Raises:
            StateError: the tape does not record.
        """
        if not self._records:
            raise StateError(
                "The tape does not record, so it cannot pause.",
                where="GradientTape.stop_recording",
                remedy="call it inside of with GradientTape() as tape:",
            )
        self._end()
        try:
            yield
        finally:
            self._begin()

    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: Any = "none",
    ) -> Any:
        """The gradients of what was computed with respect to what it came from.

        Args:
            target: a tensor, or a structure whose gradients are added. One that is no
                scalar counts as the sum of its elements.
            sources: a variable or tensor, or a structure of them.
            output_gradients: weights of the target's elements, in its form. Default 1.
            unconnected_gradients: what a source gets that the target does not depend
                on: "none" (default) None, "zero" zeros.

        Returns:
            Tensors in the form of `sources`, each of its source's shape.

        Raises:
            StateError: a second call on a tape that is not persistent.
            DtypeError: a source is an array, which nothing can be known of.
        """
        kind = _answer(unconnected_gradients)
        kept = self._use()
        wanted = flatten(sources)
        groups = [kept.nodes_of(_source(s)) for s in wanted]
        pairs = self._targets(target, output_gradients)
        pauses = self._records and not self._persistent
        if pauses:
            self._end()
        try:
            slopes = kept.pull(pairs, [node for group in groups for node in group])
        finally:
            if pauses:
                self._begin()
        found, start = [], 0
        for group, source in zip(groups, wanted, strict=True):
            total = _sum(slopes[start : start + len(group)])
            start += len(group)
            if total is None and kind == "zero":
                total = kept.tensor_of(np.zeros(_numbers(source), source.dtype))
            found.append(total)
        return pack_sequence_as(sources, found)

    def _use(self) -> Keeper:
        kept = self._kept
        if self._used and not self._persistent:
            raise StateError(
                "This tape gave its gradients already.",
                where="GradientTape.gradient",
                expected="one call, for all sources together",
                received="a second call",
                remedy="pass a list of sources, or make GradientTape(persistent=True)",
            )
        self._used = True
        return kept

    def _targets(self, target: Any, weights: Any) -> list[tuple[Any, Any]]:
        kept, flat = self._kept, flatten(target)
        given = [None] * len(flat) if weights is None else flatten(weights)
        if len(given) != len(flat):
            raise ArgumentError(
                "output_gradients does not have the form of the target.",
                where="GradientTape.gradient",
                expected=f"{len(flat)} tensors",
                received=len(given),
            )
        pairs = []
        for tensor, weight in zip(flat, given, strict=True):
            node = kept.target(tensor)
            if node is None:
                continue
            if weight is None:
                weight = ops.ones_like(tensor)
            elif np.ndim(weight) and tuple(weight.shape) != tuple(tensor.shape):
                raise ShapeError(
                    "A weight does not have its target's shape.",
                    where="gradient(output_gradients=)",
                    expected=tuple(tensor.shape),
                    received=tuple(weight.shape),
                )
            else:
                weight = ops.broadcast_to(weight, ops.shape(tensor))
            pairs.append((node, kept.tensor_of(ops.cast(weight, node.dtype))))
        return pairs

    def jacobian(
        self,
        target: Any,
        sources: Any,
        unconnected_gradients: Any = "none",
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """The slopes of every element of the target.

        Args:
            target: a tensor; its elements are differentiated one after the other.
            sources: as for `gradient`.
            unconnected_gradients: as for `gradient`.
            parallel_iterations, experimental_use_pfor: how TensorFlow would compute
                them; without effect.

        Returns:
            Tensors in the form of `sources`, each of shape target + source; None for
            one that the target does not depend on.

        Example:

        >>> v = Variable([1.0, 2.0])
        >>> with GradientTape() as tape:
        ...     y = v * v
        >>> tape.jacobian(y, v).numpy()
        array([[2., 0.],
               [0., 4.]], dtype=float32)
        """
        kind = _answer(unconnected_gradients)
        kept, wanted = self._use(), flatten(sources)
        shape = tuple(int(d) for d in target.shape)
        rows: list[list[Any]] = []
        for i in range(int(np.prod(shape))):
            self._used = False
            one = np.zeros(shape, np.float32)
            one.flat[i] = 1.0
            rows.append(self.gradient(target, wanted, kept.tensor_of(one), kind))
        found = [
            None
            if any(g is None for g in column)
            else ops.reshape(ops.stack(list(column)), (*shape, *_numbers(source)))
            for column, source in zip(zip(*rows, strict=True), wanted, strict=True)
        ]
        return pack_sequence_as(sources, found)

    def batch_jacobian(
        self,
        target: Any,
        source: Any,
        unconnected_gradients: Any = "none",
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """The slopes of each row of the target along the same row of the source.

        Rows must not depend on other rows: slopes along those are added to a row's own.

        Args:
            target: a tensor of shape (rows, ...); the elements of its rows are
                differentiated one after the other, all rows together.
            source: a variable or tensor of as many rows.
            unconnected_gradients: as for `gradient`.
            parallel_iterations, experimental_use_pfor: how TensorFlow would compute
                them; without effect.

        Returns:
            A tensor of shape (rows, *target's row, *source's row); None where the
            target does not depend on the source.

        Raises:
            ShapeError: a target or source without rows, or with other ones.
            StateError: the tape gave its gradients already.

        Example:

        >>> with GradientTape() as tape:
        ...     x = tape.watch(np.array([[1.0, 2.0], [3.0, 4.0]], "float32"))
        ...     y = x * x
        >>> tape.batch_jacobian(y, x).numpy()
        array([[[2., 0.],
                [0., 4.]],
        <BLANKLINE>
               [[6., 0.],
                [0., 8.]]], dtype=float32)
        """
        kind = _answer(unconnected_gradients)
        of, by = tuple(target.shape), tuple(source.shape)
        if not of or not by or of[0] != by[0]:
            raise ShapeError(
                "The target and the source are of the same rows.",
                where="GradientTape.batch_jacobian",
                expected="two tensors with equally many rows",
                received=f"shapes {of} and {by}",
                remedy="use jacobian(target, source)",
            )
        kept, found = self._use(), []
        for one in np.eye(int(np.prod(of[1:])), dtype=np.float32):
            self._used = False
            weights = ops.zeros_like(target) + one.reshape(of[1:])
            slopes = self.gradient(target, source, kept.tensor_of(weights), kind)
            if slopes is None:
                return None
            found.append(slopes)
        rows = ops.shape(target)[0]
        return ops.reshape(ops.stack(found, axis=1), (rows, *of[1:], *by[1:]))


def _answer(unconnected_gradients: Any) -> str:
    """What a source gets that the target does not depend on."""
    kind = str(getattr(unconnected_gradients, "value", unconnected_gradients))
    if kind not in _UNCONNECTED:
        raise ArgumentError(
            "There is no such answer for sources without a gradient.",
            where="GradientTape, argument unconnected_gradients",
            expected=" or ".join(map(repr, _UNCONNECTED)),
            received=repr(unconnected_gradients),
        )
    return kind


def _source(source: Any) -> Any:
    if isinstance(source, (Variable, KerasTensor)):
        return source
    raise DtypeError(
        "A tape knows variables and tensors, and what came of them; an array has no "
        "past.",
        where="GradientTape.gradient(sources=)",
        expected="a Variable, or a tensor that was watched",
        received=type(source).__name__,
        remedy="write x = tape.watch(x) inside of the tape, and go on with that x",
    )


def _numbers(source: Any) -> tuple[int, ...]:
    return tuple(int(d) for d in source.shape)


def _sum(slopes: list[Any]) -> Any:
    total = None
    for slope in slopes:
        if slope is not None:
            total = slope if total is None else total + slope
    return total
