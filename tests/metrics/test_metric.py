"""State, names, configs and refusals of metrics."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronghorn import Variable, losses, metrics, ops
from pronghorn.errors import ArgumentError, ShapeError, StateError, UnknownNameError
from pronghorn.ir.masks import with_mask
from tests.stepping import BACKENDS, run_steps

PLAIN = [
    getattr(metrics, name)
    for name in metrics.__all__
    if name[0].isupper() and name not in ("Metric", "MeanMetricWrapper")
]
ARGUMENTS: dict[str, dict[str, Any]] = {
    "SensitivityAtSpecificity": {"specificity": 0.4},
    "SpecificityAtSensitivity": {"sensitivity": 0.4},
    "PrecisionAtRecall": {"recall": 0.4},
    "RecallAtPrecision": {"precision": 0.4},
    "AUC": {"thresholds": [0.25, 0.5], "curve": "PR", "label_weights": [1.0, 2.0]},
    "Precision": {"thresholds": [0.2, 0.3], "class_id": 1},
    "BinaryAccuracy": {"threshold": 0.3},
    "TopKCategoricalAccuracy": {"k": 2},
    "FBetaScore": {"average": "macro", "beta": 0.5},
    "R2Score": {"num_regressors": 3},
    "IoU": {"num_classes": 3, "target_class_ids": [1], "ignore_class": 2},
    "BinaryIoU": {"target_class_ids": [1], "threshold": 0.2},
    "MeanIoU": {"num_classes": 3, "sparse_y_true": False, "axis": 0},
    "OneHotIoU": {"num_classes": 3, "target_class_ids": [0], "sparse_y_pred": True},
    "OneHotMeanIoU": {"num_classes": 3, "ignore_class": 0},
    "PearsonCorrelation": {"axis": 0},
}


@pytest.mark.parametrize("cls", PLAIN, ids=lambda c: c.__name__)
def test_config_round_trip(cls: Any) -> None:
    metric = cls(name="mine", **ARGUMENTS.get(cls.__name__, {}))
    data = metrics.serialize(metric)
    assert (data["module"], data["class_name"]) == ("keras.metrics", cls.__name__)
    again = metrics.deserialize(data)
    assert type(again) is cls
    assert again.get_config() == metric.get_config()
    for key, value in ARGUMENTS.get(cls.__name__, {}).items():
        assert again.get_config()[key] == value


def test_wrapped_function_round_trip() -> None:
    metric = metrics.MeanMetricWrapper(losses.huber, "h", delta=0.5)
    again = metrics.deserialize(metrics.serialize(metric))
    found = [float(m([[0.0]], [[3.0]])) for m in (metric, again)]
    assert found == [0.5 * 2.75, 0.5 * 2.75]


def test_reset_forgets_everything() -> None:
    for cls in (metrics.Mean, metrics.Sum):
        metric = cls()
        metric.update_state([1.0, 2.0])
        metric.reset_state()
        assert [float(v.numpy()) for v in metric.variables] == [0.0] * len(
            metric.variables
        )
    auc = metrics.AUC()
    auc.update_state([0, 1], [0.1, 0.9])
    auc.reset_state()
    assert all((v.numpy() == 0).all() for v in auc.variables)
    assert float(auc.result()) == 0.0


def test_nothing_seen_gives_0() -> None:
    for metric in (metrics.Mean(), metrics.Precision(), metrics.AUC()):
        assert float(metric.result()) == 0.0


def test_mean_of_several_axes_with_weights_per_row() -> None:
    values = np.arange(12.0).reshape(3, 4)
    metric = metrics.Mean()
    metric.update_state(values, sample_weight=[1.0, 0.0, 2.0])
    wanted = (values.mean(1) * [1, 0, 2]).sum() / 3
    assert float(metric.result()) == pytest.approx(wanted)
    total = metrics.Sum()
    total.update_state(values, sample_weight=[1.0, 0.0, 2.0])
    assert float(total.result()) == pytest.approx(values[0].sum() + 2 * values[2].sum())


def test_what_a_mask_leaves_out_does_not_count() -> None:
    mask = np.array([[True, False], [True, True]])
    true = np.array([[1, 1], [0, 1]])
    pred = with_mask(np.array([[0.9, 0.1], [0.2, 0.3]], "float32"), mask)
    metric = metrics.MeanMetricWrapper(lambda t, p: ops.abs(ops.subtract(t, p)))
    metric.update_state(true, pred)
    assert float(metric.result()) == pytest.approx((0.1 + 0.2 + 0.7) / 3)
    metric.reset_state()
    metric.update_state(true, pred, sample_weight=[[1.0, 1.0], [0.0, 3.0]])
    assert float(metric.result()) == pytest.approx((0.1 + 3 * 0.7) / 4)
    # A mean counts its values' own mask where there are weights, as in Keras.
    values = with_mask(np.array([1.0, 2.0, 6.0], "float32"), mask.ravel()[:3])
    mean = metrics.Mean()
    mean.update_state(values)
    assert float(mean.result()) == 3.0
    mean.reset_state()
    mean.update_state(values, sample_weight=[1.0, 1.0, 1.0])
    assert float(mean.result()) == 3.5


def test_variables_of_nested_metrics_and_their_paths() -> None:
    class Both(metrics.Metric):
        def __init__(self) -> None:
            super().__init__(name="both")
            self.inner = metrics.Mean(name="inner")
            self.own = self.add_variable((), "ones", name="own")

    metric = Both()
    assert [v.path for v in metric.variables] == [
        "both/own",
        "inner/total",
        "inner/count",
    ]
    assert float(metric.own.numpy()) == 1.0


def test_state_before_super_is_refused() -> None:
    class Early(metrics.Metric):
        def __init__(self) -> None:
            self.inner = metrics.Mean()

    with pytest.raises(StateError, match=r"super\(\).__init__\(\)"):
        Early()


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_own_metric_is_traced(backend: str) -> None:
    class Worst(metrics.Metric):
        def __init__(self) -> None:
            super().__init__()
            self.top = self.add_variable((), "zeros", name="top")

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None):
            self.top.assign(ops.maximum(self.top, ops.max(ops.abs(y_true - y_pred))))

        def result(self) -> Any:
            return self.top.value

    t = np.arange(10, dtype=np.float32)[:, None]
    p = t.copy()
    p[6] += 2.5
    p[2] -= 1.5
    metric = Worst()
    run_steps(metric.update_state, [t, p], 4, backend)
    assert float(metric.result()) == 2.5


@pytest.mark.parametrize(
    ("true", "pred", "wanted"),
    [
        ((None, 1), (None, 1), metrics.BinaryAccuracy),
        ((None,), (None, 1), metrics.BinaryAccuracy),
        ((None,), (None, 3), metrics.SparseCategoricalAccuracy),
        ((None, 1), (None, 3), metrics.SparseCategoricalAccuracy),
        ((None, 3), (None, 3), metrics.CategoricalAccuracy),
    ],
)
@pytest.mark.parametrize("name", ["accuracy", "acc"])
def test_accuracy_is_chosen_by_shape(
    name: str, true: Any, pred: Any, wanted: Any
) -> None:
    found = metrics.choose(name, true, pred)
    assert type(found) is wanted
    assert found.name == name


def test_choose_names_as_the_user_did() -> None:
    one = (None, 1)
    assert metrics.choose("mse", one, one).name == "mse"
    assert metrics.choose("MeanSquaredError", one, one).name == "MeanSquaredError"
    assert metrics.choose(metrics.AUC(name="area"), one, one).name == "area"
    found = metrics.choose(losses.mean_absolute_error, one, one)
    assert found.name == "mean_absolute_error"
    assert float(found([[0.0]], [[2.0]])) == 2.0


def test_get_refuses_unknown_names_with_help() -> None:
    with pytest.raises(UnknownNameError) as caught:
        metrics.get("acuracy")
    assert "'acuracy'" in str(caught.value)
    assert "accuracy" in str(caught.value)
    with pytest.raises(ArgumentError, match="not a metric"):
        metrics.get(3.5)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: metrics.AUC(curve="ABC"), ["curve='ABC'", "ROC"]),
        (lambda: metrics.AUC(summation_method="half"), ["minoring"]),
        (lambda: metrics.AUC(num_thresholds=1), ["num_thresholds=1"]),
        (lambda: metrics.AUC(num_labels=3), ["multi_label=True"]),
        (lambda: metrics.AUC(thresholds=[1.5]), ["1.5"]),
        (lambda: metrics.Precision(thresholds=2.0), ["thresholds=2.0"]),
        (lambda: metrics.Recall(thresholds=[None]), ["thresholds"]),
        (lambda: metrics.PrecisionAtRecall(1.5), ["recall=1.5"]),
        (lambda: metrics.PrecisionAtRecall(0.5, num_thresholds=0), ["=0"]),
        (lambda: metrics.FBetaScore(beta=1), ["beta=1"]),
        (lambda: metrics.FBetaScore(average="all"), ["average='all'"]),
        (lambda: metrics.F1Score(threshold=2.0), ["threshold=2.0"]),
        (lambda: metrics.R2Score(class_aggregation="x"), ["variance_weighted"]),
        (lambda: metrics.R2Score(num_regressors=-1), ["num_regressors=-1"]),
    ],
)
def test_arguments_that_do_not_fit(make: Any, words: list[str]) -> None:
    with pytest.raises(ArgumentError) as caught:
        make()
    assert [w for w in words if w not in str(caught.value)] == []


@pytest.mark.parametrize(
    ("metric", "t", "p"),
    [
        (metrics.Precision(class_id=1), np.ones(3), np.ones(3)),
        (metrics.AUC(), np.ones((4, 2)), np.ones((4, 3))),
        (metrics.AUC(multi_label=True), np.ones(3), np.ones(3)),
        (metrics.R2Score(), np.ones(3), np.ones(3)),
        (metrics.F1Score(), np.ones(3), np.ones(3)),
        (metrics.F1Score(), np.ones((3, 2, 2)), np.ones((3, 2, 2))),
        (metrics.MeanSquaredError(), np.ones((3, 2)), np.ones((3, 1))),
    ],
)
def test_shapes_that_do_not_fit(metric: Any, t: Any, p: Any) -> None:
    with pytest.raises(ShapeError, match="expected"):
        metric.update_state(t, p)


def test_precision_of_the_top_k() -> None:
    metric = metrics.Precision(top_k=2)
    metric.update_state([[0, 0, 1, 1]], [[0.1, 0.2, 0.9, 0.2]])
    # of the two equal outputs the first is taken
    assert float(metric.result()) == 0.5


@pytest.mark.parametrize(
    ("make", "wanted"),
    [
        (lambda: metrics.SensitivityAtSpecificity(0.6), 1 / 2),
        (lambda: metrics.SpecificityAtSensitivity(0.4), 2 / 3),
        (lambda: metrics.PrecisionAtRecall(0.9), 2 / 4),
        (lambda: metrics.RecallAtPrecision(0.5), 1.0),
    ],
)
def test_best_share_where_another_is_high_enough(make: Any, wanted: float) -> None:
    found = make()([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8])
    assert float(found) == pytest.approx(wanted)


@pytest.mark.parametrize("form", [list, tuple, lambda items: {"a": list(items)}])
def test_state_in_containers_is_tracked(form: Any) -> None:
    metric = metrics.Mean(name="outer")
    metric.more = form([Variable(0.0), Variable(1.0)])  # type: ignore[attr-defined]
    metric.inner = form([metrics.Sum(), metrics.Sum()])  # type: ignore[attr-defined]
    assert len(metric.variables) == 2 + 2 + 2
    metric.again = form(metric.more)  # type: ignore[attr-defined]
    assert len(metric.variables) == 6, "each counts once"
    metric.reset_state()
    assert all(float(v) == 0.0 for v in metric.variables)


@pytest.mark.parametrize("name", ["Mean", "F1Score", "MeanIoU", "BinaryAccuracy"])
def test_a_result_of_16_bits_is_that_of_float32_rounded(name: str) -> None:
    given = {"MeanIoU": {"num_classes": 2}}.get(name, {})
    with pytest.warns(UserWarning, match="computed in float32"):
        narrow = getattr(metrics, name)(dtype="float16", **given)
    wide = getattr(metrics, name)(**given)
    y = np.tile([[1, 0], [0, 1], [1, 0]], (1000, 1))  # more than float16 can count
    for metric in (narrow, wide):
        metric.update_state(*[y, np.where(y, 0.7, 0.2)][name == "Mean" :])
    assert narrow.dtype == narrow.get_config()["dtype"] == "float16"
    assert {v.dtype for v in narrow.variables} <= {"float32", "int32"}
    found, wanted = narrow.result(), wide.result()
    assert (found.dtype, wanted.dtype) == ("float16", "float32")
    np.testing.assert_array_equal(found, wanted.astype("float16"))


def test_a_dict_of_results_is_rounded() -> None:
    class Both(metrics.Metric):
        def result(self) -> Any:
            return {"a": np.float32(1 / 3), "b": np.float32(2 / 3)}

    with pytest.warns(UserWarning, match="float32"):
        found = Both(dtype="float16").result()
    assert {k: v.dtype.name for k, v in found.items()} == dict.fromkeys("ab", "float16")
