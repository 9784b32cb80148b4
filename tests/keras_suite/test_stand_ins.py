"""What stands in for Keras's internals in its own tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.keras_suite.stand_ins import Framework, NotHereError, standardize_dtype


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (None, "float32"),
        (float, "float32"),
        (int, "int32"),
        (bool, "bool"),
        (np.dtype("float64"), "float64"),  # equal to Python's float, but not it
        (np.int64, "int64"),
        ("float32", "float32"),
    ],
)
def test_names_of_dtypes(given: Any, name: str) -> None:
    assert standardize_dtype(given) == name


def test_of_tensorflow_there_is_what_scripts_have() -> None:
    tf = Framework("tensorflow")
    batches = tf.data.Dataset.from_tensor_slices([1, 2, 3]).batch(2)
    assert [b.numpy().tolist() for b in batches] == [[1, 2], [3]]
    assert tf.ones((2,)).shape == (2,)
    for absent in (tf.SparseTensor, tf.ragged, Framework("jax").ones):
        with pytest.raises(NotHereError):
            absent()
