"""What `keras.ops` has and this room does not: each by name, and what to use."""

from __future__ import annotations

from pronghorn.errors import UnsupportedError

__all__ = ["refusal"]

# Names, what they are, and what to use instead.
_FIELDS = (
    (
        "adaptive_average_pool adaptive_max_pool average_pool conv conv_transpose "
        "depth_to_space depthwise_conv fold image max_pool separable_conv "
        "space_to_depth unfold",
        "Convolution, pooling and images are",
        "ops.matmul on flat rows for small images, else Keras",
    ),
    (
        "ctc_decode ctc_loss extract_sequences istft stft",
        "Sequences and sound are",
        "turn them into columns of numbers first; else Keras",
    ),
    (
        "jvp",
        "Forward differentiation is",
        "pronghorn.grad, which goes backwards from a scalar",
    ),
)


def refusal(name: str) -> UnsupportedError | None:
    """The error for an operation that Keras has and Pronghorn does not; else None.

    >>> print(refusal("jvp").remedy)
    pronghorn.grad, which goes backwards from a scalar
    >>> refusal("addd") is None
    True
    """
    for names, what, remedy in _FIELDS:
        if name in names.split():
            return UnsupportedError(
                f"{what} not part of Pronghorn.", where=f"ops.{name}", remedy=remedy
            )
    return None
