"""Lookup layers: vocabularies, places and columns, and nets that begin with text."""

from __future__ import annotations

import os
import tempfile
from typing import Any

import numpy as np

from tests.conformance import data
from tests.conformance.case import Case, CaseTable, Results, jsonable, lookup, signature

WORDS = ["pear", "fig", "apple", "kiwi", "plum", "Äpfel", "", "日本", "fig "]
NUMBERS = [12, 36, 1138, 42, -7, 0, 2**40, -(2**40) - 3, 1999]
UNKNOWN = ["melon", "x", "a" * 40, "lime" * 30, "ü", "banana split", "0"]
UNKNOWN_NUMBERS = [100, 201, -3, 2**41 + 1, 7, 8, -(2**50)]


def words(seed: int, *shape: int, unknown: bool = False) -> np.ndarray:
    """Text from a stream that NumPy has frozen, the first words most often."""
    known = WORDS + (UNKNOWN if unknown else [])
    draws = np.random.RandomState(seed).random_sample(shape) ** 2 * len(known)
    return np.array(known, object)[draws.astype(int)]


def ids(seed: int, *shape: int, unknown: bool = False) -> np.ndarray:
    """Whole numbers likewise, int64."""
    known = NUMBERS + (UNKNOWN_NUMBERS if unknown else [])
    draws = np.random.RandomState(seed).random_sample(shape) ** 2 * len(known)
    return np.array(known, np.int64)[draws.astype(int)]


def given(k: Any, x: Any) -> Any:
    """Text as each takes it: Keras wants tensors, and has them of TensorFlow only."""
    if hasattr(k, "backend_of"):
        return x
    import tensorflow as tf

    return tf.constant(x)


def plain(values: Any) -> Any:
    """Terms as JSON has them."""
    listed = np.asarray(values).tolist()
    return jsonable(_decoded(listed))


def _decoded(value: Any) -> Any:
    if isinstance(value, list):
        return [_decoded(v) for v in value]
    return value.decode("utf-8") if isinstance(value, bytes) else value


TEXT: list[dict[str, Any]] = [
    {},
    {"mask_token": ""},
    {"mask_token": "", "num_oov_indices": 3},
    {"num_oov_indices": 4, "oov_token": "?"},
    {"num_oov_indices": 5, "salt": [133, 137]},
    {"num_oov_indices": 3, "salt": -9},
    *(
        {"output_mode": mode, "mask_token": mask, "num_oov_indices": oov}
        for mode in ("one_hot", "multi_hot", "count")
        for mask, oov in ((None, 1), ("fig", 2))
    ),
    {"output_mode": "multi_hot", "max_tokens": 15, "pad_to_max_tokens": True},
    {"output_mode": "tf_idf", "idf_weights": [0.5 + i for i in range(len(WORDS))]},
    {
        "output_mode": "tf_idf",
        "idf_weights": [1.0 / (1 + i) for i in range(len(WORDS))],
        "max_tokens": 14,
        "pad_to_max_tokens": True,
        "num_oov_indices": 2,
    },
]
WHOLE: list[dict[str, Any]] = [
    {},
    {"mask_token": 0},
    {"num_oov_indices": 3},
    {"num_oov_indices": 3, "oov_method": "farmhash", "mask_token": 36},
    {"num_oov_indices": 5, "oov_method": "farmhash", "salt": [133, 137]},
    *(
        {"output_mode": mode, "mask_token": mask, "num_oov_indices": oov}
        for mode in ("one_hot", "multi_hot", "count")
        for mask, oov in ((None, 1), (42, 2))
    ),
    {"output_mode": "count", "max_tokens": 15, "pad_to_max_tokens": True},
    {"output_mode": "tf_idf", "idf_weights": [0.5 + i for i in range(len(NUMBERS))]},
]


def vocabulary_of(name: str, arguments: dict[str, Any]) -> list[Any]:
    """All terms but the mask, in a fixed order."""
    terms: list[Any] = WORDS if name == "StringLookup" else NUMBERS
    mask = arguments.get("mask_token")
    if mask is None or arguments.get("output_mode") == "tf_idf":
        return terms
    return [term for term in terms if term != mask]


def described(k: Any, layer: Any) -> Results:
    """What a layer says of itself."""
    return {
        "config": jsonable(layer.get_config()),
        "vocabulary": plain(layer.get_vocabulary()),
        "terms": plain(layer.get_vocabulary(include_special_tokens=False)),
        "size": int(layer.vocabulary_size()),
    }


def fixed(k: Any, name: str, arguments: dict[str, Any]) -> Results:
    """A layer with a given vocabulary, on arrays of several shapes."""
    terms = vocabulary_of(name, arguments)
    layer = lookup(k, f"layers.{name}")(vocabulary=terms, name="layer", **arguments)
    draw = words if name == "StringLookup" else ids
    results = described(k, layer)
    for shape in ((12,), (12, 1), (12, 3)):
        x = given(k, draw(5, *shape, unknown=True))
        results[f"values {shape}"] = np.asarray(layer(x)).astype("float32")
        results[f"shape {shape}"] = jsonable(
            layer.compute_output_shape((None, *shape[1:]))
        )
    return results


ADAPTING: list[dict[str, Any]] = [
    {},
    {"max_tokens": 5},
    {"num_oov_indices": 2, "max_tokens": 6},
    {"output_mode": "tf_idf"},
    {"output_mode": "tf_idf", "max_tokens": 20, "pad_to_max_tokens": True},
    {"output_mode": "multi_hot"},
]


def adapted(k: Any, name: str, arguments: dict[str, Any], batches: bool) -> Results:
    """A layer that learned its vocabulary, of an array or of batches."""
    layer = lookup(k, f"layers.{name}")(name="layer", **arguments)
    draw = words if name == "StringLookup" else ids
    seen = draw(8, 60, 3)
    layer.adapt(given(k, b) for b in np.split(seen, 4)) if batches else layer.adapt(
        given(k, seen)
    )
    results = described(k, layer)
    x = given(k, draw(9, 10, 3, unknown=True))
    results["values"] = np.asarray(layer(x)).astype("float32")
    if arguments.get("output_mode") == "tf_idf":
        results["weights idf"] = [np.asarray(layer.idf_weights)]
    return results


def few_documents(k: Any) -> Results:
    """Arrays of one axis: each value a document, or in batches all of them one."""
    results: Results = {}
    for kind, parts in (("array", None), ("batches", 4)):
        layer = k.layers.StringLookup(output_mode="tf_idf", name="layer")
        seen = words(8, 60)
        layer.adapt(given(k, b) for b in np.split(seen, parts)) if parts else (
            layer.adapt(given(k, seen))
        )
        results[f"vocabulary {kind}"] = plain(layer.get_vocabulary())
        results[f"weights {kind}"] = [np.asarray(layer.idf_weights)]
    layer = k.layers.StringLookup(name="layer")
    layer.adapt((given(k, b) for b in np.split(words(8, 60), 12)), steps=3)
    return results | {"vocabulary of steps": plain(layer.get_vocabulary())}


def inverted(k: Any) -> Results:
    """From places to terms."""
    text = k.layers.StringLookup(vocabulary=WORDS, invert=True, name="text")
    masked = k.layers.StringLookup(
        vocabulary=WORDS[:4], invert=True, mask_token="-", oov_token="?", name="masked"
    )
    whole = k.layers.IntegerLookup(vocabulary=[7, 9], invert=True, name="whole")
    x = np.array([[0, 1, 2], [3, 40, 5]])
    return {
        "text": plain(text(x)),
        "masked": plain(masked(x)),
        "whole": plain(whole(x)),
        "config": jsonable(whole.get_config()),
    }


def from_file(k: Any) -> Results:
    """A vocabulary of a file's lines."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "terms.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write("pear\nÄpfel\n日本\n")
        text = k.layers.StringLookup(vocabulary=path, mask_token="", name="layer")
        with open(path, "w", encoding="utf-8") as file:
            file.write("12\n-36\n1138")
        whole = k.layers.IntegerLookup(vocabulary=path, name="layer")
    results = described(k, text)
    results["values"] = np.asarray(text(given(k, WORDS)))
    results["whole"] = described(k, whole)
    return results | {"whole values": np.asarray(whole([12, -36, 7, 1138]))}


def trained(k: Any, mode: str) -> Results:
    """A net of text, ids and numbers, a nested model of lookups in front."""
    text = k.Input((1,), dtype="string", name="text")
    code = k.Input((1,), dtype="int64", name="code")
    number = k.Input((2,), name="number")
    find = k.layers.StringLookup(name="find", output_mode=mode, num_oov_indices=2)
    find.adapt(given(k, words(8, 60, 1)))
    known = k.layers.IntegerLookup(name="known", vocabulary=NUMBERS)
    inner = k.Model([text, code], [find(text), known(code)], name="inner")
    found, place = inner([text, code])
    if mode == "int":
        found = k.layers.Embedding(len(find.get_vocabulary()), 3, name="rows")(found)
        found = k.layers.Flatten(name="flat")(found)
    else:
        found = k.layers.Rescaling(1.0, name="float")(found)
    place = k.layers.Embedding(10, 2, name="codes")(place)
    place = k.layers.Flatten(name="flat_codes")(place)
    joined = k.layers.Concatenate(name="joined")([found, place, number])
    hidden = k.layers.Dense(4, activation="tanh", name="hidden")(joined)
    model = k.Model([text, code, number], k.layers.Dense(1, name="out")(hidden))
    model = data.seeded(model)
    model.compile(optimizer=k.optimizers.SGD(0.02), loss="mse")
    x = [
        given(k, words(11, data.ROWS, 1, unknown=True)),
        given(k, ids(12, data.ROWS, 1, unknown=True)),
        given(k, data.features(width=2)),
    ]
    results = data.trained(k, model, x, given(k, data.numbers()))
    results["predictions"] = np.asarray(model.predict(x, verbose=0))
    results["eager"] = np.asarray(model(x))
    return results


def cases() -> CaseTable:
    """Every layer of the tables."""
    for name, rows in (("StringLookup", TEXT), ("IntegerLookup", WHOLE)):
        for i, arguments in enumerate(rows):
            yield Case(
                f"lookups/{name}/fixed {i}",
                lambda k, n=name, a=arguments: fixed(k, n, a),
            )
        for i, arguments in enumerate(ADAPTING):
            for batches in (False, True):
                yield Case(
                    f"lookups/{name}/adapted {i}{' in batches' if batches else ''}",
                    lambda k, n=name, a=arguments, b=batches: adapted(k, n, a, b),
                )
        yield Case(
            f"lookups/{name}/signature",
            lambda k, n=name: signature(k, f"layers.{n}"),
        )
    yield Case("lookups/StringLookup/documents", few_documents)
    yield Case("lookups/both/inverted", inverted)
    yield Case("lookups/both/files", from_file)
    for mode in ("int", "one_hot", "count"):
        yield Case(f"lookups/both/trained {mode}", lambda k, m=mode: trained(k, m))
