"""The search for the best configuration of a table's net: `pronghorn.tune`.

Optuna and joblib (the extra `tune`) are loaded when a search begins, not before.
"""

from pronghorn.tuning.searching import tune
from pronghorn.tuning.space import Range, default_space
from pronghorn.tuning.tuned import Tuned

__all__ = ["Range", "Tuned", "default_space", "tune"]
