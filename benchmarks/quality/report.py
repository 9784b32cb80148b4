"""The report: results.md and chart.svg, of the rows."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.quality import goals
from benchmarks.quality.leagues import (
    BUSY,
    Figures,
    Means,
    Value,
    by_seed,
    distances,
    field,
    logs,
    over_sets,
    percent,
    ranks,
    ratio,
)
from benchmarks.quality.learners import LEARNERS
from benchmarks.quality.sets import SETS
from benchmarks.quality.store import FOLDER, Row
from benchmarks.report import amount, table

TABLE, CHART = "results.md", "chart.svg"
BASE = "xgboost"  # that all errors are compared with
HALVES = {"all": "All sets", "dev": "Dev sets", "held": "Held sets"}
SLOW = [name for name, kind in LEARNERS.items() if kind.slow]
QUICK = [name for name in LEARNERS if name not in SLOW]


def write(rows: Sequence[Row], folder: Path = FOLDER) -> None:
    """Writes both files."""
    figures = Figures(rows)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / TABLE).write_text("\n".join(lines(rows, figures)).rstrip() + "\n")
    chart = importlib.import_module("benchmarks.quality.chart")
    panels = {
        "all sets": _dots(chart, figures, *_league(figures, "all", slow=False)),
        "sets with the slow learners": _dots(
            chart, figures, *_league(figures, "all", slow=True)
        ),
    }
    chart.draw(panels, folder / CHART)


def lines(rows: Sequence[Row], figures: Figures) -> Iterator[str]:
    """All of results.md."""
    yield from ("# How well learners do on tables", "")
    yield "Made by `make quality`: [how, and on which tables](../../../docs/quality.md)"
    yield from ("", "![errors against CPU seconds](chart.svg)", "")
    yield from _notes()
    yield from goals.lines(figures)
    for half, title in HALVES.items():
        for slow in (False, True):
            yield from _standing(figures, half, title, slow)
    yield from _sets(figures)
    yield from _seconds(figures)
    yield from _about(rows)


def _notes() -> Iterator[str]:
    yield "- On **dev** sets our recipe may be chosen, on **held** ones not."
    yield "- **rank**: place among the learners of the table, by the mean over seeds."
    yield "- **beyond best**: (error - least) / least, of the set's learners; the mean."
    yield "- **beyond XGBoost**: geometric mean of error / XGBoost's error, less one."
    yield "- Errors are RMSE, or the share of errors; in tables by log loss, log loss."
    yield "- In brackets: 95 % intervals, by drawing sets with replacement."
    yield "- Ratios of seconds are medians over sets, of fit and predict."
    yield f"- **busy**: no wall seconds, for the load was above {BUSY} when they ran."
    yield ""


def _league(figures: Figures, half: str, slow: bool) -> tuple[list[str], list[str]]:
    """The sets of a league and its learners."""
    sets = [s for s in figures.rows if half in ("all", SETS[s].half)]
    learners = list(LEARNERS)
    if slow:
        there = [n for n in SLOW if any(figures.has(s, n) for s in figures.rows)]
        sets = [s for s in sets if there and all(figures.has(s, n) for n in there)]
    else:
        learners = QUICK
    return sets, field(figures, sets, learners)[0]


def _standing(figures: Figures, half: str, title: str, slow: bool) -> Iterator[str]:
    sets, learners = _league(figures, half, slow)
    if len(learners) < 2:
        return
    left = field(figures, sets, list(LEARNERS) if slow else QUICK)[1]
    which = f"{title} with the slow learners" if slow else title
    yield from (f"## {which}: {len(sets)}", "")
    if left:
        names = ", ".join(LEARNERS[n].label for n in left)
        yield from (f"Run on some of these sets only, and not shown: {names}.", "")
    league = _League(figures, sets, learners)
    order = sorted(learners, key=lambda n: over_sets(league.ranks[0], n).mean)
    heads = (
        *("learner", "rank", "beyond best, %", "beyond XGBoost, %"),
        *("rank by log loss", "CPU s", "wall s", "CPU / LightGBM", "wall / LightGBM"),
        *(["CPU / RealMLP-TD"] if "realmlp-td" in learners else []),
    )
    yield from table(heads, [league.line(name) for name in order])


class _League:
    """Learners on sets that all of them have."""

    def __init__(
        self, figures: Figures, sets: Sequence[str], learners: Sequence[str]
    ) -> None:
        self.figures, self.sets, self.learners = figures, sets, learners
        self.errors = figures.errors(sets, learners)
        losses = figures.errors(sets, learners, "log_loss")
        self.ranks = [ranks(means) for means in (self.errors, losses)]
        self.wall, self.cpu = _times(figures, sets, learners)

    def line(self, name: str) -> list[str]:
        """A learner's: by errors, by log loss, seconds."""
        far = over_sets(distances(self.errors), name)
        far = Value(100 * far.mean, 100 * far.low, 100 * far.high)
        beyond = BASE in self.learners
        cells = [
            LEARNERS[name].label,
            _text(over_sets(self.ranks[0], name), ".2f"),
            _text(far, ".1f"),
            _text(_over(self.errors, name), "+.1f") if beyond else "-",
            _text(over_sets(self.ranks[1], name), ".2f"),
            *self._typical(name),
            self._ratio(self.cpu, name, "lightgbm"),
            self._ratio(self.wall, name, "lightgbm"),
        ]
        if "realmlp-td" in self.learners:
            cells.append(self._ratio(self.cpu, name, "realmlp-td"))
        return cells

    def _typical(self, name: str) -> list[str]:
        """Median seconds: CPU, and wall where the machine was quiet."""
        cpu, wall = (
            amount(float(np.median([values[name] for values in means.values()])))
            for means in (self.cpu, self.wall)
        )
        return [cpu, wall if self.figures.quiet(self.sets, name) else "busy"]

    def _ratio(self, means: Means, name: str, other: str) -> str:
        if other not in self.learners:
            return "-"
        if means is self.wall and not self.figures.quiet(self.sets, name, other):
            return "busy"
        return amount(ratio(means, name, other))


def _over(means: Means, name: str) -> Value:
    return percent(over_sets(logs(means, BASE), name))


def _text(value: Value, form: str) -> str:
    low, mean, high = (f"{v:{form}}" for v in (value.low, value.mean, value.high))
    return f"{mean} [{low}, {high}]"


def _times(
    figures: Figures, sets: Sequence[str], learners: Sequence[str]
) -> tuple[Means, Means]:
    """Seconds of fit and predict: wall, and CPU."""

    def of(name: str) -> Means:
        return figures.means(sets, learners, lambda row: max(row[name], 1e-3))

    return of("wall_s"), of("cpu_s")


def _sets(figures: Figures) -> Iterator[str]:
    """Each set's errors, mean over the seeds, and how many where not three."""
    known = [n for n in LEARNERS if any(figures.has(s, n) for s in figures.rows)]
    for measure, title in (
        ("rmse", "RMSE"),
        ("error", "Share of errors, %"),
        ("log_loss", "Log loss"),
    ):
        rows = []
        for name in [s for s in SETS if s in figures.rows]:
            learners = figures.rows[name]
            one = next(iter(next(iter(learners.values())).values()))
            if measure not in one:
                continue
            size = one["rows"]["train"]
            cells = [_mean(learners.get(n, {}), measure) for n in known]
            rows.append([name, SETS[name].half, f"{size:,}", *cells])
        if rows:
            yield from (f"## {title}, by set", "")
            heads = ("set", "half", "rows", *(LEARNERS[n].label for n in known))
            yield from table(heads, rows)
    yield from (
        "Rows: of the training part. Where not all three seeds are there, how many.",
        "",
    )


def _mean(rows: dict[int, Row], measure: str) -> str:
    if not rows:
        return "-"
    scale = 100 if measure == "error" else 1
    value = scale * float(np.mean(by_seed(rows, measure)))
    digits = f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"
    return digits if len(rows) == 3 else f"{digits} ({len(rows)})"


def _seconds(figures: Figures) -> Iterator[str]:
    known = [n for n in LEARNERS if any(figures.has(s, n) for s in figures.rows)]
    yield from (
        "## Seconds by set: CPU of fit and predict / wall of fit and predict",
        "",
    )
    rows = []
    for name in [s for s in SETS if s in figures.rows]:
        cells = []
        for learner in known:
            found = figures.rows[name].get(learner, {})
            if not found:
                cells.append("-")
                continue
            cpu, wall = (
                amount(float(np.mean(by_seed(found, what))))
                for what in ("cpu_s", "wall_s")
            )
            quiet = figures.quiet([name], learner)
            cells.append(f"{cpu} / {wall if quiet else 'busy'}")
        rows.append([name, *cells])
    yield from table(("set", *(LEARNERS[n].label for n in known)), rows)


def _about(rows: Sequence[Row]) -> Iterator[str]:
    """What was given to whom, versions, machines, load, and what failed."""
    yield from ("## The learners", "")
    for name, kind in LEARNERS.items():
        mine = [row for row in rows if row["learner"] == name]
        if not mine:
            continue
        versions = " and ".join(sorted({row["version"] for row in mine}))
        load = np.median([row["load"] for row in mine])
        timed = "timed again in quiet: " if all(map(_retimed, mine)) else ""
        few = sorted({row["threads"] for row in mine if "threads" in row})
        timed += f"threads held to {' or '.join(map(str, few))}; " if few else ""
        yield (
            f"- **{kind.label}** ({versions}): {kind.given}. "
            f"{len(mine)} rows; {timed}median load {load:.1f}."
        )
        for row in mine:
            if "failed" in row:
                yield f"  - {row['set']}, seed {row['seed']} failed: {row['failed']}"
    machines = sorted({row["machine"] for row in rows})
    yield from ("", f"On {' and on '.join(machines)}.", "")


def _retimed(row: Row) -> bool:
    return bool(row.get("retimed"))


def _dots(
    chart: object, figures: Figures, sets: Sequence[str], learners: Sequence[str]
) -> list[object]:
    """The chart's learners."""
    if BASE not in learners or len(learners) < 2:
        return []
    means = figures.errors(sets, learners)
    cpu = _times(figures, sets, learners)[1]
    return [
        chart.Dot(  # type: ignore[attr-defined]
            LEARNERS[name].label,
            float(np.exp(np.mean([np.log(v[name]) for v in cpu.values()]))),
            percent(over_sets(logs(means, BASE), name)),
            name.startswith("pronghorn"),
        )
        for name in learners
        if not name.endswith("-80")
    ]
