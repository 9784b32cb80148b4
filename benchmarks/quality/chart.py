"""The chart: errors against CPU seconds, legible on white and on dark pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.chart import LINE, OURS, TEXT, THEIRS
from benchmarks.quality.leagues import Value


@dataclass(frozen=True)
class Dot:
    """A learner: seconds (typical), and percent beyond another learner's errors."""

    label: str
    seconds: float
    errors: Value
    ours: bool


def draw(panels: dict[str, Sequence[Dot]], path: Path) -> None:
    """Writes the chart: a panel for each league that has learners."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    shown = {title: dots for title, dots in panels.items() if dots}
    if not shown:
        return
    style = {"svg.fonttype": "path", "svg.hashsalt": "quality", "font.size": 9}
    with plt.rc_context(style):
        figure, grid = plt.subplots(
            1, len(shown), figsize=(5.5 * len(shown), 4.4), squeeze=False
        )
        for spot, (title, dots) in zip(grid.flat, shown.items()):
            _panel(spot, title, dots)
        figure.tight_layout(w_pad=3)
        figure.savefig(path, transparent=True, metadata={"Date": None})
        plt.close(figure)


def _panel(spot: Any, title: str, dots: Sequence[Dot]) -> None:
    for dot in dots:
        colour = OURS if dot.ours else THEIRS
        low, high = dot.errors.mean - dot.errors.low, dot.errors.high - dot.errors.mean
        spot.errorbar(
            dot.seconds,
            dot.errors.mean,
            yerr=[[low], [high]],
            fmt="o",
            color=colour,
            markersize=7,
            elinewidth=1,
            alpha=0.9,
        )
        spot.annotate(
            dot.label,
            (dot.seconds, dot.errors.mean),
            xytext=(7, 5),
            textcoords="offset points",
            color=colour,
            fontweight="bold" if dot.ours else "normal",
        )
    spot.set_xscale("log")
    seconds = [dot.seconds for dot in dots]
    spot.set_xlim(min(seconds) / 1.6, max(seconds) * 6)  # room for the last name
    spot.axhline(0, color=LINE, linewidth=1, zorder=0)
    spot.set_title(title, color=TEXT, fontsize=10, loc="left", fontweight="bold")
    spot.set_xlabel("CPU seconds to fit and predict", color=TEXT)
    spot.set_ylabel("errors beyond XGBoost's, % (lower is better)", color=TEXT)
    spot.tick_params(colors=TEXT, which="both")
    spot.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    spot.xaxis.set_minor_formatter(lambda value, _: "")
    for side in ("top", "right"):
        spot.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        spot.spines[side].set_color(LINE)
