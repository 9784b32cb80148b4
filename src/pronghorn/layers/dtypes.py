"""The dtype policy of a layer: what was asked for, and what it computes in."""

from __future__ import annotations

import warnings
from typing import Any

from pronghorn import config as configs
from pronghorn import dtype_policies
from pronghorn.dtype_policies import NARROW, DTypePolicyMap
from pronghorn.errors import UnsupportedError
from pronghorn.layers.arguments import as_inputs

__all__ = ["Dtypes"]

_WIDE = {"int": "int32", "int64": "int32"}  # as the engine has them


class Dtypes:
    """Mixin of `Layer`: its policy, and the dtypes that follow from it.

    A policy of 16 bits is kept, so that a file has it, and computes in float32. One of
    64 bits computes in float64, in models on the reference backend.
    """

    name: str
    _dtype_policy: configs.DTypePolicy
    _parent_path: str

    @property
    def path(self) -> str:
        """The name, after the scopes of names that the layer was made in."""
        return f"{self._parent_path}/{self.name}" if self._parent_path else self.name

    @property
    def dtype_policy(self) -> configs.DTypePolicy:
        """The policy; it may be set by its name, or to a `DTypePolicyMap`.

        Raises:
            UnsupportedError: when it is set to a dtype that layers do not compute in.

        Warns:
            where it is set to one of 16 bits.
        """
        held = self._dtype_policy
        return held[self.path] if isinstance(held, DTypePolicyMap) else held

    @dtype_policy.setter
    def dtype_policy(self, value: Any) -> None:
        policy, held = _policy(value, self), self.__dict__.get("_dtype_policy")
        if isinstance(held, DTypePolicyMap) and not isinstance(policy, DTypePolicyMap):
            if self.path in held:
                del held[self.path]
            held[self.path] = policy
        else:
            self._dtype_policy = policy

    @property
    def dtype(self) -> str:
        """The dtype of the variables."""
        return self.variable_dtype

    @property
    def compute_dtype(self) -> str:
        """The dtype of the computation."""
        name = self.dtype_policy.name
        name = _WIDE.get(name, name)
        return name if name in ("int32", "bool", "float64") else "float32"

    @property
    def variable_dtype(self) -> str:
        """The dtype of the variables."""
        return self.compute_dtype

    @property
    def input_dtype(self) -> str:
        """The dtype that floats among the inputs become."""
        return self.compute_dtype

    def _as_inputs(self, x: Any) -> Any:
        """What the layer is called with, as tensors."""
        return as_inputs(x, wide=self.dtype_policy.name == "float64")


def _policy(dtype: Any, layer: Dtypes) -> configs.DTypePolicy:
    if dtype is None:
        return configs.dtype_policy()
    if isinstance(dtype, dict):
        dtype = dtype_policies.deserialize(dtype)
    if isinstance(dtype, DTypePolicyMap):
        _check(dtype[layer.path].name, layer.name)
        return dtype
    name = getattr(dtype, "name", None) or getattr(dtype, "__name__", None) or dtype
    name = _WIDE["int"] if name == "int" else str(name)
    _check(name, layer.name)
    return configs.DTypePolicy(name)


def _check(name: str, layer: str) -> None:
    if name in NARROW:
        warnings.warn(
            f"Layer {layer!r}: {name} is computed in float32 on a processor.",
            stacklevel=6,
        )
    elif name not in ("float32", "float64", "int32", "int64", "bool"):
        raise UnsupportedError(
            "The engine computes in float32.",
            where=f"layer {layer!r}, dtype",
            expected="float32, or float64 on the reference backend",
            received=name,
        )
