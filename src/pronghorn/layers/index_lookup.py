"""`IndexLookup`: what looking up text and looking up whole numbers share."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn import ops
from pronghorn.errors import (
    ArgumentError,
    DataError,
    FileFormatError,
    StateError,
)
from pronghorn.ir.variable import structure_changed
from pronghorn.layers.hashes import hashed
from pronghorn.layers.host import HostLayer
from pronghorn.layers.lookup_arguments import check_arguments, checked_salt, wrong
from pronghorn.layers.lookup_columns import columns_on_host, traced_columns
from pronghorn.layers.vocabulary import (
    NO_PLACE,
    TermCounts,
    batches_of,
    by_rank,
    checked_terms,
    places_of,
    read_terms,
    terms_of,
    write_terms,
)
from pronghorn.limits import charge_allocation
from pronghorn.registry import keras_class

__all__ = ["IndexLookup"]

OLD_NAMES = {"binary": "multi_hot", "tf-idf": "tf_idf"}
ASSET = "vocabulary.txt"


@keras_class("keras.src.layers.preprocessing.index_lookup")
class IndexLookup(HostLayer):
    """Terms as whole numbers: their places in a vocabulary.

    Places are given out in this order: 0 for the mask token where there is one and
    `output_mode` is "int", then `num_oov_indices` for terms out of the vocabulary, then
    the vocabulary's terms.

    Args:
        max_tokens: the most places; None for any number.
        num_oov_indices: places for terms that are not known. With several a hash
            decides; with 0 such a term is an error.
        mask_token: the term for "nothing is here". It gets place 0, or in the other
            modes no column.
        oov_token: what stands for unknown terms in `get_vocabulary`, and what `invert`
            gives for their places.
        vocabulary_dtype: "string" or "int64".
        vocabulary: the terms, or the path of a file with one in each line. Without it,
            `adapt` or `set_vocabulary` gives them.
        idf_weights: of "tf_idf": a weight for each term of `vocabulary`.
        invert: from places to terms instead. Default False.
        output_mode: "int": the places. "one_hot": a set of columns for each term.
            "multi_hot": 1 for each term of a row. "count": how often it comes in the
            row. "tf_idf": that, times the term's weight.
        sparse: only False.
        pad_to_max_tokens: as many columns as `max_tokens`. Default False.
        oov_method: of whole numbers with several places for unknown ones: "floormod"
            (the remainder) or "farmhash". Text is always hashed.
        salt: a number or two, for SipHash in the place of FarmHash.

    Raises:
        ArgumentError: arguments that contradict each other.
        UnsupportedError: `sparse=True`.
    """

    def __init__(
        self,
        max_tokens: int | None,
        num_oov_indices: int,
        mask_token: Any,
        oov_token: Any,
        vocabulary_dtype: str,
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        name: str | None = None,
        salt: Any = None,
        **kwargs: Any,
    ) -> None:
        size = kwargs.pop("vocabulary_size", None)
        kwargs.pop("has_input_vocabulary", None)
        for given in ("trainable", "dtype"):  # Keras has no use for them either
            kwargs.pop(given, None)
        super().__init__(name=name, **kwargs)
        self.invert = bool(invert)
        self.max_tokens = max_tokens
        self.num_oov_indices = num_oov_indices
        self.mask_token = mask_token
        self.oov_token = oov_token
        self.output_mode = OLD_NAMES.get(output_mode, output_mode)
        self.sparse = sparse
        self.pad_to_max_tokens = pad_to_max_tokens
        self.vocabulary_dtype = str(vocabulary_dtype)
        self.oov_method = oov_method
        self.salt = salt
        check_arguments(self, idf_weights)
        self.salt = checked_salt(self)
        self._text = self.vocabulary_dtype == "string"
        self._size: int | None = size
        self._terms: list[Any] = []
        self._places: dict[Any, int] = {}
        self._known = False  # whether it has a vocabulary
        self._counts = TermCounts()
        self._given = vocabulary is not None
        is_path = isinstance(vocabulary, (str, os.PathLike))
        self.input_vocabulary = None if is_path else _listed(vocabulary)
        self.input_idf_weights = _listed(idf_weights)
        self.idf_weights: Any = None
        if self.output_mode == "tf_idf" and self._given and idf_weights is None:
            raise self._wrong(
                "idf_weights",
                "A vocabulary of tf_idf comes with its weights.",
                "a weight for each term",
                None,
            )
        self.built = True
        # While a file is read, its config may not ask for more than it proves.
        charge_allocation((num_oov_indices,), f"{self.name}/num_oov_indices")
        if self._given:
            self.set_vocabulary(vocabulary, idf_weights)
        elif idf_weights is not None:
            self.idf_weights = np.asarray(idf_weights, np.float32)

    def _wrong(
        self, argument: str, message: str, expected: str, received: Any
    ) -> ArgumentError:
        return wrong(self, argument, message, expected, received)

    # --- places

    def _oov_start_index(self) -> int:
        return 1 if self.mask_token is not None and self.output_mode == "int" else 0

    def _token_start_index(self) -> int:
        return self._oov_start_index() + self.num_oov_indices

    def vocabulary_size(self) -> int:
        """The number of places: of the terms, of unknown ones, and of the mask."""
        return len(self._terms) + self._token_start_index()

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """The terms in the order of their places.

        Args:
            include_special_tokens: with the mask token and the token for unknown terms
                at their places, so that a term's place is its place in the list.
                Default True.
        """
        if not include_special_tokens:
            return list(self._terms)
        special = [self.mask_token] * self._oov_start_index()
        special += [self.oov_token] * self.num_oov_indices
        return [*special, *self._terms]

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Gives the layer its terms, in the place of any before.

        Args:
            vocabulary: a list or an array of terms, with or without the special tokens
                in front; or the path of a file with a term in each line.
            idf_weights: of "tf_idf": a weight for each term.

        Raises:
            ArgumentError: terms that come twice, more than `max_tokens`, none; special
                tokens among them; weights that are missing or too many.
            StateError: another number of columns than before.
        """
        tf_idf = self.output_mode == "tf_idf"
        if tf_idf != (idf_weights is not None):
            message = "Weights of terms belong to tf_idf, and tf_idf needs them."
            expected = "a weight for each term" if tf_idf else "None"
            raise self._wrong("idf_weights", message, expected, idf_weights)
        if isinstance(vocabulary, (str, os.PathLike)):
            self._set_terms(self._from_file(vocabulary))
            return
        where = f"the vocabulary of layer {self.name!r}"
        listed = terms_of(_listed(vocabulary), self._text, where).ravel().tolist()
        if not listed:
            message = "A vocabulary has terms."
            raise self._wrong("vocabulary", message, "at least one", vocabulary)
        special = self.get_vocabulary()[: self._token_start_index()]
        found = listed[: len(special)] == special
        terms = listed[len(special) :] if found else listed
        self._check_terms(terms, special)
        self._set_terms(terms)
        if tf_idf:
            self._set_weights(idf_weights, len(listed), padded=not found)

    def _from_file(self, path: Any) -> list[Any]:
        if self.output_mode == "tf_idf":
            message = "A file has terms, and no weights for them."
            expected = "lists of terms and of weights"
            raise self._wrong("vocabulary", message, expected, path)
        terms = read_terms(path, self._text, getattr(self, "encoding", "utf-8"))
        self._check_repeated(terms)
        return terms

    def _check_terms(self, terms: list[Any], special: list[Any]) -> None:
        self._check_repeated(terms)
        for what, token in (("mask_token", self.mask_token), ("oov_token", None)):
            if what == "oov_token" and self.invert:
                token = self.oov_token
            if token is not None and token in terms:
                raise self._wrong(
                    "vocabulary",
                    f"The {what} stands among the terms.",
                    f"no special tokens, or exactly {special!r} in front",
                    f"{token!r} at place {terms.index(token)}",
                )
        size = self._token_start_index() + len(terms)
        if self.max_tokens is not None and size > self.max_tokens:
            message = "The vocabulary is larger than max_tokens."
            expected = f"at most {self.max_tokens}, special tokens included"
            raise self._wrong("vocabulary", message, expected, size)

    def _check_repeated(self, terms: list[Any]) -> None:
        twice = [term for term, count in Counter(terms).items() if count > 1][:5]
        if twice:
            message = "The vocabulary has a term twice."
            raise self._wrong("vocabulary", message, "each term once", twice)

    def _set_terms(self, terms: list[Any]) -> None:
        size = self._token_start_index() + len(terms)
        open_ended = self.output_mode == "int" or self.pad_to_max_tokens
        if not open_ended and self._size not in (None, size):
            raise StateError(
                "The layer's number of columns cannot change.",
                where=f"layer {self.name!r}, output_mode={self.output_mode!r}",
                expected=f"a vocabulary of {self._size}, special tokens included",
                received=size,
                remedy="make a new layer, or pad_to_max_tokens=True with max_tokens=",
            )
        start = self._token_start_index()
        self._terms = terms
        self._places = {term: start + i for i, term in enumerate(terms)}
        if self.mask_token is not None:  # a place, or no column
            self._places[self.mask_token] = 0 if self.output_mode == "int" else -1
        self._size = size
        self._known = True
        structure_changed()  # programs may hold the vocabulary as constants

    def _set_weights(self, weights: Any, count: int, padded: bool) -> None:
        weights = np.asarray(weights)
        if weights.shape != (count,):
            message = "There is a weight for each term."
            raise self._wrong("idf_weights", message, f"{count}", weights.shape)
        front = self._token_start_index() if padded else 0
        self.idf_weights = self._padded(weights, front, np.average(weights))

    def _padded(self, weights: np.ndarray, front: int, mean: Any) -> np.ndarray:
        """The weights, with the mean of all for unknown terms, and 0 for no terms."""
        back = 0
        charge_allocation((self._depth() or 0,), f"{self.name}/idf_weights")
        if self.pad_to_max_tokens and self.max_tokens is not None:
            back = self.max_tokens - front - len(weights)
        full = np.pad(weights, (front, back), constant_values=(mean, 0))
        return full.astype(np.float32)

    # --- adapting

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Takes the terms of `data` as vocabulary, the most frequent first.

        Of equally frequent ones the greatest comes first. With `max_tokens` the rest is
        left out. "tf_idf" learns `log(1 + rows / (1 + rows with the term))`.

        Args:
            data: an array, a list, a column or a frame of terms, whose rows are the
                documents of "tf_idf"; or an iterable of such batches.
            steps: how many batches of an iterable to look at. Default all.

        Raises:
            ArgumentError: if the layer was given its vocabulary.
            DataError, DtypeError: missing values; terms of another kind.
            StateError: another number of columns than before.
        """
        self.reset_state()
        batches = batches_of(data)
        if batches is None:
            terms = self._terms_of(data)
            self.update_state(terms[:, None] if terms.ndim == 1 else terms)
        else:
            for i, batch in enumerate(batches):
                if steps is not None and i >= steps:
                    break
                self.update_state(batch)
        self.finalize_state()

    def _terms_of(self, data: Any) -> np.ndarray:
        return terms_of(data, self._text, f"the data of layer {self.name!r}")

    def update_state(self, data: Any) -> None:
        """Counts the terms of one batch; an array of one axis is one document."""
        if self._given:
            raise ArgumentError(
                "This layer was given its vocabulary.",
                where=f"layer {self.name!r}, adapt",
                expected="a layer without vocabulary=",
                received="one with it",
                remedy="leave out vocabulary= to adapt it",
            )
        terms = self._terms_of(data)
        if terms.ndim < 2:
            terms = terms.reshape(1, -1)
        self._counts.add(terms, documents=self.output_mode == "tf_idf")

    def finalize_state(self) -> None:
        """Makes the vocabulary of what was counted; `adapt` does so."""
        counts = self._counts
        if self._given or not counts.terms:
            return
        counts.without(self.mask_token, self.oov_token)
        terms = by_rank(counts.terms)
        start = self._token_start_index()
        if self.max_tokens:
            terms = terms[: max(0, self.max_tokens - start)]
        self._set_terms(terms)
        if self.output_mode == "tf_idf":
            documents = np.array([counts.documents[t] for t in terms], np.int64)
            weights = np.log(1 + counts.rows / (1 + documents)).astype(np.float32)
            self.idf_weights = self._padded(weights, start, weights.mean())
        self.reset_state()

    def reset_state(self) -> None:
        """Forgets what was counted, not the vocabulary."""
        self._counts = TermCounts()

    # --- computation

    @property
    def input_dtype(self) -> str:
        """The dtype that it reads."""
        return "string" if self._text and not self.invert else "int32"

    @property
    def output_dtype(self) -> str:
        """The dtype of the output."""
        if self.invert:
            return "string" if self._text else "int32"
        return "int32" if self.output_mode == "int" else "float32"

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the input; for columns their number comes last."""
        shape = tuple(input_shape)
        if self.output_mode == "int":
            return shape
        single = self.output_mode == "one_hot" and not (
            len(shape) > 1 and shape[-1] == 1
        )
        return (*(shape if single else shape[:-1]), self._depth())

    def _depth(self) -> int | None:
        return self.max_tokens if self.pad_to_max_tokens else self._size

    def _require_vocabulary(self) -> None:
        weighed = self.output_mode != "tf_idf" or self.idf_weights is not None
        if self._known and weighed:
            return
        mode = f"`output_mode={self.output_mode}`"
        raise StateError(
            f"When using {mode} and `pad_to_max_tokens={self.pad_to_max_tokens}`, the "
            "layer needs its vocabulary first.",
            where=f"layer {self.name!r} ({type(self).__name__})",
            expected="a vocabulary",
            received="none; configs hold no vocabulary that adapt() made"
            if self._size
            else "none",
            remedy="call adapt(data), or give vocabulary=[...]",
        )

    def call_on_host(self, *arrays: np.ndarray) -> np.ndarray:
        """Terms to places, or with `invert` places to terms."""
        (inputs,) = arrays
        where = f"the input of layer {self.name!r}"
        self._require_vocabulary()
        if self.invert:
            return self._inverted(checked_terms(inputs, False, where))
        terms = checked_terms(inputs, self._text, where)
        flat = terms.ravel()
        places = places_of(flat, self._places)
        unknown = np.flatnonzero(places == NO_PLACE)
        if unknown.size:
            places[unknown] = self._oov(flat[unknown])
        places = places.reshape(terms.shape)
        if self.output_mode == "int":
            return places
        depth, weights = self._depth() or 0, self.idf_weights
        return columns_on_host(places, self.output_mode, depth, weights)

    def _oov(self, terms: np.ndarray) -> Any:
        """The places of terms that are not in the vocabulary."""
        count, start = self.num_oov_indices, self._oov_start_index()
        if count == 0:
            shown = ", ".join(map(repr, sorted(set(terms.tolist()))[:5]))
            raise DataError(
                "There are terms out of the vocabulary, and no place for them.",
                where=f"layer {self.name!r} ({type(self).__name__})",
                expected="terms of the vocabulary, since num_oov_indices=0",
                received=shown,
                remedy="write num_oov_indices=1",
            )
        if count == 1:
            return start
        if not self._text and self.oov_method == "floormod":
            return start + terms % count
        hashes = hashed(terms, self.salt)
        return start + (hashes % np.uint64(count)).astype(np.int64)

    def _inverted(self, places: np.ndarray) -> np.ndarray:
        vocabulary = dict(enumerate(self._terms, self._token_start_index()))
        if self.mask_token is not None:
            vocabulary[0] = self.mask_token
        found = [vocabulary.get(p, self.oov_token) for p in places.ravel().tolist()]
        made = np.empty(len(found), object if self._text else np.int64)
        made[:] = found
        return made.reshape(places.shape)

    def call_in_trace(self, *inputs: Any) -> Any:
        """Places of whole numbers that the program computed."""
        (x,) = inputs
        several = self.num_oov_indices > 1 and self.oov_method != "floormod"
        if self._text or self.invert or several or self.num_oov_indices == 0:
            return super().call_in_trace(x)
        self._require_vocabulary()
        ids = ops.cast(x, "int32")
        fits = [t for t in self._terms if abs(t) < 2**31]
        places = np.array([self._places[t] for t in fits], np.int32)
        start, count = self._oov_start_index(), self.num_oov_indices
        result = start if count == 1 else start + ops.mod(ids, count)
        result = ops.zeros_like(ids) + result
        if fits:
            here = ops.equal(ops.expand_dims(ids, -1), np.array(fits, np.int32))
            found = ops.sum(ops.where(here, places, 0), axis=-1)
            result = ops.where(ops.any(here, axis=-1), found, result)
        if self.mask_token is not None:
            masked = self._places[self.mask_token]
            result = ops.where(ops.equal(ids, self.mask_token), masked, result)
        if self.output_mode == "int":
            return result
        depth, weights = self._depth() or 0, self.idf_weights
        return traced_columns(result, self.output_mode, depth, weights)

    # --- files

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, and the number of places."""
        return {
            **super().get_config(),
            "invert": self.invert,
            "max_tokens": self.max_tokens,
            "num_oov_indices": self.num_oov_indices,
            "oov_token": self.oov_token,
            "mask_token": self.mask_token,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
            "pad_to_max_tokens": self.pad_to_max_tokens,
            "vocabulary_dtype": self.vocabulary_dtype,
            "idf_weights": self.input_idf_weights,
            "vocabulary": self.input_vocabulary,
            "vocabulary_size": self._size,
            "oov_method": self.oov_method,
            "salt": self.salt,
        }

    def terms_config(self) -> dict[str, Any]:
        """What of a config tells the terms, those that `adapt` found too."""
        if not self._known:
            return {}
        first = self._token_start_index()
        weights = self.idf_weights
        if weights is not None:
            weights = weights[first : first + len(self._terms)]
        return {
            "vocabulary": _listed(self._terms),
            "idf_weights": _listed(weights),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer from what `get_config` gave.

        Raises:
            FileFormatError: a config that names a file; `get_config` never does.
        """
        if isinstance(config.get("vocabulary"), str):
            raise FileFormatError(
                "A config asks for the contents of another file.",
                where=f"layer {config.get('name')!r}, vocabulary",
                expected="a list of terms, or None",
                received=repr(config["vocabulary"]),
                remedy="do not trust it; call set_vocabulary(path) for a file of yours",
            )
        return cls(**config)

    def get_build_config(self) -> dict[str, Any] | None:
        """There is nothing to build."""
        return {}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """There is nothing to build."""

    def save_own_variables(self, store: Any) -> None:
        """Writes the weights of "tf_idf"; the terms go into a file of their own."""
        if self.output_mode == "tf_idf":
            weights = self.idf_weights
            depth = self._depth()
            if weights is None and depth is not None:
                weights = np.broadcast_to(np.float32(0), (depth,))
            if weights is not None:
                store["idf_weights"] = weights

    def load_own_variables(self, store: Any) -> None:
        """Reads what `save_own_variables` wrote."""
        if self.output_mode == "tf_idf" and "idf_weights" in store:
            self.idf_weights = np.asarray(store["idf_weights"], np.float32)

    def save_assets(self, dir_path: str) -> None:
        """Writes the vocabulary into a folder, unless the config has it."""
        if self.input_vocabulary is None:
            write_terms(os.path.join(dir_path, ASSET), self.get_vocabulary())

    def load_assets(self, dir_path: str) -> None:
        """Reads what `save_assets` wrote.

        Raises:
            ArgumentError: there is no such file in the folder, or it holds terms that
                are none.
        """
        if self.input_vocabulary is not None:
            return
        terms = read_terms(os.path.join(dir_path, ASSET), True, "utf-8")
        while terms and terms[-1] == "" and len(terms) != self._size:
            terms.pop()
        if self._text and self._size == len(terms) + 1:
            terms.append("")  # an empty line at the end says nothing
        if not self._text:
            terms = [int(term) for term in terms]
        if len(terms) <= self._token_start_index():
            return  # it was saved before it was adapted
        weights = self.idf_weights
        if weights is not None:
            weights = weights[: len(terms)]
        self.set_vocabulary(terms, weights)


def _listed(values: Any) -> Any:
    """Values as a config holds them."""
    if values is None or isinstance(values, (str, os.PathLike)):
        return values
    if isinstance(values, Sequence):
        return [_plain(v) for v in values]
    if hasattr(values, "numpy") and not hasattr(values, "tolist"):
        values = values.numpy()
    return np.asarray(values).tolist()


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return value.item() if isinstance(value, np.generic) else value
