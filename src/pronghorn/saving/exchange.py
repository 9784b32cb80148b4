"""`from_keras` and `to_keras`: a live model of real Keras becomes ours, and back.

The model travels as the bytes of its file, in memory: what a file keeps comes along,
the optimizer's state too, and no code.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from typing import Any

from pronghorn.errors import ArgumentError, MissingDependencyError
from pronghorn.models.model import Model
from pronghorn.saving.api import load_model
from pronghorn.saving.writing import model_to_bytes

__all__ = ["from_keras", "to_keras"]


def from_keras(model: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The model here that a live model of Keras 3 is.

    Args:
        model: a model of Keras: any that Keras can save.
        custom_objects: name to your own class or function, written for Pronghorn.

    Returns:
        A new model with the same weights; compiled, and with the optimizer's state, if
        the other is.

    Raises:
        ArgumentError: something else than a model of Keras.
        FileFormatError: the model holds what Pronghorn does not have.

    Example:

    >>> from_keras("a path")
    Traceback (most recent call last):
    ...
    pronghorn.errors.ArgumentError: This is no model of Keras...
    """
    if not _is_keras_model(model):
        ours = isinstance(model, Model)
        raise ArgumentError(
            "This is no model of Keras.",
            where="from_keras",
            expected="a live keras.Model",
            received=f"an object of type {type(model).__name__}",
            remedy="it is one of Pronghorn already: use it as it is"
            if ours
            else "open a file with pronghorn.models.load_model",
        )
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        model.save(path)
        return load_model(path, custom_objects)


def to_keras(model: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The model of Keras 3 that a model is. Keras must be installed.

    Args:
        model: a built model of Pronghorn.
        custom_objects: name to your own class or function, written for Keras.

    Returns:
        A new `keras.Model` with the same weights; compiled, and with the optimizer's
        state, if this one is.

    Raises:
        MissingDependencyError: Keras is not installed.
        ArgumentError: something else than a model of Pronghorn.

    Example:

    >>> to_keras("a path")
    Traceback (most recent call last):
    ...
    pronghorn.errors.ArgumentError: This is no model of Pronghorn...
    """
    if not isinstance(model, Model):
        raise ArgumentError(
            "This is no model of Pronghorn.",
            where="to_keras",
            expected="a model",
            received=f"an object of type {type(model).__name__}",
            remedy="open a file with keras.models.load_model",
        )
    data = model_to_bytes(model)
    keras = _keras()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        with open(path, "wb") as file:
            file.write(data)
        return keras.models.load_model(path, custom_objects=custom_objects)


def _is_keras_model(model: Any) -> bool:
    # Found among what is loaded already: a live model's Keras is.
    models = getattr(sys.modules.get("keras"), "Model", None)
    own = models is not None and issubclass(models, Model)
    return models is not None and not own and isinstance(model, models)


def _keras() -> Any:
    try:
        import keras  # type: ignore[import-not-found,unused-ignore]
    except ImportError as error:
        raise MissingDependencyError(
            "to_keras needs Keras, which is not installed.",
            where="to_keras",
            remedy="pip install keras, and one of its backends",
        ) from error
    if issubclass(keras.Model, Model):
        raise MissingDependencyError(
            "In this process, keras is Pronghorn.",
            where="to_keras",
            remedy="save the model, and open the file in a process of real Keras",
        )
    return keras
