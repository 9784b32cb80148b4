"""Masks: where they begin, how they travel, and what they leave out."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from tests.conformance import data
from tests.conformance.case import Case, CaseTable, Results, arrays, jsonable, lookup

STEPS, FEATURES = 5, 3
MASK_VALUES: dict[str, Any] = {"default": 0.0, "minus one": -1.0, "a tenth": 0.1}
MERGES = ("Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply", "Subtract")
REDUCTIONS = ("sum_over_batch_size", "sum", "mean_with_sample_weight")


def steps(seed: int, value: float = 0.0, rows: int = data.ROWS) -> np.ndarray:
    """Rows of steps, the last ones padding; of some rows all, of some none."""
    x = data.draw(seed, rows, STEPS, FEATURES)
    lengths = np.random.RandomState(seed).randint(0, STEPS + 1, rows)
    x[np.arange(STEPS) >= lengths[:, None]] = value
    return x


def ids(rows: int = data.ROWS) -> np.ndarray:
    """Rows of ids, 0 for padding."""
    random = np.random.RandomState(9)
    lengths = random.randint(1, STEPS + 1, rows)
    found = random.randint(1, 6, (rows, STEPS)).astype("int32")
    found[np.arange(STEPS) >= lengths[:, None]] = 0
    return found


def pooling(k: Any) -> Any:
    """The mean over the steps that count, and how many they are: a user's layer."""

    class Pooling(k.layers.Layer):  # type: ignore[misc]
        def call(self, inputs: Any, mask: Any = None) -> Any:
            if mask is None:
                return k.ops.mean(inputs, axis=1)
            counts = k.ops.expand_dims(k.ops.cast(mask, "float32"), -1)
            total = k.ops.sum(counts, axis=1)
            return k.ops.sum(inputs * counts, axis=1) / k.ops.maximum(total, 1.0)

        def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
            return None

    return Pooling(name="pooling")


def masking(k: Any, value: Any) -> Results:
    """Masking alone."""
    layer = k.layers.Masking(mask_value=value, name="layer")
    x = steps(60, value, 9)
    return {
        "config": jsonable(layer.get_config()),
        "supports": layer.supports_masking,
        "values": np.asarray(layer(x)),
        "mask": np.asarray(layer.compute_mask(x)).tolist(),
        "of rows": np.asarray(layer.compute_mask(x[:, 0])).tolist(),
        "output shape": jsonable(layer.compute_output_shape((None, 4, 3))),
    }


def embedding(k: Any, mask_zero: bool) -> Results:
    """Embedding(mask_zero=): its config and its mask."""
    layer = k.layers.Embedding(6, 4, mask_zero=mask_zero, name="layer")
    mask = layer.compute_mask(ids(9))
    return {
        "config": jsonable(layer.get_config()),
        "supports": layer.supports_masking,
        "mask": None if mask is None else np.asarray(mask).tolist(),
    }


def seen_by(k: Any, make: Any) -> Results:
    """What a layer of one's own behind others gets as its mask."""

    class Seen(k.layers.Layer):  # type: ignore[misc]
        def call(self, inputs: Any, mask: Any = None) -> Any:
            shape = k.ops.shape(inputs)[:-1]
            missing = k.ops.full(shape, -1.0) if mask is None else mask
            return k.ops.cast(missing, "float32")

    x = k.Input((STEPS, FEATURES), name="x")
    model = k.Model(x, Seen(name="seen")(make(k, x)))
    rows = steps(60, 0.0, 9)
    return {"eager": np.asarray(model(rows)), "run": model.predict(rows, verbose=0)}


def behind(name: str, **arguments: Any) -> Any:
    """Masking, and then a layer."""
    return lambda k, x: lookup(k, f"layers.{name}")(**arguments)(k.layers.Masking()(x))


def merged(name: str, other: bool) -> Any:
    """Two inputs of a merging layer, one or both of them with a mask."""

    def make(k: Any, x: Any) -> Any:
        masked = k.layers.Masking()(x)
        second = k.layers.Masking()(x[:, ::-1]) if other else x
        return lookup(k, f"layers.{name}")()([masked, second])

    return make


def reversed_mask(inputs: Any, mask: Any) -> Any:
    """The mask of a Lambda that turns its steps round."""
    return mask[:, ::-1]


def turned(x: Any) -> Any:
    """The function of that Lambda."""
    return x[:, ::-1]


TRAVELS: dict[str, Any] = {
    "Dense": behind("Dense", units=2),
    "Activation": behind("Activation", activation="relu"),
    "Dropout": behind("Dropout", rate=0.5),
    "LayerNormalization": behind("LayerNormalization"),
    "BatchNormalization": behind("BatchNormalization"),
    "Identity": behind("Identity"),
    "Rescaling": behind("Rescaling", scale=2.0),
    "Lambda": lambda k, x: k.layers.Lambda(
        turned, output_shape=(STEPS, FEATURES), mask=reversed_mask
    )(k.layers.Masking()(x)),
    "TimeDistributed": lambda k, x: k.layers.TimeDistributed(k.layers.Dense(2))(
        k.layers.Masking()(x)
    ),
    "Sequential": lambda k, x: k.Sequential([k.layers.Masking(), k.layers.Dense(2)])(x),
    "operation": lambda k, x: k.layers.Masking()(x) * 2.0,
    **{f"{name} of both": merged(name, True) for name in MERGES},
    **{f"{name} of one": merged(name, False) for name in ("Add", "Concatenate")},
}


def net(k: Any, first: Any, inputs: Any) -> Any:
    """Masked steps through normalization, to one number each."""
    hidden = k.layers.Dense(4, activation="tanh", name="one")(first(inputs))
    hidden = k.layers.BatchNormalization(momentum=0.8, name="norm")(hidden)
    hidden = k.layers.TimeDistributed(k.layers.Dense(3), name="each")(hidden)
    outputs = k.layers.Dense(1, name="out")(hidden)
    return data.seeded(k.Model(inputs, outputs, name="net"))


def trained(k: Any, weights: Any, loss: Any) -> Results:
    """A hundred steps of which the loss and the metrics leave out the padding."""
    model = net(k, k.layers.Masking(name="first"), k.Input((STEPS, FEATURES), name="x"))
    model.compile(
        k.optimizers.SGD(0.02), loss, metrics=["mae"], weighted_metrics=["mse"]
    )
    x, y = steps(61), data.draw(62, data.ROWS, STEPS, 1)
    given = None if weights is None else np.broadcast_to(weights, y.shape[:2])
    results = data.trained(k, model, x, y, sample_weight=given)
    results["moving"] = arrays([model.get_layer("norm").moving_mean])
    results["predicted"] = model.predict(x[:9], verbose=0)
    scores = model.evaluate(x, y, sample_weight=given, batch_size=8, verbose=0)
    return results | {"history of evaluate": np.asarray(scores)}


def words(k: Any) -> Results:
    """Ids of which 0 is padding, and a class for each step."""
    x = k.Input((STEPS,), dtype="int32", name="x")
    hidden = k.layers.Embedding(6, 4, mask_zero=True, name="embedding")(x)
    last = k.layers.Dense(3, activation="softmax", name="inner")
    model = data.seeded(k.Model(x, k.layers.TimeDistributed(last, name="out")(hidden)))
    loss = "sparse_categorical_crossentropy"
    model.compile(k.optimizers.SGD(0.05), loss, metrics=["accuracy"])
    return data.trained(k, model, ids(), ids() % 3)


def pooled(k: Any) -> Results:
    """A user's layer that takes the mask, in a Sequential."""
    parts = [
        k.Input((STEPS,), dtype="int32"),
        k.layers.Embedding(6, 4, mask_zero=True, name="embedding"),
        pooling(k),
        k.layers.Dense(1, name="out"),
    ]
    model = data.seeded(k.Sequential(parts, name="net"))
    model.compile(k.optimizers.SGD(0.02), loss="mse")
    results = data.trained(k, model, ids(), data.numbers())
    return results | {"eager": np.asarray(model(ids(9)))}


def subclassed(k: Any) -> Results:
    """A model of one's own: masks go from layer to layer within its call."""

    class Reader(k.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(name="reader")
            self.masking = k.layers.Masking(name="masking")
            self.hidden = k.layers.Dense(4, activation="tanh", name="hidden")
            self.pooling = pooling(k)
            self.out = k.layers.Dense(1, name="out")

        def call(self, inputs: Any) -> Any:
            return self.out(self.pooling(self.hidden(self.masking(inputs))))

    model = Reader()
    model(steps(60, 0.0, 9))
    data.seeded(model)
    model.compile(k.optimizers.SGD(0.02), loss="mse")
    results = data.trained(k, model, steps(61), data.numbers())
    return results | {"eager": np.asarray(model(steps(60, 0.0, 9)))}


def saved(k: Any) -> Results:
    """A file of a model with masks: opened, it leaves out the same."""
    model = net(k, k.layers.Masking(name="first"), k.Input((STEPS, FEATURES), name="x"))
    model.compile(k.optimizers.SGD(0.02), "mse", metrics=["mae"])
    x, y = steps(61), data.draw(62, data.ROWS, STEPS, 1)
    data.fit(k, model, x, y, epochs=2)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "model.keras")
        model.save(path)
        model = k.models.load_model(path)
    results = data.trained(k, model, x, y, epochs=2)
    copy = k.models.clone_model(model)
    copy.set_weights(model.get_weights())
    return results | {"copied": copy.predict(x[:9], verbose=0)}


def cases() -> CaseTable:
    """Layers alone, masks on their way, and training."""
    for name, value in MASK_VALUES.items():
        yield Case(f"masks/Masking/{name}", lambda k, v=value: masking(k, v))
    for flag in (True, False):
        yield Case(f"masks/Embedding/{flag}", lambda k, f=flag: embedding(k, f))
    for name, make in TRAVELS.items():
        yield Case(f"masks/travel/{name}", lambda k, m=make: seen_by(k, m))
    some = np.linspace(0.2, 1.5, STEPS, dtype="float32")
    for name, weights in (("plain", None), ("weighted", some)):
        for reduction in REDUCTIONS:
            yield Case(
                f"masks/training/{name} {reduction}",
                lambda k, w=weights, r=reduction: trained(
                    k, w, k.losses.MeanSquaredError(reduction=r)
                ),
            )
    yield Case("masks/training/words", words)
    yield Case("masks/training/pooled", pooled)
    yield Case("masks/training/subclassed", subclassed)
    yield Case("masks/files/Masking", saved)
