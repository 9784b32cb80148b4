"""What `compile` was given and what a model is made of, as older `.h5` files say it.

A class is a `class_name` and a `config` there, without its module, and a function is
its name. The layers' side of reading is in `pronghorn.models.old_config`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from pronghorn import losses, metrics, optimizers
from pronghorn.errors import FileFormatError, UnknownNameError
from pronghorn.layers import Layer
from pronghorn.layers.index_lookup import IndexLookup
from pronghorn.models import Functional, Sequential
from pronghorn.registry import find_class, find_function, get_registered_object

__all__ = ["compile_arguments", "old_form", "training_form"]

Config = dict[str, Any]
# What Keras 2 wrote about an optimizer and Keras 3 has not.
OF_OPTIMIZERS = ("is_legacy_optimizer", "jit_compile", "schedule_decay")


# ---------------------------------------------------------------- writing


def old_form(model: Any, config: Mapping[str, Any]) -> Config:
    """A model's config without modules, all the way down its layers.

    Classes that only Pronghorn has and operations between layers keep their modules:
    without one, nobody could tell them from Keras's layers.

    Args:
        model: whose config it is.
        config: as `pronghorn.config.serialize` made it of the model.
    """
    inner = dict(config["config"])
    if isinstance(model, (Functional, Sequential)) and "layers" in inner:
        layers = {layer.name: layer for layer in model.operations}
        inner["layers"] = [
            _layer(layers.get(part["config"]["name"]), part) for part in inner["layers"]
        ]
    return {"class_name": _class_name(config), "config": inner}


def _layer(layer: Any, config: Config) -> Config:
    module = str(config.get("module"))
    if layer is not None and not isinstance(layer, Layer):
        return config
    if module.split(".")[0] == "pronghorn":
        return config
    call: Config = {
        key: config[key] for key in ("name", "inbound_nodes") if key in config
    }
    made = {**old_form(layer, config), **call}
    if isinstance(layer, IndexLookup):  # the format has no other place for its terms
        made["config"] |= layer.terms_config()
    return made


def _class_name(config: Mapping[str, Any]) -> str:
    return str(config.get("registered_name") or config["class_name"])


def training_form(config: Mapping[str, Any]) -> Config:
    """What `compile` was given, as `training_config` holds it.

    Args:
        config: what `model.get_compile_config()` gave.
    """
    found = {key: _plain(value) for key, value in config.items() if key != "optimizer"}
    found["loss"] = _full_names(found.get("loss"))
    return {**found, "optimizer_config": _plain(config["optimizer"])}


def _full_names(value: Any) -> Any:
    """Losses by the names of their functions: Keras cannot read "mse" there."""
    if isinstance(value, list):
        return [_full_names(item) for item in value]
    if isinstance(value, dict) and "class_name" not in value:
        return {key: _full_names(item) for key, item in value.items()}
    if not isinstance(value, str) or get_registered_object(value) is not None:
        return value
    try:
        return str(getattr(losses.get(value), "__name__", value))
    except UnknownNameError:
        return value


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    if "class_name" not in value:
        return {key: _plain(item) for key, item in value.items()}
    if value["class_name"] == "function":
        return value["config"]
    return {"class_name": _class_name(value), "config": value["config"]}


# ---------------------------------------------------------------- reading


def compile_arguments(
    training: Mapping[str, Any], custom_objects: Mapping[str, Any] | None
) -> Config:
    """The arguments of `compile` that a `training_config` means.

    Args:
        training: of Keras 2 or 3.
        custom_objects: name to your own class or function.

    Raises:
        FileFormatError: a class that is not known, arguments that do not fit it, or no
            word of an optimizer (a model compiled without one says so).
    """
    if "optimizer_config" not in training:
        raise FileFormatError(
            "No optimizer is named.",
            expected="an entry optimizer_config",
            received=", ".join(sorted(map(str, training))) or "nothing",
        )
    known: Config = {
        "optimizer": _optimizer(training["optimizer_config"], custom_objects)
    }
    for key, read in (
        ("loss", losses.deserialize),
        ("metrics", metrics.deserialize),
        ("weighted_metrics", metrics.deserialize),
    ):
        known[key] = _revived(training.get(key), read, custom_objects)
    return {**known, "loss_weights": training.get("loss_weights")}


def _optimizer(config: Any, custom_objects: Mapping[str, Any] | None) -> Any:
    if not isinstance(config, Mapping):
        return config
    inner = dict(config.get("config") or {})
    for name in OF_OPTIMIZERS:
        inner.pop(name, None)
    if not inner.get("decay"):
        inner.pop("decay", None)
    rate = inner.get("learning_rate")
    if isinstance(rate, Mapping) and "module" not in rate:
        place = "keras.optimizers.schedules"
        if find_class(place, str(rate.get("class_name"))) is not None:
            inner["learning_rate"] = {"module": place, **rate}
    return optimizers.deserialize({**config, "config": inner}, custom_objects)


def _revived(
    value: Any, read: Callable[..., Any], custom_objects: Mapping[str, Any] | None
) -> Any:
    if isinstance(value, (list, tuple)):
        return [_revived(item, read, custom_objects) for item in value]
    if not isinstance(value, Mapping):
        return value  # a name: `compile` finds what it means
    if "class_name" not in value:
        return {k: _revived(v, read, custom_objects) for k, v in value.items()}
    return read(_of_today(value, read), custom_objects)


def _of_today(config: Mapping[str, Any], read: Callable[..., Any]) -> Config:
    """A loss's or metric's config with the arguments of Keras 3."""
    if "module" in config:
        return dict(config)
    room = "keras.losses" if read is losses.deserialize else "keras.metrics"
    inner = dict(config.get("config") or {})
    if inner.get("reduction") == "auto":
        inner["reduction"] = "sum_over_batch_size"
    function = inner.get("fn")
    if isinstance(function, str):
        found = find_class(room, str(config["class_name"]))
        if found is not None and "fn" not in inspect.signature(found).parameters:
            del inner["fn"]
        elif find_function("builtins", function) is not None:
            inner["fn"] = {
                "module": "builtins",
                "class_name": "function",
                "config": function,
                "registered_name": "function",
            }
    known = find_class(room, str(config["class_name"])) is not None
    return {**({"module": room} if known else {}), **config, "config": inner}
