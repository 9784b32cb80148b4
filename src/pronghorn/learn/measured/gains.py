"""What dropout and batch normalization gain on rows that training never saw.

    python -m pronghorn.learn.measured.gains

For each trial the same net is trained on the same rows twice, without the layer and
with it, from 20 random splits into training, validation and holdout rows (60, 20 and 20
of 100). A gain is the error without minus the error with, on the holdout rows; what is
above zero speaks for the layer.

The 20 gains are not independent, as their rows overlap, so the usual t interval would
be too short. The one here has the variance of Nadeau and Bengio, "Inference for the
Generalization Error", Machine Learning 52, 2003, equation 9.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pronghorn import callbacks, layers, models, optimizers, utils
from pronghorn.callbacks.console import print_line
from pronghorn.datasets import load
from pronghorn.errors import DivergedError

__all__ = ["TRIALS", "Rows", "Trial", "gain", "holdout_error", "main", "rows", "split"]

SPLITS = 20
_T_975 = 2.093  # Student's t, 19 degrees of freedom, two-sided 95 %
_SPOTIFY = (
    "danceability energy key loudness mode speechiness acousticness instrumentalness "
    "liveness valence tempo duration_ms"
).split()


@dataclass(frozen=True)
class Trial:
    """One comparison.

    Attributes:
        layer: `dropout` (rate 0.3, after each hidden layer) or `batchnorm` (before the
            first layer and after each hidden one).
        table: name of the table.
        widths: units of the hidden layers, which have relu.
        scaled: whether the inputs are standardized on the training rows.
        stop: early stopping with a patience of 20 and the best weights restored; else
            all epochs are trained.
        epochs: at most.
        batch: rows a step.
        optimizer: `adam` (learning rate 0.001) or `sgd` (0.01).
    """

    layer: str
    table: str
    widths: tuple[int, ...] = (128, 128)
    scaled: bool = True
    stop: bool = True
    epochs: int = 100
    batch: int = 64
    optimizer: str = "adam"


_DROPOUT = (
    Trial("dropout", "higgs", epochs=50, batch=128),
    Trial("dropout", "spotify", (128, 64), epochs=50, batch=512),
    Trial("dropout", "red-wine"),
    Trial("dropout", "sklearn/diabetes"),
    Trial("dropout", "sklearn/breast_cancer"),
    Trial("dropout", "concrete"),
)
TRIALS = (
    *_DROPOUT,
    *(Trial(**{**asdict(each), "stop": False}) for each in _DROPOUT),
    Trial("batchnorm", "concrete", scaled=False, optimizer="sgd"),
    Trial("batchnorm", "concrete", scaled=False),
    Trial("batchnorm", "concrete"),
    Trial("batchnorm", "red-wine", scaled=False, optimizer="sgd"),
    Trial("batchnorm", "red-wine", scaled=False),
    Trial("batchnorm", "red-wine"),
    Trial("batchnorm", "california", (64, 64), scaled=False, epochs=30, batch=256),
    Trial("batchnorm", "california", (64, 64), epochs=30, batch=256),
    Trial("batchnorm", "sklearn/diabetes", scaled=False),
    Trial("batchnorm", "sklearn/diabetes"),
)


@dataclass(frozen=True)
class Rows:
    """A table as arrays.

    Attributes:
        x: (n, columns) float64.
        y: (n,) float64; 0 and 1 where `binary`.
        binary: whether the target is one of two classes.
        groups: (n,) what must stay together in a split; None for single rows.
    """

    x: np.ndarray
    y: np.ndarray
    binary: bool = False
    groups: np.ndarray | None = None


def rows(name: str) -> Rows:
    """The table's numbers: inputs, target, and groups.

    Args:
        name: as `pronghorn.datasets.load` knows it.
    """
    targets = {
        "higgs": "label",
        "red-wine": "quality",
        "concrete": "compressive_strength",
        "california": "median_house_value",
        "spotify": "track_popularity",
    }
    # Of equal rows one may be in training and one in holdout.
    frame = load(name).dropna().drop_duplicates()
    target = frame[targets.get(name, "target")].to_numpy(np.float64)
    if name == "spotify":
        genres = frame["playlist_genre"].to_numpy()
        columns = [frame[_SPOTIFY].to_numpy(np.float64)]
        columns += [(genres == each)[:, None] for each in sorted(set(genres))]
        return Rows(
            np.hstack(columns), target, groups=frame["track_artist"].to_numpy(str)
        )
    inputs = frame.select_dtypes("number").drop(columns=targets.get(name, "target"))
    binary = name in ("higgs", "sklearn/breast_cancer")
    return Rows(inputs.to_numpy(np.float64), target, binary)


def split(table: Rows, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Indices of training, validation and holdout rows: 60, 20 and 20 of 100 groups.

    >>> table = Rows(np.zeros((10, 1)), np.zeros(10))
    >>> [len(each) for each in split(table, 0)]
    [6, 2, 2]
    """
    n = len(table.x)
    groups = np.arange(n) if table.groups is None else table.groups
    names, which = np.unique(groups, return_inverse=True)
    place = np.random.default_rng(seed).permutation(len(names))[which] / len(names)
    train, valid = place < 0.6, (place >= 0.6) & (place < 0.8)
    return np.flatnonzero(train), np.flatnonzero(valid), np.flatnonzero(place >= 0.8)


def network(trial: Trial, columns: int, binary: bool, treated: bool) -> models.Model:
    """The net of a trial, compiled, with the layer or without."""
    norm = treated and trial.layer == "batchnorm"
    stack: list[Any] = [layers.Input(shape=(columns,))]
    stack += [layers.BatchNormalization()] * norm
    for width in trial.widths:
        stack.append(layers.Dense(width, activation="relu"))
        if norm:
            stack.append(layers.BatchNormalization())
        elif treated:
            stack.append(layers.Dropout(0.3))
    stack.append(layers.Dense(1, activation="sigmoid" if binary else None))
    model = models.Sequential(stack)
    optimizer = {"adam": optimizers.Adam(0.001), "sgd": optimizers.SGD(0.01)}
    model.compile(
        optimizer=optimizer[trial.optimizer],
        loss="binary_crossentropy" if binary else "mae",
    )
    return model


def holdout_error(trial: Trial, table: Rows, seed: int, treated: bool) -> float:
    """The error on the holdout rows of one split.

    The mean absolute error in the target's unit, or the wrong answers in percent; NaN
    if training diverged.
    """
    train, valid, holdout = split(table, seed)
    x, y = table.x, table.y
    if trial.scaled:
        x = (x - x[train].mean(0)) / np.maximum(x[train].std(0), 1e-9)
    middle, spread = (0.0, 1.0) if table.binary else (y[train].mean(), y[train].std())
    inputs, target = x.astype(np.float32), ((y - middle) / spread).astype(np.float32)
    utils.set_random_seed(seed)
    model = network(trial, x.shape[1], table.binary, treated)
    stop = callbacks.EarlyStopping(patience=20, restore_best_weights=True)
    try:
        model.fit(
            inputs[train],
            target[train],
            validation_data=(inputs[valid], target[valid]),
            epochs=trial.epochs,
            batch_size=trial.batch,
            verbose=0,
            callbacks=[stop] if trial.stop else [],
        )
    except DivergedError:
        return math.nan
    said = model.predict(inputs[holdout], verbose=0)[:, 0]
    if table.binary:
        return float(100 * ((said > 0.5) != y[holdout]).mean())
    return float(np.abs(said * spread + middle - y[holdout]).mean())


def gain(without: Sequence[float], treated: Sequence[float]) -> dict[str, float | None]:
    """The mean gain of `SPLITS` pairs, with its 95 % interval; None if some diverged.

    >>> found = gain([2.0, 3.0] * 10, [1.0, 1.5] * 10)
    >>> found["gain"], found["low"] > 0
    (1.25, True)
    """
    differences = np.subtract(without, treated)
    if len(differences) != SPLITS or not np.isfinite(differences).all():
        return {"gain": None, "low": None, "high": None}
    share = 0.2 / 0.6  # holdout rows for each training row
    error = math.sqrt((1 / SPLITS + share) * float(differences.var(ddof=1)))
    middle = float(differences.mean())
    return {
        "gain": middle,
        "low": middle - _T_975 * error,
        "high": middle + _T_975 * error,
    }


def measure(trial: Trial, table: Rows) -> dict[str, Any]:
    """Trains the trial on every split, and gives what the file says of it.

    `better` is in how many splits the error with the layer was the smaller one: a count
    that one split gone far astray cannot move, as it can the mean.
    """
    pairs = [
        [holdout_error(trial, table, seed, treated) for seed in range(SPLITS)]
        for treated in (False, True)
    ]
    found: dict[str, Any] = {**asdict(trial), "rows": len(table.x)}
    found["unit"] = "% wrong" if table.binary else "mean absolute error"
    for name, errors in zip(("without", "with"), pairs):
        finite = [each for each in errors if math.isfinite(each)]
        found[name] = float(np.mean(finite)) if finite else None
        found[f"{name}_median"] = float(np.median(finite)) if finite else None
        found[f"{name}_diverged"] = len(errors) - len(finite)
    found.update(gain(*pairs))
    found["better"] = int(np.sum(np.less(pairs[1], pairs[0])))
    return {
        name: float(f"{each:.5g}") if isinstance(each, float) else each
        for name, each in found.items()
    }


def main(arguments: Sequence[str] = ()) -> int:
    """Measures all trials and writes `gains.json`, here or where the argument says."""
    target = Path(arguments[0]) if arguments else Path(__file__).with_suffix(".json")
    tables: dict[str, Rows] = {}
    found = []
    for trial in TRIALS:
        table = tables.setdefault(trial.table, rows(trial.table))
        found.append(measure(trial, table))
        print_line(json.dumps(found[-1]))
    report = {
        "command": "python -m pronghorn.learn.measured.gains",
        "splits": SPLITS,
        "interval": "95 %, corrected for overlapping splits (Nadeau and Bengio 2003)",
        "trials": found,
    }
    target.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
