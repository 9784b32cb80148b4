"""Hashed and crossed columns, and feature spaces: values, configs, models, files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.conformance import data
from tests.conformance.case import Case, CaseTable, Results, jsonable, signature
from tests.conformance.cases.files import FILES, unshared

# Keras's own files of `space`, adapted to `TABLE`, and of a net on it; `record` writes
# them.
SPACE, NET = FILES / "feature_space.keras", FILES / "feature_net.keras"

WORDS = np.array(
    [["omar", "", "Zürich"], ["stringer", "a b", "marlo"], ["wire", "x" * 70, "日本"]]
)
NUMBERS = np.array([[0, -1, 7], [12, 345678, 7], [-(2**31), 2**31 - 1, 7]])

HASHING: list[dict[str, Any]] = [
    {"num_bins": 3},
    {"num_bins": 1000, "dtype": "int32"},
    {"num_bins": 7, "salt": 133},
    {"num_bins": 1000, "salt": [133, 137]},
    {"num_bins": 1000, "salt": (2**62, 5)},
    {"num_bins": 5, "output_mode": "one_hot"},
    {"num_bins": 5, "output_mode": "multi_hot"},
    {"num_bins": 5, "output_mode": "count", "salt": 1},
    {"num_bins": 5, "output_mode": "count", "dtype": "int32"},
    {"num_bins": 1},
]
CROSSING: list[dict[str, Any]] = [
    {"num_bins": 5},
    {"num_bins": 1000},
    {"num_bins": 4, "output_mode": "one_hot"},
    {"num_bins": 1},
]

RNG = np.random.RandomState(7)
ROWS = 60
TABLE: dict[str, np.ndarray] = {
    "age": RNG.uniform(18, 80, ROWS).astype("float32"),
    "height": RNG.standard_normal(ROWS).astype("float32"),
    "income": RNG.exponential(2.0, ROWS).astype("float32"),
    "points": RNG.standard_normal(ROWS).astype("float32"),
    "city": RNG.choice(["Rome", "Oslo", "Bern", "Wien", "Zürich"], ROWS),
    "job": RNG.choice(["cook", "nurse", "pilot", ""], ROWS),
    "rooms": RNG.poisson(2.0, ROWS).astype("int32"),
    "zone": RNG.choice([7, -3, 100000, 12], ROWS).astype("int32"),
}


def hashing(k: Any, arguments: dict[str, Any]) -> Results:
    """Text and numbers of several shapes, and the config."""
    layer = k.layers.Hashing(name="layer", **arguments)
    found = {
        f"{kind} {len(shape)} {shape[-1]}": np.asarray(layer(values.reshape(shape)))
        for kind, values in (("text", WORDS), ("numbers", NUMBERS))
        for shape in ((3, 3), (9, 1), (9,))
    }
    masks = {"text": ("Zürich", WORDS), "numbers": (7, NUMBERS)}
    for kind, (value, values) in masks.items():
        masked = k.layers.Hashing(mask_value=value, **arguments)
        found[f"{kind} masked"] = np.asarray(masked(values))
    return {
        **found,
        "config": jsonable(layer.get_config()),
        "shape": list(layer.compute_output_shape((None, 1))),
    }


def crossing(k: Any, arguments: dict[str, Any]) -> Results:
    """Text and numbers in either order, with one column or more, and the config."""
    layer = k.layers.HashedCrossing(name="layer", **arguments)
    words, numbers = WORDS.reshape(-1, 1), NUMBERS.reshape(-1, 1)
    return {
        "both": np.asarray(layer([words, numbers])),
        "reversed": np.asarray(layer((numbers, words))),
        "words": np.asarray(layer([words, words])),
        "numbers": np.asarray(layer([numbers[:, 0], numbers[:, 0]])),
        "three": np.asarray(layer([words, numbers, words])),
        "config": jsonable(layer.get_config()),
        "shape": list(layer.compute_output_shape([(None, 1), (None, 1)])),
    }


def space(k: Any, mode: str = "concat", given: str = "one_hot") -> Any:
    """A feature of each kind, and two crosses."""
    kind = k.utils.FeatureSpace
    return kind(
        features={
            "age": "float_normalized",
            "height": kind.float_discretized(num_bins=4, output_mode=given),
            "income": kind.float_rescaled(scale=0.5, offset=-1.0),
            "points": "float",
            "city": kind.string_categorical(num_oov_indices=2, output_mode=given),
            "job": kind.string_hashed(num_bins=6, output_mode=given),
            "rooms": kind.integer_categorical(max_tokens=5, output_mode=given),
            "zone": kind.integer_hashed(num_bins=5, output_mode=given),
        },
        crosses=[
            kind.cross(("height", "city"), crossing_dim=8, output_mode=given),
            ("rooms", "job")
            if given == "one_hot"
            else kind.cross(("rooms", "job"), 16, output_mode=given),
        ],
        crossing_dim=16,
        output_mode=mode,
        name="space",
    )


def row(number: int) -> dict[str, Any]:
    """One row of the table."""
    return {name: column[number] for name, column in TABLE.items()}


def encoded(k: Any, made: Any) -> Results:
    """What a feature space gives for rows, for new values, and for one row."""
    new = {**TABLE, "city": np.array(["Lima", "Oslo"] * 30), "zone": TABLE["rooms"]}
    found = {"rows": made(TABLE), "new": made(new), "one": made(row(3))}
    return {
        name: {key: np.asarray(part) for key, part in value.items()}
        if isinstance(value, dict)
        else np.asarray(value)
        for name, value in found.items()
    }


def spaces(k: Any, mode: str, given: str) -> Results:
    """A feature space adapted to a table: what it gives, and its config."""
    made = space(k, mode, given)
    made.adapt(TABLE)
    config = k.saving.serialize_keras_object(made)
    return encoded(k, made) | {"config": unshared(jsonable(config))}


def defaults(k: Any) -> Results:
    """Kinds by their names, as `FeatureSpace` makes them."""
    kinds = {
        "age": "float_normalized",
        "height": "float_discretized",
        "income": "float_rescaled",
        "points": "float",
        "city": "string_categorical",
        "job": "string_hashed",
        "rooms": "integer_categorical",
        "zone": "integer_hashed",
    }
    made = k.utils.FeatureSpace(
        kinds,
        crosses=[("city", "zone")],
        crossing_dim=9,
        hashing_dim=10,
        num_discretization_bins=5,
    )
    made.adapt(TABLE)
    names = {name: layer.name for name, layer in made.preprocessors.items()}
    config = k.saving.serialize_keras_object(made)
    return encoded(k, made) | {
        "config": unshared(jsonable(config)),
        "names": names,
        "crossers": sorted(made.crossers),
        "inputs": {
            name: [tensor.name, list(tensor.shape), str(tensor.dtype)]
            for name, tensor in made.get_inputs().items()
        },
        "width": list(made.get_encoded_features().shape),
    }


def batched(k: Any) -> Results:
    """Adapted to batches: the bins of numbers depend on how they are batched."""
    parts = [{n: c[i : i + 9] for n, c in TABLE.items()} for i in range(0, ROWS, 9)]
    stream: Any = parts
    if not hasattr(k, "backend_of"):
        import tensorflow as tf

        stream = tf.data.Dataset.from_tensor_slices(TABLE).batch(9)
    made = space(k)
    made.adapt(stream)
    bounds = made.preprocessors["height"].bin_boundaries
    return encoded(k, made) | {"bounds": np.asarray(bounds, "float32")}


def model_of(k: Any, made: Any) -> Any:
    """A net on the features, with seeded weights."""
    unit = k.layers.Dense(1, name="unit")
    outputs = unit(made.get_encoded_features())
    data.seeded(unit)
    return k.Model(made.get_inputs(), outputs, name="net")


def columns() -> dict[str, np.ndarray]:
    """The table as a model's inputs have it."""
    return {name: column[:, None] for name, column in TABLE.items()}


def fed(k: Any, *arrays: Any) -> Any:
    """The table and targets as each library takes text: a stream for Keras."""
    if hasattr(k, "backend_of"):
        return arrays[0]
    import tensorflow as tf

    given = arrays if len(arrays) > 1 else arrays[0]
    return tf.data.Dataset.from_tensor_slices(given).batch(data.BATCH)


def in_a_model(k: Any) -> Results:
    """A net that takes the table as it is, trained; and its file."""
    made = space(k)
    made.adapt(TABLE)
    model = model_of(k, made)
    model.compile("sgd", "mse")
    x, y = columns(), TABLE["income"][:, None] - 0.1 * TABLE["rooms"][:, None]
    if hasattr(k, "backend_of"):
        history = data.fit(k, model, x, y, epochs=3)["history"]
    else:
        history = model.fit(fed(k, x, y), epochs=3, verbose=0).history
    results = {
        "history": {name: np.asarray(v) for name, v in history.items()},
        "weights": [np.asarray(w) for w in model.layers[-1].get_weights()],
        "predicted": np.asarray(model.predict(fed(k, x), verbose=0)),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "net.keras"
        model.save(str(path))
        results["again"] = net_opened(k, path)["predicted"]
    return results


def write_net(k: Any, path: Path) -> None:
    """Saves a net on an adapted feature space."""
    made = space(k)
    made.adapt(TABLE)
    model_of(k, made).save(str(path))


def net_opened(k: Any, path: Path) -> Results:
    """A file of such a net: what it predicts."""
    model = k.models.load_model(str(path))
    return {"predicted": np.asarray(model.predict(fed(k, columns()), verbose=0))}


def write(k: Any, path: Path) -> None:
    """Saves an adapted feature space."""
    made = space(k)
    made.adapt(TABLE)
    made.save(str(path))


def opened(k: Any, path: Path) -> Results:
    """A file of a feature space: what it gives, and its terms and boundaries."""
    made = k.models.load_model(str(path))
    known = made.preprocessors
    return encoded(k, made) | {
        "terms": [str(term) for term in known["city"].get_vocabulary()],
        "numbers": [int(term) for term in known["rooms"].get_vocabulary()],
        "bounds": np.asarray(known["height"].bin_boundaries, "float32"),
        "crosses": [cross.name for cross in made.crosses],
    }


def saved(k: Any) -> Results:
    """Saved and opened again, twice."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{i}.keras" for i in range(2)]
        write(k, paths[0])
        k.models.load_model(str(paths[0])).save(str(paths[1]))
        return opened(k, paths[1])


SIGNATURES = (
    "layers.Hashing",
    "layers.HashedCrossing",
    "utils.FeatureSpace",
    *(
        f"utils.FeatureSpace.{name}"
        for name in (
            *("float", "float_rescaled", "float_normalized", "float_discretized"),
            *("integer_categorical", "string_categorical", "string_hashed"),
            *("integer_hashed", "cross", "feature", "adapt", "save", "get_inputs"),
            *("get_encoded_features", "from_config"),
        )
    ),
)


def cases() -> CaseTable:
    """Layers by their arguments, feature spaces by what they are asked."""
    for i, arguments in enumerate(HASHING):
        yield Case(f"hashing/Hashing/{i}", lambda k, a=arguments: hashing(k, a))
    for i, arguments in enumerate(CROSSING):
        name = f"hashing/HashedCrossing/{i}"
        yield Case(name, lambda k, a=arguments: crossing(k, a))
    runs: dict[str, Callable[[Any], Results]] = {
        "concat": lambda k: spaces(k, "concat", "one_hot"),
        "dict": lambda k: spaces(k, "dict", "one_hot"),
        "ints": lambda k: spaces(k, "dict", "int"),
        "defaults": defaults,
        "batched": batched,
        "model": in_a_model,
        "net opened": lambda k: net_opened(k, NET),
        "opened": lambda k: opened(k, SPACE),
        "saved": saved,
    }
    for name, run in runs.items():
        yield Case(f"hashing/FeatureSpace/{name}", run)
    for path in SIGNATURES:
        name = path.partition(".")[2]
        yield Case(f"hashing/{name}/signature", lambda k, p=path: signature(k, p))
