"""Maps of policies, and inputs that a policy converts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import config, dtype_policies, layers
from pronghorn.dtype_policies import DTypePolicy, DTypePolicyMap
from pronghorn.errors import ArgumentError, UnsupportedError


def test_a_map_has_a_policy_for_each_path() -> None:
    policies = DTypePolicyMap("float64")
    policies["net/a"], policies["net/deep/.*"] = "float32", "mixed_float16"
    found = [policies[p].name for p in ("net/a", "net/deep/b", "net/deep", "c")]
    assert found == ["float32", "mixed_float16", "float64", "float64"]
    assert list(policies) == ["net/a", "net/deep/.*"] and "net/a" in policies
    assert "net/deep/b" not in policies and len(policies) == 2
    assert (policies.name, policies.compute_dtype) == ("map_float64", "float64")
    assert policies.variable_dtype == "float64" and "default_policy=float64" in repr(
        policies
    )
    again = dtype_policies.deserialize(dtype_policies.serialize(policies))
    assert again == policies != DTypePolicyMap()
    del policies["net/a"]
    assert again != policies and policies["net/a"].name == "float64"


def test_a_map_without_a_default_goes_by_what_is_in_force() -> None:
    policies = DTypePolicyMap(policy_map={"a": "bfloat16"})
    plain = dtype_policies.serialize(policies)
    try:
        config.set_dtype_policy("float64")
        again = dtype_policies.deserialize(plain)
        assert again["a"].name == again["b"].name == "float64"
    finally:
        config.set_dtype_policy("float32")
    assert policies["a"].name == "bfloat16"  # Keras forgets it when it is written
    given = DTypePolicyMap(DTypePolicy("float32"))
    assert dtype_policies.deserialize(dtype_policies.serialize(given)) == given


def test_mistakes_with_maps() -> None:
    policies = DTypePolicyMap()
    policies["a.*"] = policies["ab.*"] = "float32"
    with pytest.raises(ArgumentError, match="multiple"):
        policies["abc"]
    with pytest.raises(ArgumentError, match="already"):
        policies["a.*"] = "float64"
    for wrong in (3, "float33"):
        with pytest.raises(ArgumentError):
            policies["b"] = wrong
    with pytest.raises(KeyError, match="nothing"):
        del DTypePolicyMap()["b"]
    with pytest.raises(ArgumentError, match="one policy"):
        DTypePolicyMap(policies)
    with pytest.raises(TypeError, match="dict"):
        DTypePolicyMap(policy_map="float32")  # type: ignore[arg-type]
    with pytest.raises(UnsupportedError, match="float32"):
        layers.Dense(1, dtype=DTypePolicyMap(policy_map={"a": DTypePolicy("uint8")}))


def test_a_layer_has_the_policy_of_its_path() -> None:
    class Block(layers.Layer):
        def __init__(self) -> None:
            super().__init__(name="block")
            self.wide = layers.Dense(1, dtype=policies, name="wide")
            self.other = layers.Dense(1, dtype=policies, name="other")

        def call(self, inputs: Any) -> Any:
            return self.wide(inputs), self.other(inputs)

    policies = DTypePolicyMap(policy_map={"net/block/wide": "float64"})
    x = np.ones((2, 3)) / 3
    block = Block()
    assert block.wide.path is None and block.wide.dtype == "float32"  # not known yet
    model = keras.Sequential([layers.Dense(2, name="first"), block], name="net")
    found = model(x)
    assert (block.wide.path, block.other.path) == ("net/block/wide", "net/block/other")
    assert [part.dtype for part in found] == ["float64", "float32"]
    assert block.wide.kernel.dtype == "float64" != block.other.kernel.dtype
    block.wide.dtype_policy = block.other.dtype_policy = "int32"
    assert block.wide.compute_dtype == policies["net/block/other"].name == "int32"
    model.layers[0].dtype_policy = policies
    assert model.layers[0].dtype_policy is policies


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
