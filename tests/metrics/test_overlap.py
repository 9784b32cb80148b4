"""Intersection over union against sets, eagerly and traced."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import metrics
from pronghorn.errors import ArgumentError
from tests.stepping import BACKENDS, run_steps

ROWS, BATCH, CLASSES = 31, 8, 4
DRAW = np.random.default_rng(6)
TRUE = DRAW.integers(0, CLASSES, ROWS).astype(np.int32)
PRED = np.where(DRAW.random(ROWS) < 0.6, TRUE, DRAW.integers(0, CLASSES, ROWS))
PRED = PRED.astype(np.int32)
WEIGHTS = DRAW.integers(0, 4, ROWS).astype(np.int32)


def share(
    wanted: list[int], keep: np.ndarray | None = None, weights: np.ndarray = WEIGHTS
) -> float:
    """The mean over classes, by counting."""
    keep = np.ones(ROWS, bool) if keep is None else keep
    w = weights * keep
    each = []
    for i in wanted:
        true, pred = np.equal(TRUE, i), np.equal(PRED, i)
        both = w[true & pred].sum()
        either = w[true | pred].sum()
        if either:
            each.append(both / either)
    return float(np.mean(each))


def of_batches(metric: metrics.Metric, *data: np.ndarray) -> float:
    for start in range(0, ROWS, BATCH):
        metric.update_state(*(a[start : start + BATCH] for a in data))
    return float(metric.result())


def test_classes_as_numbers() -> None:
    found = of_batches(metrics.MeanIoU(CLASSES), TRUE, PRED, WEIGHTS)
    assert found == pytest.approx(share([0, 1, 2, 3]))
    metric = metrics.IoU(CLASSES, (1, 3), ignore_class=0)
    found = of_batches(metric, TRUE, PRED, WEIGHTS)
    assert found == pytest.approx(share([1, 3], TRUE != 0))
    # class 3 is out of a range of 3: its rows count nowhere
    inside = (TRUE < 3) & (PRED < 3)
    found = of_batches(metrics.MeanIoU(3), TRUE, PRED, WEIGHTS)
    assert found == pytest.approx(share([0, 1, 2], inside))


def test_classes_that_never_came_do_not_count() -> None:
    found = of_batches(metrics.MeanIoU(9), TRUE, PRED, WEIGHTS)
    assert found == pytest.approx(share([0, 1, 2, 3]))
    assert float(metrics.MeanIoU(3).result()) == 0.0


def test_one_hot_targets() -> None:
    true, pred = np.eye(CLASSES)[TRUE], 0.1 + np.eye(CLASSES)[PRED]
    wanted = share([0, 2])
    metric = metrics.OneHotIoU(CLASSES, [0, 2])
    assert of_batches(metric, true, pred, WEIGHTS) == pytest.approx(wanted)
    metric = metrics.OneHotMeanIoU(CLASSES, sparse_y_pred=True)
    found = of_batches(metric, true, PRED, WEIGHTS)
    assert found == pytest.approx(share([0, 1, 2, 3]))
    first = metrics.OneHotMeanIoU(CLASSES, axis=0)(true.T, pred.T, WEIGHTS)
    assert float(first) == pytest.approx(share([0, 1, 2, 3]))


def test_outputs_at_the_threshold_are_1() -> None:
    metric = metrics.BinaryIoU([1], threshold=0.25)
    metric.update_state([1, 1, 0, 0], [0.25, 0.2, 0.3, 0.1])
    assert float(metric.result()) == pytest.approx(1 / 3)


def test_weights_are_whole_unless_the_counts_are_not() -> None:
    fractions = WEIGHTS + np.float32(0.5)
    with pytest.warns(UserWarning, match="cut off"):
        found = of_batches(metrics.MeanIoU(CLASSES), TRUE, PRED, fractions)
    assert found == pytest.approx(share([0, 1, 2, 3]))
    metric = metrics.MeanIoU(CLASSES, dtype="float32")
    found = of_batches(metric, TRUE, PRED, fractions)
    assert found == pytest.approx(share([0, 1, 2, 3], weights=fractions))


@pytest.mark.parametrize("backend", BACKENDS)
def test_traced_it_is_the_same(backend: str) -> None:
    metric = metrics.IoU(CLASSES, [0, 3], ignore_class=1)
    run_steps(metric.update_state, [TRUE, PRED, WEIGHTS], BATCH, backend)
    assert float(metric.result()) == pytest.approx(share([0, 3], TRUE != 1))
    metric = metrics.OneHotMeanIoU(CLASSES)
    true = np.eye(CLASSES, dtype=np.float32)[TRUE]
    pred = 0.1 + np.eye(CLASSES, dtype=np.float32)[PRED]
    run_steps(metric.update_state, [true, pred, WEIGHTS], BATCH, backend)
    assert float(metric.result()) == pytest.approx(share([0, 1, 2, 3]))
    assert metric.total_cm.numpy().sum() == WEIGHTS.sum()


@pytest.mark.parametrize("wanted", [[3], [-1], [0, 7]])
def test_a_class_that_there_is_not(wanted: list[int]) -> None:
    with pytest.raises(ArgumentError, match="no such class"):
        metrics.IoU(3, wanted)


def test_a_compiled_model_keeps_them_in_its_file(tmp_path: Path) -> None:
    model = keras.Sequential(
        [keras.layers.Input((3,)), keras.layers.Dense(CLASSES, activation="softmax")]
    )
    model.compile(
        optimizer="sgd",
        loss=keras.losses.Tversky(alpha=0.7, axis=-1),
        metrics=[
            metrics.OneHotIoU(CLASSES, [0, 2]),
            metrics.OneHotMeanIoU(CLASSES),
            metrics.PearsonCorrelation(),
        ],
    )
    x = DRAW.normal(size=(ROWS, 3)).astype(np.float32)
    y = np.eye(CLASSES, dtype=np.float32)[TRUE]
    history = model.fit(x, y, epochs=2, verbose=0).history
    assert history["loss"][1] < history["loss"][0]
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    before, after = (m.evaluate(x, y, verbose=0) for m in (model, again))
    assert after == pytest.approx(before, rel=1e-6) and len(before) == 4
    wanted = metrics.OneHotMeanIoU(CLASSES)(y, model.predict(x, verbose=0))
    assert before[2] == pytest.approx(float(wanted), rel=1e-5)
