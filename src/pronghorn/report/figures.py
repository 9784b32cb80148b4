"""The report's figures: from values to charts with a caption."""

from __future__ import annotations

import math

import numpy as np

from pronghorn.data.numerals import fixed
from pronghorn.report.chart import WIDTH, Chart
from pronghorn.report.classes import Calibration
from pronghorn.report.fitting import Curves
from pronghorn.report.html import Html, join, tag
from pronghorn.report.importance import Importance
from pronghorn.report.residuals import Residuals
from pronghorn.report.roc import Curve, Roc
from pronghorn.report.scores import Interval

__all__ = [
    "calibration_chart",
    "chances_chart",
    "curves_chart",
    "errors_chart",
    "importance_chart",
    "predicted_chart",
    "roc_chart",
    "rocs_chart",
]

MOST_BARS = 20
HUES = ("model", "valid", "train", "other")
SHORT = ("auc", "mae", "mse", "rmse")
SHARES = (-0.015, 1.015)
"""An axis of shares, with room for the marks at its ends."""

STEEP = 0.97
"""The share of the epochs that the axis of a learning curve must hold."""


def figure(caption: str, more: str | Html | None, drawn: Html) -> Html:
    """A chart with its caption, and a line below it."""
    line = None if more is None else tag("span", more, class_="quiet")
    return tag("figure", tag("figcaption", caption, line), drawn)


def keys(*named: tuple[str, str]) -> Html:
    """What the colours stand for: (role, words)."""
    return join([tag("span", words, class_=f"key {role}") for role, words in named])


def curves_chart(curves: Curves) -> Html:
    """One quantity by epoch."""
    both = [
        ("train", curves.training, "training"),
        ("valid", curves.validation, "validation"),
    ]
    lines = [(role, values, word) for role, values, word in both if values is not None]
    numbers = np.concatenate([values[np.isfinite(values)] for _, values, _ in lines])
    epochs = max(len(values) for _, values, _ in lines)
    low, high = _room(numbers)
    said = "; ".join(
        f"{word}: {_short(values[0])} after the first epoch, {_short(values[-1])} "
        "after the last"
        for _, values, word in lines
    )
    chart = Chart(
        (1, max(epochs, 2)),
        (low, high),
        x_label="epoch",
        y_label=curves.name,
        title=f"Learning curve of {curves.name}",
        description=f"{said}.",
        whole=True,
    )
    for role, values, _ in lines:
        chart.line(range(1, len(values) + 1), values.tolist(), role)
        if len(values) == 1:
            chart.dot(1, float(values[0]), role)
    for epoch in curves.best:
        chart.rule((epoch, low), (epoch, high))
        if curves.validation is not None and epoch <= len(curves.validation):
            value = float(curves.validation[epoch - 1])
            chart.dot(epoch, value, "valid", f"epoch {epoch}: {_short(value)}")
    named = [(role, word) for role, _, word in lines]
    short = curves.name.upper() if curves.name in SHORT else curves.name
    caption = short[:1].upper() + short[1:]
    return figure(caption, keys(*named), chart.svg())


def _room(numbers: np.ndarray) -> tuple[float, float]:
    """An axis's ends: the steep fall of the first epochs may leave the picture."""
    low, high = float(numbers.min()), float(np.quantile(numbers, STEEP))
    spread = (high - low) or abs(low) or 1.0
    return low - 0.04 * spread, high + 0.06 * spread


def predicted_chart(residuals: Residuals, target: str) -> Html:
    """Predicted against actual."""
    both = np.concatenate([residuals.truth, residuals.predicted])
    low, high = float(both.min()), float(both.max())
    room = 0.03 * ((high - low) or 1.0)
    drawn = len(residuals.truth)
    off = np.abs(residuals.predicted - residuals.truth)
    half, most = fixed([float(np.median(off)), float(off.max())], 4)
    chart = Chart(
        (low - room, high + room),
        (low - room, high + room),
        x_label=f"actual {target}",
        y_label=f"predicted {target}",
        title="Predicted against actual",
        description=f"{drawn:,} points; half of them are at most {half} off, all at "
        f"most {most}. On the dashed line the prediction is right.",
        height=330,
    )
    chart.cloud(residuals.truth, residuals.predicted, "model")
    chart.rule((low, low), (high, high))
    some = f"{drawn:,} of {residuals.rows:,} rows, drawn by chance"
    more = some if drawn < residuals.rows else f"{drawn:,} rows"
    return figure("Predicted against actual", more, chart.svg())


def errors_chart(residuals: Residuals, target: str) -> Html:
    """The histogram of the errors."""
    mean, low, high = fixed([residuals.mean, residuals.low, residuals.high], 4)
    said = f"mean {mean}; 90 % lie between {low} and {high}"
    ends = float(residuals.edges[0]), float(residuals.edges[-1])
    chart = Chart(
        ends,
        (0.0, float(residuals.counts.max()) * 1.06),
        x_label=f"predicted minus actual {target}",
        y_label="rows",
        title="Errors",
        description=f"A histogram of the errors: {said}.",
        height=330,
    )
    chart.bars(residuals.edges, residuals.counts, "model")
    if ends[0] < 0 < ends[1]:
        chart.rule((0.0, 0.0), (0.0, float(residuals.counts.max()) * 1.06))
    return figure("Errors", said, chart.svg())


def calibration_chart(calibration: Calibration) -> Html:
    """The reliability diagram."""
    said = f"expected calibration error {calibration.error:.1%}"
    pairs = ", ".join(
        f"{chance:.0%} said, {share:.0%} came true"
        for chance, share in zip(calibration.chance, calibration.share)
    )
    chart = Chart(
        SHARES,
        SHARES,
        x_label=f"predicted chance of {_cut(calibration.of)}",
        y_label="how often it came true",
        title="Calibration",
        description=f"A reliability diagram in bins: {pairs}; {said}.",
        x_percent=True,
        y_percent=True,
        height=330,
    )
    chart.rule((0.0, 0.0), (1.0, 1.0))
    chance, share = calibration.chance.tolist(), calibration.share.tolist()
    chart.line(chance, share, "model")
    for i, rows in enumerate(calibration.rows.tolist()):
        low, high = float(calibration.low[i]), float(calibration.high[i])
        chart.upright(chance[i], low, high, "model")
        told = f"{rows:,} rows: {chance[i]:.1%} said, {share[i]:.1%} came true"
        chart.dot(chance[i], share[i], "model", told)
    return figure("Calibration", said, chart.svg())


def chances_chart(calibration: Calibration) -> Html:
    """How many rows are said what chance."""
    counts = np.zeros(10)
    counts[np.minimum((calibration.chance * 10).astype(int), 9)] = calibration.rows
    chart = Chart(
        (0.0, 1.0),
        (0.0, float(counts.max()) * 1.06),
        x_label=f"predicted chance of {_cut(calibration.of)}",
        y_label="rows",
        title="Predicted chances",
        description="A histogram of the chances: "
        + ", ".join(f"{n:.0f} rows from {i * 10} %" for i, n in enumerate(counts))
        + ".",
        x_percent=True,
        height=330,
    )
    chart.bars(np.linspace(0, 1, 11), counts, "model")
    return figure("Predicted chances", "how many rows are in each bin", chart.svg())


def roc_chart(curve: Curve, auc: Interval) -> Html:
    """The ROC curve."""
    said = f"area {_area(auc)}"
    chart = Chart(
        SHARES,
        SHARES,
        x_label=f"other rows taken for {_cut(curve.label)}",
        y_label=f"rows of {_cut(curve.label)} found",
        title="ROC curve",
        description=f"True against false positives for all thresholds: {said}. The "
        "dashed line is chance.",
        x_percent=True,
        y_percent=True,
        height=330,
    )
    chart.rule((0.0, 0.0), (1.0, 1.0))
    keep = _corners(curve.false, curve.true)
    chart.line(curve.false[keep].tolist(), curve.true[keep].tolist(), "model")
    return figure("ROC curve", said, chart.svg())


def rocs_chart(roc: Roc) -> Html:
    """The ROC curves of more than two classes, each against the rest."""
    assert roc.mean is not None
    curves = roc.curves if roc.average is None else (roc.average, *roc.curves)
    roles = [*HUES, *(f"{hue} dashed" for hue in HUES)][: len(curves)]
    mean = f"mean area {_area(roc.mean)}"
    each = ", ".join(
        f"{one.label} {one.area.value:.3f}" for one in roc.areas[:MOST_BARS]
    )
    which = "" if roc.average is None else f" The {len(roc.curves)} smallest are drawn."
    chart = Chart(
        SHARES,
        SHARES,
        x_label="rows of the rest taken for the class",
        y_label="rows of the class found",
        title="ROC curves, one class against the rest",
        description="True against false positives for all thresholds. Areas, the "
        f"smallest first: {each}; {mean}.{which} The thin dashed line is chance.",
        x_percent=True,
        y_percent=True,
        height=330,
    )
    chart.rule((0.0, 0.0), (1.0, 1.0))
    # The first is drawn last, so that no other covers it.
    for curve, role in reversed(list(zip(curves, roles, strict=True))):
        keep = _corners(curve.false, curve.true)
        chart.line(curve.false[keep].tolist(), curve.true[keep].tolist(), role)
    named = [(role, _cut(c.label)) for role, c in zip(roles, curves, strict=True)]
    caption = "ROC curves, one class against the rest"
    if roc.average is not None:
        caption = f"ROC curves: mean and {len(roc.curves)} smallest areas"
    return figure(
        caption, join([tag("span", mean), tag("br"), keys(*named)]), chart.svg()
    )


def _area(area: Interval) -> str:
    known = math.isfinite(area.low)
    spread = f"{area.low:.3f} to {area.high:.3f}" if known else "unknown"
    return f"{area.value:.3f}, 95 % interval {spread}"


def _corners(x: np.ndarray, y: np.ndarray, most: int = 400) -> np.ndarray:
    """Places of a line's corners; of very many, some at even distances."""
    if len(x) <= 2:
        return np.arange(len(x))
    turn = np.diff(x)[1:] * np.diff(y)[:-1] != np.diff(x)[:-1] * np.diff(y)[1:]
    places = np.concatenate([[0], np.flatnonzero(turn) + 1, [len(x) - 1]])
    if len(places) > most:
        places = places[np.unique(np.linspace(0, len(places) - 1, most).astype(int))]
    return places


def importance_chart(importance: Importance) -> Html:
    """A bar for each column, its name above it, the interval across its end."""
    names, rises = importance.names[:MOST_BARS], importance.rises[:MOST_BARS]
    most = max([each.high for each in rises] + [each.value for each in rises])
    least = min([0.0, *(each.low for each in rises)])
    if most <= least:
        most = least + 1.0
    largest = max((abs(each.value) for each in rises), default=0.0)
    places = 0 if not largest else max(0, 2 - math.floor(math.log10(largest)))
    texts = fixed([each.value for each in rises], places=min(places, 9))
    left, wide, step = 2.0, WIDTH - 4.0, 36.0

    def across(value: float) -> float:
        return left + wide * (value - least) / (most - least)

    parts = []
    for i, (name, rise, text) in enumerate(zip(names, rises, texts)):
        y = i * step
        zero, end = sorted((across(0.0), across(rise.value)))
        parts += [
            _words(left, y + 13, _cut(name, 34), "start", "name"),
            _words(WIDTH - 2, y + 13, f"+{text}" if rise.value > 0 else text, "end"),
            _rect(left, y + 19, wide, "bed"),
            _rect(zero, y + 19, max(end - zero, 0.5), "bar model"),
            _span(across(rise.low), across(rise.high), y + 23),
        ]
    said = ", ".join(f"{name} {text}" for name, text in zip(names, texts))
    svg = tag(
        "svg",
        tag("title", "Permutation importance", id="importance-title"),
        tag(
            "desc",
            f"By how much the {importance.loss} rises: {said}.",
            id="importance-desc",
        ),
        parts,
        viewBox=f"0 0 {WIDTH:g} {len(names) * step:g}",
        class_="chart",
        role="img",
        aria_labelledby="importance-title importance-desc",
    )
    left_out = len(importance.names) - len(names)
    more = f"; {left_out:,} less important columns are not drawn" if left_out else ""
    caption = f"Rise of the {importance.loss} where a column is shuffled"
    return figure(caption, f"with 95 % intervals{more}", svg)


def _span(low: float, high: float, y: float) -> Html:
    """An interval across a bar, set off from it."""
    path = f"M{low:.1f} {y:.1f}H{high:.1f}"
    kinds = ("halo", "span")
    return join([tag("path", d=path, class_=kind) for kind in kinds])


def _rect(x: float, y: float, width: float, kind: str) -> Html:
    return tag(
        "rect",
        x=f"{x:.1f}",
        y=f"{y:.1f}",
        width=f"{width:.1f}",
        height="8",
        rx="2",
        class_=kind,
    )


def _words(x: float, y: float, text: str, anchor: str, kind: str | None = None) -> Html:
    return tag(
        "text", text, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor, class_=kind
    )


def _short(value: float) -> str:
    return f"{value:.4g}"


def _cut(text: str, most: int = 24) -> str:
    """The text, shortened to so many letters."""
    return text if len(text) <= most else text[: most - 1] + "…"
