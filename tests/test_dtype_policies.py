"""Maps of policies, and inputs that a policy converts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import dtype_policies, layers
from pronghorn.dtype_policies import DTypePolicy, DTypePolicyMap
from pronghorn.errors import ArgumentError, DtypeError, UnsupportedError


def test_a_map_decides_by_path() -> None:
    policies = DTypePolicyMap(policy_map={"a": DTypePolicy("int32")})
    policies["b/.*"] = "bool"
    found = [policies[path].name for path in ("a", "b/x", "b", "a/x")]
    assert found == ["int32", "bool", "float32", "float32"]
    assert "b/x" not in policies and list(policies) == ["a", "b/.*"]
    policies["b/x.*"] = "int32"
    with pytest.raises(ArgumentError, match="Two patterns"):
        policies["b/xy"]
    with pytest.raises(ArgumentError, match="already"):
        policies["a"] = "float32"
    for wrong in (3, "float33"):
        with pytest.raises(ArgumentError):
            policies["c"] = wrong
    del policies["a"]
    assert policies["a"].name == "float32" and len(policies) == 2
    assert "default_policy=float32" in repr(policies)
    assert policies == dtype_policies.deserialize(dtype_policies.serialize(policies))
    assert policies != DTypePolicyMap()


def test_what_makes_no_map() -> None:
    with pytest.raises(ArgumentError, match="one policy"):
        DTypePolicyMap(DTypePolicyMap())
    with pytest.raises(DtypeError, match="as a dict"):
        DTypePolicyMap(policy_map=[("a", "int32")])  # type: ignore[arg-type]
    with pytest.raises(UnsupportedError, match="float32"):
        layers.Dense(1, dtype=DTypePolicyMap(policy_map={"a": DTypePolicy("float64")}))


def test_a_layer_keeps_its_map_in_files(tmp_path: Path) -> None:
    policies = DTypePolicyMap(policy_map={"line/end": DTypePolicy("float32")})
    model = keras.Sequential([layers.Dense(1, name="end", dtype=policies)], name="line")
    model.build((None, 3))
    model.save(tmp_path / "m.keras")
    layer = keras.saving.load_model(tmp_path / "m.keras").layers[0]
    assert layer.dtype_policy == policies and layer.dtype == "float32"
    with pytest.warns(UserWarning, match="float32 on a processor"):
        layer.dtype_policy = "mixed_float16"
    assert layer.dtype_policy["line/end"].name == "mixed_float16"


def test_symbols_are_converted_within_a_model() -> None:
    x = keras.Input((2,))
    whole = DTypePolicy("int32").convert_input(x, True, "int32")
    model = keras.Model(x, whole)
    assert model.predict(np.array([[1.5, -2.5]]), verbose=0).tolist() == [[1, -2]]
    text = np.array(["a"])
    assert DTypePolicy("float32").convert_input(text, True, "float32") is text
