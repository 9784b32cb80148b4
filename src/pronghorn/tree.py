"""Nested structures of lists, tuples, deques and dicts, as `keras.tree` has them.

A dict is visited in the order of its sorted keys, an OrderedDict in its own, as Keras
does, so that `flatten({"b": 1, "a": 2})` is `[2, 1]`. Everything else is a leaf, None
and sets included.
"""

from __future__ import annotations

import warnings
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from typing import Any

from pronghorn.errors import ArgumentError, DtypeError

__all__ = [
    "MAP_TO_NONE",
    "assert_same_paths",
    "assert_same_structure",
    "flatten",
    "flatten_with_path",
    "is_nested",
    "lists_to_tuples",
    "map_shape_structure",
    "map_structure",
    "map_structure_up_to",
    "pack_sequence_as",
    "traverse",
]

Path = tuple[Any, ...]
_SEQUENCES = (list, tuple, deque)
_NESTED = (dict, *_SEQUENCES)


class MAP_TO_NONE:
    """What `traverse`'s function gives for None, as None itself means "go on"."""


def is_nested(structure: Any) -> bool:
    """Whether it is no leaf.

    >>> is_nested([]), is_nested({"a": 1}), is_nested("text")
    (True, True, False)
    """
    return isinstance(structure, _NESTED)


def map_structure(
    func: Callable[..., Any], *structures: Any, none_is_leaf: bool = True
) -> Any:
    """Apply a function to the leaves of one or several structures of the same form.

    Args:
        func: takes one leaf of each structure.
        *structures: nested lists, tuples (named ones too), deques and dicts. Dicts of
            any kind go together; a list and a tuple do not.
        none_is_leaf: False keeps a None of the first structure as it is, without a
            call. Default True.

    Returns:
        The results, in the first structure's form (a dict keeps its own order).

    Raises:
        ArgumentError: the structures differ in form, or there is none.
        DtypeError: `func` cannot be called.

    Example:

    >>> map_structure(lambda x: x + 1, {"a": [1, 2], "b": (3,)})
    {'a': [2, 3], 'b': (4,)}
    >>> map_structure(lambda x, y: x * y, [1, 2], [10, 20])
    [10, 40]
    """
    _check(func, structures, "tree.map_structure")
    if none_is_leaf and len(structures) == 1:  # the most frequent case
        return _map(func, structures, "tree.map_structure")

    def at_leaf(first: Any, *others: Any) -> Any:
        if first is None and not none_is_leaf:
            return None
        for other in others:
            if is_nested(other):
                raise _other_form(first, other, "tree.map_structure")
        return func(first, *others)

    return _map(at_leaf, structures, "tree.map_structure")


def map_structure_up_to(
    shallow_structure: Any, func: Callable[..., Any], *structures: Any
) -> Any:
    """Apply a function to what stands in structures where a shallow one has leaves.

    Raises:
        ArgumentError: a structure has not the form of the shallow one down to its
            leaves, or there is none.
        DtypeError: `func` cannot be called.

    >>> map_structure_up_to([0, [0, 0]], str, [[1, 2], [[3], 4]])
    ['[1, 2]', ['[3]', '4']]
    """
    where = "tree.map_structure_up_to"
    _check(func, structures, where)
    return _map(lambda _, *found: func(*found), (shallow_structure, *structures), where)


def map_shape_structure(func: Callable[[Any], Any], structure: Any) -> Any:
    """Apply a function to each shape in a structure: lists or tuples of sizes or None.

    >>> map_shape_structure(len, {"a": (None, 3), "b": [(2,), (3, 4, 5)]})
    {'a': 2, 'b': [1, 3]}
    """
    if isinstance(structure, list | tuple) and all(
        size is None or isinstance(size, int) for size in structure
    ):
        return func(structure)
    if not is_nested(structure):
        return func(structure)
    return _rebuilt(
        structure, [map_shape_structure(func, s) for _, s in _items(structure)]
    )


def traverse(func: Callable[[Any], Any], structure: Any, top_down: bool = True) -> Any:
    """Visit every part of a structure, leaves and what holds them.

    Args:
        func: gives what to put in a part's place, None to leave it and go on with what
            it holds, MAP_TO_NONE to put None there.
        structure: any.
        top_down: visit a part before what it holds, which is not visited where the
            part is replaced; else after it. Default True.

    Returns:
        The structure with what was replaced.

    >>> traverse(lambda x: tuple(x) if isinstance(x, list) else None, [1, [2]], False)
    (1, (2,))
    """

    def inside() -> Any:
        if not is_nested(structure):
            return structure
        parts = [traverse(func, part, top_down) for _, part in _items(structure)]
        return _rebuilt(structure, parts)

    kept = structure if top_down else inside()
    put = func(kept)
    if put is None:
        return inside() if top_down else kept
    return None if put is MAP_TO_NONE else put


def flatten(structure: Any) -> list[Any]:
    """The leaves of a nested structure, in order (dicts by sorted key).

    >>> flatten({"b": [1, (2,)], "a": None})
    [None, 1, 2]
    """
    if not isinstance(structure, _NESTED):
        return [structure]  # the most frequent case
    leaves: list[Any] = []
    _collect(structure, leaves)
    return leaves


def flatten_with_path(structure: Any) -> list[tuple[Path, Any]]:
    """The leaves in order, each with the keys and positions that lead to it.

    >>> flatten_with_path({"b": [1, 2], "a": 0})
    [(('a',), 0), (('b', 0), 1), (('b', 1), 2)]
    """
    return list(_paths(structure, ()))


def pack_sequence_as(structure: Any, flat_sequence: Any) -> Any:
    """Put leaves, in the order of `flatten`, into the form of a structure.

    Raises:
        ArgumentError: too few or too many leaves.
        DtypeError: the leaves cannot be iterated over.

    >>> pack_sequence_as({"b": 0, "a": [0, 0]}, [1, 2, 3])
    {'b': 3, 'a': [1, 2]}
    """
    try:
        leaves = list(flat_sequence)
    except TypeError:
        raise DtypeError(
            "The leaves come as a sequence.",
            where="tree.pack_sequence_as(flat_sequence=)",
            expected="an iterable, such as a list",
            received=type(flat_sequence).__name__,
        ) from None
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


def lists_to_tuples(structure: Any) -> Any:
    """The structure with a tuple for each list.

    >>> lists_to_tuples([1, {"a": [2, 3]}])
    (1, {'a': (2, 3)})
    """
    return traverse(
        lambda part: tuple(part) if isinstance(part, list) else None,
        structure,
        top_down=False,
    )


def assert_same_structure(a: Any, b: Any, check_types: Any = None) -> None:
    """Raise unless two structures have the same form, down to their leaves.

    Args:
        a: any structure.
        b: what should have its form; leaves may differ.
        check_types: deprecated, as in Keras: the kinds of sequences are compared
            always. Default None.

    Raises:
        ArgumentError: the forms differ, or `check_types` is false.

    >>> assert_same_structure([1, {"a": 2}], [3, {"a": 4}])
    """
    if check_types is not None:
        if not check_types:
            raise ArgumentError(
                "The kinds of sequences are compared always.",
                where="tree.assert_same_structure(check_types=)",
                received=repr(check_types),
                remedy="use tree.assert_same_paths to compare keys and lengths alone",
            )
        warnings.warn(
            "tree.assert_same_structure(check_types=) has no effect: leave it out",
            DeprecationWarning,
            stacklevel=2,
        )

    def at_leaf(first: Any, other: Any) -> None:
        if is_nested(other):
            raise _other_form(first, other, "tree.assert_same_structure")

    _map(at_leaf, (a, b), "tree.assert_same_structure")


def assert_same_paths(a: Any, b: Any) -> None:
    """Raise unless the leaves of two structures stand at the same keys and positions.

    Raises:
        ArgumentError: there are leaves in one of them at a path that has none in the
            other.

    >>> assert_same_paths([1, (2, 3)], (1, [2, 3]))
    """
    of_a = {path for path, _ in flatten_with_path(a)}
    of_b = {path for path, _ in flatten_with_path(b)}
    if of_a != of_b:
        raise ArgumentError(
            "The structures do not have the same paths.",
            where="tree.assert_same_paths",
            expected=f"also in b: {sorted(of_a - of_b, key=repr)}",
            received=f"only in b: {sorted(of_b - of_a, key=repr)}",
        )


# --- going through one structure --------------------------------------------------
def _items(structure: Any) -> list[tuple[Any, Any]]:
    """The keys or positions of what a part holds, and what stands there, in order."""
    if isinstance(structure, dict):
        return [(key, structure[key]) for key in _sorted_keys(structure)]
    return list(enumerate(structure))


def _collect(structure: Any, leaves: list[Any]) -> None:
    if isinstance(structure, dict):
        for key in _sorted_keys(structure):
            _collect(structure[key], leaves)
    elif isinstance(structure, _SEQUENCES):
        for item in structure:
            _collect(item, leaves)
    else:
        leaves.append(structure)


def _paths(structure: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if not is_nested(structure):
        yield path, structure
        return
    for key, part in _items(structure):
        yield from _paths(part, (*path, key))


def _pack(structure: Any, leaves: Iterator[Any]) -> Any:
    if not is_nested(structure):
        return next(leaves)
    return _rebuilt(structure, [_pack(part, leaves) for _, part in _items(structure)])


def _sorted_keys(structure: dict[Any, Any]) -> list[Any]:
    if isinstance(structure, OrderedDict):
        return list(structure)
    try:
        return sorted(structure)
    except TypeError:  # keys of several types have no order: keep the dict's own
        return list(structure)


def _rebuilt(original: Any, parts: list[Any]) -> Any:
    """Parts, in the order of `_items`, in a structure of the same kind."""
    if isinstance(original, dict):
        found = dict(zip(_sorted_keys(original), parts, strict=True))
        ordered = {key: found[key] for key in original}
        if isinstance(original, defaultdict):
            return defaultdict(original.default_factory, ordered)
        return OrderedDict(ordered) if isinstance(original, OrderedDict) else ordered
    if isinstance(original, deque):
        return deque(parts, maxlen=original.maxlen)
    if isinstance(original, tuple):
        named = hasattr(original, "_fields")
        return type(original)(*parts) if named else tuple(parts)
    return parts


# --- going through several --------------------------------------------------------
def _map(function: Callable[..., Any], structures: Path, where: str) -> Any:
    """A function of the first structure's leaves and what stands there in others."""
    first, *others = structures
    if not is_nested(first):
        return function(*structures)
    for other in others:
        if not _same_form(first, other):
            raise _other_form(first, other, where)
    columns = [[part for _, part in _items(first)]]
    for other in others:
        if isinstance(first, dict):
            columns.append([other[key] for key in _sorted_keys(first)])
        else:
            columns.append(list(other))
    rows = zip(*columns, strict=True)
    return _rebuilt(first, [_map(function, row, where) for row in rows])


def _same_form(first: Any, other: Any) -> bool:
    """Whether two parts are of a kind, with the same keys or the same length."""
    if isinstance(first, dict):
        return isinstance(other, dict) and first.keys() == other.keys()
    return _kind(first) is _kind(other) and len(first) == len(other)


def _kind(part: Any) -> Any:
    """The class that two sequences have in common, a named tuple's its own."""
    if isinstance(part, tuple) and hasattr(part, "_fields"):
        return type(part)
    return next((kind for kind in _SEQUENCES if isinstance(part, kind)), None)


def _check(func: Any, structures: Path, where: str) -> None:
    if not callable(func):
        raise DtypeError(
            "A function is applied to the leaves.",
            where=f"{where}(func=)",
            expected="a callable",
            received=repr(func),
        )
    if not structures:
        raise ArgumentError(
            "There is nothing to map.",
            where=where,
            expected="at least one structure",
            received="none",
        )


def _other_form(first: Any, other: Any, where: str) -> ArgumentError:
    return ArgumentError(
        "The structures differ in form.",
        where=where,
        expected=repr(first),
        received=repr(other),
        remedy="pass structures of the same kinds, keys and lengths",
    )
