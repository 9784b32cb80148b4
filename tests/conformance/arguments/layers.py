"""Arguments of layers: outputs, losses, weights before and after some steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import pronghorn
from pronghorn import layers, ops
from pronghorn.errors import DtypeError, ShapeError
from pronghorn.ir.masks import mask_of
from tests.conformance import data
from tests.conformance.arguments.row import Arguments, Idle, Made, Row, Shown, With

HINT = Idle("`autocast`")
ROWS = 12
Inputs = list[np.ndarray]

# Values by argument, where a row has none of its own.
COMMON: Arguments = {
    "name": "another",
    "dtype": "float16",
    "trainable": False,
    "autocast": HINT,
    "seed": 7,
    "use_bias": False,
    "activation": "softplus",
    "activity_regularizer": "l2",
    "center": False,
    "scale": False,
    "epsilon": 0.3,
    "momentum": 0.3,
}
ENDINGS: dict[str, tuple[Any, ...]] = {
    "initializer": ("ones", "zeros"),
    "regularizer": ("l2",),
    "constraint": (Made(lambda: pronghorn.constraints.MaxNorm(0.05, axis=0)),),
}


def numbers(*shapes: tuple[int, ...]) -> Inputs:
    """Inputs of normal numbers, one for each shape of a row."""
    return [data.draw(60 + i, ROWS, *shape) for i, shape in enumerate(shapes)]


def ids(below: int, *shape: int) -> Inputs:
    """Whole numbers from 0."""
    drawn = np.random.RandomState(5).randint(0, below, (ROWS, *shape))
    return [drawn.astype("int32")]


def watch(inputs: Inputs, trains: bool = True) -> Callable[[Callable[[], Any]], Any]:
    """What a layer does to some inputs, and what training does to it."""

    def observe(make: Callable[[], Any]) -> Any:
        layer = make()
        given = inputs if len(inputs) > 1 else inputs[0]
        outputs = layer(given)
        mask = mask_of(outputs)
        seen = {
            "name": layer.name,
            "trainable": layer.trainable,
            "policy": layer.compute_dtype,
            "initial": arrays(layer.weights),
            "output": np.asarray(outputs),
            "mask": None if mask is None else np.asarray(mask),
            "told": told_shape(layer, inputs),
            "losses": [float(loss) for loss in layer.losses],
        }
        if trains:
            seen |= trained(layer, inputs)
        return seen

    return observe


def told_shape(layer: Any, inputs: Inputs) -> Any:
    """The shape of the outputs, as the layer tells it."""
    shapes = [x.shape for x in inputs]
    return list(layer.compute_output_shape(shapes if len(shapes) > 1 else shapes[0]))


def arrays(weights: Any) -> list[np.ndarray]:
    """The values of variables, as they are now."""
    return [np.array(weight) for weight in weights]


def trained(layer: Any, inputs: Inputs) -> Arguments:
    """A few steps of a net with the layer in it."""
    symbols = [pronghorn.Input(x.shape[1:], dtype=str(x.dtype)) for x in inputs]
    hidden = layer(symbols if len(symbols) > 1 else symbols[0])
    flat = layers.Flatten(name="flat")(hidden)
    head = layers.Dense(1, name="head", kernel_initializer="ones")
    model = pronghorn.Model(symbols, head(ops.tanh(flat)), name="net")
    model.compile(optimizer=pronghorn.optimizers.SGD(0.1), loss="mse")
    y = data.draw(70, ROWS, 1)
    history = model.fit(inputs, y, batch_size=6, epochs=2, shuffle=False, verbose=0)
    return {
        "loss": history.history["loss"],
        "weights": arrays(layer.weights),
        "after": np.asarray(model.predict(inputs, verbose=0)),
    }


def row(name: str, inputs: Inputs, base: Arguments, **changes: Any) -> Row:
    """A row whose arguments have the common values, but for those given."""
    return Row(f"layers.{name}", watch(inputs), base, changes)


class Plain(layers.Layer):
    """A layer with a weight, for the arguments that all layers share."""

    def build(self, input_shape: Any) -> None:
        """One number a column."""
        self.w = self.add_weight(shape=(input_shape[-1],), initializer="ones")
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Each column by its number."""
        return inputs * self.w


def double(x: Any, by: float = 2.0) -> Any:
    """The function of a Lambda."""
    return x * by


def rising(x: Any, mask: Any = None) -> Any:
    """A mask of steps."""
    return x[..., 0] > 0


def bin_edges(make: Callable[[], Any]) -> Any:
    """What a Discretization makes of numbers, adapted where it has to be."""
    layer = make()
    x = numbers((3,))[0]
    if layer.bin_boundaries is None:
        layer.adapt(data.draw(61, 4000))
    return [layer.name, layer.compute_dtype, np.asarray(layer(x))]


def merging() -> Iterator[Row]:
    """Layers of several inputs."""
    pair = numbers((3, 4), (3, 4))
    for name in ("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract"):
        yield row(name, pair, {})
    yield row("Concatenate", pair, {}, axis=1)
    yield row("Dot", pair, {"axes": 1}, axes=2, normalize=True)


def normalizing() -> Iterator[Row]:
    """Layers of normalization."""
    flat, deep = numbers((4,)), numbers((3, 4))
    refused: Arguments = {"renorm": True, "synchronized": True}
    renorm: Arguments = {
        "renorm_clipping": With({"rmax": 1.1, "rmin": 0.9}, renorm=True),
        "renorm_momentum": With(0.5, renorm=True),
    }
    yield row("BatchNormalization", deep, {}, axis=1, **refused, **renorm)
    yield row("LayerNormalization", deep, {}, axis=1)
    yield row("GroupNormalization", numbers((4, 4)), {"groups": 2}, groups=4, axis=1)
    yield row("RMSNormalization", deep, {}, axis=1)
    yield row("UnitNormalization", deep, {}, axis=1)
    given = {"mean": [1.0, 2.0, 0.0, 1.0], "variance": [1.0, 2.0, 3.0, 4.0]}
    yield row(
        "Normalization",
        numbers((4, 4)),
        given,
        mean=[0.0] * 4,
        variance=[2.0] * 4,
        invert=True,
        axis=1,
    )
    inner = Made(lambda: layers.Dense(3, name="inner"))
    other = Made(lambda: layers.Dense(2, name="inner"))
    yield row(
        "SpectralNormalization", flat, {"layer": inner}, layer=other, power_iterations=4
    )


def dropping() -> Iterator[Row]:
    """Layers that draw in training."""
    for name in ("Dropout", "GaussianDropout", "AlphaDropout"):
        noise = {} if name == "GaussianDropout" else {"noise_shape": (None, 1)}
        yield row(name, numbers((4,)), {"rate": 0.3}, rate=0.6, **noise)
    yield row("SpatialDropout1D", numbers((3, 4)), {"rate": 0.3}, rate=0.6)
    yield row("GaussianNoise", numbers((4,)), {"stddev": 0.3}, stddev=0.6)


def shaping() -> Iterator[Row]:
    """Layers that move numbers."""
    yield row("Flatten", numbers((2, 3)), {}, data_format="channels_first")
    yield row("Reshape", numbers((6,)), {"target_shape": (2, 3)}, target_shape=(3, 2))
    yield row("Permute", numbers((2, 3)), {"dims": (1, 2)}, dims=(2, 1))
    yield row("RepeatVector", numbers((4,)), {"n": 2}, n=3)


def activating() -> Iterator[Row]:
    """Activations as layers."""
    flat = [4 * numbers((4,))[0]]
    yield row("Activation", flat, {"activation": "tanh"})
    yield row("ELU", flat, {}, alpha=0.5)
    yield row("LeakyReLU", flat, {}, negative_slope=0.1)
    yield row("ReLU", flat, {}, max_value=1.0, negative_slope=0.1, threshold=0.5)
    yield row("PReLU", numbers((3, 4)), {}, shared_axes=[1])
    yield row("Softmax", numbers((3, 4)), {}, axis=1)


def encoding() -> Iterator[Row]:
    """Layers that prepare columns."""
    yield row("Rescaling", numbers((4,)), {"scale": 2.0}, scale=0.5, offset=1.0)
    yield Row(
        "layers.CategoryEncoding",
        watch(ids(4, 3)),
        {"num_tokens": 4},
        {"num_tokens": 6, "output_mode": "count", "sparse": True},
    )
    edges = {"bin_boundaries": [-0.5, 0.0, 0.5]}
    yield Row(
        "layers.Discretization",
        bin_edges,
        edges,
        {
            "bin_boundaries": [0.0, 1.0],
            "num_bins": With(5, bin_boundaries=None, num_bins=3),
            "epsilon": With(0.3, bin_boundaries=None, num_bins=5),
            "output_mode": "one_hot",
            "sparse": True,
        },
    )


def dense() -> Iterator[Row]:
    """Layers with kernels."""
    refused: Arguments = {"lora_rank": 2, "quantization_config": {"mode": "int8"}}
    lora = {"lora_alpha": 2.0}
    packed = {"gptq_unpacked_column_size": 4}
    yield row("Dense", numbers((4,)), {"units": 3}, units=2, **refused, **lora)
    yield row(
        "EinsumDense",
        numbers((3, 4)),
        {"equation": "abc,cd->abd", "output_shape": (None, 2), "bias_axes": "d"},
        equation="abc,dc->abd",
        output_shape=(None, 3),
        bias_axes=None,
        **refused,
        **lora,
        **packed,
    )
    yield row(
        "Embedding",
        ids(5, 3),
        {"input_dim": 5, "output_dim": 2},
        input_dim=7,
        output_dim=3,
        mask_zero=True,
        weights=Made(lambda: [np.ones((5, 2), "float32")]),
        **refused,
        **lora,
    )


def wrapping() -> Iterator[Row]:
    """Layers around layers and functions."""
    deep = numbers((3, 4))
    inner = Made(lambda: layers.Dense(3, name="inner"))
    other = Made(lambda: layers.Dense(2, name="inner"))
    yield row("TimeDistributed", deep, {"layer": inner}, layer=other)
    yield row(
        "Lambda",
        deep,
        {"function": double},
        function=ops.square,
        output_shape=(7, 4),  # what compute_output_shape tells
        mask=rising,
        arguments={"by": 3.0},
    )
    yield row("Identity", deep, {})
    yield row("ActivityRegularization", deep, {}, l1=0.1, l2=0.2)


def asks(make: Callable[[], Any]) -> Any:
    """What a specification lets pass, and what it refuses."""
    layer, seen = layers.Identity(), []
    layer.input_spec = make()
    for shape in ((2,), (2, 3), (2, 4), (2, 3, 4)):
        try:
            seen.append(layer(np.zeros(shape, "float32")).shape)
        except (ShapeError, DtypeError) as error:
            seen.append(error.expected)
    return seen


class Twice(layers.Wrapper):
    """A layer, two times."""

    def call(self, inputs: Any) -> Any:
        """Features to as many features."""
        return self.layer(self.layer(inputs))


def rows() -> Iterator[Row]:
    """The rows of this room."""
    for table in (
        merging,
        normalizing,
        dropping,
        shaping,
        activating,
        encoding,
        dense,
        wrapping,
    ):
        yield from table()
    flat = watch(numbers((4,)))
    yield Row("layers.Layer", flat, {}, {}, Plain)
    inner = Made(lambda: layers.Dense(4, name="inner"))
    other = Made(lambda: layers.Dense(4, name="inner", activation="tanh"))
    yield Row("layers.Wrapper", flat, {"layer": inner}, {"layer": other}, Twice)
    yield Row(
        "layers.InputSpec",
        asks,
        {},
        {
            "dtype": "int32",
            "shape": (None, 3),
            "ndim": 2,
            "max_ndim": 2,
            "min_ndim": 2,
            "axes": {-1: 3},
            "allow_last_axis_squeeze": With(True, shape=(None, 3, 1)),
            "name": Shown("layers/test_calling.py::test_specs_of_several_inputs"),
            "optional": Shown("layers/test_calling.py::test_specs_of_several_inputs"),
        },
    )
