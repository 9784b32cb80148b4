"""Helpers around models: seeds, labels, summaries, pictures, progress, profiles."""

from pronghorn.callbacks.progbar import Progbar
from pronghorn.config import deserialize as deserialize_keras_object
from pronghorn.config import serialize as serialize_keras_object
from pronghorn.models.summary import print_summary
from pronghorn.preferences import (
    disable_interactive_logging,
    enable_interactive_logging,
    is_interactive_logging_enabled,
)
from pronghorn.registry import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from pronghorn.utils import np_utils
from pronghorn.utils.numerical import normalize, to_categorical
from pronghorn.utils.plot import plot_model
from pronghorn.utils.profile_table import Profile
from pronghorn.utils.profiler import profile
from pronghorn.utils.seeds import clear_session, set_random_seed

__all__ = [
    "CustomObjectScope",
    "Profile",
    "Progbar",
    "clear_session",
    "custom_object_scope",
    "deserialize_keras_object",
    "disable_interactive_logging",
    "enable_interactive_logging",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "is_interactive_logging_enabled",
    "normalize",
    "np_utils",
    "plot_model",
    "print_summary",
    "profile",
    "register_keras_serializable",
    "serialize_keras_object",
    "set_random_seed",
    "to_categorical",
]
