"""Going on with a training that was broken off, in the middle of an epoch too."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from pronghorn.callbacks import BackupAndRestore

__all__ = ["Keeper", "StreamBackup"]

_KEPT = ".kept.npz"


class Keeper(Protocol):
    """A callback with a state of its own, which a backup holds too."""

    def state(self) -> dict[str, np.ndarray]:
        """What it knows, as arrays."""
        ...

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Makes it know that again."""
        ...


class StreamBackup(BackupAndRestore):
    """`BackupAndRestore` by the clock, with what else the training holds.

    It saves at the end of every epoch, and within one once `every` seconds have passed
    since the last time; it asks for no stop of the engine after each batch.

    Args:
        backup_dir: a folder for this training alone.
        keeper: what knows the best weights so far, or None.
        every: seconds.

    Attributes:
        past: the history of the epochs before this run.
    """

    def __init__(self, backup_dir: Path, keeper: Keeper | None, every: float) -> None:
        super().__init__(backup_dir)
        self._folder = Path(backup_dir)
        self._keeper = keeper
        self._every = every
        self._saved = time.perf_counter()
        self.past: dict[str, list[float]] = {}
        self._since: dict[str, list[float]] = {}

    @property
    def granularity(self) -> str:
        """As a progress bar: about every 50 ms."""
        return "progress"

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._last_batch_seen = batch
        if time.perf_counter() - self._saved >= self._every:
            self._save(self._current_epoch, batch + 1)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        for name, value in (logs or {}).items():
            self._since.setdefault(name, []).append(float(value))
        super().on_epoch_end(epoch, logs)

    def on_train_end(self, logs: Any = None) -> None:
        for path in self._folder.glob(f"*{_KEPT}"):
            path.unlink()
        super().on_train_end(logs)

    def _save(self, epoch: int, batch: int) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        step = self.model.fit_run.state(within_epoch=False)["step"]
        history = {name: list(values) for name, values in self.past.items()}
        for name, values in self._since.items():
            history[name] = [*history.get(name, []), *values]
        kept: dict[str, Any] = {} if self._keeper is None else self._keeper.state()
        path = self._folder / f"step-{step:09d}{_KEPT}"
        with path.open("wb") as file:
            kept["history"] = np.array(json.dumps(history))
            np.savez(file, **kept)
        super()._save(epoch, batch)
        for other in self._folder.glob(f"*{_KEPT}"):
            if other != path:
                other.unlink()
        self._saved = time.perf_counter()

    def _restore(self, path: str) -> None:
        super()._restore(path)
        try:
            metadata = json.loads(Path(path).read_text("utf-8"))
        except FileNotFoundError:
            return
        name = metadata["weights"].removesuffix(".weights.h5") + _KEPT
        with np.load(self._folder / name) as found:
            self.past = json.loads(str(found["history"]))
            kept = {key: found[key] for key in found.files if key != "history"}
        if self._keeper is not None:
            self._keeper.restore(kept)
