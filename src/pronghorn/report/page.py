"""The whole page: one file, which asks the network for nothing and runs no script."""

from __future__ import annotations

from pathlib import Path

from pronghorn.report import sections
from pronghorn.report.html import Html, tag
from pronghorn.report.importance import REPEATS
from pronghorn.report.scores import draw_count
from pronghorn.report.values import Values

__all__ = ["page"]

_CSS = Html((Path(__file__).parent / "report.css").read_text("utf-8"))

#: Not even a broken escape could load or run anything.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"

EXAMPLE_COLUMNS = 40
"""A row of more columns is not written out."""

SECTIONS = (
    ("findings", "What to know first", sections.findings),
    ("data", "Data", sections.data),
    ("training", "Training", sections.training),
    ("scores", "Scores", sections.scores),
    ("predictions", "Predictions", sections.predictions),
    ("importance", "Importance of the columns", sections.importance),
    ("worst", "Worst rows", sections.worst),
    ("net", "The net", sections.net),
)


def page(values: Values) -> str:
    """The report as a document of HTML."""
    parts = [(key, name, made(values)) for key, name, made in SECTIONS]
    parts.append(("use", "How to use it", _use(values)))
    parts.append(("method", "How this was made", _method(values)))
    links = [tag("li", tag("a", name, href=f"#{key}")) for key, name, _ in parts]
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", values.title),
        tag("style", _CSS),
    )
    body = tag(
        "body",
        tag(
            "header",
            tag("h1", values.title),
            tag("p", _about(values), class_="quiet"),
            sections.tiles(values),
            tag("nav", tag("ul", links), aria_label="Sections"),
        ),
        tag("main", [_section(key, name, body) for key, name, body in parts]),
        tag("footer", tag("p", f"Made by Pronghorn {values.version}.")),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _section(key: str, name: str, body: list[Html]) -> Html:
    heading = tag("h2", name, id=f"{key}-name")
    return tag("section", heading, body, id=key, aria_labelledby=f"{key}-name")


def _about(values: Values) -> str:
    used, all_ = len(values.schema.used), len(values.schema.columns)
    return (
        f"A net that predicts {values.schema.target.name} from {used:,} of {all_:,} "
        f"columns, measured on {values.judged:,} rows that it was not trained on."
    )


def _use(values: Values) -> list[Html]:
    shell = [
        f"pronghorn predict {values.file} rows.csv --out predictions.csv",
        f"pronghorn evaluate {values.file} rows.csv",
        f"pronghorn show {values.file}",
    ]
    return [
        *([] if values.opened_by is None else _python(values, values.opened_by)),
        tag("h3", "In a terminal"),
        _code("\n".join(shell), "Commands"),
    ]


def _python(values: Values, opened_by: str) -> list[Html]:
    few = len(values.example) <= EXAMPLE_COLUMNS
    cells = [f"    {name!r}: [{cell!r}]," for name, cell in values.example.items()]
    lines = [
        "import pronghorn",
        "",
        f"model = pronghorn.tabular.{opened_by}.load({values.file!r})",
        *(["rows = {", *cells, "}"] if few else ['rows = "rows.csv"']),
        "model.predict(rows)",
    ]
    if values.schema.target.labels:
        lines.append("model.predict_proba(rows)")
    about = "With a row that was held out; a data frame does as well:"
    wide = f"With a file of all {len(values.example)} columns; a data frame does, too:"
    return [
        tag("h3", "In Python"),
        tag("p", about if few else wide),
        _code("\n".join(lines), "Python"),
    ]


def _code(text: str, what: str) -> Html:
    return tag(
        "pre",
        tag("code", text),
        tabindex="0",
        role="region",
        aria_label=what,
    )


def _method(values: Values) -> list[Html]:
    drawn = draw_count(values.judged)
    classes = values.schema.target.task == "classification"
    lines = [
        f"Intervals: 95 % percentiles of {drawn:,} bootstrap resamples of the held-out "
        "rows, each taken as independent of the others. They tell how far the scores "
        "would move with other held-out rows, not with another training.",
        f"Importance: {values.importance.rows:,} held-out rows, each column of the raw "
        f"table shuffled {REPEATS} times; the interval is over resamples of the rows.",
        "A column alone: the best of its categories or bins and, for numbers, of the "
        "line through its values and the straight line, fitted on training rows and "
        "measured on held-out rows (up to 20,000 and 10,000); where few are held out, "
        "by twofold cross-validation.",
        "Drift: the population stability index in ten bins of the training rows; told "
        "from 0.1 on, if a Kolmogorov-Smirnov or chi-squared test at 1 % divided by "
        "the number of tests says that it is not chance.",
        "Duplicates: rows that are equal in every column, but for those that number "
        "the rows.",
        f"Seed of all draws: {values.seed}.",
    ]
    if classes:
        lines.insert(
            1,
            "Calibration: ten bins of equal width, with Wilson's 95 % intervals; the "
            "expected calibration error is the mean distance of what is said to what "
            "comes true, weighted by rows.",
        )
    if values.roc is not None and values.roc.areas:
        lines.insert(
            2,
            "Areas under the ROC curves of one class against the rest: intervals as "
            "DeLong, DeLong and Clarke-Pearson (1988) have them, symmetric in the "
            "logit. The mean is over the classes, each counting the same.",
        )
    return [tag("ul", [tag("li", line) for line in lines])]
