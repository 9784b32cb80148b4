"""Comparing two sets of results, leaf by leaf."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.conformance.case import Case, Results

CONFIG_TOLERANCE = 1e-6  # floats inside a config: float32 read back as Python's


@dataclass(frozen=True)
class Difference:
    """One compared leaf: how far apart, and how far it may be.

    Attributes:
        path: where in the results.
        size: the difference; infinite where the two cannot be compared.
        limit: the largest accepted.
        note: what was expected and received, where the size does not tell.
    """

    path: str
    size: float
    limit: float
    note: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the difference is within its limit."""
        return self.size <= self.limit


def is_numeric(value: Any) -> bool:
    """Whether `value` is an array of floats."""
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def is_weights(path: str, value: Any) -> bool:
    """Whether `value` is a list of arrays that is compared by its norm."""
    return path.startswith("weights") and isinstance(value, list) and bool(value)


def compare(case: Case, expected: Results, actual: Results) -> list[Difference]:
    """Every leaf of the two results, compared."""
    return list(_compare(case, "", expected, actual))


def failures(case: Case, expected: Results, actual: Results) -> list[Difference]:
    """The leaves that differ by more than they may."""
    return [d for d in compare(case, expected, actual) if not d.accepted]


def _compare(case: Case, path: str, old: Any, new: Any) -> Iterator[Difference]:
    if is_weights(path, old):
        yield _norm(path, old, new, case.limit(path))
    elif is_numeric(old):
        yield _floats(path, old, new, case.limit(path))
    elif isinstance(old, dict) and isinstance(new, dict):
        yield _exact(f"{path} keys", sorted(old), sorted(new))
        for key in old:
            if key in new:
                yield from _compare(case, _join(path, key), old[key], new[key])
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for i, (a, b) in enumerate(zip(old, new, strict=True)):
            yield from _compare(case, _join(path, i), a, b)
    elif isinstance(old, float) and isinstance(new, int | float):
        yield _floats(path, np.asarray(old), np.asarray(new), CONFIG_TOLERANCE)
    else:
        yield _exact(path, old, new)


def _join(path: str, key: Any) -> str:
    return f"{path}/{key}" if path else str(key)


def _exact(path: str, old: Any, new: Any) -> Difference:
    if isinstance(old, np.ndarray) or isinstance(new, np.ndarray):
        same = _shape(old) == _shape(new) and bool(np.all(old == new))
    else:
        same = type(old) is type(new) and old == new
    note = "" if same else f"expected {old!r}, received {new!r}"
    return Difference(path, 0.0 if same else np.inf, 0.0, note)


def _shape(value: Any) -> tuple[int, ...] | None:
    return value.shape if isinstance(value, np.ndarray) else None


def _norm(path: str, old: list[Any], new: Any, limit: float) -> Difference:
    shapes = [np.shape(a) for a in old], [np.shape(a) for a in new]
    if shapes[0] != shapes[1]:
        note = f"expected shapes {shapes[0]}, received {shapes[1]}"
        return Difference(path, np.inf, limit, note)
    a = np.concatenate([np.ravel(part).astype("float64") for part in old])
    b = np.concatenate([np.ravel(part).astype("float64") for part in new])
    scale = float(np.linalg.norm(a)) or 1.0
    return Difference(path, _finite(np.linalg.norm(a - b) / scale), limit)


def _floats(path: str, old: np.ndarray, new: Any, limit: float) -> Difference:
    if np.shape(new) != old.shape or np.asarray(new).dtype.kind not in "fiu":
        note = f"expected shape {old.shape}, received {np.shape(new)}: {new!r}"
        return Difference(path, np.inf, limit, note)
    a, b = old.astype("float64"), np.asarray(new, dtype="float64")
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    if same.all():
        return Difference(path, 0.0, limit)
    scale = np.abs(a) if path.startswith("history") else np.max(np.abs(a[~np.isnan(a)]))
    relative = np.abs(a - b) / np.maximum(scale, 1e-6)
    size = _finite(np.max(np.where(same, 0.0, relative)))
    note = f"expected {a.ravel()[:4]}, received {b.ravel()[:4]}"
    return Difference(path, size, limit, note)


def _finite(size: Any) -> float:
    return float(size) if np.isfinite(size) else float("inf")
