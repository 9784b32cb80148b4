"""Saving and loading models, in Keras's own format; what `keras.saving` offers."""

from pronghorn.config import deserialize as deserialize_keras_object
from pronghorn.config import serialize as serialize_keras_object
from pronghorn.models.model import SAVING
from pronghorn.registry import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from pronghorn.saving.api import load_model, load_weights, save_model, save_weights
from pronghorn.saving.exchange import from_keras, to_keras
from pronghorn.saving.file_editor import KerasFileEditor
from pronghorn.saving.reading import model_from_bytes, model_from_json
from pronghorn.saving.writing import model_to_bytes, model_to_json

__all__ = [
    "CustomObjectScope",
    "KerasFileEditor",
    "custom_object_scope",
    "deserialize_keras_object",
    "from_keras",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "load_model",
    "load_weights",
    "model_from_bytes",
    "model_from_json",
    "model_to_bytes",
    "model_to_json",
    "register_keras_serializable",
    "save_model",
    "save_weights",
    "serialize_keras_object",
    "to_keras",
]

# Models lie below this room, and have methods that need it.
SAVING.update(
    load_model=load_model,
    load_weights=load_weights,
    model_from_bytes=model_from_bytes,
    model_to_bytes=model_to_bytes,
    save_model=save_model,
    save_weights=save_weights,
    from_json=model_from_json,
    to_json=model_to_json,
)
