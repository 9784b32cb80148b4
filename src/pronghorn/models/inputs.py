"""What a functional model is called with, as its inputs want it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pronghorn import ops
from pronghorn.data.columns import is_frame
from pronghorn.errors import ArgumentError, PronghornError, ShapeError
from pronghorn.ir.masks import any_masks, mask_of, set_mask
from pronghorn.ir.tensor import KerasTensor
from pronghorn.layers.shapes import is_symbol
from pronghorn.tree import flatten, flatten_with_path, is_nested, map_structure

__all__ = ["arranged", "is_optional", "keys_of", "standardized", "table_for"]


def arranged(model: Any, x: Any) -> list[Any]:
    """What was given, in a flat list with an item for each input.

    Args:
        model: has `input`, the structure of its inputs, and `name`.
        x: in the same form. A dict by the inputs' names does for a list of them; what
            else is in it is left aside.

    Warns:
        where the form is another, and yet it is clear what is meant.

    Raises:
        ArgumentError: an input is missing, or nobody can tell which is which.
        ShapeError: another number of inputs.
    """
    if not is_nested(x) and len(model.inputs) == 1:
        return [x]
    struct = model.input
    found: list[Any] = []
    try:
        same = _match(x, struct, found)
    except _OtherFormError as other:
        raise _refusal(model, x, other) from None
    if not same and not any(map(is_symbol, found)):  # what is traced was told of before
        _warn(model, x)
    return found


class _OtherFormError(Exception):
    """A part is not of the form that the inputs have there."""

    def __init__(self, missing: Sequence[Any] = ()) -> None:
        self.missing = missing


def _match(x: Any, struct: Any, found: list[Any]) -> bool:
    """Collects the items in the order of the inputs; whether the form is the same."""
    if not is_nested(struct):
        if isinstance(x, Mapping) and not is_frame(x):
            if _name(struct) not in x:
                raise _OtherFormError([_name(struct)])
            found.append(x[_name(struct)])
            return len(x) == 1
        if isinstance(x, (list, tuple)):
            if len(x) != 1:
                raise _OtherFormError
            return _match(x[0], struct, found)
        found.append(x)
        return True
    if isinstance(struct, Mapping):
        return _match_dict(x, struct, found)
    same = True
    if isinstance(x, Mapping):
        if any(map(is_nested, struct)):
            raise _OtherFormError
        missing = [_name(t) for t in struct if _name(t) not in x]
        if missing:
            raise _OtherFormError(missing)
        x = [x[_name(t)] for t in struct]
    elif not isinstance(x, (list, tuple)):
        if len(struct) != 1:
            raise _OtherFormError
        x, same = [x], False
    if len(x) != len(struct):
        raise _OtherFormError
    matched = [_match(a, b, found) for a, b in zip(x, struct)]  # every one collects
    return all(matched) and same


def _match_dict(x: Any, struct: Any, found: list[Any]) -> bool:
    keys = list(dict.fromkeys(path[0] for path, _ in flatten_with_path(struct)))
    if isinstance(x, Mapping):
        optional = [k for k in keys if k not in x and is_optional(struct[k])]
        missing = [k for k in keys if k not in x and k not in optional]
        if missing:
            raise _OtherFormError(missing)
        parts = [None if k in optional else x[k] for k in keys]
        same = all(key in keys for key in x)
    elif isinstance(x, (list, tuple)) and len(x) == len(keys) == len(flatten(struct)):
        if list(struct) != keys:  # in which order they are meant, nobody can tell
            raise _OtherFormError
        parts, same = list(x), False
    else:
        raise _OtherFormError
    matched = [_match(part, struct[key], found) for part, key in zip(parts, keys)]
    return all(matched) and same


def keys_of(structure: Any) -> list[Any]:
    """The keys of a flat dict, in the order of its leaves; of others none.

    >>> keys_of({"b": 1, "a": 2}), keys_of({"a": [1, 2]}), keys_of([1])
    (['a', 'b'], [], [])
    """
    if not isinstance(structure, dict) or any(map(is_nested, structure.values())):
        return []
    return [path[0] for path, _ in flatten_with_path(structure)]


def _name(tensor: KerasTensor) -> str:
    """An input's name: its layer's."""
    return str(tensor._keras_history.operation.name)


def is_optional(tensor: Any) -> bool:
    """Whether a model may get None in the place of this input."""
    history = getattr(tensor, "_keras_history", None)
    return bool(history and getattr(history.operation, "optional", False))


def _warn(model: Any, x: Any) -> None:
    # It begins as Keras's, so that filters of warnings find it.
    warnings.warn(
        "The structure of `inputs` doesn't match the expected structure: model "
        f"{model.name!r} has {_names(model)}, and gets {_shown(x)}. Give it the form "
        "of model.input.",
        stacklevel=3,
    )


def _names(model: Any) -> str:
    """The inputs' names, in their form where that is no list."""
    parts = model.input if isinstance(model.input, (list, tuple)) else [None]
    if isinstance(model.input, Mapping) or any(map(is_nested, parts)):
        return repr(map_structure(_name, model.input))
    return ", ".join(map(_name, model.inputs))


def _shown(x: Any) -> str:
    """The form of what was given, with shapes in the place of arrays."""
    if isinstance(x, Mapping) and not is_frame(x):
        return "{" + ", ".join(f"{k!r}: {_shown(v)}" for k, v in x.items()) + "}"
    if isinstance(x, (list, tuple)):
        inside = ", ".join(map(_shown, x[:8])) + (", ..." if len(x) > 8 else "")
        return f"[{inside}]" if isinstance(x, list) else f"({inside})"
    shape = getattr(x, "shape", None)
    return type(x).__name__ if shape is None else f"shape {tuple(shape)}"


def _refusal(model: Any, x: Any, other: _OtherFormError) -> PronghornError:
    if other.missing:
        return ArgumentError(
            "An input of the model is missing.",
            where=f"model {model.name!r}",
            expected=_names(model),
            received=_shown(x),
            remedy=f"add {', '.join(map(str, other.missing))}",
        )
    return ShapeError(
        "The model's inputs come in another form.",
        where=f"model {model.name!r}",
        expected=_names(model),
        received=_shown(x),
        remedy="give them in the form of model.input",
    )


# --- tensors ----------------------------------------------------------------------
def standardized(model: Any, given: Sequence[Any], check: bool = True) -> list[Any]:
    """Tensors with the dtypes and the number of axes that the inputs have.

    Args:
        model: has `inputs`.
        given: one for each input; None for an optional one.
        check: whether sizes are compared. Default True.

    Raises:
        ArgumentError: None for an input that is not optional.
        ShapeError: sizes that an input does not have.
    """
    return [_standardized(model, x, r, check) for x, r in zip(given, model.inputs)]


def _standardized(model: Any, x: Any, ref: KerasTensor, check: bool) -> Any:
    if x is None:
        if is_optional(ref) or ref._keras_history is None:
            return None
        raise ArgumentError(
            "An input of the model is None, and it is not optional.",
            where=f"model {model.name!r}, input {_name(ref)!r}",
            expected="a tensor",
            received="None",
            remedy="give it data, or make it with Input(..., optional=True)",
        )
    if ref.dtype == "string":
        return x  # text is read before the program
    given, wanted = x, ref.shape
    if not hasattr(x, "dtype") or x.dtype != ref.dtype:
        x = ops.convert_to_tensor(x)
        x = x if x.dtype == ref.dtype else ops.cast(x, ref.dtype)
    if len(x.shape) == len(wanted) + 1 and x.shape[-1] == 1:
        x = ops.squeeze(x, -1)
    elif len(x.shape) == len(wanted) - 1 and wanted[-1] == 1:
        x = ops.expand_dims(x, -1)
    if x is not given and any_masks():
        set_mask(x, mask_of(given))
    if not check:
        return x
    shape = tuple(x.shape)
    fits = len(shape) == len(wanted) and all(
        a is None or b is None or a == b for a, b in zip(shape[1:], wanted[1:])
    )
    if fits:
        return x
    paths = flatten_with_path(model.input)
    place = next(path for path, tensor in paths if tensor is ref)
    raise ShapeError(
        "An input does not fit the model.",
        where=f"model {model.name!r}, input {_name(ref)!r}"
        + "".join(f"[{key!r}]" for key in place),
        expected=f"shape {(None, *wanted[1:])}",
        received=f"shape {shape}",
        remedy="reshape it, or build the model for it",
    )


# --- tables -----------------------------------------------------------------------
def table_for(model: Any, x: Any) -> Any:
    """Data as `fit` takes it, arranged where it does not come as the inputs lie.

    Args:
        model: has `input` and `inputs`.
        x: frames, arrays, dicts of columns, in a structure.

    Returns:
        A list with an item for each input; `x` itself where it is a plain table, a
        list, or a dict of the right names.
    """
    struct = model.input
    if not isinstance(x, (Mapping, list, tuple)):
        return x
    if len(model.inputs) == 1:
        return arranged(model, x)[0] if _names_a_table(x, model) else x
    parts = struct.values() if isinstance(struct, Mapping) else struct
    if not any(map(is_nested, parts)):
        if not isinstance(struct, Mapping) and not isinstance(x, Mapping):
            return x
        names = struct if isinstance(struct, Mapping) else [_name(t) for t in parts]
        if isinstance(x, Mapping) and set(x) == set(names):
            return x
    return arranged(model, x)


def _names_a_table(x: Any, model: Any) -> bool:
    """Whether a dict or a list holds the one input's table, and is none itself."""
    struct = model.input
    keys = list(struct) if isinstance(struct, Mapping) else []
    if isinstance(x, Mapping):
        named = [x[key] for key in (*keys, _name(model.inputs[0])) if key in x]
        return bool(named) and (is_nested(named[0]) or np.ndim(named[0]) > 1)
    parts = struct.values() if isinstance(struct, Mapping) else struct
    return is_nested(struct) and any(map(is_nested, parts))
