"""Dtype policies, as `keras.dtype_policies` and `keras.mixed_precision` have them.

The engine computes in float32 on a processor. A policy of 16 bits is accepted with a
warning, and computes in float32; one of 64 bits raises.
"""

from __future__ import annotations

import warnings
from typing import Any

from pronghorn.errors import ArgumentError, DtypeError, UnsupportedError
from pronghorn.registry import keras_class

__all__ = [
    "DTypePolicy",
    "FloatDTypePolicy",
    "deserialize",
    "dtype_policy",
    "get",
    "serialize",
    "set_dtype_policy",
]

Config = dict[str, Any]
MIXED = ("mixed_float16", "mixed_bfloat16")
NARROW = ("float16", "bfloat16", *MIXED)
NAMES = frozenset(
    (
        *NARROW,
        *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
        *("float32", "float64", "float8_e4m3fn", "float8_e5m2"),
        *("bool", "complex64", "complex128", "string"),
    )
)


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
        ArgumentError: a name that is no dtype's.
        DtypeError: a name that is no text.

    Example:

    >>> DTypePolicy("float32").compute_dtype
    'float32'
    >>> DTypePolicy("mixed_float16").variable_dtype
    'float32'
    """

    def __init__(self, name: str | None = None) -> None:
        expected = 'a dtype such as "float32", or "mixed_float16"'
        if name is not None and not isinstance(name, str):
            raise DtypeError(
                "A policy is named by text.",
                where="DTypePolicy(name=)",
                expected=expected,
                received=repr(name),
            )
        if name is not None and name not in NAMES:
            raise ArgumentError(
                "No dtype has this name.",
                where="DTypePolicy(name=)",
                expected=expected,
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


@keras_class("keras", aliases=("keras.dtype_policies",))
class FloatDTypePolicy(DTypePolicy):
    """A `DTypePolicy` under its other name.

    >>> FloatDTypePolicy("float32") == DTypePolicy("float32")
    True
    """


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
        ArgumentError: neither a name nor a policy.
        UnsupportedError: a policy that is neither.

    Example:

    >>> set_dtype_policy("float32")
    """
    if not isinstance(policy, (str, DTypePolicy)):
        raise ArgumentError(
            "A policy is meant by its name, or made before.",
            where="set_dtype_policy",
            expected='a name such as "float32", or a DTypePolicy',
            received=repr(policy),
        )
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
    wanted = name or identifier
    if not isinstance(wanted, str):
        raise ArgumentError(
            "This means no policy.",
            where="dtype_policies.get",
            expected='a name such as "float32", a config or a DTypePolicy',
            received=repr(identifier),
        )
    return DTypePolicy(wanted)


def serialize(dtype_policy: DTypePolicy) -> Config:
    """A policy as plain data.

    >>> deserialize(serialize(DTypePolicy("int32")))
    <DTypePolicy "int32">
    """
    return {
        "module": "keras",
        "class_name": type(dtype_policy).__name__,
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
    known = {"DTypePolicy": DTypePolicy, "FloatDTypePolicy": FloatDTypePolicy}
    cls = {**known, **(custom_objects or {})}.get(str(name))
    if cls is None or not isinstance(config.get("config"), dict):
        raise ArgumentError(
            "This describes no policy.",
            where="dtype_policies.deserialize",
            expected='{"class_name": "DTypePolicy", "config": {"name": ...}}',
            received=repr(config),
        )
    made: DTypePolicy = cls.from_config(config["config"])
    return made
