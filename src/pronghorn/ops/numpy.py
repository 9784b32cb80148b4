"""`keras.ops.numpy`: the operations by another path."""

from pronghorn.ops.rooms import names_of

__getattr__ = names_of("numpy")
