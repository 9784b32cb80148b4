"""Nested structures of lists, tuples and dicts.

A dict is visited in the order of its sorted keys, as Keras does, so that
`flatten({"b": 1, "a": 2})` is `[2, 1]`. Everything else is a leaf, None included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pronghorn.errors import ArgumentError

__all__ = ["flatten", "map_structure", "pack_sequence_as"]


def map_structure(function: Callable[..., Any], *structures: Any) -> Any:
    """Apply a function to the leaves of one or several structures of the same form.

    Args:
        function: takes one leaf of each structure.
        *structures: nested lists, tuples (named ones too) and dicts.

    Returns:
        The results, in the first structure's form (a dict keeps its own order).

    Raises:
        ArgumentError: the structures differ in form.

    Example:

    >>> map_structure(lambda x: x + 1, {"a": [1, 2], "b": (3,)})
    {'a': [2, 3], 'b': (4,)}
    >>> map_structure(lambda x, y: x * y, [1, 2], [10, 20])
    [10, 40]
    """
    first, *others = structures
    for other in others:
        _same_form(first, other)
    if isinstance(first, dict):
        return {k: map_structure(function, *(s[k] for s in structures)) for k in first}
    if isinstance(first, (list, tuple)):
        return _like(
            first, [map_structure(function, *s) for s in zip(*structures, strict=True)]
        )
    return function(*structures)


def flatten(structure: Any) -> list[Any]:
    """The leaves of a nested structure, in order (dicts by sorted key).

    >>> flatten({"b": [1, (2,)], "a": None})
    [None, 1, 2]
    """
    if not isinstance(structure, (dict, list, tuple)):
        return [structure]  # the most frequent case
    leaves: list[Any] = []
    _collect(structure, leaves)
    return leaves


def pack_sequence_as(structure: Any, leaves: Any) -> Any:
    """Put leaves, in the order of `flatten`, into the form of a structure.

    Raises:
        ArgumentError: too few or too many leaves.

    >>> pack_sequence_as({"b": 0, "a": [0, 0]}, [1, 2, 3])
    {'b': 3, 'a': [1, 2]}
    """
    leaves = list(leaves)
    count = len(flatten(structure))
    if len(leaves) != count:
        raise ArgumentError(
            "The leaves do not fit the structure.",
            where="tree.pack_sequence_as",
            expected=f"{count} leaves",
            received=f"{len(leaves)}",
            remedy="pass one leaf for each of flatten(structure)",
        )
    return _pack(structure, iter(leaves))


def _collect(structure: Any, leaves: list[Any]) -> None:
    if isinstance(structure, dict):
        for key in _sorted_keys(structure):
            _collect(structure[key], leaves)
    elif isinstance(structure, (list, tuple)):
        for item in structure:
            _collect(item, leaves)
    else:
        leaves.append(structure)


def _pack(structure: Any, leaves: Iterator[Any]) -> Any:
    if isinstance(structure, dict):
        packed = {k: _pack(structure[k], leaves) for k in _sorted_keys(structure)}
        return {k: packed[k] for k in structure}
    if isinstance(structure, (list, tuple)):
        return _like(structure, [_pack(item, leaves) for item in structure])
    return next(leaves)


def _sorted_keys(structure: dict[Any, Any]) -> list[Any]:
    try:
        return sorted(structure)
    except TypeError:  # keys of several types have no order: keep the dict's own
        return list(structure)


def _like(original: list[Any] | tuple[Any, ...], items: list[Any]) -> Any:
    if isinstance(original, tuple) and hasattr(original, "_fields"):
        return type(original)(*items)
    return tuple(items) if isinstance(original, tuple) else items


def _same_form(first: Any, other: Any) -> None:
    if isinstance(first, dict):
        same = isinstance(other, dict) and first.keys() == other.keys()
    elif isinstance(first, (list, tuple)):
        same = isinstance(other, (list, tuple)) and len(first) == len(other)
    else:
        return
    if not same:
        raise ArgumentError(
            "The structures differ in form.",
            where="tree.map_structure",
            expected=repr(first),
            received=repr(other),
            remedy="pass structures with the same keys and lengths",
        )
