"""Each loss against its formula, written down a second time in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pronghorn import losses
from pronghorn.errors import ArgumentError, DataError, UnsupportedError
from pronghorn.testing import check_gradient, trace_and_run

Formula = Callable[[np.ndarray, np.ndarray], np.ndarray]
ROWS = 6


def softplus(x: np.ndarray) -> np.ndarray:
    return np.logaddexp(0.0, x)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-x))


def softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def xent(t: np.ndarray, p: np.ndarray) -> np.ndarray:
    return -(t * np.log(p) + (1 - t) * np.log(1 - p))


def cosine(t: np.ndarray, p: np.ndarray) -> np.ndarray:
    return (t * p).sum(-1) / np.sqrt((t**2).sum(-1) * (p**2).sum(-1))


def focal(t: np.ndarray, p: np.ndarray) -> np.ndarray:
    given = t * p + (1 - t) * (1 - p)
    return ((1 - given) ** 1.5 * xent(t, p) * (0.4 * t + 0.6 * (1 - t))).mean(-1)


def huber(t: np.ndarray, p: np.ndarray, d: float) -> np.ndarray:
    e = np.abs(t - p)
    return np.where(e <= d, e**2 / 2, d * (e - d / 2)).mean(-1)


def picked(t: np.ndarray, p: np.ndarray) -> np.ndarray:
    return -np.log(np.take_along_axis(p, t.reshape(-1, 1).astype(int), 1))[:, 0]


def margin(t: np.ndarray, p: np.ndarray) -> np.ndarray:
    wrong = np.where(t == 1, 0.0, p).max(-1)
    return np.maximum(wrong - (t * p).sum(-1) + 1, 0)


def tversky(t: np.ndarray, p: np.ndarray, a: float, b: float) -> np.ndarray:
    both = (t * p).sum(-1)
    return 1 - both / (both + a * (t * (1 - p)).sum(-1) + b * ((1 - t) * p).sum(-1))


def chosen(t: np.ndarray, p: np.ndarray) -> np.ndarray:
    return np.take_along_axis(p, t.reshape(-1, 1).astype(int), 1)[:, 0]


# loss, arguments, kind of data, formula
TABLE: list[tuple[str, dict[str, Any], str, Formula]] = [
    ("MeanSquaredError", {}, "amount", lambda t, p: ((t - p) ** 2).mean(-1)),
    ("MeanAbsoluteError", {}, "amount", lambda t, p: np.abs(t - p).mean(-1)),
    (
        "MeanAbsolutePercentageError",
        {},
        "amount",
        lambda t, p: 100 * np.abs(1 - p / t).mean(-1),
    ),
    (
        "MeanSquaredLogarithmicError",
        {},
        "amount",
        lambda t, p: (np.log((1 + t) / (1 + p)) ** 2).mean(-1),
    ),
    ("Huber", {}, "amount", lambda t, p: huber(t, p, 1.0)),
    ("Huber", {"delta": 0.3}, "amount", lambda t, p: huber(t, p, 0.3)),
    ("LogCosh", {}, "amount", lambda t, p: np.log(np.cosh(p - t)).mean(-1)),
    ("Poisson", {}, "amount", lambda t, p: (p - t * np.log(p)).mean(-1)),
    ("CosineSimilarity", {}, "amount", lambda t, p: -cosine(t, p)),
    ("KLDivergence", {}, "shares", lambda t, p: (t * np.log(t / p)).sum(-1)),
    ("BinaryCrossentropy", {}, "binary", lambda t, p: xent(t, p).mean(-1)),
    (
        "BinaryCrossentropy",
        {"label_smoothing": 0.2},
        "binary",
        lambda t, p: xent(0.8 * t + 0.1, p).mean(-1),
    ),
    (
        "BinaryCrossentropy",
        {"from_logits": True},
        "logits",
        lambda t, p: (softplus(p) - t * p).mean(-1),
    ),
    (
        "BinaryFocalCrossentropy",
        {"apply_class_balancing": True, "alpha": 0.4, "gamma": 1.5},
        "binary",
        focal,
    ),
    (
        "BinaryFocalCrossentropy",
        {
            "from_logits": True,
            "gamma": 1.5,
            "alpha": 0.4,
            "apply_class_balancing": True,
        },
        "logits",
        lambda t, p: focal(t, sigmoid(p)),
    ),
    ("Hinge", {}, "binary", lambda t, p: np.maximum(1 - (2 * t - 1) * p, 0).mean(-1)),
    (
        "SquaredHinge",
        {},
        "binary",
        lambda t, p: (np.maximum(1 - (2 * t - 1) * p, 0) ** 2).mean(-1),
    ),
    ("CategoricalHinge", {}, "one-hot", margin),
    (
        "CategoricalCrossentropy",
        {},
        "one-hot",
        lambda t, p: -(t * np.log(p / p.sum(-1, keepdims=True))).sum(-1),
    ),
    (
        "CategoricalCrossentropy",
        {"from_logits": True, "label_smoothing": 0.1},
        "one-hot",
        lambda t, p: -((0.9 * t + 0.1 / t.shape[-1]) * np.log(softmax(p))).sum(-1),
    ),
    (
        "CategoricalFocalCrossentropy",
        {"from_logits": True, "gamma": 1.5, "alpha": 0.5},
        "one-hot",
        lambda t, p: (-0.5 * t * (1 - softmax(p)) ** 1.5 * np.log(softmax(p))).sum(-1),
    ),
    (
        "SparseCategoricalCrossentropy",
        {},
        "classes",
        lambda t, p: picked(t, p / p.sum(-1, keepdims=True)),
    ),
    (
        "SparseCategoricalCrossentropy",
        {"from_logits": True},
        "classes",
        lambda t, p: picked(t, softmax(p)),
    ),
    (
        "CategoricalGeneralizedCrossEntropy",
        {"q": 0.3},
        "classes",
        lambda t, p: (1 - chosen(t, p) ** 0.3) / 0.3,
    ),
    ("Dice", {"axis": -1}, "shares", lambda t, p: tversky(t, p, 0.5, 0.5)),
    (
        "Tversky",
        {"alpha": 0.7, "beta": 0.2, "axis": -1},
        "shares",
        lambda t, p: tversky(t, p, 0.7, 0.2),
    ),
]
IDS = [f"{name}-{'-'.join(arguments)}" for name, arguments, _, _ in TABLE]


def data(kind: str, units: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Targets and outputs of a kind, float32 (class numbers int32)."""
    draw = np.random.default_rng(3)
    shape = (ROWS, units)
    p = draw.uniform(0.1, 0.9, shape)
    classes = np.arange(ROWS) % units
    if kind == "amount":
        t, p = draw.uniform(0.5, 3.0, shape), draw.uniform(0.5, 3.0, shape)
    elif kind == "shares":
        t = softmax(draw.normal(size=shape))
        p = softmax(draw.normal(size=shape))
    elif kind == "logits":
        t, p = draw.integers(0, 2, shape), draw.normal(size=shape) * 3
    elif kind == "binary":
        t = draw.integers(0, 2, shape)
    elif kind == "one-hot":
        t = np.eye(units)[classes]
    else:
        return classes.astype(np.int32), p.astype(np.float32)
    return t.astype(np.float32), p.astype(np.float32)


def difference(loss: Any, formula: Formula, kind: str) -> float:
    """How far a loss's values are from the formula's, relative to the largest."""
    t, p = data(kind)
    found = np.asarray(loss(t, p))
    wanted = formula(t.astype(float), p.astype(float))
    assert found.shape == wanted.shape
    return float(np.abs(found - wanted).max() / np.abs(wanted).max())


@pytest.mark.parametrize(("name", "arguments", "kind", "formula"), TABLE, ids=IDS)
def test_values_follow_the_formula(
    name: str, arguments: dict[str, Any], kind: str, formula: Formula
) -> None:
    loss = getattr(losses, name)(reduction=None, **arguments)
    assert difference(loss, formula, kind) < 2e-6


@pytest.mark.parametrize(("name", "arguments", "kind", "formula"), TABLE, ids=IDS)
def test_a_perturbed_formula_is_noticed(
    name: str, arguments: dict[str, Any], kind: str, formula: Formula
) -> None:
    loss = getattr(losses, name)(reduction=None, **arguments)
    assert difference(loss, lambda t, p: formula(t, p) * 1.001, kind) > 2e-6


@pytest.mark.parametrize("backend", ["reference", "native"])
@pytest.mark.parametrize(("name", "arguments", "kind", "formula"), TABLE, ids=IDS)
def test_a_traced_loss_is_the_same(
    name: str,
    arguments: dict[str, Any],
    kind: str,
    formula: Formula,
    backend: str,
) -> None:
    loss = getattr(losses, name)(**arguments)
    t, p = data(kind)
    found = trace_and_run(loss, [t, p], backend, rows=(0, 1), gradient=False)
    wanted = formula(t.astype(float), p.astype(float)).mean()
    assert float(found.values[0]) == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize(("name", "arguments", "kind", "formula"), TABLE, ids=IDS)
def test_gradients(
    name: str, arguments: dict[str, Any], kind: str, formula: Formula
) -> None:
    loss = getattr(losses, name)(dtype="float64", reduction=None, **arguments)
    t, p = data(kind)
    fixed = t if kind == "classes" else t.astype(np.float64)

    def of_outputs(y_pred: Any) -> Any:
        return loss(fixed, y_pred)

    assert check_gradient(of_outputs, [p]) < 2e-4


def test_probabilities_of_0_and_1_give_finite_losses() -> None:
    t = np.array([[0.0], [1.0], [1.0], [0.0]], np.float32)
    p = np.array([[0.0], [0.0], [1.0], [1.0]], np.float32)
    found = losses.binary_crossentropy(t, p)
    # 1 - 1e-7 is 1 - 2**-23 in float32
    assert found[1] == pytest.approx(-np.log(1e-7), rel=1e-6)
    assert found[3] == pytest.approx(23 * np.log(2), rel=1e-6)
    assert found[[0, 2]] == pytest.approx(0.0, abs=2e-7)


def test_large_logits_do_not_overflow() -> None:
    t = np.array([[0.0], [1.0]], np.float32)
    p = np.array([[200.0], [-200.0]], np.float32)
    found = losses.binary_crossentropy(t, p, from_logits=True)
    assert found.tolist() == [200.0, 200.0]


def test_ignored_class_leaves_the_mean() -> None:
    p = softmax(np.random.default_rng(0).normal(size=(4, 3))).astype(np.float32)
    whole = losses.SparseCategoricalCrossentropy()
    partial = losses.SparseCategoricalCrossentropy(ignore_class=-1)
    found = partial(np.array([2, -1, 0, -1]), p)
    assert float(found) == pytest.approx(float(whole(np.array([2, 0]), p[[0, 2]])))
    weights = np.array([1.0, 9.0, 3.0, 9.0])
    found = partial(np.array([2, -1, 0, -1]), p, weights)
    wanted = whole(np.array([2, 0]), p[[0, 2]], np.array([1.0, 3.0]))
    assert float(found) == pytest.approx(float(wanted))


@pytest.mark.parametrize("backend", ["reference", "native"])
def test_dice_counts_the_whole_batch_by_default(backend: str) -> None:
    t, p = data("shares")
    wanted = tversky(t.ravel().astype(float), p.ravel().astype(float), 0.5, 0.5)
    assert np.asarray(losses.Dice()(t, p)) == pytest.approx(wanted, rel=1e-5)
    assert np.asarray(losses.Tversky()(t, p)) == pytest.approx(wanted, rel=1e-5)
    run = trace_and_run(losses.Dice(), [t, p], backend, rows=(0, 1))
    assert run.values[0] == pytest.approx(wanted, rel=1e-5)


def pairwise_circle(t: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Sun et al., equation 6, pair by pair."""
    found = []
    for i, row in enumerate(p.astype(float)):
        pull, push = [], []
        for j, other in enumerate(p.astype(float)):
            similar = row @ other
            if i != j and t[i] == t[j]:
                pull.append(np.exp(-8 * max(1.4 - similar, 0) * (similar - 0.6)))
            elif t[i] != t[j]:
                push.append(np.exp(8 * max(similar + 0.4, 0) * (similar - 0.4)))
        found.append(np.log1p(sum(pull) * sum(push)))
    return np.asarray(found)


def unit_rows() -> tuple[np.ndarray, np.ndarray]:
    """Rows of length 1 and their classes; the last class has one row only."""
    p = np.random.default_rng(4).normal(size=(7, 3))
    p /= np.linalg.norm(p, axis=1, keepdims=True)
    return np.array([0, 1, 0, 1, 1, 0, 2]), p.astype(np.float32)


def test_circle_follows_the_formula() -> None:
    t, p = unit_rows()
    wanted = pairwise_circle(t, p)
    loss = losses.Circle(gamma=8.0, reduction=None)
    assert wanted[-1] == 0, "a class of one row has nothing to come near to"
    np.testing.assert_allclose(loss(t, p), wanted, rtol=1e-4, atol=1e-5)
    mean = losses.Circle(gamma=8.0)(t[:, None], p)
    assert float(mean) == pytest.approx(wanted[:-1].mean(), rel=1e-4)


@pytest.mark.parametrize("backend", ["reference", "native"])
def test_circle_is_traced_against_references_only(backend: str) -> None:
    t, p = unit_rows()

    def loss(y_true: Any, y_pred: Any) -> Any:
        return losses.circle(y_true, y_pred, t, p, gamma=8.0)

    run = trace_and_run(loss, [t, p], backend, rows=(0, 1), gradient=False)
    np.testing.assert_allclose(run.values[0], pairwise_circle(t, p), 1e-4, 1e-5)
    with pytest.raises(UnsupportedError, match="each other row"):
        trace_and_run(losses.circle, [t, p], backend, rows=(0, 1))


@pytest.mark.parametrize("q", [0.0, 1.0, -0.5, float("nan")])
def test_q_lies_between_0_and_1(q: float) -> None:
    with pytest.raises(ArgumentError, match="between 0 and 1"):
        losses.CategoricalGeneralizedCrossEntropy(q)


def test_sequence_losses_say_so() -> None:
    with pytest.raises(UnsupportedError, match="Sequences are not"):
        losses.CTC  # noqa: B018
    with pytest.raises(AttributeError, match="no attribute 'Cct'"):
        losses.Cct  # noqa: B018


def test_targets_outside_of_the_domain_are_named() -> None:
    numbered = losses.CategoricalGeneralizedCrossEntropy()
    with pytest.raises(DataError, match="class numbers from 0 to 2"):
        losses.check_targets(numbered, np.array([0, 3]), 3)
    for shares in (losses.Dice(), losses.Tversky()):
        losses.check_targets(shares, np.array([[0.0, 1.0]]), 2)
        with pytest.raises(DataError, match="0, 1, or values between"):
            losses.check_targets(shares, np.array([[0.0, 2.0]]), 2)
