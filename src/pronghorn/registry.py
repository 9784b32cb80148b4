"""Which classes and functions files may name: the allow-list of the config contract.

Nothing is ever imported by a name that comes from a file. A class is known to files
when it is decorated with `keras_class` (our own counterparts of Keras's classes), with
`register_keras_serializable` (a user's), or handed over as `custom_objects`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pronghorn.errors import ArgumentError

__all__ = [
    "CustomObjectScope",
    "class_finder",
    "custom_object_scope",
    "find_class",
    "find_function",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "keras_class",
    "keras_name",
    "known_names",
    "register_keras_serializable",
    "scoped_objects",
]

T = TypeVar("T")

# Keras writes a plain function without its module; these are searched, in this order.
FUNCTION_MODULES = (
    "keras.activations",
    "keras.constraints",
    "keras.initializers",
    "keras.losses",
    "keras.metrics",
    "keras.optimizers",
    "keras.regularizers",
)

_BY_NAME: dict[tuple[str, str], Any] = {}
_NAME_OF: dict[Any, tuple[str, str]] = {}
_CUSTOM: dict[str, Any] = {}
_CUSTOM_NAME_OF: dict[Any, str] = {}
_FINDERS: list[Callable[[str, str], Any]] = []
_scope = threading.local()


def keras_class(
    module: str, *, name: str | None = None, aliases: tuple[str, ...] = ()
) -> Callable[[T], T]:
    """Make a class or a function known to files under Keras's public module name.

    Args:
        module: the module as Keras 3.15 writes it into files (`"keras.layers"`), or
            one that starts with `"pronghorn"` for what Keras does not have.
        name: the class name in files; the object's own name by default.
        aliases: other modules under which older files name the same class.

    Returns:
        A decorator that returns its argument unchanged.

    Raises:
        ArgumentError: another class has that name already.

    Example:

    >>> @keras_class("pronghorn.examples")
    ... class Doubler:
    ...     pass
    >>> find_class("pronghorn.examples", "Doubler") is Doubler
    True
    """

    def decorate(obj: T) -> T:
        public = name or obj.__name__  # type: ignore[attr-defined]
        for place in (module, *aliases):
            _add(place, public, obj)
        _NAME_OF.setdefault(obj, (module, public))
        return obj

    return decorate


def _add(module: str, name: str, obj: Any) -> None:
    known = _BY_NAME.setdefault((module, name), obj)
    if known is obj:
        return
    # A reloaded module (notebooks) defines the same class anew; anything else clashes.
    if _origin(known) != _origin(obj):
        raise ArgumentError(
            f"Two classes want to be known to files as {module}.{name}.",
            where=f"keras_class({module!r})",
            expected="one class for each name",
            received=f"{_origin(known)} and {_origin(obj)}",
            remedy="give one of them another name",
        )
    _BY_NAME[module, name] = obj


def _origin(obj: Any) -> tuple[str, str]:
    return obj.__module__, obj.__qualname__


def keras_name(obj: Any) -> tuple[str, str] | None:
    """The (module, name) under which files know a class or function, or None.

    >>> keras_name(int) is None
    True
    """
    try:
        return _NAME_OF.get(obj)
    except TypeError:  # not hashable, so never registered
        return None


def find_class(module: str | None, name: str) -> Any | None:
    """The built-in class that files call `module.name`, or None.

    >>> find_class("os", "system") is None
    True
    """
    if module is None:
        return None
    found = _BY_NAME.get((module, name))
    for finder in () if found is not None else _FINDERS:
        found = found or finder(module, name)
    return found


def class_finder(finder: Callable[[str, str], Any]) -> None:
    """Adds a function that makes classes when a file first names them.

    Args:
        finder: takes a module and a name, and gives a class or None. It chooses from
            classes of its own, and imports nothing by a name that it is given.
    """
    _FINDERS.append(finder)


def find_function(module: str | None, name: str) -> Any | None:
    """The built-in function of that name, or None.

    Keras writes its own functions with the module `"builtins"`; then every module that
    holds functions is searched.

    >>> find_function("builtins", "eval") is None
    True
    """
    modules = FUNCTION_MODULES if module == "builtins" else (module or "",)
    for place in modules:
        found = _BY_NAME.get((place, name))
        if found is not None:
            return found
    return None


def known_names(module: str | None = None) -> list[str]:
    """Names known to files, of one module or of all, sorted (for error messages).

    >>> known_names("no.such.module")
    []
    """
    return sorted({n for m, n in _BY_NAME if module is None or m == module})


def register_keras_serializable(
    package: str = "Custom", name: str | None = None
) -> Callable[[T], T]:
    """Register your own class or function, so that files may name it.

    Args:
        package: the first half of the key `"package>name"`.
        name: the second half; the object's own name by default.

    Returns:
        A decorator that returns its argument unchanged.

    Raises:
        ArgumentError: a class without `get_config()`.

    Example:

    >>> @register_keras_serializable("my_package")
    ... def cube(x):
    ...     return x * x * x
    >>> get_registered_name(cube)
    'my_package>cube'
    >>> get_registered_object("my_package>cube") is cube
    True
    """

    def decorate(obj: T) -> T:
        if isinstance(obj, type) and not hasattr(obj, "get_config"):
            raise ArgumentError(
                f"The class {obj.__name__} cannot be registered.",
                where="register_keras_serializable",
                expected="a class with a get_config() method",
                received=f"{obj.__name__}, which has none",
                remedy="write get_config(), returning the constructor's arguments",
            )
        key = f"{package}>{name or obj.__name__}"  # type: ignore[attr-defined]
        _CUSTOM[key] = obj
        _CUSTOM_NAME_OF[obj] = key
        return obj

    return decorate


def get_custom_objects() -> dict[str, Any]:
    """The live dictionary of all that `register_keras_serializable` registered.

    >>> isinstance(get_custom_objects(), dict)
    True
    """
    return _CUSTOM


def get_registered_name(obj: Any) -> str:
    """The registered name `"package>name"`, or the plain name of what has none.

    >>> get_registered_name(int)
    'int'
    """
    try:
        registered = _CUSTOM_NAME_OF.get(obj)
    except TypeError:
        registered = None
    return str(registered or getattr(obj, "__name__", type(obj).__name__))


def get_registered_object(
    name: str | None,
    custom_objects: Mapping[str, Any] | None = None,
    module_objects: Mapping[str, Any] | None = None,
) -> Any | None:
    """The custom object of that name, or None.

    Looked up, in this order, in the current `custom_object_scope`, among the registered
    ones, in `custom_objects` and in `module_objects`.

    >>> get_registered_object("Custom>nothing") is None
    True
    >>> get_registered_object("f", custom_objects={"f": len}) is len
    True
    """
    if name is None:
        return None
    for place in (scoped_objects(), _CUSTOM, custom_objects, module_objects):
        if place and name in place:
            return place[name]
    return None


def scoped_objects() -> dict[str, Any]:
    """The custom objects of the scopes around this call, in this thread.

    >>> scoped_objects()
    {}
    """
    return getattr(_scope, "objects", {})


class CustomObjectScope:
    """Within it, files and configs may name these objects too.

    Args:
        custom_objects: name to class or function. As in Keras, an inner scope replaces
            the outer one.

    Example:

    >>> with custom_object_scope({"twice": len}):
    ...     get_registered_object("twice") is len
    True
    >>> get_registered_object("twice") is None
    True
    """

    def __init__(self, custom_objects: Mapping[str, Any] | None) -> None:
        self.custom_objects = dict(custom_objects or {})
        self._outer: list[dict[str, Any]] = []

    def __enter__(self) -> CustomObjectScope:
        self._outer.append(scoped_objects())
        _scope.objects = self.custom_objects
        return self

    def __exit__(self, *exc_info: object) -> None:
        _scope.objects = self._outer.pop()


custom_object_scope = CustomObjectScope
