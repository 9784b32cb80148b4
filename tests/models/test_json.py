"""Models as JSON text."""

from __future__ import annotations

import json

import pronghorn as keras
from pronghorn import layers


def test_a_model_comes_back_from_its_json_with_new_weights() -> None:
    model = keras.Sequential([layers.Dense(2, "relu", input_shape=[3], name="a")])
    text = model.to_json(indent=1)
    again = keras.models.model_from_json(text)
    assert json.loads(again.to_json()) == json.loads(text)
    assert [w.shape for w in again.get_weights()] == [(3, 2), (2,)]
