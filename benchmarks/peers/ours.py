"""Pronghorn: `fit` and `predict` as they are, nothing to tune."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from benchmarks.peers.base import Options, Peer, Predictor
from benchmarks.workloads import Workload


class Pronghorn(Peer):
    """Built-in layers, loss and optimizer."""

    packages: tuple[str, ...] = ("pronghorn", "numpy")
    notes = "model.fit(verbose=0), no validation; model.predict(verbose=0)"
    in_pieces = False

    def __init__(self, name: str, threads: int) -> None:
        super().__init__(name, threads)
        os.environ["PRONGHORN_NUM_THREADS"] = str(threads)
        import pronghorn

        self.keras: Any = pronghorn

    def prepare(
        self, workload: Workload, x: np.ndarray, y: np.ndarray, options: Options
    ) -> None:
        self.workload, self.x, self.y = workload, x, y
        layers = [self.keras.Input((workload.features,))]
        layers += [self.layer(layer) for layer in workload.layers]
        self.model = self.keras.Sequential(layers)
        self.model.compile(optimizer=self.optimizer(), loss=self.loss())

    def layer(self, layer: Any) -> Any:
        """A layer of the library."""
        found = self.keras.layers
        if layer.kind == "norm":
            return found.BatchNormalization()
        if layer.kind == "dropout":
            return found.Dropout(layer.rate)
        return found.Dense(layer.units, activation="relu" if layer.relu else None)

    def loss(self) -> Any:
        """The workload's loss."""
        if self.workload.loss == "bce":
            return self.keras.losses.BinaryCrossentropy(from_logits=True)
        return self.workload.loss

    def optimizer(self) -> Any:
        """Adam at its defaults."""
        return "adam"

    def epochs(self, count: int) -> None:
        self.model.fit(
            self.x, self.y, batch_size=self.workload.batch, epochs=count, verbose=0
        )

    def predictors(self) -> dict[str, Predictor]:
        return {"predict": lambda x: self.model.predict(x, verbose=0)}


class PronghornOwn(Pronghorn):
    """The same formulas as a user writes them: own layers, losses and Adam."""

    notes = "layers, losses and Adam written again in pronghorn.ops, as a user would"

    def __init__(self, name: str, threads: int) -> None:
        super().__init__(name, threads)
        from benchmarks.peers import own

        self.own = own

    def layer(self, layer: Any) -> Any:
        if layer.kind == "dense":
            return self.own.OwnDense(layer.units, layer.relu)
        return super().layer(layer)

    def loss(self) -> Any:
        return self.own.LOSSES[self.workload.loss]

    def optimizer(self) -> Any:
        return self.own.OwnAdam()
