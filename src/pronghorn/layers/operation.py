"""Operations of a functional model: what stands between its layers.

`x * 2` on an input or on a layer's output makes a `Multiply`, `x[:, 1:]` a `GetItem`;
the classes have Keras's names and configs, so that files travel both ways. They are
made when they are first needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from pronghorn import ops
from pronghorn.errors import (
    ArgumentError,
    FileFormatError,
    PronghornError,
    StateError,
    UnsupportedError,
)
from pronghorn.ir.dtypes import standard
from pronghorn.ir.shapes import BATCH
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import Trace, active
from pronghorn.layers.calling import signature
from pronghorn.layers.ends import FirstCall
from pronghorn.layers.node import CallNode
from pronghorn.layers.shapes import refuse_text
from pronghorn.naming import auto_name
from pronghorn.ops.recording import RECORDED, Recorded, record_with
from pronghorn.registry import class_finder, keras_class
from pronghorn.tree import flatten, map_structure

__all__ = ["Operation", "RecordedOperation", "check_sizes", "operation_class"]


@keras_class("keras")
class Operation(FirstCall):
    """A computation from tensors to tensors, without state: base of what is recorded.

    A subclass computes in `call`, with `pronghorn.ops`.

    Args:
        name: drawn from the class's name by default.

    Raises:
        ArgumentError: the name is no text, or holds a "/".

    Example:

    >>> class Double(Operation):
    ...     def call(self, x):
    ...         return x * 2.0
    >>> Double()(KerasTensor((None, 3))).shape
    (None, 3)
    """

    def __init__(self, name: str | None = None) -> None:
        if name is not None and (not isinstance(name, str) or "/" in name):
            raise ArgumentError(
                "An operation's name is text without a slash.",
                where="name",
                received=repr(name),
            )
        self.name = name or auto_name(type(self).__name__)
        self.built = True
        self._inbound_nodes: list[CallNode] = []
        self._outbound_nodes: list[CallNode] = []

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Computes the outputs. Override it."""
        raise UnsupportedError(
            f"{type(self).__name__} has no call().",
            where=f"operation {self.name!r}",
            remedy="define call(self, x)",
        )

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Symbolic outputs for symbolic inputs, without recording the call."""
        with Trace():
            outputs = self.call(*args, **kwargs)
        return map_structure(self._fresh, outputs)

    def _fresh(self, output: Any) -> Any:
        if not isinstance(output, KerasTensor):
            return output
        return KerasTensor(output.shape, output.dtype, name=f"{self.name}_output")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Computes on arrays; records the call on symbolic tensors."""
        leaves = flatten((args, kwargs))
        if active() is not None or not any(isinstance(x, KerasTensor) for x in leaves):
            return self.call(*args, **kwargs)
        try:
            refuse_text(leaves)
            outputs = self.compute_output_spec(*args, **kwargs)
        except PronghornError as error:
            where = f"operation {self.name!r} ({type(self).__name__})"
            raise error.at(where) from None
        CallNode(self, args, kwargs, outputs)
        return outputs

    def get_config(self) -> dict[str, Any]:
        """The arguments that make another operation like this one."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """An operation from what `get_config` gave."""
        return cls(**config)

    def _uncalled(self) -> StateError:
        return StateError(
            "An operation has an input and an output once it was called on one.",
            where=f"operation {self.name!r}",
            remedy="call it on a symbolic tensor, as of Input",
        )

    def __repr__(self) -> str:
        return f"<Operation name={self.name}>"


class RecordedOperation(Operation):
    """A function of `ops` as an operation; each has a class of Keras's name."""

    function: ClassVar[Callable[..., Any]]
    recorded: ClassVar[Recorded]

    def __init__(self, name: str | None = None, **parameters: Any) -> None:
        super().__init__(name)
        known = set(self.recorded.parameters)
        if not set(parameters) <= known:
            raise ArgumentError(
                f"{type(self).__name__} does not take these arguments.",
                expected=", ".join(sorted(known)) or "none",
                received=", ".join(sorted(set(parameters) - known)),
            )
        self._parameters = parameters

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """What the function of `ops` computes."""
        names = signature(type(self).function).names
        taken = {k: v for k, v in self._parameters.items() if k in names}
        for name in set(self._parameters) - set(taken):
            if self._parameters[name] not in (None, False):
                raise UnsupportedError(
                    f"{type(self).__name__}({name}=) is not supported.",
                    where=f"operation {self.name!r}",
                    received=f"{name}={self._parameters[name]!r}",
                )
        if signature(type(self).function).variadic:
            return type(self).function(*taken.values(), *args, **kwargs)
        places = [n for n in names if n not in self.recorded.parameters]
        if "key" in places:  # of getitem: files keep a tuple as a list
            args = (args[0], *map(_tuples, args[1:]))
        if len(args) > len(places):
            raise ArgumentError(
                f"{type(self).__name__} gets too many tensors.",
                where=f"operation {self.name!r}",
                expected=", ".join(places),
                received=f"{len(args)} arguments",
            )
        return type(self).function(**dict(zip(places, args)), **taken, **kwargs)

    def get_config(self) -> dict[str, Any]:
        """The name, and the arguments that are no tensors, as Keras writes them."""
        config: dict[str, Any] = {"name": self.name}
        known = signature(type(self).function)
        for key in self.recorded.parameters:
            default = _ABSENT.get(key) if key not in known.names else None
            config[key] = self._parameters.get(key, default)
        if self.recorded.class_name in _FLOATS and config["dtype"] is None:
            config["dtype"] = "float32"
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """An operation from what `get_config`, or Keras, gave."""
        return cls(**{key: _tuples(value) for key, value in config.items()})


# What Keras writes for arguments that no function here has: they are off.
_ABSENT = {"sparse": False, "synchronized": False, "sorted": False}
_FLOATS = ("MultiHot", "OneHot")  # whose dtype Keras writes out
_classes: dict[str, type[RecordedOperation]] = {}
_BY_ADDRESS = {(row.module, row.class_name): name for name, row in RECORDED.items()}


def operation_class(name: str) -> type[RecordedOperation]:
    """The class of the operations that a function of `ops` makes.

    Args:
        name: of the function.

    Example:

    >>> operation_class("expand_dims").__name__
    'ExpandDims'
    """
    row = RECORDED[name]
    first = _BY_ADDRESS[row.module, row.class_name]
    if first not in _classes:
        plain = getattr(ops, first)
        made = type(
            row.class_name,
            (RecordedOperation,),
            {
                "function": staticmethod(getattr(plain, "__wrapped__", plain)),
                "recorded": row,
                "__doc__": f"`ops.{first}` as an operation of a functional model.",
                "__module__": __name__,
            },
        )
        _classes[first] = keras_class(row.module)(made)
    return _classes[first]


def _find(module: str, name: str) -> type[RecordedOperation] | None:
    ours = _BY_ADDRESS.get((module, name))
    if ours is None or not hasattr(ops, ours):
        return None
    return operation_class(ours)


def _record(
    name: str, function: Callable[..., Any], args: Any, kwargs: dict[str, Any]
) -> Any:
    """The symbolic outputs of an operation, which the model keeps by name."""
    row, known = RECORDED[name], signature(function)
    if known.variadic:
        count = len(row.parameters)
        parameters = dict(zip(row.parameters, args[:count]))
        inputs = args[count:]
    else:
        bound = {**known.defaults, **dict(zip(known.positional, args)), **kwargs}
        if len(args) > len(known.positional) or not set(known.names) >= set(bound):
            return function(*args, **kwargs)  # which says what is wrong
        parameters = {p: bound.pop(p) for p in row.parameters if p in bound}
        inputs = tuple(
            bound[n] for n in known.names if n in bound and n not in row.by_name
        )
        kwargs = {n: bound[n] for n in row.by_name if n in bound}
    if any(isinstance(leaf, KerasTensor) for leaf in flatten(parameters)):
        return function(*args, **kwargs)
    parameters = {k: _written(k, v) for k, v in parameters.items()}
    return operation_class(name)(**parameters)(*inputs, **kwargs)


def _written(key: str, value: Any) -> Any:
    """An argument as it is kept: a dtype by its name, the batch in a shape as -1."""
    if key == "dtype":
        return None if value is None else standard(value)
    if key != "newshape" or not isinstance(value, (list, tuple)):
        return value
    if list(value).count(BATCH) == 1 and -1 not in value:
        return tuple(-1 if size is BATCH else size for size in value)
    return value


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


# A file's operations may not ask for more: some make lists or tables of such a size.
MOST = 1 << 20


def check_sizes(operation: Operation, args: Any, kwargs: Any) -> None:
    """Refuses a call from a file that asks for memory which the file never held.

    Raises:
        FileFormatError: a call without a tensor, or a number or a dimension that is
            larger than any table's.
    """
    leaves = flatten((args, kwargs))
    tensors = [leaf for leaf in leaves if isinstance(leaf, KerasTensor)]
    largest = max((abs(n) for n in _numbers(operation, tensors)), default=0)
    if tensors and largest <= MOST:
        return
    raise FileFormatError(
        "An operation of the config asks for too much.",
        where=f"operation {operation.name!r} ({type(operation).__name__})",
        expected=f"a call on a tensor of the model, with sizes up to {MOST:,}",
        received=f"{largest:,}" if tensors else "a call without a tensor",
        remedy="do not trust this file: it is damaged or built to fill the memory",
    )


def _numbers(operation: Operation, tensors: list[KerasTensor]) -> Iterator[int]:
    for leaf in flatten(getattr(operation, "_parameters", {})):
        if isinstance(leaf, int):
            yield leaf
    for tensor in tensors:
        yield from (size for size in tensor.shape if size is not None)


class_finder(_find)
record_with(_record)
