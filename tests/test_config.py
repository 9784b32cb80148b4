"""The config contract: data, tagged values, classes, functions, shared objects."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pronghorn import config as configs
from pronghorn import registry
from pronghorn.config import TensorReference, deserialize, serialize
from pronghorn.errors import ArgumentError, FileFormatError, UnsupportedError


class Part:
    """A class with all that the contract knows."""

    def __init__(self, size=1, inner=None, name="part"):
        if size < 0:
            raise ValueError("size must not be negative")
        self.size, self.inner, self.name = size, inner, name
        self.built = False
        self.shape = None

    def get_config(self):
        return {"size": self.size, "inner": serialize(self.inner), "name": self.name}

    @classmethod
    def from_config(cls, config):
        config = dict(config)
        config["inner"] = deserialize(config.get("inner"))
        return cls(**config)

    def get_build_config(self):
        return None if self.shape is None else {"input_shape": self.shape}

    def build_from_config(self, config):
        self.shape = tuple(config["input_shape"])


@pytest.fixture(autouse=True)
def known_part(monkeypatch):
    for table in ("_BY_NAME", "_NAME_OF", "_CUSTOM", "_CUSTOM_NAME_OF"):
        monkeypatch.setattr(registry, table, dict(getattr(registry, table)))
    registry.keras_class("keras.layers")(Part)


def through_json(obj):
    return deserialize(json.loads(json.dumps(serialize(obj))))


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        -0.5,
        "text",
        [1, [2, None]],
        {"a": {"b": [1]}},
        b"bytes",
        Ellipsis,
        slice(1, None, 2),
        TensorReference((None, 3), "float32", ("dense", 0, 1)),
        TensorReference((None,), "int32", None),
        configs.DTypePolicy("float32"),
    ],
)
def test_values_come_back_through_json(value):
    assert through_json(value) == value


def test_tuples_come_back_as_lists_as_in_keras():
    assert serialize((1, (2,))) == (1, (2,))
    assert through_json((1, (2,))) == [1, [2]]


@pytest.mark.parametrize("dtype", ["float32", "int64", "bool", "uint8"])
def test_arrays_keep_dtype_and_values(dtype):
    array = np.array([[0, 1], [1, 0]], dtype)
    back = through_json(array)
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)


def test_numpy_scalars_become_numbers():
    assert serialize(np.float32(0.5)) == 0.5
    assert type(serialize(np.int64(3))) is int
    assert serialize(np.array(2.0)) == 2.0
    assert serialize(np.dtype("float32")) == "float32"


def test_config_of_a_class_is_keras_own():
    part = Part(2)
    part.shape = (None, 3)
    assert serialize(part) == {
        "module": "keras.layers",
        "class_name": "Part",
        "config": {"size": 2, "inner": None, "name": "part"},
        "registered_name": None,
        "build_config": {"input_shape": (None, 3)},
    }
    assert list(serialize(part))[:4] == [
        "module",
        "class_name",
        "config",
        "registered_name",
    ]


def test_object_comes_back_built_with_its_parts():
    part = Part(2, inner=Part(3, name="deep"))
    part.shape = (None, 3)
    back = through_json(part)
    assert (back.size, back.inner.name, back.shape) == (2, "deep", (None, 3))
    assert back.built and not back.inner.built


def test_the_given_config_is_not_changed():
    data = json.loads(json.dumps(serialize(Part(2, inner=Part()))))
    before = json.dumps(data)
    deserialize(data)
    assert json.dumps(data) == before


def test_private_modules_of_keras_register_the_name():
    registry.keras_class("keras.src.models.example")(
        type("Functional", (Part,), {"__module__": "x"})
    )
    cls = registry.find_class("keras.src.models.example", "Functional")
    assert serialize(cls())["registered_name"] == "Functional"


class Own(Part):
    pass


def test_own_class_needs_custom_objects_or_registration():
    data = serialize(Own(4))
    assert data["module"] == __name__ and data["registered_name"] == "Own"
    with pytest.raises(FileFormatError, match="not known") as caught:
        deserialize(data)
    assert "custom_objects={'Own': Own}" in caught.value.remedy
    assert deserialize(data, {"Own": Own}).size == 4
    with registry.custom_object_scope({"Own": Own}):
        assert type(deserialize(data)) is Own
    registry.register_keras_serializable("mine")(Own)
    data = serialize(Own(5))
    assert data["registered_name"] == "mine>Own"
    assert type(deserialize(data)) is Own


def test_custom_objects_reach_inner_configs():
    outer = Part(1, inner=Own(7))
    assert type(deserialize(serialize(outer), {"Own": Own}).inner) is Own


def test_a_class_that_only_keras_has_can_be_supplied():
    data = {"module": "keras.layers", "class_name": "Conv9D", "config": {"size": 2}}
    with pytest.raises(FileFormatError, match="outside") as caught:
        deserialize({**data, "registered_name": None})
    assert "custom_objects={'Conv9D': Conv9D}" in caught.value.remedy
    assert deserialize(data, {"Conv9D": Own}).size == 2


def own_function(x):
    return x


def test_functions_are_named_not_stored():
    data = serialize(own_function)
    assert data == {
        "module": "builtins",
        "class_name": "function",
        "config": "own_function",
        "registered_name": "function",
    }
    assert deserialize(data, {"own_function": own_function}) is own_function
    with pytest.raises(FileFormatError, match="own_function"):
        deserialize(data)


def test_registered_functions():
    registry.register_keras_serializable("mine")(own_function)
    data = serialize(own_function)
    assert data["config"] == "mine>own_function"
    assert deserialize(data) is own_function
    # Keras up to 3.6 left the package out.
    assert deserialize({**data, "config": "own_function"}) is own_function


def test_lambdas_and_strangers_are_not_serialized():
    with pytest.raises(ArgumentError, match="lambda") as caught:
        serialize(lambda x: x)
    assert "def" in caught.value.remedy
    with pytest.raises(ArgumentError, match="cannot be saved"):
        serialize(object())
    bad = type("Bad", (), {"get_config": lambda self: [1]})
    with pytest.raises(ArgumentError, match="must return a dict"):
        serialize(bad())


@pytest.mark.parametrize("safe_mode", [True, False])
@pytest.mark.parametrize(
    "data",
    [
        {"class_name": "__lambda__", "config": {"value": {"code": "4wEAAAA="}}},
        {
            "class_name": "__typespec__",
            "config": [],
            "module": "os",
            "spec_name": "system",
            "registered_name": None,
        },
        {
            "module": "keras.layers",
            "class_name": "Lambda",
            "config": {
                "function": {"class_name": "__lambda__", "config": {"value": "x"}}
            },
        },
    ],
)
def test_code_is_refused_in_either_mode(data, safe_mode):
    with pytest.raises(FileFormatError, match="never run"):
        deserialize(data, safe_mode=safe_mode)


@pytest.mark.parametrize(
    "data",
    [
        {"class_name": 3, "config": {}},
        {"class_name": "Part", "config": [], "module": "keras.layers"},
        {"class_name": "Part", "config": {}, "module": ["keras.layers"]},
        {"class_name": "Part", "config": {}, "module": "x", "registered_name": {}},
        {"class_name": "function", "config": {"a": 1}, "module": "builtins"},
        {"class_name": "__numpy__", "config": {"value": [1], "dtype": "object"}},
        {"class_name": "__numpy__", "config": {"value": [[1], 2], "dtype": "int32"}},
        {"class_name": "__numpy__", "config": {}},
        {"class_name": "__slice__", "config": 3},
        {
            "class_name": "__keras_tensor__",
            "config": {"shape": 3, "dtype": "float32", "keras_history": None},
        },
        {
            "class_name": "__keras_tensor__",
            "config": {"shape": [], "dtype": "float32", "keras_history": [1, 2]},
        },
        {"a": {1, 2}},
    ],
)
def test_malformed_configs_have_one_error(data):
    with pytest.raises(FileFormatError) as caught:
        deserialize(data)
    assert caught.value.where and caught.value.remedy


@pytest.mark.parametrize("wrong", [{"size": -3}, {"size": "a"}, {"unknown": 1}])
def test_constructor_errors_name_the_object(wrong):
    config = {"name": "p7", **wrong}
    data = {"module": "keras.layers", "class_name": "Part", "config": config}
    with pytest.raises(FileFormatError, match="valid object") as caught:
        deserialize(data)
    assert "p7" in caught.value.where


def test_unsupported_stays_unsupported():
    def refuse(cls, config):
        raise UnsupportedError("Not here.")

    registry.keras_class("keras.layers", name="Conv")(
        type("Conv", (Part,), {"from_config": classmethod(refuse)})
    )
    with pytest.raises(UnsupportedError):
        deserialize({"module": "keras.layers", "class_name": "Conv", "config": {}})


def test_a_custom_object_that_is_no_class_is_refused():
    data = {"class_name": "Own", "config": {}, "registered_name": "Own"}
    for kind in (FileFormatError, TypeError):  # ours, and Keras's
        with pytest.raises(kind, match="Unable to reconstruct"):
            deserialize(data, {"Own": own_function})


@pytest.mark.parametrize(
    "config",
    [
        {"class_name": "Dense", "config": [1], "module": "keras.layers"},
        {"class_name": "function", "config": ["a"]},
        {"class_name": "__typespec__", "config": "a"},
        {"class_name": "Unheard", "config": {}},
        {"class_name": 3, "config": {}},
    ],
)
def test_what_keras_calls_a_type_error_is_one(config):
    with pytest.raises(TypeError):
        deserialize(config)
    with pytest.raises(ValueError):
        deserialize(config)


def test_a_built_in_thing_has_no_registered_name():
    dense = {"class_name": "Dense", "module": "keras.layers", "config": {"units": 1}}
    relu = {"class_name": "function", "module": "builtins", "config": "relu"}
    for config in (dense, relu):
        for name in ("builtins.eval", "my_pkg>MyDense"):
            with pytest.raises(FileFormatError, match="resolved to a Keras built-in"):
                deserialize({**config, "registered_name": name})
        for name in (None, config["class_name"]):
            deserialize({**config, "registered_name": name})
    assert callable(deserialize({**relu, "registered_name": "relu"}))


def test_dtype_policy():
    policy = deserialize(configs.dtype_config("mixed_float16"))
    assert (policy.compute_dtype, policy.variable_dtype) == ("float16", "float32")
    assert configs.dtype_config("float32") == serialize(configs.DTypePolicy())
