"""`keras.utils.legacy`: the functions of `keras.legacy.saving`."""

from pronghorn.legacy.saving import deserialize_keras_object, serialize_keras_object

__all__ = ["deserialize_keras_object", "serialize_keras_object"]
