"""What `tune` gives."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pronghorn.errors import MissingDependencyError
from pronghorn.tabular.presets import Preset
from pronghorn.tabular.table_model import TableModel

__all__ = ["Tuned"]


@dataclass(frozen=True)
class Tuned:
    """The result of a search.

    Attributes:
        best: the best configuration: `fit(data, target, preset=tuned.best)` trains it
            again.
        params: its parameters, as the trials name them.
        metric: "log_loss", at the temperature that suits each configuration, or "rmse"
            in the target's units.
        score: the best configuration's, out of fold. It was chosen for being small:
            rows that the search has not seen tell what it is worth.
        trials: a row for each configuration: "trial" (its number), "state" ("complete",
            "pruned", "diverged" or "failed"), the metric (a pruned one's so far),
            "epoch" (its best), and its parameters by name.
        out_of_fold: the best configuration's answers, each by a net that did not learn
            the row: float32 (rows, classes), or float64 (rows,) in the target's units.
            Rows of weight 0, which no net learned, are answered by all nets.
        model: the nets of the best configuration, one for each fold, as one model that
            answers with their mean.
        study: Optuna's, for its importances and pictures.
    """

    best: Preset
    params: dict[str, Any]
    metric: str
    score: float
    trials: list[dict[str, Any]] = field(repr=False)
    out_of_fold: np.ndarray = field(repr=False)
    model: TableModel = field(repr=False)
    study: Any = field(repr=False)

    def frame(self) -> Any:
        """The trials as a `pandas.DataFrame`, the best first.

        Raises:
            MissingDependencyError: pandas is not installed.
        """
        try:
            pandas = importlib.import_module("pandas")
        except ImportError as error:
            raise MissingDependencyError(
                "A frame is one of pandas, which is not installed.",
                where="Tuned.frame",
                remedy="pip install pandas, or read .trials, a list of dicts",
            ) from error
        found = pandas.DataFrame(self.trials)
        complete = found["state"] != "complete"
        order = found.assign(_=complete).sort_values(["_", self.metric], kind="stable")
        return order.drop(columns="_").reset_index(drop=True)
