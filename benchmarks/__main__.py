"""`python -m benchmarks`: measures, writes results/, and rewrites README's section.

Sections and workloads can be chosen for development:

    python -m benchmarks --only small,cereal --peers pronghorn,jax-scan --rounds 3

With `--peers` nothing is written, because ratios are only worth something among peers
of the same run. Without it the chosen sections replace those in the result file.
"""

from __future__ import annotations

import argparse
import os
import time
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks import limits, machine, prediction, processes, readme, report, training
from benchmarks.peers import PEERS
from benchmarks.serving import short
from benchmarks.workloads import WORKLOADS

Section = Callable[[Sequence[str], int], dict[str, Any]]


def sections() -> dict[str, Section]:
    """What can be measured, by the name that `--only` takes, in the run's order."""
    found: dict[str, Section] = {"limits": lambda peers, n: limits.measure(n)}
    for name in WORKLOADS:
        found[name] = lambda p, n, name=name: training.steps(name, p, n)  # type: ignore
    for name in ("small", "wine", "hotel"):
        found[f"first {name}"] = (
            lambda p, n, name=name: training.first_epoch(name, p, n)  # type: ignore
        )
    found["busy"] = training.busy
    found["predict"] = prediction.arrays
    found["frames"] = prediction.frames
    found["imports"] = processes.imports
    for name in processes.EPOCHS:
        found[f"whole {name}"] = (
            lambda p, n, name=name: processes.trained(name, p, n)  # type: ignore
        )
    found["install"] = lambda peers, n: processes.installed()
    found["growth"] = lambda p, n: training.growth(p, min(n, 3))
    return found


def chosen(words: str, known: Sequence[str], what: str) -> list[str]:
    """The known names among comma-separated words; all where there are none.

    Raises:
        SystemExit: if a word is none of them.
    """
    if not words:
        return list(known)
    wanted = [word.strip() for word in words.split(",")]
    for word in wanted:
        if word not in known:
            raise SystemExit(f"no {what} is called {word!r}: {', '.join(known)}")
    return [name for name in known if name in wanted]


def main() -> None:
    """Measures what was asked for."""
    known = sections()
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--only", default="", help="sections, with commas between")
    parser.add_argument("--peers", default="", help="peers; then nothing is written")
    rounds = int(os.environ.get("ROUNDS") or 5)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument(
        "--report", action="store_true", help="only write the reports again"
    )
    given = parser.parse_args()
    names = chosen(given.only, list(known), "section")
    peers = chosen(given.peers, ["pronghorn-1", *PEERS], "peer")
    results = report.load()
    if not given.report:
        results = measured(names, peers, given.rounds, results, not given.peers)
    if given.peers:
        print(report.markdown({"sections": {n: results["sections"][n] for n in names}}))
        return
    report.write(results)
    readme.rewrite(results)
    print(report.targets_table(results))


def on_this_machine(results: dict[str, Any], here: dict[str, Any]) -> dict[str, Any]:
    """The results, without sections of another processor: no ratio may mix the two."""
    same = ("processor", "cores")
    there = results["machine"]
    if there and any(there.get(key) != here[key] for key in same):
        print(f"leaving out what was measured on {there.get('processor')}")
        return {"machine": here, "sections": {}}
    return {**results, "machine": here}


def measured(
    names: Sequence[str],
    peers: Sequence[str],
    rounds: int,
    results: dict[str, Any],
    keep: bool,
) -> dict[str, Any]:
    """Runs the sections; each is stored as soon as it is there."""
    results = on_this_machine(results, machine.about())
    for name in names:
        start, load = time.perf_counter(), os.getloadavg()[0]
        print(f"== {name}", flush=True)
        try:
            found = sections()[name](peers, rounds)
        except Exception as error:  # the other sections shall not be lost with it
            traceback.print_exc()
            found = {"failed": {name: short(error)}}
        took = time.perf_counter() - start
        when = {"rounds": rounds, "load_before": load, "seconds": round(took, 1)}
        results["sections"][name] = {**found, "run": {**when, "date": machine.today()}}
        print(f"   {took:.0f} s", flush=True)
        if keep:
            report.store(results)
    return results


if __name__ == "__main__":
    main()
