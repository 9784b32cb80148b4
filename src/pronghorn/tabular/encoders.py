"""Encoders: each learns its parameters from the training rows and is then a value.

An encoder's parameters are plain JSON in the column's schema. A missing value never
becomes a number by chance: numbers take the median and a column of their own says
where; categories, bools and dates have a place for it. What the training rows did not
hold (an unseen category) is told apart from what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from pronghorn.data.levels import Places, places_of
from pronghorn.data.raw import NumberColumn, RawColumn
from pronghorn.data.schema import ColumnSchema
from pronghorn.tabular.values import (
    IDS_FROM,
    MISSING_ID,
    UNSEEN_ID,
    as_text,
    date_parts,
    day_values,
    frequent,
    number_values,
    parts_of,
)

__all__ = [
    "IDS_FROM",
    "MISSING_ID",
    "UNSEEN_ID",
    "encode",
    "feature_names",
    "fit_encoder",
]

ONE_HOT_AT_MOST = 12
"""Categories beyond this many are gathered from an embedding."""

FEWEST_PIECES, MOST_PIECES, ROWS_OF_A_PIECE = 12, 24, 1500
"""A net gets a number's range in pieces of equally many rows, the more the more rows
there are: piecewise linear encoding, Gorishniy et al. 2022, arXiv:2203.05556."""

CLIP = 3.0
"""Where a net's standard score z bends: z / sqrt(1 + (z / CLIP)**2), the smooth
clipping of Holzmueller et al. 2024, arXiv:2407.04491."""


def fit_encoder(column: ColumnSchema, raw: RawColumn, *, linear: bool) -> ColumnSchema:
    """The column with its encoder's parameters.

    Args:
        column: what `infer_columns` found.
        raw: the training rows.
        linear: for a linear unit: every feature is a number of the table, shifted and
            scaled; nothing is clipped, cut or embedded.
    """
    fit = _FITS[column.kind]
    column = replace(column, encoder={**fit(column, raw, linear)})
    if column.encoder["type"] == "embedding":
        return column
    features = _features(column, raw)
    affine = _affine(features, column.encoder)
    return replace(column, encoder={**column.encoder, **affine})


def encode(column: ColumnSchema, raw: RawColumn) -> np.ndarray:
    """One column as a net takes it.

    Returns:
        float32 (rows, features), or int32 ids (rows,) for an embedding.

    Raises:
        DataError: a value that is no number, or no date, where all were in training.
    """
    encoder = column.encoder
    if encoder["type"] == "embedding":
        return _ids(column, raw)
    constants = _constants(column)
    scaled = (_features(column, raw) - constants.center) / constants.scale
    if encoder.get("clip"):
        clip = float(encoder["clip"])
        scaled[:, 0] /= np.hypot(1, scaled[:, 0] / clip)
    return scaled.astype(np.float32)


def feature_names(column: ColumnSchema) -> list[str]:
    """What each feature of the column means, in the table's own words."""
    encoder, name = column.encoder, column.name
    if encoder["type"] == "date":
        names = [f"{name}: {part}" for part in encoder["parts"]]
    elif encoder["type"] == "one_hot":
        names = [f"{name} = {category}" for category in encoder["categories"]]
    elif encoder["type"] == "boolean":
        names = [f"{name} = {column.categories[1]}"]
    else:
        edges = encoder.get("edges", ())
        names = [name, *(f"{name} above {edge:g}" for edge in edges[:-1])]
    return [*names, f"{name} is missing"] if encoder["missing"] else names


Encoder = dict[str, Any]


class _Constants:
    """An encoder's parameters in the form that rows are computed with."""

    __slots__ = ("center", "low", "one_hot", "places", "scale", "width")

    def __init__(self, encoder: Mapping[str, Any]) -> None:
        edges = np.array(encoder.get("edges", ()))
        categories = encoder.get("categories", ())
        embedded = encoder["type"] == "embedding"
        first = IDS_FROM if embedded else 0
        self.center = np.array(encoder.get("center", ()))
        self.scale = np.array(encoder.get("scale", ()))
        self.low, self.width = edges[:-1], np.diff(edges)
        self.places = places_of(categories, first)
        self.one_hot = np.zeros((0, 0))
        if not embedded:  # the last row is for what is no category
            self.one_hot = np.eye(len(categories) + 1, len(categories))


def _constants(column: ColumnSchema) -> _Constants:
    """Made once for each column, and kept with it as a cached property would be."""
    kept = vars(column)
    found: _Constants | None = kept.get("_constants")
    if found is None:
        found = kept["_constants"] = _Constants(column.encoder)
    return found


def _fit_numeric(column: ColumnSchema, raw: RawColumn, linear: bool) -> Encoder:
    values = number_values(column, raw)
    present = values[~np.isnan(values)]
    encoder: Encoder = {
        "type": "numeric",
        "fill": float(np.median(present)),
        "missing": bool(column.missing),
    }
    if not linear:
        pieces = len(present) // ROWS_OF_A_PIECE
        pieces = min(max(pieces, FEWEST_PIECES), MOST_PIECES)
        edges = np.unique(np.quantile(present, np.linspace(0, 1, pieces + 1)))
        encoder["clip"] = CLIP
        if len(edges) > 2:
            encoder["edges"] = edges.tolist()
    return encoder


def _fit_boolean(column: ColumnSchema, raw: RawColumn, linear: bool) -> Encoder:
    return {"type": "boolean", "missing": bool(column.missing)}


def _fit_date(column: ColumnSchema, raw: RawColumn, linear: bool) -> Encoder:
    days = day_values(column, raw)
    present = days[~np.isnan(days)]
    return {
        "type": "date",
        "parts": parts_of(present),
        "fill": float(np.median(present)),
        "missing": bool(column.missing),
    }


def _fit_categorical(column: ColumnSchema, raw: RawColumn, linear: bool) -> Encoder:
    if not linear and len(column.categories) > ONE_HOT_AT_MOST:
        known = frequent(column, raw)
        return {"type": "embedding", "categories": known, "missing": False}
    few = len(column.categories) <= 2
    return {
        "type": "one_hot",
        "categories": list(column.categories) if few else frequent(column, raw),
        "missing": bool(column.missing),
    }


_FITS: dict[str, Callable[[ColumnSchema, RawColumn, bool], Encoder]] = {
    "numeric": _fit_numeric,
    "boolean": _fit_boolean,
    "date": _fit_date,
    "categorical": _fit_categorical,
}


def _affine(features: np.ndarray, encoder: Mapping[str, Any]) -> Encoder:
    """Standard scores; a net's clipped number takes the median and quartiles."""
    center, scale = features.mean(axis=0), features.std(axis=0)
    if encoder.get("clip"):
        low, middle, high = np.quantile(features[:, 0], (0.25, 0.5, 0.75))
        spread = (high - low) / 1.349
        if spread > 0:
            center[0], scale[0] = middle, spread
    scale[scale == 0] = 1.0
    return {"center": center.tolist(), "scale": scale.tolist()}


def _features(column: ColumnSchema, raw: RawColumn) -> np.ndarray:
    """The features before they are scaled: float64, (rows, features)."""
    encoder = column.encoder
    made = _FEATURES[encoder["type"]](column, raw)
    if encoder["missing"]:
        made = np.column_stack([made, raw.missing])
    return np.asarray(made, np.float64)


def _numeric_features(column: ColumnSchema, raw: RawColumn) -> np.ndarray:
    values = number_values(column, raw)
    values = np.where(np.isnan(values), column.encoder["fill"], values)
    constants = _constants(column)
    low = constants.low
    if not len(low):
        return values[:, None]
    made = np.empty((len(values), 1 + len(low)))
    made[:, 0] = values
    places = made[:, 1:]
    np.subtract(values[:, None], low, out=places)
    np.divide(places, constants.width, out=places)
    places.clip(0.0, 1.0, out=places)
    return made


def _boolean_features(column: ColumnSchema, raw: RawColumn) -> np.ndarray:
    """1 for true, 0 for false, a half for what is missing or neither."""
    false, true = (category.lower() for category in column.categories)
    if isinstance(raw, NumberColumn):
        known = (raw.values == 0) | (raw.values == 1)
        return np.where(known, raw.values, 0.5)[:, None]
    raw = as_text(raw)
    levels = [{true: 1.0, false: 0.0}.get(level.lower(), 0.5) for level in raw.levels]
    return np.asarray(np.array([*levels, 0.5])[raw.codes][:, None])


def _date_features(column: ColumnSchema, raw: RawColumn) -> np.ndarray:
    days = day_values(column, raw)
    days = np.where(np.isnan(days), column.encoder["fill"], days)
    return np.column_stack(date_parts(days, column.encoder["parts"]))


def _one_hot_features(column: ColumnSchema, raw: RawColumn) -> np.ndarray:
    constants = _constants(column)
    unknown = len(constants.one_hot) - 1
    return np.asarray(constants.one_hot[_places(raw, constants.places, unknown)])


_FEATURES: dict[str, Callable[[ColumnSchema, RawColumn], np.ndarray]] = {
    "numeric": _numeric_features,
    "boolean": _boolean_features,
    "date": _date_features,
    "one_hot": _one_hot_features,
}


def _ids(column: ColumnSchema, raw: RawColumn) -> np.ndarray:
    places = _places(raw, _constants(column).places, UNSEEN_ID)
    return np.where(raw.missing, MISSING_ID, places).astype(np.int32)


def _places(raw: RawColumn, places: Places, unknown: int) -> np.ndarray:
    """The place of each value among the categories; `unknown` for all others."""
    raw = as_text(raw)
    found = map(places.get, raw.levels)
    levels = [unknown if place is None else place for place in found]
    return np.asarray(np.array([*levels, unknown], np.int64)[raw.codes])
