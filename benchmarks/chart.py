"""The chart that README shows: an SVG that reads well on white and on dark pages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import people
from benchmarks.report import amount, label

# Greys and colours of middling lightness: contrast on white and on black alike.
TEXT, OURS, THEIRS, LINE = "#808890", "#e8710a", "#7f93ad", "#80889055"
PANELS = (
    "start to trained model",
    "step, wine",
    "step, hotel",
    "predict one row",
    "predict 100,000 rows",
    "installed size",
)
MOST = 9  # bars of a panel


def draw(sections: Mapping[str, Any], path: Path) -> None:
    """Writes the chart: a panel for each figure, a bar for each peer, fastest first."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    shown = [f for f in people.felt(sections) if f.short in PANELS]
    if not shown:
        return
    rows = -(-len(shown) // 3)
    # Letters as outlines: the same wherever the page is read.
    style = {"svg.fonttype": "path", "svg.hashsalt": "bench", "font.size": 9}
    with plt.rc_context(style):
        figure, grid = plt.subplots(
            rows, min(3, len(shown)), figsize=(11, 2.7 * rows), squeeze=False
        )
        spots = list(grid.flat)
        for spot, each in zip(spots, shown, strict=False):
            _panel(spot, each)
        for spot in spots[len(shown) :]:
            spot.set_axis_off()
        figure.tight_layout(w_pad=2.5, h_pad=2)
        figure.text(0.995, 0.005, "shorter is better", color=TEXT, size=8, ha="right")
        figure.savefig(path, transparent=True, metadata={"Date": None})
        plt.close(figure)


def _panel(spot: Any, figure: people.Felt) -> None:
    found = sorted(figure.values.items(), key=lambda item: item[1])
    if len(found) > MOST:
        kept = found[:MOST]
        # We are shown wherever we stand.
        mine = next(p for p in found if p[0] == "pronghorn")
        found = kept if mine in kept else [*kept[:-1], mine]
    names = [label(peer) for peer, _ in found]
    values = [value for _, value in found]
    colours = [OURS if peer == "pronghorn" else THEIRS for peer, _ in found]
    places = range(len(found))
    spot.barh(places, values, color=colours, height=0.68)
    spot.set_yticks(places, names, color=TEXT)
    spot.invert_yaxis()
    for place, value in zip(places, values):
        text = amount(value, f" {figure.unit}")
        spot.annotate(
            text,
            (value, place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=TEXT,
            fontsize=8,
        )
    spot.set_title(figure.short, color=TEXT, fontsize=10, loc="left", fontweight="bold")
    spot.set_xlim(0, max(values) * 1.32)
    spot.xaxis.set_visible(False)
    spot.tick_params(axis="y", length=0)
    for side in ("top", "right", "bottom"):
        spot.spines[side].set_visible(False)
    spot.spines["left"].set_color(LINE)
