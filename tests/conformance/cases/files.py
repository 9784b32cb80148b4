"""Model files: what they hold, and training that goes on after them."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from tests.conformance import data
from tests.conformance.case import Case, CaseTable, Results, arrays, jsonable

FILES = Path(__file__).parents[1] / "recorded" / "files"

OPTIMIZERS: dict[str, tuple[str, dict[str, Any]]] = {
    "sgd": ("SGD", {"learning_rate": 0.02, "momentum": 0.9, "nesterov": True}),
    "adam": ("Adam", {"learning_rate": 0.01, "amsgrad": True, "clipnorm": 1.0}),
    "adamw": ("AdamW", {"learning_rate": 0.01, "weight_decay": 0.05}),
    "rmsprop": ("RMSprop", {"momentum": 0.5, "centered": True}),
    "ema": ("Adam", {"use_ema": True, "ema_momentum": 0.9}),
}


def net(k: Any, optimizer: str) -> Any:
    """Two inputs, batch and layer norm, a sum; compiled with the optimizer."""
    layers = k.layers
    left, right = k.Input((3,), name="left"), k.Input((2,), name="right")
    one = layers.Dense(4, activation="gelu", name="one")(left)
    two = layers.Dense(4, activation="elu", kernel_regularizer="l2", name="two")(right)
    total = layers.Add(name="sum")([one, two])
    normal = layers.BatchNormalization(momentum=0.8, name="norm")(total)
    joined = layers.Concatenate(name="joined")([normal, one])
    scaled = layers.LayerNormalization(name="layer_norm")(joined)
    outputs = layers.Dense(1, name="out")(scaled)
    model = data.seeded(k.Model(inputs=[left, right], outputs=outputs, name="net"))
    name, arguments = OPTIMIZERS[optimizer]
    model.compile(
        optimizer=getattr(k.optimizers, name)(**arguments),
        loss="mse",
        metrics=["mae", k.metrics.RootMeanSquaredError(name="rmse")],
    )
    return model


def rows() -> tuple[list[np.ndarray], np.ndarray]:
    """The table that all of them are trained on."""
    x = data.features()
    return [x[:, :3], x[:, 3:]], data.numbers()


def goes_on(k: Any, path: Path) -> Results:
    """A file opened: its predictions, and five more epochs."""
    model = k.models.load_model(str(path))
    x, y = rows()
    results: Results = {
        "predicted": np.asarray(model.predict(x, verbose=0)),
        "weights as saved": arrays(model.get_weights()),
        "iterations as saved": int(np.asarray(model.optimizer.iterations)),
        "rate": np.asarray(model.optimizer.learning_rate, "float32"),
    }
    results |= data.trained(k, model, x, y, epochs=5)
    return results | {
        "weights of slots": [a for a in arrays(model.optimizer.variables) if a.ndim]
    }


def write(k: Any, optimizer: str, path: Path) -> None:
    """Train five epochs and save."""
    model = net(k, optimizer)
    x, y = rows()
    data.fit(k, model, x, y, epochs=5)
    model.save(str(path))


def opened(k: Any, optimizer: str) -> Results:
    """A file that Keras wrote."""
    return goes_on(k, FILES / f"{optimizer}.keras")


def layout(archive: zipfile.ZipFile) -> list[Any]:
    """The weights' paths in the file, their shapes and dtypes."""
    import h5py

    found: list[Any] = []

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            kind = "int" if item.dtype.kind == "i" else str(item.dtype)
            found.append([name, list(item.shape), kind])

    with h5py.File(io.BytesIO(archive.read("model.weights.h5")), "r") as weights:
        weights.visititems(visit)
    return sorted(found)


def unshared(config: Any) -> Any:
    """Without the numbers by which Keras marks equal parts of a config."""
    if isinstance(config, dict):
        kept = {k: v for k, v in config.items() if k != "shared_object_id"}
        return {key: unshared(value) for key, value in kept.items()}
    return [unshared(v) for v in config] if isinstance(config, list) else config


def unbroken(k: Any, optimizer: str) -> Results:
    """Save, load and go on is what going on would have been; what the file holds."""
    x, y = rows()
    whole = net(k, optimizer)
    data.fit(k, whole, x, y, epochs=5)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        whole.save(str(path))
        results = goes_on(k, path)
        with zipfile.ZipFile(path) as archive:
            results["members"] = sorted(archive.namelist())
            results["layout"] = layout(archive)
            metadata = json.loads(archive.read("metadata.json"))
            config = json.loads(archive.read("config.json"))
    results["metadata"] = sorted(metadata)
    results["config"] = unshared(jsonable(config["config"]))
    results["weights unbroken"] = data.trained(k, whole, x, y, epochs=5)["weights"]
    return results


def weights_only(k: Any) -> Results:
    """`save_weights` and `load_weights`."""
    model = net(k, "adam")
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "model.weights.h5")
        model.save_weights(path)
        other = net(k, "adam")
        other.set_weights([np.zeros_like(w) for w in other.get_weights()])
        other.load_weights(path)
    return {"weights": arrays(other.get_weights())}


def cases() -> CaseTable:
    """Every optimizer's state in a file."""
    for name in OPTIMIZERS:
        yield Case(f"files/{name}/opened", lambda k, n=name: opened(k, n))
        yield Case(f"files/{name}/unbroken", lambda k, n=name: unbroken(k, n))
    yield Case("files/weights/alone", weights_only)
