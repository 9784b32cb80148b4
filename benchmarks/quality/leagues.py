"""The arithmetic of the report: means over seeds, ranks, distances, ratios, intervals.

A league compares learners on sets that all of them have been run on; of each set the
seeds that all have.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.quality.store import Row

BUSY = 2.5  # the load from which wall seconds say nothing
DRAWS = 2_000  # of sets with replacement, for an interval
Means = dict[str, dict[str, float]]  # by set, by learner


@dataclass(frozen=True)
class Value:
    """A mean over sets, and what 95 % of the draws of sets lie between."""

    mean: float
    low: float
    high: float


def measure_of(row: Row, loss: str) -> str:
    """What a row is judged by: rmse, or of classifications `loss`."""
    return "rmse" if "rmse" in row else loss


class Figures:
    """Rows by set, learner and seed.

    Args:
        rows: one of each; those that failed are left out.

    Raises:
        ValueError: two learners had other splits of the same set and seed.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows: dict[str, dict[str, dict[int, Row]]] = {}
        splits: dict[tuple[str, int], str] = {}
        for row in rows:
            if "failed" in row:
                continue
            at = (row["set"], row["seed"])
            if splits.setdefault(at, row["split"]) != row["split"]:
                raise ValueError(
                    f"{row['learner']} had another split of {at[0]}, seed {at[1]}, "
                    "than the learners before it: measure it again"
                )
            learners = self.rows.setdefault(row["set"], {})
            learners.setdefault(row["learner"], {})[row["seed"]] = row

    def has(self, name: str, learner: str) -> bool:
        """Whether a learner has been run on a set."""
        return learner in self.rows.get(name, {})

    def quiet(self, sets: Sequence[str], *learners: str) -> bool:
        """Whether the machine was idle enough for their wall seconds, mostly."""
        rows = [
            [row["load"] for s in sets for row in self.rows[s][learner].values()]
            for learner in learners
        ]
        return all(np.median(loads) <= BUSY for loads in rows)

    def seeds(self, name: str, learners: Sequence[str]) -> list[int]:
        """Of a set, those that all the learners have."""
        found = [set(self.rows[name][learner]) for learner in learners]
        return sorted(set.intersection(*found)) if found else []

    def means(
        self,
        sets: Sequence[str],
        learners: Sequence[str],
        value: Callable[[Row], float],
    ) -> Means:
        """Over the seeds that all have; sets without such a seed are left out."""
        found: Means = {}
        for name in sets:
            seeds = self.seeds(name, learners)
            if seeds:
                found[name] = {
                    learner: float(
                        np.mean([value(self.rows[name][learner][s]) for s in seeds])
                    )
                    for learner in learners
                }
        return found

    def errors(
        self, sets: Sequence[str], learners: Sequence[str], loss: str = "error"
    ) -> Means:
        """Mean errors, none smaller than what the test part can tell.

        A classification's share of errors counts as half a row where there is none, so
        that ratios exist.
        """

        def value(row: Row) -> float:
            measure = measure_of(row, loss)
            least = 0.5 / row["rows"]["test"] if measure == "error" else 1e-9
            return max(float(row[measure]), least)

        return self.means(sets, learners, value)


def ranks(means: Means) -> Means:
    """By set: 1 for the least; equal ones share the mean of their places."""
    found: Means = {}
    for name, values in means.items():
        all_values = list(values.values())
        found[name] = {
            learner: sum(other < mine for other in all_values)
            + (1 + sum(other == mine for other in all_values)) / 2
            for learner, mine in values.items()
        }
    return found


def distances(means: Means) -> Means:
    """By set: (error - least error) / least error."""
    return {
        name: {n: value / min(values.values()) - 1 for n, value in values.items()}
        for name, values in means.items()
    }


def logs(means: Means, other: str) -> Means:
    """By set: the logarithm of each learner's value over another learner's."""
    return {
        name: {n: math.log(value / values[other]) for n, value in values.items()}
        for name, values in means.items()
    }


def over_sets(values: Means, learner: str) -> Value:
    """The mean over the sets, with a bootstrap interval over them."""
    return interval([each[learner] for each in values.values()])


def interval(values: Sequence[float]) -> Value:
    """The mean of values, and the middle 95 % of the means of draws of them."""
    found = np.asarray(values, float)
    draws = np.random.default_rng(0).integers(len(found), size=(DRAWS, len(found)))
    low, high = np.quantile(found[draws].mean(1), [0.025, 0.975])
    return Value(float(found.mean()), float(low), float(high))


def percent(value: Value) -> Value:
    """Of logarithms: by how many percent more, of their geometric mean."""
    made = [100 * math.expm1(v) for v in (value.mean, value.low, value.high)]
    return Value(*made)


def ratio(means: Means, learner: str, other: str) -> float:
    """The median over the sets of one learner's value over the other's."""
    return float(np.median([v[learner] / v[other] for v in means.values()]))


def field(
    figures: Figures, sets: Sequence[str], learners: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Who can be compared on sets: those that have them all, and those that do not."""
    inside = [n for n in learners if sets and all(figures.has(s, n) for s in sets)]
    some = [n for n in learners if any(figures.has(s, n) for s in sets)]
    return inside, [n for n in some if n not in inside]


def by_seed(rows: Mapping[int, Row], measure: str) -> list[float]:
    """A learner's errors on a set, in the order of seeds."""
    return [float(rows[seed][measure]) for seed in sorted(rows)]
