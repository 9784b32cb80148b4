"""Options of layers beyond the first tables: renormalization, formats, batches."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.conformance import data
from tests.conformance.case import Case, CaseTable, Results, jsonable
from tests.conformance.cases.further_layers import Build, Shape, alone, made, train

BOUNDS = {"rmin": 0.8, "rmax": 1.25, "dmax": 0.1}

TABLE: dict[str, list[tuple[Build, Shape]]] = {
    "BatchNormalization": [
        # The weights are drawn, deviations near 0 too: without bounds it diverges.
        (
            made(
                "BatchNormalization",
                renorm=True,
                renorm_clipping={"rmax": 2.0, "dmax": 2.0},
            ),
            (5,),
        ),
        (
            made(
                "BatchNormalization",
                renorm=True,
                renorm_clipping=BOUNDS,
                renorm_momentum=0.6,
                momentum=0.9,
                moving_mean_initializer="ones",
                moving_variance_initializer="ones",
            ),
            (5,),
        ),
        (
            made(
                "BatchNormalization",
                renorm=True,
                renorm_clipping={"rmax": 1.5, "dmax": 1.0},
                center=False,
                scale=False,
                axis=1,
            ),
            (3, 5),
        ),
    ],
    "LayerNormalization": [
        (made("LayerNormalization", rms_scaling=True), (5,)),
        (made("LayerNormalization", rms_scaling=True, scale=False), (3, 5)),
    ],
    "Flatten": [
        (made("Flatten", data_format="channels_first"), (2, 3, 4)),
        (made("Flatten", data_format="channels_first"), (5,)),
    ],
    "Normalization": [
        (
            made("Normalization", axis=(1, 2), mean=[1.0, 2.0], variance=[4.0, 0.5]),
            (3, 2),
        ),
    ],
}


def quiet(run: Any, *given: Any) -> Results:
    """What a case gives; Keras and we warn of `rms_scaling`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        results: Results = run(*given)
    return results


def batches(x: np.ndarray, labels: bool) -> Iterator[Any]:
    """The rows in parts of different lengths, with labels or without."""
    for start, end in ((0, 30), (30, 50), (50, len(x))):
        part = x[start:end]
        yield (part, np.zeros(len(part))) if labels else part


def adapted(k: Any, kind: str) -> Results:
    """Normalization and Discretization that saw batches of rows."""
    x = (3 * data.features() + np.arange(data.FEATURES)).astype("float32")
    given: dict[str, Any] = {
        "list": [*batches(x, labels=False)],
        "generator": batches(x, labels=False),
        "tuples": batches(x, labels=True),
    }
    layer = k.layers.Normalization(name="layer")
    layer.adapt(given[kind])
    results: Results = {
        "mean": np.asarray(layer.mean),
        "variance": np.asarray(layer.variance),
        "values": np.asarray(layer(x[:9])),
    }
    if kind != "tuples":
        bins = k.layers.Discretization(num_bins=5, name="bins")
        bins.adapt([*batches(x, labels=False)])
        results["ids"] = np.asarray(bins(x[:9]))
    return results


def higher_ranks(k: Any, mode: str) -> Results:
    """Discretization of more than one axis a row."""
    layer = k.layers.Discretization([-0.5, 0.0, 1.25], output_mode=mode, name="layer")
    x = data.draw(61, 7, 3, 4)
    shapes = [(None, 3, 4), (None, 5, 1), (None, 6), (8,), ()]
    return {
        "values": np.asarray(layer(x), "float32"),
        "symbol": jsonable(layer(k.Input((3, 4))).shape),
        "shapes": jsonable([layer.compute_output_shape(s) for s in shapes]),
        "output dtype": layer.output_dtype,
    }


def open_sizes(k: Any) -> Results:
    """Shapes of symbols where a size besides the rows is not known."""
    layers = k.layers
    return {
        "flatten": jsonable(layers.Flatten()(k.Input((2, None))).shape),
        "reshape": jsonable(layers.Reshape((3, 5))(k.Input((None,))).shape),
        "rest": jsonable(layers.Reshape((-1, 3))(k.Input((None, 3))).shape),
        "repeat": jsonable(layers.RepeatVector(3)(k.Input((None,))).shape),
    }


def own_shape(k: Any) -> Results:
    """A layer of one's own that tells its outputs' shapes."""

    class Own(k.layers.Layer):  # type: ignore[misc,name-defined]
        def call(self, a: Any, b: Any) -> Any:
            return {"one": a, "two": (b, b)}

        def compute_output_shape(self, b_shape: Any, a_shape: Any) -> Any:
            return {"one": a_shape, "two": (b_shape, b_shape)}

    layer = Own()
    spec = layer.compute_output_spec(k.KerasTensor((2, 3)), k.KerasTensor((2, 4)))
    return {
        "one": jsonable(spec["one"].shape),
        "two": jsonable([t.shape for t in spec["two"]]),
        "kind": type(spec["two"]).__name__,
    }


def pipeline(k: Any) -> Results:
    """Layers one after the other as one layer, there and back."""
    inner = [k.layers.Rescaling(2.0, name="double"), k.layers.Dropout(0.0, name="drop")]
    layer = k.layers.Pipeline(inner, name="layer")
    config = layer.get_config()
    again = k.layers.Pipeline.from_config(config)
    x = data.draw(60, 9, 5)
    return {
        "config": jsonable(config),
        "names": [inner.name for inner in again.layers],
        "values": np.asarray(layer(x)),
        "again": np.asarray(again(x)),
        "deserialized": k.layers.deserialize(k.layers.serialize(layer)).name,
    }


def cases() -> CaseTable:
    """Every option."""
    for name, rows in TABLE.items():
        for i, (build, shape) in enumerate(rows):
            yield Case(
                f"layer_options/{name}/alone {i}",
                lambda k, b=build, s=shape: quiet(alone, k, b, s),
            )
            yield Case(
                f"layer_options/{name}/training {i}",
                lambda k, b=build, s=shape: quiet(train, k, b, s),
            )
    for kind in ("list", "generator", "tuples"):
        yield Case(
            f"layer_options/adapt/{kind}",
            lambda k, kind=kind: adapted(k, kind),
        )
    for mode in ("int", "one_hot", "multi_hot", "count"):
        yield Case(
            f"layer_options/Discretization/{mode}",
            lambda k, m=mode: higher_ranks(k, m),
        )
    yield Case("layer_options/shapes/open sizes", open_sizes)
    yield Case("layer_options/shapes/own", own_shape)
    yield Case("layer_options/Pipeline/there and back", pipeline)
