"""The report's sections: from values to HTML, one function each."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

import numpy as np

from pronghorn.data.numerals import fixed
from pronghorn.data.schema import ColumnSchema
from pronghorn.report import figures
from pronghorn.report.classes import Confusion
from pronghorn.report.findings import NEARLY_PERFECT, Finding
from pronghorn.report.html import Html, join, tag
from pronghorn.report.roc import Area, Roc
from pronghorn.report.scores import Interval, Score
from pronghorn.report.values import Values

__all__ = [
    "data",
    "findings",
    "importance",
    "net",
    "predictions",
    "scores",
    "tiles",
    "training",
    "worst",
]

CATEGORIES = 4
MOST_AREAS = 12
MOST_COLUMNS = 200
"""Columns that the tables show; of a wider one the rest are counted."""


def scroll(table: Html, what: str) -> Html:
    """A table in a box of its own, which scrolls where it is wider than the page."""
    return tag(
        "div", table, class_="scroll", tabindex="0", role="region", aria_label=what
    )


def tiles(values: Values) -> Html:
    """The figures at the top."""
    first = values.scores[0]
    texts = score_texts(first)
    grave = sum(finding.grave for finding in values.findings)
    notes = len(values.findings) - grave
    target = values.schema.target
    task = target.task
    if target.labels:
        task += f", {len(target.labels)} classes"
    rows = "not given" if values.training is None else f"{values.training:,}"
    told = f"{grave} warning{'' if grave == 1 else 's'}"
    return tag(
        "dl",
        _tile(f"{first.name}, held out", texts[0], f"95 % interval {texts[1]}"),
        _tile("baseline", texts[2], f"always {values.baseline}"),
        _tile("target", target.name, task, large="name"),
        _tile("rows held out", f"{values.judged:,}", f"training rows: {rows}"),
        _tile(
            "to know first",
            told,
            f"and {notes} note{'' if notes == 1 else 's'}",
            "bad" if grave else None,
        ),
        class_="tiles",
    )


def _tile(
    name: str, value: str, small: str, kind: str | None = None, large: str = "large"
) -> Html:
    return tag(
        "div",
        tag("dt", name),
        tag("dd", value, class_=large),
        tag("dd", small, class_="quiet"),
        class_=kind,
    )


def findings(values: Values) -> list[Html]:
    """What to know first."""
    if not values.findings:
        looked = "leaks, duplicates, drift, rare classes, columns that are of no use"
        return [tag("p", f"Nothing was found. Looked for: {looked}.")]
    return [tag("ul", map(_finding, values.findings), class_="findings")]


def _finding(finding: Finding) -> Html:
    return tag(
        "li",
        tag("span", finding.kind, class_="kind"),
        " ",
        tag("strong", finding.subject),
        f" {finding.message}.",
        tag("span", _sentence(finding.remedy), class_="remedy")
        if finding.remedy
        else None,
        class_="grave" if finding.grave else None,
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def data(values: Values) -> list[Html]:
    """The schema: a line for each column."""
    schema = values.schema
    skills = {one.name: one.skill for one in values.alone}
    drifts = {one.name: one for one in values.drift}
    lines = []
    for column in [*schema.used, *(c for c in schema.columns if not c.used)]:
        skill, drift = skills.get(column.name), drifts.get(column.name)
        cells: list[Html] = [
            tag("th", column.name, scope="row"),
            tag("td", column.kind),
            _number(_share(column.missing, column.present + column.missing)),
            _number(f"{column.distinct:,}" if column.distinct else ""),
            tag("td", _held(column), class_="values"),
            _number(
                "" if skill is None else f"{max(skill, 0.0):.2f}",
                skill is not None and skill >= NEARLY_PERFECT,
            ),
            _number(
                "" if drift is None else f"{drift.index:.3f}",
                drift is not None and drift.told,
            ),
        ]
        lines.append(tag("tr", cells, class_=None if column.used else "out"))
    more = len(lines) - MOST_COLUMNS
    names = ("column", "kind", "missing", "distinct", "values", "alone", "drift")
    head = _head(names, (2, 3, 5, 6))
    table = tag(
        "table",
        tag("caption", "Columns, as they are in the training rows"),
        tag("thead", tag("tr", head)),
        tag("tbody", lines[:MOST_COLUMNS]),
    )
    return [
        scroll(table, "Columns of the table"),
        tag("p", f"{more:,} more columns are not shown.") if more > 0 else Html(""),
        tag("p", _about_columns(values), class_="below"),
        tag("p", _about_twins(values), class_="below"),
    ]


def _about_columns(values: Values) -> str:
    alone = (
        "alone: the share of the baseline's error that goes away where this column "
        "alone predicts the target, on rows held out (1: all of it)"
        if values.alone
        else "alone: not measured on so few rows"
    )
    drift = (
        "drift: the population stability index between training and held-out rows "
        "(below 0.1: little)"
        if values.drift
        else "drift: not measured, as the training rows were not given"
    )
    return f"{alone[:1].upper()}{alone[1:]}; {drift}."


def _about_twins(values: Values) -> str:
    twins = values.twins
    parts = [f"{twins.holdout:,} within the held-out rows"]
    if twins.training is not None:
        parts.insert(0, f"{twins.training:,} within the training rows")
        parts.append(f"{twins.shared:,} held-out rows are training rows too")
    exact = f"Exact duplicates: {'; '.join(parts)}."
    if twins.training is None:
        return exact
    return (
        f"{exact} In what the model is fed with and the target, {twins.alike:,} "
        f"held-out rows equal a training row; {twins.conflicting:,} more equal one but "
        "for the target."
    )


def _held(column: ColumnSchema) -> str:
    """What a column holds, in a few words."""
    if not column.used:
        return f"left out: {column.reason}"
    if column.kind == "numeric" and column.low is not None and column.high is not None:
        return " to ".join(fixed([column.low, column.high]))
    if column.categories:
        shown = ", ".join(column.categories[:CATEGORIES])
        more = len(column.categories) - CATEGORIES
        return f"{shown}, and {more:,} more" if more > 0 else shown
    return ""


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if part and whole else ""


def _head(names: Sequence[str], numbers: Container[int] = ()) -> list[Html]:
    """The names of a table's columns; those at `numbers` stand to the right."""
    return [
        tag("th", name, scope="col", class_="number" if i in numbers else None)
        for i, name in enumerate(names)
    ]


def _number(text: str, flag: bool = False) -> Html:
    shown = tag("span", text, class_="flag") if flag else text
    return tag("td", shown, class_="number")


def training(values: Values) -> list[Html]:
    """The learning curves."""
    drawn = [
        curves
        for curves in values.curves
        if _finite(curves.training) or _finite(curves.validation)
    ]
    if not drawn:
        return [tag("p", "The model keeps no history of its training.")]
    best = drawn[0].best
    words = []
    if best:
        which = f"epoch {best[0]:,}"
        if len(best) > 1:
            which = f"epochs {best[0]:,} to {best[-1]:,}, each member its best"
        words.append(f"The weights that were kept are those of {which} (dashed).")
    if values.schema.target.task == "regression":
        words.append("The losses are of the target as the net learns it, scaled.")
    charts = tag("div", map(figures.curves_chart, drawn), class_="charts")
    return [tag("p", " ".join(words)) if words else Html(""), charts]


def _finite(values: np.ndarray | None) -> bool:
    return values is not None and bool(np.isfinite(values).any())


def scores(values: Values) -> list[Html]:
    """Scores beside the baseline's."""
    lines = []
    for score in values.scores:
        model, spread, base, base_spread, gain, gain_spread = score_texts(score)
        sure = score.gain.low > 0
        shown = [
            tag("th", score.name, scope="row"),
            _with_spread(model, spread),
            _with_spread(base, base_spread),
            _with_spread(gain, gain_spread, "better" if sure else None),
        ]
        lines.append(tag("tr", shown))
    names = ["score", "this model", "baseline", "gain"]
    head = _head(names, range(1, len(names)))
    table = tag(
        "table",
        tag("caption", f"Of {values.judged:,} rows held out"),
        tag("thead", tag("tr", head)),
        tag("tbody", lines),
    )
    unit = values.schema.target.name
    meanings = [
        tag(
            "li",
            tag("strong", score.name),
            f": {score.meaning}",
            f", in the units of {unit}" if score.unit == "target" else None,
            ".",
        )
        for score in values.scores
    ]
    return [
        scroll(table, "Scores"),
        tag("ul", meanings, class_="words below"),
        tag(
            "p",
            f"The baseline always says {values.baseline}. Below each value its 95 % "
            "interval: percentiles of the bootstrap over the held-out rows. The gain "
            "is taken within each resample; it is green where its whole interval is "
            "above 0.",
            class_="below",
        ),
    ]


def _with_spread(value: str, spread: str, kind: str | None = None) -> Html:
    return tag(
        "td",
        tag("span", value, class_=kind),
        tag("span", spread, class_="interval"),
        class_="number",
    )


def score_texts(score: Score) -> list[str]:
    """Value and interval of model, baseline and gain, with as many decimals."""
    parts: Sequence[Interval] = (score.model, score.baseline, score.gain)
    numbers = [x for part in parts for x in (part.value, part.low, part.high)]
    if score.unit == "%":
        texts = [f"{100 * x:.1f} %" for x in numbers]
    elif score.unit == "target":
        texts = fixed(numbers, 4)
    else:
        texts = fixed(numbers, places=3)
    texts = ["unknown" if x != x else text for x, text in zip(numbers, texts)]
    spreads = [f"{texts[i + 1]} to {texts[i + 2]}" for i in (0, 3, 6)]
    return [texts[0], spreads[0], texts[3], spreads[1], texts[6], spreads[2]]


def predictions(values: Values) -> list[Html]:
    """Calibration, confusions and the ROC curve, or predicted against actual."""
    name = values.schema.target.name
    charts: list[Html] = []
    parts: list[Html] = []
    if values.residuals is not None:
        charts += [
            figures.predicted_chart(values.residuals, name),
            figures.errors_chart(values.residuals, name),
        ]
    if values.confusion is not None:
        parts.append(_confusion(values.confusion))
    if values.calibration is not None:
        charts += [
            figures.calibration_chart(values.calibration),
            figures.chances_chart(values.calibration),
        ]
    area = next((s for s in values.scores if s.name == "ROC AUC"), None)
    below: list[Html] = []
    if values.roc is not None and area is not None:
        charts.append(figures.roc_chart(values.roc.curves[0], area.model))
    elif values.roc is not None:
        charts.append(figures.rocs_chart(values.roc))
        below = _areas(values.roc)
    return [*parts, tag("div", charts, class_="charts"), *below]


def _areas(roc: Roc) -> list[Html]:
    """The area of each class against the rest, the smallest first."""
    assert roc.mean is not None
    rows = sum(area.rows for area in roc.areas)
    mean = Area(f"mean of {len(roc.areas)} classes", rows, roc.mean)
    lines = []
    for one in (mean, *roc.areas[:MOST_AREAS]):
        told = fixed([one.area.value, one.area.low, one.area.high], places=3)
        known = np.isfinite(one.area.low)
        cells = [
            tag("th", one.label, scope="row"),
            _number(f"{one.rows:,}"),
            _number(told[0]),
            _number(f"{told[1]} to {told[2]}" if known else "unknown"),
        ]
        lines.append(tag("tr", cells))
    head = _head(("class", "rows", "area", "95 % interval"), range(1, 4))
    table = tag(
        "table",
        tag("caption", "Areas under the ROC curves"),
        tag("thead", tag("tr", head)),
        tag("tbody", lines),
    )
    more = len(roc.areas) - MOST_AREAS
    left = f" {more:,} more classes have larger areas." if more > 0 else ""
    words = (
        "Area: how often a row of the class is held for more likely to be of it than "
        f"a row of any other class; 0.5 is chance.{left}"
    )
    return [
        scroll(table, "Areas under the ROC curves"),
        tag("p", words, class_="below"),
    ]


def _confusion(confusion: Confusion) -> Html:
    """The matrix; the darker a cell, the larger its share of the true class's rows."""
    rows = confusion.counts.sum(axis=1, keepdims=True)
    shares = confusion.counts / np.maximum(rows, 1)
    lines = []
    for i, label in enumerate(confusion.labels):
        cells = [
            tag(
                "td",
                f"{confusion.counts[i, j]:,}",
                tag("span", f"{shares[i, j]:.0%}", class_="interval"),
                class_="right" if i == j else None,
                style=f"--part:{0.5 * shares[i, j]:.3f}",
            )
            for j in range(len(confusion.labels))
        ]
        lines.append(tag("tr", tag("th", label, scope="row"), cells))
    names = ["true ↓ predicted →", *confusion.labels]
    head = _head(names)
    table = tag(
        "table",
        tag(
            "caption",
            "Confusion matrix",
        ),
        tag("thead", tag("tr", head)),
        tag("tbody", lines),
        class_="confusion",
    )
    about = (
        "Rows are true classes, columns predicted ones; shares are of the true class."
    )
    return join([scroll(table, "Confusion matrix"), tag("p", about, class_="below")])


def importance(values: Values) -> list[Html]:
    """How much each column matters."""
    found = values.importance
    if not found.names:
        return [tag("p", "No column to shuffle.")]
    base = f"{found.base:,.4g}" if found.base < 1000 else f"{found.base:,.0f}"
    about = (
        f"The {found.loss} of {found.rows:,} held-out rows is {base}. In the raw "
        f"table, one column at a time is shuffled ({found.repeats} times) and "
        "predicted anew. Columns that tell the same share their importance: each alone "
        "may look of little use."
    )
    charts = tag("div", figures.importance_chart(found), class_="charts")
    return [tag("p", about), charts]


def worst(values: Values) -> list[Html]:
    """The rows of the largest loss."""
    found = values.worst
    classes = values.confusion is not None
    names = ["row", "actual", "predicted", "loss" if classes else "error"]
    losses = [f"{x:.3g}" for x in found.loss] if classes else fixed(found.loss, 4)
    lines = []
    for i, row in enumerate(found.rows):
        cells: Iterable[Html] = [
            _number(found.truth[i]),
            _number(found.predicted[i]),
            _number(losses[i]),
            *(tag("td", text, class_="cell") for text in found.values[i]),
        ]
        lines.append(tag("tr", tag("th", f"{row:,}", scope="row"), cells))
    head = _head([*names, *found.names], range(1, 4))
    about = (
        "loss: minus the logarithm of the true class's chance; after the predicted "
        "class, its chance"
        if classes
        else "error: predicted minus actual"
    )
    table = tag(
        "table",
        tag("caption", "Rows with the largest loss"),
        tag("thead", tag("tr", head)),
        tag("tbody", lines),
    )
    words = (
        f"Row: its number in the held-out rows, from 0; {about}. The most important "
        "columns come first."
    )
    return [
        scroll(table, "Rows with the largest loss"),
        tag("p", words, class_="below"),
    ]


def net(values: Values) -> list[Html]:
    """The net drawn."""
    found = values.net
    said = tag("p", f"{found.parameters:,} parameters.")
    if found.drawing is None:
        return [said, scroll(tag("pre", found.summary), "Layers of the net")]
    # Within a page, SVG needs no name of its language, which looks like an address.
    svg = found.drawing.svg.replace(' xmlns="http://www.w3.org/2000/svg"', "")
    box = tag(
        "div",
        Html(svg),
        class_="net",
        tabindex="0",
        role="region",
        aria_label="The net's layers",
    )
    return [said, box]
