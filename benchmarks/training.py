"""Steps, first epochs, a busy machine and growth: what is measured while training."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from benchmarks import limits
from benchmarks.limits import rate
from benchmarks.measure import (
    Timed,
    Worker,
    WorkerError,
    cores,
    interleaved,
    summary,
)
from benchmarks.workloads import (
    WORKLOADS,
    Workload,
    gemm_flops,
    of_batch,
    of_rows,
    of_width,
)

ROUND = 0.4  # seconds of one peer's round
CEREAL_ROUND = 1.0  # three steps an epoch: `fit`'s own start must not count
PATIENT = 15.0  # where tuning took longer, one thread is tried on the best setting only
OURS = ("pronghorn", "pronghorn-1", "pronghorn-own")
TRAINERS = (
    *OURS,
    *("keras-tensorflow", "keras-jax", "keras-torch"),
    *("torch", "torch-compile", "sklearn", "jax-scan"),
)
# The fastest of the others on small nets, which growth is shown for.
FAST = ("pronghorn", "torch", "jax-scan")


@dataclass
class Ready:
    """A worker that is prepared, and what it was tuned to."""

    worker: Worker
    about: dict[str, Any]


@dataclass
class Group:
    """The workers of one workload; those that failed or refused by name, with why."""

    ready: dict[str, Ready] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def rounds(
        self,
        rounds: int,
        timed: Callable[[Worker], float],
        beside: Mapping[str, Timed] | None = None,
    ) -> dict[str, dict[str, Any]]:
        """Interleaved figures of every worker, with what it was tuned to.

        And those of what else is timed in the same rounds.
        """
        calls = {n: (lambda r=r: timed(r.worker)) for n, r in self.ready.items()}
        found = interleaved({**calls, **(beside or {})}, rounds, self.failed)
        about = {n: r.about for n, r in self.ready.items()}
        return {n: summary(v) | about.get(n, {}) for n, v in found.items()}

    def close(self) -> None:
        """Ends the workers."""
        for ready in self.ready.values():
            ready.worker.close()


def trial_threads(peer: str, workload: Workload) -> list[int]:
    """The numbers of threads to try: Pronghorn chooses its own."""
    if peer == "pronghorn-1":
        return [1]
    small = gemm_flops(workload) / workload.steps < 1e9
    return [cores(), 1] if small and peer not in OURS and cores() > 1 else [cores()]


def open_worker(peer: str, workload: Workload, threads: int) -> tuple[Worker, Any]:
    """A worker with its library imported.

    Raises:
        WorkerError: if it cannot be.
    """
    worker = Worker()
    name = peer.removesuffix("-1")
    try:
        opened = worker.ask(
            "open", peer=name, workload=workload.to_json(), threads=threads
        )
    except WorkerError:
        worker.close()
        raise
    return worker, opened


def prepare(
    peer: str, workload: Workload, group: Group, most: int | None = None
) -> None:
    """Tunes one peer over its settings, `most` of them, and threads, and adds it."""
    best: tuple[float, Ready] | None = None
    options = None
    for threads in trial_threads(peer, workload):
        try:
            worker, opened = open_worker(peer, workload, threads)
        except WorkerError as error:
            group.failed[peer] = str(error)
            break
        if opened["refused"]:
            group.refused[peer] = opened["refused"]
            worker.close()
            break
        start = time.perf_counter()
        try:
            tuned = worker.ask("tune", options=options, most=most)
        except WorkerError as error:
            group.failed[peer] = str(error)
            worker.close()
            break
        if time.perf_counter() - start > PATIENT:
            options = [tuned["chosen"]]
        us = min(t["us"] for t in tuned["tried"] if "us" in t)
        best = faster(best, (us, Ready(worker, about(opened, tuned, threads))))
    if best is None:
        return
    group.failed.pop(peer, None)
    group.ready[peer] = best[1]


def faster(
    one: tuple[float, Ready] | None, other: tuple[float, Ready]
) -> tuple[float, Ready]:
    """The faster of two; what both tried is kept, the slower one's worker ends."""
    if one is None:
        return other
    first, second = (one, other) if one[0] <= other[0] else (other, one)
    second[1].worker.close()
    first[1].about["tried"] = one[1].about["tried"] + other[1].about["tried"]
    return first


def about(opened: Any, tuned: Any, threads: int) -> dict[str, Any]:
    """What the results say of a peer beside its figures."""
    return {
        "versions": opened["versions"],
        "notes": opened["notes"],
        "threads": threads,
        "chosen": tuned["chosen"],
        "tried": [{"threads": threads, **t} for t in tuned["tried"]],
    }


@contextmanager
def group_of(
    workload: Workload, peers: Sequence[str], most: int | None = None
) -> Iterator[Group]:
    """The prepared workers of a workload; ended afterwards."""
    group = Group()
    try:
        for peer in peers:
            prepare(peer, workload, group, most)
            told = group.failed.get(peer) or group.refused.get(peer)
            print(f"  {workload.name}: {peer}" + (f": {told}" if told else ""))
        yield group
    finally:
        group.close()


def microseconds(worker: Worker, seconds: float = ROUND) -> float:
    """One round: microseconds per step, smaller last steps included."""
    found = worker.ask("train", seconds=seconds)
    return float(found["seconds"] / found["steps"] * 1e6)


def _peaks_beside(workload: Workload) -> Any:
    """Where a share of the machine's limit says something, the limit in these rounds.

    On a shared machine the limit of some minutes ago is another one.
    """
    large = gemm_flops(workload) / workload.steps > 1e8
    return limits.peaks() if large else nullcontext({})


def steps(name: str, peers: Sequence[str], rounds: int) -> dict[str, Any]:
    """Microseconds per step of every peer on a workload of the table."""
    workload = WORKLOADS[name]
    wanted = [p for p in TRAINERS if p in peers]
    seconds = CEREAL_ROUND if name == "cereal" else ROUND
    with group_of(workload, wanted) as group, _peaks_beside(workload) as beside:
        found = group.rounds(
            rounds, lambda worker: microseconds(worker, seconds), beside
        )
        peaks = {n: rate(found.pop(n)["all"]) for n in beside if n in found}
    return {
        "peak": peaks,
        "unit": "us per step",
        "workload": workload.to_json(),
        "steps_per_epoch": workload.steps,
        "gemm_flops_per_step": gemm_flops(workload) / workload.steps,
        "peers": found,
        "failed": group.failed,
        "refused": group.refused,
    }


def first_epoch(name: str, peers: Sequence[str], rounds: int) -> dict[str, Any]:
    """Seconds of the first and the second epoch of a new net in a new process."""
    workload = WORKLOADS[name]
    found: dict[str, Any] = {}
    failed: dict[str, str] = {}

    def once(peer: str) -> dict[str, float]:
        worker, opened = open_worker(peer, workload, cores())
        try:
            if opened["refused"]:
                raise WorkerError(opened["refused"])
            first: dict[str, float] = worker.ask("first")
            return first
        finally:
            worker.close()

    names = [p for p in TRAINERS if p in peers and p not in OURS[1:]]
    for turn in range(rounds):
        for peer in names:
            # A peer's compile pause is shown, not judged: one round of it is enough.
            if peer in failed or (turn and peer != "pronghorn"):
                continue
            try:
                seconds = once(peer)
                found.setdefault(peer, []).append(seconds)
            except WorkerError as error:
                failed[peer] = str(error)
    return {
        "peers": {
            peer: {key: summary([r[key] for r in values]) for key in values[0]}
            for peer, values in found.items()
        },
        "failed": failed,
    }


@contextmanager
def busy_processor() -> Iterator[None]:
    """Another process that never rests."""
    spinner = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        time.sleep(0.3)
        yield
    finally:
        spinner.kill()
        spinner.wait()


def busy(peers: Sequence[str], rounds: int) -> dict[str, Any]:
    """Pronghorn with all threads and with one, beside a process that never rests."""
    found = {}
    for name in ("cereal", "small"):
        with group_of(WORKLOADS[name], OURS[:2]) as group, busy_processor():
            found[name] = {
                "peers": group.rounds(rounds, microseconds),
                "failed": group.failed,
            }
    return found


def growth(peers: Sequence[str], rounds: int) -> dict[str, Any]:
    """Cost with the width of the net, the batch and the rows of the table.

    To show how cost grows, each peer's first setting will do; its threads are tuned.
    """
    wanted = [p for p in FAST if p in peers]
    return {
        "width": along(of_width, (16, 64, 256, 1024, 4096), wanted, rounds),
        "batch": along(of_batch, (1, 8, 32, 128, 512, 2048, 8192), wanted, rounds),
        "rows": along(
            of_rows, (10**2, 10**3, 10**4, 10**5, 10**6, 10**7), wanted, rounds
        ),
    }


def along(
    make: Callable[[int], Workload],
    sizes: Sequence[int],
    peers: Sequence[str],
    rounds: int,
) -> list[dict[str, Any]]:
    """Microseconds per step at each size, rounds of all sizes in turn.

    Minutes lie between sizes that are measured one after the other, and on a shared
    machine the same step then differs by more than what is looked for.
    """
    workloads = {size: make(size) for size in sizes}
    with ExitStack() as opened:
        groups = {}
        for size, workload in workloads.items():
            # Ten million rows through a slow library would take minutes a round.
            some = peers if workload.rows <= 10**6 else peers[:1]
            groups[size] = opened.enter_context(group_of(workload, some, most=1))
        everyone = Group(
            {
                f"{peer} {size}": ready
                for size, group in groups.items()
                for peer, ready in group.ready.items()
            }
        )
        figures = everyone.rounds(rounds, microseconds)
    found = []
    for size, workload in workloads.items():
        group = groups[size]
        names = {p: f"{p} {size}" for p in group.ready}
        timed = {p: figures[name] for p, name in names.items() if name in figures}
        lost = {p: why for p, n in names.items() if (why := everyone.failed.get(n))}
        rows = workload.used_rows / workload.steps
        found.append(
            {
                "size": size,
                "rows_per_step": rows,
                "gemm_flops_per_step": gemm_flops(workload) / workload.steps,
                "us": {p: v["min"] for p, v in timed.items()},
                "median_us": {p: v["median"] for p, v in timed.items()},
                "failed": group.failed | lost,
            }
        )
    return found
