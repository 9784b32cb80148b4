"""Reductions, weights, ranks, names, configs and refusals of losses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn.losses as losses
from pronghorn import config, ops
from pronghorn.dtype_policies import DTypePolicy
from pronghorn.errors import ArgumentError, DataError, ShapeError, UnknownNameError
from pronghorn.ir.masks import with_mask
from pronghorn.losses import check_targets
from pronghorn.losses.loss import REDUCTIONS, same_rank

TRUE = np.array([[1.0], [2.0], [3.0], [4.0]], np.float32)
PRED = np.array([[1.0], [1.0], [1.0], [1.0]], np.float32)  # squares: 0 1 4 9
WEIGHT = np.array([1.0, 2.0, 0.5, 0.0], np.float32)  # weighted: 0 2 2 0


@pytest.mark.parametrize(
    ("reduction", "plain", "weighted"),
    [
        ("sum_over_batch_size", 14 / 4, 4 / 4),
        ("mean", 14 / 4, 4 / 4),
        ("sum", 14, 4),
        ("mean_with_sample_weight", 14 / 4, 4 / 3.5),
    ],
)
def test_reductions(reduction: str, plain: float, weighted: float) -> None:
    loss = losses.MeanSquaredError(reduction=reduction)
    assert float(loss(TRUE, PRED)) == pytest.approx(plain)
    assert float(loss(TRUE, PRED, WEIGHT)) == pytest.approx(weighted)
    assert float(loss(TRUE, PRED, WEIGHT[:, None])) == pytest.approx(weighted)


@pytest.mark.parametrize("reduction", ["none", None])
def test_no_reduction_gives_a_value_per_row(reduction: str | None) -> None:
    loss = losses.MeanSquaredError(reduction=reduction)
    assert loss(TRUE, PRED).tolist() == [0.0, 1.0, 4.0, 9.0]
    assert loss(TRUE, PRED, WEIGHT).tolist() == [0.0, 2.0, 2.0, 0.0]


def test_weights_of_sum_0_give_0_not_nan() -> None:
    loss = losses.MeanSquaredError(reduction="mean_with_sample_weight")
    assert float(loss(TRUE, PRED, np.zeros(4))) == 0.0


@pytest.mark.parametrize(
    ("reduction", "plain", "weighted"),
    [
        ("sum_over_batch_size", 13 / 2, 2 / 2),
        ("sum", 13, 2),
        ("mean_with_sample_weight", 13 / 2, 2 / 0.5),
    ],
)
def test_what_the_outputs_mask_leaves_out_does_not_count(
    reduction: str, plain: float, weighted: float
) -> None:
    loss = losses.MeanSquaredError(reduction=reduction)
    for mask in (np.array([False, False, True, True]), np.float32([0, 0, 1, 1])):
        pred = with_mask(PRED, mask)
        assert float(loss(TRUE, pred)) == pytest.approx(plain)
        assert float(loss(TRUE, pred, WEIGHT)) == pytest.approx(weighted)
        assert float(loss(TRUE, pred, WEIGHT[:, None])) == pytest.approx(weighted)
        pred = with_mask(PRED, mask[:, None])
        assert float(loss(TRUE, pred, WEIGHT)) == pytest.approx(weighted)
    assert float(loss(TRUE, with_mask(PRED, np.zeros(4, bool)))) == 0.0


def test_masks_of_outputs_and_of_values_both_leave_out() -> None:
    class Late(losses.Loss):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            values = ops.squeeze(ops.square(y_pred - y_true), -1)
            return with_mask(values, np.array([True, True, True, False]))

    assert float(Late()(TRUE, PRED)) == pytest.approx(5 / 3)
    pred = with_mask(PRED, np.array([False, True, True, True]))
    assert float(Late()(TRUE, pred)) == pytest.approx(5 / 2)
    ignoring = losses.SparseCategoricalCrossentropy(ignore_class=0)
    chances = np.full((3, 2), 0.5, "float32")
    chances[2] = [0.9, 0.1]
    one = with_mask(chances, np.array([True, True, False]))
    assert float(ignoring([0, 1, 1], one)) == pytest.approx(np.log(2), rel=1e-5)


def test_an_unknown_reduction_lists_the_known_ones() -> None:
    with pytest.raises(ArgumentError) as caught:
        losses.MeanSquaredError(reduction="average")
    assert "reduction='average'" in str(caught.value)
    assert all(repr(r) in str(caught.value) for r in REDUCTIONS)


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [
        ((4,), (4, 1), [(4, 1), (4, 1)]),
        ((4, 1), (4,), [(4, 1), (4, 1)]),
        ((4, 3, 1), (4, 3), [(4, 3), (4, 3)]),
        ((4, 3), (4, 3), [(4, 3), (4, 3)]),
        ((4, 3), (4,), [(4, 3), (4,)]),
    ],
)
def test_same_rank(first: Any, second: Any, wanted: Any) -> None:
    found = same_rank(np.zeros(first), np.zeros(second))
    assert [t.shape for t in found] == wanted


def test_rank_1_targets_are_compared_row_by_row() -> None:
    assert float(losses.MeanSquaredError()(TRUE[:, 0], PRED)) == 3.5


@pytest.mark.parametrize("shape", [(4, 3), (4, 2, 2), (5, 1)])
def test_targets_that_would_broadcast_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError) as caught:
        losses.MeanSquaredError()(np.zeros(shape), PRED)
    assert str(shape) in str(caught.value)
    assert "(4, 1)" in str(caught.value)


def test_a_single_class_is_refused_by_categorical_crossentropy() -> None:
    with pytest.raises(ShapeError, match="binary_crossentropy"):
        losses.CategoricalCrossentropy()(np.ones((4, 1)), PRED)


def test_own_loss_class_and_function() -> None:
    class Cubic(losses.Loss):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return ops.mean(ops.abs(y_true - y_pred) ** 3, axis=-1)

    assert Cubic().name.startswith("cubic")
    assert float(Cubic()(TRUE, PRED)) == pytest.approx((1 + 8 + 27) / 4)

    def cubic(y_true: Any, y_pred: Any) -> Any:
        return ops.mean(ops.abs(y_true - y_pred) ** 3, axis=-1)

    found = losses.choose(cubic, (None, 1), (None, 1))
    assert found is not None and found.name == "cubic"
    assert float(found(TRUE, PRED)) == pytest.approx(9.0)


@pytest.mark.parametrize("name", ["mse", "MSE", "mean_squared_error"])
def test_get_by_name(name: str) -> None:
    assert losses.get(name) is losses.mean_squared_error


def test_get_other_identifiers() -> None:
    assert losses.get(None) is None
    assert isinstance(losses.get(losses.Huber), losses.Huber)
    assert isinstance(losses.get("Huber"), losses.Huber)
    loss = losses.Huber(0.5)
    assert losses.get(loss) is loss
    short = {"class_name": "Huber", "config": {"delta": 0.25}}
    assert losses.get(short).delta == 0.25  # type: ignore[union-attr]


def test_get_refuses_unknown_names_with_help() -> None:
    with pytest.raises(UnknownNameError) as caught:
        losses.get("mean_square_error")
    text = str(caught.value)
    assert "'mean_square_error'" in text
    assert "mean_squared_error" in text
    assert "MeanSquaredError()" in text


def test_get_refuses_what_is_no_loss() -> None:
    with pytest.raises(ArgumentError, match="not a loss"):
        losses.get(3)


@pytest.mark.parametrize(
    ("true", "pred", "wanted"),
    [
        ((None, 1), (None, 1), losses.binary_crossentropy),
        ((None,), (None, 1), losses.binary_crossentropy),
        ((None,), (None, 3), losses.sparse_categorical_crossentropy),
        ((None, 1), (None, 3), losses.sparse_categorical_crossentropy),
        ((None, 3), (None, 3), losses.categorical_crossentropy),
    ],
)
def test_crossentropy_is_chosen_by_shape(true: Any, pred: Any, wanted: Any) -> None:
    found = losses.choose("crossentropy", true, pred)
    assert isinstance(found, losses.LossFunctionWrapper)
    assert found.fn is wanted


CLASSES = [
    getattr(losses, name)
    for name in losses.__all__
    if name[0].isupper() and name not in ("Loss", "LossFunctionWrapper")
]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda c: c.__name__)
def test_config_round_trip(cls: Any) -> None:
    loss = cls(name="mine", reduction="sum")
    data = losses.serialize(loss)
    assert data["module"] == "keras.losses"
    assert data["class_name"] == cls.__name__
    again = losses.deserialize(data)
    assert type(again) is cls
    assert again.get_config() == loss.get_config()


def test_function_round_trip() -> None:
    data = losses.serialize(losses.mean_squared_error)
    assert losses.deserialize(data) is losses.mean_squared_error
    wrapped = losses.LossFunctionWrapper(losses.huber, name="h", delta=0.5)
    again = config.deserialize(config.serialize(wrapped))
    assert again.fn is losses.huber
    assert float(again(TRUE, PRED)) == pytest.approx(float(wrapped(TRUE, PRED)))


@pytest.mark.parametrize(
    ("loss", "y", "classes", "words"),
    [
        ("bce", [0, 1, 2, 1, 2], 1, ["rows 2, 4", "0, 1", "2"]),
        ("bce", [1, 2], 1, ["row 1 ", "encode the classes"]),
        (losses.BinaryCrossentropy(), [-1, 1], 1, ["row 0 ", "-1"]),
        ("bce", [0.5, np.nan], 1, ["row 1 ", "nan"]),
        ("sparse_categorical_crossentropy", [0, 3, 1], 3, ["row 1 ", "0 to 2", "3"]),
        ("sparse_categorical_crossentropy", [0.5, 1], 3, ["row 0 ", "0.5"]),
        ("sparse_categorical_crossentropy", [-1, 1], 3, ["row 0 ", "-1"]),
        ("categorical_crossentropy", [[0, 5]], 2, ["row 0 ", "5"]),
        ("poisson", [1, -2], 1, ["row 1 ", "0 or more"]),
        ("msle", [1, -2], 1, ["row 1 ", "0 or more"]),
        ("hinge", [1, 2], 1, ["row 1 ", "-1 and 1"]),
        ("bce", [9] * 20, 1, ["rows 0, 1, 2, 3, 4 and 15 more"]),
    ],
)
def test_targets_outside_of_a_losss_domain(
    loss: Any, y: Any, classes: int, words: list[str]
) -> None:
    found = losses.get(loss)
    assert found is not None
    with pytest.raises(DataError) as caught:
        check_targets(found, np.asarray(y), classes)
    assert [w for w in words if w not in str(caught.value)] == []


@pytest.mark.parametrize(
    ("loss", "y", "classes"),
    [
        ("mse", [-5.0, 1e9], 1),
        ("bce", [0, 1, 0.3], 1),
        ("bce", [True, False], 1),
        ("sparse_categorical_crossentropy", [0, 2, 1], 3),
        (losses.SparseCategoricalCrossentropy(ignore_class=-1), [-1, 2], 3),
        ("hinge", [-1, 1, 1], 1),
        (lambda t, p: t - p, [7, 8], 1),
    ],
)
def test_targets_within_the_domain(loss: Any, y: Any, classes: int) -> None:
    found = losses.get(loss)
    assert found is not None
    check_targets(found, np.asarray(y), classes)


def test_a_sigmoid_at_the_end_is_undone() -> None:
    from pronghorn import activations
    from pronghorn.testing import trace_and_run

    logits = np.array([[40.0], [-40.0]], np.float32)
    wrong = np.array([[0.0], [1.0]], np.float32)

    def loss(t: Any, x: Any) -> Any:
        return losses.BinaryCrossentropy()(t, activations.sigmoid(x))

    found = trace_and_run(loss, [wrong, logits], rows=(0, 1))
    assert float(found.values[0]) == pytest.approx(40.0)
    slopes = found.gradients[1]  # of the loss times a fixed weight
    assert slopes is not None
    assert slopes[0, 0] == pytest.approx(-slopes[1, 0])
    assert slopes[0, 0] > 0.3, "a clipped probability would give 0"


def test_from_logits_after_a_sigmoid_warns() -> None:
    from pronghorn import activations
    from pronghorn.testing import trace_and_run

    x = np.array([[1.0], [-2.0]], np.float32)
    t = np.array([[0.0], [1.0]], np.float32)

    def loss(t: Any, x: Any) -> Any:
        return losses.BinaryCrossentropy(from_logits=True)(t, activations.sigmoid(x))

    with pytest.warns(UserWarning, match="from_logits=True"):
        found = trace_and_run(loss, [t, x], rows=(0, 1), gradient=False)
    wanted = losses.BinaryCrossentropy(from_logits=True)(t, x)
    assert float(found.values[0]) == pytest.approx(float(wanted))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "mixed_float16"])
def test_a_result_of_16_bits_is_that_of_float32_rounded(dtype: str) -> None:
    from pronghorn.testing import trace_and_run

    pytest.importorskip("ml_dtypes")
    wide = losses.MeanAbsolutePercentageError()(TRUE, PRED)
    with pytest.warns(UserWarning, match="computed in float32"):
        policy = DTypePolicy(dtype) if "mixed" in dtype else dtype
        narrow = losses.MeanAbsolutePercentageError(dtype=policy)
    name = dtype.removeprefix("mixed_")
    found = narrow(TRUE, PRED, WEIGHT), narrow(TRUE, PRED)
    assert narrow.dtype == found[0].dtype.name == found[1].dtype.name == name
    assert float(found[1]) == float(ops.cast(wide, name)) != float(wide)
    rows = losses.MeanAbsoluteError(reduction=None)
    assert rows(TRUE, PRED).dtype == "float32"
    traced = trace_and_run(narrow, [TRUE, PRED], rows=(0, 1), gradient=False)
    assert float(traced.values[0]) == pytest.approx(float(wide))


def test_a_loss_of_doubles() -> None:
    loss = losses.MeanSquaredError(dtype="float64")
    assert loss(TRUE / 3.0, PRED).dtype == loss.dtype == "float64"
    y = np.array([[1.0]]) / 3
    assert float(loss(y, np.zeros((1, 1)))) == float(y[0, 0] ** 2)
