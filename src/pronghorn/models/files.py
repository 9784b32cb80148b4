"""`keras.models.load_model` and `save_model`; `pronghorn.saving` does the work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pronghorn.models.model import Model, saving

__all__ = ["load_model", "model_from_json", "save_model"]


def load_model(
    filepath: Any,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
    safe_mode: bool = True,
) -> Any:
    """Loads a `.keras` or `.h5` file that Pronghorn or Keras wrote; runs no code of it.

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


def model_from_json(
    json_string: str, custom_objects: Mapping[str, Any] | None = None
) -> Any:
    """The model that `Model.to_json` described, with new weights.

    Raises:
        FileFormatError: as `load_model`.
    """
    return saving("from_json")(json_string, custom_objects=custom_objects)


def save_model(
    model: Model,
    filepath: Any,
    overwrite: bool = True,
    zipped: bool | None = None,
    **kwargs: Any,
) -> None:
    """Saves a model as a `.keras` or `.h5` file; see `saving.save_model`."""
    saving("save_model")(model, filepath, overwrite, zipped, **kwargs)
