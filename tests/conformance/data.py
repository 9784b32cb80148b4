"""Tables and nets of the cases: small, random, the same on every machine."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance.case import Results, arrays, assert_backend, jsonable

ROWS = 78  # with batches of 8: nine whole ones and a last one of six, 10 steps
FEATURES = 5
CLASSES = 3
BATCH = 8
EPOCHS = 10  # 100 steps


def draw(seed: int, *shape: int) -> np.ndarray:
    """Standard normal numbers, float32, from a stream that NumPy has frozen."""
    return np.random.RandomState(seed).standard_normal(shape).astype("float32")


def features(seed: int = 1, rows: int = ROWS, width: int = FEATURES) -> np.ndarray:
    """Inputs, float32 of shape (rows, width)."""
    return draw(seed, rows, width)


def numbers(outputs: int = 1, rows: int = ROWS) -> np.ndarray:
    """Regression targets, float32 of shape (rows, outputs)."""
    x = features(rows=rows)
    return np.tanh(x @ draw(2, FEATURES, outputs)) + 0.3 * draw(3, rows, outputs)


def classes(rows: int = ROWS) -> np.ndarray:
    """Class ids in [0, CLASSES), int32 of shape (rows,)."""
    return np.argmax(numbers(CLASSES, rows), axis=1).astype("int32")


def onehot(rows: int = ROWS) -> np.ndarray:
    """One-hot labels, float32 of shape (rows, CLASSES)."""
    return np.eye(CLASSES, dtype="float32")[classes(rows)]


def binary(rows: int = ROWS) -> np.ndarray:
    """Labels 0 and 1, float32 of shape (rows, 1)."""
    return (numbers(1, rows) > 0).astype("float32")


def row_weights(rows: int = ROWS) -> np.ndarray:
    """Sample weights in [0.2, 1.7), float32 of shape (rows,)."""
    uniform = np.random.RandomState(4).random_sample(rows)
    return (0.2 + 1.5 * uniform).astype("float32")


def initial(weight: Any, seed: int) -> np.ndarray:
    """Random start of one weight; variances positive, scales near one."""
    name, shape = weight.name, tuple(weight.shape)
    noise = draw(seed, *shape)
    if "variance" in name:
        return 0.5 + np.abs(noise)
    if "gamma" in name or name == "scale":
        return 1.0 + 0.2 * noise
    return noise / np.sqrt(max(shape[0], 1)) if len(shape) > 1 else 0.1 * noise


def seeded(model: Any, seed: int = 10) -> Any:
    """The model or layer, its weights replaced by reproducible random ones."""
    weights = [initial(w, seed + i) for i, w in enumerate(model.weights)]
    model.set_weights([np.asarray(w, dtype="float32") for w in weights])
    return model


def mlp(k: Any, outputs: int = 1, last: str | None = None, width: int = 6) -> Any:
    """Two hidden layers of tanh, from seeded weights."""
    return seeded(
        k.Sequential(
            [
                k.layers.Input((FEATURES,)),
                k.layers.Dense(width, activation="tanh", name="one"),
                k.layers.Dense(width, activation="tanh", name="two"),
                k.layers.Dense(outputs, activation=last, name="out"),
            ],
            name="mlp",
        )
    )


def fit(k: Any, model: Any, x: Any, y: Any, **kwargs: Any) -> Results:
    """Train without shuffling; history and epochs as Keras gives them."""
    options = {"epochs": EPOCHS, "batch_size": BATCH, "shuffle": False, "verbose": 0}
    history = model.fit(x, y, **(options | kwargs))
    assert_backend(k, model)
    return {
        "keys": list(history.history),
        "history": {name: np.asarray(v) for name, v in history.history.items()},
        "epochs": jsonable(history.epoch),
    }


def trained(k: Any, model: Any, x: Any, y: Any, **kwargs: Any) -> Results:
    """`fit`, and the weights that it left."""
    return fit(k, model, x, y, **kwargs) | {"weights": arrays(model.get_weights())}
