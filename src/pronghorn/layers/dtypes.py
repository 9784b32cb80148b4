"""The dtype policy of a layer: what was asked for, and what it computes in."""

from __future__ import annotations

import warnings
from typing import Any

from pronghorn import config as configs
from pronghorn import dtype_policies
from pronghorn.dtype_policies import NARROW, DTypePolicyMap
from pronghorn.errors import UnsupportedError
from pronghorn.layers.arguments import as_inputs
from pronghorn.layers.paths import Paths

__all__ = ["Dtypes"]

_WIDE = {"int": "int32", "int64": "int32"}  # as the engine has them


class Dtypes(Paths):
    """Mixin of `Layer`: its policy, and the dtypes that follow from it.

    A policy of 16 bits is kept, so that a file has it, and computes in float32. One of
    64 bits computes in float64, in models on the reference backend.
    """

    _dtype_policy: configs.DTypePolicy

    @property
    def dtype_policy(self) -> configs.DTypePolicy:
        """The policy; it may be set by its name. A map's, where it was given one.

        What is set afterwards goes into the map, under the layer's path.

        Raises:
            UnsupportedError: when it is set to a dtype that layers do not compute in.

        Warns:
            where it is set to one of 16 bits.
        """
        return self._dtype_policy

    @dtype_policy.setter
    def dtype_policy(self, value: Any) -> None:
        policy, held = _policy(value, self.name), self.__dict__.get("_dtype_policy")
        path, single = self.path, not isinstance(policy, DTypePolicyMap)
        if isinstance(held, DTypePolicyMap) and single and path is not None:
            if path in held:
                del held[path]
            held[path] = policy
        else:
            self._dtype_policy = policy

    @property
    def dtype(self) -> str:
        """The dtype of the variables."""
        return self.variable_dtype

    @property
    def compute_dtype(self) -> str:
        """The dtype of the computation."""
        name = self._policy_at(self.path).name
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
        policy = self._dtype_policy
        if isinstance(policy, DTypePolicyMap):  # the layer may not be built yet
            policy = self._policy_at(self.path or self._standing())
        return as_inputs(x, wide=policy.name == "float64")

    def _policy_at(self, path: str | None) -> configs.DTypePolicy:
        """The policy of a path: the map's default where it is not known."""
        policy = self._dtype_policy
        if not isinstance(policy, DTypePolicyMap):
            return policy
        return policy.default_policy if path is None else policy[path]


def _policy(dtype: Any, layer: str) -> configs.DTypePolicy:
    if dtype is None:
        return configs.dtype_policy()
    if isinstance(dtype, dict):
        dtype = dtype_policies.deserialize(dtype)
    if isinstance(dtype, DTypePolicyMap):
        for policy in (dtype.default_policy, *dtype.values()):
            _check(policy.name, layer)
        return dtype
    name = getattr(dtype, "name", None) or getattr(dtype, "__name__", None) or dtype
    name = _WIDE["int"] if name == "int" else str(name)
    _check(name, layer)
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
