"""`keras.preprocessing.sequence`: rows of different lengths as one array."""

from pronghorn.utils.sequences import pad_sequences

__all__ = ["pad_sequences"]
