"""Custom training loops that TensorFlow with Keras and Pronghorn must run alike.

Each is a function of (keras, a tape's class, a variable's class) and gives numbers.
`record.py` writes what TensorFlow computes; `test_as_tensorflow.py` compares.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

RNG = np.random.default_rng(4)
X = RNG.normal(size=(24, 4)).astype("float32")
Y = (X @ np.float32([[1.0], [-2.0], [0.5], [0.0]]) + 0.3).astype("float32")
CLASSES = (np.arange(24) % 3).astype("int32")

Scenario = Callable[[Any, Any, Any], list[Any]]


def _numbers(values: Any) -> list[Any]:
    return [np.asarray(v, dtype="float64").round(7).tolist() for v in values]


def _filled(model: Any) -> Any:
    stream = np.random.default_rng(7)
    model.set_weights(
        [0.4 * stream.normal(size=w.shape) + 0.1 for w in model.get_weights()]
    )
    return model


def _loop(keras: Any, tape_of: Any, model: Any, loss_of: Any, optimizer: Any) -> Any:
    losses = []
    for step in range(8):
        rows = slice(8 * (step % 3), 8 * (step % 3) + 8)
        with tape_of() as tape:
            loss = loss_of(model(X[rows], training=True), rows)
            if model.losses:
                loss = loss + sum(model.losses)
        gradients = tape.gradient(loss, model.trainable_weights)
        optimizer.apply_gradients(zip(gradients, model.trainable_weights))
        losses.append(float(loss))
    return _numbers([losses, *model.get_weights()])


def regression(keras: Any, tape_of: Any, _: Any) -> list[Any]:
    """A small net under Adam."""
    model = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(6, activation="tanh", kernel_regularizer="l2"),
            keras.layers.Dense(1),
        ]
    )
    mse = keras.losses.MeanSquaredError()
    adam = keras.optimizers.Adam(0.02)
    return _loop(keras, tape_of, _filled(model), lambda p, rows: mse(Y[rows], p), adam)


def classes(keras: Any, tape_of: Any, _: Any) -> list[Any]:
    """Softmax, batch normalization and momentum."""
    model = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(5, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    _filled(model)
    loss = keras.losses.SparseCategoricalCrossentropy()
    sgd = keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True)
    # variances must be positive
    weights = [np.abs(w) for w in model.get_weights()]
    model.set_weights(weights)
    return _loop(keras, tape_of, model, lambda p, rows: loss(CLASSES[rows], p), sgd)


def by_hand(keras: Any, tape_of: Any, variable: Any) -> list[Any]:
    """Linear regression by assign_sub."""
    w, b = variable(np.zeros((4, 1), "float32")), variable(np.zeros(1, "float32"))
    losses = []
    for _ in range(5):
        with tape_of() as tape:
            error = keras.ops.matmul(X, w) + b - Y
            loss = keras.ops.mean(keras.ops.square(error))
        dw, db = tape.gradient(loss, [w, b])
        w.assign_sub(0.1 * dw)
        b.assign_sub(0.1 * db)
        losses.append(float(loss))
    return _numbers([losses, w.numpy(), b.numpy()])


def second_order(keras: Any, tape_of: Any, variable: Any) -> list[Any]:
    """A slope's slope, through a nested tape."""
    v = variable(np.float32([0.5, -0.8]))
    with tape_of() as outer:
        with tape_of() as inner:
            y = keras.ops.sum(keras.ops.tanh(v * v * v))
        slope = inner.gradient(y, v)
    return _numbers([slope, outer.gradient(slope, v)])


def penalty_on_slopes(keras: Any, tape_of: Any, variable: Any) -> list[Any]:
    """A gradient inside of a loss, as for a gradient penalty."""
    w = variable(np.float32([[0.3], [-0.2], [0.5], [1.0]]))
    with tape_of() as outer:
        with tape_of() as inner:
            y = keras.ops.sum(keras.ops.sigmoid(keras.ops.matmul(X, w)))
        slope = inner.gradient(y, w)
        loss = y + keras.ops.sum(keras.ops.square(slope))
    return _numbers([outer.gradient(loss, w)])


def persistent(keras: Any, tape_of: Any, variable: Any) -> list[Any]:
    """Two results of one tape, in a dict of sources."""
    a, b = variable(np.float32(2.0)), variable(np.float32([1.0, 3.0]))
    with tape_of(persistent=True) as tape:
        y = a * b
        z = keras.ops.sum(y * y)
    first = tape.gradient(y, {"a": a, "b": b})
    second = tape.gradient(z, [b, a])
    third = tape.gradient(z, y)
    return _numbers([first["a"], first["b"], *second, third])


def weighted(keras: Any, tape_of: Any, variable: Any) -> list[Any]:
    """Weights of the target's elements, and a list of targets."""
    v = variable(np.float32([1.0, 2.0]))
    with tape_of(persistent=True) as tape:
        y, z = v * v, keras.ops.exp(v)
    one = tape.gradient(y, v, output_gradients=np.float32([1.0, 10.0]))
    return _numbers([one, tape.gradient([y, z], v)])


def unconnected(keras: Any, tape_of: Any, variable: Any) -> list[Any]:
    """What has no gradient: a source that is not used, or not watched."""
    used, idle = variable(np.float32(2.0)), variable(np.float32([1.0, 2.0]))
    with tape_of(persistent=True) as tape:
        y = used * 3.0
    nothing = tape.gradient(y, [used, idle])
    zero = tape.gradient(y, idle, unconnected_gradients="zero")
    with tape_of(watch_accessed_variables=False) as tape:
        tape.watch(used)
        z = used * used + keras.ops.sum(idle * idle)
    slopes = tape.gradient(z, [used, idle])
    with tape_of() as tape:
        y = used * used
        with tape.stop_recording():
            z = y * used
        z = z + y
    paused = tape.gradient(z, used)
    return [nothing[1] is None, slopes[1] is None, *_numbers([zero, slopes[0], paused])]


def row_by_row(keras: Any, tape_of: Any, variable: Any) -> list[Any]:
    """The slopes of each row along itself, and what has none."""
    x, idle = variable(X[:3]), variable(X[:3, :2])
    with tape_of(persistent=True) as tape:
        y = keras.ops.tanh(keras.ops.matmul(x * x, X[:4, :2]))
        z = keras.ops.sum(y, axis=1, keepdims=True)
    zero = {"unconnected_gradients": "zero"}
    return _numbers(
        [
            tape.batch_jacobian(y, x),
            tape.batch_jacobian(z, x),
            tape.jacobian(y, x),
            tape.batch_jacobian(y, idle, **zero),
            *tape.jacobian(y, [x, idle], **zero),
        ]
    )


SCENARIOS: dict[str, Scenario] = {
    scenario.__name__: scenario
    for scenario in (
        regression,
        classes,
        by_hand,
        second_order,
        penalty_on_slopes,
        persistent,
        weighted,
        unconnected,
        row_by_row,
    )
}
