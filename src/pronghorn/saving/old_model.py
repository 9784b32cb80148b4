"""Whole models in the older `.h5` format: what Keras 2 wrote, and Keras 3 still does.

One HDF5 file. Attributes hold JSON: `model_config` the architecture, and
`training_config` what `compile` was given; `keras_version` and `backend` name the
writer. The group `model_weights` holds the layers' arrays, `optimizer_weights` the
optimizer's state.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from pronghorn.config import serialize
from pronghorn.errors import FileFormatError, PronghornError
from pronghorn.preferences import backend
from pronghorn.registry import CustomObjectScope, scoped_objects
from pronghorn.saving.archive import CONFIG, MAX_BYTES, parse_json
from pronghorn.saving.hdf5 import GroupWriter, WeightsReader
from pronghorn.saving.legacy import load_legacy_weights, save_legacy_weights
from pronghorn.saving.old_config import compile_arguments, old_form, training_form
from pronghorn.saving.old_state import load_old_state, save_old_state
from pronghorn.saving.reading import model_of
from pronghorn.saving.writing import json_bytes

__all__ = ["compile_old", "old_model_bytes", "old_model_of"]

MODEL, TRAINING, WEIGHTS = "model_config", "training_config", "model_weights"


def old_model_bytes(model: Any, include_optimizer: bool, keras_version: str) -> bytes:
    """The bytes of the `.h5` file of a model.

    Args:
        model: a model.
        include_optimizer: whether what `compile` was given and the optimizer's state
            are saved.
        keras_version: of the Keras that has this format.

    Raises:
        ArgumentError: a config that cannot be written as JSON.
    """
    writer = GroupWriter()
    config = serialize(model)
    whole = old_form(model, config)
    writer.text("keras_version", keras_version)
    writer.text("backend", backend())
    writer.text(
        MODEL, json_bytes({**whole, "class_name": type(model).__name__}).decode()
    )
    save_legacy_weights(model, writer, WEIGHTS, keras_version)
    training = config.get("compile_config")
    if include_optimizer and training:
        writer.text(TRAINING, json_bytes(training_form(training)).decode())
        save_old_state(model.optimizer, writer)
    return writer.finish()


def old_model_of(
    reader: WeightsReader,
    custom_objects: Mapping[str, Any] | None,
    safe_mode: bool,
) -> Any:
    """The model that a `.h5` file describes, with its weights; not compiled.

    Args:
        reader: the inspected file.
        custom_objects: name to your own class or function.
        safe_mode: as for `load_model`.

    Raises:
        FileFormatError: no model, or one whose weights do not fit.
    """
    config = _json(reader, MODEL)
    if config is None:
        raise FileFormatError(
            "The file holds no model.",
            where=reader.label,
            expected=f"an attribute {MODEL}",
            received="weights only" if reader.groups() else "nothing",
            remedy="build the model as it was, and read its weights with "
            "model.load_weights(...)",
        )
    scope = {**scoped_objects(), **(custom_objects or {})}
    with CustomObjectScope(scope):
        model = model_of(_plain(config), custom_objects, safe_mode)
    if getattr(model, "built", True):
        load_legacy_weights(model, reader, by_name=False, skip_mismatch=False)
    return model


def compile_old(
    model: Any, reader: WeightsReader, custom_objects: Mapping[str, Any] | None
) -> None:
    """Compile a model as its `.h5` file says, with the optimizer's state.

    Without a `training_config`, the model stays as it is. A state that does not fit
    the optimizer is left out with a warning, as in Keras: old optimizers kept other
    things.

    Raises:
        FileFormatError: arguments of `compile` that cannot be understood.
    """
    training = _json(reader, TRAINING)
    if training is None:
        return
    where = f"{reader.label}: {TRAINING}"
    scope = {**scoped_objects(), **(custom_objects or {})}
    try:
        with CustomObjectScope(scope):
            model.compile(**compile_arguments(_plain(training), custom_objects))
    except (PronghornError, TypeError, ValueError, KeyError, AttributeError) as error:
        raise FileFormatError(
            f"The model cannot be compiled as it was: {str(error).splitlines()[0]}",
            where=where,
            expected=getattr(error, "expected", None) or "arguments of compile()",
            received=getattr(error, "received", None) or type(error).__name__,
            remedy="load with compile=False, and compile the model anew",
        ) from error
    if model.optimizer is None or not model.built:
        return
    model.optimizer.build(model.trainable_variables)
    if not load_old_state(model.optimizer, reader):
        warnings.warn(
            f"The optimizer's state in {reader.label} is not one of "
            f"{type(model.optimizer).__name__}: training goes on with a fresh one.",
            stacklevel=4,
        )


def _json(reader: WeightsReader, name: str) -> dict[str, Any] | None:
    text = reader.text(name)
    if text is None:
        return None
    data, where = text.encode(), f"{reader.label}: attribute {name}"
    if len(data) > MAX_BYTES[CONFIG]:
        raise FileFormatError(
            "An attribute is too large.",
            where=where,
            expected=f"at most {MAX_BYTES[CONFIG]:,} bytes",
            received=f"{len(data):,} bytes",
            remedy="do not trust this file",
        )
    return parse_json(data, where)


def _plain(value: Any) -> Any:
    """JSON of Keras 2 as plain data: it wrote tuples down as such."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("class_name") == "__tuple__" and isinstance(value.get("items"), list):
        return [_plain(item) for item in value["items"]]
    return {
        key: _plain(item)
        for key, item in value.items()
        if key != "__passive_serialization__"
    }
