"""Dtype policies, as `keras.dtype_policies` and `keras.mixed_precision` have them.

The engine computes in float32 on a processor. A policy of 16 bits is accepted with a
warning, and computes in float32; one of 64 bits runs on the reference backend.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

from pronghorn.errors import (
    ArgumentError,
    DtypeError,
    UnknownKeyError,
    UnsupportedError,
)
from pronghorn.preferences import floatx
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
            Default: the one in force, `dtype_policy()`.

    Raises:
        ArgumentError: a name that is no dtype's.
        DtypeError: a name that is no text.

    Example:

    >>> DTypePolicy("float32").compute_dtype
    'float32'
    >>> DTypePolicy("mixed_float16").variable_dtype
    'float32'
    """

    name: str

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
        self.name = name or dtype_policy().name

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
            dtype: of the computation. Floats of 16 bits are float32 here.

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
        wanted = "float32" if wanted in NARROW else wanted
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
    """Which policy each layer has, by its path.

    A layer that was given one has the policy of its path. A key is a path, or a regular
    expression that fits the whole of some paths.

    Args:
        default_policy: for paths that nothing fits: a name, a policy, or None
            (default) for the one in force.
        policy_map: dict of keys to policies. Default: empty.

    Raises:
        ArgumentError: a map as default; or, when it is asked or set, a path that
            several expressions fit, a key that is there, what means no policy.
        DtypeError: a `policy_map` that is no dict.

    Example:

    >>> policies = DTypePolicyMap()
    >>> policies["encoder/.*"] = "mixed_float16"
    >>> policies["encoder/dense"].name, policies["decoder"].name
    ('mixed_float16', 'float32')
    """

    def __init__(
        self, default_policy: Any = None, policy_map: dict[str, Any] | None = None
    ) -> None:
        where = "DTypePolicyMap"
        if isinstance(default_policy, DTypePolicyMap):
            raise ArgumentError(
                "The policy of the other layers is one policy.",
                where=f"{where}(default_policy=)",
                received=repr(default_policy),
            )
        if policy_map is not None and not isinstance(policy_map, dict):
            raise DtypeError(
                "A map of policies is made of a dict.",
                where=f"{where}(policy_map=)",
                received=repr(policy_map),
            )
        self._given = default_policy
        self._default = get(default_policy)
        self._policies = {key: get(p) for key, p in (policy_map or {}).items()}

    @property
    def default_policy(self) -> DTypePolicy:
        """The policy of paths that nothing fits."""
        return self._default

    @property
    def name(self) -> str:  # type: ignore[override]
        """`map_` and the name of the default policy."""
        return f"map_{self._default.name}"

    @property
    def compute_dtype(self) -> str:
        """That of the default policy."""
        return self._default.compute_dtype

    @property
    def variable_dtype(self) -> str:
        """That of the default policy."""
        return self._default.variable_dtype

    def __getitem__(self, key: str) -> DTypePolicy:
        if key in self._policies:
            return self._policies[key]
        fitting = [k for k in self._policies if re.fullmatch(k, key)]
        if len(fitting) > 1:
            raise ArgumentError(
                f"Path {key!r} matches multiple dtype policy keys.",
                where="DTypePolicyMap",
                expected="one key that fits",
                received=", ".join(map(repr, fitting)),
                remedy="write one of them more narrowly, or give the path its own",
            )
        return self._policies[fitting[0]] if fitting else self._default

    def __setitem__(self, key: str, policy: Any) -> None:
        if key in self._policies:
            raise ArgumentError(
                f"{key} already exist in the DTypePolicyMap.",
                where="DTypePolicyMap",
                received=f"{self._policies[key]!r}, and now {policy!r}",
                remedy=f"del policies[{key!r}] before",
            )
        self._policies[key] = get(policy)

    def __delitem__(self, key: str) -> None:
        if key not in self._policies:
            raise UnknownKeyError(
                "No policy has this key.",
                where="DTypePolicyMap",
                expected=", ".join(map(repr, self._policies)) or "nothing yet",
                received=repr(key),
            )
        del self._policies[key]

    def __contains__(self, key: object) -> bool:
        return key in self._policies

    def __len__(self) -> int:
        return len(self._policies)

    def __iter__(self) -> Iterator[str]:
        return iter(self._policies)

    def get_config(self) -> Config:
        """The constructor's arguments.

        As in Keras: without a default, the policies are left to be the one that is in
        force where the file is read.
        """
        plain = {key: serialize(policy) for key, policy in self._policies.items()}
        if self._given is None:
            plain = {key: {**c, "config": {"name": None}} for key, c in plain.items()}
        return {"default_policy": self._given, "policy_map": plain}

    @classmethod
    def from_config(cls, config: Config, custom_objects: Any = None) -> DTypePolicyMap:
        """A map from its config."""
        read = {
            key: deserialize(policy, custom_objects)
            if isinstance(policy, dict)
            else policy
            for key, policy in config["policy_map"].items()
        }
        return cls(config["default_policy"], read)

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, DTypePolicyMap) and self._default == other._default
        return same and self._policies == getattr(other, "_policies", None)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        mapping = [(key, policy.name) for key, policy in self._policies.items()]
        return (
            f"<DTypePolicyMap default_policy={self._default.name}, mapping={mapping}>"
        )


_in_force: dict[str, DTypePolicy] = {}


def dtype_policy() -> DTypePolicy:
    """The policy that layers have unless they name one.

    That is what `set_dtype_policy` was given last, else `config.floatx()`.

    >>> dtype_policy()
    <DTypePolicy "float32">
    """
    return _in_force.get("policy") or DTypePolicy(floatx())


def set_dtype_policy(policy: Any) -> None:
    """Sets the policy of all layers to come that name none.

    Args:
        policy: a name or a `DTypePolicy`. One of 16 bits warns: it would save memory
            and time on a GPU, and here layers keep it for their files, and compute in
            float32. "float64" computes on the reference backend.

    Raises:
        ArgumentError: neither a name nor a policy.
        UnsupportedError: a policy of another kind.

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
            f"{wanted.name} is computed in float32 on a processor.", stacklevel=2
        )
    elif wanted.name not in ("float32", "float64"):
        raise UnsupportedError(
            "Layers compute in floats.",
            where="set_dtype_policy",
            expected="float32, or float64 on the reference backend",
            received=wanted.name,
            remedy="name another dtype in the layer that has it",
        )
    _in_force["policy"] = wanted


def forget() -> None:
    """Leaves the policy to `config.floatx()` again."""
    _in_force.clear()


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
    config = dtype_policy.get_config()
    if isinstance(config.get("default_policy"), DTypePolicy):
        config["default_policy"] = serialize(config["default_policy"])
    is_map = isinstance(dtype_policy, DTypePolicyMap)
    return {
        "module": "keras.dtype_policies" if is_map else "keras",
        "class_name": type(dtype_policy).__name__,
        "config": config,
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
    kinds = (DTypePolicy, DTypePolicyMap, FloatDTypePolicy)
    known = {kind.__name__: kind for kind in kinds}
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
