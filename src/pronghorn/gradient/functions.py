"""Gradients of plain functions, with JAX's conventions.

The function runs as the Python that it is, on tensors that have their values. Inside
of a trace, as in a model's own `train_step`, it is recorded instead, and runs natively
with the step around it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from pronghorn.compiler import pullback, require_scalar
from pronghorn.errors import ArgumentError, DtypeError
from pronghorn.ir import dtypes
from pronghorn.ir.graph import Node
from pronghorn.ir.primitive import named
from pronghorn.ir.recorder import EagerTensor, Recorder, recorders
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import active, as_node, bind
from pronghorn.ir.variable import Variable
from pronghorn.tree import flatten, map_structure, pack_sequence_as

__all__ = ["grad", "value_and_grad"]

Argnums = int | Sequence[int]


def grad(
    fun: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """The gradient of a scalar function with respect to some of its arguments.

    Args:
        fun: of arrays, numbers, variables, or lists and dicts of them; written in
            `pronghorn.ops`, with a scalar result.
        argnums: which argument by place, or several. Default the first.
        has_aux: whether `fun` returns a pair: the scalar, and anything else.

    Returns:
        A function of the same arguments. It gives the gradient in the form of the
        argument, float32 arrays, zeros where the result does not depend on it; a
        tuple of them for several `argnums`; with `has_aux` a pair, that first.

    Raises:
        ShapeError: the result is no scalar.
        DtypeError: an argument to differentiate holds whole numbers, or the result
            comes from no operation of `ops`.

    Example:

    >>> from pronghorn import ops
    >>> grad(lambda x: ops.sum(x * x))(np.array([1.0, 2.0]))
    array([2., 4.], dtype=float32)
    >>> float(grad(grad(lambda x: x**3))(2.0))
    12.0
    """
    both = value_and_grad(fun, argnums, has_aux)

    @wraps(fun)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, slopes = both(*args, **kwargs)
        return (slopes, value[1]) if has_aux else slopes

    return gradient


def value_and_grad(
    fun: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """The value and the gradient of a scalar function together.

    Args:
        fun, argnums, has_aux: see `grad`.

    Returns:
        A function of the same arguments that gives `(value, gradient)`; with `has_aux`
        `((value, aux), gradient)`.

    Raises:
        ShapeError, DtypeError: see `grad`.

    Example:

    >>> from pronghorn import ops
    >>> both = value_and_grad(lambda w: ops.sum(w["a"] * 3.0))
    >>> value, slopes = both({"a": np.array([1.0])})
    >>> float(value), slopes
    (3.0, {'a': array([3.], dtype=float32)})
    """

    @wraps(fun)
    def both(*args: Any, **kwargs: Any) -> Any:
        places = _places(argnums, len(args), fun)
        run = _recorded if active() is None else _traced
        return run(fun, places, isinstance(argnums, int), has_aux, args, kwargs)

    return both


def _places(argnums: Argnums, count: int, fun: Callable[..., Any]) -> list[int]:
    wanted = [argnums] if isinstance(argnums, int) else list(argnums)
    if not all(-count <= i < count for i in wanted):
        raise ArgumentError(
            "argnums names an argument that was not given by place.",
            where=f"grad of {getattr(fun, '__name__', 'a function')}",
            expected=f"below {count}, the number of arguments",
            received=f"argnums={argnums!r}",
        )
    return [i % count for i in wanted]


def _recorded(
    fun: Callable[..., Any],
    places: list[int],
    single: bool,
    has_aux: bool,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Runs the function on values; nothing of this call outlives it."""
    recorder = Recorder(accessed=False)
    leaves: dict[int, list[EagerTensor]] = {}
    given = list(args)
    for i in places:
        leaves[i] = [_eager_alias(leaf, i) for leaf in _flat(args[i])]
        given[i] = pack_sequence_as(args[i], leaves[i])
        for leaf in leaves[i]:
            recorder.watch(leaf)
    recorder.start()
    try:
        result = fun(*given, **kwargs)
    finally:
        recorder.stop()
    value, aux = result if has_aux else (result, None)
    value = _tensor(value)
    require_scalar(value.node)
    target = recorder.node_of(value) if isinstance(value, EagerTensor) else None
    flat = [leaf for i in places for leaf in leaves[i]]
    slopes = [None] * len(flat)
    if target is not None:
        one = EagerTensor(np.ones((), value.dtype))
        nodes = [leaf.node for leaf in flat]
        slopes = pullback([(target, one)], nodes, Recorder.tensor)
    out = map_structure if not recorders() else _as_it_is
    found = [
        out(_array, np.zeros(x.shape, x.dtype) if g is None else g)
        for g, x in zip(slopes, flat, strict=True)
    ]
    value = out(_array, value)
    packed = _packed(found, places, single, args)
    return ((value, out(_array, aux)) if has_aux else value), packed


def _as_it_is(_: Any, value: Any) -> Any:
    return value


def _array(value: Any) -> Any:
    return value.numpy() if isinstance(value, EagerTensor) else value


def _traced(
    fun: Callable[..., Any],
    places: list[int],
    single: bool,
    has_aux: bool,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Runs the function on symbols, so that its gradient is part of the trace."""
    leaves: dict[int, list[KerasTensor]] = {}
    given = list(args)
    for i in places:
        leaves[i] = [_symbolic_alias(leaf, i) for leaf in _flat(args[i])]
        given[i] = pack_sequence_as(args[i], leaves[i])
    result = fun(*given, **kwargs)
    value, aux = result if has_aux else (result, None)
    value = _tensor(value)
    require_scalar(value.node)
    trace = active()
    assert trace is not None
    trace.differentiated.append(value.node)
    flat = [leaf for i in places for leaf in leaves[i]]
    one = KerasTensor.of(as_node(1.0, value.dtype))
    slopes = pullback([(value.node, one)], [leaf.node for leaf in flat])
    found = [
        leaf * 0.0 if g is None else g for g, leaf in zip(slopes, flat, strict=True)
    ]
    packed = _packed(found, places, single, args)
    return ((value, aux) if has_aux else value), packed


def _packed(
    slopes: list[Any], places: list[int], single: bool, args: tuple[Any, ...]
) -> Any:
    """The flat gradients in the form of the arguments."""
    parts, start = [], 0
    for i in places:
        stop = start + len(_flat(args[i]))
        parts.append(pack_sequence_as(args[i], slopes[start:stop]))
        start = stop
    return parts[0] if single else tuple(parts)


def _flat(argument: Any) -> list[Any]:
    leaves: list[Any] = flatten(argument)
    return leaves


def _eager_alias(leaf: Any, place: int) -> EagerTensor:
    """A tensor of its own for an argument: other uses of the same value do not count.

    Recorders around this one see where it comes from.
    """
    value = leaf.value if isinstance(leaf, Variable) else leaf
    if not isinstance(value, EagerTensor):
        value = EagerTensor(_floats(np.asarray(value), place))
    _floats(value.node, place)
    alias: EagerTensor = bind(named("cast"), value, dtype=value.dtype)
    return alias


def _symbolic_alias(leaf: Any, place: int) -> KerasTensor:
    node = _floats(as_node(leaf), place)
    alias = Node(named("cast"), (node,), {"dtype": node.dtype}, node.shape, node.dtype)
    return KerasTensor.of(alias)


def _floats(x: Any, place: int) -> Any:
    if not dtypes.is_float(dtypes.standard(x.dtype)):
        raise DtypeError(
            "Only floats can be differentiated.",
            where=f"argument {place} of a function given to grad",
            expected="an array of float32",
            received=str(x.dtype),
            remedy="convert it with .astype('float32'), or choose others with argnums=",
        )
    return x


def _tensor(value: Any) -> Any:
    if isinstance(value, KerasTensor):
        return value
    if isinstance(value, (np.ndarray, np.generic)):  # of what is not differentiated
        return EagerTensor(value)
    raise DtypeError(
        "The function's result does not depend on its arguments.",
        expected="a tensor computed with pronghorn.ops",
        received=type(value).__name__,
    )
