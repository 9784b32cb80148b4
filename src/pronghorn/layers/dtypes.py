"""The dtype policy of a layer: what was asked for, and what it computes in."""

from __future__ import annotations

import warnings
from typing import Any

from pronghorn import config as configs
from pronghorn.dtype_policies import NARROW, DTypePolicyMap, deserialize
from pronghorn.errors import UnsupportedError

__all__ = ["Dtypes"]

_WIDE = {"int": "int32", "int64": "int32"}  # as the engine has them


class Dtypes:
    """Mixin of `Layer`: its policy, and the dtypes that follow from it.

    A policy of 16 bits is kept, so that a file has it, and computes in float32.
    """

    name: str
    path: str | None

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
        policy = _policy(value, self.name)
        given = self.__dict__.get("_dtype_policy")
        if isinstance(given, DTypePolicyMap) and self.path is not None:
            if self.path in given:
                del given[self.path]
            given[self.path] = policy
        else:
            self._dtype_policy = policy

    @property
    def dtype(self) -> str:
        """The dtype of the variables."""
        return self.variable_dtype

    @property
    def compute_dtype(self) -> str:
        """The dtype of the computation."""
        policy = self._dtype_policy
        if isinstance(policy, DTypePolicyMap):
            path = self.path
            policy = policy.default_policy if path is None else policy[path]
        name = _WIDE.get(policy.name, policy.name)
        return name if name in ("int32", "bool") else "float32"

    @property
    def variable_dtype(self) -> str:
        """The dtype of the variables."""
        return self.compute_dtype

    @property
    def input_dtype(self) -> str:
        """The dtype that floats among the inputs become."""
        return self.compute_dtype


def _policy(dtype: Any, where: str) -> configs.DTypePolicy:
    if dtype is None:
        return configs.DTypePolicy("float32")
    if isinstance(dtype, dict) and dtype.get("class_name") == "DTypePolicyMap":
        dtype = deserialize(dtype)
    if isinstance(dtype, DTypePolicyMap):
        for policy in (dtype.default_policy, *dtype.values()):
            _policy(policy, where)
        return dtype
    if isinstance(dtype, dict):
        dtype = dtype.get("config", {}).get("name", "float32")
    name = getattr(dtype, "name", None) or getattr(dtype, "__name__", None) or dtype
    name = _WIDE["int"] if name == "int" else str(name)
    if name in NARROW:
        warnings.warn(
            f"Layer {where!r}: {name} is computed in float32 on a processor.",
            stacklevel=5,
        )
    elif name not in ("float32", "int32", "int64", "bool"):
        raise UnsupportedError(
            "The engine computes in float32.",
            where=f"layer {where!r}, dtype",
            expected="float32",
            received=name,
        )
    return configs.DTypePolicy(name)
