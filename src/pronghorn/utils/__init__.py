"""Helpers around models: seeds, labels, summaries, progress."""

from pronghorn.callbacks.progbar import Progbar
from pronghorn.models.summary import print_summary
from pronghorn.utils.numerical import normalize, to_categorical
from pronghorn.utils.seeds import clear_session, set_random_seed

__all__ = [
    "Progbar",
    "clear_session",
    "normalize",
    "print_summary",
    "set_random_seed",
    "to_categorical",
]
