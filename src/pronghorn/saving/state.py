"""Which object's arrays lie at which path of a weights file: Keras 3.15's layout.

A model's layers lie under `layers/<class name in snake case>[_1, ...]/vars/<i>`, the
optimizer under `optimizer/vars`, and whatever else a layer or model holds as attributes
(sublayers, lists and dicts of them) under the attribute's name. Names that users give
to layers play no role, because automatic ones change from run to run.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from pronghorn.errors import FileFormatError, PronghornError
from pronghorn.naming import snake_case
from pronghorn.registry import find_class
from pronghorn.saving.hdf5 import Store

__all__ = ["Source", "Target", "check_counter", "load_state", "save_state", "saveables"]

INT32_MAX = 2**31 - 1


class Target(Protocol):
    """Where arrays are written to: one file or several."""

    def make(self, path: str, name: str | None) -> Any:
        """What takes the arrays of one object."""


class Source(Protocol):
    """Where arrays are read from: one inspected file or several."""

    label: str

    def get(self, path: str) -> Store:
        """The arrays of one object."""

    def left_over(self) -> list[str]:
        """Groups that nobody asked for."""


def saveables(root: Any, skip: tuple[Any, ...] = ()) -> Iterator[tuple[str, Any]]:
    """All objects below a model that have arrays of their own, with their paths.

    Each object comes once, at the first path that leads to it, parents before children.

    Args:
        root: a model or layer.
        skip: objects to leave out, with all below them.

    Yields:
        (path, object); the root's path is empty.
    """
    seen = {id(obj) for obj in skip}
    yield from _walk(root, "", seen)


def _walk(obj: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    if id(obj) in seen:
        return
    seen.add(id(obj))
    yield path, obj
    for name, child in _children(obj):
        inner = f"{path}/{name}" if path else name
        if _is_saveable(child):
            yield from _walk(child, inner, seen)
        elif isinstance(child, (list, tuple, dict)):
            yield from _walk_container(child, inner, seen, set())


def _walk_container(
    container: Any, path: str, seen: set[int], inside: set[int]
) -> Iterator[tuple[str, Any]]:
    if id(container) in inside:  # a list that holds itself
        return
    inside.add(id(container))
    used: dict[str, int] = {}
    items = container.values() if isinstance(container, dict) else container
    for item in list(items):
        if _is_saveable(item):
            name = _unique(snake_case(type(item).__name__), used)
            yield from _walk(item, f"{path}/{name}", seen)
        elif isinstance(item, (list, tuple, dict)):
            name = _unique("container", used)
            yield from _walk_container(item, f"{path}/{name}", seen, inside)


def _unique(name: str, used: dict[str, int]) -> str:
    used[name] = used.get(name, -1) + 1
    return f"{name}_{used[name]}" if used[name] else name


def _is_saveable(obj: Any) -> bool:
    return not isinstance(obj, type) and hasattr(obj, "save_own_variables")


def _children(obj: Any) -> Iterator[tuple[str, Any]]:
    """Attributes that may hold saveables, in Keras's order: private ones last."""
    is_model = hasattr(obj, "fit")
    # The layers of Sequential and functional models come before any attribute.
    if isinstance(obj, _graph_models()):
        yield "layers", obj.layers
    names = set(getattr(obj, "__dict__", ())) - _base_names()
    names |= {"layers", "optimizer"} if is_model else set()
    if hasattr(type(obj), "optimizers"):  # of several: by that name in Keras's files
        names.add("optimizers")
    names |= _own_properties(type(obj))
    for name in sorted(names, key=lambda n: f"~{n}" if n.startswith("_") else n):
        try:
            child = getattr(obj, name, None)
        except Exception:  # a property that does not work yet holds nothing yet
            continue
        if child is not None:
            yield name, child


def _own_properties(cls: type) -> set[str]:
    """Properties that a user's classes add: what they give is saved by their names."""
    return {
        name
        for base in cls.__mro__
        if base is not object and base.__module__.split(".")[0] != "pronghorn"
        for name, value in vars(base).items()
        if isinstance(value, (property, cached_property)) and not name.startswith("__")
    }


def _graph_models() -> Any:
    # Found by name: models may be written above this room.
    names = (("keras", "Sequential"), ("keras.src.models.functional", "Functional"))
    classes = (find_class(*name) for name in names)
    return tuple(cls for cls in classes if cls is not None)


# What layers keep for themselves, and where nothing is that is not found elsewhere.
_BOOKS = frozenset(
    ("_functional", "_inbound_nodes", "_layers", "_operations", "_outbound_nodes")
)
_base: set[str] = set()


def _base_names() -> set[str]:
    """The attributes that every layer has, which never hold saveables of their own."""
    layer = find_class("keras.layers", "Layer")
    if not _base and layer is not None:
        _base.update(vars(layer(name="layer")))
    return _base | _BOOKS


def save_state(model: Any, writer: Target, skip: tuple[Any, ...] = ()) -> None:
    """Write the arrays of a model and of all below it.

    Args:
        model: a model or layer.
        writer: where to.
        skip: objects to leave out.
    """
    optimizer = getattr(model, "optimizer", None)
    for path, obj in saveables(model, skip):
        name = getattr(obj, "name", None)
        group = writer.make(path, name if isinstance(name, str) else None)
        obj.save_own_variables(_Sink(group, _of_optimizer(path, optimizer)))


def _of_optimizer(path: str, optimizer: Any) -> bool:
    """Whether the optimizer's state lies there, or that of one within it."""
    return optimizer is not None and path.split("/")[0] == "optimizer"


class _Sink:
    """What `save_own_variables(store)` writes to."""

    def __init__(self, group: Any, widen: bool) -> None:
        self._group = group
        self._widen = widen

    def __setitem__(self, key: str, value: Any) -> None:
        array = np.asarray(value)
        # Keras counts iterations in int64, the engine in int32.
        if self._widen and array.dtype == np.int32:
            array = array.astype(np.int64)
        self._group.create_dataset(key, data=array)


class _Shapes(dict[str, tuple[int, ...]]):
    """A store that keeps only what would be written: keys and shapes."""

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, tuple(np.shape(value)))


def load_state(
    model: Any,
    reader: Source,
    skip: tuple[Any, ...] = (),
    skip_mismatch: bool = False,
) -> None:
    """Read the arrays of a model and of all below it.

    Args:
        model: a built model.
        reader: an inspected weights file.
        skip: objects to leave as they are.
        skip_mismatch: leave an object as it is, with a warning, where the file's
            arrays do not fit; otherwise that is an error.

    Raises:
        FileFormatError: arrays that are missing, of another shape, or nobody's.
    """
    optimizer = getattr(model, "optimizer", None)
    failed: dict[int, tuple[Any, FileFormatError]] = {}
    for path, obj in saveables(model, skip):
        try:
            _load(obj, reader.get(path), _of_optimizer(path, optimizer))
        except FileFormatError as error:
            failed[id(obj)] = obj, error
    _try_other_paths(model, reader, skip, failed)
    for _, fault in failed.values():
        if not skip_mismatch:
            raise fault
        warnings.warn(f"Weights skipped.\n{fault}", stacklevel=4)
    if skip:  # what lies below skipped objects is theirs, not left over
        for path, _ in saveables(model):
            reader.get(path)
    if not skip_mismatch:
        _refuse_left_over(reader, bool(skip) or optimizer is None)


def _load(obj: Any, store: Store, is_optimizer: bool) -> None:
    (_load_optimizer if is_optimizer else _load_own)(obj, store)


def _try_other_paths(
    model: Any,
    reader: Source,
    skip: tuple[Any, ...],
    failed: dict[int, tuple[Any, FileFormatError]],
) -> None:
    """Objects that have another name too may lie in the file under that one."""
    parents = [obj for _, obj in saveables(model, skip)] if failed else []
    paths = {id(obj): path for path, obj in saveables(model, skip)} if failed else {}
    for parent in parents:
        for name, child in _children(parent):
            if id(child) not in failed:
                continue
            path = f"{paths[id(parent)]}/{name}" if paths[id(parent)] else name
            if path == paths[id(child)]:
                continue
            try:
                _load_own(child, reader.get(path))
            except FileFormatError:
                continue
            del failed[id(child)]


def _load_own(obj: Any, store: Store) -> None:
    expected = _Shapes()
    obj.save_own_variables(expected)
    _check_shapes(obj, expected, store)
    _assign(obj, store)


SAME = "load the weights into the same architecture that was saved"


def _check_shapes(
    obj: Any, expected: _Shapes, store: Store, remedy: str = SAME
) -> None:
    label = _describe(obj)
    if len(expected) != len(store):
        unbuilt = not expected and not getattr(obj, "built", True)
        raise FileFormatError(
            f"The weights are not those of {label}.",
            where=store.where,
            expected=f"{len(expected)} arrays for {label}",
            received=f"{len(store)} in the file",
            remedy="build the layer first: give build_from_config or call it on data"
            if unbuilt
            else remedy,
        )
    for key, shape in expected.items():
        if key in store and store.shape(key) != shape:
            raise FileFormatError(
                f"A weight of {label} has another shape.",
                where=f"{store.where}/{key}",
                expected=shape,
                received=store.shape(key),
                remedy=remedy,
            )


def _assign(obj: Any, store: Any) -> None:
    try:
        obj.load_own_variables(store)
    except FileFormatError:
        raise
    except (PronghornError, KeyError, TypeError, ValueError) as error:
        raise FileFormatError(
            f"The weights of {_describe(obj)} cannot be taken over.",
            where=store.where,
            expected=getattr(error, "expected", None),
            received=getattr(error, "received", None) or str(error)[:300],
            remedy=SAME,
        ) from error


def _load_optimizer(optimizer: Any, store: Store) -> None:
    expected = _Shapes()
    optimizer.save_own_variables(expected)
    check_counter(store)
    # Saved without its state, or compiled and never trained: then a file holds the
    # iteration and the learning rate only, and the slots stay as new. What it holds of
    # optimizers within this one comes again at their own paths.
    if len(store) < len(expected) and all(store.shape(k) == () for k in store):
        for key, variable in enumerate(optimizer.variables[: min(2, len(store))]):
            variable.assign(store[str(key)])
        return
    _check_shapes(
        optimizer,
        expected,
        store,
        "load with compile=False, and compile the model anew",
    )
    _assign(optimizer, store)


def check_counter(store: Store) -> None:
    """Refuses an optimizer's state whose step counter the engine cannot hold.

    Args:
        store: with the counter as "0".

    Raises:
        FileFormatError: below zero, or beyond 31 bits.
    """
    if "0" not in store or store.shape("0") != ():
        return
    count = store["0"]
    if not 0 <= count <= INT32_MAX:
        raise FileFormatError(
            "The optimizer's step counter is out of range.",
            where=f"{store.where}/0",
            expected=f"0 to {INT32_MAX}",
            received=count,
            remedy="load with compile=False and compile the model anew",
        )


def _refuse_left_over(reader: Source, without_optimizer: bool) -> None:
    extra = reader.left_over()
    if without_optimizer:
        extra = [g for g in extra if not g.startswith("optimizer/")]
    if extra:
        raise FileFormatError(
            "The file holds weights that no part of the model takes.",
            where=f"{reader.label}: /{extra[0]}",
            expected="weights of this model only",
            received=f"{len(extra)} more groups: {', '.join(extra[:4])}",
            remedy=f"{SAME}, or pass skip_mismatch=True to load_weights",
        )


def _describe(obj: Any) -> str:
    return f"{type(obj).__name__} {getattr(obj, 'name', '')!r}"
