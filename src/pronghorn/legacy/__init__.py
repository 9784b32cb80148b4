"""`keras.legacy`: the way of Keras 2 from objects to plain data and back."""

from pronghorn.legacy import saving

__all__ = ["saving"]
