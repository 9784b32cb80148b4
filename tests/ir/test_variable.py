"""Variables: identity, storage, and what a trace makes of them; operators."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from pronghorn import Variable, ops, random
from pronghorn.backends import select
from pronghorn.errors import (
    ArgumentError,
    DtypeError,
    ShapeError,
    TraceError,
    UnsupportedError,
)
from pronghorn.ir import (
    EagerTensor,
    KerasTensor,
    Trace,
    is_symbolic,
    storage_generation,
)
from pronghorn.ir.tracer import active, suspended
from pronghorn.naming import name_scope
from pronghorn.testing import trace_and_run
from tests.stepping import BACKENDS, trace_step


def test_what_it_is_made_of() -> None:
    assert Variable(1.5).shape == () and Variable(1.5).dtype == "float32"
    assert Variable([1, 2]).dtype == "int32"
    assert Variable(np.float64([1.0])).dtype == "float32"
    assert Variable([True]).dtype == "bool"
    filled = Variable(3.0, shape=(2, 2), name="v")
    assert filled.numpy().tolist() == [[3.0, 3.0], [3.0, 3.0]]
    made = Variable(lambda shape, dtype: np.arange(4).reshape(shape), shape=(2, 2))
    assert made.numpy().tolist() == [[0.0, 1.0], [2.0, 3.0]]
    with Trace():  # a layer that is built while it is traced: first values are numbers
        drawn = Variable(lambda shape, dtype: random.normal(shape), shape=(2,))
    assert np.isfinite(drawn.numpy()).all()
    copied = Variable(filled)
    filled.assign(np.zeros((2, 2)))
    assert copied.numpy().sum() == 12.0
    assert repr(filled) == (
        f"<Variable path=v, shape=(2, 2), dtype=float32, value={filled.numpy()}>"
    )


def test_an_initializer_needs_a_shape() -> None:
    with pytest.raises(ArgumentError, match="shape"):
        Variable(lambda shape, dtype: np.zeros(shape))
    with pytest.raises(DtypeError, match="complex"):
        Variable(np.zeros(2, complex))


def test_assign_keeps_shape_and_dtype() -> None:
    v = Variable([1.0, 2.0], name="v")
    v.assign([3, 4])
    v.assign_add([1.0, 1.0])
    v.assign_sub(2.0 * v.value)
    assert v.numpy().tolist() == [-4.0, -5.0] and v.dtype == "float32"
    v.assign(Variable([7.0, 8.0]))
    assert np.asarray(v).tolist() == [7.0, 8.0]
    assert np.asarray(v, dtype="float64").dtype == np.float64
    with pytest.raises(ShapeError) as caught:
        v.assign([1.0])
    assert "'v'" in str(caught.value) and "(2,)" in str(caught.value)


def test_nobody_writes_behind_its_back() -> None:
    v = Variable([1.0, 2.0])
    with pytest.raises(ValueError, match="read-only"):
        v.value[0] = 5.0
    v.numpy()[0] = 5.0
    np.asarray(v)[0] = 5.0
    assert v.numpy().tolist() == [1.0, 2.0]


def test_rehome_moves_the_value_and_is_noticed() -> None:
    v = Variable([1.0, 2.0])
    old, before = v.storage, storage_generation()
    flat = np.full(5, 9.0, np.float32)
    v.rehome(flat[1:3])
    assert storage_generation() == before + 1
    assert flat.tolist() == [9.0, 1.0, 2.0, 9.0, 9.0]
    v.assign([3.0, 4.0])
    assert flat.tolist() == [9.0, 3.0, 4.0, 9.0, 9.0] and old.tolist() == [1.0, 2.0]
    flat[1] = 7.0
    assert v.numpy().tolist() == [7.0, 4.0] and v.value.tolist() == [7.0, 4.0]


def test_a_trace_touches_no_storage() -> None:
    v = Variable(2.0, name="v")
    with Trace() as trace:
        assert isinstance(v.value, KerasTensor)
        v.assign(v * 3.0)
        v.assign_add(1.0)
        read = v.value
    assert v.numpy() == 2.0 and isinstance(v.value, np.ndarray)
    ((variable, node),) = trace.updates()
    assert variable is v and node is read.node
    assert trace.leaf(v) is not node


def test_a_trace_checks_shapes_and_casts() -> None:
    count = Variable(1, name="count")
    with Trace() as trace:
        count.assign(count.value + 1.5)
        with pytest.raises(ShapeError, match="'count'"):
            count.assign(np.zeros(3))
    ((_, node),) = trace.updates()
    assert node.dtype == "int32"


def test_suspended_code_is_eager() -> None:
    v = Variable(2.0)
    with Trace() as trace:
        with suspended():
            assert active() is None
            v.assign(v.value * 2.0)
        assert active() is trace
        assert is_symbolic(v.value)
    assert v.numpy() == 4.0 and trace.updates() == []


def test_a_trace_is_of_one_thread() -> None:
    v, seen = Variable(2.0), []
    with Trace():
        thread = threading.Thread(target=lambda: seen.append(v.value))
        thread.start()
        thread.join()
    assert isinstance(seen[0], np.ndarray)


def test_a_trace_ends_with_an_error() -> None:
    with pytest.raises(ZeroDivisionError), Trace():
        raise ZeroDivisionError
    assert active() is None


@pytest.mark.parametrize("backend", BACKENDS)
def test_variables_swap_their_values(backend: str) -> None:
    """An update may be another variable's old value."""
    a, b = Variable([1.0, 2.0]), Variable([3.0, 4.0])

    def swap(x: Any) -> Any:
        old = a.value
        a.assign(b.value)
        b.assign(old)
        return x

    x = np.ones((2, 1), np.float32)
    graph = trace_step(swap, [x])
    run = select(backend).compile(graph, 2).run
    assert run([x], None, 0, 2, 2) == 1
    assert a.numpy().tolist() == [3.0, 4.0] and b.numpy().tolist() == [1.0, 2.0]


OPERATORS = {
    "a + b": lambda a, b: a + b,
    "a - b": lambda a, b: a - b,
    "a * b": lambda a, b: a * b,
    "a / b": lambda a, b: a / b,
    "a // b": lambda a, b: a // b,
    "a % b": lambda a, b: a % b,
    "a ** b": lambda a, b: a**b,
    "a < b": lambda a, b: a < b,
    "a <= b": lambda a, b: a <= b,
    "a > b": lambda a, b: a > b,
    "a >= b": lambda a, b: a >= b,
    "-a": lambda a, b: -a,
    "abs(a)": lambda a, b: abs(a),
    "(a < b) & (a > 1)": lambda a, b: (a < b) & (a > 1.0),
    "(a < b) | (a > 1)": lambda a, b: (a < b) | (a > 1.0),
    "~(a < b)": lambda a, b: ~(a < b),
    "a[1:]": lambda a, b: a[1:],
    "2 - a": lambda a, b: 2.0 - a,
    "2 / a": lambda a, b: 2.0 / a,
    "2 ** a": lambda a, b: 2.0**a,
    "7 // a": lambda a, b: 7.0 // a,
    "7 % a": lambda a, b: 7.0 % a,
}


@pytest.mark.parametrize("name", OPERATORS)
def test_operators_are_numpys(name: str) -> None:
    function = OPERATORS[name]
    a, b = np.float32([0.5, 2.0, 3.0]), np.float32([1.5, 2.0, 0.7])
    expected = function(a, b)
    v, w = Variable(a), Variable(b)
    for found in (function(v, w), function(v, b), function(a, w)):
        np.testing.assert_allclose(np.asarray(found), expected, rtol=1e-6)
    with Trace():
        for result in (function(v.value, w), function(v, b), function(a, w)):
            assert "a" not in name or isinstance(result, KerasTensor | np.ndarray)
    run = trace_and_run(function, [a, b], gradient=False)
    np.testing.assert_allclose(run.values[0], expected, rtol=1e-6)


def test_matrix_product_from_either_side() -> None:
    a = np.float32([[1.0, 2.0], [3.0, 4.0]])
    v = Variable(a)
    np.testing.assert_array_equal(v @ a, a @ a)
    np.testing.assert_array_equal(a @ v, a @ a)
    with Trace():
        assert (v @ a).shape == (2, 2) and (a @ v.value).shape == (2, 2)
        assert v.value.T.shape == (2, 2)


@pytest.mark.parametrize(
    "use", [bool, float, int, list, len, np.asarray, lambda t: t if t else None]
)
def test_a_symbol_has_no_value(use: Any) -> None:
    with pytest.raises(TraceError) as caught:
        use(KerasTensor((None,), name="x"))
    assert "what to do" in str(caught.value)


def test_constants_are_weak() -> None:
    with Trace():
        whole = Variable([1, 2])
        assert (whole + 1).dtype == "int32" and (whole * 2.0).dtype == "float32"
        assert (whole / 2).dtype == "float32"
        assert (Variable([1.0]) * np.float64(2.0)).dtype == "float32"
        assert ops.cast(whole, "bool").dtype == "bool"


def test_only_a_scalar_is_a_number() -> None:
    scalar = Variable(2.5)
    assert (float(scalar), int(scalar)) == (2.5, 2)
    for convert in (float, int):
        with pytest.raises(DtypeError, match="scalar"):
            convert(Variable([1.0, 2.0]))
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(scalar)


def test_equal_is_by_value_and_the_hash_by_identity() -> None:
    v, w = Variable([1.0, 2.0]), Variable([1.0, 3.0])
    assert (v == w).tolist() == [True, False] and (v != w).tolist() == [False, True]
    assert (v == np.array([1.0, 2.0])).all() and not (v != [1.0, 2.0]).any()
    assert Variable(3) == 3 and Variable(3) != 4 and Variable(3) == 3
    assert v != None and v != "v" and (v == None) is False  # noqa: E711
    assert len({v, w, v}) == 2 and [v, w].index(v) == 0
    with Trace():
        assert isinstance(v == w, KerasTensor) and (v != 1.0).dtype == "bool"


def test_symbols_are_compared_element_by_element_in_a_trace() -> None:
    x, y = KerasTensor((None, 2)), KerasTensor((None, 2))
    assert x == x and x != y and (x == y) is False and x in [y, x]
    assert (x == 0.0).dtype == "bool" and x != None  # noqa: E711
    with Trace():
        assert (x == y).shape == (None, 2) and (x != y).dtype == "bool"
    run = trace_and_run(lambda a: ops.where(a == 2.0, 5.0, a), [np.float32([1, 2])])
    assert run.values[0].tolist() == [1.0, 5.0]


def test_what_keras_names() -> None:
    assert Variable("ones", shape=(2,)).numpy().tolist() == [1.0, 1.0]
    kept = Variable(
        0.0, autocast=False, aggregation="mean", synchronization=None, layout=None
    )
    assert (kept.autocast, kept.aggregation) == (False, "mean")
    assert kept.synchronization == "none"
    with name_scope("outer"), name_scope("inner"):
        assert Variable(0.0, name="v").path == "outer/inner/v"
    for wrong in (
        {"name": "a/b"},
        {"name": 3},
        {"aggregation": "product"},
        {"synchronization": "never"},
        {"sharding": 1},
    ):
        with pytest.raises(ArgumentError):
            Variable(0.0, **wrong)  # type: ignore[arg-type]
    with pytest.raises(UnsupportedError, match="one device"):
        Variable(0.0, layout="rows")


def test_penalty_and_constraint_are_functions() -> None:
    v = Variable(1.0)
    for name in ("regularizer", "constraint"):
        setattr(v, name, abs)
        assert getattr(v, name) is abs
        with pytest.raises(ArgumentError, match=name):
            setattr(v, name, "l2")
        setattr(v, name, None)
        assert getattr(v, name) is None


def test_tensors_with_values_are_compared_by_them() -> None:
    x, y = EagerTensor([1.0, 2.0]), EagerTensor([1.0, 3.0])
    assert (x == y).numpy().tolist() == [True, False]
    assert (x != 1.0).numpy().tolist() == [False, True] and (x == "x") is False
