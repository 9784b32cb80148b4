"""Metrics: three updates, with weights and without, their states and configs."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance import data
from tests.conformance.case import Case, CaseTable, Results, arrays, jsonable, lookup

Arguments = dict[str, Any]

REQUIRED: dict[str, tuple[str, list[Arguments]]] = {
    "MeanSquaredError": ("numbers", [{}]),
    "RootMeanSquaredError": ("numbers", [{}]),
    "MeanAbsoluteError": ("numbers", [{}]),
    "Accuracy": ("ids", [{}]),
    "BinaryAccuracy": ("binary", [{}, {"threshold": 0.3}, {"threshold": 0.8}]),
    "CategoricalAccuracy": ("onehot", [{}]),
    "SparseCategoricalAccuracy": ("classes", [{}]),
    "TopKCategoricalAccuracy": ("onehot", [{}, {"k": 2}, {"k": 1}]),
    "SparseTopKCategoricalAccuracy": ("classes", [{}, {"k": 2}, {"k": 1}]),
    "AUC": (
        "binary",
        [
            {},
            {"num_thresholds": 20},
            {"curve": "PR"},
            {"curve": "PR", "summation_method": "majoring", "num_thresholds": 50},
            {"summation_method": "minoring", "num_thresholds": 30},
            {"summation_method": "majoring", "num_thresholds": 10},
            {"from_logits": True},
            {"thresholds": [0.1, 0.45, 0.5, 0.9]},
        ],
    ),
    "Precision": (
        "binary",
        [{}, {"thresholds": 0.3}, {"thresholds": [0.2, 0.5, 0.9]}],
    ),
    "Recall": ("binary", [{}, {"thresholds": 0.3}, {"thresholds": [0.2, 0.5, 0.9]}]),
}

FURTHER: dict[str, tuple[str, list[Arguments]]] = {
    "MeanAbsolutePercentageError": ("numbers", [{}]),
    "MeanSquaredLogarithmicError": ("numbers", [{}]),
    "LogCoshError": ("numbers", [{}]),
    "CosineSimilarity": ("numbers", [{}]),
    "BinaryCrossentropy": ("binary", [{}, {"label_smoothing": 0.2}]),
    "CategoricalCrossentropy": ("onehot", [{}, {"label_smoothing": 0.2}]),
    "SparseCategoricalCrossentropy": ("classes", [{}, {"from_logits": True}]),
    "TruePositives": ("binary", [{}, {"thresholds": 0.7}]),
    "FalsePositives": ("binary", [{}, {"thresholds": 0.7}]),
    "TrueNegatives": ("binary", [{}, {"thresholds": 0.7}]),
    "FalseNegatives": ("binary", [{}, {"thresholds": 0.7}]),
    "F1Score": ("onehot", [{}, {"average": "macro"}, {"threshold": 0.4}]),
    "KLDivergence": ("onehot", [{}]),
    "Poisson": ("numbers", [{}]),
    "Hinge": ("binary", [{}]),
    "PrecisionAtRecall": ("binary", [{"recall": 0.5}]),
    "RecallAtPrecision": ("binary", [{"precision": 0.6}]),
    "SensitivityAtSpecificity": ("binary", [{"specificity": 0.6}]),
    "SpecificityAtSensitivity": ("binary", [{"sensitivity": 0.6}]),
    "IoU": (
        "ids",
        [
            {"num_classes": 3, "target_class_ids": [0, 2], "dtype": "float32"},
            {
                "num_classes": 5,
                "target_class_ids": [1],
                "ignore_class": 0,
                "dtype": "float32",
            },
        ],
    ),
    "BinaryIoU": (
        "binary",
        [
            {"dtype": "float32"},
            {"target_class_ids": [1], "threshold": 0.3, "dtype": "float32"},
        ],
    ),
    "MeanIoU": ("ids", [{"num_classes": 3, "dtype": "float32"}]),
    "OneHotIoU": (
        "onehot",
        [{"num_classes": 7, "target_class_ids": [1, 4], "dtype": "float32"}],
    ),
    "OneHotMeanIoU": ("onehot", [{"num_classes": 7, "dtype": "float32"}]),
    "PearsonCorrelation": ("onehot", [{}]),
    "ConcordanceCorrelation": ("onehot", [{}]),
}

MULTI: dict[str, list[Arguments]] = {
    "Precision": [{"class_id": 1}, {"top_k": 2}, {"class_id": 2, "top_k": 2}],
    "Recall": [{"class_id": 1}, {"top_k": 2}, {"class_id": 2, "top_k": 2}],
    "AUC": [
        {"multi_label": True, "num_thresholds": 20},
        {"multi_label": True, "num_labels": 3, "label_weights": [0.2, 1.0, 2.0]},
    ],
}

FUNCTIONS = {
    "mean_squared_error": "numbers",
    "mean_absolute_error": "numbers",
    "binary_accuracy": "binary",
    "categorical_accuracy": "onehot",
    "sparse_categorical_accuracy": "classes",
    "binary_crossentropy": "binary",
    "categorical_crossentropy": "onehot",
    "sparse_categorical_crossentropy": "classes",
    "pearson_correlation": "onehot",
    "concordance_correlation": "onehot",
}

NAMES = ["mse", "MSE", "mae", "MAE", "AUC", "auc", "Precision", "precision"]
NAMES += ["recall", "root_mean_squared_error", "RootMeanSquaredError"]
NAMES += ["binary_accuracy", "categorical_accuracy", "BinaryAccuracy"]
NAMES += ["sparse_categorical_accuracy", "top_k_categorical_accuracy"]
NAMES += ["binary_crossentropy", "mean_squared_error", "MeanAbsoluteError"]


def batch(kind: str, seed: int, rows: int = 11) -> tuple[np.ndarray, np.ndarray]:
    """Targets and predictions of one update."""
    stream = np.random.RandomState(seed)
    if kind == "numbers":
        y = np.abs(stream.standard_normal((rows, 2))) + 0.1
        p = np.abs(y + 0.4 * stream.standard_normal((rows, 2))) + 0.1
        return y.astype("float32"), p.astype("float32")
    if kind == "ids":
        y = stream.randint(0, 3, (rows, 1))
        p = np.where(stream.random_sample((rows, 1)) < 0.7, y, 0)
        return y.astype("float32"), p.astype("float32")
    if kind == "binary":
        y = stream.randint(0, 2, (rows, 1))
        p = np.clip(0.35 * y + 0.65 * stream.random_sample((rows, 1)), 0, 1)
        return y.astype("float32"), p.astype("float32")
    ids = stream.randint(0, 7, rows)
    raw = np.exp(stream.standard_normal((rows, 7)) + 1.2 * np.eye(7)[ids])
    p = (raw / raw.sum(axis=1, keepdims=True)).astype("float32")
    return (ids.astype("int32") if kind == "classes" else one_hot(ids)), p


def one_hot(ids: np.ndarray) -> np.ndarray:
    """Seven classes, float32."""
    return np.eye(7, dtype="float32")[ids]


def result(metric: Any) -> Any:
    """The metric's value; float32."""
    return np.asarray(metric.result(), "float32")


def updates(k: Any, name: str, kind: str, arguments: Arguments) -> Results:
    """Three updates unweighted, three weighted, one after a reset, and a call."""
    metric = lookup(k, f"metrics.{name}")(**arguments)
    results: Results = {"config": jsonable(metric.get_config()), "name": metric.name}
    if metric.variables:
        results["empty"] = result(metric)
    for label, weighted in (("plain", False), ("weighted", True)):
        metric.reset_state()
        for seed in (1, 2, 3):
            y, p = batch(kind, seed, 11 if seed < 3 else 4)
            weights = data.row_weights(len(y)) if weighted else None
            metric.update_state(y, p, sample_weight=weights)
            results[f"{label} {seed}"] = result(metric)
        results[f"{label} state"] = arrays(metric.variables)
    y, p = batch(kind, 4)
    results["called"] = np.asarray(metric(y, p), "float32")
    metric.reset_state()
    results["reset"] = arrays(metric.variables)
    results["variables"] = [variable.name for variable in metric.variables]
    return results


def logits(k: Any) -> Results:
    """AUC and binary accuracy of logits and of probabilities at its borders."""
    auc = k.metrics.AUC(from_logits=True)
    y, p = batch("binary", 5, 40)
    auc.update_state(y, 8 * p - 4)
    borders = k.metrics.AUC(num_thresholds=5)
    borders.update_state([0.0, 1.0, 1.0, 0.0, 1.0], [0.0, 0.25, 0.5, 1.0, 1.0])
    half = k.metrics.BinaryAccuracy()
    half.update_state([1.0, 0.0], [0.5, 0.5])
    return {
        "auc": result(auc),
        "auc at thresholds": result(borders),
        "accuracy at one half": result(half),
    }


def means(k: Any) -> Results:
    """Mean and Sum of values, with weights and without."""
    results: Results = {}
    for name in ("Mean", "Sum"):
        metric = lookup(k, f"metrics.{name}")(name="m")
        metric.update_state(data.draw(1, 5))
        results[f"{name} once"] = result(metric)
        metric.update_state(data.draw(2, 4, 2), sample_weight=data.row_weights(4))
        results[f"{name} weighted"] = result(metric)
        metric.update_state(3.5)
        results[f"{name} number"] = result(metric)
        results[f"{name} config"] = jsonable(metric.get_config())
    return results


def function(k: Any, name: str, kind: str) -> Results:
    """The function: one number a row."""
    y, p = batch(kind, 6)
    return {"values": np.asarray(lookup(k, f"metrics.{name}")(y, p), "float32")}


def stateless(k: Any) -> Results:
    """A state given and taken; the metric's own stays as it was."""
    metric = k.metrics.MeanSquaredError()
    state = metric.stateless_reset_state()
    for seed in (1, 2):
        state = metric.stateless_update_state(state, *batch("numbers", seed))
    return {
        "state": arrays(state),
        "result": np.asarray(metric.stateless_result(state), "float32"),
        "own": arrays(metric.variables),
    }


def whole(k: Any) -> Results:
    """Counts as whole numbers, the default of intersection over union."""
    metric = k.metrics.MeanIoU(num_classes=3)
    y, p = batch("ids", 3, 20)
    metric.update_state(y, p)
    metric.update_state(y, p, sample_weight=np.arange(20) % 3)
    return {"value": result(metric), "state": arrays(metric.variables)}


def names(k: Any) -> Results:
    """What the strings stand for."""
    found = [k.metrics.get(name) for name in NAMES]
    described = []
    for metric in found:
        kind = getattr(metric, "__name__", None) or type(metric).__name__
        described.append([kind, getattr(metric, "name", None)])
    return {"found": described}


def default_names(k: Any) -> Results:
    """Names of metrics made without one, the second of a kind included."""
    metrics = k.metrics
    made = [metrics.AUC(), metrics.AUC(), metrics.Precision(), metrics.Recall()]
    made += [metrics.Precision(), metrics.Mean(), metrics.BinaryAccuracy()]
    return {"names": [metric.name for metric in made]}


def cases() -> CaseTable:
    """Every metric."""
    for table, required in ((REQUIRED, True), (FURTHER, False)):
        for name, (kind, sets) in table.items():
            needs = () if required else (f"metrics.{name}",)
            for i, arguments in enumerate(sets):
                yield Case(
                    f"metrics/{name}/{i}",
                    lambda k, n=name, t=kind, a=arguments: updates(k, n, t, a),
                    needs=needs,
                )
    for name, sets in MULTI.items():
        for i, arguments in enumerate(sets):
            labels = arguments.get("num_labels")
            yield Case(
                f"metrics/{name}/classes {i}",
                lambda k, n=name, a=arguments, few=labels: (
                    labelled(k, n, a) if few else updates(k, n, "onehot", a)
                ),
            )
    for name, kind in FUNCTIONS.items():
        yield Case(
            f"metrics/{name}/function", lambda k, n=name, t=kind: function(k, n, t)
        )
    yield Case("metrics/AUC/logits and borders", logits)
    yield Case("metrics/Mean/values", means)
    yield Case("metrics/MeanIoU/whole numbers", whole)
    yield Case("metrics/Metric/stateless", stateless)
    yield Case("metrics/get/names", names)
    yield Case("metrics/names/default", default_names)


def labelled(k: Any, name: str, arguments: Arguments) -> Results:
    """A metric of three labels, each with a weight of its own."""
    metric = lookup(k, f"metrics.{name}")(**arguments)
    for seed in (1, 2):
        y, p = batch("onehot", seed)
        metric.update_state(y[:, :3], p[:, :3])
    return {"value": result(metric), "config": jsonable(metric.get_config())}
