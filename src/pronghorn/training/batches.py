"""Training, measuring and predicting with one batch, as Keras's models have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pronghorn import random
from pronghorn.training.arguments import require_targets
from pronghorn.training.dataset import Dataset
from pronghorn.training.objective import Objective
from pronghorn.training.programs import Programs, diverged, run_steps

__all__ = ["Batches"]


class Batches:
    """Mixin of `Trainer`: `train_on_batch`, `test_on_batch`, `predict_on_batch`."""

    name: str
    optimizer: Any
    predict: Any
    _objective: Objective
    _programs: Programs
    _check_targets: Any
    _ensure_optimizer: Any
    _prepare: Any
    _require_compiled: Any
    _reset: Any
    _results: Any
    _in_order: Any

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Mapping[Any, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """One step of training on all the rows given.

        Args:
            x, y, sample_weight, class_weight: as `fit` takes them.
            return_dict: by name, instead of a list. Default False.

        Returns:
            The loss; with metrics a list, the loss first, or a dict.

        Raises:
            DivergedError: if the loss is not finite; the weights are kept.
        """
        self._require_compiled("train_on_batch", optimizer=True)
        require_targets(y, self._objective.loss, "train_on_batch")
        data = self._prepare(x, y, sample_weight, class_weight, fitting=True)
        self._ensure_optimizer()
        return self._batch("train", data, return_dict)

    def test_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """The loss and the metrics on all the rows given, as one batch.

        Args:
            x, y, sample_weight: as `fit` takes them.
            return_dict: by name, instead of a list. Default False.

        Returns:
            The loss; with metrics a list, the loss first, or a dict.
        """
        self._require_compiled("test_on_batch")
        require_targets(y, self._objective.loss, "test_on_batch")
        data = self._prepare(x, y, sample_weight, None)
        return self._batch("test", data, return_dict)

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for given rows, as one batch: what `predict` gives, silently."""
        found = self._predicted_quickly(x)
        if found is not None:
            return found
        data = self._prepare(x, None, None, None)
        return self.predict(x, batch_size=data.rows, verbose=0)

    def _predicted_quickly(self, x: Any, batch_size: int | None = None) -> Any:
        """What a prediction like the last one gives; None if this one is not."""
        quick = self._programs.quick
        return quick(x, self, batch_size) if quick is not None else None

    def _batch(self, mode: str, data: Dataset, return_dict: bool) -> Any:
        rows = data.rows
        executable = self._programs.get(self, mode, data, rows)
        self._check_targets(data, None)
        self._reset(mode)
        seed, step = 0, 0
        if mode == "train":
            seed, step = random.draw_seed(), int(np.asarray(self.optimizer.iterations))
        arrays = data.arrays
        if not run_steps(executable, arrays, None, range(1), rows, rows, seed, step):
            raise diverged(0, step, f"model {self.name!r}")
        logs = self._results(mode)
        return dict(sorted(logs.items())) if return_dict else self._in_order(logs)
