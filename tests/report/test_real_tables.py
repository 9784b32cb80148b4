"""Reports of real tables: their numbers are those of a second way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import (
    accuracy_score,
    log_loss,
    roc_auc_score,
    root_mean_squared_error,
)

import pronghorn
from pronghorn.report import Report, make_report

from .test_page import SECTIONS, read


def made(path: Path, target: str, rows: int, epochs: int = 12, **options: Any) -> tuple[
    Report, Any, pd.DataFrame
]:  # fmt: skip
    """A report of a quick model of some rows, with the model and its holdout."""
    gaps = ["", "NA", "NULL"]
    frame = pd.read_csv(path, keep_default_na=False, na_values=gaps, low_memory=False)
    frame = frame.sample(min(rows, len(frame)), random_state=0)
    cut = len(frame) * 3 // 4
    training, holdout = frame[:cut], frame[cut:]
    model = pronghorn.tabular.fit(
        training, target, preset="fast", epochs=epochs, **options
    )
    return make_report(model, holdout, training), model, holdout


def scores(report: Report) -> dict[str, float]:
    """The model's scores by name."""
    return {score.name: score.model.value for score in report.values.scores}


def whole(report: Report) -> None:
    """What holds for every report."""
    values = report.values
    for score in values.scores:
        assert score.model.low <= score.model.value <= score.model.high, score.name
        assert score.gain.low > 0, f"better than the baseline: {score.name}"
    assert len(values.importance.names) == len(values.schema.used)
    assert len(values.worst.rows) == 10
    assert values.curves[0].name == "loss"
    reader = read(report.html())
    assert [a["id"] for tag, a in reader.elements if tag == "section"] == SECTIONS


def test_titanic(data_dir: Path) -> None:
    report, model, holdout = made(data_dir / "titanic.csv", "Survived", 891, epochs=60)
    whole(report)
    chances = model.predict_proba(holdout)[:, 1]
    found = scores(report)
    truth = holdout["Survived"].to_numpy()
    assert found["error"] == pytest.approx(1 - accuracy_score(truth, chances > 0.5))
    assert found["ROC AUC"] == pytest.approx(roc_auc_score(truth, chances))
    assert found["log loss"] == pytest.approx(log_loss(truth, chances), rel=1e-4)
    assert report.values.importance.names[0] == "Sex"
    kinds = {finding.kind for finding in report.findings}
    assert kinds <= {"identifier", "missing", "unseen"}, report.findings
    assert "identifier" in kinds
    name = holdout["Name"].iloc[report.values.worst.rows[0]]
    assert name in report.values.worst.values[0], "worst rows are shown as they came"


def test_california(data_dir: Path) -> None:
    path = data_dir / "california.csv.gz"
    report, model, holdout = made(path, "median_house_value", 4000)
    whole(report)
    truth = holdout["median_house_value"].to_numpy()
    wanted = root_mean_squared_error(truth, model.predict(holdout))
    assert scores(report)["RMSE"] == pytest.approx(wanted)
    assert "median_income" in report.values.importance.names[:4]
    assert not any(finding.grave for finding in report.findings)
    assert report.values.twins.training == 0


def test_red_wine_has_duplicates(data_dir: Path) -> None:
    path = data_dir / "red-wine.csv"
    report, model, holdout = made(
        path, "quality", 1599, epochs=30, task="classification"
    )
    kinds = [(f.kind, f.grave) for f in report.findings]
    assert ("duplicates", True) in kinds and ("leak", True) not in kinds
    confusion = report.values.confusion
    assert confusion is not None
    assert confusion.labels == ("3", "4", "5", "6", "7", "8")
    roc = report.values.roc
    assert roc is not None and roc.mean is not None
    chances = model.predict_proba(holdout)
    for one in roc.areas:
        place = confusion.labels.index(one.label)
        wanted = roc_auc_score(holdout["quality"] == int(one.label), chances[:, place])
        assert one.area.value == pytest.approx(wanted), one.label
    assert 0.6 < roc.mean.low < roc.mean.high < 0.95


HOTEL = ("reservation_status", "reservation_status_date")


@pytest.mark.parametrize("drop", [(), HOTEL])
def test_hotel_tells_its_answer_giving_column(
    data_dir: Path, drop: tuple[str, ...]
) -> None:
    path = data_dir / "hotel.csv.gz"
    report, _, _ = made(path, "is_canceled", 6000, epochs=4, drop=drop)
    leaks = [f.subject for f in report.findings if f.kind == "leak" and f.grave]
    assert leaks == ([] if drop else ["reservation_status"])


def test_rows_in_order_of_time_drift(data_dir: Path) -> None:
    frame = pd.read_csv(data_dir / "bike.csv.gz")
    frame = frame.drop(columns=["casual", "registered", "instant"])[::4]
    cut = len(frame) * 3 // 4
    training, holdout = frame[:cut], frame[cut:]
    model = pronghorn.tabular.fit(training, "cnt", preset="fast", epochs=3)
    report = make_report(model, holdout, training)
    drifted = {f.subject for f in report.findings if f.kind == "drift"}
    assert {"yr", "dteday", "cnt"} <= drifted
    assert "hr" not in drifted and "weekday" not in drifted
    mixed = frame.sample(len(frame), random_state=0)
    calm = make_report(model, mixed[cut:], mixed[:cut])
    assert [f for f in calm.findings if f.kind == "drift"] == []
    assert np.isfinite([d.index for d in calm.values.drift]).all()
