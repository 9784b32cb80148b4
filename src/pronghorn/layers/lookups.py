"""`StringLookup` and `IntegerLookup`: categories of a table as whole numbers."""

from __future__ import annotations

import codecs
from typing import Any

from pronghorn.layers.index_lookup import IndexLookup
from pronghorn.layers.lookup_arguments import wrong
from pronghorn.registry import keras_class

__all__ = ["IntegerLookup", "StringLookup"]


@keras_class("keras.layers")
class StringLookup(IndexLookup):
    """Text as whole numbers: places in a vocabulary, or columns for them.

    Place 0 is for the mask token, if there is one; then come `num_oov_indices` places
    for what the vocabulary does not have, then its terms. The layer is computed before
    a model's program, on inputs of `dtype="string"`.

    Args:
        max_tokens: the most places, special ones included. Default no limit.
        num_oov_indices: places for unknown terms. Default 1; with more a hash decides,
            with 0 an unknown term is an error.
        mask_token: the text for "nothing is here". Default none.
        oov_token: what `get_vocabulary` and `invert` call unknown terms.
        vocabulary: the terms, or the path of a file with one in each line. Without it,
            call `adapt` or `set_vocabulary`.
        idf_weights: of "tf_idf": a weight for each term of `vocabulary`.
        invert: from places to terms instead. Default False.
        output_mode: "int" (default), "one_hot", "multi_hot", "count" or "tf_idf".
        pad_to_max_tokens: as many columns as `max_tokens`. Default False.
        sparse: only False.
        encoding: of a vocabulary's file. Default "utf-8".
        salt: a number or two, for SipHash in the place of FarmHash.

    Shapes: text (rows, ...) to int32 of the same shape; columns are float32, and come
    last in the place of a row's terms ("one_hot" of several terms: after them).

    Raises:
        ArgumentError: arguments that contradict each other.
        StateError: columns are asked for before there is a vocabulary.

    Example:

    >>> layer = StringLookup()
    >>> layer.adapt(["red", "blue", "red"])
    >>> layer.get_vocabulary()
    ['[UNK]', 'red', 'blue']
    >>> layer([["blue"], ["green"]])
    array([[2],
           [0]], dtype=int32)
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: str | None = None,
        oov_token: str | None = "[UNK]",
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
        sparse: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        salt: Any = None,
        **kwargs: Any,
    ) -> None:
        codecs.lookup(encoding)  # its LookupError names an unknown one
        self.encoding = encoding
        super().__init__(
            max_tokens=max_tokens,
            num_oov_indices=num_oov_indices,
            mask_token=mask_token,
            oov_token=oov_token,
            vocabulary=vocabulary,
            idf_weights=idf_weights,
            invert=invert,
            output_mode=output_mode,
            pad_to_max_tokens=pad_to_max_tokens,
            sparse=sparse,
            name=name,
            salt=salt,
            vocabulary_dtype="string",
            **kwargs,
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, and the number of places."""
        config = super().get_config()
        del config["vocabulary_dtype"]
        return {**config, "encoding": self.encoding}


@keras_class("keras.layers")
class IntegerLookup(IndexLookup):
    """Whole numbers as places in a vocabulary, or as columns for them.

    Ids of shops, years, codes: numbers that stand for categories. They may be of 64
    bits: the layer is computed before a model's program where it reads the model's
    inputs, and within it where it reads what the program computed.

    Args:
        max_tokens: the most places, special ones included. Default no limit.
        num_oov_indices: places for unknown numbers. Default 1; with more the remainder
            or a hash decides, with 0 an unknown number is an error.
        mask_token: the number for "nothing is here". Default none.
        oov_token: what `get_vocabulary` and `invert` call unknown ones. Default -1.
        vocabulary: the numbers, or the path of a file with one in each line. Without
            it, call `adapt` or `set_vocabulary`.
        vocabulary_dtype: only "int64".
        idf_weights: of "tf_idf": a weight for each number of `vocabulary`.
        invert: from places to numbers instead. Default False.
        output_mode: "int" (default), "one_hot", "multi_hot", "count" or "tf_idf".
        sparse: only False.
        pad_to_max_tokens: as many columns as `max_tokens`. Default False.
        oov_method: with several places for unknown numbers: "floormod" (default) or
            "farmhash".
        salt: a number or two, for SipHash in the place of FarmHash.

    Shapes: as for `StringLookup`.

    Raises:
        ArgumentError: arguments that contradict each other.
        DataError: numbers that are not whole.
        StateError: columns are asked for before there is a vocabulary.

    Example:

    >>> layer = IntegerLookup(vocabulary=[2019, 2021], output_mode="one_hot")
    >>> layer([2021, 1999])
    array([[0., 0., 1.],
           [1., 0., 0.]], dtype=float32)
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: int | None = None,
        oov_token: int | None = -1,
        vocabulary: Any = None,
        vocabulary_dtype: str = "int64",
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        salt: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            max_tokens=max_tokens,
            num_oov_indices=num_oov_indices,
            mask_token=mask_token,
            oov_token=oov_token,
            vocabulary=vocabulary,
            vocabulary_dtype=vocabulary_dtype,
            idf_weights=idf_weights,
            invert=invert,
            output_mode=output_mode,
            sparse=sparse,
            pad_to_max_tokens=pad_to_max_tokens,
            oov_method=oov_method,
            salt=salt,
            name=name,
            **kwargs,
        )
        if vocabulary_dtype != "int64":
            message = "Whole numbers are of 64 bits here."
            raise wrong(self, "vocabulary_dtype", message, "'int64'", vocabulary_dtype)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, and the number of places."""
        config = super().get_config()
        for token in ("oov_token", "mask_token"):
            if config[token] is not None:
                config[token] = int(config[token])
        return config
