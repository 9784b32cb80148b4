"""Finding an object by what a user wrote for it: a name, a class, a config, itself.

Losses, metrics, optimizers, activations, initializers, regularizers and constraints
all accept the same kinds of identifier, and refuse the others in the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pronghorn import config as configs
from pronghorn.errors import ArgumentError, UnknownNameError, closest
from pronghorn.naming import snake_case
from pronghorn.registry import get_registered_object

__all__ = ["by_name", "from_config", "interpret", "names_of"]


def names_of(classes: tuple[type, ...], **aliases: Any) -> dict[str, Any]:
    """The names under which classes are found: their own, in snake case, aliases.

    >>> sorted(names_of((int,), whole=int))
    ['int', 'whole']
    """
    table: dict[str, Any] = {c.__name__: c for c in classes}
    table.update({snake_case(c.__name__): c for c in classes})
    table.update(aliases)
    return table


def by_name(kind: str, name: str, names: Mapping[str, Any], example: str) -> Any:
    """The object of that name.

    Args:
        kind: what is looked for, for the message: "optimizer".
        name: what the user wrote.
        names: the known names.
        example: how an object is passed instead, for the message.

    Raises:
        UnknownNameError: nothing has that name.

    Example:

    >>> by_name("number", "one", {"one": 1}, "1")
    1
    """
    found = names.get(name)
    if found is None:
        found = get_registered_object(name)
    if found is not None:
        return found
    raise UnknownNameError(
        f"There is no {kind} named {name!r}.",
        where=f"{kind}={name!r}",
        expected=f"the name of {_a(kind)}, or an object such as {example}",
        received=repr(name),
        remedy=f"{closest(name, names)}; {_a(kind)} of your own is passed as an "
        "object, or registered with register_keras_serializable",
    )


def from_config(
    kind: str,
    config: Any,
    names: Mapping[str, Any],
    example: str,
    custom_objects: Mapping[str, Any] | None = None,
) -> Any:
    """The object that a config describes.

    Takes the long form (`module`, `class_name`, `config`, `registered_name`), the short
    form (`class_name` and `config` of a built-in one) and a plain name.

    Example:

    >>> from_config("number", "one", {"one": 1}, "1")
    1
    """
    if isinstance(config, str):
        custom = (custom_objects or {}).get(config)
        return by_name(kind, config, names, example) if custom is None else custom
    name = str(config.get("class_name")) if isinstance(config, Mapping) else ""
    if isinstance(name, str) and config.get("module") is None:
        for spelling in (name, snake_case(name), name.lower()):
            if isinstance(names.get(spelling), type):
                return names[spelling].from_config(dict(config.get("config") or {}))
    return configs.deserialize(config, custom_objects)


def interpret(
    kind: str,
    identifier: Any,
    names: Mapping[str, Any],
    example: str,
    accepts: Callable[[Any], bool] = callable,
) -> Any:
    """What the user meant: None stays None, a class is called without arguments.

    Args:
        kind: what is looked for: "optimizer".
        identifier: a name, a config, a class or an object.
        names: the known names.
        example: an object of the kind, as code, for the messages.
        accepts: whether an object is of the kind.

    Raises:
        UnknownNameError: a name that nothing has.
        ArgumentError: an object of another kind.

    Example:

    >>> interpret("function", len, {}, "len") is len
    True
    """
    if identifier is None:
        return None
    found = identifier
    if isinstance(identifier, str):
        found = by_name(kind, identifier, names, example)
    elif isinstance(identifier, Mapping):
        found = from_config(kind, identifier, names, example)
    if isinstance(found, type):
        found = found()
    if not accepts(found):
        raise ArgumentError(
            f"This is not {_a(kind)}.",
            where=kind,
            expected=f"the name of {_a(kind)}, its config, or an object: {example}",
            received=f"{identifier!r}, of type {type(identifier).__name__}",
            remedy=f"pass for instance {example}",
        )
    return found


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
