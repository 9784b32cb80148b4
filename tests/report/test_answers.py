"""What a model says beside what is true."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from pronghorn.data.raw import RawTable
from pronghorn.data.tables import raw_table
from pronghorn.errors import DataError
from pronghorn.report import answers
from pronghorn.report.answers import answers_of, losses, told_of

from .models import Fake, schema, table


def two(data: RawTable) -> np.ndarray:
    """The chances of two classes, as x tells them."""
    x = np.asarray(data.columns["x"].values)
    return np.stack([1 - x, x], axis=1)


def test_rows_without_a_target_are_left_out() -> None:
    model = Fake(schema(["x"]), lambda data: data.columns["x"].values * 2)
    held = table(x=[1, 2, 3], y=[2, np.nan, 5])
    found = answers_of(model, held)
    assert found.rows.tolist() == [0, 2]
    assert found.truth.tolist() == [2, 5] and found.predicted.tolist() == [2, 6]
    assert found.losses.tolist() == [0, 1] and found.chances is None


def test_classes_and_one_that_the_model_does_not_know() -> None:
    model = Fake(schema(["x"], labels=["no", "yes"]), two)
    frame = table(x=[0.2, 0.9, 0.4], y=["no", "maybe", "yes"])
    found = answers_of(model, raw_table(frame))
    assert found.rows.tolist() == [0, 2] and found.strange == 1
    assert found.truth.tolist() == [0, 1] and found.predicted.tolist() == [0, 0]
    np.testing.assert_allclose(found.losses, [-np.log(0.8), -np.log(0.4)])


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([False, True], ["False", "True"]),
        ([False, True], ["false", "true"]),
        ([1, 2], ["1", "2"]),
        ([1.0, 2.0], ["1.0", "2.0"]),
        ([0.5, 1.0], ["0.5", "1"]),
        (["No", "Yes"], ["No", "Yes"]),
        (["nan", "NaN"], ["nan", "NaN"]),
    ],
)
def test_labels_are_met_however_they_come(values: list[Any], labels: list[str]) -> None:
    frame = pd.DataFrame({"x": [0.2, 0.9], "y": values})
    model = Fake(schema(["x"], labels=labels), two)
    assert answers_of(model, raw_table(frame)).truth.tolist() == [0, 1]


def test_no_row_with_a_target() -> None:
    model = Fake(schema(["x"]), lambda data: data.columns["x"].values)
    with pytest.raises(DataError, match="No held-out row"):
        answers_of(model, table(x=[1.0], y=[np.nan]))


def test_text_where_numbers_are_predicted() -> None:
    model = Fake(schema(["x"]), lambda data: data.columns["x"].values)
    with pytest.raises(DataError, match="holds text"):
        answers_of(model, table(x=[1.0], y=["x"]))


def test_predictions_that_are_not_finite() -> None:
    model = Fake(schema(["x"]), lambda data: data.columns["x"].values * np.nan)
    with pytest.raises(DataError, match="not finite"):
        answers_of(model, table(x=[1.0], y=[2.0]))


def test_many_rows_are_asked_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def told(data: object) -> np.ndarray:
        values = data.columns["x"].values  # type: ignore[attr-defined]
        sizes.append(len(values))
        return np.asarray(values)

    monkeypatch.setattr(answers, "ROWS_AT_ONCE", 4)
    rows = table(x=range(10))
    assert told_of(Fake(schema(["x"]), told), rows).tolist() == list(range(10))
    assert sizes == [4, 4, 2]


def test_a_chance_of_nothing_has_a_finite_loss() -> None:
    assert losses(np.array([0]), np.array([[0.0, 1.0]]))[0] == pytest.approx(
        -np.log(1e-7)
    )
