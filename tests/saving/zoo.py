"""Models that are built by the same lines here and in Keras.

Each function takes the package (`pronghorn` or `keras`) and a random generator, and
returns a compiled model, its inputs and its targets. Dropout has rate 0, because the
two draw other masks from the same seed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.saving import every
from tests.saving.every import ROWS, numbers


def linear_unit(keras: Any, rng: np.random.Generator) -> Any:
    x = numbers(rng, 3)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(units=1)])
    model.compile(optimizer="sgd", loss="mae")
    return model, [x], x.sum(axis=1, keepdims=True)


def sequential_adam(keras: Any, rng: np.random.Generator) -> Any:
    layers = keras.layers
    x = (3.0 + 2.0 * numbers(rng, 3)).astype("float32")
    y = (x @ [1.0, -2.0, 0.5] + 1.0).astype("float32")[:, None]
    normalize = layers.Normalization()
    normalize.adapt(x)
    model = keras.Sequential(
        [
            keras.Input((3,)),
            normalize,
            layers.Dense(4, activation="relu", kernel_regularizer="l2"),
            layers.BatchNormalization(),
            layers.Dropout(0.0),
            layers.Dense(1, kernel_initializer=keras.initializers.HeNormal(seed=1)),
        ]
    )
    model.compile(keras.optimizers.Adam(0.01), loss="mse", metrics=["mae"])
    return model, [x], y


def functional_sgd(keras: Any, rng: np.random.Generator) -> Any:
    layers = keras.layers
    x, codes = numbers(rng, 3), rng.integers(0, 5, (ROWS, 1)).astype("int32")
    plain = keras.Input((3,), name="plain")
    category = keras.Input((1,), dtype="int32", name="category")
    shared = layers.Dense(4, activation="tanh", name="shared")
    embedded = layers.Flatten()(layers.Embedding(5, 4)(category))
    both = layers.Add()([shared(plain), layers.LayerNormalization()(embedded)])
    joined = layers.Concatenate()([both, shared(layers.Dense(3)(both))])
    model = keras.Model([plain, category], layers.Dense(1, name="out")(joined))
    optimizer = keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True)
    # Keras 3.15 leaves Huber's delta out of its files, so only the default travels.
    model.compile(optimizer, loss=keras.losses.Huber())
    return model, [x, codes], (x[:, :1] + codes / 5).astype("float32")


def classifier_adamw(keras: Any, rng: np.random.Generator) -> Any:
    layers = keras.layers
    x = numbers(rng, 4)
    inner = keras.Sequential(
        [keras.Input((6,)), layers.Dense(5), layers.Activation("silu")], name="inner"
    )
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(6, activation="gelu"),
            inner,
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile(
        keras.optimizers.AdamW(0.01, weight_decay=0.02, clipnorm=1.0),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model, [x], (x[:, 0] > 0).astype("int32") + (x[:, 1] > 0.5)


def nested_rmsprop(keras: Any, rng: np.random.Generator) -> Any:
    """A functional model inside of another, called twice."""
    layers = keras.layers
    x, z = numbers(rng, 3), numbers(rng, 3)
    seen = keras.Input((3,), name="seen")
    hidden = layers.Dense(4, activation="elu")(seen)
    inner = keras.Model(seen, layers.Dense(2)(hidden), name="inner")
    left, right = keras.Input((3,), name="left"), keras.Input((3,), name="right")
    joined = layers.Concatenate()([inner(left), inner(right)])
    model = keras.Model([left, right], layers.Dense(1, activation="sigmoid")(joined))
    optimizer = keras.optimizers.RMSprop(0.01, rho=0.8, momentum=0.3, centered=True)
    loss = keras.losses.BinaryCrossentropy(label_smoothing=0.1)
    metrics = [keras.metrics.AUC(num_thresholds=50), "accuracy"]
    model.compile(optimizer, loss=loss, metrics=metrics)
    return model, [x, z], (x[:, :1] > z[:, :1]).astype("float32")


def two_outputs(keras: Any, rng: np.random.Generator) -> Any:
    layers = keras.layers
    x = numbers(rng, 3)
    start = keras.Input((3,), name="start")
    body = layers.Dense(5, activation="selu", kernel_initializer="lecun_normal")(start)
    first, second = layers.Dense(1, name="first")(body), layers.Dense(2)(body)
    model = keras.Model(start, [first, layers.Activation("softmax")(second)])
    losses = ["mse", keras.losses.SparseCategoricalCrossentropy()]
    model.compile(keras.optimizers.Adam(0.01, amsgrad=True), loss=losses)
    return model, [x], [x[:, :1], (x[:, 1] > 0).astype("int32")]


def beheaded(keras: Any, rng: np.random.Generator) -> Any:
    """A model that begins in the middle of another."""
    layers = keras.layers
    x = numbers(rng, 4)
    start = keras.Input((3,))
    middle = layers.Dense(4, activation="relu")(start)
    end = layers.Dense(1)(layers.Add()([middle, layers.Dense(4)(middle)]))
    model = keras.Model(middle, end)
    model.compile("adam", "mse")
    return model, [x], x[:, :1]


def operations(keras: Any, rng: np.random.Generator) -> Any:
    """Operations between layers, one of them called from two places."""
    layers, ops = keras.layers, keras.ops
    x, z = numbers(rng, 4), numbers(rng, 2)
    left, right = keras.Input((4,), name="left"), keras.Input((2,), name="right")
    scaled = ops.relu(layers.Dense(4)(left)) * 0.5 - left / 3
    joined = ops.concatenate([scaled[:, 1:], ops.square(right)], axis=-1)
    centred = joined - ops.mean(joined, axis=1, keepdims=True)
    folded = ops.sum(ops.reshape(centred, (-1, 5, 1)), axis=2)
    shown = ops.where(folded > 0, folded, ops.exp(folded) - 1.0)
    fixed = ops.matmul(shown, np.linspace(-1, 1, 15, dtype="float32").reshape(5, 3))
    model = keras.Model([left, right], layers.Dense(1)(ops.tanh(fixed)))
    model.compile(keras.optimizers.Adam(0.01), loss="mse")
    return model, [x, z], x[:, :1] * z[:, :1]


def own_layer(keras: Any, rng: np.random.Generator) -> Any:
    """A registered class with sublayers as attributes and in a list."""
    layers = keras.layers

    @keras.saving.register_keras_serializable("zoo")
    class Block(layers.Layer):
        def __init__(self, units: int, depth: int, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.units, self.depth = units, depth
            self.steps = [layers.Dense(units, activation="tanh") for _ in range(depth)]
            self._last = layers.Dense(units)
            self.first = layers.Dense(units)

        def build(self, input_shape: Any) -> None:
            self.first.build(input_shape)
            shape = (*tuple(input_shape)[:-1], self.units)
            for step in self.steps:
                step.build(shape)
            self._last.build(shape)
            self.scale = self.add_weight(shape=(), initializer="ones", name="scale")
            self.built = True

        def call(self, inputs: Any) -> Any:
            x = self.first(inputs)
            for step in self.steps:
                x = step(x)
            return self._last(x) * self.scale

        def get_config(self) -> Any:
            config = super().get_config()
            return {**config, "units": self.units, "depth": self.depth}

    x = numbers(rng, 3)
    model = keras.Sequential([keras.Input((3,)), Block(4, 2), layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.05, momentum=0.5), loss="mse")
    return model, [x], x[:, :1] * 2


def further_layers(keras: Any, rng: np.random.Generator) -> Any:
    """Einsum, wrappers, normalization of rows, learned slopes, shapes, a product."""
    layers = keras.layers
    x = numbers(rng, 6)
    start = keras.Input((6,), name="start")
    steps = layers.Reshape((2, -1))(layers.Rescaling(0.5, offset=0.1)(start))
    steps = layers.EinsumDense("abc,cd->abd", (2, 4), bias_axes="d")(steps)
    steps = layers.TimeDistributed(layers.Dense(4, activation="tanh"))(steps)
    steps = layers.PReLU(alpha_initializer="ones", shared_axes=[1])(steps)
    steps = layers.GroupNormalization(2)(layers.SpatialDropout1D(0.0)(steps))
    steps = layers.RMSNormalization()(layers.GaussianNoise(0.0)(steps))
    turned = layers.UnitNormalization()(layers.Permute((2, 1))(steps))
    both = layers.Flatten()(layers.Dot(axes=(2, 1))([steps, turned]))
    both = layers.ActivityRegularization(l2=0.01)(layers.AlphaDropout(0.0)(both))
    many = layers.RepeatVector(3)(layers.GaussianDropout(0.0)(both))
    end = layers.SpectralNormalization(layers.Dense(1))(layers.Flatten()(many))
    model = keras.Model(start, end)
    model.compile(keras.optimizers.SGD(0.02), loss="mse")
    return model, [x], x[:, :1]


def encodings(keras: Any, rng: np.random.Generator) -> Any:
    """Numbers in bins and ids as columns, before the first weights."""
    layers = keras.layers
    x, ids = numbers(rng, 2), rng.integers(0, 5, (ROWS, 2)).astype("int32")
    bins = layers.Discretization(num_bins=4, output_mode="multi_hot")
    bins.adapt(np.linspace(-2.0, 2.0, 100))
    fixed = layers.Discretization([-1.0, 0.0, 1.0])
    number, code = keras.Input((2,), name="number"), keras.Input((2,), dtype="int32")
    parts = [
        bins(number),
        layers.Flatten()(layers.Embedding(4, 2)(fixed(number))),
        layers.CategoryEncoding(5, output_mode="count")(code),
    ]
    model = keras.Model([number, code], layers.Dense(1)(layers.Concatenate()(parts)))
    model.compile(keras.optimizers.SGD(0.05), loss="mse")
    return model, [x, ids], (x[:, :1] + ids[:, :1]).astype("float32")


def several_optimizers(keras: Any, rng: np.random.Generator) -> Any:
    """A layer trained by one optimizer, the rest by another, each with its state."""
    layers, optimizers = keras.layers, keras.optimizers
    x = numbers(rng, 3)
    hidden = layers.Dense(4, activation="tanh", name="wide")
    model = keras.Sequential([keras.Input((3,)), hidden, layers.Dense(1, name="end")])
    rate = optimizers.schedules.ExponentialDecay(0.05, 5, 0.8)
    patterns = {".*wide/.*": optimizers.Adam(0.02, name="of_wide")}
    of = optimizers.OptimizerMap(optimizers.SGD(rate, 0.9, name="of_rest"), patterns)
    model.compile(optimizers.MultiOptimizer(of), loss="mse")
    return model, [x], (x[:, :1] - x[:, 1:2]).astype("float32")


def padding(keras: Any, rng: np.random.Generator) -> Any:
    """Steps and ids that are left out; masks travel, join, and end at the loss."""
    layers = keras.layers
    x = numbers(rng, 12).reshape(ROWS, 4, 3)
    x[rng.random((ROWS, 4)) < 0.4] = 0.0
    ids = rng.integers(0, 5, (ROWS, 4)).astype("int32")
    plain = keras.Input((4, 3), name="plain")
    codes = keras.Input((4,), dtype="int32", name="codes")
    seen = layers.BatchNormalization(momentum=0.8)(layers.Masking()(plain))
    both = layers.Add()([seen, layers.Embedding(5, 3, mask_zero=True)(codes)])
    both = layers.Concatenate()([layers.Dense(4, activation="tanh")(both), seen])
    model = keras.Model([plain, codes], layers.TimeDistributed(layers.Dense(1))(both))
    model.compile(keras.optimizers.SGD(0.05), loss="mse", metrics=["mae"])
    return model, [x, ids], x.sum(2, keepdims=True)


def random_graph(keras: Any, seed: int) -> Any:
    """A functional model of some wild shape, with every layer named."""
    rng = np.random.default_rng(seed)
    layers = keras.layers
    shared = [layers.Dense(3, name=f"shared{i}") for i in range(2)]
    inputs = [keras.Input((3,), name=f"in{i}") for i in range(rng.integers(1, 4))]
    tensors = list(inputs)
    for i in range(rng.integers(2, 12)):
        one, other = (tensors[rng.integers(len(tensors))] for _ in range(2))
        kind = rng.integers(4)
        if kind == 0:
            tensors.append(shared[rng.integers(2)](one))
        elif kind == 1:
            tensors.append(layers.Dense(3, name=f"dense{i}")(one))
        elif kind == 2:
            tensors.append(layers.Add(name=f"add{i}")([one, other]))
        else:
            tensors.append(layers.Activation("relu", name=f"act{i}")(one))
    made = tensors[len(inputs) :]
    picked = rng.permutation(len(made))[: rng.integers(1, 4)]
    return keras.Model(inputs, [made[i] for i in picked])


def order_of_layers(keras: Any, seed: int) -> list[str]:
    """The names of the layers of a random graph, in the model's order."""
    return [layer.name for layer in random_graph(keras, seed).layers]


MODELS = {
    f.__name__: f
    for f in (
        linear_unit,
        sequential_adam,
        functional_sgd,
        classifier_adamw,
        nested_rmsprop,
        two_outputs,
        beheaded,
        operations,
        own_layer,
        further_layers,
        encodings,
        several_optimizers,
        padding,
    )
} | every.MODELS
# On TensorFlow, Keras's ScheduleFreeAdamW reads its copy of a weight only after it
# changed it, and trains in another way than on JAX, which is the paper's.
OF_JAX = {"with_ScheduleFreeAdamW"}


def fed(inputs: list[np.ndarray]) -> Any:
    """The inputs as fit and predict take them."""
    return inputs if len(inputs) > 1 else inputs[0]


def train(model: Any, inputs: list[np.ndarray], y: Any, epochs: int) -> None:
    """Train in the order of the rows, with a last batch that is not full."""
    how = {"batch_size": 16, "shuffle": False, "verbose": 0}
    model.fit(fed(inputs), y, epochs=epochs, **how)


def outcome(model: Any, inputs: list[np.ndarray]) -> dict[str, np.ndarray]:
    """Predictions (`p0`, ...) and weights (`w00`, ...) of a model."""
    predicted = model.predict(fed(inputs), verbose=0)
    predicted = predicted if isinstance(predicted, list) else [predicted]
    found = {f"p{i}": np.asarray(p) for i, p in enumerate(predicted)}
    found.update({f"w{i:02d}": w for i, w in enumerate(model.get_weights())})
    return found
