"""What `result_type` refuses; what it gives is compared in tests/conformance."""

from __future__ import annotations

import numpy as np
import pytest

from pronghorn.backend import result_type
from pronghorn.errors import ArgumentError


def test_dtypes_in_every_form() -> None:
    assert result_type(np.int8, np.dtype("float32"), bool) == "float32"
    assert result_type("string", str) == "string"


def test_what_meets_in_no_dtype() -> None:
    with pytest.raises(ArgumentError, match="no dtype"):
        result_type("string", "int32")
    with pytest.raises(ArgumentError, match="no such dtype"):
        result_type("float8_e4m3fn", "float32")
