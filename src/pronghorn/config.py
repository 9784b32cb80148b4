"""The config contract: objects to plain JSON data and back, in Keras 3.15's format.

An object becomes `{"module", "class_name", "config", "registered_name"}`, with
`"build_config"` and `"compile_config"` where it has them. Reading a config finds its
classes in `pronghorn.registry` or among the custom objects, never by importing, and
never turns data into code.

The module also is `keras.config`, whose switches are in `preferences`.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pronghorn import dtype_policies
from pronghorn.dtype_policies import DTypePolicy, dtype_policy, set_dtype_policy
from pronghorn.errors import (
    ArgumentError,
    ConfigTypeError,
    FileFormatError,
    PronghornError,
    UnsupportedError,
    closest,
)
from pronghorn.preferences import (
    backend,
    disable_interactive_logging,
    disable_traceback_filtering,
    enable_interactive_logging,
    enable_traceback_filtering,
    enable_unsafe_deserialization,
    epsilon,
    floatx,
    image_data_format,
    is_interactive_logging_enabled,
    is_traceback_filtering_enabled,
    max_epochs,
    max_steps_per_epoch,
    set_backend,
    set_epsilon,
    set_floatx,
    set_image_data_format,
    set_max_epochs,
    set_max_steps_per_epoch,
)
from pronghorn.registry import (
    CustomObjectScope,
    find_class,
    find_function,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    keras_name,
    known_names,
    scoped_objects,
)
from pronghorn.sharing import mark_shared, object_sharing_scope, prune_shared, revived

__all__ = [
    "DTypePolicy",
    "TensorReference",
    "backend",
    "deserialize",
    "disable_interactive_logging",
    "disable_traceback_filtering",
    "dtype_config",
    "dtype_policy",
    "enable_interactive_logging",
    "enable_traceback_filtering",
    "enable_unsafe_deserialization",
    "epsilon",
    "floatx",
    "image_data_format",
    "is_interactive_logging_enabled",
    "is_traceback_filtering_enabled",
    "max_epochs",
    "max_steps_per_epoch",
    "object_sharing_scope",
    "prune_shared",
    "serialize",
    "set_backend",
    "set_dtype_policy",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "set_max_epochs",
    "set_max_steps_per_epoch",
]

Config = dict[str, Any]
PLAIN = (bool, int, float, str)
# Arrays in a config may only be of these dtypes: an object array could hold anything.
ARRAY_DTYPES = frozenset(
    ["bool", "float16", "float32", "float64"]
    + [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
)


@dataclass(frozen=True)
class TensorReference:
    """A symbolic tensor as a file names it: which output of which layer call.

    Args:
        shape: dimensions, None for the batch.
        dtype: its dtype's name.
        history: (layer name, index of the call, index of the output), or None.

    Example:

    >>> serialize(TensorReference((None, 3), "float32", ("a", 0, 0)))["class_name"]
    '__keras_tensor__'
    """

    shape: tuple[int | None, ...]
    dtype: str
    history: tuple[str, int, int] | None


def dtype_config(policy: str | DTypePolicy) -> Config:
    """A layer's `"dtype"` entry, as Keras writes it.

    >>> dtype_config("float32")["config"]
    {'name': 'float32'}
    """
    return dtype_policies.serialize(dtype_policies.get(policy))


# ---------------------------------------------------------------- objects to data


def serialize(obj: Any) -> Any:
    """The plain data (ready for JSON) that describes an object.

    Args:
        obj: None, a number, string, list, tuple, dict, slice, bytes, NumPy array or
            scalar, a named function, or an object with `get_config()`.

    Returns:
        Plain data; tuples stay tuples, which JSON writes as lists.

    Raises:
        ArgumentError: an object without `get_config()`, or a lambda.

    Example:

    >>> serialize({"shape": (None, 3), "rate": np.float32(0.5)})
    {'shape': (None, 3), 'rate': 0.5}
    """
    if obj is None or type(obj) in PLAIN:
        return obj
    if isinstance(obj, (list, tuple)):
        items = [serialize(item) for item in obj]
        return tuple(items) if isinstance(obj, tuple) else items
    if isinstance(obj, dict):
        return {key: serialize(value) for key, value in obj.items()}
    special = _serialize_special(obj)
    return _serialize_object(obj) if special is None else special


def _serialize_special(obj: Any) -> Any:
    if isinstance(obj, PLAIN):  # a subclass of str or int
        return obj
    if isinstance(obj, (np.ndarray, np.generic)):
        if obj.ndim == 0:
            return obj.item()
        return _tagged("__numpy__", value=obj.tolist(), dtype=obj.dtype.name)
    if isinstance(obj, np.dtype):
        return obj.name
    if isinstance(obj, TensorReference):
        history = None if obj.history is None else list(obj.history)
        return _tagged(
            "__keras_tensor__", shape=obj.shape, dtype=obj.dtype, keras_history=history
        )
    if isinstance(obj, bytes):
        return _tagged("__bytes__", value=obj.decode("utf-8"))
    if isinstance(obj, slice):
        parts = {k: serialize(getattr(obj, k)) for k in ("start", "stop", "step")}
        return _tagged("__slice__", **parts)
    return _tagged("__ellipsis__") if obj is Ellipsis else None


def _tagged(tag: str, **config: Any) -> Config:
    return {"class_name": tag, "config": config}


def _serialize_object(obj: Any) -> Config:
    if isinstance(obj, (types.FunctionType, types.BuiltinFunctionType)):
        return _serialize_function(obj)
    inner = _own_config(obj)
    config = {**_address(type(obj)), "config": inner}
    # Keras's order of keys: module, class_name, config, registered_name.
    config["registered_name"] = config.pop("registered_name")
    for key in ("build_config", "compile_config"):
        part = getattr(obj, f"get_{key}", lambda: None)()
        if part is not None:
            config[key] = serialize(part)
    mark_shared(obj, config)
    return config


def _serialize_function(function: Any) -> Config:
    name = get_registered_name(function)
    if name == "<lambda>":
        raise ArgumentError(
            "A lambda cannot be saved: files hold no code.",
            where=f"lambda of module {function.__module__}",
            expected="a named function",
            received="a lambda",
            remedy="write it as a def and register it with "
            "@register_keras_serializable(), or pass it in custom_objects on loading",
        )
    return {
        "module": "builtins",
        "class_name": "function",
        "config": name,
        "registered_name": "function",
    }


def _own_config(obj: Any) -> Config:
    name = type(obj).__name__
    if not hasattr(obj, "get_config"):
        raise ArgumentError(
            f"An object of class {name} cannot be saved.",
            where=f"{type(obj).__module__}.{name}",
            expected="a number, string, list, dict, array, named function, "
            "or an object with get_config()",
            received=name,
            remedy=f"give {name} a get_config() that returns its constructor's "
            "arguments",
        )
    config = obj.get_config()
    if not isinstance(config, dict):
        raise ArgumentError(
            f"{name}.get_config() must return a dict.",
            where=f"{type(obj).__module__}.{name}",
            expected="a dict of constructor arguments",
            received=type(config).__name__,
            remedy="return a dict",
        )
    return dict(serialize(config))


def _address(cls: type) -> Config:
    """How a file names a class: its module, name and registered name."""
    known = keras_name(cls)
    if known is None or get_registered_name(cls) != cls.__name__:
        module = None if cls.__module__ == "__main__" else cls.__module__
        name, registered = cls.__name__, get_registered_name(cls)
        return {"module": module, "class_name": name, "registered_name": registered}
    module, name = known
    # Keras names a few classes by their private module, and then registers the name.
    registered_name = name if module.startswith("keras.src.") else None
    return {"module": module, "class_name": name, "registered_name": registered_name}


# ---------------------------------------------------------------- data to objects


def deserialize(
    config: Any,
    custom_objects: Mapping[str, Any] | None = None,
    safe_mode: bool = True,
) -> Any:
    """The object that a config describes; the inverse of `serialize`.

    Args:
        config: plain data, as `serialize` returns it or JSON holds it. It is not
            changed.
        custom_objects: name to class or function, for names that are not ours.
        safe_mode: as in Keras. A file's code is never run in either mode; False only
            changes which error says so.

    Returns:
        The object; lists and tuples come back as lists.

    Raises:
        FileFormatError: a class or function that is not in the allow-list, code, or
            data of the wrong type.

    Example:

    >>> deserialize(serialize(DTypePolicy("float32")))
    <DTypePolicy "float32">
    >>> deserialize({"module": "os", "class_name": "system", "config": {}})
    Traceback (most recent call last):
    ...
    pronghorn.errors.ConfigTypeError: The class os.system is not known...
    """
    if config is None or isinstance(config, PLAIN):
        return config

    def again(value: Any) -> Any:
        return deserialize(value, custom_objects, safe_mode)

    if isinstance(config, (list, tuple)):
        return [again(item) for item in config]
    if not isinstance(config, dict):
        raise _malformed("a config", "plain data", type(config).__name__)
    if "class_name" not in config or "config" not in config:
        return {key: again(value) for key, value in config.items()}
    class_name = config["class_name"]
    if not isinstance(class_name, str):
        raise _malformed("class_name", "a string", repr(class_name)[:80])
    if class_name in _SPECIAL:
        return _special_value(class_name, config["config"], again)
    if class_name in ("__lambda__", "__typespec__"):
        raise _code_refused(class_name, safe_mode)
    if class_name == "function":
        return _function(config, custom_objects)
    return _instance(config, custom_objects)


def _numpy_value(inner: Config, _: Callable[[Any], Any]) -> np.ndarray:
    if inner["dtype"] not in ARRAY_DTYPES:
        raise ValueError(f"dtype {inner['dtype']!r}")
    return np.array(inner["value"], dtype=inner["dtype"])


def _tensor_reference(inner: Config, _: Callable[[Any], Any]) -> TensorReference:
    history = inner["keras_history"]
    if history is not None:
        name, node, index = history
        if not isinstance(name, str) or type(node) is not int or type(index) is not int:
            raise ValueError(f"keras_history {history!r}")
        history = (name, node, index)
    return TensorReference(tuple(inner["shape"]), str(inner["dtype"]), history)


_SPECIAL: dict[str, Callable[[Config, Callable[[Any], Any]], Any]] = {
    "__numpy__": _numpy_value,
    "__tensor__": _numpy_value,
    "__keras_tensor__": _tensor_reference,
    "__bytes__": lambda inner, _: inner["value"].encode("utf-8"),
    "__ellipsis__": lambda inner, _: Ellipsis,
    "__slice__": lambda inner, again: slice(
        *(again(inner[k]) for k in ("start", "stop", "step"))
    ),
}


def _special_value(tag: str, inner: Any, again: Callable[[Any], Any]) -> Any:
    try:
        return _SPECIAL[tag](inner, again)
    except PronghornError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        detail = f"{type(error).__name__}: {error}"
        raise _malformed(tag, f"the fields of {tag}", detail[:200]) from error


def _function(config: Config, custom_objects: Mapping[str, Any] | None) -> Any:
    name, module = config["config"], config.get("module")
    if not isinstance(name, str):
        raise _malformed("a function's config", "its name", repr(name)[:80])
    found = get_registered_object(name, custom_objects)
    if found is None and (module is None or isinstance(module, str)):
        found = find_function(module, name)
        _no_other_name(config, name, found)
    if found is None:
        found = _by_plain_name(name, custom_objects)
    if not callable(found):
        raise _unknown("function", module, name)
    return found


def _by_plain_name(name: str, custom_objects: Mapping[str, Any] | None) -> Any:
    # Keras up to 3.6 wrote a registered function without its package.
    ending = f">{name}"
    for place in (scoped_objects(), get_custom_objects(), custom_objects or {}):
        for key, value in place.items():
            if key.endswith(ending):
                return value
    return None


def _instance(config: Config, custom_objects: Mapping[str, Any] | None) -> Any:
    shared_id = config.get("shared_object_id")
    seen = revived()
    if seen is not None and isinstance(shared_id, int) and shared_id in seen:
        return seen[shared_id]
    cls = _find(config, custom_objects)
    inner = {} if config["config"] is None else config["config"]
    where = f"{config['class_name']} {inner.get('name', '')!r}"
    inherited = {**scoped_objects(), **(custom_objects or {})}
    with CustomObjectScope(inherited):
        instance = _guarded(where, cls.from_config, _copy(inner))
        _apply(instance, config, "build_config", where)
        _apply(instance, config, "compile_config", where)
    if seen is not None and isinstance(shared_id, int):
        seen[shared_id] = instance
    return instance


def _find(config: Config, custom_objects: Mapping[str, Any] | None) -> Any:
    name, module = config["class_name"], config.get("module")
    registered, inner = config.get("registered_name", name), config["config"]
    for field, value in (("module", module), ("registered_name", registered)):
        if value is not None and not isinstance(value, str):
            raise _malformed(f"{field} of {name}", "a string", repr(value)[:80])
    if inner is not None and not isinstance(inner, dict):
        raise _malformed(f"config of {name}", "a dict", type(inner).__name__)
    cls = get_registered_object(registered, custom_objects)
    if cls is None:
        cls = find_class(module, name)
        _no_other_name(config, name, cls)
    if cls is None:  # a class of Keras that Pronghorn lacks and the user supplies
        cls = get_registered_object(name, custom_objects)
    if cls is None:
        raise _unknown("class", module, name)
    if not isinstance(cls, type) or not hasattr(cls, "from_config"):
        raise ConfigTypeError(
            "Unable to reconstruct an instance: this is no class with from_config().",
            where=f"{module}.{name}",
            expected="a class that has a class method from_config()",
            received=repr(cls),
            remedy="write from_config(cls, config), returning cls(**config)",
        )
    return cls


def _no_other_name(config: Config, name: str, found: Any) -> None:
    """Refuses a built-in thing under the registered name of something else."""
    given = config.get("registered_name")
    if found is None or not given or given in (name, config["class_name"]):
        return
    raise FileFormatError(
        f"{name} resolved to a Keras built-in, which has no registered name.",
        where=f"registered_name of {name}",
        expected=f"null or {name!r}, or a class that is registered by that name",
        received=repr(given)[:80],
        remedy="import the module that registers your own class or function, or leave "
        "the registered name out",
    )


def _apply(instance: Any, config: Config, key: str, where: str) -> None:
    part = config.get(key)
    if not part:
        return
    if not isinstance(part, dict):
        raise _malformed(f"{key} of {where}", "a dict", type(part).__name__)
    if key == "build_config" and getattr(instance, "built", False):
        return
    method = getattr(instance, key.replace("_config", "_from_config"), None)
    if method is None:
        raise _malformed(where, f"no {key}", "one")
    try:
        _guarded(f"{key} of {where}", method, _copy(part))
    except FileFormatError as error:
        if key == "compile_config":
            raise _uncompilable(error) from error
        raise
    if key == "build_config" and hasattr(instance, "built"):
        instance.built = True


def _uncompilable(error: FileFormatError) -> FileFormatError:
    """Adds the way out: a model that cannot be compiled can still predict."""
    return FileFormatError(
        error.message,
        where=error.where,
        expected=error.expected,
        received=error.received,
        remedy=f"{error.remedy}; or load with compile=False, and compile anew",
    )


def _guarded(where: str, function: Callable[[Config], Any], config: Config) -> Any:
    """Call a constructor on a file's data: whatever it dislikes is the file's fault."""
    try:
        return function(config)
    except (FileFormatError, UnsupportedError):
        raise
    except Exception as error:
        raise _refused(where, error) from error


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _refused(where: str, error: BaseException) -> FileFormatError:
    if isinstance(error, PronghornError):
        message = error.message
    else:
        message = f"{type(error).__name__}: {str(error)[:300]}"
    remedy = "check the config; a custom class needs a from_config() that undoes its "
    remedy += "get_config()"
    if "unexpected keyword" in message:
        remedy = "let the class's __init__ take **kwargs, and pass them on to "
        remedy += "super().__init__(**kwargs)"
    return FileFormatError(
        f"The config does not make a valid object: {message}",
        where=where,
        expected=getattr(error, "expected", None) or "values that the class accepts",
        received=getattr(error, "received", None) or message,
        remedy=getattr(error, "remedy", None) or remedy,
    )


def _malformed(where: str, expected: str, received: str) -> ConfigTypeError:
    return ConfigTypeError(
        "The config is malformed.",
        where=where,
        expected=expected,
        received=received,
        remedy="save the model again from the program that made it",
    )


def _unknown(kind: str, module: Any, name: str) -> ConfigTypeError:
    full = f"{module}.{name}" if module else name
    if name == "Lambda":
        return _code_refused(name, True)
    message = f"The {kind} {full} is not known, and files cannot bring code with them."
    remedy = f"decorate your own {kind} with @register_keras_serializable(), or pass "
    if isinstance(module, str) and module.split(".")[0] == "keras":
        message = f"Keras's {kind} {full} is outside of what Pronghorn has."
        remedy = "write it in pronghorn.ops and pass "
    return ConfigTypeError(
        message,
        where=f"config of {full}",
        expected=f"a {kind} of Pronghorn, a registered or a custom one",
        received=full,
        remedy=f"{remedy}custom_objects={{{name!r}: {name}}}{_hint(module, name)}",
    )


def _hint(module: Any, name: str) -> str:
    """Names like the one wanted, or all of its module (a handful), or nothing."""
    names = known_names(str(module)) or known_names()
    hint = closest(name, names)
    return f"; {hint}" if len(names) < 40 or hint.startswith("did") else ""


def _code_refused(tag: str, safe_mode: bool) -> ConfigTypeError:
    also = "" if safe_mode else " safe_mode=False does not change that."
    return ConfigTypeError(
        f"The config holds code ({tag}), and code from a file is never run.{also}",
        where=tag,
        expected="configs of known classes and names of known functions",
        received=tag,
        remedy="replace the lambda by a named layer or function, registered with "
        "@register_keras_serializable(), and save the model again",
    )
