"""What `--report` prints: what ran here, as it was measured, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from pronghorn.accel.journal import Run

__all__ = ["report"]


def report(
    runs: Sequence[Run],
    started: float | None,
    whole: float | None,
    baseline: float | None = None,
) -> str:
    """The report's text.

    Args:
        runs: what models did, in the order in which they began.
        started: seconds from the start of Python to the script's first line.
        whole: seconds of the whole process.
        baseline: what the user measured for the same script elsewhere.

    Example:

    >>> fit = Run("fit", "net", 1, 31, "native", calls=2, epochs=40, seconds=1.0)
    >>> print(report([fit], 0.2, 1.5, baseline=6.0))
    pronghorn.accel: what ran here
      net           31 weights, native
        fit         2 times, 40 epochs, 1.00 s
      start         0.20 s, to the script's first line
      whole         1.50 s
      elsewhere     6.00 s, as you measured: 4.50 s more, 4.0 times as long
    """
    lines = ["pronghorn.accel: what ran here"]
    for identity in dict.fromkeys(run.identity for run in runs):
        of_model = [run for run in runs if run.identity == identity]
        last = of_model[-1]
        lines.append(_line(f"  {last.model}", f"{_weights(last)}, {last.backend}"))
        lines += map(_calls, of_model)
    if not runs:
        lines.append("  no model was trained or asked")
    if started is not None:
        lines.append(_line("  start", f"{started:.2f} s, to the script's first line"))
    if whole is not None:
        lines.append(_line("  whole", f"{whole:.2f} s"))
    if baseline is not None and whole is not None:
        lines.append(_line("  elsewhere", _comparison(baseline, whole)))
    return "\n".join(lines)


def _comparison(baseline: float, whole: float) -> str:
    more = baseline - whole
    difference = f"{abs(more):.2f} s {'more' if more >= 0 else 'less'}"
    ratio = f"{baseline / whole:.1f} times as long"
    return f"{baseline:.2f} s, as you measured: {difference}, {ratio}"


def _weights(run: Run) -> str:
    return f"{run.weights:,} weight{'' if run.weights == 1 else 's'}"


def _calls(run: Run) -> str:
    times = "once" if run.calls == 1 else f"{run.calls:,} times"
    many = ""
    if run.what == "fit":
        many = f", {run.epochs:,} epoch{'' if run.epochs == 1 else 's'}"
    return _line(f"    {run.what}", f"{times}{many}, {run.seconds:.2f} s")


def _line(label: str, text: str) -> str:
    return f"{label:<15} {text}"
