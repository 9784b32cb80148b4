"""scikit-learn's multilayer perceptron: dense nets only."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from benchmarks.peers.base import Options, Peer, Predictor
from benchmarks.workloads import Workload


class Sklearn(Peer):
    """MLPRegressor and MLPClassifier on float32."""

    packages = ("scikit-learn", "numpy")
    notes = (
        "fit(max_iter=epochs, tol=0), float32; it has no absolute error, so its "
        "squared error stands in for it; nets with batch norm or dropout cannot be "
        "said in it"
    )

    def __init__(self, name: str, threads: int) -> None:
        super().__init__(name, threads)
        import sklearn.neural_network as nets
        import threadpoolctl

        self.nets: Any = nets
        self.limit = threadpoolctl.threadpool_limits(threads)
        warnings.simplefilter("ignore")  # it warns when it stops at max_iter

    def refuses(self, workload: Workload) -> str:
        return "" if workload.plain else "it has no batch norm and no dropout"

    def prepare(
        self, workload: Workload, x: np.ndarray, y: np.ndarray, options: Options
    ) -> None:
        self.x, self.y = x, y.ravel()
        classes = workload.loss == "bce"
        kind = self.nets.MLPClassifier if classes else self.nets.MLPRegressor
        self.model = kind(
            hidden_layer_sizes=tuple(x.units for x in workload.layers[:-1]),
            batch_size=min(workload.batch, len(x)),
            alpha=0.0,
            tol=0.0,
            n_iter_no_change=10**9,
        )

    def prepare_to_predict(
        self, workload: Workload, x: np.ndarray, y: np.ndarray
    ) -> None:
        super().prepare_to_predict(workload, x, y)
        self.epochs(1)

    def epochs(self, count: int) -> None:
        self.model.set_params(max_iter=count).fit(self.x, self.y)

    def predictors(self) -> dict[str, Predictor]:
        return {"predict": lambda x: self.model.predict(x)}
