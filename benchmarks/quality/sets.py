"""The tables, the two halves of them, and their splits."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

MOST = 20_000  # rows of a set; of larger ones so many are drawn, by seed
PARTS = {"train": 0.6, "valid": 0.2, "test": 0.2}
SEEDS = (0, 1, 2)


@dataclass(frozen=True)
class TableSet:
    """A table of the comparison.

    Attributes:
        name: what `pronghorn.datasets.load` calls it.
        half: "dev", on which the recipe may be chosen, or "held".
        slow: whether the learners that take minutes run on it too.
        without: columns left out, beyond identifiers, giveaways and groups, with why.
        years: date columns of which the year is taken, as a number.
    """

    name: str
    half: str
    slow: bool = False
    without: dict[str, str] = field(default_factory=dict)
    years: tuple[str, ...] = ()


_TEXT = "free text"
SETS: dict[str, TableSet] = {
    each.name: each
    for each in (
        # Regression, small to large.
        TableSet("mpg", "dev"),
        TableSet("sklearn/diabetes", "held"),
        TableSet("concrete", "dev", slow=True),
        TableSet("fuel", "held", slow=True),
        TableSet("house-prices", "held", slow=True),
        TableSet("red-wine", "dev", slow=True),
        TableSet("abalone", "held", slow=True),
        TableSet("white-wine", "dev"),
        TableSet(
            "bike",
            "dev",
            without={"dteday": "its year, month and day of week have columns"},
        ),
        TableSet("california", "dev", slow=True),
        TableSet(
            "spotify",
            "held",
            without={
                "track_name": _TEXT,
                "track_album_name": _TEXT,
                "playlist_name": "names the playlist as playlist_id does",
            },
            years=("track_album_release_date",),
        ),
        TableSet("diamonds", "held"),
        # Classification, small to large.
        TableSet("heart", "dev"),
        TableSet("penguins", "held"),
        TableSet("ion", "dev"),
        TableSet("sklearn/breast_cancer", "held"),
        TableSet("pima", "held", slow=True),
        TableSet("titanic", "dev", slow=True),
        TableSet("german-credit", "dev"),
        TableSet("sklearn/digits", "held", slow=True),
        TableSet("telco-churn", "dev", slow=True),
        TableSet("susy", "held"),
        TableSet("higgs", "dev"),
        TableSet("credit-default", "held"),
        TableSet("bank", "held"),
        TableSet("adult", "dev"),
        TableSet("covertype", "dev"),
        TableSet("hotel", "held"),
    )
}


@dataclass(frozen=True)
class Task:
    """What all learners are asked.

    Attributes:
        x: a data frame, (rows, features): numbers and texts as they were loaded.
        y: float64 targets, or int64 classes from 0.
        classes: how many; 0 for a regression.
        groups: equal values belong into one part; None where rows are split.
    """

    x: Any
    y: np.ndarray
    classes: int
    groups: np.ndarray | None


def task(name: str, frame: Any = None) -> Task:
    """A table without what gives the answer away, names a row, or is there twice.

    Args:
        name: one of SETS.
        frame: the table. Default: what `pronghorn.datasets.load` gives.
    """
    from pronghorn import datasets

    about, chosen = datasets.describe(name), SETS[name]
    found = datasets.load(name) if frame is None else frame
    found = found.drop_duplicates(ignore_index=True)
    target = found[about.target]
    if about.task == "regression":
        y, classes = target.to_numpy(float), 0
    else:
        levels, codes = np.unique(target.to_numpy(), return_inverse=True)
        y, classes = codes.astype(np.int64), len(levels)
    groups = None
    if about.groups:
        groups = found[about.groups[-1]].fillna("").astype(str).to_numpy()
    x = found.drop(columns=[c for c in left_out(name) if c in found])
    for column in chosen.years:
        x[column] = x[column].str[:4].astype(float)
    return Task(x, y, classes, groups)


def left_out(name: str) -> list[str]:
    """The columns that no learner sees; the target is the first of them."""
    from pronghorn import datasets

    about = datasets.describe(name)
    out = (about.target, *about.identifiers, *about.giveaways, *about.groups)
    return list(dict.fromkeys([*out, *SETS[name].without]))


def split(
    name: str, seed: int, rows: int, groups: Sequence[Any] | None = None
) -> dict[str, np.ndarray]:
    """Row numbers of the parts: they depend on nothing but name, seed and rows.

    At most MOST rows are drawn. Groups stay whole, so their parts have about the sizes
    that PARTS says.

    Args:
        name: of the set.
        seed: of the split.
        rows: how many the set has.
        groups: of each row.
    """
    generator = np.random.default_rng([seed, zlib.crc32(name.encode())])
    if groups is None:
        members = generator.permutation(rows)[:, None]
        sizes = np.ones(rows, np.int64)
    else:
        _, codes = np.unique(np.asarray(groups), return_inverse=True)
        order = generator.permutation(codes.max() + 1)
        by_group = np.split(np.argsort(codes, kind="stable"),
                            np.cumsum(np.bincount(codes))[:-1])  # fmt: skip
        members = [by_group[code] for code in order]
        sizes = np.array([len(m) for m in members])
    ends = np.cumsum(sizes)
    total = min(rows, MOST)
    parts, start, share = {}, 0, 0.0
    for part, more in PARTS.items():
        share += more
        stop = int(np.searchsorted(ends, round(share * total), side="right"))
        parts[part] = np.concatenate(list(members[start:stop]))
        start = stop
    return parts


def digest(parts: dict[str, np.ndarray], y: np.ndarray) -> str:
    """A few letters that differ where splits or targets do."""
    crc = 0
    for rows in parts.values():
        crc = zlib.crc32(np.ascontiguousarray(rows, np.int64).tobytes(), crc)
    return f"{zlib.crc32(np.ascontiguousarray(y, float).tobytes(), crc):08x}"
