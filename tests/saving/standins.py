"""Small layers and models with Keras's saving contract, to test files alone."""

from __future__ import annotations

import io
import json
import zipfile

import numpy as np

from pronghorn.config import deserialize, serialize
from pronghorn.limits import charge_allocation
from pronghorn.registry import register_keras_serializable
from pronghorn.saving import model_to_bytes


class Stateful:
    """Holds arrays, saved under their numbers."""

    def __init__(self, name, shapes=()):
        self.name = name
        self.built = True
        self.arrays = []
        for shape in shapes:
            charge_allocation(shape, name)
            self.arrays.append(np.full(shape, 0.5, "float32"))

    def save_own_variables(self, store):
        for i, array in enumerate(self.arrays):
            store[str(i)] = array

    def load_own_variables(self, store):
        self.arrays = [store[str(i)] for i in range(len(self.arrays))]


@register_keras_serializable("tests")
class TinyDense(Stateful):
    def __init__(self, inputs, units, name="tiny_dense"):
        if units < 1:
            raise ValueError("units must be positive")
        super().__init__(name, [(inputs, units), (units,)])
        self.size = {"inputs": inputs, "units": units}

    def get_config(self):
        return {**self.size, "name": self.name}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


@register_keras_serializable("tests")
class TinyModel(Stateful):
    def __init__(self, parts, name="tiny_model"):
        super().__init__(name)
        self.parts = list(parts)
        self.optimizer = None

    def fit(self):
        """Only its presence counts: it makes this a model."""

    @property
    def layers(self):
        return self.parts

    def get_config(self):
        return {"parts": [serialize(d) for d in self.parts], "name": self.name}

    @classmethod
    def from_config(cls, config):
        return cls(deserialize(config["parts"]), config["name"])


def tiny(*sizes):
    """A model with one layer for each pair of sizes, with numbered weights."""
    model = TinyModel([TinyDense(*size, name=f"d{i}") for i, size in enumerate(sizes)])
    for i, layer in enumerate(model.parts):
        layer.arrays = [np.full_like(a, i + 1) for a in layer.arrays]
    return model


def members(data):
    """The members of an archive, by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(contents, compression=zipfile.ZIP_STORED):
    """An archive of members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def changed(model=None, config=None, **replaced):
    """A good archive with members replaced (None removes) or its config changed."""
    contents = members(model_to_bytes(model or tiny((2, 3))))
    if config is not None:
        data = json.loads(contents["config.json"])
        config(data)
        contents["config.json"] = json.dumps(data).encode()
    for name, data in replaced.items():
        full = {"metadata": "metadata.json", "config_json": "config.json"}
        full["weights"] = "model.weights.h5"
        if data is None:
            del contents[full[name]]
        else:
            contents[full[name]] = data
    return zipped(contents)
