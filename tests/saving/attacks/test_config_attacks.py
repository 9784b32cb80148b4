"""Configs that hold code, name what is not theirs to name, or ask for too much."""

from __future__ import annotations

import json
import sys

import pytest

import pronghorn
from pronghorn.errors import FileFormatError
from pronghorn.registry import register_keras_serializable
from pronghorn.saving import archive

from ..standins import TinyDense, changed, members, zipped
from .helpers import load, refused

RAN: list[str] = []
KERAS = ("keras.models", "keras.utils", "keras.activations")


@pytest.fixture(autouse=True)
def nothing_ran():
    RAN.clear()
    yield
    assert not RAN


def part(value):
    """A change that puts something in the place of the first layer."""
    return lambda config: config["config"]["parts"].__setitem__(0, value)


def named(class_name, module, **config):
    return {
        "module": module,
        "class_name": class_name,
        "config": config,
        "registered_name": None,
    }


@pytest.mark.parametrize(
    "value",
    [
        named(
            "Lambda",
            "keras.layers",
            function={"class_name": "__lambda__", "config": {"code": "4wAAAA=="}},
        ),
        {"class_name": "__lambda__", "config": {"value": {"code": "4wAAAA=="}}},
        {"class_name": "__typespec__", "config": [], "spec_name": "x", "module": "os"},
    ],
)
def test_code(value):
    with refused("never run"):
        load(changed(config=part(value)))


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("system", "os"),
        ("Popen", "subprocess"),
        ("eval", "builtins"),
        ("TinyDense", "tests.saving.standins"),
        ("load_model", "keras.models"),
        ("get_file", "keras.utils"),
        ("Model", "pronghorn.saving.api"),
        ("__import__", None),
    ],
)
def test_names_outside_of_the_allow_list(name, module):
    before = set(sys.modules)
    with refused("outside" if module in KERAS else "not known"):
        load(changed(config=part(named(name, module))))
    assert set(sys.modules) == before


@pytest.mark.parametrize("module", ["builtins", "os", "keras.activations", None])
def test_functions_outside_of_the_allow_list(module):
    value = {"class_name": "function", "config": "system", "module": module}
    with refused("outside" if module in KERAS else "not known"):
        load(changed(config=part(value)))


@pytest.mark.parametrize("units", [10**6, 10**12, 10**30, 2**63])
def test_absurd_sizes_allocate_nothing(units):
    def grow(config):
        config["config"]["parts"][0]["config"]["units"] = units

    with refused("larger variables"):
        load(changed(config=grow))


def operations(class_name, args, module="keras.src.ops.numpy", **config):
    """An archive of a functional model whose one operation is as given."""
    start = pronghorn.Input((4,), name="start")
    model = pronghorn.Model(start, start * 2.0)
    archive_members = members(pronghorn.saving.model_to_bytes(model))
    whole = json.loads(archive_members["config.json"])
    one = whole["config"]["layers"][1]
    tensor = one["inbound_nodes"][0]["args"][0]
    one.update(module=module, class_name=class_name, registered_name=class_name)
    one["config"].update(config)
    given = [tensor if arg == "tensor" else arg for arg in args]
    one["inbound_nodes"][0]["args"] = given
    if class_name == "Flip":
        whole["config"]["layers"][0]["config"]["batch_shape"] = [None, 10**10]
    archive_members["config.json"] = json.dumps(whole).encode()
    return zipped(archive_members)


@pytest.mark.parametrize(
    ("class_name", "args", "config"),
    [
        ("Tile", ["tensor"], {"repeats": [1, 10**9]}),
        ("Split", ["tensor"], {"indices_or_sections": 10**9, "axis": 1}),
        ("Repeat", ["tensor"], {"repeats": 10**12, "axis": 1}),
        ("OnesLike", [[1.0, 2.0]], {}),
        ("Flip", ["tensor"], {"axis": 1}),
    ],
)
def test_operations_that_ask_for_too_much(class_name, args, config):
    with refused("asks for too much"):
        load(operations(class_name, args, **config))


@pytest.mark.parametrize("args", [[], [{"a": 1}], ["tensor"] * 3])
def test_calls_of_operations_that_cannot_be(args):
    with pytest.raises(FileFormatError):
        load(operations("Multiply", args))


def test_many_layers_of_modest_size_count_together():
    def repeat(config):
        first = config["config"]["parts"][0]
        first["config"].update(inputs=200, units=200)
        config["config"]["parts"] = [first] * 10_000

    with refused("larger variables"):
        load(changed(config=repeat))


@pytest.mark.parametrize("units", [-3, 0, 2.5, "a", None, [1], {}, True + 0.5])
def test_wrong_types_and_values(units):
    def spoil(config):
        config["config"]["parts"][0]["config"]["units"] = units

    with refused("config.json"):
        load(changed(config=spoil))


@pytest.mark.parametrize(
    "value", [None, 3, "text", [], {}, [[]], {"class_name": []}, {"class_name": "x"}]
)
def test_no_layer_where_one_should_be(value):
    with refused():
        load(changed(config=part(value)))


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"{", b"\xff\xfe", b"[" * 9999])
def test_no_json(data):
    with refused("config.json"):
        load(changed(config_json=data))
    with refused("metadata.json"):
        load(changed(metadata=data))


def test_depth(monkeypatch):
    deep = b'{"a":' * 500 + b"1" + b"}" * 500
    with refused("levels"):
        load(changed(config_json=deep))
    monkeypatch.setattr(archive, "MAX_JSON_NODES", 5)
    with refused("5 values"):
        load(changed())


def test_a_config_that_is_no_model():
    policy = named("DTypePolicy", "keras", name="float32")
    with refused("does not describe a model"):
        load(changed(config_json=json.dumps(policy).encode()))
    with refused("does not describe a model"):
        load(changed(config_json=b'{"a": 1}'))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("build_config", [1]),
        ("build_config", "x"),
        ("compile_config", [1]),
        ("compile_config", {"optimizer": "x"}),
    ],
)
def test_build_and_compile_configs_of_wrong_types(key, value):
    with refused():
        load(changed(config=lambda config: config.update({key: value})))


@register_keras_serializable("tests")
class Trap(TinyDense):
    """A class that is not for files: known only under its registered name."""

    def __init__(self, *args, **kwargs):
        RAN.append("trap")


def test_a_registered_class_is_not_found_by_module_or_plain_name():
    for value in (named("Trap", __name__), named("Trap", None)):
        with refused("not known"):
            load(changed(config=part(value)))


def test_a_registered_name_must_be_a_string():
    for name in (["tests>Trap"], 3, {"a": 1}):
        value = {**named("Trap", "x"), "registered_name": name}
        with refused("malformed"):
            load(changed(config=part(value)))
