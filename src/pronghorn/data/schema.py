"""What a table's columns are: a value that a model's file carries as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from pronghorn.data.levels import FEW, Levels, packed
from pronghorn.errors import FileFormatError

__all__ = [
    "FORMAT",
    "KINDS",
    "USED_KINDS",
    "ColumnSchema",
    "Schema",
    "TargetSchema",
]

FORMAT = 1
"""The version of the JSON; a reader refuses a later one."""

USED_KINDS = ("numeric", "categorical", "boolean", "date")
"""The kinds of columns that a model is fed with."""

KINDS = (*USED_KINDS, "identifier", "constant", "dropped")
"""All kinds; the last three are left out of a model."""

TASKS = ("regression", "classification")

Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class ColumnSchema:
    """One column of the table.

    Attributes:
        name: its name in the table.
        kind: one of `KINDS`.
        present: how many training rows have a value.
        missing: how many training rows have none.
        distinct: how many different values the training rows have.
        whole: whether all numbers are whole.
        low, high: the smallest and largest number; None where there are no numbers.
        categories: what the training rows hold, the most frequent first; many of them
            are `Levels`, and so are those of the encoder, which share their buffer.
        date_format: how dates are spelt, for `datetime.strptime`, or "iso".
        reason: why the column is left out.
        encoder: what the encoder learned from the training rows.
    """

    name: str
    kind: str
    present: int = 0
    missing: int = 0
    distinct: int = 0
    whole: bool = False
    low: float | None = None
    high: float | None = None
    categories: Sequence[str] = ()
    date_format: str | None = None
    reason: str | None = None
    encoder: Parameters = field(default_factory=dict)

    def __post_init__(self) -> None:
        categories = packed(self.categories)
        object.__setattr__(self, "categories", categories)
        known = self.encoder.get("categories", ())
        if (
            isinstance(known, list)
            and len(known) > FEW
            and {*map(type, known)} == {str}
        ):
            encoder = {**self.encoder, "categories": _of(categories, known)}
            object.__setattr__(self, "encoder", encoder)

    @property
    def used(self) -> bool:
        """Whether the column is fed to the model."""
        return self.kind in USED_KINDS


@dataclass(frozen=True)
class TargetSchema:
    """The column to predict.

    Attributes:
        name: its name in the table.
        task: "regression" or "classification".
        labels: the classes as the table spells them, in the order of the outputs.
        log: whether a net predicts the target's logarithm.
        center, scale: a net for regression predicts (y - center) / scale, where y is
            the target or its logarithm.
        low, high: the smallest and the largest target of the training rows; a net with
            hidden layers predicts no further than these.
    """

    name: str
    task: str
    labels: tuple[str, ...] = ()
    log: bool = False
    center: float = 0.0
    scale: float = 1.0
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Schema:
    """A table's columns, its target, and how the table spells what is missing.

    Attributes:
        columns: all columns but the target, in the table's order.
        target: the column to predict.
        missing: further codes for missing, by column name or "*" for every column.
        rows: how many rows were read, trained on, held out and so on, by name.
        net: what the net was made and trained with, by name.
    """

    columns: tuple[ColumnSchema, ...]
    target: TargetSchema
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    net: Parameters = field(default_factory=dict)

    @property
    def used(self) -> tuple[ColumnSchema, ...]:
        """The columns that are fed to the model."""
        return tuple(column for column in self.columns if column.used)

    def column(self, name: str) -> ColumnSchema:
        """The column of this name; a `KeyError` where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def with_columns(self, columns: Sequence[ColumnSchema]) -> Schema:
        """The same schema with the columns of these names replaced."""
        new = {column.name: column for column in columns}
        return replace(self, columns=tuple(new.get(c.name, c) for c in self.columns))

    def to_json(self) -> str:
        """The schema as JSON, with its format's version.

        >>> target = TargetSchema("y", "regression")
        >>> schema = Schema((ColumnSchema("a", "numeric"),), target)
        >>> Schema.from_json(schema.to_json()) == schema
        True
        """
        data = self.to_dict()
        return json.dumps(data, indent=1, allow_nan=False, default=list)

    def to_dict(self) -> dict[str, Any]:
        """What `to_json` writes, for `json.dumps` with `default=list`."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_json(cls, text: str | bytes) -> Schema:
        """The schema that `to_json` wrote.

        Raises:
            FileFormatError: it is none, or of a later version.
        """
        try:
            data = json.loads(text)
        except (ValueError, TypeError) as error:
            raise _no_schema(f"no JSON: {error}") from error
        return cls.from_dict(data)

    @classmethod
    def from_dict(cls, data: Any) -> Schema:
        """The schema that `to_json` wrote, parsed.

        Raises:
            FileFormatError: it is none, or of a later version.
        """
        try:
            data = dict(data)
            version = data.pop("format")
        except (ValueError, KeyError, TypeError) as error:
            raise _no_schema(f"no object with a format: {error}") from error
        if version != FORMAT:
            raise _no_schema(f"format {version!r}; this Pronghorn reads {FORMAT}")
        try:
            return _from_dict(data)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _no_schema(f"{type(error).__name__}: {error}") from error


def _of(categories: Sequence[str], known: Sequence[str]) -> Sequence[str]:
    """Many texts: the first of the categories, unless a file says otherwise."""
    first = categories[: len(known)]
    return first if isinstance(first, Levels) and first == known else packed(known)


def _from_dict(data: dict[str, Any]) -> Schema:
    columns = tuple(_column(dict(c)) for c in data.pop("columns"))
    target = dict(data.pop("target"))
    target["labels"] = tuple(map(str, target["labels"]))
    if target["task"] not in TASKS:
        raise ValueError(f"task {target['task']!r}")
    missing = {str(k): tuple(map(str, v)) for k, v in data.pop("missing").items()}
    return Schema(columns, TargetSchema(**target), missing, **data)


def _column(data: dict[str, Any]) -> ColumnSchema:
    if not isinstance(data["name"], str):
        raise ValueError(f"a column named {data['name']!r}")
    if data["kind"] not in KINDS:
        raise ValueError(f"kind {data['kind']!r}")
    levels, spelling = data["categories"], data.get("date_format")
    if not isinstance(levels, list) or {*map(type, levels)} - {str}:
        raise ValueError(f"categories of {data['name']!r} that are no list of texts")
    if spelling is not None and not isinstance(spelling, str):
        raise ValueError(f"date_format {spelling!r}")
    if not isinstance(data.get("encoder", {}), dict):
        raise ValueError(f"encoder {data['encoder']!r}")
    data["categories"] = tuple(levels)
    return ColumnSchema(**data)


def _no_schema(received: str) -> FileFormatError:
    return FileFormatError(
        "The table's schema cannot be read.",
        where="member pronghorn/schema.json",
        expected=f"a schema of format {FORMAT}",
        received=received,
        remedy="train the model again, or update Pronghorn",
    )
