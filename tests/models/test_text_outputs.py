"""Text that a model gives, computed from what its program predicts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers
from pronghorn.errors import UnsupportedError

X = np.random.default_rng(0).normal(size=(60, 3)).astype("float32")


def names() -> Any:
    return layers.StringLookup(vocabulary=["red", "blue"], invert=True)


def net() -> tuple[Any, Any, Any]:
    """An input, three scores, and the best one's name."""
    x = keras.Input((3,))
    scores = layers.Dense(3, name="scores")(x)
    return x, scores, names()(keras.ops.argmax(scores, axis=-1))


@pytest.mark.parametrize("backend", ["native", "reference"])
def test_the_best_class_by_name(backend: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("PRONGHORN_BACKEND", backend)
    x, scores, best = net()
    places = keras.Model(x, scores).predict(X, verbose=0).argmax(1)
    wanted = np.array(["[UNK]", "red", "blue"])[places].tolist()
    model = keras.Model(x, best)
    assert model.predict(X, verbose=0).tolist() == wanted
    assert model.predict(X, batch_size=7, verbose=1, steps=2).tolist() == wanted[:14]
    assert model.predict_on_batch(X[:5]).tolist() == wanted[:5]
    assert len(set(wanted)) > 1


def test_text_beside_numbers_in_any_form() -> None:
    x, scores, best = net()
    model = keras.Model(x, {"scores": scores, "names": [best, best]})
    found = model.predict(X, verbose=0)
    np.testing.assert_array_equal(
        found["scores"].argmax(1) == 0, found["names"][0] == "[UNK]"
    )
    assert found["names"][0].tolist() == found["names"][1].tolist()


def test_batches_of_a_stream() -> None:
    x, _, best = net()
    model = keras.Model(x, best)

    def batches() -> Iterator[Any]:
        for start in (0, 8, 16):
            yield X[start : start + 8]

    found = model.predict(batches(), verbose=0)
    assert found.tolist() == model.predict(X[:24], verbose=0).tolist()


def test_nested_models_and_sequential_ones() -> None:
    line = keras.Sequential(
        [
            layers.Dense(3),
            layers.Lambda(lambda v: keras.ops.argmax(v, axis=-1)),
            names(),
        ]
    )
    found = line.predict(X, verbose=0)  # which builds it
    assert found.tolist() == line.predict(X, verbose=0).tolist()
    x = keras.Input((3,))
    outer = keras.Model(x, line(x))
    assert outer.predict(X, verbose=0).tolist() == found.tolist()


def test_terms_there_and_back() -> None:
    text = keras.Input((1,), dtype="string")
    ids = layers.StringLookup(vocabulary=["red", "blue"])(text)
    model = keras.Model(text, names()(ids))
    found = model.predict(np.array([["blue"], ["green"]]), verbose=0)
    assert found.tolist() == [["blue"], ["[UNK]"]]


def test_later_weights_and_files(tmp_path: Path) -> None:
    x, scores, best = net()
    model, trained = keras.Model(x, best), keras.Model(x, scores)
    before = model.predict(X, verbose=0).tolist()
    trained.get_layer("scores").bias.assign([9.0, 0.0, 0.0])
    assert set(model.predict(X, verbose=0)) == {"[UNK]"} != set(before)
    model.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")
    assert set(again.predict(X, verbose=0)) == {"[UNK]"}


def test_text_that_goes_through_is_refused() -> None:
    text = keras.Input((1,), dtype="string")
    model = keras.Model(text, [text, layers.Hashing(3)(text)])
    with pytest.raises(UnsupportedError, match="has no text"):
        model.predict(np.array([["a"]]), verbose=0)
