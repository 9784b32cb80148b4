"""Symbols with several unknown sizes, operations of one's own, several optimizers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.conformance import data
from tests.conformance.case import (
    Case,
    CaseTable,
    Results,
    arrays,
    assert_backend,
    jsonable,
    signature,
)

SIGNED = (
    "Function",
    "Operation",
    "Variable",
    "device",
    "name_scope",
    "optimizers.MultiOptimizer",
    "optimizers.OptimizerMap",
    "random.SeedGenerator",
)

Shapes = Callable[[Any, Any], Any]

# Each is called with `ops` and a function from a shape to a symbol.
SYMBOLIC: dict[str, Shapes] = {
    "add": lambda o, t: o.add(t((None, 3)), t((2, None))),
    "add of ones": lambda o, t: o.add(t((None, 3)), t((1, None))),
    "greater": lambda o, t: o.greater(t((None, 3)), t((2, None))),
    "where": lambda o, t: o.where(t((None, 3)) > 0, t((2, None)), 0.0),
    "matmul": lambda o, t: o.matmul(t((None, 3)), t((3, None))),
    "tensordot": lambda o, t: o.tensordot(t((None, 3, 4)), t((3, 4)), axes=2),
    "inner": lambda o, t: o.inner(t((5, None)), t((4, 3))),
    "kron": lambda o, t: o.kron(t((None, 3)), t((3, 3))),
    "einsum": lambda o, t: o.einsum(
        "i...,...j->i...j", t((None, 3, 4)), t((None, 4, 5))
    ),
    "einsum, no arrow": lambda o, t: o.einsum("i...,...j", t((2, 3, 4)), t((3, 4, 5))),
    "sort": lambda o, t: o.sort(t((None, None, 3)), axis=1),
    "median": lambda o, t: o.median(t((None, 3)), axis=0),
    "quantile": lambda o, t: o.quantile(t((None, 3)), 0.5, axis=0),
    "prod": lambda o, t: o.prod(t((None, None, 3)), axis=1),
    "nonzero": lambda o, t: o.nonzero(t((None, 3))),
    "reshape": lambda o, t: o.reshape(t((None, None, 3)), (-1, 3)),
    "flatten": lambda o, t: o.ravel(t((None, None))),
    "concatenate": lambda o, t: o.concatenate([t((None, 3)), t((None, 3))], axis=0),
    "vstack": lambda o, t: o.vstack([t((None, 3)), t((None, 3))]),
    "split": lambda o, t: o.split(t((None, 3, 4)), 2, axis=2),
    "tril": lambda o, t: o.tril(t((None, None, 5))),
    "diagonal": lambda o, t: o.diagonal(t((None, 3, 3))),
    "take_along_axis": lambda o, t: o.take_along_axis(
        t((None, 3)), t((None, 2), "int32"), axis=1
    ),
    "correlate": lambda o, t: o.correlate(t((3,)), t((3,)), mode="full"),
    "gcd": lambda o, t: o.gcd(t((None, 3), "int32"), t((2, None), "int32")),
    "segment_sum": lambda o, t: o.segment_sum(t((None, 4)), t((None,), "int32"), 5),
    "in_top_k": lambda o, t: o.in_top_k(t((None,), "int32"), t((None, 10)), k=1),
    "while_loop": lambda o, t: o.while_loop(
        lambda x: o.max(x) < 10, lambda x: (x + 1,), (t((None, 2)),)
    ),
    "expand_dims": lambda o, t: o.expand_dims(t((None, None, 2)), 1),
    "norm": lambda o, t: o.norm(t((None, None, 3)), axis=-1),
    "cholesky": lambda o, t: o.cholesky(t((None, 4, 4))),
    "svd": lambda o, t: o.svd(t((None, 5, 3)), full_matrices=False),
}

# --- values, eagerly
VALUES: dict[str, Callable[[Any], Any]] = {
    "einsum, dots": lambda o: o.einsum(
        "i...,j...k->...ijk", data.draw(1, 2, 3), data.draw(2, 4, 3, 5)
    ),
    "einsum, diagonal": lambda o: o.einsum("iij->ij", data.draw(3, 3, 3, 2)),
    "segment_sum": lambda o: o.segment_sum(
        data.draw(4, 4, 2), np.array([0, -1, 2, 0], "int32"), 4
    ),
    "in_top_k": lambda o: o.in_top_k(
        np.array([1, 0, 2], "int32"),
        np.array([[0.1, np.nan, 0.5], [0.3, 0.2, 0.5], [0.4, 0.4, 0.4]], "float32"),
        k=2,
    ),
    "nancumsum": lambda o: o.nancumsum(
        np.array([[1.0, np.nan], [2.0, 3.0]], "float32")
    ),
}


def symbolic(k: Any, function: Shapes) -> Results:
    """The shapes of what comes out."""

    def symbol(shape: Any, dtype: str = "float32") -> Any:
        return k.KerasTensor(shape, dtype=dtype)

    found = k.tree.flatten(function(k.ops, symbol))
    return {"shapes": [list(tensor.shape) for tensor in found]}


def several_optimizers(k: Any, function: bool) -> Results:
    """Kernels by Adam with averages, biases by SGD with momentum."""
    of_kernels = k.optimizers.Adam(0.01, clipnorm=0.5, use_ema=True, ema_momentum=0.9)
    rate = k.optimizers.schedules.ExponentialDecay(0.05, 20, 0.7)
    of_biases = k.optimizers.SGD(rate, momentum=0.8)
    which: Any = k.optimizers.OptimizerMap(of_biases, {".*kernel": of_kernels})
    if function:

        def which(variable: Any) -> Any:
            return of_kernels if "kernel" in variable.path else of_biases

    optimizer = k.optimizers.MultiOptimizer(which, name="several")
    model = data.mlp(k)
    model.compile(optimizer=optimizer, loss="mse")
    results = data.trained(k, model, data.features(), data.numbers())
    assert_backend(k, model)
    config = {} if function else jsonable(optimizer.get_config())
    return results | {
        "config": config,
        "iterations": [
            int(np.asarray(o.iterations)) for o in (optimizer, *optimizer.optimizers)
        ],
        "shapes": [list(v.shape) for v in optimizer.variables],
        "has a rate": hasattr(optimizer, "learning_rate"),
    }


def own_operation(k: Any) -> Results:
    """An operation with arguments: config, values, its place in a model."""

    class Affine(k.Operation):  # type: ignore[misc, name-defined]
        """x * scale + shift."""

        def __init__(
            self, scale: float, *, shift: float = 1.0, name: Any = None
        ) -> None:
            super().__init__(name=name)
            self.scale, self.shift = scale, shift

        def call(self, x: Any) -> Any:
            return x * self.scale + self.shift

    x = data.draw(5, 4, 3)
    affine = Affine(2.0, name="affine")
    inputs = k.Input((3,))
    outputs = affine(inputs)
    model = k.Model(inputs, k.ops.tanh(outputs))
    again = Affine.from_config(affine.get_config())
    return {
        "config": jsonable(affine.get_config()),
        "shape": list(outputs.shape),
        "values": [np.asarray(affine(x)), np.asarray(again(x)), model.predict(x)],
    }


def own_function(k: Any) -> Results:
    """A function between symbols, and one that begins in the middle of another."""
    a, b = k.KerasTensor((None, 3)), k.KerasTensor((None, 3))
    both = k.Function({"a": a, "b": b}, [a * 2 + b, k.ops.sum(a * b, axis=-1)])
    values = both({"a": data.draw(6, 4, 3), "b": data.draw(7, 4, 3)})
    inputs = k.Input((3,))
    middle = k.layers.Dense(2, kernel_initializer="ones", name="first")(inputs)
    rest = k.Function(middle, k.ops.exp(middle))
    return {
        "values": [*arrays(values), np.asarray(rest(data.draw(8, 4, 2)))],
        "shapes": [
            list(s) for s in both.compute_output_shape({"a": (5, 3), "b": (5, 3)})
        ],
        "operations": [operation.name for operation in rest.operations],
    }


def variables(k: Any) -> Results:
    """Comparisons by value, names of initializers, paths in scopes."""
    v = k.Variable([1.0, 2.0], name="v")
    with k.name_scope("outer"), k.name_scope("inner"):
        inside = k.Variable("ones", shape=(2,), name="inside")
    return {
        "equal": [np.asarray(v == np.array([1.0, 0.0], "float32")).tolist()],
        "not equal": [np.asarray(v != np.array([1.0, 0.0], "float32")).tolist()],
        "values": np.asarray(inside),
        "path": inside.path,
    }


def cases() -> CaseTable:
    """Shapes, values, and a user's own."""
    for name in SIGNED:
        yield Case(f"symbols/{name}/signature", lambda k, n=name: signature(k, n))
    for name, function in SYMBOLIC.items():
        yield Case(f"symbols/{name}/shape", lambda k, f=function: symbolic(k, f))
    for name, value in VALUES.items():
        yield Case(
            f"symbols/{name}/value", lambda k, f=value: {"value": np.asarray(f(k.ops))}
        )
    yield Case(
        "symbols/MultiOptimizer/by patterns", lambda k: several_optimizers(k, False)
    )
    yield Case(
        "symbols/MultiOptimizer/by a function", lambda k: several_optimizers(k, True)
    )
    yield Case("symbols/Operation/own", own_operation)
    yield Case("symbols/Function/own", own_function)
    yield Case("symbols/Variable/values", variables)
