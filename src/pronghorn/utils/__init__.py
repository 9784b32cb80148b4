"""Helpers around models: seeds, labels, summaries, pictures, files, profiles.

`get_file` is loaded when it is first used: what speaks to servers takes longer to
import than all the rest.
"""

import importlib
from typing import TYPE_CHECKING, Any

from pronghorn.absent import refusal as _refusal
from pronghorn.callbacks.progbar import Progbar
from pronghorn.config import deserialize as deserialize_keras_object
from pronghorn.config import serialize as serialize_keras_object
from pronghorn.data.packing import (
    pack_x_y_sample_weight,
    unpack_x_y_sample_weight,
)
from pronghorn.data.py_dataset import PyDataset
from pronghorn.data.py_dataset import PyDataset as Sequence
from pronghorn.models.feature_space import FeatureSpace
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
from pronghorn.utils import legacy, np_utils
from pronghorn.utils.config import Config
from pronghorn.utils.draw import Drawing, draw_unit
from pronghorn.utils.numerical import normalize, to_categorical
from pronghorn.utils.plot import model_to_dot, plot_model
from pronghorn.utils.profile_table import Profile
from pronghorn.utils.profiler import profile
from pronghorn.utils.seeds import clear_session, set_random_seed
from pronghorn.utils.sequences import pad_sequences
from pronghorn.utils.splitting import split_dataset
from pronghorn.utils.tensors import (
    get_source_inputs,
    is_keras_tensor,
    standardize_dtype,
)

if TYPE_CHECKING:
    from pronghorn.utils.files import get_file

__all__ = [
    "Config",
    "CustomObjectScope",
    "Drawing",
    "FeatureSpace",
    "Profile",
    "Progbar",
    "PyDataset",
    "Sequence",
    "clear_session",
    "custom_object_scope",
    "deserialize_keras_object",
    "disable_interactive_logging",
    "draw_unit",
    "enable_interactive_logging",
    "get_custom_objects",
    "get_file",
    "get_registered_name",
    "get_registered_object",
    "get_source_inputs",
    "is_interactive_logging_enabled",
    "is_keras_tensor",
    "legacy",
    "model_to_dot",
    "normalize",
    "np_utils",
    "pack_x_y_sample_weight",
    "pad_sequences",
    "plot_model",
    "print_summary",
    "profile",
    "register_keras_serializable",
    "serialize_keras_object",
    "set_random_seed",
    "split_dataset",
    "standardize_dtype",
    "to_categorical",
    "unpack_x_y_sample_weight",
]


def __getattr__(name: str) -> Any:
    if name != "get_file":
        refused = _refusal(name, "utils")
        if refused is not None:
            raise refused
        raise AttributeError(f"module 'pronghorn.utils' has no attribute {name!r}")
    globals()[name] = importlib.import_module("pronghorn.utils.files").get_file
    return globals()[name]
