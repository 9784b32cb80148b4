"""NumPy's functions on tensors and variables."""

from __future__ import annotations

import numpy as np
import pytest

from pronghorn.errors import TraceError
from pronghorn.ir import KerasTensor, Variable


def test_arithmetic_with_arrays_on_either_side_is_recorded() -> None:
    x = KerasTensor((None, 3))
    for result in (np.ones(3) + x, x + np.ones(3), np.float32(2) * x, np.add(x, 1)):
        assert isinstance(result, KerasTensor)
        assert result.shape == (None, 3)
    assert np.absolute(x).shape == (None, 3)
    assert (np.ones(3) < x).dtype == "bool"


def test_other_functions_of_a_symbol_say_what_to_write() -> None:
    with pytest.raises(TraceError, match=r"pronghorn\.ops"):
        np.tanh(KerasTensor((None, 3)))
    with pytest.raises(TraceError, match=r"numpy\(\) needs a value"):
        KerasTensor((None, 3)).numpy()


def test_functions_of_a_variable_take_its_value() -> None:
    v = Variable([1.0, 4.0])
    assert np.sqrt(v).tolist() == [1.0, 2.0]
    assert (np.ones(2) + v).tolist() == [2.0, 5.0]
    assert np.add.reduce(v) == 5.0
