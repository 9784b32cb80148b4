"""Callbacks: what each did, epoch by epoch."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.conformance import data
from tests.conformance.case import Case, CaseTable, Results, signature

Arguments = dict[str, Any]

STOPPING: dict[str, Arguments] = {
    "default": {},
    "patience": {"patience": 3},
    "min_delta": {"patience": 2, "min_delta": 0.01, "restore_best_weights": True},
    "baseline": {"patience": 3, "baseline": 0.4},
    "late": {"patience": 2, "start_from_epoch": 5, "restore_best_weights": True},
    "training loss": {"monitor": "loss", "patience": 2, "min_delta": 0.02},
    "accuracy": {"monitor": "val_accuracy", "patience": 4},
    "mode max": {"monitor": "val_accuracy", "mode": "max", "patience": 3},
    "restored at the end": {"patience": 100, "restore_best_weights": True},
}

PLATEAU: dict[str, Arguments] = {
    "default": {},
    "patience": {"patience": 2, "factor": 0.5},
    "cooldown": {"patience": 1, "factor": 0.3, "cooldown": 2, "min_delta": 0.01},
    "min_lr": {"patience": 1, "factor": 0.1, "min_lr": 0.02, "min_delta": 0.05},
    "accuracy": {"monitor": "val_accuracy", "patience": 2, "factor": 0.7},
    "mode max": {"monitor": "val_loss", "mode": "max", "patience": 1, "factor": 0.7},
}

CHECKPOINTS: dict[str, Arguments] = {
    "mode max": {"filepath": "{epoch}.keras", "save_best_only": True, "mode": "max"},
    "every epoch": {"filepath": "{epoch:02d}-{val_loss:.3f}.keras"},
    "best": {"filepath": "{epoch:02d}.keras", "save_best_only": True},
    "best weights": {
        "filepath": "{epoch:02d}.weights.h5",
        "save_best_only": True,
        "save_weights_only": True,
        "monitor": "val_accuracy",
    },
    "batches": {"filepath": "{epoch:02d}-{batch:03d}.keras", "save_freq": 13},
    "threshold": {
        "filepath": "{epoch:02d}.keras",
        "save_best_only": True,
        "initial_value_threshold": 0.64,
        "mode": "min",
    },
}

SCHEDULES: dict[str, Callable[..., float]] = {
    "of epoch": lambda epoch: 0.2 / (1 + epoch),
    "of epoch and rate": lambda epoch, rate: rate if epoch < 3 else rate * 0.7,
}


def net(k: Any, rate: float = 0.15) -> Any:
    """A classifier whose validation soon gets worse: its labels are noise."""
    model = data.mlp(k, 1, "sigmoid", width=8)
    model.compile(
        optimizer=k.optimizers.SGD(rate, momentum=0.8),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )
    return model


def noise() -> tuple[np.ndarray, np.ndarray]:
    """Rows for validation, a fifth of their labels wrong."""
    x = data.features(rows=30, seed=99)
    return x, (data.draw(98, 30, 1) > 0).astype("float32")


def run(k: Any, callbacks: list[Any], epochs: int = 15, **kwargs: Any) -> Results:
    """Train the classifier with the callbacks."""
    model = kwargs.pop("model", None) or net(k, **kwargs)
    options = {"epochs": epochs, "validation_data": noise(), "callbacks": callbacks}
    return data.trained(k, model, data.features(), data.binary(), **options)


def stopping(k: Any, arguments: Arguments) -> Results:
    """EarlyStopping: when it stopped, what it restored."""
    callback = k.callbacks.EarlyStopping(**arguments)
    results = run(k, [callback])
    best = getattr(callback, "best", None)
    return results | {
        "stopped": callback.stopped_epoch,
        "best epoch": callback.best_epoch,
        "history best": np.asarray(np.nan if best is None else best, "float32"),
        "wait": callback.wait,
        "has weights": callback.best_weights is not None,
    }


def plateau(k: Any, arguments: Arguments) -> Results:
    """ReduceLROnPlateau: the learning rate of each epoch."""
    model = net(k)
    results = run(k, [k.callbacks.ReduceLROnPlateau(**arguments)], model=model)
    rate = np.asarray(model.optimizer.learning_rate, "float32")
    return results | {"rate": rate}


def schedule(k: Any, function: Callable[..., float]) -> Results:
    """LearningRateScheduler: the learning rate of each epoch."""
    return run(k, [k.callbacks.LearningRateScheduler(function)], epochs=6)


def checkpoints(k: Any, arguments: Arguments) -> Results:
    """ModelCheckpoint: the files, and what the last one holds."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / arguments["filepath"])
        callback = k.callbacks.ModelCheckpoint(**(arguments | {"filepath": path}))
        results = run(k, [callback], epochs=6)
        files = sorted(file.name for file in Path(folder).iterdir())
        results["files"] = files
        if files:
            last = str(Path(folder) / files[-1])
            if last.endswith(".keras"):
                saved = k.models.load_model(last)
                results["iterations"] = int(np.asarray(saved.optimizer.iterations))
            else:
                saved = net(k)
                saved.load_weights(last)
            results["weights saved"] = [np.asarray(w) for w in saved.get_weights()]
    return results


def csv_log(k: Any, arguments: Arguments, twice: bool) -> Results:
    """CSVLogger: the header, and the rows as numbers."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "log.csv")
        model = net(k)
        for epochs in (3, 5) if twice else (3,):
            callback = k.callbacks.CSVLogger(path, **arguments)
            run(k, [callback], model=model, epochs=epochs)
        text = Path(path).read_text()
    rows = list(
        csv.reader(text.splitlines(), delimiter=arguments.get("separator", ","))
    )
    return {
        "header": rows[0],
        "history rows": np.asarray(rows[1:], dtype="float32"),
        "lines": len(rows),
        "ending": text.endswith("\n"),
    }


def no_validation_log(k: Any) -> Results:
    """CSVLogger without validation: its columns stay, filled with NA."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "log.csv")
        model = net(k)
        x, y = data.features(), data.binary()
        logger = k.callbacks.CSVLogger(path)
        data.fit(k, model, x, y, epochs=2, callbacks=[logger])
        rows = list(csv.reader(Path(path).read_text().splitlines()))
    return {"header": rows[0], "filled": [row[3:] for row in rows[1:]]}


def events(k: Any) -> Results:
    """The order of all events and the keys of their logs; evaluate and predict too."""
    seen: list[Any] = []

    def note(name: str) -> Callable[..., None]:
        def write(self: Any, *args: Any, logs: Any = None) -> None:
            logs = next((arg for arg in args if isinstance(arg, dict)), logs)
            number = next((arg for arg in args if isinstance(arg, int)), None)
            seen.append([name, number, sorted(logs or {})])

        return write

    kinds = [f"on_{kind}_{end}" for kind in ("train", "test") for end in ENDS]
    names = [*kinds, "on_epoch_begin", "on_epoch_end"]
    names += [
        f"on_{kind}_batch_{end}"
        for kind in ("train", "test", "predict")
        for end in ENDS
    ]
    methods = {name: note(name) for name in names}
    events_of = type("Events", (k.callbacks.Callback,), methods)
    model = net(k)
    x, y = data.features(), data.binary()
    options = {"batch_size": 40, "verbose": 0, "callbacks": [events_of()]}
    model.fit(x, y, epochs=2, validation_data=noise(), shuffle=False, **options)
    model.evaluate(x, y, **options)
    model.predict(x, **options)
    return {"events": seen}


ENDS = ("begin", "end")


def lambdas(k: Any) -> Results:
    """LambdaCallback: its six functions, the logs of epochs and batches."""
    seen: list[Any] = []
    losses: list[float] = []
    callback = k.callbacks.LambdaCallback(
        on_train_begin=lambda logs: seen.append("train begin"),
        on_train_end=lambda logs: seen.append(["train end", sorted(logs)]),
        on_epoch_begin=lambda epoch, logs: seen.append(["epoch begin", epoch]),
        on_epoch_end=lambda epoch, logs: seen.append(["end", epoch, sorted(logs)]),
        on_train_batch_begin=lambda batch, logs: seen.append(["batch", batch]),
        on_train_batch_end=lambda batch, logs: losses.append(float(logs["loss"])),
    )
    results = run(k, [callback], epochs=2)
    return results | {"seen": seen, "history by batch": np.asarray(losses)}


def on_nan(k: Any) -> Results:
    """TerminateOnNaN: stops at the first batch whose loss is not finite."""
    batches: list[int] = []
    counter = k.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: batches.append(batch)
    )
    model = data.mlp(k)
    model.compile(optimizer=k.optimizers.SGD(1e18), loss="mse")
    x, y = data.features(), data.numbers()
    callbacks = [counter, k.callbacks.TerminateOnNaN()]
    results = data.fit(k, model, x, y, epochs=4, callbacks=callbacks)
    finite = bool(np.isfinite(results["history"]["loss"]).all())
    return {
        "batches": batches,
        "epochs": results["epochs"],
        "finite": finite,
        "keys": results["keys"],
    }


def stop_training(k: Any) -> Results:
    """model.stop_training set by a callback, in an epoch and in a batch."""
    results: Results = {}
    for event in ("on_epoch_end", "on_train_batch_end"):
        model = net(k)

        def stop(number: int, logs: Any, model: Any = model) -> None:
            model.stop_training = number == 2

        callback = k.callbacks.LambdaCallback(**{event: stop})
        part = run(k, [callback], model=model, epochs=6)
        results[f"epochs {event}"] = part["epochs"]
        results[f"weights {event}"] = part["weights"]
    return results


def history(k: Any) -> Results:
    """History: returned by fit, also model.history; its params."""
    model = net(k)
    x, y = data.features(), data.binary()
    given = model.fit(x, y, epochs=2, batch_size=data.BATCH, verbose=0, shuffle=False)
    return {
        "class": type(given).__name__,
        "same": model.history is given,
        "params": dict(given.params),
        "epoch": list(given.epoch),
        "types": sorted({type(v).__name__ for c in given.history.values() for v in c}),
    }


class Crash(Exception):
    """What breaks a training off."""


def resumed(k: Any) -> Results:
    """BackupAndRestore: a training that broke off, and the one that goes on."""

    def crash(epoch: int, logs: Any) -> None:
        if epoch == 3:
            raise Crash

    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "backup")
        breaks = k.callbacks.LambdaCallback(on_epoch_begin=crash)
        try:
            run(k, [k.callbacks.BackupAndRestore(path), breaks], epochs=5)
        except Crash:
            left = sorted(file.name for file in Path(folder).iterdir())
        results = run(k, [k.callbacks.BackupAndRestore(path)], epochs=5)
        over = sorted(file.name for file in Path(folder).iterdir())
    return results | {"left": left, "over": over}


def swapped(k: Any, arguments: Arguments) -> Results:
    """SwapEMAWeights: validated, saved and final weights."""
    model = data.mlp(k, 1, "sigmoid", width=8)
    optimizer = k.optimizers.SGD(0.15, use_ema=True, ema_momentum=0.9)
    model.compile(optimizer=optimizer, loss="binary_crossentropy")
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "{epoch}.weights.h5")
        saves = k.callbacks.ModelCheckpoint(path, save_weights_only=True)
        swaps = k.callbacks.SwapEMAWeights(**arguments)
        results = run(k, [swaps, saves], model=model, epochs=4)
        model.load_weights(path.format(epoch=2))
    return results | {"weights saved": [np.asarray(w) for w in model.get_weights()]}


def own_class(k: Any) -> Results:
    """A user's callback: older names of hooks, params, rates set within an epoch."""
    seen: list[Any] = []

    class Own(k.callbacks.Callback):  # type: ignore[name-defined, misc]
        def on_train_begin(self, logs: Any = None) -> None:
            seen.append(["params", dict(self.params)])

        def on_batch_begin(self, batch: int, logs: Any = None) -> None:
            if batch == 4:
                rate = float(np.asarray(self.model.optimizer.learning_rate))
                self.model.optimizer.learning_rate = rate * 0.5

        def on_batch_end(self, batch: int, logs: Any = None) -> None:
            if batch == 7:
                seen.append(["end", batch, sorted(logs)])
                self.model.optimizer.learning_rate = 0.3

        def on_predict_begin(self, logs: Any = None) -> None:
            seen.append(["predict", self.params["steps"]])

        def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
            seen.append(["predict batch", batch])

        def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append(["predicted", batch, list(np.shape(logs["outputs"]))])

        def on_predict_end(self, logs: Any = None) -> None:
            seen.append(["predict end"])

    model = net(k)
    results = run(k, [Own()], model=model, epochs=3)
    x = data.features()
    model.predict(x, batch_size=30, callbacks=[Own()], verbose=0)
    rate = np.asarray(model.optimizer.learning_rate, "float32")
    return results | {"seen": seen, "rate": rate}


SIGNED = (
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "OrbaxCheckpoint",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "RemoteMonitor",
    "SwapEMAWeights",
    "TensorBoard",
    "TerminateOnNaN",
)


def cases() -> CaseTable:
    """Every callback."""
    for name, arguments in STOPPING.items():
        yield Case(
            f"callbacks/EarlyStopping/{name}", lambda k, a=arguments: stopping(k, a)
        )
    for name, arguments in PLATEAU.items():
        yield Case(
            f"callbacks/ReduceLROnPlateau/{name}", lambda k, a=arguments: plateau(k, a)
        )
    for name, function in SCHEDULES.items():
        yield Case(
            f"callbacks/LearningRateScheduler/{name}",
            lambda k, f=function: schedule(k, f),
        )
    for name, arguments in CHECKPOINTS.items():
        yield Case(
            f"callbacks/ModelCheckpoint/{name}",
            lambda k, a=arguments: checkpoints(k, a),
        )
    logs: dict[str, tuple[Arguments, bool]] = {
        "default": ({}, False),
        "separator": ({"separator": ";"}, False),
        "append": ({"append": True}, True),
        "overwrite": ({}, True),
    }
    for name, (arguments, twice) in logs.items():
        yield Case(
            f"callbacks/CSVLogger/{name}",
            lambda k, a=arguments, t=twice: csv_log(k, a, t),
        )
    yield Case("callbacks/CSVLogger/no validation", no_validation_log)
    yield Case("callbacks/Callback/events", events)
    yield Case("callbacks/LambdaCallback/events", lambdas)
    yield Case("callbacks/TerminateOnNaN/default", on_nan)
    yield Case("callbacks/Callback/stop_training", stop_training)
    yield Case("callbacks/History/attributes", history)
    for name in SIGNED:
        path = f"callbacks.{name}"
        yield Case(f"callbacks/{name}/signature", lambda k, p=path: signature(k, p))
    yield Case("callbacks/BackupAndRestore/resumed", resumed)
    yield Case("callbacks/SwapEMAWeights/default", lambda k: swapped(k, {}))
    yield Case(
        "callbacks/SwapEMAWeights/by epoch",
        lambda k: swapped(k, {"swap_on_epoch": True}),
    )
    yield Case("callbacks/Callback/own class", own_class)
