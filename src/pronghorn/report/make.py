"""`make_report`: everything there is to say of a model, on one page."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from typing import Any

from pronghorn.data.raw import NumberColumn, RawTable
from pronghorn.errors import ArgumentError
from pronghorn.report.alone import alone
from pronghorn.report.answers import Answers, Reportable, answers_of, truth_of
from pronghorn.report.classes import calibration_of, confusion_of
from pronghorn.report.drift import drift_of
from pronghorn.report.findings import Finding, findings_of
from pronghorn.report.fitting import curves_of
from pronghorn.report.importance import importance_of
from pronghorn.report.net import net_of
from pronghorn.report.page import page
from pronghorn.report.residuals import residuals_of
from pronghorn.report.roc import roc_of
from pronghorn.report.scores import baseline_of, scores_of
from pronghorn.report.tables import as_table
from pronghorn.report.twins import twins_of
from pronghorn.report.values import Values
from pronghorn.report.worst import worst_of
from pronghorn.saving.archive import atomic_write
from pronghorn.tabular.plain import PlainModel
from pronghorn.tabular.table_model import REPORTING, TableModel

__all__ = ["Report", "check_path", "make_report", "write_report"]

OPENED = (TableModel, PlainModel)


@dataclass(frozen=True)
class Report:
    """A report on a model: its values, and the page that shows them.

    Attributes:
        values: all that it says.
    """

    values: Values = field(repr=False)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What to know first, the grave ones before the others."""
        return self.values.findings

    def html(self) -> str:
        """The page: one document, which needs no network and no script."""
        return page(self.values)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the page into a file.

        Args:
            path: a name ending in `.html` or `.htm`; a file of that name is replaced.

        Raises:
            ArgumentError: another ending, or no such folder.
        """
        check_path(path)
        atomic_write(path, self.html().encode(), overwrite=True)


def make_report(
    model: Reportable,
    holdout: Any,
    training: Any = None,
    *,
    seed: int = 0,
    title: str | None = None,
    file: str = "model.keras",
) -> Report:
    """Measures a model on rows that it has not seen, and looks for what is wrong.

    The report holds the data's schema and warnings (a column that alone predicts the
    target, duplicates, drift, rare classes), learning curves, scores with confidence
    intervals beside a baseline, calibration and confusions or errors, permutation
    importance, the worst rows, and the net. 12,000 rows take a few seconds.

    Args:
        model: has `schema`, `history`, `net`, `predict` and `predict_proba`, as a
            `TableModel` and a `PlainModel` have.
        holdout: rows that the model was not trained on: a table with the target, as
            `tabular.fit` takes them, or (data, y).
        training: the rows that it was trained on, for drift, shared rows and the
            baseline. Default None: these are left out, or made from the holdout.
        seed: of resamples, of shuffles, and of the rows drawn where there are many.
            Default 0.
        title: of the page. Default None: the target's name.
        file: the model's file, in the lines that show how to use it.

    Raises:
        DtypeError: something else than tables.
        DataError: a table without the target, or none of its rows has one.

    Example:

    >>> rng = np.random.default_rng(0)
    >>> size = rng.normal(size=300)
    >>> table = {"size": size, "price": 3 * size + 2 * rng.normal(size=300)}
    >>> first = {name: values[:200] for name, values in table.items()}
    >>> last = {name: values[200:] for name, values in table.items()}
    >>> model = pronghorn.tabular.fit(first, "price", preset="fast", epochs=20)
    >>> report = make_report(model, last, first)
    >>> report.findings, report.values.scores[0].name
    ((), 'RMSE')
    >>> report.html().startswith("<!doctype html>")
    True
    """
    schema = model.schema
    held = as_table(holdout, schema.target.name, "holdout")
    learned = _training(training, schema.target.name)
    answers = answers_of(model, held)
    baseline = baseline_of(answers, _truth(model, learned))
    scores = scores_of(answers, baseline, seed)
    single = alone(schema, learned, held, seed)
    twins = twins_of(schema, learned, held)
    drift = () if learned is None else drift_of(schema, learned, held)
    importance = importance_of(model, held, answers, seed)
    values = Values(
        title=title or f"Report: {schema.target.name}",
        schema=schema,
        seed=seed,
        training=None if learned is None else learned.rows,
        holdout=held.rows,
        judged=len(answers.rows),
        findings=findings_of(
            schema, learned, held, answers, scores, single, twins, drift
        ),
        curves=curves_of(model.history, getattr(model, "best", ())),
        baseline=baseline.words,
        scores=scores,
        calibration=calibration_of(answers),
        confusion=confusion_of(answers),
        roc=roc_of(answers),
        residuals=residuals_of(answers, seed),
        importance=importance,
        worst=worst_of(held, answers, importance.names),
        alone=single,
        twins=twins,
        drift=drift,
        net=net_of(model.net),
        example=_example(model, held, answers),
        file=file,
        opened_by=type(model).__name__ if isinstance(model, OPENED) else None,
        version=str(sys.modules["pronghorn"].__version__),
    )
    return Report(values)


def write_report(
    model: Reportable,
    path: str | os.PathLike[str],
    holdout: Any,
    training: Any = None,
    **options: Any,
) -> Report:
    """What `TableModel.report` does; its docstring tells."""
    check_path(path)
    report = make_report(model, holdout, training, **options)
    report.save(path)
    return report


def check_path(path: str | os.PathLike[str]) -> None:
    """Refuses a file that could not be written.

    Raises:
        ArgumentError: another ending, or no such folder.
    """
    name = os.fspath(path)
    if not name.lower().endswith((".html", ".htm")):
        raise ArgumentError(
            "A report is a page of HTML.",
            where="report",
            expected="a name ending in .html",
            received=name,
        )
    folder = os.path.dirname(name) or "."
    if not os.path.isdir(folder) or os.path.isdir(name):
        raise ArgumentError(
            f"{name} cannot be written.",
            where="report",
            expected="the name of a file in a folder that is there",
            received=f"no folder {folder}" if not os.path.isdir(folder) else "a folder",
            remedy="make the folder first, or choose another name",
        )


def _training(training: Any, target: str) -> RawTable | None:
    return None if training is None else as_table(training, target, "training")


def _truth(model: Reportable, learned: RawTable | None) -> Any:
    """The training rows' targets that are known."""
    if learned is None:
        return None
    target = model.schema.target
    truth, known = truth_of(target, learned.column(target.name))
    return truth[known] if known.any() else None


def _example(
    model: Reportable, held: RawTable, answers: Answers
) -> dict[str, str | float | None]:
    """The first held-out row that is judged, without the target."""
    found: dict[str, str | float | None] = {}
    for column in model.schema.used:
        if column.name in held.columns:
            raw = held.columns[column.name].take(answers.rows[:1])
            text = raw.text()[0]
            if not text:
                found[column.name] = None
            elif isinstance(raw, NumberColumn):
                value = float(raw.values[0])
                found[column.name] = int(value) if value.is_integer() else value
            else:
                found[column.name] = text
    return found


REPORTING.append(write_report)
