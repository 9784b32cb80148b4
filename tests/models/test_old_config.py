"""Configs without modules become those of today."""

from __future__ import annotations

import json

import numpy as np
import pytest

import pronghorn
from pronghorn import layers
from pronghorn.errors import FileFormatError
from pronghorn.models.old_config import is_old, new_form, nodes_in_new_form
from pronghorn.registry import custom_object_scope, register_keras_serializable


def test_what_has_a_module_or_is_no_layer_stays_as_it_is():
    new = pronghorn.saving.serialize_keras_object(layers.Dense(1))
    for config in (new, None, "Dense", 3, {"class_name": "Dense", "config": [1]}, {}):
        assert not is_old(config) and new_form(config) is config


def test_the_config_that_came_is_not_changed():
    old = {
        "class_name": "BatchNormalization",
        "config": {"batch_input_shape": [None, 3], "axis": [1], "name": "n"},
    }
    before = json.dumps(old)
    found = new_form(old)
    assert json.dumps(old) == before
    assert found["module"] == "keras.layers"
    assert found["config"] == {"input_shape": [3], "axis": 1, "name": "n"}


@pytest.mark.parametrize(
    ("name", "inner", "module", "now"),
    [
        ("Dense", {}, "keras.layers", "Dense"),
        ("Sequential", {}, "keras", "Sequential"),
        ("Functional", {}, "keras.src.models.functional", "Functional"),
        (
            "Model",
            {"input_layers": []},
            "keras.src.models.functional",
            "Functional",
        ),
    ],
)
def test_places_of_classes(name, inner, module, now):
    found = new_form({"class_name": name, "config": inner})
    assert (found["module"], found["class_name"]) == (module, now)


@pytest.mark.parametrize(
    ("name", "inner", "module"),
    [
        ("NotEqual", {}, "keras.src.ops.numpy"),
        ("Relu", {}, "keras.src.ops.nn"),
        ("Multiply", {"name": "m"}, "keras.src.ops.numpy"),
        ("Multiply", {"name": "m", "trainable": True}, "keras.layers"),
        ("Concatenate", {"axis": 1, "trainable": False}, "keras.layers"),
        ("Norm", {"ord": 2}, "keras.src.ops.linalg"),
    ],
)
def test_operations_between_layers_are_told_from_layers(name, inner, module):
    assert new_form({"class_name": name, "config": inner})["module"] == module


def test_own_classes_come_before_keras_own():
    class Dense(layers.Dense):
        pass

    old = {"class_name": "Dense", "config": {"units": 1}}
    with custom_object_scope({"Dense": Dense}):
        assert "module" not in new_form(old)
        made = pronghorn.saving.deserialize_keras_object(new_form(old))
    assert type(made) is Dense
    made = pronghorn.saving.deserialize_keras_object(new_form(old), {"Dense": Dense})
    assert type(made) is Dense


def test_a_registered_class_is_found_by_its_plain_name():
    @register_keras_serializable("old_config")
    class Unheard(layers.Layer):
        pass

    for name in ("Unheard", "old_config>Unheard"):
        config = new_form({"class_name": name, "config": {"name": "u"}})
        made = pronghorn.saving.deserialize_keras_object(config)
        assert type(made) is Unheard


def test_policies_wrappers_and_initializers():
    inner = {"class_name": "Dense", "config": {"units": 2, "name": "d"}}
    found = new_form(
        {
            "class_name": "TimeDistributed",
            "config": {
                "layer": inner,
                "dtype": {"class_name": "Policy", "config": {"name": "float32"}},
            },
        }
    )
    assert found["config"]["layer"]["module"] == "keras.layers"
    assert found["config"]["dtype"] == "float32"
    layer = pronghorn.saving.deserialize_keras_object(found)
    assert layer(np.ones((1, 3, 4), "float32")).shape == (1, 3, 2)


def test_a_lambda_has_a_name_or_is_refused():
    config = {
        "function": "doubled",
        "function_type": "function",
        "module": "__main__",
        "output_shape": None,
        "output_shape_type": "raw",
        "output_shape_module": None,
        "arguments": {},
    }
    found = new_form({"class_name": "Lambda", "config": config})
    layer = pronghorn.saving.deserialize_keras_object(
        found, {"doubled": lambda x: x * 2}
    )
    assert layer(np.ones(2, "float32"))[0] == 2
    for change in (
        {"function_type": "lambda"},
        {"function": ["4wE", None, None]},
        {"output_shape_type": "lambda"},
    ):
        with pytest.raises(FileFormatError, match="code"):
            new_form({"class_name": "Lambda", "config": {**config, **change}})


def test_calls():
    one = [["a", 0, 0, {"training": None, "factor": 2, "other": ["b", 1, 0]}]]
    two = [["a", 0, 0], ["b", 0, 1, {}]]
    first, second = nodes_in_new_form([one, two])
    histories = [t["config"]["keras_history"] for t in second["args"][0]]
    assert histories == [["a", 0, 0], ["b", 0, 1]]
    assert first["args"][0]["config"]["keras_history"] == ["a", 0, 0]
    assert first["kwargs"]["factor"] == 2 and "training" not in first["kwargs"]
    assert first["kwargs"]["other"]["config"]["keras_history"] == ["b", 1, 0]
    for new in (None, [], [{"args": [], "kwargs": {}}], [[]], [[["a", "b", 0]]]):
        assert nodes_in_new_form(new) == new


def test_configs_of_keras_2_make_models():
    config = {
        "name": "net",
        "layers": [
            {"class_name": "Dense", "config": {"units": 2, "input_dim": 3, "name": "d"}}
        ],
    }
    assert pronghorn.Sequential.from_config(config).output_shape == (None, 2)
    text = json.dumps({"class_name": "Sequential", "config": config})
    assert pronghorn.models.model_from_json(text).output_shape == (None, 2)


@pytest.mark.parametrize("config", [{}, {"layers": []}, {"name": "a", "layers": 3}])
def test_a_sequential_model_needs_a_name_and_layers(config):
    with pytest.raises(FileFormatError, match="name and a list of layers"):
        pronghorn.Sequential.from_config(config)
