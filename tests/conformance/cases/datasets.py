"""Public data sets from small archives of their form, and data sets split in two.

Both sides read the same archives, written here; nothing is downloaded.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import numpy as np

from tests.conformance.case import Case, CaseTable, Results, jsonable
from tests.datasets.archives import write_all


def loaded(k: Any, name: str, function: str = "load_data", **options: Any) -> Any:
    """What a data set gives, its files taken from a folder."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        write_all(Path(folder))

        def get_file(fname: str, *rest: Any, **named: Any) -> str:
            return str(Path(folder, fname))

        module = getattr(k.datasets, name)
        inner = sys.modules.get(module.load_data.__module__)
        if not hasattr(inner, "get_file"):  # ours is called by all of them in one place
            inner = sys.modules["pronghorn.datasets.archives"]
        stack.enter_context(mock.patch.object(inner, "get_file", get_file))
        return getattr(module, function)(**options)


def parts(k: Any, name: str, **options: Any) -> Results:
    """Both parts of a data set: values, shapes, dtypes."""
    arrays = [array for part in loaded(k, name, **options) for array in part]
    return {
        "values": jsonable([array.tolist() for array in arrays]),
        "shapes": jsonable([array.shape for array in arrays]),
        "dtypes": [array.dtype.name for array in arrays],
    }


def names(k: Any) -> Results:
    """Word indices and the names of topics."""
    return {
        "imdb": loaded(k, "imdb", "get_word_index"),
        "reuters": loaded(k, "reuters", "get_word_index"),
        "topics": list(k.datasets.reuters.get_label_names()),
    }


def rows(part: Any) -> Any:
    """Arrays of a part: Keras gives a `tf.data.Dataset` of its rows."""
    if hasattr(part, "as_numpy_iterator"):
        found = list(part.as_numpy_iterator())
        if isinstance(found[0], tuple):
            return [np.stack(column).tolist() for column in zip(*found, strict=True)]
        return np.stack(found).tolist()
    if isinstance(part, tuple):
        return [array.tolist() for array in part]
    return part.tolist()


def split(k: Any, kind: str, **options: Any) -> Results:
    """`split_dataset` of an array, a tuple or a list."""
    x, y = np.arange(36.0).reshape(12, 3), np.arange(12)
    given = {"array": x, "tuple": (x, y), "list": [x, y]}[kind]
    left, right = k.utils.split_dataset(given, **options)
    return {"left": jsonable(rows(left)), "right": jsonable(rows(right))}


def cases() -> CaseTable:
    """Cases of data sets."""
    table: dict[str, list[dict[str, Any]]] = {
        "mnist": [{}],
        "fashion_mnist": [{}],
        "boston_housing": [{}, {"test_split": 0.33, "seed": 5}, {"test_split": 0}],
        "california_housing": [{}, {"version": "small", "seed": 1}],
        "imdb": [
            {},
            {"num_words": 20, "skip_top": 3},
            {"maxlen": 6, "oov_char": None},
            {"start_char": None, "index_from": 0, "seed": 2},
            {"start_char": None},
        ],
        "reuters": [
            {},
            {"num_words": 20, "skip_top": 3, "test_split": 0.5},
            {"maxlen": 6, "oov_char": None},
            {"start_char": None, "index_from": 0, "seed": 2},
        ],
    }
    for name, variants in table.items():
        for options in variants:
            words = ", ".join(f"{n}={v}" for n, v in options.items())
            yield Case(
                f"datasets/{name}/{words or 'plain'}",
                lambda k, name=name, options=options: parts(k, name, **options),
            )
    yield Case("datasets/names/all", names)
    for kind, options in (
        ("array", {"left_size": 0.8}),
        ("tuple", {"right_size": 5}),
        ("list", {"left_size": 0.3, "right_size": 0.4}),
        ("tuple", {"left_size": 7, "shuffle": True, "seed": 3}),
    ):
        words = ", ".join(f"{n}={v}" for n, v in options.items())
        yield Case(
            f"datasets/split_dataset/{kind}, {words}",
            lambda k, kind=kind, options=options: split(k, kind, **options),
        )
