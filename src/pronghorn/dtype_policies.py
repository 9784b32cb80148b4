"""Dtype policies, as `keras.dtype_policies` and `keras.mixed_precision` have them.

The engine computes in float32 on a processor. A policy of 16 bits is accepted with a
warning, and computes in float32; one of 64 bits raises.
"""

from __future__ import annotations

import warnings
from typing import Any

from pronghorn.errors import ArgumentError, UnsupportedError
from pronghorn.registry import keras_class

__all__ = [
    "DTypePolicy",
    "deserialize",
    "dtype_policy",
    "get",
    "serialize",
    "set_dtype_policy",
]

Config = dict[str, Any]
NARROW = ("float16", "bfloat16", "mixed_float16", "mixed_bfloat16")


@keras_class(
    "keras",
    aliases=("keras.dtype_policies", "keras.mixed_precision"),
)
class DTypePolicy:
    """The dtype that a layer computes in, as files write it.

    Args:
        name: `"float32"`, another dtype, or `"mixed_float16"` / `"mixed_bfloat16"`.
            Default: the one in force, "float32".

    Raises:
        ArgumentError: a name that is no text.

    Example:

    >>> DTypePolicy("float32").compute_dtype
    'float32'
    >>> DTypePolicy("mixed_float16").variable_dtype
    'float32'
    """

    def __init__(self, name: str | None = None) -> None:
        if name is not None and not isinstance(name, str):
            raise ArgumentError(
                "A policy is named by text.",
                where="DTypePolicy(name=)",
                expected='a dtype such as "float32", or "mixed_float16"',
                received=repr(name),
            )
        self.name = name or "float32"

    @property
    def compute_dtype(self) -> str:
        """The dtype of the computation."""
        return self.name.removeprefix("mixed_")

    @property
    def variable_dtype(self) -> str:
        """The dtype of the variables."""
        return "float32" if self.name.startswith("mixed_") else self.name

    @property
    def quantization_mode(self) -> None:
        """None: nothing is quantized."""
        return None

    def get_config(self) -> Config:
        """The constructor's arguments."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: Config) -> DTypePolicy:
        """A policy from its config."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self.name}">'


def dtype_policy() -> DTypePolicy:
    """The policy that layers have unless they name one: always float32.

    >>> dtype_policy()
    <DTypePolicy "float32">
    """
    return DTypePolicy("float32")


def set_dtype_policy(policy: Any) -> None:
    """Asks for a policy for all layers to come; what is computed stays float32.

    Args:
        policy: a name or a `DTypePolicy`. Float32 is what is in force. One of 16 bits
            warns: it would save memory and time on a GPU, and this is a processor.

    Raises:
        UnsupportedError: a policy that is neither.

    Example:

    >>> set_dtype_policy("float32")
    """
    wanted = get(policy)
    if wanted.name in NARROW:
        warnings.warn(
            f"{wanted.name} is computed in float32 on a processor; the policy stays "
            "float32.",
            stacklevel=2,
        )
    elif wanted.name != "float32":
        raise UnsupportedError(
            "The engine computes in float32.",
            where="set_dtype_policy",
            expected="float32",
            received=wanted.name,
            remedy="leave the policy as it is",
        )


def get(identifier: Any) -> DTypePolicy:
    """The policy that is meant by a name, a config, a dtype, a policy or None.

    Raises:
        ArgumentError: something else.

    Example:

    >>> get("mixed_float16")
    <DTypePolicy "mixed_float16">
    """
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        return deserialize(identifier)
    name = getattr(identifier, "__name__", None) or getattr(identifier, "name", None)
    return DTypePolicy(name or identifier)


def serialize(dtype_policy: DTypePolicy) -> Config:
    """A policy as plain data.

    >>> deserialize(serialize(DTypePolicy("int32")))
    <DTypePolicy "int32">
    """
    return {
        "module": "keras",
        "class_name": "DTypePolicy",
        "config": dtype_policy.get_config(),
        "registered_name": None,
    }


def deserialize(config: Config, custom_objects: Any = None) -> DTypePolicy:
    """The policy that `serialize` described.

    Args:
        config: plain data.
        custom_objects: name to a class of your own.

    Raises:
        ArgumentError: the data describe no policy.
    """
    name = config.get("class_name") if isinstance(config, dict) else None
    cls = {"DTypePolicy": DTypePolicy, **(custom_objects or {})}.get(str(name))
    if cls is None or not isinstance(config.get("config"), dict):
        raise ArgumentError(
            "This describes no policy.",
            where="dtype_policies.deserialize",
            expected='{"class_name": "DTypePolicy", "config": {"name": ...}}',
            received=repr(config),
        )
    made: DTypePolicy = cls.from_config(config["config"])
    return made
