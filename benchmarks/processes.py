"""Whole processes: import, start to trained model, peak memory; size installed."""

from __future__ import annotations

import importlib.metadata
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.measure import WorkerError, cores, interleaved, process, summary

EPOCHS = {"cereal": 100, "small": 5}
IMPORTS = {
    "python": "pass",
    "numpy": "import numpy",
    "pronghorn": "import pronghorn",
    "keras-tensorflow": "import keras",
    "keras-jax": "import keras",
    "keras-torch": "import keras",
    "torch": "import torch",
    "jax": "import jax, jax.numpy",
    "sklearn": "import sklearn.neural_network",
    "onnxruntime": "import onnxruntime",
    "lightgbm": "import lightgbm",
}
TRAINERS = (
    *("pronghorn", "keras-tensorflow", "keras-jax", "keras-torch"),
    *("torch", "torch-compile", "sklearn", "jax-scan"),
)
# What one installs to train or to predict with each.
INSTALLS = {
    "pronghorn": ("pronghorn",),
    "keras-tensorflow": ("keras", "tensorflow-cpu"),
    "keras-jax": ("keras", "jax"),
    "keras-torch": ("keras", "torch"),
    "torch": ("torch", "numpy"),
    "jax": ("jax",),
    "sklearn": ("scikit-learn",),
    "onnxruntime": ("onnxruntime",),
    "lightgbm": ("lightgbm",),
}


def imports(peers: Sequence[str], rounds: int) -> dict[str, Any]:
    """Seconds and MiB of processes that import a library and end."""

    def command(name: str) -> tuple[list[str], dict[str, str]]:
        backend = name.removeprefix("keras-")
        quiet = {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
        return [sys.executable, "-c", IMPORTS[name]], quiet

    return _timed({name: command(name) for name in IMPORTS}, rounds)


def trained(name: str, peers: Sequence[str], rounds: int) -> dict[str, Any]:
    """Seconds and MiB from start to a trained model and a prediction of a row.

    Here compilation counts, so each peer is tried again with settings that suit that.
    """
    commands: dict[str, tuple[list[str], dict[str, str]]] = {}
    chosen, failed = {}, {}
    for peer in TRAINERS:
        if peer in peers:
            best = _best_settings(peer, name)
            if isinstance(best, str):
                failed[peer] = best
            else:
                commands[peer], chosen[peer] = (_command(peer, name, best), {}), best
            print(f"  whole process, {name}: {peer}")
    found = _timed(commands, rounds)
    for peer, figures in found["peers"].items():
        figures["chosen"] = chosen[peer]
    found["failed"].update(failed)
    return {"epochs": EPOCHS[name], **found}


def settings(peer: str) -> list[dict[str, Any]]:
    """Settings worth trying where compilation is part of the time."""
    if peer == "keras-tensorflow":
        return [
            {"jit_compile": False, "steps_per_execution": 1},
            {"jit_compile": False, "steps_per_execution": 32},
            {"jit_compile": True, "steps_per_execution": 32},
        ]
    if peer == "keras-jax":
        return [{"jit_compile": True, "steps_per_execution": n} for n in (1, 32)]
    if peer == "keras-torch":
        return [{"jit_compile": False, "steps_per_execution": 1}]
    if peer == "torch":
        return [{"adam": "fused"}]
    if peer == "torch-compile":
        return [{"compiled": "forward, loss, backward", "adam": "fused"}]
    if peer == "jax-scan":
        rows = "taken before the scan"
        return [{"random": "threefry2x32", "unroll": 1, "rows": rows}]
    return [{}]


def _best_settings(peer: str, name: str) -> dict[str, Any] | str:
    """The settings of the shortest process, or why there are none."""
    tried = []
    why = ""
    counts = [cores()] if peer == "pronghorn" else sorted({cores(), 1})
    choices = [{**one, "threads": n} for one in settings(peer) for n in counts]
    for choice in choices:
        try:
            tried.append((process(_command(peer, name, choice))["s"], choice))
        except WorkerError as error:
            why = str(error)
    return min(tried, key=lambda t: t[0])[1] if tried else why


def _command(peer: str, name: str, options: dict[str, Any]) -> list[str]:
    given = {key: value for key, value in options.items() if key != "threads"}
    told = [peer, name, EPOCHS[name], options["threads"], json.dumps(given)]
    return [sys.executable, "-m", "benchmarks.whole", *map(str, told)]


def _timed(
    commands: dict[str, tuple[list[str], dict[str, str]]], rounds: int
) -> dict[str, Any]:
    """Seconds of each command, interleaved, and its largest peak of memory."""
    peaks: dict[str, float] = {}
    failed: dict[str, str] = {}

    def once(name: str) -> float:
        command, environment = commands[name]
        found = process(command, environment)
        peaks[name] = max(peaks.get(name, 0.0), found["MiB"])
        return float(found["s"])

    calls = {n: (lambda n=n: once(n)) for n in commands}
    found = interleaved(calls, rounds, failed)
    return {
        "peers": {n: {**summary(v), "MiB": peaks[n]} for n, v in found.items()},
        "failed": failed,
    }


def installed() -> dict[str, Any]:
    """MiB of the installed files of each library and all that it requires."""
    found, failed = {}, {}
    for name, wanted in INSTALLS.items():
        try:
            names = sorted({d for one in wanted for d in closure(one)})
            sizes = {each: size(each) / 2**20 for each in names}
            found[name] = {"MiB": sum(sizes.values()), "distributions": sizes}
        except importlib.metadata.PackageNotFoundError as error:
            failed[name] = f"not installed: {error}"
    return {"peers": found, "failed": failed}


def closure(name: str, seen: frozenset[str] = frozenset()) -> set[str]:
    """A distribution and what it requires without extras, by normal names."""
    name = normal(name)
    if name in seen:
        return set()
    found = {name}
    for line in importlib.metadata.requires(name) or ():
        requirement, _, marker = line.partition(";")
        if not applies(marker):
            continue
        needed = re.match(r"[\w.-]+", requirement)
        assert needed is not None
        found |= closure(needed.group(), seen | found)
    return found


def applies(marker: str) -> bool:
    """Whether an environment marker holds here, with no extra asked for."""
    if not marker.strip():
        return True
    from packaging.markers import Marker

    return bool(Marker(marker).evaluate({"extra": ""}))


def normal(name: str) -> str:
    """A distribution's name as PEP 503 spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def size(name: str) -> int:
    """Bytes of a distribution's files, compiled bytecode left out."""
    files = importlib.metadata.files(name) or ()
    paths = (Path(str(f.locate())) for f in files if f.suffix != ".pyc")
    return sum(path.stat().st_size for path in paths if path.is_file())
