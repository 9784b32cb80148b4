"""Which losses and metrics of `compile` go to which outputs.

A model's outputs may be a structure of any form, and so may what `compile` is given: a
loss stands where it takes an output, or a whole part of the structure. Outputs have
numbers here, in the order of `tree.flatten`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pronghorn.errors import ArgumentError, ShapeError, UnknownKeyError
from pronghorn.tree import (
    flatten,
    is_nested,
    lists_to_tuples,
    map_structure,
    map_structure_up_to,
    pack_sequence_as,
)

__all__ = ["Asked", "asked_losses", "asked_metrics", "numbered", "with_targets"]

Names = Sequence[str | None]


class Weighed:
    """A loss and its weight, as a leaf of a structure."""

    def __init__(self, loss: Any, weight: Any) -> None:
        self.loss = loss
        self.weight = weight


@dataclass(frozen=True)
class Asked:
    """A loss that `compile` was given, and what it takes.

    Attributes:
        places: the number of an output, or a structure of numbers.
        loss: by name, an object or a function.
        weight: what it is multiplied with, or None.
        name: what its mean is shown as; None for the loss's own name.
    """

    places: Any
    loss: Any
    weight: float | None
    name: str | None


def numbered(structure: Any) -> Any:
    """A structure of outputs with their numbers in their places.

    >>> numbered({"b": [1.5, 2.5], "a": 0.5})
    {'b': [1, 2], 'a': 0}
    """
    return pack_sequence_as(structure, range(len(flatten(structure))))


# --- losses -----------------------------------------------------------------------
def asked_losses(loss: Any, weights: Any, form: Any, names: Names) -> list[Asked]:
    """The losses, each with its outputs, its weight and its name.

    Args:
        loss: one for all outputs, or a structure. A loss takes what it stands for, be
            it a part of the outputs; several in a list, where the outputs have none,
            take the same part each.
        weights: a number per loss, as a structure or a flat list.
        form: the outputs' numbers, in the form of the outputs.
        names: of the outputs.

    Raises:
        UnknownKeyError: a part of `loss` that the outputs do not have.
        ArgumentError, ShapeError: names or numbers that do not fit.

    Example:

    >>> asked_losses(["mse", None], [0.5, 1.0], [0, 1], ["a", "b"])
    [Asked(places=0, loss='mse', weight=0.5, name='a')]
    """
    if isinstance(loss, Mapping) and not isinstance(form, Mapping):
        loss, weights = _by_name(loss, weights, form, names)
    if is_nested(loss):
        weighed = _weighed(loss, weights)
    else:
        each = _per_output(weights, names, "loss_weights")
        weighed = pack_sequence_as(form, [_leaf(loss, w) for w in each])
    found: list[Asked] = []
    _collect(weighed, form, pack_sequence_as(form, names), (), found)
    return found


def _by_name(loss: Any, weights: Any, form: Any, names: Names) -> tuple[Any, Any]:
    """Losses by the outputs' names, in the form of outputs that have no keys."""
    if set(loss) != set(names):
        unknown = [str(key) for key in loss if key not in names]
        fault = "names an output that the model does not have"
        missing = [str(name) for name in names if name not in loss]
        raise ArgumentError(
            f"compile(loss=) {fault if unknown else 'leaves out an output'}.",
            where="loss",
            expected=f"the keys {', '.join(map(str, names))}",
            received=", ".join(map(str, loss)),
            remedy=f"add {', '.join(missing)}; None for an output without a loss"
            if missing
            else "spell them as the outputs",
        )
    if isinstance(weights, Mapping):
        weights = _per_output(weights, names, "loss_weights")
        weights = weights if is_nested(form) else weights[0]
    listed = [loss[name] for name in names]
    if not is_nested(form):
        return listed[0], weights
    return listed, weights


def _leaf(loss: Any, weight: Any) -> Weighed | None:
    return None if loss is None else Weighed(loss, weight)


def _weighed(loss: Any, weights: Any) -> Any:
    """The structure of losses, with each one's weight beside it."""
    if weights is None:
        return map_structure(lambda item: _leaf(item, None), loss)
    flat = flatten(weights)
    if isinstance(loss, Mapping) and isinstance(weights, Mapping):
        unknown = [str(key) for key in weights if key not in loss]
        if unknown:
            raise ArgumentError(
                "compile(loss_weights=) weighs what has no loss.",
                where="loss_weights",
                expected=", ".join(map(str, loss)),
                received=", ".join(map(str, weights)),
                remedy=f"leave out {', '.join(unknown)}",
            )
        each = {key: weights.get(key) for key in loss}
        return {k: _weighed(item, each[k]) for k, item in loss.items()}
    if not is_nested(loss):
        if len(flat) == 1:
            return _leaf(loss, flat[0])
    elif len(flat) == len(flatten(loss)):
        return map_structure(_leaf, loss, pack_sequence_as(loss, flat))
    raise ShapeError(
        "compile(loss_weights=) does not fit the losses.",
        where="loss_weights",
        expected=f"{len(flatten(loss))}, one for each loss",
        received=f"{len(flat)}",
        remedy="give it the form of loss",
    )


def _collect(
    asked: Any, places: Any, names: Any, path: tuple[Any, ...], found: list[Asked]
) -> None:
    if isinstance(asked, (list, tuple)):
        alone = not any(map(is_nested, asked))
        if alone and len(asked) == len(flatten(places)):
            asked = pack_sequence_as(places, asked)
        elif not isinstance(places, type(asked)):
            for item in asked:
                _collect(item, places, names, path, found)
            return
    if not is_nested(asked):
        if asked is not None:
            name = _shown_as(path, names)
            found.append(Asked(places, asked.loss, asked.weight, name))
        return
    keyed = isinstance(asked, Mapping)
    if keyed is not isinstance(places, Mapping) or not is_nested(places):
        raise _no_such_part(path, places)
    known: Any = places if keyed else range(len(places))
    for key, item in asked.items() if keyed else enumerate(asked):
        if item is None:
            continue
        if key not in known:
            raise _no_such_part((*path, key), places)
        _collect(item, places[key], names[key], (*path, key), found)


def _shown_as(path: tuple[Any, ...], names: Any) -> str | None:
    """The name of a loss: the keys that lead to it, and an output's own name."""
    if not is_nested(names):
        if not path or (names is None and isinstance(path[-1], int)):
            return names
        if isinstance(path[-1], int):
            path = (*path[:-1], names)
    if path:
        return "/".join(map(str, path))
    parts = list(names) if isinstance(names, Mapping) else flatten(names)
    return "_".join(map(str, parts))


def _no_such_part(path: tuple[Any, ...], places: Any) -> UnknownKeyError:
    have = "one tensor"
    if is_nested(places):
        keys = places if isinstance(places, Mapping) else range(len(places))
        have = ", ".join(map(repr, keys))
    return UnknownKeyError(
        "compile(loss=) names a part that the model's outputs do not have.",
        where="loss" + "".join(f"[{key!r}]" for key in path),
        expected=f"the form of the outputs, which have {have} there",
        received=f"{path[-1]!r}" if path else "another form",
        remedy="give loss the form of the outputs, or leave parts out",
    )


def _per_output(given: Any, names: Names, what: str) -> list[Any]:
    """One item per output, from one for the only one, a list or a dict."""
    if isinstance(given, Mapping):
        unknown = [key for key in given if key not in names]
        if unknown:
            raise ArgumentError(
                f"compile({what}=) names an output that the model does not have.",
                where=what,
                expected=", ".join(map(str, names)),
                received=", ".join(map(str, unknown)),
                remedy="spell it as the output",
            )
        return [given.get(name) for name in names]
    if isinstance(given, (list, tuple)):
        if len(given) != len(names):
            raise ShapeError(
                f"compile({what}=) does not fit the model's outputs.",
                where=what,
                expected=f"{len(names)}, one for each of {', '.join(map(str, names))}",
                received=len(given),
            )
        return list(given)
    return [given if len(names) == 1 else None] * len(names)


# --- metrics ----------------------------------------------------------------------
def asked_metrics(given: Any, form: Any, names: Names, what: str) -> list[list[Any]]:
    """The metrics of each output.

    Args:
        given: a list for all outputs, a list of lists, a dict by the outputs' names, or
            a structure of the form of the outputs.
        form, names: see `asked_losses`.
        what: the argument's name, for errors.

    Raises:
        ArgumentError, ShapeError: names or a form that the outputs do not have.

    Example:

    >>> asked_metrics({"b": ["mae"]}, [0, 1], ["a", "b"], "metrics")
    [[], ['mae']]
    """
    if given is None:
        return [[] for _ in names]
    if len(names) == 1 and not isinstance(given, Mapping):
        return [_flat(given)]
    if is_nested(form) and len(form) != len(names):
        return _of_structure(given, form, what)
    if isinstance(given, (list, tuple)) and not any(
        isinstance(item, (list, tuple)) for item in given
    ):
        if len(given) != len(names):
            return [list(given) for _ in names]
        return [_flat([item]) for item in given]
    return [_flat(item) for item in _per_output(given, names, what)]


def _of_structure(given: Any, form: Any, what: str) -> list[list[Any]]:
    shallow = lists_to_tuples(form)
    try:
        found = map_structure_up_to(
            shallow, lambda item: Weighed(_flat(item), None), lists_to_tuples(given)
        )
    except ArgumentError as error:
        raise ArgumentError(
            f"compile({what}=) has not the form of the model's outputs.",
            where=what,
            expected=repr(map_structure(lambda place: f"output {place}", form)),
            received=repr(given),
            remedy="put a list of metrics, or None, in the place of each output",
        ) from error
    return [item.loss for item in flatten(found)]


def _flat(given: Any) -> list[Any]:
    """Metrics alone, in a list, or in lists of lists; None for none."""
    if given is None:
        return []
    if isinstance(given, Mapping):
        return [leaf for item in given.values() for leaf in _flat(item)]
    if isinstance(given, (list, tuple)):
        return [leaf for item in given for leaf in _flat(item)]
    return [given]


# --- targets ----------------------------------------------------------------------
def with_targets(y: Any, form: Any, names: Names, loss: Any) -> Any:
    """Targets in a flat list, one for each output, where they come in another form.

    Args:
        y: what the user passed.
        form, names: see `asked_losses`.
        loss: as `compile` got it; None in it stands for an output without a target.

    Returns:
        A list with None where there is no target, or `y` itself where it is one, a
        list or a dict of one for each output.

    Raises:
        ShapeError: another form than that of the outputs.

    Example:

    >>> with_targets({"a": (1, 2), "b": 3}, {"a": (0, 1), "b": 2}, "pqr", None)
    [1, 2, 3]
    >>> with_targets(5, [0, 1], "pq", [None, "mse"])
    [None, 5]
    """
    count = len(names)
    if is_nested(form) and len(form) != count:
        alone = isinstance(y, (list, tuple)) and not any(map(is_nested, y))
        return list(y) if alone and len(y) == count else _matched(y, form, count)
    given = list(y) if isinstance(y, (list, tuple)) else [y]
    listed = isinstance(loss, (list, tuple)) and len(loss) == count
    if not listed or isinstance(y, Mapping) or len(given) == count:
        return y
    # One target for each loss, where some outputs have none.
    if len(given) != sum(item is not None for item in loss):
        return y
    rest = iter(given)
    return [None if item is None else next(rest) for item in loss]


def _matched(y: Any, form: Any, count: int) -> list[Any]:
    """The targets of a nested form, by keys and positions."""
    found: list[Any] = [None] * count

    def walk(part: Any, places: Any, path: str) -> None:
        if part is None:
            return
        if not is_nested(places):
            found[places] = part
            return
        keyed = isinstance(places, Mapping)
        fits = isinstance(part, Mapping if keyed else (list, tuple))
        if not fits or (not keyed and len(part) != len(places)):
            raise _other_form(path, places, part)
        if keyed and not set(part) <= set(places):
            raise _other_form(path, places, part)
        for key, item in part.items() if keyed else enumerate(part):
            walk(item, places[key], f"{path}[{key!r}]")

    walk(y, form, "y")
    return found


def _other_form(path: str, places: Any, part: Any) -> ShapeError:
    received = type(part).__name__
    if isinstance(part, Mapping):
        received = f"a dict with {', '.join(map(repr, part))}"
    elif isinstance(part, (list, tuple)):
        received = f"{len(part)} items"
    return ShapeError(
        "The targets have not the form of the model's outputs.",
        where=path,
        expected=repr(map_structure(lambda place: f"output {place}", places)),
        received=received,
        remedy="give y the form of model.output; None for a part without targets",
    )
