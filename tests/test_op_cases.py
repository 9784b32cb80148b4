"""Every operation, on every backend: its value, its gradient, and with a batch."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from pronghorn import ops, testing
from pronghorn.errors import GraphError, PronghornError
from pronghorn.ir import Kind, Primitive, bind, primitives
from tests import op_cases_composed  # noqa: F401  adds its rows
from tests.op_cases import CASES, OpCase, real

BACKENDS = ("reference", "native")
NUMBERS = Counter[str]()


def name_of(case: OpCase) -> str:
    """The op and the number of the row among its own."""
    NUMBERS[case.op] += 1
    return f"{case.op}-{NUMBERS[case.op]}"


ROWS = [pytest.param(case, id=name_of(case)) for case in CASES]
DIFFERENTIATED = [p for p in ROWS if p.values[0].gradient]
TRACED = [p for p in ROWS if p.values[0].traced]
BATCHED = [p for p in TRACED if p.values[0].rows]


def wide(case: OpCase) -> list[np.ndarray]:
    """The row's arrays, floats as float64."""
    kinds = [np.asarray(a).dtype.kind for a in case.arrays]
    return [
        np.asarray(a, "float64" if kind == "f" else None)
        for a, kind in zip(case.arrays, kinds, strict=True)
    ]


def listed(results: Any) -> list[np.ndarray]:
    """One result or several, as a list of arrays."""
    several = isinstance(results, tuple | list)
    return [np.asarray(r) for r in (results if several else [results])]


def assert_close(case: OpCase, got: list[np.ndarray]) -> None:
    """The results are NumPy's, to float32's precision."""
    expected = listed(case.expected(*wide(case)))
    assert len(expected) == len(got)
    for a, b in zip(expected, got, strict=True):
        assert a.shape == b.shape
        np.testing.assert_allclose(b, a, rtol=3e-6, atol=3e-6)


@pytest.mark.parametrize("case", ROWS)
def test_value_of_arrays(case: OpCase) -> None:
    assert_close(case, listed(case.call(*case.arrays)))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", TRACED)
def test_value_in_a_graph(case: OpCase, backend: str) -> None:
    run = testing.trace_and_run(case.call, case.arrays, backend, gradient=False)
    assert_close(case, run.values)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", BATCHED)
def test_value_of_a_batch(case: OpCase, backend: str) -> None:
    run = testing.trace_and_run(
        case.call, case.arrays, backend, rows=case.rows, gradient=False
    )
    assert_close(case, run.values)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", DIFFERENTIATED)
def test_gradient(case: OpCase, backend: str) -> None:
    testing.check_gradient(case.call, case.arrays, backend)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", [p for p in DIFFERENTIATED if p.values[0].rows])
def test_gradient_of_a_batch(case: OpCase, backend: str) -> None:
    testing.check_gradient(case.call, case.arrays, backend, rows=case.rows)


@pytest.mark.parametrize("case", [p for p in ROWS if not p.values[0].traced])
def test_eager_only_says_so_in_a_graph(case: OpCase) -> None:
    with pytest.raises(PronghornError):
        testing.trace_and_run(case.call, case.arrays, gradient=False)


def test_every_public_operation_has_a_row() -> None:
    assert sorted(set(ops.__all__) - {case.op for case in CASES}) == []


def test_every_primitive_is_in_a_graph_of_the_table() -> None:
    seen: set[str] = set()
    for case in CASES:
        if case.traced:
            rows, slope = case.rows, case.gradient
            run = testing.trace_and_run(
                case.call, case.arrays, rows=rows, gradient=slope
            )
            seen |= {node.primitive.name for node in run.graph.nodes}
    drawn = {n for n, p in primitives().items() if p.kind is Kind.RANDOM}
    assert sorted(set(primitives()) - seen - drawn) == []


def wrong(factor: float) -> Any:
    """Squares, whose declared gradient is wrong by a factor."""
    name = f"wrong_square_{factor}"
    known = primitives().get(name)
    primitive = known or Primitive(
        name,
        Kind.ELEMENTWISE,
        np.square,
        lambda x: (x.shape, x.dtype),
        lambda g, y, x: (g * x * (2.0 * factor),),
    )
    return lambda x: bind(primitive, x)


@pytest.fixture
def no_trace_of_wrong_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Primitives declared in a test are forgotten after it."""
    from pronghorn.ir import primitive

    monkeypatch.setattr(primitive, "_ALL", dict(primitive._ALL))


@pytest.mark.usefixtures("no_trace_of_wrong_ones")
@pytest.mark.parametrize("factor", [1.001, 0.999, -1.0, 0.0, 2.0])
def test_the_checker_rejects_a_wrong_gradient(factor: float) -> None:
    assert testing.check_gradient(wrong(1.0), [real(5, 4)]) < 1e-5
    with pytest.raises(GraphError, match="is not the function's"):
        testing.check_gradient(wrong(factor), [real(5, 4)])


@pytest.mark.usefixtures("no_trace_of_wrong_ones")
def test_the_checker_rejects_a_missing_gradient() -> None:
    primitive = Primitive(
        "forgotten_square",
        Kind.ELEMENTWISE,
        np.square,
        lambda x: (x.shape, x.dtype),
        lambda g, y, x: (None,),
    )
    with pytest.raises(GraphError, match="argument 0"):
        testing.check_gradient(lambda x: bind(primitive, x), [real(5, 4)])


def test_the_table_rejects_a_wrong_value() -> None:
    case = OpCase("exp", (real(5, 4),), lambda x: np.exp(x) * 1.001, ops.exp)
    with pytest.raises(AssertionError):
        assert_close(case, listed(case.call(*case.arrays)))
