"""One learner on one table, in a process of its own.

`python -m benchmarks.quality.worker LEARNER SET SEED` prints a line of JSON.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.quality.learners import LEARNERS, Learner
from benchmarks.quality.sets import digest, split, task

LEAST = 1e-7  # of a probability, in log loss: what float32 can tell from 0 beside 1


def measured(kind: type[Learner], name: str, seed: int) -> dict[str, Any]:
    """Errors and seconds of a learner on a set."""
    asked = task(name)
    parts = split(name, seed, len(asked.y), asked.groups)
    x = {part: asked.x.iloc[rows] for part, rows in parts.items()}
    y = {part: asked.y[rows] for part, rows in parts.items()}
    x = {part: frame.reset_index(drop=True) for part, frame in x.items()}
    if asked.classes and len(np.unique(y["train"])) < asked.classes:
        raise ValueError(f"{name}, seed {seed}: the training part lacks a class")
    warmed(kind, asked.classes)
    learner = kind(asked.classes, seed)
    start = clocks()
    learner.fit((x["train"], y["train"]), (x["valid"], y["valid"]))
    fitted = clocks()
    told = learner.predict(x["test"])
    done = clocks()
    return {
        **scores(told, y["test"], asked.classes),
        "fit_wall_s": fitted[0] - start[0],
        "fit_cpu_s": fitted[1] - start[1],
        "wall_s": done[0] - start[0],
        "cpu_s": done[1] - start[1],
        "rows": {part: len(rows) for part, rows in parts.items()},
        "columns": asked.x.shape[1],
        "classes": asked.classes,
        "split": digest(parts, asked.y),
    }


def warmed(kind: type[Learner], classes: int) -> None:
    """Fits and predicts once on made rows, so that nothing is imported later."""
    import pandas

    draws = np.random.default_rng(0)
    number = draws.normal(size=96)
    number[::9] = np.nan
    text = draws.choice(["a", "b"], 96)
    x = pandas.DataFrame({"number": number, "text": text, "more": draws.random(96)})
    y = (np.arange(96) % classes) if classes else draws.random(96)
    learner = kind(classes, 0, quick=True)
    learner.fit((x[:64], y[:64]), (x[64:], y[64:]))
    learner.predict(x)


def scores(told: np.ndarray, y: np.ndarray, classes: int) -> dict[str, float]:
    """Root mean squared error; or share of errors and log loss.

    Raises:
        ValueError: the answer has another shape, or a value that is no number.
    """
    expected = (len(y), classes) if classes else (len(y),)
    if told.shape != expected or not np.isfinite(told).all():
        raise ValueError(f"expected finite numbers of shape {expected}: {told.shape}")
    if not classes:
        return {"rmse": float(np.sqrt(np.mean((told - y) ** 2)))}
    right = np.clip(told[np.arange(len(y)), y], LEAST, 1)
    wrong = np.mean(told.argmax(1) != y)
    return {"error": float(wrong), "log_loss": float(-np.log(right).mean())}


def clocks() -> tuple[float, float]:
    """Wall seconds, and CPU seconds of this process and of all that it started."""
    used = [resource.getrusage(who) for who in
            (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]  # fmt: skip
    cpu = sum(each.ru_utime + each.ru_stime for each in used)
    return time.perf_counter(), cpu + sum(map(seconds_of, living(os.getpid())))


def seconds_of(about: list[str]) -> float:
    """CPU seconds of a process and of its children that ended, of its /proc line."""
    ticks = sum(int(about[place]) for place in (11, 12, 13, 14))
    return ticks / os.sysconf("SC_CLK_TCK")


def living(root: int) -> list[list[str]]:
    """What /proc tells of each living descendant, from its state on."""
    told: dict[int, list[str]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text()
        except OSError:  # it has ended
            continue
        told[int(path.parent.name)] = text.rpartition(")")[2].split()
    found, wanted = [], {root}
    while wanted:
        children = {n for n, about in told.items() if int(about[1]) in wanted}
        found += [told[n] for n in children]
        wanted = children
    return found


def main() -> None:
    """Of three words."""
    learner, name, seed = sys.argv[1:]
    print("\n" + json.dumps(measured(LEARNERS[learner], name, int(seed))))


if __name__ == "__main__":
    main()
