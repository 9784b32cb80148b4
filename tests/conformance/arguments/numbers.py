"""Arguments of losses, metrics, schedules, initializers, regularizers, constraints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import pronghorn
from pronghorn import ops
from tests.conformance import data
from tests.conformance.arguments.row import Arguments, Row, Shown, With

ROWS, CLASSES = 8, 4
REAL = data.draw(80, ROWS, CLASSES)
GUESSED = data.draw(81, ROWS, CLASSES)
IDS = np.array([0, 1, 2, 3, 3, 2, 1, 1], "int32")
ONE_HOT = np.eye(CLASSES, dtype="float32")[IDS]
BETTER = np.exp(GUESSED + ONE_HOT)  # guesses that are right now and then
SHARES = BETTER / BETTER.sum(axis=1, keepdims=True)
CHANCES = 1 / (1 + np.exp(-GUESSED - REAL))
FLAGS = (REAL > 0).astype("float32")
WEIGHTS = np.linspace(0.5, 2.0, ROWS, dtype="float32")

Pair = tuple[np.ndarray, np.ndarray]
NUMBERS, DISTRIBUTIONS = (REAL, GUESSED), (ONE_HOT, SHARES)
BITS, CLASS_IDS, SIGNS = (FLAGS, CHANCES), (IDS, SHARES), (np.sign(REAL), GUESSED)
POSITIVE = (np.abs(REAL), np.abs(GUESSED))

ALONG = "metrics/test_overlap.py::test_one_hot_targets"
SPARSE = "metrics/test_overlap.py::test_one_hot_targets"

# With one axis more, of as many classes: along which one classes lie is then seen.
DEEP = np.stack([SHARES, SHARES[::-1], SHARES[:, ::-1], SHARES[::-1, ::-1]], axis=1)
DEEP_ONE_HOT = np.eye(CLASSES, dtype="float32")[np.stack([IDS, 3 - IDS] * 2, axis=1)]
MANY = (DEEP_ONE_HOT, DEEP)

SHARED: Arguments = {"name": "another", "dtype": "float16"}
REDUCED: Arguments = {**SHARED, "reduction": "sum"}
FOCAL: Arguments = {"alpha": With(0.6, apply_class_balancing=True), "gamma": 3.0}
SMOOTHED: Arguments = {"from_logits": True, "label_smoothing": 0.2, "axis": 1}
ALONE: Arguments = {**SMOOTHED, "axis": With(1, reduction=None)}


def distance(y_true: Any, y_pred: Any, power: float = 1.0) -> Any:
    """The function of a wrapper."""
    return ops.mean(ops.abs(y_true - y_pred) ** power, axis=-1)


def bits(y_true: Any, y_pred: Any, power: float = 1.0) -> Any:
    """Another one."""
    return ops.max(ops.abs(y_true - y_pred), axis=-1)


LOSSES: dict[str, tuple[Pair, Arguments]] = {
    "BinaryCrossentropy": (MANY, ALONE),
    "BinaryFocalCrossentropy": (
        MANY,
        {**ALONE, **FOCAL, "apply_class_balancing": True},
    ),
    "CategoricalCrossentropy": (MANY, ALONE),
    "CategoricalFocalCrossentropy": (
        MANY,
        {**ALONE, "alpha": 0.6, "gamma": 3.0},
    ),
    "CategoricalGeneralizedCrossEntropy": (CLASS_IDS, {"q": 0.7}),
    "CategoricalHinge": (DISTRIBUTIONS, {}),
    "Circle": (
        (IDS, GUESSED / np.linalg.norm(GUESSED, axis=1, keepdims=True)),
        {"gamma": 40.0, "margin": 0.2, "remove_diagonal": False},
    ),
    "CosineSimilarity": (MANY, {"axis": 1}),
    "Dice": (BITS, {"axis": (1,)}),
    "Hinge": (SIGNS, {}),
    "Huber": (NUMBERS, {"delta": 0.3}),
    "KLDivergence": (DISTRIBUTIONS, {}),
    "LogCosh": (NUMBERS, {}),
    "MeanAbsoluteError": (NUMBERS, {}),
    "MeanAbsolutePercentageError": (NUMBERS, {}),
    "MeanSquaredError": (NUMBERS, {}),
    "MeanSquaredLogarithmicError": (POSITIVE, {}),
    "Poisson": (POSITIVE, {}),
    "SparseCategoricalCrossentropy": (
        CLASS_IDS,
        {"ignore_class": 1, "from_logits": True, "axis": 0},
    ),
    "SquaredHinge": (SIGNS, {}),
    "Tversky": (BITS, {"alpha": 0.8, "beta": 0.2, "axis": (1,)}),
}

AT: Arguments = {"num_thresholds": 5, "class_id": 3}
COUNTS: Arguments = {"thresholds": 0.7}
RATES: Arguments = {"thresholds": 0.7, "top_k": 1, "class_id": 1}
OVERLAP = (IDS[:, None], np.array([[0, 1, 1, 3, 2, 2, 1, 0]], "int32").T)
FLAT = (FLAGS[:, 0], CHANCES[:, 0])

METRICS: dict[str, tuple[Pair, Arguments, Arguments]] = {
    "AUC": (
        BITS,
        {},
        {
            "num_thresholds": 4,
            "curve": "PR",
            "summation_method": With("majoring", num_thresholds=4),
            "thresholds": [0.3, 0.6],
            "multi_label": True,
            "num_labels": CLASSES,
            "label_weights": With([1.0, 2.0, 0.0, 1.0], multi_label=True),
            "from_logits": True,
        },
    ),
    "Accuracy": (OVERLAP, {}, {}),
    "BinaryAccuracy": (BITS, {}, {"threshold": 0.7}),
    "BinaryCrossentropy": (BITS, {}, {"from_logits": True, "label_smoothing": 0.2}),
    "BinaryIoU": (FLAT, {}, {"target_class_ids": [0], "threshold": 0.7}),
    "CategoricalAccuracy": (DISTRIBUTIONS, {}, {}),
    "CategoricalCrossentropy": (MANY, {}, SMOOTHED),
    "CategoricalHinge": (DISTRIBUTIONS, {}, {}),
    "ConcordanceCorrelation": (MANY, {}, {"axis": 1}),
    "CosineSimilarity": (MANY, {}, {"axis": 1}),
    "F1Score": (
        DISTRIBUTIONS,
        {},
        {"average": "macro", "threshold": 0.3},
    ),
    "FBetaScore": (
        DISTRIBUTIONS,
        {},
        {"average": "macro", "threshold": 0.3, "beta": With(2.0, threshold=0.3)},
    ),
    "FalseNegatives": (BITS, {}, COUNTS),
    "FalsePositives": (BITS, {}, COUNTS),
    "Hinge": (SIGNS, {}, {}),
    "IoU": (
        OVERLAP,
        {"num_classes": CLASSES, "target_class_ids": [0, 1]},
        {
            "num_classes": 6,
            "target_class_ids": [2],
            "ignore_class": 1,
            "sparse_y_true": False,
            "sparse_y_pred": False,
            "axis": Shown(ALONG),
        },
    ),
    "KLDivergence": (DISTRIBUTIONS, {}, {}),
    "LogCoshError": (NUMBERS, {}, {}),
    "MeanAbsoluteError": (NUMBERS, {}, {}),
    "MeanAbsolutePercentageError": (NUMBERS, {}, {}),
    "MeanIoU": (
        OVERLAP,
        {"num_classes": CLASSES},
        {
            "num_classes": 6,
            "ignore_class": 1,
            "sparse_y_true": False,
            "sparse_y_pred": False,
            "axis": Shown(ALONG),
        },
    ),
    "MeanMetricWrapper": (
        NUMBERS,
        {"fn": distance},
        {"fn": bits},
    ),
    "MeanSquaredError": (NUMBERS, {}, {}),
    "MeanSquaredLogarithmicError": (POSITIVE, {}, {}),
    "OneHotIoU": (
        DISTRIBUTIONS,
        {"num_classes": CLASSES, "target_class_ids": [0, 1]},
        {
            "num_classes": 6,
            "target_class_ids": [2],
            "ignore_class": 1,
            "sparse_y_pred": Shown(SPARSE),
            "axis": Shown(ALONG),
        },
    ),
    "OneHotMeanIoU": (
        DISTRIBUTIONS,
        {"num_classes": CLASSES},
        {
            "num_classes": 6,
            "ignore_class": 1,
            "sparse_y_pred": Shown(SPARSE),
            "axis": Shown(ALONG),
        },
    ),
    "PearsonCorrelation": (MANY, {}, {"axis": 1}),
    "Poisson": (POSITIVE, {}, {}),
    "Precision": (BITS, {}, RATES),
    "PrecisionAtRecall": (BITS, {"recall": 0.5}, {"recall": 0.9, **AT}),
    "R2Score": (
        NUMBERS,
        {},
        {"class_aggregation": "variance_weighted_average", "num_regressors": 2},
    ),
    "Recall": (BITS, {}, RATES),
    "RecallAtPrecision": (
        BITS,
        {"precision": 0.5},
        {"precision": 0.9, **AT, "class_id": With(3, precision=0.8)},
    ),
    "RootMeanSquaredError": (NUMBERS, {}, {}),
    "SensitivityAtSpecificity": (
        BITS,
        {"specificity": 0.3},
        {"specificity": 0.9, **AT, "class_id": With(3, specificity=0.8)},
    ),
    "SparseCategoricalAccuracy": (CLASS_IDS, {}, {}),
    "SparseCategoricalCrossentropy": (
        CLASS_IDS,
        {},
        {"from_logits": True, "axis": 0, "ignore_class": 1},
    ),
    "SparseTopKCategoricalAccuracy": (
        CLASS_IDS,
        {"k": 2},
        {"k": 3, "from_sorted_ids": True},
    ),
    "SpecificityAtSensitivity": (
        BITS,
        {"sensitivity": 0.3},
        {"sensitivity": 0.9, **AT},
    ),
    "SquaredHinge": (SIGNS, {}, {}),
    "TopKCategoricalAccuracy": (DISTRIBUTIONS, {"k": 2}, {"k": 3}),
    "TrueNegatives": (BITS, {}, COUNTS),
    "TruePositives": (BITS, {}, COUNTS),
}

SCHEDULES: dict[str, tuple[Arguments, Arguments]] = {
    "CosineDecay": (
        {"initial_learning_rate": 0.1, "decay_steps": 20},
        {
            "initial_learning_rate": 0.2,
            "decay_steps": 10,
            "alpha": 0.5,
            "warmup_target": With(0.3, warmup_steps=5),
            "warmup_steps": With(8, warmup_target=0.3, warmup_steps=3),
        },
    ),
    "CosineDecayRestarts": (
        {"initial_learning_rate": 0.1, "first_decay_steps": 5},
        {
            "initial_learning_rate": 0.2,
            "first_decay_steps": 7,
            "t_mul": 1.5,
            "m_mul": 0.5,
            "alpha": 0.5,
        },
    ),
    "ExponentialDecay": (
        {"initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.5},
        {
            "initial_learning_rate": 0.2,
            "decay_steps": 7,
            "decay_rate": 0.3,
            "staircase": True,
        },
    ),
    "InverseTimeDecay": (
        {"initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.5},
        {
            "initial_learning_rate": 0.2,
            "decay_steps": 7,
            "decay_rate": 0.3,
            "staircase": True,
        },
    ),
    "PiecewiseConstantDecay": (
        {"boundaries": [5, 9], "values": [0.3, 0.2, 0.1]},
        {"boundaries": [7, 9], "values": [0.3, 0.2, 0.05]},
    ),
    "PolynomialDecay": (
        {"initial_learning_rate": 0.1, "decay_steps": 9},
        {
            "initial_learning_rate": 0.2,
            "decay_steps": 7,
            "end_learning_rate": 0.05,
            "power": 2.0,
            "cycle": True,
        },
    ),
}

AXES: Arguments = {
    "input_axes": With((2,), output_axes=(1,)),
    "output_axes": With((1,), input_axes=(2,)),
}

SCALED = ("Glorot", "He", "Lecun", "VarianceScaling")

INITIALIZERS: dict[str, tuple[Arguments, Arguments]] = {
    "Constant": ({}, {"value": 2.0}),
    "GlorotNormal": ({}, {}),
    "GlorotUniform": ({}, {}),
    "HeNormal": ({}, {}),
    "HeUniform": ({}, {}),
    "Identity": ({}, {"gain": 2.0}),
    "LecunNormal": ({}, {}),
    "LecunUniform": ({}, {}),
    "Ones": ({}, {}),
    "Orthogonal": ({}, {"gain": 2.0}),
    "RandomNormal": ({}, {"mean": 1.0, "stddev": 0.5}),
    "RandomUniform": ({}, {"minval": 0.0, "maxval": 1.0}),
    "TruncatedNormal": ({}, {"mean": 1.0, "stddev": 0.5}),
    "VarianceScaling": (
        {},
        {"scale": 2.0, "mode": "fan_out", "distribution": "uniform"},
    ),
    "Zeros": ({}, {}),
}

REGULARIZERS: dict[str, Arguments] = {
    "L1": {"l1": 0.5},
    "L2": {"l2": 0.5},
    "L1L2": {"l1": 0.5, "l2": 0.5},
    "OrthogonalRegularizer": {"factor": 0.5, "mode": "columns"},
}

CONSTRAINTS: dict[str, Arguments] = {
    "MaxNorm": {"max_value": 0.5, "axis": 1},
    "MinMaxNorm": {
        "min_value": With(5.0, max_value=6.0),
        "max_value": 0.5,
        "rate": 0.5,
        "axis": 1,
    },
    "NonNeg": {},
    "UnitNorm": {"axis": 1},
}


def loss(pair: Pair) -> Callable[[Callable[[], Any]], Any]:
    """What a loss says of a pair, with weights and without."""

    def observe(make: Callable[[], Any]) -> Any:
        made = make()
        weights = WEIGHTS[:, None] if pair[1].ndim > 2 else WEIGHTS
        values = [made(*pair), made(*pair, sample_weight=weights)]
        return [made.name, made.dtype, *map(np.asarray, values)]

    return observe


def metric(pair: Pair) -> Callable[[Callable[[], Any]], Any]:
    """What a metric says of a pair seen twice, once with weights."""

    def observe(make: Callable[[], Any]) -> Any:
        made = make()
        made.update_state(*pair)
        first = np.asarray(made.result())
        made.update_state(*pair, sample_weight=WEIGHTS)
        shapes = [list(v.shape) for v in made.variables]
        return [made.name, made.dtype, shapes, first, np.asarray(made.result())]

    return observe


def schedule(make: Callable[[], Any]) -> Any:
    """The rates of the first steps."""
    made = make()
    name = getattr(made, "name", None)
    return [name, *(float(np.asarray(made(step))) for step in range(25))]


def drawn(make: Callable[[], Any]) -> Any:
    """The numbers that an initializer draws."""
    made = make()
    square = isinstance(made, pronghorn.initializers.Identity)
    return np.asarray(made((5, 3) if square else (5, 4, 3)))


def penalty(make: Callable[[], Any]) -> Any:
    """What a regularizer asks for a matrix."""
    return float(np.asarray(make()(data.draw(82, 4, 3))))


def held(make: Callable[[], Any]) -> Any:
    """What a constraint makes of a matrix."""
    return np.asarray(make()(data.draw(83, 4, 3)))


def rows() -> Iterator[Row]:
    """The rows of these rooms."""
    for name, (pair, changes) in LOSSES.items():
        yield Row(f"losses.{name}", loss(pair), {}, {**REDUCED, **changes})
    for name, (pair, base, changes) in METRICS.items():
        yield Row(f"metrics.{name}", metric(pair), base, {**SHARED, **changes})
    for name in ("Mean", "Sum"):
        yield Row(f"metrics.{name}", reduced, {}, SHARED)
    for name, (base, changes) in SCHEDULES.items():
        named = {"name": "another"} | changes
        yield Row(f"optimizers.schedules.{name}", schedule, base, named)
    for name, (base, changes) in INITIALIZERS.items():
        fixed = name in ("Constant", "Identity", "Ones", "Zeros")
        seed = {} if fixed else {"seed": 7}
        axes = AXES if name.startswith(SCALED) else {}
        yield Row(f"initializers.{name}", drawn, base, {**seed, **axes, **changes})
    for name, changes in REGULARIZERS.items():
        yield Row(f"regularizers.{name}", penalty, {}, changes)
    for name, changes in CONSTRAINTS.items():
        yield Row(f"constraints.{name}", held, {}, changes)
    yield Row("losses.Loss", loss(NUMBERS), {}, REDUCED, Distance)
    yield Row("metrics.Metric", metric(NUMBERS), {}, SHARED, Largest)


def reduced(make: Callable[[], Any]) -> Any:
    """What a metric of plain values says of some."""
    made = make()
    made.update_state(REAL[:, 0], sample_weight=WEIGHTS)
    return [made.name, made.dtype, np.asarray(made.result())]


class Distance(pronghorn.Loss):
    """A loss of one's own."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """By row."""
        return distance(y_true, y_pred)


class Largest(pronghorn.Metric):
    """A metric of one's own."""

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        super().__init__(dtype, name)
        self.top = self.add_variable((), "zeros", name="top")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Keeps the largest error."""
        error = ops.max(ops.abs(ops.subtract(y_true, y_pred)))
        self.top.assign(ops.maximum(self.top, error))

    def result(self) -> Any:
        """The largest error."""
        return self.top.value
