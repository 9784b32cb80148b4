"""The config of a functional model's graph: written as Keras does, read with care."""

from __future__ import annotations

import copy
import json

import pytest

from pronghorn import layers
from pronghorn.errors import FileFormatError
from pronghorn.models.functional_config import functional_config, functional_from_config
from pronghorn.tree import flatten


class Graph:
    """What a functional model has to offer, and no more."""

    def __init__(self, inputs, outputs, name=None, trainable=True, extra=None):
        self.inputs, self.outputs = inputs, outputs
        self.name, self.trainable, self.extra = name, trainable, extra
        self.operations = []
        for tensor in flatten(outputs):
            self._visit(tensor)

    def _visit(self, tensor):
        operation, call, _ = tensor._keras_history
        for parent in operation._inbound_nodes[call].input_tensors:
            self._visit(parent)
        if operation not in self.operations:
            self.operations.append(operation)


def data(model):
    return json.loads(json.dumps(functional_config(model)))


def diamond():
    """A shared layer, called a third time for another model."""
    a = layers.Input((3,), name="a")
    b = layers.Input((1,), dtype="int32", name="b")
    shared = layers.Dense(4, name="shared")
    shared(layers.Input((3,)))
    first = shared(a)
    coded = layers.Flatten(name="flat")(layers.Embedding(5, 4, name="codes")(b))
    both = layers.Add(name="both")([first, coded])
    again = shared(layers.Dense(3, name="narrow")(both))
    joined = layers.Concatenate(name="joined")([both, again])
    return Graph({"a": a, "b": b}, [layers.Dense(1, name="out")(joined), both], "g")


def test_the_config_is_keras_own():
    config = data(diamond())
    assert list(config) == [
        "name",
        "trainable",
        "layers",
        "input_layers",
        "output_layers",
    ]
    by_name = {layer["name"]: layer for layer in config["layers"]}
    assert by_name["a"]["inbound_nodes"] == []
    assert by_name["a"]["module"] == "keras.layers"
    assert len(by_name["shared"]["inbound_nodes"]) == 2
    assert by_name["both"]["inbound_nodes"] == [
        {
            "args": [[tensor("shared", 0, [None, 4]), tensor("flat", 0, [None, 4])]],
            "kwargs": {},
        }
    ]
    # The call for the other model is not counted: this one is number 1, not 2.
    assert by_name["joined"]["inbound_nodes"][0]["args"][0][1] == tensor(
        "shared", 1, [None, 4]
    )
    assert config["input_layers"] == {"a": ["a", 0, 0], "b": ["b", 0, 0]}
    assert config["output_layers"] == [["out", 0, 0], ["both", 0, 0]]


def tensor(name, call, shape):
    return {
        "class_name": "__keras_tensor__",
        "config": {
            "shape": shape,
            "dtype": "float32",
            "keras_history": [name, call, 0],
        },
    }


def test_the_graph_comes_back():
    config = data(diamond())
    before = copy.deepcopy(config)
    model = functional_from_config(Graph, config)
    assert config == before
    assert data(model) == config
    assert [t.shape for t in model.outputs] == [(None, 1), (None, 4)]


def test_order_of_layers_does_not_matter():
    config = data(diamond())
    config["layers"].reverse()
    model = functional_from_config(Graph, config)
    assert [t.shape for t in model.outputs] == [(None, 1), (None, 4)]


def test_further_arguments_reach_the_class():
    model = functional_from_config(Graph, {**data(diamond()), "extra": 5})
    assert (model.extra, model.name) == (5, "g")


def test_a_layer_that_was_called_before_is_counted_from_its_own_calls():
    """As when a layer is shared by two models that are read from one file."""
    config = data(diamond())
    used = layers.Dense(4, name="shared")
    used(layers.Input((3,)))
    config["layers"] = [
        {**c, "class_name": "Used", "registered_name": "Used"}
        if c["name"] == "shared"
        else c
        for c in config["layers"]
    ]
    factory = type("Used", (), {"from_config": staticmethod(lambda config: used)})
    model = functional_from_config(Graph, config, {"Used": factory})
    assert data(model)["output_layers"] == config["output_layers"]


def layer(config, name):
    return next(c for c in config["layers"] if c["name"] == name)


def point_to(history):
    def change(config):
        node = layer(config, "narrow")["inbound_nodes"][0]
        node["args"][0]["config"]["keras_history"] = history

    return change


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda c: c.pop("layers"), "layers"),
        (lambda c: c.update(layers={}), "layers"),
        (lambda c: c["layers"].append(3), "a layer"),
        (lambda c: c["layers"].append({"name": 3}), "a layer"),
        (lambda c: c["layers"].append(c["layers"][0]), "one layer of that name"),
        (lambda c: layer(c, "out").pop("inbound_nodes"), "inbound_nodes"),
        (
            lambda c: layer(c, "out").update(inbound_nodes=[["a", 0, 0]]),
            "inbound_nodes",
        ),
        (
            lambda c: layer(c, "out").update(inbound_nodes=[{"args": 1}]),
            "inbound_nodes",
        ),
        (lambda c: c.pop("input_layers"), "input_layers"),
        (lambda c: c.update(output_layers="out"), "output_layers"),
        (lambda c: c.update(output_layers=[["nobody", 0, 0]]), "nobody"),
        (lambda c: c.update(output_layers=[["out", 7, 0]]), "output_layers"),
        (lambda c: c.update(output_layers=[["out", 0, 7]]), "output 7 of 1"),
        (lambda c: c.update(output_layers=[["out", -1, 0]]), "output_layers"),
        (point_to(["out", 0, 0]), "loops"),
        (point_to(["shared", 9, 0]), "loops"),
        (point_to(["shared", 0, -1]), "output -1"),
        (point_to(["nobody", 0, 0]), "nobody"),
        (point_to(None), "none"),
        (point_to("shared"), "malformed"),
    ],
)
def test_malformed_graphs_have_one_error(change, word):
    config = data(diamond())
    change(config)
    with pytest.raises(FileFormatError) as caught:
        functional_from_config(Graph, config)
    assert word in str(caught.value)
    assert caught.value.remedy
