"""A trained model takes raw rows from any table, and after it was saved, too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from pronghorn.data.tables import raw_table
from pronghorn.errors import DataError
from pronghorn.tabular import TableModel, fit

ROWS = 80
RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "size": RNG.normal(size=ROWS),
        "color": [("red", "blue", None, "green")[i % 4] for i in range(ROWS)],
        "sold": pd.date_range("2024-01-30", periods=ROWS, freq="7h"),
        "new": RNG.integers(0, 2, ROWS).astype(bool),
    }
)
FRAME.loc[::7, "size"] = np.nan
PRICE = FRAME["size"].fillna(0.0) * 3 + FRAME["new"]
TABLES: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas": lambda f: f,
    "Arrow-backed": lambda f: f.convert_dtypes(dtype_backend="pyarrow"),
    "polars": pl.from_pandas,
    "arrow": lambda f: pa.Table.from_pandas(f, preserve_index=False),
    "dict": lambda f: {name: f[name].tolist() for name in f.columns},
    "dicts": lambda f: f.to_dict("records"),
    "raw": raw_table,
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> TableModel:
    path = tmp_path_factory.mktemp("model") / "m.keras"
    fit(FRAME.assign(price=PRICE), "price", preset="fast", epochs=3).save(path)
    return TableModel.load(path)


@pytest.mark.parametrize("source", TABLES)
def test_predictions_and_scores(source: str, model: TableModel) -> None:
    made = TABLES[source]
    expected = model.predict(FRAME)
    assert expected.dtype == np.float64 and len(np.unique(expected)) > 10
    np.testing.assert_array_equal(model.predict(made(FRAME)), expected)
    for row in (0, 1, 2, 7):
        alone = model.predict(made(FRAME[row : row + 1]))
        np.testing.assert_allclose(alone, expected[row : row + 1], rtol=1e-6)
    scores = model.evaluate(made(FRAME.assign(price=PRICE)))
    assert scores == model.evaluate(FRAME, PRICE)


def test_a_row_by_itself(model: TableModel) -> None:
    expected = model.predict(FRAME[3:4])
    for row in (FRAME.iloc[3], FRAME.iloc[3].to_dict()):
        for _ in range(3):  # the short way begins with the second
            np.testing.assert_array_equal(model.predict(row), expected)


def test_rows_in_between_leave_no_trace(model: TableModel) -> None:
    expected = model.predict(FRAME)
    for row in (5, 7, 2, 5):
        one = FRAME[row : row + 1]
        np.testing.assert_allclose(model.predict(one), expected[[row]], rtol=1e-6)
        np.testing.assert_array_equal(model.predict(FRAME), expected)


def test_files(model: TableModel, tmp_path: Path) -> None:
    whole = FRAME.assign(price=PRICE)
    csv, parquet = tmp_path / "t.csv", tmp_path / "t.parquet"
    whole.to_csv(csv, index=False)
    whole.to_parquet(parquet)
    for path in (csv, str(parquet)):
        np.testing.assert_allclose(model.predict(path), model.predict(FRAME), rtol=1e-6)
        assert model.evaluate(path) == pytest.approx(model.evaluate(whole))


def test_no_target_to_score_by(model: TableModel) -> None:
    with pytest.raises(DataError, match=r"'price'[\s\S]*'size', 'color'"):
        model.evaluate(FRAME)


LABELS: dict[str, tuple[Any, list[Any]]] = {
    "bools": (FRAME["new"], [False, True]),
    "nullable bools": (FRAME["new"].astype("boolean"), [False, True]),
    "Arrow's bools": (FRAME["new"].astype("bool[pyarrow]"), [False, True]),
    "numbers": (FRAME["new"] + 1, [1, 2]),
    "categories": ((FRAME["new"] + 1).astype("category"), [1, 2]),
    "text": (FRAME["new"].map({True: " a ", False: "b"}), [" a ", "b"]),
}


@pytest.mark.parametrize("case", LABELS)
def test_labels_keep_their_type(case: str) -> None:
    labels, expected = LABELS[case]
    frame = FRAME.assign(new=FRAME["new"].astype(int), label=labels)
    model = fit(frame, "label", preset="fast", epochs=1)
    assert model.classes.tolist() == expected
    found = model.predict(frame).tolist()
    assert set(map(type, found)) == {type(expected[0])}
    hits = np.mean([a == b for a, b in zip(found, labels.tolist())])
    assert model.evaluate(frame)["accuracy"] == pytest.approx(hits)
