"""What real Keras does with model files; run by its interpreter, not by ours.

    python keras_side.py FOLDER

FOLDER holds `<name>.keras` and `<name>.h5`, saved by Pronghorn in the middle of
training, and `<name>.npz`, their data. Of the `.h5`, what Keras predicts is written
(`<name>.old.npz`): Keras builds its optimizer for no weights then. For each
`.keras`, Keras's predictions and weights are written
(`<name>.loaded.npz`), those after more training (`<name>.trained.npz`), and the file
that Keras saves then (`<name>.back.keras`). For each model of the zoo, Keras also makes
a file of its own: `<name>.theirs.keras`, one in the older layout, `.theirs.h5`, and
`.theirs.npz`, `.theirs.trained.npz`.
"""

from __future__ import annotations

import os
import pathlib
import sys

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np
import tensorflow as tf

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import zoo

# Nets this small are trained before their graphs are rewritten.
tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})


def data_of(path: pathlib.Path):
    with np.load(path) as data:
        inputs = [data[k] for k in sorted(data) if k.startswith("x")]
        y = [data[k] for k in sorted(data) if k.startswith("y")]
    return inputs, (y if len(y) > 1 else y[0])


def take_over(folder: pathlib.Path, name: str) -> None:
    inputs, y = data_of(folder / f"{name}.npz")
    model = keras.models.load_model(folder / f"{name}.keras")
    np.savez(folder / f"{name}.loaded.npz", **zoo.outcome(model, inputs))
    if model.compiled:
        zoo.train(model, inputs, y, epochs=3)
    np.savez(folder / f"{name}.trained.npz", **zoo.outcome(model, inputs))
    model.save(folder / f"{name}.back.keras")


def take_over_old(folder: pathlib.Path, name: str) -> None:
    inputs, _ = data_of(folder / f"{name}.npz")
    model = keras.models.load_model(folder / f"{name}.h5")
    np.savez(folder / f"{name}.old.npz", **zoo.outcome(model, inputs))


def make_own(folder: pathlib.Path, name: str) -> None:
    keras.utils.set_random_seed(5)
    model, inputs, y = zoo.MODELS[name](keras, np.random.default_rng(5))
    zoo.train(model, inputs, y, epochs=2)
    model.save(folder / f"{name}.theirs.keras")
    model.save(folder / f"{name}.theirs.h5")
    np.savez(folder / f"{name}.theirs.npz", **zoo.outcome(model, inputs))
    zoo.train(model, inputs, y, epochs=3)
    np.savez(folder / f"{name}.theirs.trained.npz", **zoo.outcome(model, inputs))


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    for name in zoo.MODELS:
        make_own(folder, name)
    for path in sorted(folder.glob("*.keras")):
        name = path.name.removesuffix(".keras")
        if "." not in name:
            take_over(folder, name)
            if (folder / f"{name}.h5").exists():
                take_over_old(folder, name)


if __name__ == "__main__":
    main()
