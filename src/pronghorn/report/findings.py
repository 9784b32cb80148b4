"""What to know before the model is trusted: leaks, duplicates, drift and the like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pronghorn.data.infer import likely_codes
from pronghorn.data.raw import RawColumn, RawTable
from pronghorn.data.schema import ColumnSchema, Schema
from pronghorn.report.alone import Alone
from pronghorn.report.answers import Answers, truth_of
from pronghorn.report.drift import Drift
from pronghorn.report.scores import Score
from pronghorn.report.twins import Twins

__all__ = ["Finding", "findings_of"]

NEARLY_PERFECT, STRONG = 0.98, 0.9
"""From these skills of one column on a leak is told, and asked for."""

DUPLICATES = 0.01
"""From this share of the rows on, duplicates are told."""

COMMON = 0.5
"""Where this share of the rows repeats others, equal rows prove no duplicates."""

MOSTLY, RARE = 0.9, 0.02
"""A class that holds more of the rows is told; so is one that holds fewer."""

HARDLY_THERE = 0.5
FEW_ROWS = 100
NEARLY_ALL = 0.99


@dataclass(frozen=True)
class Finding:
    """One thing to know.

    Attributes:
        kind: "leak", "duplicates", "drift", "imbalance", "identifier", "constant",
            "missing", "unseen", "rows" or "score".
        subject: the column's name, or what it is about.
        message: what was seen, after the subject.
        remedy: what to do; "" where there is nothing to do.
        grave: whether it makes the scores doubtful.
    """

    kind: str
    subject: str
    message: str
    remedy: str = ""
    grave: bool = False


def findings_of(
    schema: Schema,
    training: RawTable | None,
    holdout: RawTable,
    answers: Answers,
    scores: Sequence[Score],
    alone: Sequence[Alone],
    twins: Twins,
    drift: Sequence[Drift],
) -> tuple[Finding, ...]:
    """All findings, the grave ones first."""
    found = [
        *_leaks(schema, alone),
        *_too_good(answers, scores, alone),
        *_twins(twins, training, holdout),
        *_drift(drift),
        *_classes(schema, answers, training),
        *_few(answers),
        *_columns(schema),
        *_codes(schema, training or holdout),
        *_unseen(schema, holdout),
    ]
    return tuple(sorted(found, key=lambda finding: not finding.grave))


def _leaks(schema: Schema, alone: Sequence[Alone]) -> Iterator[Finding]:
    if schema.target.task == "regression":
        share = "of the target's variance (R²)"
    else:
        share = "of the errors of always saying the most frequent class"
    for one in sorted(alone, key=lambda one: -one.skill):
        told = f"by itself takes away {one.skill:.1%} {share}, on rows held out"
        if one.skill >= NEARLY_PERFECT:
            yield Finding(
                "leak",
                one.name,
                f"may give the answer away: it {told}",
                "if it is not known before the target is, leave it out",
                grave=True,
            )
        elif one.skill >= STRONG and len(alone) > 1:
            yield Finding(
                "leak",
                one.name,
                f"tells nearly all: it {told}",
                "make sure that it is known before the target is",
            )


def _too_good(
    answers: Answers, scores: Sequence[Score], alone: Sequence[Alone]
) -> Iterator[Finding]:
    if any(one.skill >= NEARLY_PERFECT for one in alone) or not scores:
        return
    values = {score.name: score.model.value for score in scores}
    perfect = values.get("R²", 0.0) > NEARLY_ALL or values.get("error") == 0
    if perfect and len(answers.rows) > FEW_ROWS:
        yield Finding(
            "leak",
            answers.target.name,
            "is predicted nearly without error, though no single column does so: "
            "several together may give the answer away",
            "look at the columns of the highest importance",
        )


def _twins(
    twins: Twins, training: RawTable | None, holdout: RawTable
) -> Iterator[Finding]:
    within = "equal an earlier row in every column"
    # Where most rows repeat others, few different rows are possible at all.
    common = training is not None and (twins.training or 0) >= COMMON * training.rows
    if twins.shared is not None and twins.shared >= DUPLICATES * holdout.rows:
        yield Finding(
            "duplicates",
            "Held-out rows",
            f"that also stand in the training rows: {_share(twins.shared, holdout)}; "
            "they are known to the model, so its scores are better than on new rows",
            "drop the duplicates before the rows are split, unless equal rows are "
            "different cases",
            grave=not common,
        )
    for count, rows, what in (
        (twins.training, training, "Training rows"),
        (twins.holdout, holdout, "Held-out rows"),
    ):
        if count and rows is not None and count >= DUPLICATES * rows.rows:
            told = f"that {within}: {_share(count, rows)}"
            yield Finding("duplicates", what, told)


def _drift(drift: Sequence[Drift]) -> Iterator[Finding]:
    for each in sorted(drift, key=lambda each: -each.index):
        if each.told:
            before, after = each.missing
            gaps = (
                f"; {before:.1%} of its values were missing in training, {after:.1%} "
                "are held out"
                if abs(before - after) >= 0.05
                else ""
            )
            yield Finding(
                "drift",
                each.name,
                "is distributed otherwise in the held-out rows than in the training "
                f"rows (stability index {each.index:.2f}, {each.test}){gaps}",
                "if new rows will differ too, the scores tell what to expect; if not, "
                "draw the held-out rows by chance",
                grave=True,
            )


def _classes(
    schema: Schema, answers: Answers, training: RawTable | None
) -> Iterator[Finding]:
    target = schema.target
    if answers.strange:
        yield Finding(
            "unseen",
            target.name,
            f"has a class in {_rows(answers.strange)} that the model does not know: "
            "it is wrong there, and these rows are in no score below",
            grave=True,
        )
    if answers.chances is None:
        return
    if training is None:
        counts = np.bincount(answers.truth, minlength=len(target.labels))
    else:
        codes, known = truth_of(target, training.column(target.name))
        counts = np.bincount(codes[known], minlength=len(target.labels))
    shares = counts / max(counts.sum(), 1)
    most = int(shares.argmax())
    if shares[most] >= MOSTLY:
        yield Finding(
            "imbalance",
            target.name,
            f"is {target.labels[most]!r} in {shares[most]:.1%} of the rows: a small "
            "error says little",
            "look at the balanced error and at the confusion matrix",
        )
    elif shares.min() < RARE:
        rare = int(shares.argmin())
        yield Finding(
            "imbalance",
            target.name,
            f"is {target.labels[rare]!r} in {counts[rare]:,} rows only "
            f"({shares[rare]:.2%}): what is said of that class is uncertain",
            "look at its row in the confusion matrix",
        )


def _few(answers: Answers) -> Iterator[Finding]:
    if len(answers.rows) < FEW_ROWS:
        yield Finding(
            "rows",
            "The holdout",
            f"has {_rows(len(answers.rows))}: the intervals of the scores are wide",
            "measure by cross-validation, or hold out more rows",
        )


LEFT_OUT = (
    ("identifier", "look like identifiers", "name {} among the features to use {}"),
    ("constant", "hold one value", ""),
)


def _columns(schema: Schema) -> Iterator[Finding]:
    for kind, what, remedy in LEFT_OUT:
        found = [column for column in schema.columns if column.kind == kind]
        names = ", ".join(column.name for column in found)
        if len(found) == 1:
            told, word = f"is left out: {found[0].reason}", "it"
            yield Finding(kind, names, told, remedy.format(word, word))
        elif found:
            told, word = f"are left out: they {what}", "them"
            yield Finding(kind, names, told, remedy.format(word, word))
    for column in schema.used:
        rows = column.present + column.missing
        if rows and column.missing >= HARDLY_THERE * rows:
            share = column.missing / rows
            told = f"is missing in {share:.0%} of the training rows"
            yield Finding("missing", column.name, told)


def _codes(schema: Schema, rows: RawTable) -> Iterator[Finding]:
    """Numbers that may stand for a missing value."""
    known = tuple(c for c in schema.used if c.name in rows.columns)
    for notice in likely_codes(rows, Schema(known, schema.target)):
        yield Finding(
            "missing",
            notice.column,
            notice.message,
            "if so, have it read as missing before training",
        )


def _unseen(schema: Schema, holdout: RawTable) -> Iterator[Finding]:
    for column in schema.used:
        if column.kind == "categorical" and column.name in holdout.columns:
            levels, rows = _strange(column, holdout.columns[column.name])
            if rows:
                more = f" and {len(levels) - 1:,} more" if len(levels) > 1 else ""
                yield Finding(
                    "unseen",
                    column.name,
                    f"holds {levels[0]!r}{more}, not among the training rows' "
                    f"categories, in {_rows(rows)} held out",
                )


def _strange(column: ColumnSchema, raw: RawColumn) -> tuple[list[str], int]:
    known = set(column.categories)
    texts = [text for text in raw.text() if text and text not in known]
    return list(dict.fromkeys(texts)), len(texts)


def _share(count: int, rows: RawTable) -> str:
    return f"{count:,} of {rows.rows:,} ({count / max(rows.rows, 1):.1%})"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
