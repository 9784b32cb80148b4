"""Losses: values under every reduction and weighting, and a hundred steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance import data
from tests.conformance.case import Case, CaseTable, Results, jsonable, lookup

Arguments = dict[str, Any]

REDUCTIONS = ["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none"]

# class: kind of its targets, then the sets of arguments
REQUIRED: dict[str, tuple[str, list[Arguments]]] = {
    "MeanSquaredError": ("numbers", [{}]),
    "MeanAbsoluteError": ("numbers", [{}]),
    "Huber": ("numbers", [{}, {"delta": 0.3}, {"delta": 2.0}]),
    "BinaryCrossentropy": (
        "binary",
        [
            {},
            {"from_logits": True},
            {"label_smoothing": 0.2},
            {"from_logits": True, "label_smoothing": 0.1},
        ],
    ),
    "CategoricalCrossentropy": (
        "onehot",
        [
            {},
            {"from_logits": True},
            {"label_smoothing": 0.2},
            {"from_logits": True, "label_smoothing": 0.1},
        ],
    ),
    "SparseCategoricalCrossentropy": ("classes", [{}, {"from_logits": True}]),
}

FURTHER: dict[str, tuple[str, list[Arguments]]] = {
    "MeanAbsolutePercentageError": ("positive", [{}]),
    "MeanSquaredLogarithmicError": ("positive", [{}]),
    "LogCosh": ("numbers", [{}]),
    "CosineSimilarity": ("numbers", [{}]),
    "Hinge": ("binary", [{}]),
    "SquaredHinge": ("binary", [{}]),
    "CategoricalHinge": ("onehot", [{}]),
    "KLDivergence": ("onehot", [{}]),
    "Poisson": ("positive", [{}]),
    "BinaryFocalCrossentropy": (
        "binary",
        [{}, {"gamma": 3.0}, {"apply_class_balancing": True, "alpha": 0.4}],
    ),
    "CategoricalFocalCrossentropy": ("onehot", [{}, {"gamma": 1.0, "alpha": 0.4}]),
    "CategoricalGeneralizedCrossEntropy": ("classes", [{}, {"q": 0.8}]),
    "Dice": ("onehot", [{}, {"axis": -1}]),
    "Tversky": ("onehot", [{}, {"alpha": 0.3, "beta": 0.9}, {"axis": -1}]),
}

FUNCTIONS: dict[str, tuple[str, list[Arguments]]] = {
    "mean_squared_error": ("numbers", [{}]),
    "mean_absolute_error": ("numbers", [{}]),
    "huber": ("numbers", [{}, {"delta": 0.4}]),
    "binary_crossentropy": ("binary", REQUIRED["BinaryCrossentropy"][1]),
    "categorical_crossentropy": ("onehot", REQUIRED["CategoricalCrossentropy"][1]),
    "sparse_categorical_crossentropy": ("classes", [{}, {"from_logits": True}]),
}

NAMES = [
    "mse",
    "MSE",
    "mae",
    "MAE",
    "bce",
    "BCE",
    "mean_squared_error",
    "mean_absolute_error",
    "huber",
    "binary_crossentropy",
    "categorical_crossentropy",
    "sparse_categorical_crossentropy",
]

CLASS_NAMES = ["MeanSquaredError", "MeanAbsoluteError", "Huber", "BinaryCrossentropy"]
CLASS_NAMES += ["CategoricalCrossentropy", "SparseCategoricalCrossentropy"]


def targets(kind: str, rows: int = data.ROWS) -> np.ndarray:
    """Targets of a kind."""
    if kind == "numbers":
        return data.numbers(2, rows)
    if kind == "positive":
        return np.abs(data.numbers(2, rows)) + 0.1
    return {"binary": data.binary, "onehot": data.onehot, "classes": data.classes}[
        kind
    ](rows)


def width(kind: str) -> int:
    """Outputs of a net for targets of that kind."""
    return {"binary": 1, "onehot": 3, "classes": 3}.get(kind, 2)


def squash(kind: str, arguments: Arguments) -> str | None:
    """Last activation of a net for targets of that kind."""
    if arguments.get("from_logits"):
        return None
    softmax = {"binary": "sigmoid", "onehot": "softmax", "classes": "softmax"}
    return softmax.get(kind, "softplus" if kind == "positive" else None)


def predictions(kind: str, arguments: Arguments, rows: int) -> np.ndarray:
    """Predictions for targets of that kind: logits, probabilities or numbers."""
    raw = 2 * data.draw(50, rows, width(kind))
    last = squash(kind, arguments)
    if last == "sigmoid":
        return 1 / (1 + np.exp(-raw))
    if last == "softmax":
        return np.exp(raw) / np.exp(raw).sum(axis=1, keepdims=True)
    return np.abs(raw) + 0.2 if last == "softplus" else raw


def values(k: Any, name: str, kind: str, arguments: Arguments) -> Results:
    """The loss of nine rows, for each reduction and weighting."""
    rows = 9
    build = lookup(k, f"losses.{name}")
    y, p = targets(kind, rows), predictions(kind, arguments, rows)
    weightings = {
        "unweighted": None,
        "by row": data.row_weights(rows),
        "by row as a column": data.row_weights(rows)[:, None],
        "half zero": (np.arange(rows) % 2).astype("float32"),
    }
    results: Results = {"config": jsonable(build(**arguments).get_config())}
    results["default"] = np.asarray(build(**arguments)(y, p))
    for reduction in REDUCTIONS:
        loss = build(reduction=reduction, **arguments)
        for label, weights in weightings.items():
            value = np.asarray(loss(y, p, sample_weight=weights))
            results[f"{reduction} {label}"] = value
    return results


def extremes(k: Any) -> Results:
    """Probabilities of 0 and 1 are clipped, logits of +-100 stay finite."""
    y = np.asarray([[0.0], [1.0], [1.0], [0.0]], "float32")
    p = np.asarray([[0.0], [0.0], [1.0], [1.0]], "float32")
    onehot = np.eye(3, dtype="float32")
    wrong = np.roll(onehot, 1, axis=1)
    ids = np.arange(3)
    losses = k.losses
    return {
        "binary": np.asarray(losses.binary_crossentropy(y, p)),
        "binary logits": np.asarray(
            losses.binary_crossentropy(y, 200 * p - 100, from_logits=True)
        ),
        "categorical": np.asarray(losses.categorical_crossentropy(onehot, wrong)),
        "unnormalised": np.asarray(
            losses.categorical_crossentropy(onehot, 3 * wrong + 0.5)
        ),
        "categorical logits": np.asarray(
            losses.categorical_crossentropy(onehot, 100 * wrong, from_logits=True)
        ),
        "sparse": np.asarray(losses.sparse_categorical_crossentropy(ids, wrong)),
        "sparse unnormalised": np.asarray(
            losses.sparse_categorical_crossentropy(ids, 3 * wrong + 0.5)
        ),
    }


def shapes(k: Any) -> Results:
    """Targets of shape (rows,) against (rows, 1), ids as a column, class weights."""
    p = predictions("binary", {}, 9)
    y = data.binary(9)
    ids = data.classes(9)
    probabilities = predictions("classes", {}, 9)
    sparse = k.losses.SparseCategoricalCrossentropy()
    return {
        "flat targets": np.asarray(k.losses.BinaryCrossentropy()(y[:, 0], p)),
        "flat both": np.asarray(k.losses.MeanSquaredError()(y[:, 0], p[:, 0])),
        "flat numbers": np.asarray(k.losses.MeanSquaredError()(y[:, 0], p)),
        "ids as column": np.asarray(sparse(ids[:, None], probabilities)),
        "ids as floats": np.asarray(sparse(ids.astype("float32"), probabilities)),
        "boolean": np.asarray(k.losses.BinaryCrossentropy()(y > 0, p)),
    }


def train(k: Any, name: str, kind: str, arguments: Arguments) -> Results:
    """A hundred steps with sample weights, by an instance."""
    model = data.mlp(k, width(kind), squash(kind, arguments))
    loss = lookup(k, f"losses.{name}")(**arguments)
    rate = 0.05 if name in REQUIRED else 1e-4  # some of the others are steep
    model.compile(optimizer=k.optimizers.SGD(rate), loss=loss)
    return data.trained(
        k, model, data.features(), targets(kind), sample_weight=data.row_weights()
    )


def at_zero(k: Any, name: str, kind: str, arguments: Arguments) -> Results:
    """The slope where predictions are zero, or the targets: of zero weights."""
    last = squash(kind, arguments)
    results: Results = {}
    for label in ("targets", "some zero"):
        if label == "some zero" and kind != "numbers":
            continue
        layer = k.layers.Dense(
            width(kind), activation=last, kernel_initializer="zeros", name="out"
        )
        model = k.Sequential([k.layers.Input((data.FEATURES,)), layer])
        loss = lookup(k, f"losses.{name}")(**arguments)
        model.compile(optimizer=k.optimizers.SGD(0.1), loss=loss)
        y = targets(kind)
        if label == "some zero":
            y[::2] = 0.0
        part = data.trained(
            k, model, data.features(), y, epochs=1, batch_size=data.ROWS
        )
        results[f"weights {label}"] = part["weights"]
        results[f"history {label}"] = part["history"]
    return results


def function(k: Any, name: str, kind: str, sets: list[Arguments]) -> Results:
    """The function: one number a row."""
    call = lookup(k, f"losses.{name}")
    return {
        str(a): np.asarray(call(targets(kind, 9), predictions(kind, a, 9), **a))
        for a in sets
    }


def circle(k: Any) -> Results:
    """The circle loss of rows of length 1; arrays only."""
    p = data.draw(51, 11, 4)
    p /= np.linalg.norm(p, axis=1, keepdims=True)
    y = np.arange(11, dtype="int32") % 4
    y[-1] = 9  # alone in its class
    others, ids = p[::-1][:7], y[::-1][:7]
    sets: list[Arguments] = [{}, {"gamma": 5.0, "margin": 0.1}]
    sets.append({"gamma": 5.0, "remove_diagonal": False})
    results: Results = {}
    for arguments in sets:
        loss = k.losses.Circle(**arguments)
        results[f"{arguments}"] = np.asarray(loss(y, p))
        results[f"{arguments} column"] = np.asarray(loss(y[:, None], p))
        results[f"{arguments} weighted"] = np.asarray(loss(y, p, data.row_weights(11)))
        results[f"{arguments} config"] = jsonable(loss.get_config())
    results["function"] = np.asarray(k.losses.circle(y, p, gamma=5.0))
    results["references"] = np.asarray(
        k.losses.circle(y, p, ids, others, gamma=5.0, remove_diagonal=False)
    )
    return results


def names(k: Any) -> Results:
    """What the strings stand for."""
    found = [k.losses.get(name) for name in CLASS_NAMES]
    return {
        "functions": [k.losses.get(name).__name__ for name in NAMES],
        "classes": [type(loss).__name__ for loss in found],
        "configs": [jsonable(loss.get_config()) for loss in found],
    }


def cases() -> CaseTable:
    """Every loss."""
    for table, required in ((REQUIRED, True), (FURTHER, False)):
        for name, (kind, sets) in table.items():
            needs = () if required else (f"losses.{name}",)
            for i, arguments in enumerate(sets):
                yield Case(
                    f"losses/{name}/values {i}",
                    lambda k, n=name, t=kind, a=arguments: values(k, n, t, a),
                    needs=needs,
                )
                if required:
                    yield Case(
                        f"losses/{name}/at zero {i}",
                        lambda k, n=name, t=kind, a=arguments: at_zero(k, n, t, a),
                    )
                yield Case(
                    f"losses/{name}/training {i}",
                    lambda k, n=name, t=kind, a=arguments: train(k, n, t, a),
                    needs=needs,
                )
    for name, (kind, sets) in FUNCTIONS.items():
        yield Case(
            f"losses/{name}/function",
            lambda k, n=name, t=kind, s=sets: function(k, n, t, s),
        )
    yield Case("losses/Circle/values", circle)
    yield Case("losses/crossentropies/extremes", extremes)
    yield Case("losses/all/shapes", shapes)
    yield Case("losses/get/names", names)
