"""README's section on speed, written from the result file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks import people
from benchmarks.report import amount, label, table

README = Path(__file__).resolve().parents[1] / "README.md"
BEGIN, END = "<!-- bench: written by make bench -->", "<!-- /bench -->"
KERAS = ("keras-tensorflow", "keras-jax", "keras-torch")
TORCH = ("torch", "torch-compile")
# scikit-learn's table of one frame and Python's own start are no rivals here.
OTHERS = ("sklearn", "jax-scan", "jax", "onnxruntime", "lightgbm")


def rewrite(results: dict[str, Any], path: Path = README) -> None:
    """Puts the section between its two marks.

    Raises:
        ValueError: if the file has no marks.
    """
    path.write_text(replaced(path.read_text(), section(results)))


def replaced(text: str, inner: str) -> str:
    """The text with something else between the marks.

    Raises:
        ValueError: if there are no marks.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"README lacks the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{inner}\n{END}{after}"


def section(results: dict[str, Any]) -> str:
    """The chart and a short table, led by what a person feels."""
    found = people.felt(results["sections"])
    if not found:
        return "Not measured yet: `make bench`."
    about = results["machine"]
    rows = [
        [each.title, _amount(each, ("pronghorn",), False)]
        + [_amount(each, peers, True) for peers in (KERAS, TORCH, OTHERS)]
        for each in found
    ]
    heads = ("", "Pronghorn", "Keras, its fastest backend", "PyTorch", "fastest other")
    lines = [
        "![Pronghorn beside its peers](benchmarks/results/chart.svg)",
        "",
        f"Measured side by side on {about['cores']} cores ({about['processor']}), "
        "minima of interleaved rounds, every peer tuned "
        "([results and targets](benchmarks/results/results.md), "
        "[method](docs/benchmarks.md)):",
        "",
        *table(heads, rows),
    ]
    return "\n".join(lines).rstrip()


def _amount(each: people.Felt, peers: tuple[str, ...], named: bool) -> str:
    best = each.best(peers)
    if best is None:
        return "-"
    name = label(best[0]).removeprefix("Keras on ")
    text = amount(best[1], f" {each.unit}")
    return f"{text} ({name})" if named else text
