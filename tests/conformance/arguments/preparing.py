"""Arguments of the layers that look up, hash and mask: what they make of some data."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import pronghorn
from pronghorn import layers
from pronghorn.ir.masks import mask_of
from tests.conformance import data
from tests.conformance.arguments.row import Arguments, Made, Row, With

WORDS = np.array([["b", "a"], ["b", "c"], ["é", "z"], ["b", "a"]])
CODES = np.array([[7, 4], [7, 9], [2, 11], [7, 4]])
FOLDER = tempfile.TemporaryDirectory()
PLACES = np.array([[0, 1], [2, 3], [2, 2], [1, 0]])


def told(layer: Any, outputs: Any) -> list[Any]:
    """What every layer tells, and its outputs."""
    return [layer.name, layer.compute_dtype, np.asarray(outputs)]


def looked_up(values: np.ndarray) -> Callable[[Callable[[], Any]], Any]:
    """What a lookup makes of values, adapted to them where it has no vocabulary."""

    def observe(make: Callable[[], Any]) -> Any:
        layer = make()
        if layer.vocabulary_size() <= layer.num_oov_indices + 1:
            layer.adapt(values)
        outputs = layer(PLACES if layer.invert else values)
        return [*told(layer, outputs), layer.get_vocabulary()]

    return observe


def called(inputs: Any) -> Callable[[Callable[[], Any]], Any]:
    """What a layer makes of some inputs, and the mask that it gives them."""

    def observe(make: Callable[[], Any]) -> Any:
        layer = make()
        outputs = layer(inputs)
        mask = mask_of(outputs)
        return [*told(layer, outputs), None if mask is None else np.asarray(mask)]

    return observe


def begins(make: Callable[[], Any]) -> Any:
    """What an InputLayer tells of its tensor, and whether a model does without it."""
    layer = make()
    tensor = layer.output
    shapes = [list(tensor.shape), list(layer.batch_shape)]
    seen = [layer.name, shapes, tensor.name, str(tensor.dtype), layer.trainable]
    model = pronghorn.Model(tensor, Missing()(tensor))
    try:
        seen.append(np.asarray(model([None])))
    except (ValueError, TypeError) as error:
        seen.append(type(error))
    return seen


class Missing(layers.Layer):
    """Whether its input is there."""

    def call(self, inputs: Any) -> Any:
        """One number."""
        return pronghorn.ops.ones((1,)) * (0.0 if inputs is None else 1.0)


def a_file() -> str:
    """The path of a vocabulary, as UTF-8."""
    path = Path(FOLDER.name) / "vocabulary.txt"
    path.write_text("a\né\n", encoding="utf-8")
    return str(path)


def lookups() -> Iterator[Row]:
    """Lookups of text and of whole numbers."""
    for name, values, few, token in (
        ("StringLookup", WORDS, ["a", "c", "z"], "b"),
        ("IntegerLookup", CODES, [4, 9, 11], 7),
    ):
        weighed: Arguments = {"output_mode": "tf_idf", "vocabulary": few}
        weighed["idf_weights"] = [2.0, 2.0, 2.0]
        several = {"num_oov_indices": 3, "vocabulary": few}
        hashed: Arguments = {}
        own: Arguments = {"encoding": With("latin-1", vocabulary=Made(a_file))}
        if name == "IntegerLookup":
            hashed = {"oov_method": "farmhash"}
            own = {
                "vocabulary_dtype": "int32",
                "oov_method": With("farmhash", **several),
            }
        changes = {
            "max_tokens": 3,
            "num_oov_indices": 3,
            "mask_token": token,
            "oov_token": 2 * token,
            "vocabulary": few,
            "idf_weights": With([1.0, 2.0, 3.0], **weighed),
            "invert": True,
            "output_mode": "multi_hot",
            "sparse": With(True, output_mode="multi_hot"),
            "pad_to_max_tokens": With(True, output_mode="count", max_tokens=9),
            "salt": With(5, **several, **hashed),
        }
        yield Row(f"layers.{name}", looked_up(values), {}, {**changes, **own})


def hashes() -> Iterator[Row]:
    """Hashes of one column, and of several."""
    columns: Arguments = {
        "num_bins": 4,
        "output_mode": "one_hot",
        "sparse": With(True, output_mode="one_hot"),
    }
    own = {"mask_value": "b", "salt": 5}
    yield Row("layers.Hashing", called(WORDS), {"num_bins": 7}, {**columns, **own})
    pair = [WORDS[:, :1], CODES[:, :1]]
    yield Row("layers.HashedCrossing", called(pair), {"num_bins": 7}, columns)


def masking() -> Iterator[Row]:
    """Layers that give steps a mask, or pass it on."""
    steps = data.draw(65, 4, 3, 2)
    steps[1, 1:], steps[2, 2] = 0.0, 1.0
    yield Row("layers.Masking", called(steps), {}, {"mask_value": 1.0})
    doubled = Made(lambda: [layers.Masking(), layers.Rescaling(2.0)])
    halved = Made(lambda: [layers.Masking(), layers.Rescaling(0.5)])
    yield Row("layers.Pipeline", called(steps), {"layers": doubled}, {"layers": halved})


def rows() -> Iterator[Row]:
    """The rows of these layers."""
    for table in (lookups, hashes, masking):
        yield from table()
    yield Row(
        "layers.InputLayer",
        begins,
        {"shape": (3,)},
        {
            "shape": (4,),
            "batch_size": 5,
            "dtype": "int32",
            "sparse": True,
            "ragged": True,
            "batch_shape": With((None, 2), shape=None, batch_shape=(None, 3)),
            "input_tensor": Made(lambda: pronghorn.Input((3,), name="given")),
            "optional": True,
        },
    )
