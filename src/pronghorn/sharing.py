"""Objects that occur twice in a config: one number for each, and one object again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["mark_shared", "object_sharing_scope", "prune_shared", "revived"]

Config = dict[str, Any]
_state = threading.local()


@contextmanager
def object_sharing_scope() -> Iterator[None]:
    """Within it, one object serialized twice comes back as one object.

    Each occurrence gets the same `"shared_object_id"`, counted from 1, so that equal
    models give equal files; `prune_shared` removes the ids that occur once.

    >>> from pronghorn import DTypePolicy, config
    >>> policy = DTypePolicy("float32")
    >>> with object_sharing_scope():
    ...     data = config.serialize([policy, policy])
    >>> with object_sharing_scope():
    ...     first, second = config.deserialize(data)
    >>> first is second
    True
    """
    outer = getattr(_state, "shared", None), getattr(_state, "revived", None)
    _state.shared, _state.revived = {}, {}
    try:
        yield
    finally:
        _state.shared, _state.revived = outer


def revived() -> dict[Any, Any] | None:
    """What was read within the scope so far, by its number; None outside of one.

    >>> revived() is None
    True
    """
    return getattr(_state, "revived", None)


def mark_shared(obj: Any, config: Config) -> None:
    """Give an object's config its number, within a scope.

    >>> data = {}
    >>> with object_sharing_scope():
    ...     mark_shared("an object", data)
    >>> data
    {'shared_object_id': 1}
    """
    shared: dict[int, tuple[Any, int]] | None = getattr(_state, "shared", None)
    if shared is None:
        return
    # The object is kept with its number: an id may be reused once it is gone.
    _, number = shared.setdefault(id(obj), (obj, len(shared) + 1))
    config["shared_object_id"] = number


def prune_shared(config: Any) -> Any:
    """Remove, in place, each `"shared_object_id"` that occurs only once.

    >>> prune_shared([{"shared_object_id": 1}, {"shared_object_id": 2}] * 1)
    [{}, {}]
    """
    holders: dict[int, list[Config]] = {}
    for node in _dicts(config):
        if "shared_object_id" in node:
            holders.setdefault(node["shared_object_id"], []).append(node)
    for nodes in holders.values():
        if len(nodes) == 1:
            del nodes[0]["shared_object_id"]
    return config


def _dicts(config: Any) -> Iterator[Config]:
    if isinstance(config, dict):
        yield config
        config = list(config.values())
    if isinstance(config, (list, tuple)):
        for item in config:
            yield from _dicts(item)
