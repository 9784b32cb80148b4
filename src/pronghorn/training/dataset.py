"""What `fit`, `evaluate` and `predict` are given, as arrays that the engine reads."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from pronghorn.data.columns import is_frame, named_columns
from pronghorn.data.frames import align_columns, to_matrix, to_target
from pronghorn.data.host import host_table
from pronghorn.data.row_blocks import RowBlocks
from pronghorn.errors import (
    ArgumentError,
    DataError,
    ShapeError,
)
from pronghorn.settings import bad_data
from pronghorn.training.arguments import checked_class_weight

__all__ = ["Dataset", "InputInfo", "joined", "prepare", "split"]


@dataclass(frozen=True)
class InputInfo:
    """What a model's input takes.

    Attributes:
        name: of the input.
        shape: of one row; None while the model is not built.
        dtype: "float32", "int32" or "bool"; "string" of text.
        columns: the names of the columns that the model was trained with, if any.
        reader: the layer that reads it, as errors name it.
        optional: whether None may stand in its place.
        host: whether it is read before the program, in its own type.
        missing: whether NaN may stand for a missing value: its readers know it.
    """

    name: str
    shape: tuple[int | None, ...] | None
    dtype: str = "float32"
    columns: tuple[str, ...] | None = None
    reader: str | None = None
    optional: bool = False
    host: bool = False
    missing: bool = False


@dataclass
class Dataset:
    """Arrays with equal numbers of rows.

    Attributes:
        x: one array per input, None where an optional one is left out.
        y: one array per output, None where there is no target.
        weights: one array per output, or None.
        columns: per input the column names that came with it, or None.
        in_tuple: whether x came in a tuple, which a step of one's own gets to see.
    """

    x: list[np.ndarray | None]
    y: list[np.ndarray | None] = field(default_factory=list)
    weights: list[np.ndarray | None] = field(default_factory=list)
    columns: list[tuple[str, ...] | None] = field(default_factory=list)
    in_tuple: bool = False

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.arrays[0])

    @property
    def arrays(self) -> list[np.ndarray]:
        """All arrays, in the order of a step graph's inputs."""
        every = (*self.x, *self.y, *self.weights)
        return [array for array in every if array is not None]

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(array.nbytes for array in self.arrays)

    def copy(self) -> Dataset:
        """The same in memory of its own."""
        return self._each(np.ndarray.copy)

    def signature(self) -> tuple[Any, ...]:
        """What a step graph depends on: shapes of rows, dtypes, what is there."""
        groups = tuple(
            tuple(None if a is None else (a.shape[1:], a.dtype.name) for a in group)
            for group in (self.x, self.y, self.weights)
        )
        return *groups, self.in_tuple

    def part(self, start: int, stop: int) -> Dataset:
        """Some of the rows, without a copy."""
        return self._each(lambda array: array[start:stop])

    def take(self, rows: np.ndarray) -> Dataset:
        """These rows, given by number, in memory of their own."""
        return self._each(lambda array: array[rows])

    def _each(self, change: Callable[[np.ndarray], np.ndarray]) -> Dataset:
        x, y, weights = (
            [None if a is None else change(a) for a in group]
            for group in (self.x, self.y, self.weights)
        )
        return replace(self, x=x, y=y, weights=weights)


def joined(parts: Sequence[Dataset]) -> Dataset:
    """The rows of several data sets of one form, one after the other."""
    if len(parts) == 1:
        return parts[0]
    x, y, weights = (
        [None if a[0] is None else np.concatenate(a) for a in zip(*group, strict=True)]
        for group in zip(*((p.x, p.y, p.weights) for p in parts), strict=True)
    )
    return replace(parts[0], x=x, y=y, weights=weights)


def prepare(
    inputs: Sequence[InputInfo],
    outputs: Sequence[str],
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    class_weight: Mapping[Any, float] | None = None,
    what: str = "",
) -> Dataset:
    """Checks and converts everything that a user passed.

    Args:
        inputs: what the model takes.
        outputs: names of its outputs.
        x, y, sample_weight: frames, arrays, lists, dicts.
        class_weight: {class: weight}.
        what: put before "x" and "y" in errors: "validation ".

    Raises:
        DataError, ShapeError: naming argument, column and rows.
    """
    _refuse_none(x)
    tables = [
        _input(
            info, item, f"{what}x" if len(inputs) == 1 else f"{what}x[{info.name!r}]"
        )
        for info, item in zip(inputs, _items(x, inputs, f"{what}x"), strict=True)
    ]
    if all(t is None for t in tables):
        _refuse_none(None)
    data = Dataset(
        [None if t is None else t.array for t in tables],
        columns=[None if t is None else t.columns for t in tables],
    )
    names = [f"{what}y" if len(outputs) == 1 else f"{what}y[{n!r}]" for n in outputs]
    if y is not None:
        listed = len(outputs) == 1 and _is_listed(y, data.rows)
        targets = _spread(y[0] if listed else y, outputs, f"{what}y")
        data.y = [
            None if t is None else to_target(t, what=n)
            for t, n in zip(targets, names, strict=True)
        ]
    data.weights = _weights(data, sample_weight, class_weight, outputs, what)
    _check_rows(data, inputs, names, what)
    return data


def _is_listed(y: Any, rows: int) -> bool:
    """Whether targets are a list of one array, as those of several outputs are."""
    single = isinstance(y, (list, tuple)) and len(y) == 1 != rows
    return single and isinstance(y[0], np.ndarray) and np.shape(y[0])[:1] == (rows,)


def _refuse_none(x: Any, what: str = "x") -> None:
    if x is None:
        raise ArgumentError(
            f"There is no {what}, and it is not optional.",
            where=what,
            expected="an array, a frame, a dict of columns or a list",
            received="None",
            remedy="pass the table of inputs as the first argument",
        )
    if isinstance(x, RowBlocks):
        raise ArgumentError(
            f"{x.what} is read in blocks, whose rows lie in an order of their own.",
            where=what,
            expected="an array, a frame, a dict of columns or a list",
            received=type(x).__name__,
            remedy="fit and evaluate take it, alone; predict rows as they lie in files",
        )
    if callable(x):
        raise ArgumentError(
            "x is a function.",
            where="x",
            expected="an array, a frame, a dict of columns, a list, or batches: a "
            "generator, a PyDataset, an iterable",
            received=getattr(x, "__name__", type(x).__name__),
            remedy="call it, and pass what it gives",
        )


def _items(x: Any, inputs: Sequence[InputInfo], what: str) -> list[Any]:
    """One item per input."""
    names = [info.name for info in inputs]
    if len(inputs) > 1 and is_frame(x):  # an input for each column
        columns = dict(named_columns(x, what))
        x = x if set(names).isdisjoint(columns) else columns
    if len(inputs) == 1:
        single = isinstance(x, (list, tuple)) and len(x) == 1 and np.ndim(x[0]) > 1
        if isinstance(x, Mapping) and set(x) == set(names):
            return [x[names[0]]]
        return [x[0] if single else x]
    if isinstance(x, Mapping):
        missing = [n for n in names if n not in x]
        if missing:
            raise DataError(
                "An input of the model gets no data.",
                where=what,
                expected=", ".join(names),
                received=", ".join(map(str, x)),
                remedy=f"add {', '.join(missing)}",
            )
        return [x[n] for n in names]
    if isinstance(x, (list, tuple)) and len(x) == len(inputs):
        return list(x)
    received = f"{len(x)} items" if isinstance(x, (list, tuple)) else type(x).__name__
    raise ShapeError(
        "The model has several inputs.",
        where=what,
        expected=f"a list of {len(inputs)} or a dict with " + ", ".join(names),
        received=received,
        remedy="give each input its own: {"
        + ", ".join(f"{name!r}: ..." for name in names)
        + "}; of a frame these must be names of columns",
    )


def _input(info: InputInfo, x: Any, what: str) -> Any:
    if x is None and info.optional:
        return None
    _refuse_none(x, what)
    table = (
        host_table(x, what)
        if info.host
        else to_matrix(x, what=what, dtype=info.dtype, missing=info.missing)
    )
    table = align_columns(table, info.columns)
    shape = table.array.shape[1:]
    wanted = info.shape
    if wanted == () and shape == (1,):  # an input of single values
        return type(table)(table.array[:, 0], table.columns)
    if wanted is not None and wanted != shape:
        if shape == (*wanted, 1):
            return type(table)(table.array[..., 0])
        if wanted == (*shape, 1):
            return type(table)(table.array[..., None])
    fits = wanted is None or (
        len(shape) == len(wanted)
        and all(w is None or w == s for w, s in zip(wanted, shape))
    )
    if not fits:
        raise ShapeError(
            f"{what} does not fit the model.",
            where=f"{what}, read by {info.reader or f'input {info.name!r}'}",
            expected=_width(wanted),  # type: ignore[arg-type]
            received=_width(shape) if np.ndim(x) != 1 else f"shape {np.shape(x)}",
            remedy=_reshaped(np.shape(x), shape, wanted),  # type: ignore[arg-type]
        )
    return table


def _reshaped(
    given: tuple[int, ...], row: tuple[int, ...], wanted: tuple[int | None, ...]
) -> str:
    """What makes rows of one shape into rows of another."""
    if given == wanted:
        return "a single row is a table too: pass x[np.newaxis]"
    build = f"build the model for input_shape={list(row)}"
    if len(row) == len(wanted):
        return f"select the columns, or {build}"
    flat = f"put layers.Flatten(input_shape={list(row)}) first"
    return f"{flat}, or {build}" if len(row) > len(wanted) else f"reshape x, or {build}"


def _width(shape: tuple[int | None, ...]) -> str:
    if len(shape) == 1:
        return f"{shape[0]} column{'' if shape[0] == 1 else 's'} in each row"
    return f"rows of shape {tuple(shape)}"


def _spread(y: Any, outputs: Sequence[str], what: str) -> list[Any]:
    if len(outputs) == 1:
        if isinstance(y, Mapping) and list(y) == list(outputs):
            return [y[outputs[0]]]
        return [y]
    if isinstance(y, Mapping):
        unknown = [str(name) for name in y if name not in outputs]
        if unknown:
            raise DataError(
                f"{what} names an output that the model does not have.",
                where=what,
                expected=", ".join(outputs),
                received=", ".join(map(str, y)),
                remedy=f"leave out {', '.join(unknown)}, or spell it as the output",
            )
        return [y.get(name) for name in outputs]
    if isinstance(y, (list, tuple)) and len(y) == len(outputs):
        return list(y)
    raise ShapeError(
        "The model has several outputs.",
        where=what,
        expected=f"a list of {len(outputs)} or a dict with " + ", ".join(outputs),
        received=type(y).__name__,
    )


def _weights(
    data: Dataset,
    sample_weight: Any,
    class_weight: Mapping[Any, float] | None,
    outputs: Sequence[str],
    what: str,
) -> list[np.ndarray | None]:
    name = f"{what}sample_weight"
    if class_weight is not None:
        if sample_weight is not None:
            raise ArgumentError(
                "class_weight and sample_weight cannot be given together.",
                remedy="multiply them into one sample_weight",
            )
        if len(outputs) > 1:
            raise ArgumentError(
                "class_weight is for models with one output.",
                where="class_weight",
                expected="one output, whose classes it names",
                received=", ".join(outputs),
                remedy="pass a sample_weight for each output",
            )
        return [_by_class(t, class_weight) for t in data.y]
    if sample_weight is None:
        return [None] * len(data.y)
    several = len(outputs) > 1 and isinstance(sample_weight, (list, tuple, Mapping))
    items = (
        _spread(sample_weight, outputs, name)
        if several
        else [sample_weight] * len(outputs)
    )
    found = [
        None if i is None else to_target(i, what=name, dtype="float32") for i in items
    ]
    for array in found:
        if array is not None and (array < 0).any():
            row = int(np.flatnonzero(array < 0)[0])
            bad_data(
                DataError(
                    "A sample weight is negative.",
                    where=f"{name}, row {row}",
                    expected="0 or more",
                    received=float(array.ravel()[row]),
                    remedy="a weight of 0 leaves a row out",
                )
            )
    return found


def _by_class(
    target: np.ndarray | None, class_weight: Mapping[Any, float]
) -> np.ndarray | None:
    """A weight per row: that of its class, 1 for classes that are not named."""
    if target is None:
        return None
    if target.ndim > 1 and target.shape[-1] > 1:
        classes = target.argmax(-1)
    else:
        classes = np.round(target.reshape(len(target))).astype(np.int64)
    weights = np.ones(len(target), np.float32)
    for key, weight in checked_class_weight(class_weight).items():
        weights[classes == key] = weight
    return weights


def _check_rows(
    data: Dataset, inputs: Sequence[InputInfo], names: Sequence[str], what: str
) -> None:
    labelled = [
        (f"{what}x[{i.name!r}]", a) for i, a in zip(inputs, data.x) if a is not None
    ]
    labelled += [(n, a) for n, a in zip(names, data.y) if a is not None]
    labelled += [(f"{what}sample_weight", a) for a in data.weights if a is not None]
    for name, array in labelled[1:]:
        each = "weight" if "sample_weight" in name else "target"
        each = "value" if name.startswith(f"{what}x") else each
        if len(array) != data.rows:
            raise ShapeError(
                f"{name} has another number of rows than {what}x.",
                where=name,
                expected=f"{data.rows} rows",
                received=f"{len(array)} rows",
                remedy=f"give every row of {what}x one {each}",
            )


def split(data: Dataset, fraction: float) -> tuple[Dataset, Dataset]:
    """The first rows for training, the last `fraction` for validation, as Keras does.

    Raises:
        ArgumentError: unless both parts get a row.
    """
    if not isinstance(fraction, (int, float)) or not 0 < fraction < 1:
        raise ArgumentError(
            "validation_split is a part of the rows.",
            where="validation_split=",
            expected="a number between 0 and 1",
            received=repr(fraction),
            remedy="0.2 keeps a fifth of the rows for validation",
        )
    at = int(np.floor(data.rows * (1.0 - fraction)))
    if at == 0 or at == data.rows:
        raise ArgumentError(
            f"{data.rows} rows cannot be split so.",
            where=f"validation_split={fraction}",
            expected="at least one row on either side",
            received=f"{at} and {data.rows - at}",
            remedy="give more rows, or another part",
        )
    target = data.y[0] if data.y else None
    if target is not None and target.ndim == 1 and target.dtype.kind == "i":
        _warn_sorted(target, at)
    return data.part(0, at), data.part(at, data.rows)


def _warn_sorted(target: np.ndarray, at: int) -> None:
    """validation_split takes the tail: of a file sorted by class, another class."""
    unseen = np.setdiff1d(target[at:], target[:at])
    if unseen.size and np.unique(target[:at]).size <= 100:
        warnings.warn(
            f"validation_split takes the last rows, and these hold classes that the "
            f"training rows do not: {unseen[:5].tolist()}. The rows seem to be sorted; "
            "shuffle them first.",
            stacklevel=4,
        )
