"""Choices and loops over functions of tensors.

On arrays they are Python's own. A trace has no branches and no loops: a choice computes
both sides and picks by `where`, and a loop of known length is written out, step by
step, into the graph. What would depend on a value inside a trace raises.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, DtypeError, UnsupportedError
from pronghorn.ir.graph import OwnGradient, ancestors
from pronghorn.ir.primitive import STATE
from pronghorn.ir.recorder import EagerTensor, own_gradient
from pronghorn.ir.shapes import Batch, text
from pronghorn.ir.shapes import axis as one_axis
from pronghorn.ir.tracer import active, is_symbolic, require_eager
from pronghorn.ir.variable import Variable
from pronghorn.ops.convert import tensor
from pronghorn.ops.elementwise import equal, logical_and, stop_gradient, where
from pronghorn.ops.indexing import getitem
from pronghorn.ops.structure import (
    as_tensor,
    broadcast_to,
    concatenate,
    full_shape,
    slice_static,
    stack,
)
from pronghorn.tree import flatten, map_structure, pack_sequence_as

__all__ = [
    "associative_scan",
    "cond",
    "custom_gradient",
    "fori_loop",
    "map",
    "scan",
    "switch",
    "vectorize",
    "vectorized_map",
    "while_loop",
]

Function = Callable[..., Any]


def cond(pred: Any, true_fn: Function, false_fn: Function) -> Any:
    """What `true_fn()` gives where `pred` holds, else what `false_fn()` gives.

    Inside a trace both are computed, and of each result and of each variable that one
    of them assigns the one that `pred` says is kept: neither may raise, and a NaN in
    the gradient of one reaches the other.

    Args:
        pred: a boolean scalar.
        true_fn: without arguments.
        false_fn: without arguments; its results have the same structure.

    Example:

    >>> cond(np.array(True), lambda: 1.0, lambda: 2.0)
    1.0
    """
    value = tensor(pred)
    if not is_symbolic(value):
        return true_fn() if bool(value) else false_fn()
    yes, after_yes = _apart(true_fn)
    no, after_no = _apart(false_fn)
    for variable in {**after_yes, **after_no}:
        now = variable.value
        chosen = where(value, after_yes.get(variable, now), after_no.get(variable, now))
        variable.assign(chosen)

    def pick(a: Any, b: Any) -> Any:
        return None if a is None and b is None else where(value, a, b)

    return map_structure(pick, yes, no)


def _apart(function: Function) -> tuple[Any, dict[Variable, Any]]:
    """The results of a branch, and what it assigned, which is taken back."""
    trace = active()
    if trace is None:
        return function(), {}
    before = dict(trace.updates())
    results = function()
    after: dict[Variable, Any] = {}
    for variable, node in trace.updates():
        if before.get(variable) is not node:
            after[variable] = variable.value
            old = before.get(variable) or trace.leaf(variable)
            variable.assign(type(variable.value).of(old))
    return results, after


def switch(index: Any, branches: Sequence[Function], *operands: Any) -> Any:
    """What the branch of that number gives for the operands.

    Args:
        index: a whole number; below 0 it is the first branch, beyond the end the last.
        branches: functions of the operands.
        *operands: tensors.

    Example:

    >>> switch(1, [lambda x: x + 1, lambda x: x * 10], 5)
    50
    """
    if not branches:
        raise ArgumentError("switch needs a branch.", where="ops.switch")
    number = tensor(index)
    last = len(branches) - 1
    if not is_symbolic(number):
        place = int(np.clip(number, 0, last))
        return branches[place](*operands)

    def from_(i: int) -> Any:
        if i == last:
            return branches[i](*operands)
        here = number <= 0 if i == 0 else equal(number, i)
        return cond(here, lambda: branches[i](*operands), lambda: from_(i + 1))

    return from_(0)


def while_loop(
    cond: Function,
    body: Function,
    loop_vars: Any,
    maximum_iterations: int | None = None,
) -> Any:
    """`body` again and again, while `cond` holds.

    Where the condition is a tensor of a trace, all of `maximum_iterations` steps are
    written into the graph, and what they give is kept as long as the condition held.

    Args:
        cond: of the variables; gives a boolean.
        body: of the variables; gives their next values.
        loop_vars: a tuple or list, or one tensor.
        maximum_iterations: default without end.

    Returns:
        The last values, a tuple where a tuple or list came in.

    Raises:
        UnsupportedError: the condition is a tensor of a trace, which has no value, and
            there is no `maximum_iterations`.

    Example:

    >>> while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, x * 2), (0, 1.0))
    (3, 8.0)
    """
    several = isinstance(loop_vars, (tuple, list))
    values = tuple(loop_vars) if several else (loop_vars,)
    done = 0
    while maximum_iterations is None or done < maximum_iterations:
        test = cond(*values)
        if is_symbolic(test) and not isinstance(test, EagerTensor):
            if maximum_iterations is None:
                raise UnsupportedError(
                    "A loop inside a trace has a known length.",
                    where="ops.while_loop",
                    expected="a condition without tensors of the trace, or "
                    "maximum_iterations",
                    received=repr(test),
                    remedy="pass maximum_iterations, as many steps as can be needed",
                )
            left = maximum_iterations - done
            values = _written_out(cond, body, values, several, test, left)
            break
        if not bool(np.asarray(tensor(test))):
            break
        found = body(*values)
        values = tuple(found) if several else (found,)
        done += 1
    return values if several else values[0]


_choice = cond  # which the loop's condition hides there


def _written_out(
    condition: Function, body: Function, values: Any, several: bool, on: Any, steps: int
) -> Any:
    """The values after some steps of a loop that goes on as long as `on` says."""
    for _ in range(steps):

        def step(values: Any = values) -> Any:
            found = body(*values)
            return tuple(found) if several else (found,)

        values = _choice(on, step, lambda values=values: values)
        on = logical_and(on, condition(*values))
    return values


def fori_loop(lower: Any, upper: Any, body_fun: Function, init_val: Any) -> Any:
    """`value = body_fun(i, value)` for i from lower up to upper.

    Inside a trace each step is written into the graph.

    Raises:
        UnsupportedError: a bound is a tensor of a trace.

    Example:

    >>> fori_loop(0, 4, lambda i, x: x + i, 0)
    6
    """
    bounds = tensor(lower), tensor(upper)
    require_eager("fori_loop up to an unknown number", *bounds)
    value = init_val
    for i in range(int(bounds[0]), int(bounds[1])):
        value = body_fun(i, value)
    return value


def _length(name: str, xs: Any, axis: int = 0) -> int:
    """The length that all leaves have along an axis."""
    shapes = [full_shape(tensor(x)) for x in flatten(xs)]
    lengths = {s[one_axis(axis, len(s))] for s in shapes}
    if len(lengths) != 1:
        raise ArgumentError(
            "These tensors are gone through together.",
            where=f"ops.{name}",
            expected=f"one length along axis {axis}",
            received=sorted(str(d) for d in lengths),
        )
    (length,) = lengths
    if isinstance(length, Batch):
        raise UnsupportedError(
            f"ops.{name} cannot go through the rows of a batch inside a trace.",
            expected="an axis of known length",
            received="the batch",
            remedy="write the function for all rows at once, with pronghorn.ops",
        )
    return int(length)


def _at(xs: Any, i: int) -> Any:
    return map_structure(lambda x: getitem(tensor(x), i), xs)


def _stacked(results: list[Any]) -> Any:
    """Equal structures as one of stacked tensors; None stays None."""
    leaves = [flatten(r) for r in results]
    joined = [
        None if column[0] is None else stack([tensor(v) for v in column])
        for column in zip(*leaves, strict=True)
    ]
    return pack_sequence_as(results[0], joined)


def scan(
    f: Function,
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
) -> tuple[Any, Any]:
    """A state carried through the parts of `xs` along axis 0.

    Args:
        f: `(state, part)` to `(next state, output)`.
        init: the first state.
        xs: a tensor or a structure of them; None for no parts.
        length: the number of steps, where `xs` is None.
        reverse: whether it goes from the end to the front. Outputs keep their places.
        unroll: how many steps are written out at once; a trace writes out all.

    Returns:
        (the last state, the outputs stacked).

    Raises:
        ArgumentError: neither `xs` nor `length`, or both and they differ; an `unroll`
            below 1.
        DtypeError: `f` is no function.
        UnsupportedError: through the batch inside a trace.

    Example:

    >>> total, sums = scan(lambda s, x: (s + x, s + x), 0.0, np.array([1.0, 2.0, 3.0]))
    >>> float(total), sums.tolist()
    (6.0, [1.0, 3.0, 6.0])
    """
    if not callable(f):
        raise DtypeError(
            "What scan repeats is a function.",
            where="ops.scan",
            expected="a function of a state and a part",
            received=repr(f),
        )
    if not isinstance(unroll, bool) and (not isinstance(unroll, int) or unroll < 1):
        raise ArgumentError(
            "There is no such number of steps to write out.",
            where="ops.scan",
            expected="unroll of 1 or more, or a bool",
            received=f"unroll={unroll!r}",
        )
    steps = length if xs is None else _length("scan", xs)
    if steps is None or length not in (None, steps):
        raise ArgumentError(
            "scan needs to know how many steps there are.",
            where="ops.scan",
            expected="xs, or length",
            received=f"length={length}, xs of length {steps}",
        )
    outputs: list[Any] = [None] * int(steps)
    state = init
    for i in reversed(range(int(steps))) if reverse else range(int(steps)):
        state, outputs[i] = f(state, None if xs is None else _at(xs, i))
    return state, _stacked(outputs) if outputs else None


def associative_scan(
    f: Function, elems: Any, reverse: bool = False, axis: int = 0
) -> Any:
    """The running results of an associative function along an axis.

    Args:
        f: of two parts of `elems`, of length 1 along the axis; gives one.
        elems: a tensor or a structure of them.
        reverse: whether it goes from the end to the front.
        axis: default the first.

    Raises:
        UnsupportedError: along the batch inside a trace.

    Example:

    >>> associative_scan(lambda a, b: a + b, np.array([1.0, 2.0, 3.0])).tolist()
    [1.0, 3.0, 6.0]
    """
    length = _length("associative_scan", elems, axis)
    order = range(length - 1, -1, -1) if reverse else range(length)

    def part(x: Any, i: int) -> Any:
        value = tensor(x)
        place = one_axis(axis, value.ndim)
        starts, stops = [0] * value.ndim, list(full_shape(value))
        starts[place], stops[place] = i, i + 1
        return slice_static(value, tuple(starts), tuple(stops))

    found: list[Any] = [None] * length
    total = None
    for i in order:
        own = map_structure(lambda x, i=i: part(x, i), elems)
        total = own if total is None else f(total, own)
        found[i] = total
    return map_structure(lambda *parts: concatenate(parts, axis), *found)


def map(f: Function, xs: Any) -> Any:
    """`f` of each part of `xs` along axis 0, the results stacked.

    Raises:
        UnsupportedError: through the batch inside a trace.

    Example:

    >>> map(lambda row: row.sum(), np.ones((3, 2))).tolist()
    [2.0, 2.0, 2.0]
    """
    return _stacked([f(_at(xs, i)) for i in range(_length("map", xs))])


def vectorized_map(function: Function, elements: Any) -> Any:
    """`function` of each part of `elements` along axis 0; as `map`."""
    steps = range(_length("vectorized_map", elements))
    return _stacked([function(_at(elements, i)) for i in steps])


def vectorize(
    pyfunc: Function, *, excluded: Any = None, signature: str | None = None
) -> Function:
    """A function of arrays from one of their elements, by NumPy's rules. Arrays only.

    Args:
        pyfunc: of numbers, or of the parts that the signature names.
        excluded: the arguments that are passed on whole.
        signature: "(n),(n)->()", for parts instead of numbers.

    Example:

    >>> vectorize(lambda a, b: max(a, b))(np.array([1.0, 5.0]), 3.0).tolist()
    [3.0, 5.0]
    """
    whole = np.vectorize(pyfunc, excluded=excluded, signature=signature)

    def of_arrays(*args: Any, **kwargs: Any) -> Any:
        require_eager("vectorize", *args, *kwargs.values())
        return whole(*args, **kwargs)

    return of_arrays


def custom_gradient(f: Function) -> Function:
    """A function whose gradient is the one that it returns.

    Args:
        f: of tensors; gives `(result, gradient)`, where `gradient(upstream)` gives one
            tensor for each argument of `f`, or one alone, or None where none flows.

    Returns:
        A function of the same arguments, which gives the result.

    Raises:
        ArgumentError: another number of gradients than there are arguments, or one of
            another shape.
        UnsupportedError: inside a trace, several results, or a trainable variable that
            is no argument: it would have no gradient.

    Example:

    >>> from pronghorn import grad
    >>> @custom_gradient
    ... def twice(x):
    ...     return x * 2.0, lambda upstream: upstream * 10.0
    >>> grad(lambda x: twice(x))(np.float32(3.0)).item()
    10.0
    """

    def with_own_gradient(*args: Any, **kwargs: Any) -> Any:
        given = [a.value if isinstance(a, Variable) else a for a in args]
        result, gradient = f(*given, **kwargs)
        if not is_symbolic(*given):
            return result
        if isinstance(result, (tuple, list, dict)):
            raise UnsupportedError(
                "A function with a gradient of its own has one result here.",
                where="ops.custom_gradient",
                received=f"{len(result)} results",
                remedy="write one such function for each result",
            )
        places = [i for i, a in enumerate(given) if is_symbolic(a)]
        value = stop_gradient(as_tensor(tensor(result)))

        def slopes(upstream: Any) -> list[Any]:
            found = gradient(upstream)
            listed = list(found) if isinstance(found, (tuple, list)) else [found]
            if len(listed) != len(given):
                raise _mismatch(f"{len(given)} gradients", f"{len(listed)}")
            return [_slope(listed[i], given[i]) for i in places]

        if isinstance(value, EagerTensor):
            own_gradient(value, [given[i] for i in places], slopes)
            return value
        inputs = tuple([given[i].node for i in places])
        _check_closure(value.node, inputs)
        value.node.payload = OwnGradient(inputs, slopes)
        return value

    return with_own_gradient


def _slope(g: Any, x: Any) -> Any:
    """A gradient as a tensor of its argument's shape."""
    if g is None:
        return None
    eager = isinstance(x, EagerTensor) and not is_symbolic(g)
    value = EagerTensor(g) if eager else as_tensor(tensor(g))
    have, wanted = full_shape(value), full_shape(x)
    if have not in (wanted, ()):
        raise _mismatch(f"a gradient of shape {text(wanted)}", text(have))
    return broadcast_to(value, wanted)


def _mismatch(expected: str, received: str) -> ArgumentError:
    return ArgumentError(
        "There is one gradient for each argument.",
        where="ops.custom_gradient",
        expected=expected,
        received=received,
        remedy="return a tuple, with None where none flows",
    )


def _check_closure(result: Any, inputs: tuple[Any, ...]) -> None:
    known = {node.number for node in ancestors(inputs)}
    for node in ancestors([result]):
        mine = node.primitive is STATE and node.payload.trainable
        if mine and node.number not in known:
            raise UnsupportedError(
                "This variable would have no gradient.",
                where="ops.custom_gradient",
                expected="trainable variables among the arguments",
                received=f"variable {node.payload.path!r}",
                remedy="pass it as an argument, and return its gradient too",
            )
