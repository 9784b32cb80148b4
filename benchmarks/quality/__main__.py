"""`python -m benchmarks.quality`: measures what is not there yet, writes the report.

    python -m benchmarks.quality                              # all that is missing
    python -m benchmarks.quality --learners lightgbm --sets dev
    python -m benchmarks.quality --retime lightgbm            # in a quiet hour
    python -m benchmarks.quality --report                     # the tables only

It can be stopped at any time, and goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from math import isclose

from benchmarks import machine
from benchmarks.measure import WorkerError, cores, process
from benchmarks.quality import store
from benchmarks.quality.learners import LEARNERS
from benchmarks.quality.sets import SEEDS, SETS

PATIENCE = 3 * 3600.0  # seconds for one learner on one set
Job = tuple[str, str, int]  # learner, set, seed
Runner = Callable[[str, str, int], store.Row]


def jobs(
    learners: Sequence[str], sets: Sequence[str], seeds: Sequence[int]
) -> list[Job]:
    """What there is to do, in order; slow learners have some of the sets."""
    found: list[Job] = []
    for learner in learners:
        mine = [s for s in sets if SETS[s].slow or not LEARNERS[learner].slow]
        found += [(learner, name, seed) for name in mine for seed in seeds]
    return found


def run(
    wanted: Sequence[Job],
    rows: Sequence[store.Row],
    measure: Runner,
    keep: Callable[[store.Row], None],
    *,
    versions: Callable[[str], str],
    where: str,
    again: bool = False,
    retime: bool = False,
) -> None:
    """Measures the jobs whose rows are not there; each is kept at once.

    Args:
        wanted: the jobs.
        rows: what is there.
        measure: gives a row's figures; a WorkerError is kept as the row's failure.
        keep: stores a row.
        versions: of a learner.
        where: the machine.
        again: to measure what is there too.
        retime: only what is there, for its seconds.
    """
    there = {store.key(row): row for row in rows}
    for learner, name, seed in wanted:
        about = {
            "set": name,
            "seed": seed,
            "learner": learner,
            "version": versions(learner),
            "machine": where,
        }
        before = there.get(store.key(about))
        if (before is None) if retime else (before is not None and not again):
            continue
        about |= {"date": machine.today(), "load": os.getloadavg()[0]}
        if "OMP_NUM_THREADS" in os.environ:
            about["threads"] = int(os.environ["OMP_NUM_THREADS"])
        try:
            row = {**about, **measure(learner, name, seed)}
        except WorkerError as error:
            row = {**about, "failed": str(error)}
        row |= {"retimed": True} if retime else {}
        keep(row)
        print(told(row, before), flush=True)


def told(row: store.Row, before: store.Row | None) -> str:
    """A line about a row, and whether its errors are those of before."""
    at = f"{row['learner']:18} {row['set']:22} {row['seed']}  "
    if "failed" in row:
        return f"{at}failed: {row['failed']}"
    measures = [n for n in ("rmse", "error", "log_loss") if n in row]
    text = "  ".join(f"{n} {row[n]:.5g}" for n in measures)
    text += f"  {row['wall_s']:.2f} s, cpu {row['cpu_s']:.2f} s"
    # What is stored has six digits.
    then = before or {}
    if then and not all(
        isclose(row[n], then.get(n, 0), rel_tol=1e-5) for n in measures
    ):
        text += "  (other errors than before)"
    return at + text


def process_of(learner: str, name: str, seed: int) -> store.Row:
    """A row's figures, measured in a process of its own.

    Raises:
        WorkerError: it failed.
    """
    words = [learner, name, str(seed)]
    command = [sys.executable, "-m", "benchmarks.quality.worker", *words]
    found = process(command, patience=PATIENCE)
    row: store.Row = json.loads(found["output"].rpartition("\n")[2])
    return {**row, "MiB": found["MiB"]}


def chosen(words: str, known: Sequence[str], what: str) -> list[str]:
    """The known names among words with commas between; `dev` and `held` are halves.

    Raises:
        SystemExit: a word is none of them.
    """
    wanted: list[str] = []
    for word in filter(None, words.split(",")):
        half = [name for name in known if name in SETS and SETS[name].half == word]
        if not half and word not in known:
            raise SystemExit(f"no {what} is called {word!r}: {', '.join(known)}")
        wanted += half or [word]
    return wanted or list(known)


def here() -> str:
    """The machine, as rows name it."""
    return f"{machine.processor()}, {cores()} cores"


def main() -> None:
    """Measures what was asked for, and writes the report."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.quality",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--learners", default="", help=f"of {', '.join(LEARNERS)}")
    parser.add_argument("--sets", default="", help="sets, or dev, or held")
    parser.add_argument("--seeds", default="", help="of 0,1,2")
    parser.add_argument("--again", action="store_true", help="also what is there")
    parser.add_argument("--retime", default="", help="learners to time again")
    parser.add_argument("--report", action="store_true", help="measure nothing")
    given = parser.parse_args()
    if not given.report:
        learners = chosen(given.retime or given.learners, list(LEARNERS), "learner")
        seeds = chosen(given.seeds, [str(seed) for seed in SEEDS], "seed")
        run(
            jobs(learners, chosen(given.sets, list(SETS), "set"), [*map(int, seeds)]),
            store.load(),
            process_of,
            store.add,
            versions=lambda name: LEARNERS[name].version(),
            where=here(),
            again=given.again,
            retime=bool(given.retime),
        )
    from benchmarks.quality import report

    report.write(store.newest(store.load()))


if __name__ == "__main__":
    main()
