"""Configs of layers without modules: as Keras 2 wrote them, and Keras 3 in `.h5` files.

They hold a `class_name` and a `config` only, and name some arguments as Keras 2 did.
Here they take the form in which `pronghorn.config` reads them; a class is still found
in the registry, among the registered ones and in `custom_objects`, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pronghorn.errors import FileFormatError
from pronghorn.registry import (
    find_class,
    get_custom_objects,
    get_registered_object,
    scoped_objects,
)

__all__ = ["is_old", "new_form", "nodes_in_new_form"]

Config = dict[str, Any]
# Where a class without a module may be public, and what it is called there.
PLACES = ("keras.layers", "keras", "keras.src.models.functional")
# Where operations between layers are; some have the name of a layer (`Multiply`).
OPERATIONS = tuple(
    f"keras.src.ops.{room}" for room in "numpy nn math core linalg".split()
)
# What Keras 2 wrote beside the function of a Lambda.
OF_LAMBDA = ("module", "function_type", "output_shape_type", "output_shape_module")


def is_old(config: Any) -> bool:
    """Whether a layer's config is without a module.

    >>> is_old({"class_name": "Dense", "config": {"units": 1}})
    True
    """
    return (
        isinstance(config, Mapping)
        and isinstance(config.get("class_name"), str)
        and isinstance(config.get("config"), Mapping)
        and "module" not in config
    )


def new_form(config: Any) -> Any:
    """A layer's config with its module, and with the arguments of today.

    Layers inside of a model stay as they are: the model reads them one by one.

    Args:
        config: of a layer or model; one with a module, or of something else, is
            returned unchanged.

    Raises:
        FileFormatError: a Lambda that holds code.

    Example:

    >>> new_form({"class_name": "Dense", "config": {"units": 1}})["module"]
    'keras.layers'
    """
    if not is_old(config):
        return config
    name, inner = config["class_name"], dict(config["config"])
    inner = _arguments(name, inner)
    if name == "Model" and "input_layers" in inner:
        name = "Functional"
    rest = {k: v for k, v in config.items() if k not in ("class_name", "config")}
    found: Config = {**rest, "class_name": name, "config": inner}
    if get_registered_object(name) is not None:
        return found
    # Layers say whether they are trainable; operations have nothing that could be.
    for place in PLACES if "trainable" in inner else (*OPERATIONS, *PLACES):
        if find_class(place, name) is not None:
            return {"module": place, **found}
    registered = _registered(name)
    return found if registered is None else {**found, "registered_name": registered}


def _registered(name: str) -> str | None:
    """The full name under which a class is registered that a file names plainly."""
    ending = f">{name}"
    for place in (scoped_objects(), get_custom_objects()):
        for key in place:
            if key.endswith(ending):
                return str(key)
    return None


def _arguments(name: str, inner: Config) -> Config:
    shape = inner.pop("batch_input_shape", None)
    if shape is not None:
        inner["batch_shape" if name == "InputLayer" else "input_shape"] = (
            shape if name == "InputLayer" else shape[1:]
        )
    axis = inner.get("axis")
    if isinstance(axis, (list, tuple)) and len(axis) == 1:
        inner["axis"] = axis[0]
    policy = inner.get("dtype")
    if is_old(policy):  # a policy of mixed precision
        inner["dtype"] = policy["config"].get("name")  # type: ignore[index]
    for key, value in inner.items():
        if key.endswith("_initializer") and is_old(value):
            inner[key] = {**value, "config": _without(value["config"], "dtype")}
    if is_old(inner.get("layer")):  # of a wrapper
        inner["layer"] = new_form(inner["layer"])
    return _lambda(inner) if name == "Lambda" else inner


def _without(config: Mapping[str, Any], *names: str) -> Config:
    return {key: value for key, value in config.items() if key not in names}


def _lambda(inner: Config) -> Config:
    function = inner.get("function")
    code = inner.get("function_type") == "lambda" or isinstance(function, list)
    if code or inner.get("output_shape_type") == "lambda":
        raise FileFormatError(
            "The config holds code, and code from a file is never run.",
            where=f"Lambda {inner.get('name', '')!r}",
            expected="the name of a function",
            received="a lambda",
            remedy="write the function again, and the model with it: load_weights "
            "reads the weights of this file",
        )
    if isinstance(function, str):
        inner["function"] = {
            "module": "builtins",
            "class_name": "function",
            "config": function,
            "registered_name": "function",
        }
    return _without(inner, *OF_LAMBDA)


def nodes_in_new_form(nodes: Any) -> Any:
    """The calls of a layer of a functional model, in the form of Keras 3.

    Args:
        nodes: `inbound_nodes` of a layer. Keras 2 wrote a list of inputs for each call,
            an input as `[layer, call, output]` or `[layer, call, output, arguments]`.

    Returns:
        A list of calls with `args` and `kwargs`; what is not Keras 2's is unchanged.

    Example:

    >>> call = nodes_in_new_form([[["dense", 0, 0, {}]]])[0]
    >>> call["args"][0]["config"]["keras_history"], call["kwargs"]
    (['dense', 0, 0], {})
    """
    if not isinstance(nodes, list):
        return nodes
    return [_call(node) if _is_old_call(node) else node for node in nodes]


def _is_old_call(node: Any) -> bool:
    return isinstance(node, list) and bool(node) and all(map(_is_input, node))


def _is_input(item: Any) -> bool:
    return (
        isinstance(item, list)
        and len(item) in (3, 4)
        and isinstance(item[0], str)
        and all(type(part) is int for part in item[1:3])
        and (len(item) == 3 or isinstance(item[3], dict))
    )


def _call(node: list[Any]) -> Config:
    tensors = [_reference(item) for item in node]
    kwargs: Config = {}
    for item in node:
        given = item[3] if len(item) == 4 else {}
        kwargs |= {
            key: _reference(value) if _is_input(value) else value
            for key, value in given.items()
            if value is not None
        }
    return {"args": [tensors if len(tensors) > 1 else tensors[0]], "kwargs": kwargs}


def _reference(item: list[Any]) -> Config:
    return {
        "class_name": "__keras_tensor__",
        "config": {"shape": [], "dtype": "float32", "keras_history": item[:3]},
    }
