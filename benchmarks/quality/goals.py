"""What was aimed at, and how far it is met: on all sets, and on each half of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
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
from benchmarks.quality.sets import SETS
from benchmarks.report import table

HALVES = ("all", "dev", "held")
QUICK = ("lightgbm", "xgboost", "sklearn-mlp")
NETS = ("realmlp-td", "tabm-d")
Found = tuple[str, bool | None]  # what was found, and whether it is enough, if known
Judge = Callable[[Figures, Sequence[str]], Found]  # of figures and sets


def lines(figures: Figures) -> Iterator[str]:
    """A table of the goals that can be judged."""
    rows = []
    for title, learners, judge in goals():
        sets = [s for s in figures.rows if all(figures.has(s, n) for n in learners)]
        if not sets:
            continue
        cells = []
        for half in HALVES:
            mine = [s for s in sets if half in ("all", SETS[s].half)]
            text, met = judge(figures, mine) if mine else ("-", None)
            cells.append(f"**{text}**" if met is False else text)
        rows.append([title, str(len(sets)), *cells])
    if not rows:
        return
    yield from ("## Goals", "")
    yield "Where one is not met, what was found is in bold."
    yield ""
    yield from table(("goal", "sets", "all", "dev", "held"), rows)


def goals() -> Iterator[tuple[str, tuple[str, str], Judge]]:
    """Each goal: what it says, our learner and the other, and how it is judged."""
    ours = "pronghorn-default"
    for other in QUICK:
        yield _ranked(ours, other)
    for other in NETS:
        title = f"{_label(ours)}: errors at most 2 % beyond {_label(other)}'s"
        yield title, (ours, other), partial(_near, ours=ours, other=other)
        yield _timed(ours, other, "cpu_s", 0.1, "a tenth of {}'s CPU seconds")
    for other in (*QUICK, "catboost", *NETS):
        yield _ranked("pronghorn-best", other)
    ours, other = "pronghorn-fast", "lightgbm"
    level = partial(_level, ours=ours, other=other)
    yield f"{_label(ours)}: errors at {_label(other)}'s level", (ours, other), level
    for what, name in (("wall_s", "wall"), ("cpu_s", "CPU")):
        yield _timed(ours, other, what, 1.5, f"at most 1.5 times {{}}'s {name} seconds")


def _ranked(ours: str, other: str) -> tuple[str, tuple[str, str], Judge]:
    title = f"{_label(ours)}: mean rank better than {_label(other)}'s"
    return title, (ours, other), partial(_rank, ours=ours, other=other)


def _timed(
    ours: str, other: str, what: str, most: float, text: str
) -> tuple[str, tuple[str, str], Judge]:
    judge = partial(_share, ours=ours, other=other, what=what, most=most)
    return f"{_label(ours)}: {text.format(_label(other))}", (ours, other), judge


def _rank(figures: Figures, sets: Sequence[str], *, ours: str, other: str) -> Found:
    """Among all learners that have the sets."""
    placed = ranks(figures.errors(sets, field(figures, sets, list(LEARNERS))[0]))
    gap = interval([v[ours] - v[other] for v in placed.values()])
    means = [f"{over_sets(placed, name).mean:.2f}" for name in (ours, other)]
    return f"{means[0]} to {means[1]}: {_signed(gap)}", gap.mean < 0


def _near(figures: Figures, sets: Sequence[str], *, ours: str, other: str) -> Found:
    gap = _gap(figures, sets, ours, other)
    return f"{_signed(gap)} %", gap.mean <= 2


def _level(figures: Figures, sets: Sequence[str], *, ours: str, other: str) -> Found:
    """No worse, or so little that the interval holds none."""
    gap = _gap(figures, sets, ours, other)
    return f"{_signed(gap)} %", gap.low <= 0


def _gap(figures: Figures, sets: Sequence[str], ours: str, other: str) -> Value:
    return percent(over_sets(logs(figures.errors(sets, [ours, other]), other), ours))


def _share(
    figures: Figures,
    sets: Sequence[str],
    *,
    ours: str,
    other: str,
    what: str,
    most: float,
) -> Found:
    """The median over the sets of our seconds over the other's."""
    if what == "wall_s" and not figures.quiet(sets, ours, other):
        return "busy machine", None
    share = ratio(figures.means(sets, [ours, other], itemgetter(what)), ours, other)
    return f"{share:.3g} times", share <= most


def _label(name: str) -> str:
    return LEARNERS[name].label


def _signed(value: Value) -> str:
    return f"{value.mean:+.2f} [{value.low:+.2f}, {value.high:+.2f}]"
