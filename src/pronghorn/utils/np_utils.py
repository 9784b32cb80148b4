"""`keras.utils.np_utils`, where scripts of Keras 2 find `to_categorical`."""

from pronghorn.utils.numerical import normalize, to_categorical

__all__ = ["normalize", "to_categorical"]
