"""The parts of `keras.ops`, as far as their names lie elsewhere here."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

__all__ = ["names_of"]

# What Keras has in a part, and we in another file of this room, or not at all.
_NAMES = {
    "linalg": """
        cholesky cholesky_inverse det eig eigh inv jvp lstsq lu_factor matrix_rank norm
        pinv qr solve solve_triangular svd
    """,
    "nn": """
        adaptive_average_pool adaptive_max_pool average_pool conv conv_transpose
        ctc_decode ctc_loss depth_to_space depthwise_conv dot_product_attention fold
        max_pool polar psnr separable_conv space_to_depth unfold
    """,
}


def names_of(part: str) -> Callable[[str], Any]:
    """The `__getattr__` of a module that stands for a part of `keras.ops`.

    Args:
        part: "linalg", "nn", or "numpy", which has all names.

    Returns:
        A function from a name to the operation; it raises an UnsupportedError for one
        outside of the field, an AttributeError for none of Keras's.

    Example:

    >>> names_of("linalg")("det")([[2.0, 0.0], [0.0, 3.0]])
    np.float32(6.0)
    """

    def find(name: str) -> Any:
        known = name[:1] != "_" if part == "numpy" else name in _NAMES[part].split()
        if known:
            return getattr(import_module("pronghorn.ops"), name)
        lacks = f"module 'pronghorn.ops.{part}' has no attribute {name!r}"
        raise AttributeError(lacks)

    return find
