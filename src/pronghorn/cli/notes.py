"""What a user should know of a table beside its model: what is new, what tells all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pronghorn.cli.workflow import Prepared, Scores
from pronghorn.data.infer import Notice
from pronghorn.data.raw import (
    NumberColumn,
    RawColumn,
    RawTable,
    TextColumn,
    text_column,
)
from pronghorn.data.schema import ColumnSchema, Schema
from pronghorn.errors import DataError, closest
from pronghorn.tabular.prepare import encode_target

__all__ = ["too_good", "unknown_labels", "unseen_categories"]

SHOWN = 5
FEW_ROWS, NEARLY_ALL = 100, 0.99
ALIKE = 0.8
"""Correlations beyond this are told."""


def unseen_categories(schema: Schema, table: RawTable) -> list[Notice]:
    """A notice for each column with values that no training row had."""
    found = []
    for column in schema.used:
        if column.kind in ("categorical", "boolean") and column.name in table.columns:
            levels, rows = _unseen(column, table.columns[column.name])
            if levels:
                found.append(_unseen_notice(column, levels, rows))
    return found


def unknown_labels(schema: Schema, table: RawTable) -> list[Notice]:
    """A notice where some rows have a class that the model cannot predict.

    Raises:
        DataError: no row has a class of the model's.
    """
    target = schema.target
    if target.task != "classification":
        return []
    texts = np.array([t for t in table.column(target.name).text() if t], dtype=object)
    strange = ~np.isin(texts.astype(str), np.array(target.labels))
    if not strange.any():
        return []
    labels = _listed(sorted(set(texts[strange].tolist())))
    if strange.all():
        raise DataError(
            f"The model knows no class that {table.source} holds in {target.name!r}.",
            where=f"column {target.name!r}",
            expected=f"classes {_listed(target.labels)}",
            received=f"classes {labels}",
            remedy="spell the classes as in the training table; "
            + closest(str(texts[strange][0]), target.labels),
        )
    what = f"holds, in {_rows(int(strange.sum()))} of {len(texts):,}, {labels}"
    return [
        Notice(
            target.name,
            f"{what}: the model does not know this, so it is wrong in these rows",
            f"it knows {_listed(target.labels)}",
        )
    ]


def too_good(prepared: Prepared, scores: Scores | None) -> list[Notice]:
    """A notice where predictions are so good that a column may hold the answer."""
    if scores is None or prepared.table.rows <= FEW_ROWS:
        return []
    name = prepared.schema.target.name
    if scores.model.get("R2", 0.0) > NEARLY_ALL:
        told = f"is predicted nearly without error (R2 above {NEARLY_ALL})"
    elif scores.model.get("error") == 0:
        told = "is predicted without an error"
    else:
        return []
    remedy = "a column may give the answer away"
    column = _most_telling(prepared)
    if column:
        remedy += f", {column!r} most likely: if it is not known beforehand, --drop it"
    return [Notice(name, told, remedy)]


def _most_telling(prepared: Prepared) -> str | None:
    """The numeric column that goes along with the target the most, if one does."""
    schema, rows = prepared.schema, prepared.training
    answers = prepared.table.columns[schema.target.name].take(rows)
    target = encode_target(schema, answers)
    best, most = None, ALIKE
    for column in schema.used:
        raw = prepared.table.columns[column.name].take(rows)
        if isinstance(raw, NumberColumn) and not raw.missing.any():
            spread = raw.values.std() * target.std()
            shared = np.mean(
                (raw.values - raw.values.mean()) * (target - target.mean())
            )
            if spread and abs(shared / spread) > most:
                best, most = column.name, abs(shared / spread)
    return best


def _unseen(column: ColumnSchema, raw: RawColumn) -> tuple[list[str], int]:
    """The texts that are no category, and how many rows hold one."""
    if not isinstance(raw, TextColumn):
        raw = text_column(raw.name, [text or None for text in raw.text()])
    fold = str.lower if column.kind == "boolean" else str
    known = {fold(category) for category in column.categories}
    strange = np.array([fold(level) not in known for level in raw.levels] + [False])
    counts = np.bincount(raw.codes[strange[raw.codes]], minlength=len(raw.levels))
    return [raw.levels[i] for i in np.flatnonzero(counts)], int(counts.sum())


def _unseen_notice(column: ColumnSchema, levels: Sequence[str], rows: int) -> Notice:
    many = f" and {len(levels) - 1:,} more" if len(levels) > 1 else ""
    rarest = "what was learned from the rarest categories stands for it"
    stands = {
        "embedding": rarest,
        "ids": rarest,
        "one_hot": "it is taken as none of the known categories",
        "boolean": "halfway between the two known values stands for it",
    }[column.encoder["type"]]
    return Notice(
        column.name,
        f"holds {levels[0]!r}{many}, not seen in training, in {_rows(rows)}; {stands}",
    )


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _listed(labels: Sequence[str]) -> str:
    more = f", and {len(labels) - SHOWN:,} more" if len(labels) > SHOWN else ""
    return ", ".join(map(repr, labels[:SHOWN])) + more
