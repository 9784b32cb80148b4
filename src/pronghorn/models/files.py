"""`keras.models.load_model` and `save_model`; `pronghorn.saving` does the work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pronghorn.models.model import Model, saving

__all__ = ["load_model", "save_model"]


def load_model(
    filepath: Any,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
    safe_mode: bool = True,
) -> Any:
    """Loads a `.keras` file that Pronghorn or Keras wrote. It runs no code from it.

    Args:
        filepath: of the file.
        custom_objects: {name: class or function} of your own.
        compile: also compile, with the optimizer's state. Default True.
        safe_mode: only True means anything: code in files is never run.

    Raises:
        FileFormatError: saying which part of the file is wrong, and how.
    """
    return saving("load_model")(
        filepath, custom_objects=custom_objects, compile=compile, safe_mode=safe_mode
    )


def save_model(
    model: Model, filepath: Any, overwrite: bool = True, **kwargs: Any
) -> None:
    """Saves a model as a `.keras` file; see `Model.save`."""
    model.save(filepath, overwrite=overwrite, **kwargs)
