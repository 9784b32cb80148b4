"""How far the work on a large table is, and how fast it goes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from pronghorn.callbacks import Callback
from pronghorn.callbacks.callback import Logs

__all__ = ["Progress", "TellRows", "Telling"]


@dataclass(frozen=True)
class Progress:
    """How far the work on a table is.

    Attributes:
        stage: what is done with the rows: "shuffled", say.
        done, total: rows.
        rate: rows per second since the stage began; 0 when it begins.
        loss: the mean of the epoch so far, where rows are trained on.

    >>> print(Progress("shuffled", 500, 2000, 1234.5))
    500 of 2,000 rows shuffled, 1,234 rows/s
    """

    stage: str
    done: int
    total: int
    rate: float = 0.0
    loss: float | None = None

    def __str__(self) -> str:
        told = f"{self.done:,} of {self.total:,} rows {self.stage}"
        told += f", {self.rate:,.0f} rows/s"
        return told if self.loss is None else f"{told}, loss {self.loss:.4f}"


class Telling:
    """Tells somebody, from one number of rows to the next.

    Args:
        to: is called with a `Progress`; nobody where it is None.
        stage: what is done with the rows.
        total: how many there are.
    """

    def __init__(
        self, to: Callable[[Progress], object] | None, stage: str, total: int
    ) -> None:
        self._to = to
        self._stage = stage
        self._total = total
        self._began: tuple[int, float] | None = None

    def __call__(self, done: int, loss: float | None = None) -> None:
        """So many rows are done; the first call says where the stage begins."""
        if self._to is None:
            return
        now = time.perf_counter()
        self._began = self._began or (done, now)
        rows, seconds = done - self._began[0], now - self._began[1]
        rate = rows / seconds if seconds > 0 else 0.0
        self._to(Progress(self._stage, done, self._total, rate, loss))


class TellRows(Callback):
    """Tells how many rows of an epoch are trained on, and how fast.

    Args:
        to: is called with a `Progress`, about every 50 ms of work.
        rows: of an epoch.
    """

    def __init__(self, to: Callable[[Progress], object], rows: int) -> None:
        super().__init__()
        self._to = to
        self._rows = rows

    @property
    def granularity(self) -> str:
        """As a progress bar."""
        return "progress"

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Begins to count."""
        assert self.params is not None
        stage = f"trained on in epoch {epoch + 1} of {self.params['epochs']}"
        self._tell = Telling(self._to, stage, self._rows)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Tells."""
        assert self.params is not None
        size = -(-self._rows // self.params["steps"])
        loss = (logs or {}).get("loss")
        self._tell(min((batch + 1) * size, self._rows), loss)
