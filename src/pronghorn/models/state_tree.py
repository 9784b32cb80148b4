"""A model's variables as nested dicts by path, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pronghorn.errors import ArgumentError, UnknownNameError
from pronghorn.ir.variable import Variable

__all__ = ["assign_state", "state_of"]

FORMATS = ("backend_tensor", "numpy_array")


def state_of(model: Any, value_format: str) -> dict[str, Any]:
    """The values of a model's variables, by group and by the parts of their paths.

    Raises:
        ArgumentError: another format, or two variables of one path.
    """
    if value_format not in FORMATS:
        raise ArgumentError(
            "There is no such format of values.",
            where="get_state_tree(value_format=)",
            expected=" or ".join(map(repr, FORMATS)),
            received=repr(value_format),
        )
    return {
        group: _nested(variables, model.name)
        for group, variables in _groups(model).items()
    }


def assign_state(model: Any, state_tree: Mapping[str, Any]) -> None:
    """Sets the variables whose paths are in the tree; the others stay.

    Raises:
        UnknownNameError: a group that models do not have.
        ShapeError: a value that is not of its variable's shape.
    """
    groups = _groups(model)
    for group in state_tree:
        if group not in groups:
            raise UnknownNameError(
                "A model has no such group of variables.",
                where="set_state_tree(state_tree)",
                expected=", ".join(groups),
                received=str(group),
            )
    for group, tree in state_tree.items():
        values = dict(_flat(tree))
        for variable in groups[group]:
            if variable.path in values:
                variable.assign(values[variable.path])


def _groups(model: Any) -> dict[str, list[Variable]]:
    optimizer = getattr(model, "optimizer", None)
    return {
        "trainable_variables": list(model.trainable_variables),
        "non_trainable_variables": list(model.non_trainable_variables),
        "optimizer_variables": [] if optimizer is None else list(optimizer.variables),
        "metrics_variables": list(model.metrics_variables),
    }


def _nested(variables: Iterable[Variable], model: str) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    seen: set[str] = set()
    for variable in variables:
        if variable.path in seen:
            raise ArgumentError(
                "Two variables have the same path.",
                where=f"model {model!r}, get_state_tree",
                expected="a path of its own for each variable",
                received=f"{variable.path!r} twice",
                remedy="give the layers and other objects different names",
            )
        seen.add(variable.path)
        *folders, last = variable.path.split("/")
        place = tree
        for folder in folders:
            place = place.setdefault(folder, {})
        place[last] = variable.numpy()  # a copy, as tensors here are arrays
    return tree


def _flat(tree: Mapping[str, Any], head: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{head}{name}/")
        else:
            yield f"{head}{name}", value
