"""LightGBM, for prediction: another kind of model, which tables often get."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.peers.base import Options, Peer, Predictor
from benchmarks.workloads import Workload


class LightGbm(Peer):
    """100 trees of 31 leaves: its defaults."""

    packages = ("lightgbm", "numpy")
    notes = "Booster.predict, 100 trees of 31 leaves (its defaults): another model"
    trains = False

    def prepare(
        self, workload: Workload, x: np.ndarray, y: np.ndarray, options: Options
    ) -> None:
        import lightgbm

        settings: dict[str, Any] = {"verbose": -1, "num_threads": self.threads}
        goal = {"mse": "l2", "mae": "l1", "bce": "binary"}[workload.loss]
        data = lightgbm.Dataset(x, y.ravel())
        self.model = lightgbm.train({**settings, "objective": goal}, data, 100)

    def predictors(self) -> dict[str, Predictor]:
        more = {"num_threads": self.threads}
        return {"predict": lambda x: self.model.predict(x, **more)}
