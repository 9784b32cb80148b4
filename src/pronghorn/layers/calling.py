"""How a layer's `call` and `build` take their arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, wraps
from typing import Any, NamedTuple

from pronghorn.errors import ArgumentError
from pronghorn.layers.shapes import tuples
from pronghorn.tree import flatten

__all__ = [
    "Signature",
    "arranged",
    "named_shapes",
    "recorded",
    "refuse_positional",
    "signature",
]


class Signature(NamedTuple):
    """The parameters of a method, `self` left out.

    `inspect.signature` tells the same, but costs 20 ms of import.

    Attributes:
        positional: names of those that may be given by place.
        names: of all of them.
        defaults: those that have one.
        variadic: whether it takes any number by place.
        masks: names of those that are masks: `mask`, `query_mask`.
    """

    positional: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = {}
    variadic: bool = False
    masks: tuple[str, ...] = ()


def signature(method: Callable[..., Any]) -> Signature:
    """The parameters of a method, seen through decorators that use `wraps`.

    >>> class Scale:
    ...     def call(self, inputs, training=False, *, by=2.0): ...
    >>> signature(Scale().call).positional, signature(Scale().call).defaults["by"]
    (('inputs', 'training'), 2.0)
    """
    function = getattr(method, "__func__", method)
    return _signature(function, 1 if hasattr(method, "__self__") else 0)


@lru_cache(1024)
def _signature(function: Any, skip: int) -> Signature:
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = getattr(function, "__code__", None)
    if code is None:
        return Signature(variadic=True)
    places, count = code.co_argcount, code.co_argcount + code.co_kwonlyargcount
    given = function.__defaults__ or ()
    defaults = dict(zip(code.co_varnames[places - len(given) : places], given))
    defaults |= function.__kwdefaults__ or {}
    names = code.co_varnames
    variadic = bool(code.co_flags & 0x04)
    taken = names[skip:count]
    masks = tuple(n for n in taken if n == "mask" or n.endswith("_mask"))
    return Signature(names[skip:places], taken, defaults, variadic, masks)


def arranged(
    known: Signature, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a call: `training` and what follows by name, the rest by place.

    What does not fit is left as it is, for Python to refuse.

    >>> arranged(Signature(("inputs", "training")), [], {"inputs": 1})
    ((1,), {})
    >>> arranged(Signature(("inputs", "training")), [1, True], {})
    ((1,), {'training': True})
    """
    names = known.positional
    if len(args) > len(names) or any(n in kwargs for n in names[: len(args)]):
        return tuple(args), dict(kwargs)
    stop = names.index("training") if "training" in names else len(names)
    by_place = list(args[:stop])
    by_name = {**dict(zip(names[stop:], args[stop:])), **kwargs}
    for name in names[len(by_place) : stop]:
        if name not in by_name:
            break
        by_place.append(by_name.pop(name))
    return tuple(by_place), by_name


def refuse_positional(known: Signature, args: Sequence[Any]) -> None:
    """Refuses switches and numbers by place, behind the inputs; `training` may be so.

    Raises:
        ArgumentError: naming the argument.

    >>> refuse_positional(Signature(("inputs", "training")), [[1.0], True])
    """
    if len(args) < 2:
        return
    for name, value in [*zip(known.positional, args)][1:]:
        plain = [x for x in flatten(value) if isinstance(x, (bool, int, float, str))]
        if plain and name != "training":
            raise ArgumentError(
                "Only tensors are given to a layer by place.",
                where=f"argument {name!r} of call()",
                expected=f"{name}={plain[0]!r}, by name",
                received=f"{plain[0]!r} by place",
                remedy=f"write layer(..., {name}={plain[0]!r})",
            )


def named_shapes(
    wanted: Signature,
    known: Signature,
    shapes: Mapping[str, Any],
    where: str,
    method: str = "build",
) -> dict[str, Any]:
    """The shapes that a method of several arguments gets, each by its name.

    Args:
        wanted: the method's parameters; `a_shape` is of `call`'s argument `a`.
        known: the parameters of `call`.
        shapes: those of the arguments that were given, by the method's names.
        where: the layer, for errors.
        method: its name, for errors.

    Raises:
        ArgumentError: a parameter that means no argument of `call`.

    >>> wanted = Signature(names=("b_shape", "a_shape"))
    >>> named_shapes(wanted, Signature(names=("a", "b")), {"a_shape": (1,)}, "here")
    {'a_shape': (1,)}
    """
    for name in wanted.names:
        if name.endswith("_shape") and name.removesuffix("_shape") in known.names:
            continue
        listed = ", ".join(f"{n}_shape" for n in known.names)
        raise ArgumentError(
            f"{method}() gets the shapes of call()'s arguments by their names.",
            where=f"{where}, {method}(self, {', '.join(wanted.names)})",
            expected=f"names among {listed}",
            received=name,
            remedy=f"rename it, or take one argument: {method}(self, input_shape)",
        )
    return {name: shapes[name] for name in wanted.names if name in shapes}


def recorded(build: Callable[..., None]) -> Callable[..., None]:
    """A `build` that also keeps the shape, when the user calls it."""

    @wraps(build)
    def wrapped(self: Any, *shapes: Any, **named: Any) -> None:
        given = [*shapes, *named.values()]
        if self._build_shapes is None and given and not self.built:
            self._build_shapes = tuples(given[0])
        self._set_path()
        with self._new_state(True), self._building():
            build(self, *shapes, **named)
        self.built = True

    return wrapped
