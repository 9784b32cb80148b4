"""What `legacy.saving` refuses; its values are compared in tests/conformance."""

from __future__ import annotations

import os
from typing import Any

import pytest

import pronghorn as keras
from pronghorn.errors import ArgumentError, FileFormatError
from pronghorn.legacy.saving import deserialize_keras_object, serialize_keras_object


def test_what_is_no_object() -> None:
    for wrong in (3, "text", [1]):
        with pytest.raises(ArgumentError, match="get_config"):
            serialize_keras_object(wrong)
    for wrong in ({"a": 1}, {"class_name": "L2"}, [1]):
        with pytest.raises(ArgumentError, match="describes no loss"):
            deserialize_keras_object(wrong, printable_module_name="loss")


def test_names_are_found_only_where_it_is_told_to_look() -> None:
    plain = {"class_name": "L2", "config": {"l2": 0.5}}
    with pytest.raises(ArgumentError, match="no object of this name"):
        deserialize_keras_object(plain)
    with pytest.raises(ArgumentError, match="did you mean L2"):
        deserialize_keras_object("L2x", {"L2": keras.regularizers.L2})
    made = deserialize_keras_object("L2", {"L2": keras.regularizers.L2})
    assert made.l2 == pytest.approx(0.01)
    tanh = keras.activations.tanh
    assert deserialize_keras_object("tanh", {}, {"tanh": tanh}) is tanh
    assert deserialize_keras_object(tanh) is tanh


def test_registered_classes_and_those_of_a_scope_are_found() -> None:
    class Own(keras.regularizers.Regularizer):
        def __init__(self, by: float = 1.0) -> None:
            self.by = by

        def __call__(self, x: Any) -> Any:
            return self.by

        def get_config(self) -> dict[str, Any]:
            return {"by": self.by}

    plain = serialize_keras_object(Own(3.0))
    with keras.saving.custom_object_scope({"Own": Own}):
        assert deserialize_keras_object(plain).by == 3.0


def test_a_description_calls_nothing_but_from_config() -> None:
    plain = {"class_name": "system", "config": {"command": "true"}}
    with pytest.raises(FileFormatError, match="from_config"):
        deserialize_keras_object(plain, vars(os))


def test_models_go_there_and_back() -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="end")])
    plain = serialize_keras_object(model)
    again = deserialize_keras_object(plain, {"Sequential": keras.Sequential})
    assert again.get_config() == model.get_config()
    assert keras.utils.legacy.serialize_keras_object is serialize_keras_object
