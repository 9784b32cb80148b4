"""What real Keras does with model files; run by its interpreter, not by ours.

    python keras_side.py FOLDER

FOLDER holds `<name>.keras`, `<name>.h5` and `<name>.weights.h5`, saved by Pronghorn in
the middle of training, and `<name>.npz`, their data. Of the `.h5`, what Keras predicts
is written (`<name>.old.npz`): Keras builds its optimizer for no weights then. So it is
of the weights alone (`<name>.weights.npz`). For each `.keras`, Keras's predictions and
weights are written (`<name>.loaded.npz`), those after more training
(`<name>.trained.npz`), and the file that Keras saves then (`<name>.back.keras`). For
each model of the zoo, Keras also makes files of its own: `<name>.theirs.keras`,
`.theirs.weights.h5`, one in the older layout,
`.theirs.h5` (`.theirs.old.txt` says why Keras cannot save it, open it or train on), and
`.theirs.npz`, `.theirs.trained.npz`. Where anything else fails, so does the run at its
end. Run with TensorFlow and with JAX: each takes its own of the models.
"""

from __future__ import annotations

import os
import pathlib
import sys
import traceback

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np
import tensorflow as tf

sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

from tests.saving import zoo

# Nets this small are trained before their graphs are rewritten.
tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})


def mine(name: str) -> bool:
    """Whether a model is for the backend that runs."""
    return (name in zoo.OF_JAX) == (keras.backend.backend() == "jax")


def fed(inputs):
    """Words as tensors: Keras takes no arrays of them."""
    return [tf.constant(x) if x.dtype.kind == "U" else x for x in inputs]


def data_of(path: pathlib.Path):
    with np.load(path) as data:
        inputs = fed(data[k] for k in sorted(data) if k.startswith("x"))
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
    known = name != "with_Lamb"  # nor does Keras find it in files of its own
    model = keras.models.load_model(folder / f"{name}.h5", compile=known)
    np.savez(folder / f"{name}.old.npz", **zoo.outcome(model, inputs))


def take_over_weights(folder: pathlib.Path, name: str) -> None:
    inputs, _ = data_of(folder / f"{name}.npz")
    model, _, _ = zoo.MODELS[name](keras, np.random.default_rng(6))
    model.load_weights(folder / f"{name}.weights.h5")
    np.savez(folder / f"{name}.weights.npz", **zoo.outcome(model, inputs))


def save_and_open_old(model: keras.Model, path: pathlib.Path, inputs, y) -> None:
    """What Keras does with the older format by itself."""
    model.save(path)
    opened = keras.models.load_model(path)
    try:
        zoo.train(opened, inputs, y, epochs=1)
    except ValueError as error:
        raise ValueError(f"opened, then: {error}") from error


def tried(function, *arguments) -> str:
    """Nothing, or the error's last line."""
    try:
        function(*arguments)
    except Exception as error:
        traceback.print_exc()
        return str(error).strip().splitlines()[0]
    return ""


def make_own(folder: pathlib.Path, name: str) -> None:
    keras.utils.set_random_seed(5)
    model, inputs, y = zoo.MODELS[name](keras, np.random.default_rng(5))
    inputs = fed(inputs)
    zoo.train(model, inputs, y, epochs=2)
    model.save(folder / f"{name}.theirs.keras")
    model.save_weights(folder / f"{name}.theirs.weights.h5")
    path = folder / f"{name}.theirs.h5"
    old = tried(save_and_open_old, model, path, inputs, y)
    (folder / f"{name}.theirs.old.txt").write_text(old)
    np.savez(folder / f"{name}.theirs.npz", **zoo.outcome(model, inputs))
    zoo.train(model, inputs, y, epochs=3)
    np.savez(folder / f"{name}.theirs.trained.npz", **zoo.outcome(model, inputs))


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    failed = []
    for name in zoo.MODELS:
        if mine(name):
            failed.append(tried(make_own, folder, name))
    for path in sorted(folder.glob("*.keras")):
        name = path.name.removesuffix(".keras")
        if "." not in name and mine(name):
            failed.append(tried(take_over, folder, name))
            if (folder / f"{name}.h5").exists():
                failed.append(tried(take_over_old, folder, name))
                failed.append(tried(take_over_weights, folder, name))
    sys.exit(any(failed))


if __name__ == "__main__":
    main()
