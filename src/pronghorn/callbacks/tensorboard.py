"""The history as files that TensorBoard shows."""

from __future__ import annotations

import os
import time
import warnings
from typing import Any

import numpy as np

from pronghorn.callbacks.callback import Callback, Logs
from pronghorn.callbacks.event_file import EventFile, image_of
from pronghorn.callbacks.projector import Projector
from pronghorn.callbacks.rates import learning_rates
from pronghorn.errors import ArgumentError, UnsupportedError

__all__ = ["TensorBoard"]


class TensorBoard(Callback):
    """Writes metrics, and if wanted weights, to event files for TensorBoard.

    The files are written here, without TensorFlow; `tensorboard --logdir LOG_DIR` shows
    them. There are curves `epoch_loss` and so on, in the folders `train` and
    `validation`, and of each validation `evaluation_loss_vs_iterations`.

    Args:
        log_dir: the folder. Default "logs".
        histogram_freq: write histograms of all weights every so many epochs. Default 0:
            never.
        write_graph: write the model's architecture, which TensorBoard draws as a
            "Conceptual Graph". Default True. A subclassed model has none.
        write_images: with the histograms, the weights as pictures. Default False.
        write_steps_per_second: also write how fast it trains. Default False.
        update_freq: "epoch"; or "batch", or a number of batches: then there are curves
            `batch_loss` and so on, and training stops after each batch. Default
            "epoch".
        profile_batch: 0. The engine has a profiler of its own.
        embeddings_freq: write the rows of embeddings every so many epochs, for
            TensorBoard's projector, and all weights beside them. Default 0: never.
        embeddings_metadata: a file with a line for each row of an embedding, which says
            what it stands for; or a dict of such by the layers' names. Default None.

    Raises:
        ArgumentError: an `update_freq`, `histogram_freq` or `embeddings_freq` that does
            not fit; in `fit`, `embeddings_metadata` for what is no embedding.
        UnsupportedError: another `profile_batch`.

    Example:

    >>> import tempfile
    >>> import numpy as np
    >>> import pronghorn as keras
    >>> model = keras.Sequential([keras.layers.Dense(1, input_shape=(1,))])
    >>> model.compile(loss="mse")
    >>> x = np.array([[1.0], [2.0]], "float32")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     board = TensorBoard(folder)
    ...     history = model.fit(x, 2 * x, callbacks=[board], verbose=0)
    ...     print(os.listdir(folder))
    ['train']
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: str | int = "epoch",
        profile_batch: Any = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: Any = None,
    ) -> None:
        super().__init__()
        _check(update_freq, histogram_freq, embeddings_freq)
        _refuse("profile_batch", profile_batch, "use pronghorn.profile(model)")
        self.log_dir = str(log_dir)
        self.histogram_freq = histogram_freq
        self.write_graph = write_graph
        self.write_images = write_images
        self.write_steps_per_second = write_steps_per_second
        self.update_freq = 1 if update_freq == "batch" else update_freq
        self.embeddings_freq = embeddings_freq
        self.embeddings_metadata = embeddings_metadata
        self._projector: Projector | None = None
        self._files: dict[str, EventFile] = {}
        self._training = False
        self._batches = 0
        self._iterations_before = 0
        self._epoch_start = self._batch_start = 0.0

    @property
    def granularity(self) -> str:
        """By batch only if it writes by batch."""
        return "epoch" if self.update_freq == "epoch" else "batch"

    def set_model(self, model: Any) -> None:
        super().set_model(model)
        self._close()
        if self.embeddings_freq:
            folder = os.path.join(self.log_dir, "train")
            self._projector = Projector(folder, model, self.embeddings_metadata)
        if self.write_graph and hasattr(model, "to_json"):
            self._write_graph(model)

    def _write_graph(self, model: Any) -> None:
        # As in Keras: only these two have a graph of layers.
        if not {"Functional", "Sequential"} & {c.__name__ for c in type(model).__mro__}:
            return
        try:
            config = model.to_json()
        except Exception as error:  # whatever a user's get_config may raise
            warnings.warn(f"The model's graph is not written: {error}", stacklevel=4)
            return
        self._train.model("keras", config, step=0)

    @property
    def _train(self) -> EventFile:
        return self._file("train")

    def _file(self, name: str) -> EventFile:
        if name not in self._files:
            self._files[name] = EventFile(os.path.join(self.log_dir, name))
        return self._files[name]

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._batches = 0
        self._training = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._training = False
        self._close()

    def on_test_end(self, logs: Logs | None = None) -> None:
        if getattr(self.model, "optimizer", None) is None:
            return
        file, steps = self._file("validation"), self._iterations()
        for name, value in (logs or {}).items():
            file.scalar(f"evaluation_{name}_vs_iterations", value, steps)
        file.flush()
        if not self._training:
            self._close()

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._batches += 1
        self._batch_start = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if self.update_freq == "epoch" or self._batches % int(self.update_freq):
            return
        if self.write_steps_per_second:
            seconds = time.perf_counter() - self._batch_start
            self._train.scalar("batch_steps_per_second", 1 / seconds, self._batches)
        for name, value in (logs or {}).items():
            self._train.scalar(f"batch_{name}", value, self._batches)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._iterations_before = self._iterations()
        self._epoch_start = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if logs:
            self._write_epoch(epoch, logs)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._write_weights(epoch)
        if self._projector is not None and epoch % self.embeddings_freq == 0:
            self._projector.write(epoch)
        for file in self._files.values():
            file.flush()

    def _write_epoch(self, epoch: int, logs: Logs) -> None:
        of_train = {k: v for k, v in logs.items() if not k.startswith("val_")}
        of_train = self._collect_learning_rate(of_train)
        if self.write_steps_per_second:
            steps = self._iterations() - self._iterations_before
            seconds = time.perf_counter() - self._epoch_start
            of_train["steps_per_second"] = steps / seconds
        for name, value in of_train.items():
            self._train.scalar(f"epoch_{name}", value, epoch)
        for name in (name for name in logs if name.startswith("val_")):
            plain = name.removeprefix("val_")
            self._file("validation").scalar(f"epoch_{plain}", logs[name], epoch)

    def _collect_learning_rate(self, logs: Logs) -> Logs:
        return {**logs, **learning_rates(self.model)}

    def _write_weights(self, epoch: int) -> None:
        for layer in self.model.layers:
            for weight in layer.weights:
                name, value = weight.path.replace(":", "_"), weight.numpy()
                self._train.histogram(f"{name}/histogram", value, epoch)
                image = image_of(value) if self.write_images else None
                if image is not None:
                    self._train.image(f"{name}/image", image, epoch)

    def _iterations(self) -> int:
        return int(np.asarray(self.model.optimizer.iterations))

    def _close(self) -> None:
        for file in self._files.values():
            file.close()
        self._files = {}


def _check(update_freq: Any, histogram_freq: Any, embeddings_freq: Any) -> None:
    if update_freq not in ("epoch", "batch") and not _counts(update_freq, 1):
        raise ArgumentError(
            "This is no frequency.",
            where="TensorBoard, argument `update_freq`",
            expected="'epoch', 'batch' or a number of batches",
            received=repr(update_freq),
            remedy="pass update_freq='epoch'",
        )
    named = {"histogram_freq": histogram_freq, "embeddings_freq": embeddings_freq}
    for name, value in named.items():
        if not _counts(value, 0):
            raise ArgumentError(
                "This is no frequency.",
                where=f"TensorBoard, argument `{name}`",
                expected="a number of epochs, or 0 for never",
                received=repr(value),
                remedy=f"pass {name}=1",
            )


def _counts(value: Any, least: int) -> bool:
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return bool(whole and value >= least)


def _refuse(name: str, value: Any, instead: str) -> None:
    if value:
        raise UnsupportedError(
            "TensorBoard files of this kind are not written.",
            where=f"TensorBoard, argument `{name}`",
            expected="0 or None",
            received=repr(value),
            remedy=instead,
        )
