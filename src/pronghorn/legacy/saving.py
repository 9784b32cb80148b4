"""Objects as Keras 2 described them: `{"class_name", "config"}`, and a function's name.

`pronghorn.saving` has the functions of now, which know Keras's own classes by
themselves; these look for names only where they are told to.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from pronghorn.errors import ArgumentError, FileFormatError, closest
from pronghorn.registry import (
    CustomObjectScope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
)

__all__ = ["deserialize_keras_object", "serialize_keras_object"]

# Marks an object that `get_config` left in a config, and that was described for it.
_PASSIVE = "__passive_serialization__"


def serialize_keras_object(instance: Any) -> Any:
    """An object as plain data, the way of Keras 2.

    Args:
        instance: an object with `get_config()`, a function or class with a name, or
            None. Objects within the config are described in the same way.

    Returns:
        `{"class_name": ..., "config": ...}`; the name of a function; None for None.

    Raises:
        ArgumentError: something else.

    Example:

    >>> from pronghorn import regularizers
    >>> serialize_keras_object(regularizers.L2(0.5))
    {'class_name': 'L2', 'config': {'l2': 0.5}}
    """
    if instance is None:
        return None
    instance = inspect.unwrap(instance)
    if hasattr(instance, "get_config"):
        config = {key: _plain(item) for key, item in instance.get_config().items()}
        return {"class_name": get_registered_name(type(instance)), "config": config}
    if hasattr(instance, "__name__"):
        return get_registered_name(instance)
    raise ArgumentError(
        "This has no get_config(), and no name.",
        where="legacy.saving.serialize_keras_object",
        expected="an object with get_config(), a function, or None",
        received=repr(instance),
    )


def _plain(item: Any) -> Any:
    if not hasattr(item, "get_config") and not hasattr(item, "__name__"):
        return item
    made = serialize_keras_object(item)
    return {**made, _PASSIVE: True} if isinstance(made, dict) else made


def deserialize_keras_object(
    identifier: Any,
    module_objects: Mapping[str, Any] | None = None,
    custom_objects: Mapping[str, Any] | None = None,
    printable_module_name: str = "object",
) -> Any:
    """The object that `serialize_keras_object` described.

    Args:
        identifier: what it gave: a dict, a name, or None; a function comes back as it
            is.
        module_objects: name to class or function, such as `vars(keras.layers)`. Only
            what is here, in `custom_objects`, or registered, is found.
        custom_objects: the same, of your own.
        printable_module_name: what the errors call it. Default "object".

    Returns:
        An object of the class, by its `from_config`; of a class that is named alone,
        one without arguments; a function.

    Raises:
        ArgumentError: no such description, or a name that is not found.
        FileFormatError: a name that is no class with a `from_config`.

    Example:

    >>> from pronghorn import regularizers
    >>> plain = {"class_name": "L2", "config": {"l2": 0.5}}
    >>> deserialize_keras_object(plain, vars(regularizers)).get_config()
    {'l2': 0.5}
    """
    if identifier is None or inspect.isfunction(identifier):
        return identifier
    known = (module_objects or {}, custom_objects or {})
    if isinstance(identifier, str):
        found = _found(identifier, known, printable_module_name)
        return found() if inspect.isclass(found) else found
    config = identifier
    if not isinstance(config, dict) or not {"class_name", "config"} <= set(config):
        raise ArgumentError(
            f"This describes no {printable_module_name}.",
            where="legacy.saving.deserialize_keras_object",
            expected='{"class_name": ..., "config": ...}, a name, or None',
            received=repr(identifier),
        )
    cls = _found(config["class_name"], known, printable_module_name)
    if not hasattr(cls, "from_config"):
        raise FileFormatError(
            f"{config['class_name']!r} cannot be made of a config.",
            where="legacy.saving.deserialize_keras_object",
            expected="a class with from_config()",
            received=repr(cls),
        )
    inner = config["config"]
    if isinstance(inner, dict):
        inner = {key: _revived(key, item, known) for key, item in inner.items()}
    scope = {**get_custom_objects(), **(custom_objects or {})}
    if "custom_objects" in inspect.signature(cls.from_config).parameters:
        return cls.from_config(inner, custom_objects=scope)
    with CustomObjectScope(scope):
        return cls.from_config(inner)


Known = tuple[Mapping[str, Any], Mapping[str, Any]]


def _found(name: Any, known: Known, kind: str) -> Any:
    modules, own = known
    found = get_registered_object(name, own, modules)
    if found is None:
        names = [*map(str, (*own, *modules)), *map(str, get_custom_objects())]
        raise ArgumentError(
            f"There is no {kind} of this name.",
            where="legacy.saving.deserialize_keras_object",
            expected="a name in module_objects or custom_objects, or a registered one",
            received=repr(name),
            remedy=closest(str(name), names),
        )
    return found


def _revived(key: str, item: Any, known: Known) -> Any:
    """A part of a config: an object that was described in it, or a function's name."""
    if key == "name":
        return item
    modules, own = known
    if isinstance(item, dict) and _PASSIVE in item:
        return deserialize_keras_object(item, modules, own, "config_item")
    if isinstance(item, str):
        found = get_registered_object(item, own, modules)
        return found if inspect.isfunction(found) else item
    return item
