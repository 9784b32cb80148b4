"""Prediction: one row and many rows as an array, and a frame of one row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.measure import Worker, WorkerError, cores, interleaved, summary
from benchmarks.training import about, open_worker
from benchmarks.workloads import WORKLOADS

ROUND = 0.25  # seconds of one peer's round
ROWS = (1, 100_000)
PREDICTORS = (
    *("pronghorn", "onnxruntime", "lightgbm"),
    *("keras-tensorflow", "keras-jax", "keras-torch"),
    *("torch", "torch-compile", "sklearn", "jax-scan"),
)
FRAMES = ("pronghorn", "sklearn + onnxruntime", "sklearn")


def arrays(peers: Sequence[str], rounds: int) -> dict[str, Any]:
    """Microseconds per call on the small net, for each number of rows."""
    wanted = [p for p in PREDICTORS if p in peers]
    workers: dict[tuple[str, int], Worker] = {}
    tuned: dict[int, dict[str, Any]] = {rows: {} for rows in ROWS}
    failed: dict[str, str] = {}
    try:
        for peer in wanted:
            _prepare(peer, workers, tuned, failed)
        return {
            str(rows): _rounds(rows, workers, tuned[rows], rounds, failed)
            for rows in ROWS
        } | {"failed": failed}
    finally:
        for worker in workers.values():
            worker.close()


def _prepare(
    peer: str,
    workers: dict[tuple[str, int], Worker],
    tuned: dict[int, dict[str, Any]],
    failed: dict[str, str],
) -> None:
    """Opens the peer with all threads and with one; notes the faster for each size."""
    alone = peer == "pronghorn" or cores() == 1
    for threads in [cores()] if alone else [cores(), 1]:
        try:
            worker, opened = open_worker(peer, WORKLOADS["small"], threads)
            workers[peer, threads] = worker
            worker.ask("ready")
            for rows in ROWS:
                found = worker.ask("tune_predict", rows=rows)
                said = {**about(opened, {**found, "tried": []}, threads)}
                tried = [{"threads": threads, "us": found["tried"]}]
                other = tuned[rows].get(peer)
                if other is not None:
                    tried = [*other["tried"], *tried]
                if other is None or found["us"] < other["us"]:
                    other = {**said, "us": found["us"]}
                tuned[rows][peer] = {**other, "tried": tried}
        except WorkerError as error:
            failed[peer] = str(error)
            return
    print(f"  prediction: {peer}")


def _rounds(
    rows: int,
    workers: dict[tuple[str, int], Worker],
    tuned: dict[str, Any],
    rounds: int,
    failed: dict[str, str],
) -> dict[str, Any]:
    def once(peer: str) -> float:
        worker = workers[peer, tuned[peer]["threads"]]
        return float(worker.ask("predict", rows=rows, seconds=ROUND))

    calls = {p: (lambda p=p: once(p)) for p in tuned if p not in failed}
    found = interleaved(calls, rounds, failed)
    return {
        p: {k: v for k, v in tuned[p].items() if k != "us"} | summary(values)
        for p, values in found.items()
    }


def frames(peers: Sequence[str], rounds: int) -> dict[str, Any]:
    """Microseconds from a pandas frame of one row to a prediction in the table's units.

    The table has two numbers and a category. Ours goes through the encoders that the
    saved file holds; scikit-learn's through a pipeline.
    """
    workers = {name: Worker("benchmarks.frames") for name in FRAMES}
    failed: dict[str, str] = {}
    ready = {}
    try:
        for name, worker in workers.items():
            try:
                worker.ask("open", kind=name)
                ready[name] = worker
            except WorkerError as error:
                failed[name] = str(error)
        calls = {
            n: (lambda w=w: float(w.ask("predict", seconds=ROUND)))
            for n, w in ready.items()
        }
        found = interleaved(calls, rounds, failed)
        return {
            "peers": {name: summary(values) for name, values in found.items()},
            "failed": failed,
        }
    finally:
        for worker in workers.values():
            worker.close()
