"""What the arguments of a lookup layer must be, alone and together."""

from __future__ import annotations

from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, UnsupportedError

__all__ = ["check_arguments", "checked_salt", "wrong"]

MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")
TYPES = ("string", "int64", "int32")
OOV = "The number of places for unknown terms is 0 or more."


def wrong(
    layer: Any, argument: str, message: str, expected: str, received: Any
) -> ArgumentError:
    """The error for an argument of a lookup layer."""
    return ArgumentError(
        message,
        where=f"layer {layer.name!r} ({type(layer).__name__}), {argument}",
        expected=expected,
        received=repr(received),
    )


def check_arguments(layer: Any, idf_weights: Any) -> None:
    """Checks a layer whose arguments are its attributes.

    Raises:
        ArgumentError: values that do not exist, or contradict each other.
        UnsupportedError: `sparse=True`.
    """
    _check_sizes(layer)
    mode = layer.output_mode
    for argument, known in (
        ("output_mode", MODES),
        ("oov_method", ("floormod", "farmhash")),
        ("vocabulary_dtype", TYPES),
    ):
        value = getattr(layer, argument)
        if value not in known:
            expected = " or ".join(map(repr, known))
            raise wrong(layer, argument, "There is no such choice.", expected, value)
    if layer.invert and mode != "int":
        message = "Places become terms with output_mode='int' only."
        raise wrong(layer, "invert", message, "output_mode='int'", mode)
    if layer.invert and layer.oov_token is None:
        message = "Places without a term need a token that stands for them."
        raise wrong(layer, "oov_token", message, "such as '[UNK]' or -1", None)
    if idf_weights is not None and mode != "tf_idf":
        message = "Weights of terms belong to output_mode='tf_idf'."
        raise wrong(layer, "idf_weights", message, "None", idf_weights)
    if layer.sparse and mode == "int":
        raise wrong(layer, "sparse", "Places are never sparse.", "False", True)
    if layer.sparse:
        raise UnsupportedError(
            "Arrays are dense here.",
            where=f"layer {layer.name!r}, sparse",
            expected="False",
            received="True",
            remedy="leave it out; for many terms use output_mode='int' and "
            "layers.Embedding",
        )


def _check_sizes(layer: Any) -> None:
    most, oov = layer.max_tokens, layer.num_oov_indices
    if most is not None and not (_is_whole(most) and most > 1):
        message = "The most places are a number above 1."
        raise wrong(layer, "max_tokens", message, "None, or 2 or more", most)
    if layer.pad_to_max_tokens and most is None:
        message = "Padding to max_tokens needs max_tokens."
        raise wrong(layer, "pad_to_max_tokens", message, "max_tokens=1000, say", None)
    if not _is_whole(oov) or oov < 0:
        raise wrong(layer, "num_oov_indices", OOV, "0, 1, 2, ...", oov)


def checked_salt(layer: Any) -> list[int] | None:
    """The two numbers of a layer's salt; one number stands for both.

    Raises:
        ArgumentError: anything else, or a salt where nothing is hashed.
    """
    salt = layer.salt
    if salt is None:
        return None
    if layer.vocabulary_dtype != "string" and layer.oov_method != "farmhash":
        raise wrong(
            layer, "salt", "A salt needs a hash.", "oov_method='farmhash'", salt
        )
    pair = [salt, salt] if _is_whole(salt) else salt
    good = isinstance(pair, (list, tuple)) and len(pair) == 2
    if not good or not all(map(_is_whole, pair)):
        message = "A salt is a whole number, or two."
        raise wrong(layer, "salt", message, "such as 137, or [137, 42]", salt)
    return [int(part) for part in pair]


def _is_whole(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)
