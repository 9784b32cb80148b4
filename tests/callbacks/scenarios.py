"""Runs of callbacks that real Keras and Pronghorn must answer alike.

Each row: a name, the callback's class, its arguments, and the logs of the epochs.
`record.py` writes what Keras does; `test_as_keras.py` compares.
"""

from __future__ import annotations

import contextlib
import io
from typing import Any

from .helpers import FakeModel, run_epochs

WAVE = [5.0, 4.0, 4.5, 3.99, 4.2, 4.1, 3.0, 3.0, 3.1, 3.2, 2.9, 3.3, 3.4, 3.5, 3.6]
RISING = [0.5, 0.6, 0.55, 0.7, 0.69, 0.68, 0.71, 0.7, 0.7, 0.7, 0.72, 0.1]
NAN = [2.0, float("nan"), 1.5, float("nan"), float("nan"), 1.4]


def _logs(values: list[float], name: str = "val_loss") -> list[dict[str, float]]:
    return [{name: value, "loss": value + 1} for value in values]


ES, RLR, MC, LRS = (
    "EarlyStopping",
    "ReduceLROnPlateau",
    "ModelCheckpoint",
    "LearningRateScheduler",
)

SCENARIOS: list[tuple[str, str, dict[str, Any], list[dict[str, float]]]] = [
    ("defaults", ES, {}, _logs(WAVE)),
    ("patience", ES, {"patience": 3, "verbose": 1}, _logs(WAVE)),
    ("flat", ES, {"patience": 2, "verbose": 1}, _logs([1.0] * 6)),
    (
        "restore",
        ES,
        {"patience": 3, "restore_best_weights": True, "verbose": 1},
        _logs(WAVE),
    ),
    (
        "restore to the end",
        ES,
        {"patience": 30, "restore_best_weights": True, "verbose": 1},
        _logs(WAVE),
    ),
    ("min_delta", ES, {"patience": 2, "min_delta": 0.5}, _logs(WAVE)),
    ("negative min_delta", ES, {"patience": 2, "min_delta": -0.5}, _logs(WAVE)),
    (
        "baseline",
        ES,
        {"patience": 2, "baseline": 3.5, "restore_best_weights": True, "verbose": 1},
        _logs(WAVE),
    ),
    ("baseline met", ES, {"patience": 4, "baseline": 4.6, "verbose": 1}, _logs(WAVE)),
    ("late start", ES, {"patience": 1, "start_from_epoch": 6}, _logs(WAVE)),
    (
        "late start restores",
        ES,
        {"patience": 2, "start_from_epoch": 7, "restore_best_weights": True},
        _logs(WAVE),
    ),
    (
        "max",
        ES,
        {"monitor": "val_acc", "mode": "max", "patience": 2},
        _logs(RISING, "val_acc"),
    ),
    ("min of loss", ES, {"monitor": "loss", "mode": "min", "patience": 1}, _logs(WAVE)),
    (
        "nan",
        ES,
        {"patience": 1, "restore_best_weights": True, "verbose": 1},
        _logs(NAN),
    ),
    ("patience 0, worse at once", ES, {"verbose": 1}, _logs([1.0, 2.0, 3.0])),
    ("plateau", RLR, {"patience": 2, "verbose": 1}, _logs(WAVE)),
    (
        "plateau, cooldown",
        RLR,
        {"patience": 1, "factor": 0.5, "cooldown": 2, "verbose": 1},
        _logs(WAVE),
    ),
    (
        "plateau, min_lr",
        RLR,
        {"patience": 1, "factor": 0.2, "min_lr": 0.01, "verbose": 1},
        _logs(WAVE),
    ),
    ("plateau, min_delta", RLR, {"patience": 1, "min_delta": 0.6}, _logs(WAVE)),
    (
        "plateau, max",
        RLR,
        {"monitor": "val_acc", "mode": "max", "patience": 1, "factor": 0.9},
        _logs(RISING, "val_acc"),
    ),
    ("plateau, patience 0", RLR, {"patience": 0, "factor": 0.5}, _logs(WAVE)),
    (
        "checkpoint, every epoch",
        MC,
        {"filepath": "{epoch:02d}-{val_loss:.2f}.keras", "verbose": 1},
        _logs(WAVE[:4]),
    ),
    (
        "checkpoint, best",
        MC,
        {"filepath": "best.keras", "save_best_only": True, "verbose": 1},
        _logs(WAVE),
    ),
    (
        "checkpoint, threshold",
        MC,
        {
            "filepath": "{epoch}.keras",
            "save_best_only": True,
            "initial_value_threshold": 4.1,
            "verbose": 1,
        },
        _logs(WAVE),
    ),
    (
        "checkpoint, max weights",
        MC,
        {
            "filepath": "{epoch}.weights.h5",
            "monitor": "val_acc",
            "mode": "max",
            "save_best_only": True,
            "save_weights_only": True,
        },
        _logs(RISING, "val_acc"),
    ),
    (
        "scheduler",
        LRS,
        {
            "schedule": lambda epoch, rate: rate * 0.5 if epoch % 3 else rate,
            "verbose": 1,
        },
        _logs(WAVE),
    ),
    (
        "scheduler of epochs",
        LRS,
        {"schedule": lambda epoch: 0.1 / (epoch + 1)},
        _logs(WAVE),
    ),
]


def outcome(module: Any, kind: str, arguments: dict[str, Any], logs: Any) -> Any:
    """What a run leaves behind, in values that JSON can hold."""
    callback = getattr(module, kind)(**arguments)
    model = FakeModel()
    everyone = module.CallbackList([callback], add_history=True)
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        epochs = run_epochs(everyone, model, logs)
    best = getattr(callback, "best", None)
    return {
        "epochs": epochs,
        "text": text.getvalue(),
        "saved": model.saved,
        "restored": model.restored,
        "rate": float(model.optimizer.learning_rate),
        "best": None if best is None else float(best),
        "rates": model.history.history.get("learning_rate"),
        "keys": list(model.history.history),
    }
