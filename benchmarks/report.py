"""The result file, and the tables made of it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import targets
from benchmarks.workloads import WORKLOADS

FOLDER = Path(__file__).parent / "results"
DATA, TABLE, CHART = "results.json", "results.md", "chart.svg"
LABELS = {
    "pronghorn": "Pronghorn",
    "pronghorn-1": "Pronghorn, 1 thread",
    "pronghorn-own": "Pronghorn, a user's own classes",
    "keras-tensorflow": "Keras on TensorFlow",
    "keras-jax": "Keras on JAX",
    "keras-torch": "Keras on torch",
    "torch": "PyTorch",
    "torch-compile": "torch.compile",
    "sklearn": "scikit-learn",
    "jax-scan": "lax.scan by hand",
    "onnxruntime": "ONNX Runtime",
    "lightgbm": "LightGBM",
    "jax": "JAX",
    "numpy": "NumPy",
    "python": "Python itself",
    "sklearn + onnxruntime": "scikit-learn's encoders, ONNX Runtime",
}
Results = dict[str, Any]


def load(folder: Path = FOLDER) -> Results:
    """The stored results; none where there is no file."""
    path = folder / DATA
    if not path.exists():
        return {"machine": {}, "sections": {}}
    found: Results = json.loads(path.read_text())
    return found


def store(results: Results, folder: Path = FOLDER) -> None:
    """Writes the result file: a line for each innermost list and object."""
    folder.mkdir(exist_ok=True)
    (folder / DATA).write_text(json.dumps(rounded(results), indent=1) + "\n")


def write(results: Results, folder: Path = FOLDER) -> None:
    """Writes all: data, tables and chart."""
    from benchmarks import chart

    store(results, folder)
    (folder / TABLE).write_text(markdown(results))
    chart.draw(results["sections"], folder / CHART)


def rounded(value: Any) -> Any:
    """The same with five digits of each number: no clock is better."""
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    return [rounded(v) for v in value] if isinstance(value, list | tuple) else value


def label(name: str) -> str:
    """A peer's name for readers."""
    return LABELS.get(name, name)


def amount(value: float, unit: str = "") -> str:
    """Three digits, and no exponent.

    >>> amount(0.0123, " s"), amount(1234.5), amount(87.66)
    ('0.0123 s', '1,230', '87.7')
    """
    if value == 0:
        return f"0{unit}"
    value = float(f"{value:.3g}")
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}{unit}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a Markdown table, and an empty one."""
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return [*lines, *("| " + " | ".join(row) + " |" for row in rows), ""]


def targets_table(results: Results) -> str:
    """Each target, what was measured, and whether it is met."""
    words = {True: "met", False: "**missed**", None: "not measured"}
    rows = []
    for target in targets.check(results["sections"]):
        sign = "at most" if target.at_most else "at least"
        value = target.measured
        rows.append(
            [
                target.what,
                f"{sign} {target.bound:g}{target.unit}",
                "-" if value is None else amount(value, target.unit),
                words[target.met],
            ]
        )
    return "\n".join(table(("target", "bound", "measured (minima)", ""), rows))


def markdown(results: Results) -> str:
    """The whole report."""
    sections = results["sections"]
    broken = [
        f"- **{name} could not be measured:** {found['failed'][name]}"
        for name, found in sections.items()
        if name in (found.get("failed") or {})
    ]
    lines = [
        "# What was measured",
        "",
        "Written by `make bench`; [docs/benchmarks.md](../../docs/benchmarks.md) says "
        "how. Minima and medians of interleaved rounds; ratios are of minima, to "
        "Pronghorn.",
        "",
        f"Machine: {_machine(results.get('machine', {}))}.",
        "",
        *([*broken, ""] if broken else []),
        "## Targets",
        "",
        targets_table(results),
        *_limits(sections),
        *_steps(sections),
        *_firsts(sections),
        *_simple(sections),
        *_growth(sections),
        *_peers(sections),
        *_runs(sections),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _machine(about: Mapping[str, Any]) -> str:
    engine = about.get("engine", {})
    parts = [
        str(about.get("processor", "unknown")),
        f"{about.get('cores')} cores, {about.get('memory_GiB')} GiB",
        f"{about.get('system')}, Python {about.get('python')}",
        f"our engine built by {engine.get('compiler')}, kernels {engine.get('isa')}",
    ]
    return "; ".join(parts)


def _limits(sections: Results) -> Iterator[str]:
    found = sections.get("limits")
    if not found or "peak" not in found:
        return
    yield from ("## The machine's limits", "")
    heads = ("float32", "threads", "best", "median")
    rows = [
        [
            "product of 2,048 cubed, " + label(library),
            threads,
            amount(v["best"], " GFLOP/s"),
            amount(v["median"], " GFLOP/s"),
        ]
        for name, v in found["peak"].items()
        for library, threads in [name.split(", ")]
    ]
    rows += [
        [
            "memory, read and written by a copy",
            name.split(", ")[1],
            amount(v["best"], " GB/s"),
            amount(v["median"], " GB/s"),
        ]
        for name, v in found["bandwidth"].items()
    ]
    yield from table(heads, rows)
    yield from _products(found["products"])
    for threads in sorted({int(name.split(", ")[1]) for name in found["peak"]}):
        ratios = targets.over_openblas(sections, threads)
        if ratios is not None:
            mean, least = map(amount, ratios)
            word = "thread" if threads == 1 else "threads"
            yield (
                f"Ours over OpenBLAS, {threads} {word}: {mean} times in the geometric "
                f"mean, {least} at the least."
            )
            yield ""


def _products(products: Sequence[Results]) -> Iterator[str]:
    """Our products beside OpenBLAS, called directly."""
    yield "Products of the workloads' layers, x (m, k) and w (k, n), GFLOP/s:"
    yield ""
    columns = list(products[0]["rates"])
    heads = ("product", "m, k, n", *(f"{c} threads" for c in columns))
    heads = tuple(h.replace(", 1 threads", ", 1 thread") for h in heads)
    rows = [
        [p["kind"], ", ".join(map(str, p["m k n"]))]
        + [amount(p["rates"][c]["best"]) if c in p["rates"] else "-" for c in columns]
        for p in products
    ]
    yield from table(heads, rows)


def _steps(sections: Results) -> Iterator[str]:
    for name in WORKLOADS:
        found = sections.get(name)
        if not found or not found.get("peers"):
            continue
        limit = targets.peak(sections, name)
        yield from (f"## Training step: {name}", "", _described(found), "")
        ours = targets.least(found, "pronghorn")
        rows = []
        for peer, v in _ascending(found["peers"]):
            rate = found["gemm_flops_per_step"] / v["min"] / 1e3
            share = f"{100 * rate / limit:.0f}%" if limit else "-"
            rows.append(
                [
                    label(peer),
                    amount(v["min"]),
                    amount(v["median"]),
                    _ratio(v["min"], ours),
                    amount(rate),
                    share,
                ]
            )
        heads = ("", "min, us", "median, us", "ratio", "GFLOP/s", "of the GEMM peak")
        yield from table(heads, rows)
        if found.get("peak"):
            yield f"The GEMM peak in these rounds: {amount(limit, ' GFLOP/s')}."
            yield ""
        yield from _left_out(found)


def _described(found: Results) -> str:
    workload = found["workload"]
    layers = ", ".join(_layer(x) for x in workload["layers"])
    text = (
        f"{workload['rows']:,} x {workload['features']}; {layers}; {workload['loss']}; "
        f"batch {workload['batch']}."
    )
    if workload["train_rows"]:
        text += f" Rounds go over {workload['train_rows']:,} of the rows."
    return text


def _layer(layer: Results) -> str:
    if layer["kind"] == "dense":
        return f"{layer['units']}" + (" relu" if layer["relu"] else "")
    return "batch norm" if layer["kind"] == "norm" else f"dropout {layer['rate']}"


def _left_out(found: Results) -> Iterator[str]:
    for word in ("failed", "refused"):
        for peer, why in found.get(word, {}).items():
            yield f"- {label(peer)} {word}: {why}"
    if found.get("failed") or found.get("refused"):
        yield ""


def _ascending(peers: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return sorted(peers.items(), key=lambda item: float(item[1]["min"]))


def _ratio(value: float, ours: float | None) -> str:
    return "-" if ours is None else amount(value / ours)


def _firsts(sections: Results) -> Iterator[str]:
    rows = []
    for name in WORKLOADS:
        for peer, v in sections.get(f"first {name}", {}).get("peers", {}).items():
            pair = [v["first_s"]["min"] * 1e3, v["second_s"]["min"] * 1e3]
            rows.append([name, label(peer), *map(amount, pair)])
    if rows:
        yield from ("## The first epoch: what compilation costs", "")
        yield "A new net in a new process; each peer's usual settings."
        yield ""
        yield from table(("", "", "first, ms", "second, ms"), rows)


def _simple(sections: Results) -> Iterator[str]:
    """The sections with one figure per peer."""
    predict = sections.get("predict", {})
    busy = sections.get("busy", {})
    shown = [
        ("Predict 1 row (20-64-64-1), array", {"peers": predict.get("1", {})}, "us"),
        ("Predict 100,000 rows", {"peers": predict.get("100000", {})}, "us"),
        ("A pandas frame of one row, encoders and net", sections.get("frames"), "us"),
        ("Step, cereal, beside a busy process", busy.get("cereal"), "us"),
        ("Step, small, beside a busy process", busy.get("small"), "us"),
        ("Import: the whole process", sections.get("imports"), "s"),
    ]
    for name in ("cereal", "small"):
        found = sections.get(f"whole {name}")
        epochs = (found or {}).get("epochs")
        title = f"From start to trained model: {name}, {epochs} epochs, one prediction"
        shown.append((title, found, "s"))
    for title, section, unit in shown:
        if section and section.get("peers"):
            yield from _figures(title, section, unit)
    yield from _install(sections.get("install"))


def _figures(title: str, section: Results, unit: str) -> Iterator[str]:
    yield from (f"## {title}", "")
    ours = targets.least(section, "pronghorn")
    memory = any("MiB" in v for v in section["peers"].values())
    heads = ["", f"min, {unit}", f"median, {unit}", "ratio"]
    rows = []
    for peer, v in _ascending(section["peers"]):
        row = [label(peer), amount(v["min"]), amount(v["median"])]
        row.append(_ratio(v["min"], ours))
        rows.append(row + ([amount(v["MiB"])] if memory else []))
    yield from table([*heads, "peak memory, MiB"] if memory else heads, rows)
    yield from _left_out(section)


def _install(section: Results | None) -> Iterator[str]:
    if not section or not section.get("peers"):
        return
    yield from ("## Installed size, with all that is required", "")
    peers = sorted(section["peers"].items(), key=lambda item: float(item[1]["MiB"]))
    ours = section["peers"].get("pronghorn", {}).get("MiB")
    rows = [
        [
            label(n),
            amount(v["MiB"]),
            _ratio(v["MiB"], ours),
            str(len(v["distributions"])),
        ]
        for n, v in peers
    ]
    yield from table(("", "MiB", "ratio", "distributions"), rows)
    yield from _left_out(section)


def _growth(sections: Results) -> Iterator[str]:
    titles = {
        "width": "width of both layers, batch 256: us per step",
        "batch": "batch, 20-64-64-1: us per step",
        "rows": "rows of the table, 20-64-64-1, batch 256: us per step",
    }
    for axis, title in titles.items():
        points = sections.get("growth", {}).get(axis)
        if not points:
            continue
        yield from (f"## Growth with the {title}", "")
        peers = list(points[0]["us"])
        heads = [axis, *map(label, peers), "Pronghorn, ns per row", "GFLOP/s"]
        rows = []
        for p in points:
            us = p["us"].get("pronghorn")
            row = [f"{p['size']:,}"]
            row += [amount(p["us"][n]) if n in p["us"] else "-" for n in peers]
            row += [amount(us / p["rows_per_step"] * 1e3) if us else "-"]
            row += [amount(p["gemm_flops_per_step"] / us / 1e3) if us else "-"]
            rows.append(row)
        yield from table(heads, rows)
        failed = {k: w for p in points for k, w in p.get("failed", {}).items()}
        yield from _left_out({"failed": failed})


def _peers(sections: Results) -> Iterator[str]:
    """What each peer was given: versions, threads and settings, by workload."""
    found: dict[str, dict[str, Any]] = {}
    places = [(n, sections.get(n, {}).get("peers", {})) for n in WORKLOADS]
    for rows in ("1", "100000"):
        places.append((f"predict {rows}", sections.get("predict", {}).get(rows, {})))
    for place, peers in places:
        for peer, v in peers.items():
            found.setdefault(peer, {})[place] = v
    if not found:
        return
    yield from ("## How each peer was used", "")
    yield "`python -m benchmarks --only SECTION --peers NAME` runs one alone."
    yield ""
    for peer, where in found.items():
        one = next(iter(where.values()))
        versions = ", ".join(f"{k} {v}" for k, v in one["versions"].items())
        yield f"- **{label(peer)}** (`{peer}`; {versions}): {one['notes']}."
        for place, v in where.items():
            yield f"  - {place}: {_used(v)}"
    yield ""


def _used(about: Results) -> str:
    threads = sorted({t.get("threads") for t in about.get("tried", [])} - {None})
    text = f"{about['threads']} thread{'s' if about['threads'] > 1 else ''}"
    if len(threads) > 1:
        text += f" of {' and '.join(map(str, threads))} tried"
    chosen = about.get("chosen")
    if isinstance(chosen, dict):
        chosen = ", ".join(f"{k}={v}" for k, v in chosen.items())
    tried = [t for t in about["tried"] if "options" in t and "us" in t]
    options = {json.dumps(t["options"]) for t in tried}
    if chosen:
        text += f"; {chosen}"
        text += f" (of {len(options)} tried)" if len(options) > 1 else ""
    return text


def _runs(sections: Results) -> Iterator[str]:
    yield from ("## When", "")
    rows = [
        [
            name,
            run["date"],
            str(run["rounds"]),
            f"{run['load_before']:.2f}",
            amount(run["seconds"]),
        ]
        for name, found in sections.items()
        for run in [found.get("run")]
        if run
    ]
    heads = ("section", "begun", "rounds", "load before", "seconds")
    yield from table(heads, rows)
