"""Operations between the layers of a functional model: configs, values, files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.conformance.case import Case, CaseTable, Results, jsonable

X = np.linspace(-1.9, 2.3, 24).reshape(6, 4).astype("float32")
Operation = Callable[[Any, Any], Any]

PLAIN = """absolute abs cos cosh exp exp2 expm1 isfinite isinf isnan log_sigmoid
negative reciprocal relu relu6 selu sigmoid sign silu swish sin sinh softplus
softsign sparse_plus sparse_sigmoid square tan tanh tanh_shrink hard_sigmoid hard_silu
hard_swish hard_tanh ceil floor erf zeros_like ones_like stop_gradient""".split()
POSITIVE = "log log10 log1p log2 sqrt rsqrt".split()
PAIRS = """add subtract multiply divide true_divide floor_divide mod maximum minimum
equal not_equal greater greater_equal less less_equal logaddexp""".split()
REDUCED = "all any amax amin max min mean sum std var logsumexp".split()

# Each is called with `ops` and an input of four columns.
OTHERS: dict[str, Operation] = {
    "operators": lambda o, x: -(1.0 - x * 2) / 4 + abs(x) ** 2 % 3 // 2,
    "operators, compared": lambda o, x: o.where((x > 0) & ~(x >= 1) | (x < -1), x, 0.0),
    "matmul": lambda o, x: x @ np.arange(8, dtype="float32").reshape(4, 2),
    "columns": lambda o, x: x[:, 1:3] * x[:, :1],
    "one column": lambda o, x: x[:, -1],
    "new axis": lambda o, x: x[:, None] + x[..., ::2][:, None, :1],
    "an array": lambda o, x: x * np.array([1.0, 2.0, 3.0, 4.0], "float32"),
    "power": lambda o, x: o.power(o.abs(x), 1.5),
    "where": lambda o, x: o.where(o.greater(x, 0.3), x, o.zeros_like(x)),
    "clip": lambda o, x: o.clip(x, -1.0, 0.5),
    "cast": lambda o, x: o.cast(o.cast(x, "int32"), "float32"),
    "concatenate": lambda o, x: o.concatenate([x, x[:, :2]], axis=-1),
    "stack": lambda o, x: o.stack([x, x], axis=1),
    "split": lambda o, x: o.add(*o.split(x, 2, axis=1)),
    "split at": lambda o, x: o.split(x, [1, 3], axis=-1)[1],
    "expand_dims": lambda o, x: o.expand_dims(x, 1),
    "squeeze": lambda o, x: o.squeeze(o.expand_dims(x, -1), axis=-1),
    "reshape": lambda o, x: o.reshape(x, (-1, 2, 2)),
    "transpose": lambda o, x: o.transpose(o.reshape(x, (-1, 2, 2)), axes=(0, 2, 1)),
    "swapaxes": lambda o, x: o.swapaxes(o.expand_dims(x, 1), 1, 2),
    "moveaxis": lambda o, x: o.moveaxis(o.expand_dims(x, 1), 1, 2),
    "tile": lambda o, x: o.tile(x, (1, 2)),
    "repeat": lambda o, x: o.repeat(x, 2, axis=1),
    "flip": lambda o, x: o.flip(x, axis=1),
    "pad": lambda o, x: o.pad(x, ((0, 0), (1, 2)), constant_values=3.0),
    "take": lambda o, x: o.take(x, [3, 0], axis=1),
    "cumsum": lambda o, x: o.cumsum(x, axis=1),
    "argmax": lambda o, x: o.argmax(x, axis=-1),
    "argmin": lambda o, x: o.argmin(x, axis=1, keepdims=True),
    "one_hot": lambda o, x: o.one_hot(o.argmax(x, axis=1), 4),
    "softmax": lambda o, x: o.softmax(x) + o.log_softmax(x, axis=1),
    "mean of all but the rows": lambda o, x: o.mean(
        o.reshape(x, (-1, 2, 2)), axis=(1, 2)
    ),
    "norm": lambda o, x: o.norm(x, axis=1, keepdims=True),
    "normalize": lambda o, x: o.normalize(x, axis=1, order=2, epsilon=1e-5),
    "round": lambda o, x: o.round(x, 1),
    "einsum": lambda o, x: o.einsum("ni,nj->nij", x, x),
    "dot": lambda o, x: o.dot(x, np.ones((4, 3), "float32")),
    "tensordot": lambda o, x: o.tensordot(x, np.ones((4, 3), "float32"), axes=1),
    "leaky_relu": lambda o, x: o.leaky_relu(x, negative_slope=0.1),
    "elu": lambda o, x: o.elu(x, alpha=0.5),
    "celu": lambda o, x: o.celu(x, alpha=0.5),
    "gelu": lambda o, x: o.gelu(x, approximate=False),
    "glu": lambda o, x: o.glu(x),
    "soft_shrink": lambda o, x: o.soft_shrink(x, threshold=0.2),
    "hard_shrink": lambda o, x: o.hard_shrink(x, threshold=0.2),
    "threshold": lambda o, x: o.threshold(x, 0.2, -1.0),
    "squareplus": lambda o, x: o.squareplus(x, b=3),
    "full_like": lambda o, x: x + o.full_like(x, 2.0),
    "broadcast": lambda o, x: o.max(x, axis=1, keepdims=True) * x,
}


def table() -> dict[str, Operation]:
    """Every operation by name."""

    def plain(name: str) -> Operation:
        return lambda o, x: getattr(o, name)(x)

    def positive(name: str) -> Operation:
        return lambda o, x: getattr(o, name)(o.square(x) + 0.1)

    def pair(name: str) -> Operation:
        return lambda o, x: getattr(o, name)(x, x[:, 1:2] * 0.5)

    def reduced(name: str) -> Operation:
        return lambda o, x: getattr(o, name)(x, axis=1, keepdims=True)

    return {
        **{name: plain(name) for name in PLAIN},
        **{name: positive(name) for name in POSITIVE},
        **{name: pair(name) for name in PAIRS},
        **{name: reduced(name) for name in REDUCED},
        **OTHERS,
    }


def model(k: Any, operation: Operation) -> Any:
    """A functional model of one operation, or a few."""
    x = k.Input((4,), name="x")
    return k.Model(x, operation(k.ops, x), name="net")


def written(k: Any, operation: Operation) -> Results:
    """The config, what the model computes, and what it does once saved and opened."""
    k.utils.clear_session()
    net = model(k, operation)
    config = jsonable(net.get_config())
    for layer in config["layers"]:
        for node in layer["inbound_nodes"]:
            node.update(jsonable(node))
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "net.keras")
        net.save(path)
        opened = k.models.load_model(path)
    return {
        "config": config,
        "names": [operation.name for operation in net.operations],
        "layers": [layer.name for layer in net.layers],
        "value": np.asarray(net.predict(X, verbose=0)),
        "opened": np.asarray(opened.predict(X, verbose=0)),
    }


def cases() -> CaseTable:
    """Each operation in a model of its own."""
    for name, operation in table().items():
        yield Case(f"operations/{name}", lambda k, f=operation: written(k, f), 2e-5)
