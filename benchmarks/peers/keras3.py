"""Keras 3 on TensorFlow, JAX or torch: steps per execution and compilation tuned."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from benchmarks.peers.base import Options, Peer, Predictor
from benchmarks.peers.ours import Pronghorn
from benchmarks.workloads import Workload

_WHEELS = {"tensorflow": "tensorflow-cpu", "jax": "jax", "torch": "torch"}


class Keras(Pronghorn):
    """Shares Pronghorn's adapter, because the two share an API."""

    in_pieces = True

    def __init__(self, name: str, threads: int) -> None:
        Peer.__init__(self, name, threads)
        self.backend = name.removeprefix("keras-")
        self.packages = ("keras", _WHEELS[self.backend], "numpy")
        self.notes = (
            "model.fit(verbose=0) on NumPy arrays; prediction by predict, "
            "predict_on_batch or a call of the model, whichever is fastest"
        )
        os.environ["KERAS_BACKEND"] = self.backend
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
        limit_threads(self.backend, threads)
        import keras

        self.keras = keras

    def options(self, workload: Workload) -> list[Options]:
        most = min(32, workload.steps)
        several = sorted(
            {1, most} | ({min(8, most)} if self.backend == "jax" else set())
        )
        # JAX without compilation runs each operation from Python; torch's multi-step
        # call is a Python loop.
        compiled = {"tensorflow": (True, False), "jax": (True,), "torch": (False,)}
        if self.backend == "torch":
            several = [1]
        return [
            {"jit_compile": jit, "steps_per_execution": steps}
            for jit in compiled[self.backend]
            for steps in reversed(several)
        ]

    def prepare(
        self, workload: Workload, x: np.ndarray, y: np.ndarray, options: Options
    ) -> None:
        self.keras.utils.clear_session(free_memory=False)
        super().prepare(workload, x, y, options)
        self.model.compile(optimizer=self.optimizer(), loss=self.loss(), **options)

    def predictors(self) -> dict[str, Predictor]:
        return {
            "model(x)": self._call,
            "predict_on_batch": lambda x: np.asarray(self.model.predict_on_batch(x)),
            "predict": lambda x: self.model.predict(
                x, batch_size=len(x) if len(x) < 1024 else 8192, verbose=0
            ),
        }

    def _call(self, x: np.ndarray) -> np.ndarray:
        if self.backend != "torch":
            return np.asarray(self.model(x, training=False))
        import torch

        with torch.inference_mode():
            found: Any = self.model(torch.from_numpy(x), training=False)
            return np.asarray(found)


def limit_threads(library: str, threads: int) -> None:
    """Tells a library how many threads to use, before its first work."""
    if library == "tensorflow":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
    elif library == "torch":
        import torch

        torch.set_num_threads(threads)
    elif library == "jax" and threads == 1:
        # XLA's pool has as many threads as the process may use processors.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
