"""Runs code of the course on one side, Keras or Pronghorn: a script.

    python both_sides.py pronghorn|keras SNIPPETS.pickle RESULTS.npz

The models that the code makes get the same weights on both sides, by their order and
shapes; what they predict for the same rows, and their loss, is written down.
"""

import pickle
import sys

import numpy as np

side, given, results = sys.argv[1:]
if side == "pronghorn":
    from pronghorn import accel

    accel.install()

from tensorflow import keras  # noqa: E402
from tensorflow.keras import layers  # noqa: E402

EPOCHS, ROWS = 1, 5
_fit = keras.Model.fit


def fit(self, *args, **kwargs):
    """Trains for one epoch: what is learnt is overwritten afterwards."""
    kwargs.update(epochs=EPOCHS, verbose=0)
    return _fit(self, *args, **kwargs)


def value(name, stored):
    """A value as the notebook has it; frames are made again."""
    import pandas as pd

    if isinstance(stored, dict) and set(stored) == {"frame"}:
        return pd.DataFrame(stored["frame"])
    if isinstance(stored, dict) and set(stored) == {"column", "name"}:
        return pd.Series(stored["column"], name=stored["name"])
    return stored


def weights(model):
    """The same numbers on both sides; what must be above zero is."""
    made = []
    for number, weight in enumerate(model.weights):
        if "int" in str(weight.dtype):
            made.append(np.asarray(weight.numpy()))
            continue
        drawn = np.random.default_rng(number).normal(0, 0.4, tuple(weight.shape))
        positive = weight.path.split("/")[-1] in ("variance", "moving_variance")
        made.append(np.abs(drawn) + 0.5 if positive else drawn)
    return made


def rows(model, rng):
    """Drawn rows for each input; text is of words that the model's lookups know."""
    words = ["a word that no lookup knows"]
    for layer in model.layers:
        if hasattr(layer, "get_vocabulary"):
            words += sorted(str(word) for word in layer.get_vocabulary())
    drawn = {}
    for each in model.inputs:
        shape = (ROWS, *each.shape[1:])
        if each.dtype == "string":
            drawn[each.name] = rng.choice(words, shape[0]).astype(object)
        else:
            drawn[each.name] = rng.normal(size=shape).astype("float32")
    return drawn if len(drawn) > 1 else next(iter(drawn.values()))


def outcome(model):
    """Predictions for drawn rows and, where it is compiled, the loss."""
    rng = np.random.default_rng(0)
    model.set_weights(weights(model))
    for layer in model.layers:
        if hasattr(layer, "finalize_state"):  # Keras computes with a copy
            layer.finalize_state()
    x = rows(model, rng)
    said = np.asarray(model.predict(x, verbose=0))
    found = {"predictions": said}
    if getattr(model, "compiled", False):
        classes = said.shape[-1]
        y = rng.integers(0, max(classes, 2), (ROWS,))
        loss = model.loss if isinstance(model.loss, str) else type(model.loss).__name__
        if classes > 1 and "parse" not in loss:
            y = np.eye(classes)[y]
        # float32 labels: Keras's mean of integers is of integers
        result = model.evaluate(x, y.astype("float32"), verbose=0, batch_size=ROWS)
        found["loss"] = np.asarray(result).ravel()[0]
    return found


def main():
    """All snippets of the file."""
    keras.Model.fit = fit
    with open(given, "rb") as file:
        snippets = pickle.load(file)
    found = {}
    for name, code, data in snippets:
        keras.utils.set_random_seed(0)
        names = {"keras": keras, "layers": layers, "np": np}
        names.update({key: value(key, stored) for key, stored in data.items()})
        exec(compile(code, name, "exec"), names)
        models = {
            key: each
            for key, each in names.items()
            if isinstance(each, keras.Model) and each.built
        }
        for key, model in models.items():
            for what, numbers in outcome(model).items():
                found[f"{name}: {key}: {what}"] = numbers
    np.savez(results, **found)


main()
