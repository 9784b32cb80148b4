"""What a tensor is, and from which inputs it is computed."""

from __future__ import annotations

import numpy as np
import pytest

from pronghorn import Input, Model, backend, layers, utils


def test_the_inputs_of_a_tensor_each_once():
    left, right, other = (Input((2,)) for _ in range(3))
    total = layers.Add()([left, layers.Dense(2)(right), left])
    found = utils.get_source_inputs(layers.Dense(1)(total))
    assert [id(t) for t in found] == [id(left), id(right)]
    assert utils.get_source_inputs(other)[0] is other
    model = Model([left, right], total)
    again = utils.get_source_inputs(model([right, other]))
    assert [id(t) for t in again] == [id(right), id(other)]
    assert utils.get_source_inputs("no tensor") == "no tensor"


def test_what_a_tensor_is():
    assert utils.is_keras_tensor(Input((2,)))
    assert not utils.is_keras_tensor(np.ones(2))


@pytest.mark.parametrize("dtype", [None, "float32", np.float32, np.dtype("float32")])
def test_names_of_dtypes(dtype):
    assert utils.standardize_dtype(dtype) == "float32"
    assert backend.standardize_dtype is utils.standardize_dtype


def test_what_is_no_dtype():
    with pytest.raises(ValueError, match="no such dtype"):
        utils.standardize_dtype("word")
