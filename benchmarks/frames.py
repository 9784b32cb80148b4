"""A frame of one row to a prediction in the table's own units, in a process of its own.

`python -m benchmarks.frames` serves the requests of `prediction.frames`.
"""

from __future__ import annotations

import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.serving import serve

MAKERS = ("Ada", "Bly", "Cor", "Dee")
Predict = Callable[[Any], Any]


def made_table(rows: int = 500) -> dict[str, list[Any]]:
    """Columns sugars, fiber (numbers), mfr (a category) and calories, the target."""
    draw = np.random.default_rng(0)
    sugars, fiber = draw.uniform(0, 15, rows), draw.uniform(0, 9, rows)
    mfr = draw.integers(0, len(MAKERS), rows)
    calories = 90 + 2.5 * sugars - fiber + 3 * mfr + draw.normal(size=rows)
    return {
        "sugars": sugars.tolist(),
        "fiber": fiber.tolist(),
        "mfr": [MAKERS[i] for i in mfr],
        "calories": calories.tolist(),
    }


def ours(table: dict[str, list[Any]]) -> Predict:
    """The saved file's encoders and net (64, 64, 1), opened again."""
    from pronghorn.data.raw import RawTable
    from pronghorn.data.schema import Schema
    from pronghorn.models import load_model
    from pronghorn.tabular import decode, encode_table, fit_schema

    raw = raw_table(table)
    rows = np.arange(raw.rows)
    schema = fit_schema(raw, rows, "calories", linear=False)
    inputs = encode_table(schema, raw).arrays
    member = "pronghorn/schema.json"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.keras"
        model = our_net(inputs[0].shape[1])
        model._pronghorn_members = {member: schema.to_json().encode()}
        model.save(path)
        model = load_model(path)
    schema = Schema.from_json(model._pronghorn_members[member])

    def predict(frame: Any) -> Any:
        columns = {name: frame[name].tolist() for name in frame.columns}
        numbers = encode_table(schema, RawTable(raw_table(columns).columns, 1)).numbers
        return decode(schema, model.predict(numbers, verbose=0))

    return predict


def our_net(width: int) -> Any:
    """64 relu, 64 relu, 1, trained by nothing: its cost does not depend on that."""
    import pronghorn as keras

    dense = keras.layers.Dense
    hidden = [dense(64, activation="relu") for _ in range(2)]
    return keras.Sequential([keras.Input((width,)), *hidden, dense(1)])


def raw_table(columns: dict[str, list[Any]]) -> Any:
    """Columns of a frame as Pronghorn's encoders take them."""
    from pronghorn.data.raw import NumberColumn, RawTable, text_column

    made: dict[str, Any] = {}
    for name, values in columns.items():
        if isinstance(values[0], str):
            made[name] = text_column(name, values)
        else:
            made[name] = NumberColumn(name, np.array(values, np.float64))
    return RawTable(made, len(next(iter(columns.values()))))


def theirs(table: dict[str, list[Any]]) -> tuple[Any, Any, Any]:
    """scikit-learn's encoders, its net, and a frame of what they take."""
    import pandas
    from sklearn.compose import ColumnTransformer
    from sklearn.neural_network import MLPRegressor
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    frame = pandas.DataFrame(table)
    categories = OneHotEncoder(sparse_output=False, handle_unknown="ignore")
    encoders = ColumnTransformer(
        [("n", StandardScaler(), ["sugars", "fiber"]), ("c", categories, ["mfr"])]
    )
    x = encoders.fit_transform(frame).astype(np.float32)
    warnings.simplefilter("ignore")  # it has not converged, and need not
    net = MLPRegressor(hidden_layer_sizes=(64, 64), max_iter=2).fit(
        x, frame["calories"]
    )
    return encoders, net, frame


def sklearn(table: dict[str, list[Any]]) -> Predict:
    """A pipeline of scikit-learn alone."""
    from sklearn.pipeline import make_pipeline

    encoders, net, _ = theirs(table)
    both = make_pipeline(encoders, net)
    return lambda frame: both.predict(frame)


def sklearn_onnx(table: dict[str, list[Any]]) -> Predict:
    """scikit-learn's encoders, then ONNX Runtime on the net."""
    from benchmarks.peers.onnx_runtime import OnnxRuntime
    from benchmarks.workloads import Workload, dense

    encoders, _, frame = theirs(table)
    width = encoders.transform(frame[:1]).shape[1]
    peer = OnnxRuntime("onnxruntime", 1)
    net = Workload("frame", 1, width, dense(64, 64), "mae", 1)
    peer.prepare(net, np.empty(0), np.empty(0), {})
    run = peer.predictors()["run"]
    return lambda frame: run(encoders.transform(frame).astype(np.float32))


KINDS = {
    "pronghorn": ours,
    "sklearn": sklearn,
    "sklearn + onnxruntime": sklearn_onnx,
}


class Actions:
    """The requests that the process answers."""

    def open(self, kind: str) -> dict[str, Any]:
        """Fits the encoders, and makes a frame of one row."""
        import pandas

        table = made_table()
        self.way = KINDS[kind](table)
        row = {k: v[:1] for k, v in table.items() if k != "calories"}
        self.frame = pandas.DataFrame(row)
        if len(self.way(self.frame)) != 1:
            raise RuntimeError("one row did not give one prediction")
        return {}

    def predict(self, seconds: float) -> float:
        """Microseconds of the best call."""
        best, end = float("inf"), time.perf_counter() + seconds
        while time.perf_counter() < end:
            start = time.perf_counter()
            self.way(self.frame)
            best = min(best, time.perf_counter() - start)
        return best * 1e6


if __name__ == "__main__":
    serve(Actions())
