"""One peer on one workload in a process of its own: `python -m benchmarks.worker`.

| request | answer |
|---|---|
| `{"do": "open", "peer", "workload", "threads"}` | versions, or why it cannot |
| `{"do": "tune", "options", "most"}` | the fastest settings, and all that were tried |
| `{"do": "train", "seconds", "most"}` | seconds and steps of a round |
| `{"do": "first"}` | seconds of the first and of the second epoch |
| `{"do": "ready"}` | nothing: the net can predict |
| `{"do": "tune_predict", "rows"}` | the fastest way to predict so many rows |
| `{"do": "predict", "rows", "seconds"}` | microseconds per call |
"""

from __future__ import annotations

import importlib.metadata
import time
from typing import Any

import numpy as np

from benchmarks import workloads
from benchmarks.peers import make
from benchmarks.peers.base import Predictor
from benchmarks.serving import serve, short

TRIAL = 0.3  # seconds of a trial in tuning
LONG = 60.0  # seconds of tuning after which no further setting is tried
MOST_EPOCHS = 2_000
PIECE = 4_096  # rows


class Actions:
    """The state behind the requests."""

    def open(self, peer: str, workload: dict[str, Any], threads: int) -> dict[str, Any]:
        """Imports the library and makes the data."""
        self.workload = workloads.from_json(workload)
        start = time.perf_counter()
        self.peer = make(peer, threads)
        imported = time.perf_counter() - start
        self.x, self.y = workloads.table(self.workload)
        self.ways: dict[str, Predictor] = {}
        return {
            "import_s": imported,
            "versions": {name: version(name) for name in self.peer.packages},
            "notes": self.peer.notes,
            "trains": self.peer.trains,
            "refused": self.peer.refuses(self.workload),
        }

    def tune(
        self, options: list[dict[str, Any]] | None, most: int | None = None
    ) -> dict[str, Any]:
        """Tries the settings, `most` of them, and prepares with the fastest."""
        choices = (options or self.peer.options(self.workload))[:most]
        tried: list[dict[str, Any]] = []
        start = time.perf_counter()
        for choice in choices:
            if time.perf_counter() - start > LONG and any("us" in t for t in tried):
                why = f"not tried: tuning had taken over {LONG:.0f} s"
                tried.append({"options": choice, "failed": why})
                continue
            try:
                tried.append({**self._trial(choice), "options": choice})
            except Exception as error:  # a setting that fails is one not taken
                tried.append({"options": choice, "failed": short(error)})
        worked = [t for t in tried if "failed" not in t]
        if not worked:
            raise RuntimeError(tried[0]["failed"])
        best = min(worked, key=lambda t: float(t["us"]))
        if choices[-1] is not best["options"]:
            self._prepare(best["options"])
        return {"chosen": best["options"], "tried": tried}

    def _prepare(self, options: dict[str, Any]) -> None:
        """Makes the net, and compiles all that its training needs."""
        self.peer.prepare(self.workload, self.x, self.y, options)
        self.peer.epochs(1)
        if options.get("epochs_per_call", 1) > 1:
            self.peer.epochs(options["epochs_per_call"])

    def _trial(self, options: dict[str, Any]) -> dict[str, float]:
        start = time.perf_counter()
        self._prepare(options)
        prepared = time.perf_counter() - start
        found = self.train(TRIAL, MOST_EPOCHS)
        us = found["seconds"] / found["steps"] * 1e6
        return {"us": us, "prepare_s": prepared}

    def train(self, seconds: float, most: int = MOST_EPOCHS) -> dict[str, float]:
        """Trains about so long, in one call of as many epochs as that takes.

        A call takes `most` epochs at most; where that is short, there are several.
        """
        count, total, epochs = 1, 0.0, 0
        enough = 0.7 * seconds
        while total < enough:
            start = time.perf_counter()
            self.peer.epochs(count)
            took = time.perf_counter() - start
            if took < enough and count < most and total == 0:
                # Too short to count: it tells how many epochs to ask for.
                count = min(most, max(2 * count, int(count * seconds / took)))
                continue
            total, epochs = total + took, epochs + count
        return {
            "seconds": total,
            "steps": epochs * self.workload.steps,
            "epochs_per_call": count,
        }

    def first(self) -> dict[str, float]:
        """The first two epochs of a net that has just been made."""
        self.peer.prepare(
            self.workload, self.x, self.y, self.peer.options(self.workload)[0]
        )
        found = []
        for _ in range(2):
            start = time.perf_counter()
            self.peer.epochs(1)
            found.append(time.perf_counter() - start)
        return {"first_s": found[0], "second_s": found[1]}

    def ready(self) -> dict[str, Any]:
        """A net that can predict, trained or not."""
        self.peer.prepare_to_predict(self.workload, self.x, self.y)
        return {}

    def tune_predict(self, rows: int) -> dict[str, Any]:
        """Tries the ways to predict, and keeps the fastest for so many rows."""
        tried: dict[str, Any] = {}
        ways = dict(self.peer.predictors())
        if rows > PIECE and self.peer.in_pieces:
            ways |= {f"{n}, in pieces": in_pieces(way) for n, way in ways.items()}
        for name, way in ways.items():
            self.ways[str(rows)] = way
            try:
                tried[name] = self.predict(rows, TRIAL)
            except Exception as error:  # a way that fails is one not taken
                tried[name] = short(error)
        worked = {k: v for k, v in tried.items() if not isinstance(v, str)}
        if not worked:
            raise RuntimeError(next(iter(tried.values())))
        chosen = min(worked, key=lambda k: worked[k])
        self.ways[str(rows)] = ways[chosen]
        return {"chosen": chosen, "tried": tried, "us": worked[chosen]}

    def predict(self, rows: int, seconds: float) -> float:
        """Microseconds of a call with so many rows: the best of several blocks.

        A block is as many calls as take a millisecond, so the clock costs nothing.
        """
        way = self.ways[str(rows)]
        x = np.resize(self.x, (rows, self.workload.features))
        if len(way(x)) != rows:
            raise RuntimeError(f"{rows} rows did not give as many predictions")
        calls, best = 1, float("inf")
        end = time.perf_counter() + seconds
        while best == float("inf") or time.perf_counter() < end:
            start = time.perf_counter()
            for _ in range(calls):
                way(x)
            took = time.perf_counter() - start
            best = min(best, took / calls)
            if took < 1e-3:
                calls *= 2
        return best * 1e6


def in_pieces(way: Predictor) -> Predictor:
    """The same, a few thousand rows in a call: what lies between stays in the cache."""

    def predict(x: np.ndarray) -> np.ndarray:
        pieces = range(0, len(x), PIECE)
        return np.concatenate([way(x[at : at + PIECE]) for at in pieces])

    return predict


def version(name: str) -> str:
    """A distribution's version."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed, from its source tree"


if __name__ == "__main__":
    serve(Actions())
