"""What the benchmark asks of a peer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.workloads import Workload

Options = dict[str, Any]
Predictor = Callable[[np.ndarray], np.ndarray]


class Peer(ABC):
    """One library, used as its documentation says is fast.

    Args:
        name: a key of `PEERS`.
        threads: how many it may use; set before its library is imported.

    Attributes:
        packages: distributions whose versions the results state.
        notes: how it is used, in words for the results.
        trains: whether it has training steps; else it only predicts.
        in_pieces: whether to try predicting many rows in several calls.
    """

    packages: tuple[str, ...] = ()
    notes: str = ""
    trains: bool = True
    in_pieces: bool = True

    def __init__(self, name: str, threads: int) -> None:
        self.name = name
        self.threads = threads

    def refuses(self, workload: Workload) -> str:
        """Why it cannot express the workload's net; "" where it can."""
        return ""

    def options(self, workload: Workload) -> list[Options]:
        """Settings worth trying on the workload; the fastest is kept."""
        return [{}]

    @abstractmethod
    def prepare(
        self, workload: Workload, x: np.ndarray, y: np.ndarray, options: Options
    ) -> None:
        """Builds the net anew and puts the data where the library likes it."""

    def prepare_to_predict(
        self, workload: Workload, x: np.ndarray, y: np.ndarray
    ) -> None:
        """Builds a net that can predict; trained only where that is needed."""
        self.prepare(workload, x, y, self.options(workload)[0])

    def epochs(self, count: int) -> None:
        """Trains so many epochs, and returns when they are done."""
        raise NotImplementedError(f"{self.name} does not train in steps")

    @abstractmethod
    def predictors(self) -> dict[str, Predictor]:
        """The documented ways to predict, NumPy array in and out; the best is kept."""
