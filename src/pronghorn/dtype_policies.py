"""Dtype policies, as `keras.dtype_policies` and `keras.mixed_precision` have them.

The engine computes in float32 on a processor. A policy of 16 bits is accepted with a
warning, and computes in float32; one of 64 bits raises.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

from pronghorn.errors import ArgumentError, DtypeError, UnsupportedError
from pronghorn.registry import keras_class

__all__ = [
    "DTypePolicy",
    "DTypePolicyMap",
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
CASTS: list[Callable[[Any, str], Any]] = []  # `ops.cast`; the room of ops puts it here
FLOATS = ("float16", "bfloat16", "float32", "float64")
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

    def convert_input(self, x: Any, autocast: bool, dtype: Any) -> Any:
        """An input as a layer of a compute dtype takes it: floats become of that dtype.

        Args:
            x: an array, a tensor or a symbol. Anything else comes back as it is.
            autocast: False leaves all as it is.
            dtype: of the computation. Floats of 16 and of 64 bits are float32 here.

        Returns:
            `x`, converted where it holds floats.

        Example:

        >>> policy = DTypePolicy("float32")
        >>> policy.convert_input(np.array([0.5, 1.5]), True, "float32").dtype
        dtype('float32')
        >>> policy.convert_input(np.array([1, 2]), True, "float32").dtype
        dtype('int64')
        """
        wanted = str(getattr(dtype, "name", None) or dtype)
        wanted = "float32" if wanted in FLOATS else wanted
        name = str(getattr(x, "dtype", ""))
        if not autocast or name == wanted or name not in FLOATS:
            return x
        return x.astype(wanted) if hasattr(x, "astype") else CASTS[0](x, wanted)

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


@keras_class("keras.dtype_policies")
class DTypePolicyMap(DTypePolicy, MutableMapping[str, DTypePolicy]):
    """Which layer has which policy, by patterns of the layer's path.

    A path that is a key itself has that key's policy. Otherwise the keys are regular
    expressions, and one that fits the whole path decides; a path that none fits has
    the default. A layer takes a map as its `dtype`.

    Args:
        default_policy: a name or a policy. Default: the one in force, "float32".
        policy_map: a dict of patterns and policies. Default empty.

    Raises:
        ArgumentError: the default is a map; a key twice; a value that means no
            policy; two keys for one path.
        DtypeError: the map is no dict.

    Example:

    >>> policies = DTypePolicyMap(policy_map={"wide/.*": DTypePolicy("int32")})
    >>> policies["wide/dense"], policies["deep/dense"]
    (<DTypePolicy "int32">, <DTypePolicy "float32">)
    """

    def __init__(
        self,
        default_policy: Any = None,
        policy_map: dict[str, DTypePolicy] | None = None,
    ) -> None:
        if isinstance(default_policy, DTypePolicyMap):
            raise ArgumentError(
                "What fits no pattern has one policy.",
                where="DTypePolicyMap(default_policy=)",
                expected='a name such as "float32", or a DTypePolicy',
                received=repr(default_policy),
            )
        if policy_map is not None and not isinstance(policy_map, dict):
            raise DtypeError(
                "Patterns and their policies are given as a dict.",
                where="DTypePolicyMap(policy_map=)",
                expected="a dict",
                received=type(policy_map).__name__,
            )
        self._given = default_policy
        self._default = get(default_policy)
        self._policy_map = policy_map or {}
        self.name = f"map_{self._default.name}"

    @property
    def default_policy(self) -> DTypePolicy:
        """The policy of the paths that no key fits."""
        return self._default

    @property
    def compute_dtype(self) -> str:
        """The dtype of the computation by the default policy."""
        return self._default.compute_dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype of the variables by the default policy."""
        return self._default.variable_dtype

    def __getitem__(self, key: str) -> DTypePolicy:
        if key in self._policy_map:
            return self._policy_map[key]
        fitting = [p for p in self._policy_map if re.fullmatch(p, key)]
        if len(fitting) > 1:
            raise ArgumentError(
                "Two patterns give one layer a policy.",
                where=f"DTypePolicyMap, path {key!r}",
                expected="one pattern that fits, or none",
                received=", ".join(map(repr, fitting)),
                remedy="make the patterns narrower",
            )
        return self._policy_map[fitting[0]] if fitting else self._default

    def __setitem__(self, key: str, policy: Any) -> None:
        if key in self._policy_map:
            raise ArgumentError(
                f"The pattern {key!r} has a policy already.",
                where="DTypePolicyMap",
                received=repr(self._policy_map[key]),
                remedy="delete it first",
            )
        try:
            self._policy_map[key] = get(policy)
        except DtypeError as error:
            raise ArgumentError(error.message, where=error.where) from None

    def __delitem__(self, key: str) -> None:
        del self._policy_map[key]

    def __contains__(self, key: object) -> bool:
        return key in self._policy_map

    def __len__(self) -> int:
        return len(self._policy_map)

    def __iter__(self) -> Iterator[str]:
        return iter(self._policy_map)

    def get_config(self) -> Config:
        """The constructor's arguments, policies as plain data."""
        default = self._given
        plain = serialize(default) if isinstance(default, DTypePolicy) else default
        policies = {key: serialize(p) for key, p in self._policy_map.items()}
        return {"default_policy": plain, "policy_map": policies}

    @classmethod
    def from_config(cls, config: Config, custom_objects: Any = None) -> DTypePolicyMap:
        """A map from what `get_config` returned."""
        policies = {
            key: deserialize(policy, custom_objects)
            for key, policy in config["policy_map"].items()
        }
        return cls(config["default_policy"], policies)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, DTypePolicyMap)
            and other._default == self._default
            and other._policy_map == self._policy_map
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        mapping = [(key, policy.name) for key, policy in self._policy_map.items()]
        default = self._default.name
        return f"<DTypePolicyMap default_policy={default}, mapping={mapping}>"


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
    is_map = isinstance(dtype_policy, DTypePolicyMap)
    return {
        "module": "keras.dtype_policies" if is_map else "keras",
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
    known = {c.__name__: c for c in (DTypePolicy, FloatDTypePolicy, DTypePolicyMap)}
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
