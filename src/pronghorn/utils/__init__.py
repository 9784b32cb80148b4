"""Helpers around models: seeds, labels, summaries, progress, files, profiles.

`get_file` is loaded when it is first used: what speaks to servers takes longer to
import than all the rest.
"""

import importlib
from typing import TYPE_CHECKING, Any

from pronghorn.callbacks.progbar import Progbar
from pronghorn.data.packing import (
    pack_x_y_sample_weight,
    unpack_x_y_sample_weight,
)
from pronghorn.data.py_dataset import PyDataset
from pronghorn.data.py_dataset import PyDataset as Sequence
from pronghorn.models.summary import print_summary
from pronghorn.utils.numerical import normalize, to_categorical
from pronghorn.utils.profile_table import Profile
from pronghorn.utils.profiler import profile
from pronghorn.utils.seeds import clear_session, set_random_seed
from pronghorn.utils.splitting import split_dataset

if TYPE_CHECKING:
    from pronghorn.utils.files import get_file

__all__ = [
    "Profile",
    "Progbar",
    "PyDataset",
    "Sequence",
    "clear_session",
    "get_file",
    "normalize",
    "pack_x_y_sample_weight",
    "print_summary",
    "profile",
    "set_random_seed",
    "split_dataset",
    "to_categorical",
    "unpack_x_y_sample_weight",
]


def __getattr__(name: str) -> Any:
    if name != "get_file":
        raise AttributeError(f"module 'pronghorn.utils' has no attribute {name!r}")
    globals()[name] = importlib.import_module("pronghorn.utils.files").get_file
    return globals()[name]
