"""Each metric against its definition, on batches, eagerly and traced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pronghorn import metrics
from tests.stepping import BACKENDS, run_steps, trace_step

Formula = Callable[[np.ndarray, np.ndarray, np.ndarray], Any]
ROWS, BATCH = 23, 6  # the last batch is smaller


def mean(values: np.ndarray, w: np.ndarray) -> float:
    return float((values * w).sum() / w.sum())


def rates(t: np.ndarray, p: np.ndarray, w: np.ndarray, at: float) -> tuple[Any, ...]:
    """Weighted true and false positives, true and false negatives, at a threshold."""
    up, true = p > at, t > 0.5
    return (
        w[up & true].sum(),
        w[up & ~true].sum(),
        w[~up & ~true].sum(),
        w[~up & true].sum(),
    )


def precision(t: np.ndarray, p: np.ndarray, w: np.ndarray, at: float = 0.5) -> float:
    tp, fp, _, _ = rates(t, p, w, at)
    return float(tp / (tp + fp))


def recall(t: np.ndarray, p: np.ndarray, w: np.ndarray, at: float = 0.5) -> float:
    tp, _, _, fn = rates(t, p, w, at)
    return float(tp / (tp + fn))


def pairs_auc(t: np.ndarray, p: np.ndarray, w: np.ndarray) -> float:
    """The chance that a row of 1 beats a row of 0, ties counted half."""
    one, zero = t > 0.5, t < 0.5
    gap = p[one][:, None] - p[zero][None, :]
    wins = (gap > 0) + 0.5 * (gap == 0)
    weight = w[one][:, None] * w[zero][None, :]
    return float((wins * weight).sum() / weight.sum())


def r2(t: np.ndarray, p: np.ndarray, w: np.ndarray) -> float:
    centre = (t * w).sum() / w.sum()
    return float(1 - (w * (t - p) ** 2).sum() / (w * (t - centre) ** 2).sum())


def f1(t: np.ndarray, p: np.ndarray, w: np.ndarray) -> float:
    a, b = precision(t, p, w), recall(t, p, w)
    return 2 * a * b / (a + b)


def topk(t: np.ndarray, p: np.ndarray, k: int) -> np.ndarray:
    order = np.argsort(-p, axis=1)[:, :k]
    return (order == t.reshape(-1, 1)).any(1)


# metric, arguments, kind of data, definition, tolerance
TABLE: list[tuple[str, dict[str, Any], str, Formula, float]] = [
    ("MeanSquaredError", {}, "one", lambda t, p, w: mean((t - p) ** 2, w), 1e-6),
    ("MeanAbsoluteError", {}, "one", lambda t, p, w: mean(np.abs(t - p), w), 1e-6),
    (
        "RootMeanSquaredError",
        {},
        "one",
        lambda t, p, w: mean((t - p) ** 2, w) ** 0.5,
        1e-6,
    ),
    (
        "MeanAbsolutePercentageError",
        {},
        "amount",
        lambda t, p, w: 100 * mean(np.abs(1 - p / t), w),
        1e-6,
    ),
    (
        "MeanSquaredLogarithmicError",
        {},
        "amount",
        lambda t, p, w: mean(np.log((1 + t) / (1 + p)) ** 2, w),
        1e-5,
    ),
    (
        "LogCoshError",
        {},
        "amount",
        lambda t, p, w: mean(np.log(np.cosh(t - p)), w),
        1e-5,
    ),
    ("Poisson", {}, "amount", lambda t, p, w: mean(p - t * np.log(p), w), 1e-5),
    ("R2Score", {}, "amount", r2, 1e-5),
    (
        "R2Score",
        {"num_regressors": 4},
        "amount",
        lambda t, p, w: 1 - (1 - r2(t, p, w)) * (ROWS - 1) / (ROWS - 5),
        1e-5,
    ),
    ("BinaryAccuracy", {}, "one", lambda t, p, w: mean((p > 0.5) == t, w), 1e-6),
    (
        "BinaryAccuracy",
        {"threshold": 0.3},
        "one",
        lambda t, p, w: mean((p > 0.3) == t, w),
        1e-6,
    ),
    (
        "BinaryCrossentropy",
        {},
        "one",
        lambda t, p, w: mean(-np.log(np.where(t > 0, p, 1 - p)), w),
        1e-5,
    ),
    (
        "Hinge",
        {},
        "signs",
        lambda t, p, w: mean(np.maximum(1 - t * p, 0), w),
        1e-6,
    ),
    (
        "SparseCategoricalAccuracy",
        {},
        "classes",
        lambda t, p, w: mean(p.argmax(1) == t, w),
        1e-6,
    ),
    (
        "SparseTopKCategoricalAccuracy",
        {"k": 2},
        "classes",
        lambda t, p, w: mean(topk(t, p, 2), w),
        1e-6,
    ),
    (
        "SparseCategoricalCrossentropy",
        {},
        "classes",
        lambda t, p, w: mean(-np.log(p[np.arange(len(t)), t.astype(int)]), w),
        1e-5,
    ),
    (
        "CategoricalAccuracy",
        {},
        "one-hot",
        lambda t, p, w: mean(p.argmax(1) == t.argmax(1), w),
        1e-6,
    ),
    (
        "TopKCategoricalAccuracy",
        {"k": 2},
        "one-hot",
        lambda t, p, w: mean(topk(t.argmax(1), p, 2), w),
        1e-6,
    ),
    (
        "CategoricalCrossentropy",
        {},
        "one-hot",
        lambda t, p, w: mean(-np.log((t * p).sum(1)), w),
        1e-5,
    ),
    ("TruePositives", {}, "one", lambda t, p, w: rates(t, p, w, 0.5)[0], 1e-6),
    ("FalsePositives", {}, "one", lambda t, p, w: rates(t, p, w, 0.5)[1], 1e-6),
    ("TrueNegatives", {}, "one", lambda t, p, w: rates(t, p, w, 0.5)[2], 1e-6),
    ("FalseNegatives", {}, "one", lambda t, p, w: rates(t, p, w, 0.5)[3], 1e-6),
    ("Precision", {}, "one", precision, 1e-6),
    ("Recall", {}, "one", recall, 1e-6),
    (
        "Precision",
        {"thresholds": [0.2, 0.7]},
        "one",
        lambda t, p, w: [precision(t, p, w, at) for at in (0.2, 0.7)],
        1e-6,
    ),
    (
        "Recall",
        {"thresholds": [0.0, 0.5, 1.0]},
        "one",
        lambda t, p, w: [recall(t, p, w, at) for at in (0.0, 0.5, 1.0)],
        1e-6,
    ),
    (
        "Precision",
        {"class_id": 1, "top_k": 1},
        "one-hot",
        lambda t, p, w: precision(t[:, 1], 1.0 * (p.argmax(1) == 1), w),
        1e-6,
    ),
    # 5000 thresholds tell all outputs apart, so the area is exact
    ("AUC", {"num_thresholds": 5000}, "one", pairs_auc, 1e-5),
    (
        "F1Score",
        {"threshold": 0.5, "average": "micro"},
        "one",
        f1,
        1e-5,
    ),
]
IDS = [f"{name}-{'-'.join(arguments)}" for name, arguments, *_ in TABLE]


def data(kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Targets, outputs and weights of a kind."""
    draw = np.random.default_rng(8)
    t: np.ndarray = draw.integers(0, 2, (ROWS, 1))
    p = np.clip(0.3 * t + draw.uniform(0.05, 0.65, (ROWS, 1)), 0, 1)
    classes = draw.integers(0, 4, ROWS)
    if kind == "amount":
        t = draw.uniform(0.5, 3.0, (ROWS, 1))
        p = t + draw.uniform(-0.4, 0.4, (ROWS, 1))
    elif kind == "signs":
        t = 2 * t - 1
    elif kind in ("classes", "one-hot"):
        p = draw.uniform(0.1, 1, (ROWS, 4)) + np.eye(4)[classes] * 0.3
        p /= p.sum(1, keepdims=True)
        t = classes if kind == "classes" else np.eye(4)[classes]
    weights = draw.uniform(0.2, 2.0, ROWS)
    return t.astype(np.float32), p.astype(np.float32), weights.astype(np.float32)


def flat(array: np.ndarray) -> np.ndarray:
    wide = array.astype(float)
    return wide[:, 0] if wide.ndim == 2 and wide.shape[1] == 1 else wide


def expected(formula: Formula, kind: str, weighted: bool) -> np.ndarray:
    t, p, w = data(kind)
    w = w.astype(float) if weighted else np.ones(ROWS)
    return np.asarray(formula(flat(t), flat(p), w))


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize(
    ("name", "arguments", "kind", "formula", "tolerance"), TABLE, ids=IDS
)
def test_values_follow_the_definition(
    name: str,
    arguments: dict[str, Any],
    kind: str,
    formula: Formula,
    tolerance: float,
    weighted: bool,
) -> None:
    metric = getattr(metrics, name)(**arguments)
    t, p, w = data(kind)
    for start in range(0, ROWS, BATCH):
        rows = slice(start, start + BATCH)
        metric.update_state(t[rows], p[rows], w[rows] if weighted else None)
    wanted = expected(formula, kind, weighted)
    assert np.shape(metric.result()) == wanted.shape
    assert np.asarray(metric.result()) == pytest.approx(wanted, rel=tolerance)


@pytest.mark.parametrize(
    ("name", "arguments", "kind", "formula", "tolerance"), TABLE, ids=IDS
)
def test_a_perturbed_definition_is_noticed(
    name: str,
    arguments: dict[str, Any],
    kind: str,
    formula: Formula,
    tolerance: float,
) -> None:
    metric = getattr(metrics, name)(**arguments)
    metric.update_state(*data(kind)[:2])
    wanted = expected(formula, kind, False) * 1.001
    assert np.asarray(metric.result()) != pytest.approx(wanted, rel=tolerance)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("name", "arguments", "kind", "formula", "tolerance"), TABLE, ids=IDS
)
def test_a_traced_metric_is_the_same(
    name: str,
    arguments: dict[str, Any],
    kind: str,
    formula: Formula,
    tolerance: float,
    backend: str,
) -> None:
    metric = getattr(metrics, name)(**arguments)
    t, p, w = data(kind)
    run_steps(metric.update_state, [t, p, w], BATCH, backend)
    wanted = expected(formula, kind, True)
    assert np.asarray(metric.result()) == pytest.approx(wanted, rel=2 * tolerance)


@pytest.mark.parametrize("cls", [metrics.AUC, metrics.Precision, metrics.Recall])
def test_no_shape_depends_on_the_data(cls: Any) -> None:
    t, p, w = data("one")
    graph = trace_step(cls().update_state, [t, p, w])
    for node in graph.nodes:
        assert len([d for d in node.shape if not isinstance(d, int)]) <= 1


@pytest.mark.parametrize("curve", ["ROC", "PR", "PRGAIN"])
@pytest.mark.parametrize("method", ["interpolation", "majoring"])
def test_auc_of_a_perfect_classifier(curve: str, method: str) -> None:
    metric = metrics.AUC(curve=curve, summation_method=method)
    metric.update_state([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9])
    assert float(metric.result()) == pytest.approx(1.0, abs=1e-6)


def test_auc_bounds_lie_around_the_interpolation() -> None:
    t, p, _ = data("one")
    areas = []
    for method in ("minoring", "interpolation", "majoring"):
        metric = metrics.AUC(num_thresholds=7, summation_method=method)
        areas.append(float(metric(t, p)))
    assert areas[0] < areas[1] < areas[2]
    assert areas[1] == pytest.approx((areas[0] + areas[2]) / 2)


# Recorded from Keras 3.15.1 (TensorFlow 2.21) on `data("one")`, with its weights.
AUC_OF_KERAS = {
    ("ROC", 200): 0.9202786684036255,
    ("PR", 200): 0.9211006164550781,
    ("ROC", 11): 0.8759270906448364,
    ("PR", 11): 0.8850066661834717,
}


@pytest.mark.parametrize(("curve", "count"), AUC_OF_KERAS)
def test_auc_is_keras_s(curve: str, count: int) -> None:
    t, p, w = data("one")
    metric = metrics.AUC(num_thresholds=count, curve=curve)
    metric.update_state(t, p, w)
    wanted = AUC_OF_KERAS[curve, count]
    assert float(metric.result()) == pytest.approx(wanted, rel=1e-6)


def test_auc_by_label() -> None:
    t, p, _ = data("one-hot")
    by_label = [float(metrics.AUC()(t[:, i], p[:, i])) for i in range(4)]
    whole = metrics.AUC(multi_label=True, num_labels=4)
    assert float(whole(t, p)) == pytest.approx(np.mean(by_label))
    weighed = metrics.AUC(multi_label=True, label_weights=[1.0, 0.0, 0.0, 3.0])
    wanted = (by_label[0] + 3 * by_label[3]) / 4
    assert float(weighed(t, p)) == pytest.approx(wanted)


def test_outputs_on_a_threshold_of_the_grid() -> None:
    # in float32 some i/199 * 199 are not whole: Keras's rounding decides, and ours
    p = (np.arange(200) / 199).astype(np.float32)
    metric = metrics.AUC()
    metric.update_state(np.ones(200), p)
    places = np.ceil(p * np.float32(199)) - 1
    wanted = [(np.maximum(places, 0) >= t).sum() for t in range(200)]
    assert metric.true_positives.numpy().tolist() == wanted


def test_r2_of_too_few_rows_is_the_plain_one() -> None:
    t, p = np.array([[1.0], [2.0], [4.0]]), np.array([[1.5], [2.0], [3.5]])
    plain = float(metrics.R2Score()(t, p))
    assert float(metrics.R2Score(num_regressors=2)(t, p)) == pytest.approx(plain)
    assert float(metrics.R2Score(num_regressors=9)(t, p)) == pytest.approx(plain)


@pytest.mark.parametrize("average", [None, "macro", "weighted", "micro"])
def test_f_scores_of_classes(average: str | None) -> None:
    t, p, _ = data("one-hot")
    chosen = np.eye(4)[p.argmax(1)]
    tp, fp = (chosen * t).sum(0), (chosen * (1 - t)).sum(0)
    fn = ((1 - chosen) * t).sum(0)
    each = 5 * tp / (5 * tp + 4 * fn + fp)
    wanted = {
        None: each,
        "macro": each.mean(),
        "weighted": (each * t.sum(0)).sum() / t.sum(),
        "micro": 5 * tp.sum() / (5 * tp.sum() + 4 * fn.sum() + fp.sum()),
    }[average]
    found = metrics.FBetaScore(average=average, beta=2.0)(t, p)
    assert np.asarray(found) == pytest.approx(wanted, rel=1e-5)
