"""What the machine can do: GEMM peak, memory bandwidth, and our GEMM beside OpenBLAS.

Each library runs in a process of its own: `python -m benchmarks.limits` answers
requests.
"""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import (
    Timed,
    Worker,
    WorkerError,
    cores,
    interleaved,
    summary,
)
from benchmarks.serving import serve
from benchmarks.workloads import WORKLOADS, gemm_shapes

LIBRARIES = ("numpy", "torch", "openblas", "pronghorn")
PEAK = ("numpy", "torch")  # whose best is the machine's limit
KINDS = ("x w", "dy w.T", "x.T dy")  # forward, and the gradients of x and of w
Product = Callable[[], Any]


class Actions:
    """The requests that a process answers, for one library."""

    def open(self, library: str, threads: int) -> dict[str, Any]:
        """Imports it with so many threads to use."""
        for name in ("OPENBLAS_NUM_THREADS", "PRONGHORN_NUM_THREADS"):
            os.environ[name] = str(threads)
        self.make = getattr(self, f"_{library}")(threads)
        return {}

    def peak(self, seconds: float, size: int = 2048) -> float:
        """GFLOP/s of a square product, the best call of so many seconds."""
        product, steps = self.make("x w", size, size, size)
        return 2 * size**3 * steps / best(product, seconds) / 1e9

    def product(self, kind: str, m: int, k: int, n: int, seconds: float) -> float:
        """GFLOP/s of one of `KINDS` of a layer: x (m, k), w (k, n), dy (m, n)."""
        product, steps = self.make(kind, m, k, n)
        return 2 * m * k * n * steps / best(product, seconds) / 1e9

    def bandwidth(self, seconds: float, size: int = 2**26) -> float:
        """GB/s read and written by torch's copy of `size` floats."""
        import torch

        source, target = torch.ones(size), torch.zeros(size)
        return 8 * size / best(lambda: target.copy_(source), seconds) / 1e9

    def _numpy(self, threads: int) -> Any:
        import threadpoolctl

        self.limit = threadpoolctl.threadpool_limits(threads)

        def make(kind: str, m: int, k: int, n: int) -> tuple[Product, int]:
            a, b = operands(kind, m, k, n)
            out = np.empty((a.shape[0], b.shape[1]), np.float32)
            return lambda: np.matmul(a, b, out=out), 1

        return make

    def _torch(self, threads: int) -> Any:
        import torch

        torch.set_num_threads(threads)

        def make(kind: str, m: int, k: int, n: int) -> tuple[Product, int]:
            a, b = (torch.from_numpy(each) for each in operands(kind, m, k, n))
            out = torch.empty(a.shape[0], b.shape[1])
            return lambda: torch.mm(a, b, out=out), 1

        return make

    def _openblas(self, threads: int) -> Any:
        """Calls `cblas_sgemm` of the wheel directly: no NumPy between."""
        import scipy_openblas32

        folder = Path(scipy_openblas32.get_lib_dir())
        library = ctypes.CDLL(str(next(folder.glob("libscipy_openblas*.so"))))
        library.scipy_openblas_set_num_threads(threads)
        return lambda kind, m, k, n: openblas_product(
            library.scipy_cblas_sgemm, *operands(kind, m, k, n)
        )

    def _pronghorn(self, threads: int) -> Any:
        return own_product


def operands(kind: str, m: int, k: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Two matrices; a transposed one is a view, as it is in a training step."""
    draw = np.random.default_rng(0).standard_normal
    shapes = ((m, k), (k, n), (m, n))
    x, w, dy = (draw(shape).astype(np.float32) for shape in shapes)
    return {"x w": (x, w), "dy w.T": (dy, w.T), "x.T dy": (x.T, dy)}[kind]


def openblas_product(sgemm: Any, a: np.ndarray, b: np.ndarray) -> tuple[Product, int]:
    """One call of OpenBLAS."""
    out = np.empty((a.shape[0], b.shape[1]), np.float32)
    row_major, plain, transposed = 101, 111, 112

    def laid(matrix: np.ndarray) -> tuple[int, int]:
        if matrix.flags.c_contiguous:
            return plain, matrix.shape[1]
        return transposed, matrix.shape[0]

    (flag_a, lead_a), (flag_b, lead_b) = laid(a), laid(b)
    pointers = [ctypes.c_void_p(x.ctypes.data) for x in (a, b, out)]
    sizes = [a.shape[0], b.shape[1], a.shape[1]]
    one, zero = ctypes.c_float(1), ctypes.c_float(0)

    def product() -> Any:
        sgemm(
            *(row_major, flag_a, flag_b, *sizes, one, pointers[0], lead_a),
            *(pointers[1], lead_b, zero, pointers[2], out.shape[1]),
        )
        return a, b, out  # kept alive with the closure

    return product, 1


def own_product(kind: str, m: int, k: int, n: int) -> tuple[Product, int]:
    """A graph of one product, run by the engine for as many batches as 4 MFLOP need.

    As in training, x and dy are batches and w is a variable. Where the time of one more
    instruction does not count, the program changes a variable, too: only then does the
    engine compute large products by a processor's tile unit.
    """
    from pronghorn import ops
    from pronghorn.backends import select
    from pronghorn.ir.graph import input_leaf
    from pronghorn.ir.shapes import BATCH
    from pronghorn.ir.tensor import KerasTensor
    from pronghorn.ir.tracer import Trace
    from pronghorn.ir.variable import Variable

    steps = max(1, int(4e6 / (2 * m * k * n)))
    first, w = operands("x w", m, k, n)
    dy = operands("dy w.T", m, k, n)[0]
    given = {"x w": [first], "dy w.T": [dy], "x.T dy": [first, dy]}[kind]
    arrays = [np.tile(each, (steps, 1)) for each in given]
    places = enumerate(arrays)
    leaves = [input_leaf(i, (BATCH, a.shape[1]), "float32") for i, a in places]
    variable, count = Variable(w), Variable(np.float32(0))
    with Trace() as trace:
        x, *rest = map(KerasTensor.of, leaves)
        if kind == "x w":
            result = ops.matmul(x, variable.value)
        elif kind == "dy w.T":
            result = ops.matmul(x, ops.transpose(variable.value))
        else:
            result = ops.matmul(ops.transpose(x), rest[0])
        if steps == 1:
            count.assign(count.value + 1)
        graph = trace.graph(leaves, [result.node])
    executable = select("native").compile(graph, m)
    shape = (k, n) if kind == "x.T dy" else (m * steps, n if kind == "x w" else k)
    out = [np.empty(shape, np.float32)]
    rows = m * steps
    return lambda: executable.run(arrays, None, 0, rows, m, outputs=out), steps


def best(call: Callable[[], Any], seconds: float) -> float:
    """The shortest call's seconds, after one of warming up."""
    call()
    shortest, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        call()
        shortest = min(shortest, time.perf_counter() - start)
    return shortest


def shapes() -> list[tuple[int, int, int]]:
    """The different products of all workloads."""
    found = [s for w in WORKLOADS.values() for s in gemm_shapes(w)]
    return sorted(set(found), key=lambda s: (s[0] * s[1] * s[2], s))


def timed(worker: Worker, do: str, seconds: float, **more: Any) -> Timed:
    """One round of a rate, negated for `interleaved`: what is faster is less."""
    return lambda: -float(worker.ask(do, seconds=seconds, **more))


@contextmanager
def peaks() -> Iterator[dict[str, Timed]]:
    """The products that are the peak, on all threads, for rounds beside others."""
    workers: list[Worker] = []
    calls: dict[str, Timed] = {}
    try:
        for library in PEAK:
            workers.append(Worker("benchmarks.limits"))
            with suppress(WorkerError):  # not installed: the other one is the limit
                workers[-1].ask("open", library=library, threads=cores())
                calls[f"{library}, {cores()}"] = timed(workers[-1], "peak", 0.4)
        yield calls
    finally:
        for worker in workers:
            worker.close()


def measure(rounds: int) -> dict[str, Any]:
    """Peaks, bandwidth, and GFLOP/s of each shape and kind, by library and threads."""
    workers: dict[str, Worker] = {}
    try:
        for library in LIBRARIES:
            for threads in sorted({1, cores()}):
                name = f"{library}, {threads}"
                workers[name] = Worker("benchmarks.limits")
                workers[name].ask("open", library=library, threads=threads)
        failed: dict[str, str] = {}
        return {**_measure(workers, rounds, failed), "failed": failed}
    finally:
        for worker in workers.values():
            worker.close()


def _measure(
    workers: dict[str, Worker], rounds: int, failed: dict[str, str]
) -> dict[str, Any]:
    """Everything is a rate, so the best is the largest."""

    def rates(names: list[str], do: str, seconds: float, **more: Any) -> dict[str, Any]:
        calls = {n: timed(workers[n], do, seconds, **more) for n in names}
        found = interleaved(calls, rounds, failed)
        return {name: rate(values) for name, values in found.items()}

    everyone = list(workers)
    copies = [name for name in everyone if name.startswith("torch")]
    return {
        "peak": rates(everyone, "peak", 0.4),
        "bandwidth": rates(copies, "bandwidth", 0.4),
        "products": [
            {
                "kind": kind,
                "m k n": list(shape),
                "rates": rates(
                    [n for n in everyone if not n.startswith(("numpy", "torch"))],
                    "product",
                    0.03 if shape[0] < 2048 else 0.2,
                    kind=kind,
                    m=shape[0],
                    k=shape[1],
                    n=shape[2],
                ),
            }
            for shape in shapes()
            for kind in KINDS
        ],
    }


def rate(negated: list[float]) -> dict[str, Any]:
    """Best and median of rates that were negated."""
    found = summary([-value for value in negated])
    return {"best": max(found["all"]), "median": found["median"], "all": found["all"]}


if __name__ == "__main__":
    serve(Actions())
