"""Models that hold the layers and optimizers which `zoo.py`'s others have not.

As there, the same lines make them here and in Keras; `test_every.py` knows whether any
class is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

ROWS = 40
WORDS = ("fig", "pear", "apple", "kiwi")
Make = Callable[[Any, np.random.Generator], Any]


def numbers(rng: np.random.Generator, columns: int) -> np.ndarray:
    return rng.normal(0.0, 1.0, (ROWS, columns)).astype("float32")


def merging(keras: Any, rng: np.random.Generator) -> Any:
    """All ways to merge, activations as layers, a named function, a pipeline."""
    layers = keras.layers

    @keras.saving.register_keras_serializable("zoo")
    def halved(x: Any) -> Any:
        return x * 0.5

    x = numbers(rng, 3)
    start = keras.Input((3,))
    scaling = [layers.Rescaling(2.0), layers.Rescaling(0.5, offset=0.1)]
    first = layers.Pipeline(scaling)(start)
    one, two = layers.Dense(4)(first), layers.Identity()(layers.Dense(4)(start))
    kinds = (layers.Average, layers.Maximum, layers.Minimum, layers.Multiply)
    merged = [kind()([one, two]) for kind in (*kinds, layers.Subtract)]
    slopes = [
        layers.ELU(alpha=0.5),
        layers.LeakyReLU(negative_slope=0.2),
        layers.ReLU(max_value=1.5, negative_slope=0.1, threshold=0.1),
        layers.Softmax(),
        layers.Lambda(halved, output_shape=(4,)),
    ]
    parts = [slope(part) for slope, part in zip(slopes, merged, strict=True)]
    model = keras.Model(start, layers.Dense(1)(layers.Concatenate()(parts)))
    model.compile(keras.optimizers.SGD(0.05), loss="mse")
    return model, [x], x[:, :1]


def words(keras: Any, rng: np.random.Generator) -> Any:
    """Words and ids that are looked up, hashed and crossed before the first weights."""
    layers = keras.layers
    found = np.array([*WORDS, "plum", ""])[rng.integers(0, 6, (ROWS, 1))]
    ids = rng.integers(0, 9, (ROWS, 1)).astype("int64")
    word = keras.Input((1,), dtype="string", name="word")
    number = keras.Input((1,), dtype="int64", name="number")
    known = layers.IntegerLookup(
        vocabulary=[3, 1, 5], num_oov_indices=2, output_mode="one_hot"
    )
    crossed = layers.HashedCrossing(7, output_mode="one_hot")
    find = layers.StringLookup(vocabulary=list(WORDS), num_oov_indices=2)
    hashed = layers.Hashing(5, salt=[3, 8])(word)
    parts = [
        layers.Flatten()(layers.Embedding(6, 2)(find(word))),
        layers.Flatten()(layers.Embedding(5, 2)(hashed)),
        known(number),
        crossed((word, number)),
    ]
    model = keras.Model([word, number], layers.Dense(1)(layers.Concatenate()(parts)))
    model.compile(keras.optimizers.SGD(0.05), loss="mse")
    return model, [found, ids], (ids % 3).astype("float32")


def _optimizers(keras: Any) -> dict[str, Callable[[], Any]]:
    """An optimizer of each class, with what keeps more state, and each schedule."""
    made, rates = keras.optimizers, keras.optimizers.schedules
    return {
        "SGD": lambda: made.SGD(
            rates.CosineDecay(0.01, 20, warmup_target=0.05, warmup_steps=4),
            momentum=0.9,
            gradient_accumulation_steps=2,
        ),
        "Adadelta": lambda: made.Adadelta(0.5, rho=0.9),
        "Adafactor": lambda: made.Adafactor(0.02),
        "Adagrad": lambda: made.Adagrad(rates.InverseTimeDecay(0.1, 4, 0.5)),
        "Adam": lambda: made.Adam(
            rates.PiecewiseConstantDecay([4, 9], [0.02, 0.01, 0.005]),
            use_ema=True,
            ema_momentum=0.8,
            ema_overwrite_frequency=5,
        ),
        "AdamW": lambda: made.AdamW(rates.CosineDecayRestarts(0.02, 4)),
        "Adamax": lambda: made.Adamax(0.02, global_clipnorm=1.0),
        "Ftrl": lambda: made.Ftrl(0.1, l1_regularization_strength=0.01, beta=0.1),
        "Lamb": lambda: made.Lamb(rates.PolynomialDecay(0.02, 12, power=2.0)),
        "Lion": lambda: made.Lion(0.003, weight_decay=0.01),
        "LossScaleOptimizer": lambda: made.LossScaleOptimizer(
            made.Adam(0.01), initial_scale=64.0, dynamic_growth_steps=4
        ),
        "Muon": lambda: made.Muon(rates.ExponentialDecay(0.02, 4, 0.9)),
        "Nadam": lambda: made.Nadam(0.02, clipvalue=0.5),
        "RMSprop": lambda: made.RMSprop(0.01),
        "ScheduleFreeAdamW": lambda: made.ScheduleFreeAdamW(0.02, warmup_steps=3),
    }


def with_optimizer(name: str) -> Make:
    """A small net, trained by the optimizer of that name."""

    def make(keras: Any, rng: np.random.Generator) -> Any:
        layers = keras.layers
        x = numbers(rng, 3)
        hidden = layers.Dense(4, activation="tanh")
        middle = layers.Dense(3, activation="tanh")
        model = keras.Sequential(
            [keras.Input((3,)), hidden, middle, layers.Dense(1, name="end")]
        )
        model.compile(_optimizers(keras)[name](), loss="mse")
        return model, [x], (x[:, :1] - x[:, 1:2]).astype("float32")

    return make


OPTIMIZERS = (
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lamb",
    "Lion",
    "LossScaleOptimizer",
    "Muon",
    "Nadam",
    "RMSprop",
    "ScheduleFreeAdamW",
)
MODELS: dict[str, Make] = {
    "merging": merging,
    "words": words,
    **{f"with_{name}": with_optimizer(name) for name in OPTIMIZERS},
}
