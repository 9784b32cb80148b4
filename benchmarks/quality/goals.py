"""What was aimed at, and how far it is met."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import itemgetter

from benchmarks.quality.leagues import (
    Figures,
    Value,
    field,
    interval,
    logs,
    over_sets,
    percent,
    ranks,
    ratio,
)
from benchmarks.quality.learners import LEARNERS
from benchmarks.report import table

BOOSTING = ("lightgbm", "xgboost", "sklearn-mlp")
NETS = ("realmlp-td", "tabm-d")


def lines(figures: Figures) -> Iterator[str]:
    """A table of the goals that can be judged."""
    rows = [
        *_ranked(figures, "pronghorn-default", BOOSTING),
        *_near(figures, "pronghorn-default", NETS),
        *_ranked(figures, "pronghorn-best", (*BOOSTING, "catboost", *NETS)),
        *_fast(figures),
    ]
    if not rows:
        return
    yield from ("## Goals", "")
    yield from table(("goal", "sets", "found", ""), rows)


def _shared(figures: Figures, learners: Sequence[str]) -> list[str]:
    """The sets that all the learners have."""
    return [s for s in figures.rows if all(figures.has(s, n) for n in learners)]


def _ranked(figures: Figures, ours: str, others: Sequence[str]) -> Iterator[list[str]]:
    """Better in mean rank than each of others, among all that have the sets."""
    for other in others:
        sets = _shared(figures, [ours, other])
        if not sets:
            continue
        learners = field(figures, sets, list(LEARNERS))[0]
        placed = ranks(figures.errors(sets, learners))
        gap = interval([v[ours] - v[other] for v in placed.values()])
        yield [
            f"{_label(ours)}: mean rank better than {_label(other)}'s",
            str(len(placed)),
            f"{over_sets(placed, ours).mean:.2f} against "
            f"{over_sets(placed, other).mean:.2f}, by {_signed(gap)}",
            _judged(gap.mean < 0),
        ]


def _near(figures: Figures, ours: str, others: Sequence[str]) -> Iterator[list[str]]:
    """Errors within 2 %, in a tenth of the CPU time."""
    for other in others:
        sets = _shared(figures, [ours, other])
        if not sets:
            continue
        means = figures.errors(sets, [ours, other])
        gap = percent(over_sets(logs(means, other), ours))
        yield [
            f"{_label(ours)}: errors at most 2 % beyond {_label(other)}'s",
            str(len(means)),
            f"{_signed(gap)} %",
            _judged(gap.mean <= 2),
        ]
        cpu = figures.means(sets, [ours, other], itemgetter("cpu_s"))
        share = ratio(cpu, ours, other)
        yield [
            f"{_label(ours)}: a tenth of {_label(other)}'s CPU time",
            str(len(cpu)),
            f"{share:.3f} of it (median)",
            _judged(share <= 0.1),
        ]


def _fast(figures: Figures) -> Iterator[list[str]]:
    """At LightGBM's level, in its time."""
    ours, other = "pronghorn-fast", "lightgbm"
    sets = _shared(figures, [ours, other])
    if not sets:
        return
    means = figures.errors(sets, [ours, other])
    gap = percent(over_sets(logs(means, other), ours))
    yield [
        f"{_label(ours)}: errors at LightGBM's level",
        str(len(means)),
        f"{_signed(gap)} %",
        _judged(gap.low <= 0),
    ]
    for what, name in (("wall_s", "wall"), ("cpu_s", "CPU")):
        times = figures.means(sets, [ours, other], itemgetter(what))
        share = ratio(times, ours, other)
        yield [
            f"{_label(ours)}: at most 1.5 times LightGBM's {name} time",
            str(len(times)),
            f"{share:.2f} times (median)",
            _judged(share <= 1.5),
        ]


def _label(name: str) -> str:
    return LEARNERS[name].label


def _signed(value: Value) -> str:
    return f"{value.mean:+.2f} [{value.low:+.2f}, {value.high:+.2f}]"


def _judged(met: bool) -> str:
    return "met" if met else "**missed**"
