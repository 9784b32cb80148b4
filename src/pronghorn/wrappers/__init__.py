"""Keras models as estimators of scikit-learn, as `keras.wrappers` has them.

scikit-learn is imported when one of these names is asked for, and not before.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pronghorn.wrappers.estimators import (
        SKLearnClassifier,
        SKLearnRegressor,
        SKLearnTransformer,
    )

__all__ = ["SKLearnClassifier", "SKLearnRegressor", "SKLearnTransformer"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'pronghorn.wrappers' has no attribute {name!r}")
    value = getattr(importlib.import_module("pronghorn.wrappers.estimators"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
