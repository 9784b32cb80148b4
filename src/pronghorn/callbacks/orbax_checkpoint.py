"""A name of Keras that is out of the field."""

from __future__ import annotations

import os
from typing import Any

from pronghorn.callbacks.callback import Callback
from pronghorn.errors import UnsupportedError

__all__ = ["OrbaxCheckpoint"]


class OrbaxCheckpoint(Callback):
    """Keras's checkpoints for several hosts of accelerators; not available.

    Args:
        directory, monitor, verbose, save_best_only, mode, save_freq,
            initial_value_threshold, max_to_keep, save_on_background,
            save_weights_only: as in Keras.

    Raises:
        UnsupportedError: always.

    Example:

    >>> OrbaxCheckpoint("checkpoints")
    Traceback (most recent call last):
    ...
    pronghorn.errors.UnsupportedError: Orbax writes the checkpoints of accelerators...
    """

    def __init__(
        self,
        directory: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        mode: str = "auto",
        save_freq: Any = "epoch",
        initial_value_threshold: float | None = None,
        max_to_keep: int | None = 1,
        save_on_background: bool = True,
        save_weights_only: bool = False,
    ) -> None:
        super().__init__()
        raise UnsupportedError(
            "Orbax writes the checkpoints of accelerators, which is out of the field.",
            where="callbacks.OrbaxCheckpoint",
            expected="another callback",
            received=f"directory={os.fspath(directory)!r}",
            remedy="use ModelCheckpoint, or BackupAndRestore to go on after a crash",
        )
