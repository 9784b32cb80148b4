"""The targets: ratios within one run, judged on minima."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks import limits

Results = Mapping[str, Any]
OURS = ("pronghorn", "pronghorn-1", "pronghorn-own")
KERAS = ("keras-tensorflow", "keras-jax", "keras-torch")
NOISE = 0.95  # a ratio of two equal things comes out as low as this


@dataclass(frozen=True)
class Target:
    """One line of the check.

    Attributes:
        what: the target in words, with what was compared.
        measured: None where the run did not measure it.
        bound: the least or the most that meets it.
        at_most: whether the bound is the most.
        unit: of `measured`.
    """

    what: str
    measured: float | None
    bound: float
    at_most: bool = False
    unit: str = "x"

    @property
    def met(self) -> bool | None:
        """Whether it is met; None where it was not measured."""
        if self.measured is None:
            return None
        if self.at_most:
            return self.measured <= self.bound
        return self.measured >= self.bound


def least(section: Results | None, peer: str) -> float | None:
    """A peer's minimum in a section, None where it is not there."""
    if section is None or peer not in section.get("peers", {}):
        return None
    return float(section["peers"][peer]["min"])


def fastest(
    section: Results | None, peers: Sequence[str] | None = None
) -> tuple[str, float] | None:
    """The fastest of the peers that were measured, or of all but ourselves."""
    if section is None:
        return None
    named = section.get("peers", {})
    wanted = [p for p in named if p not in OURS and (peers is None or p in peers)]
    if not wanted:
        return None
    best = min(wanted, key=lambda p: float(named[p]["min"]))
    return best, float(named[best]["min"])


def times(section: Results | None, peers: Sequence[str] | None) -> tuple[str, Any]:
    """The fastest peer's name, and how many times our minimum its minimum is."""
    ours, theirs = least(section, "pronghorn"), fastest(section, peers)
    if ours is None or theirs is None:
        return "", None
    return theirs[0], theirs[1] / ours


def peak(results: Results, name: str = "limits") -> float | None:
    """GFLOP/s of the best of NumPy's and torch's products of 2,048 cubed.

    Those that were measured in the same rounds as the steps of a workload, where they
    were; else those of the section of limits.
    """
    before = results.get("limits", {})
    found = results.get(name, before).get("peak") or before.get("peak", {})
    rates = [v["best"] for n, v in found.items() if n.startswith(limits.PEAK)]
    return float(max(rates)) if rates else None


def over_openblas(results: Results, threads: int) -> tuple[float, float] | None:
    """Our products' rates over OpenBLAS's: their geometric mean, and the least."""
    names = (f"pronghorn, {threads}", f"openblas, {threads}")
    found = [
        product["rates"][names[0]]["best"] / product["rates"][names[1]]["best"]
        for product in results.get("limits", {}).get("products", ())
        if all(name in product["rates"] for name in names)
    ]
    if not found:
        return None
    return math.exp(statistics.fmean(map(math.log, found))), min(found)


def achieved(section: Results | None) -> float | None:
    """GFLOP/s of our steps, counting the matrix products alone."""
    ours = least(section, "pronghorn")
    if section is None or ours is None:
        return None
    return float(section["gemm_flops_per_step"]) / ours / 1e3


def check(results: Results) -> list[Target]:
    """All targets; `results` holds the sections by name."""
    return [
        *_steps(results),
        *_first_epochs(results),
        *_predictions(results),
        *_threads(results),
        *_same(results),
    ]


def _against(
    results: Results, name: str, bound: float, peers: Sequence[str] | None, who: str
) -> Target:
    peer, ratio = times(results.get(name), peers)
    return Target(f"step, {name}: {who}" + (f" ({peer})" * bool(peer)), ratio, bound)


def _steps(results: Results) -> Iterator[Target]:
    yield _against(results, "cereal", 500, KERAS, "the fastest Keras")
    yield _against(results, "cereal", 500, ("torch",), "torch")
    yield _against(results, "cereal", 500, ("torch-compile",), "torch.compile")
    libraries = (*KERAS, "torch", "torch-compile", "sklearn")
    yield _against(results, "small", 30, libraries, "the fastest library")
    yield _against(results, "small", 3.5, ("jax-scan",), "the lax.scan loop")
    for name, bound in (("wine", 1.4), ("wine-bn", 1.4), ("hotel", 2.4), ("higgs", 1)):
        yield _against(results, name, bound, None, "the fastest peer")
    for name, bound in (("wine", 0.82), ("wine-bn", 0.82), ("higgs", 0.9)):
        ours, limit = achieved(results.get(name)), peak(results, name)
        share = None if ours is None or limit is None else ours / limit
        yield Target(f"step, {name}: share of the GEMM peak", share, bound, unit="")


def _first_epochs(results: Results) -> Iterator[Target]:
    for name in ("small", "wine", "hotel"):
        found = results.get(f"first {name}", {}).get("peers", {}).get("pronghorn")
        over = None
        if found is not None:
            first, second = found["first_s"]["min"], found["second_s"]["min"]
            over = 1e3 * (first - 1.2 * second)
        what = f"first epoch, {name}: over 1.2 times the second"
        yield Target(what, over, 5, at_most=True, unit=" ms")


def _predictions(results: Results) -> Iterator[Target]:
    found = results.get("predict", {})
    one = {"peers": found.get("1", {})}
    many = {"peers": found.get("100000", {})}
    ort = ("onnxruntime",)
    yield Target(
        "predict 1 row, array", least(one, "pronghorn"), 5, at_most=True, unit=" us"
    )
    yield Target("predict 1 row, array: ONNX Runtime", times(one, ort)[1], 1)
    yield Target("predict 100,000 rows: ONNX Runtime", times(many, ort)[1], 1)


def _threads(results: Results) -> Iterator[Target]:
    def ratio(section: Results | None) -> float | None:
        one, all_of_them = least(section, "pronghorn-1"), least(section, "pronghorn")
        return None if one is None or all_of_them is None else one / all_of_them

    for name in ("wine", "hotel", "higgs"):
        what = f"all threads against one, {name}"
        yield Target(what, ratio(results.get(name)), 1.8)
    for name in ("cereal", "small"):
        what = f"all threads never slower than one, {name}"
        yield Target(what, ratio(results.get(name)), NOISE)
    for name in ("cereal", "small"):
        what = f"the same beside a busy process, {name}"
        yield Target(what, ratio(results.get("busy", {}).get(name)), NOISE)


def _same(results: Results) -> Iterator[Target]:
    for name in ("small", "wine", "hotel"):
        section = results.get(name)
        own, ours = least(section, "pronghorn-own"), least(section, "pronghorn")
        ratio = None if own is None or ours is None else own / ours
        what = f"a user's own layer, loss and optimizer, {name}"
        yield Target(what, ratio, 1.1, at_most=True)
    yield Target(
        "cost per row, the largest over the smallest from 10,000 to 10,000,000 rows",
        spread(results.get("growth", {}).get("rows", ())),
        1.25,
        at_most=True,
    )


def spread(points: Sequence[Results]) -> float | None:
    """Largest over smallest of our microseconds per row; a pass of 10,000 rows up."""
    costs = [
        p["us"]["pronghorn"] / p["rows_per_step"]
        for p in points
        if p["size"] >= 10_000 and "pronghorn" in p["us"]
    ]
    return max(costs) / min(costs) if len(costs) > 1 else None
