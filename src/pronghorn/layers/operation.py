"""Operations of a functional model: what stands between its layers.

`x * 2` on an input or on a layer's output makes a `Multiply`, `x[:, 1:]` a `GetItem`;
the classes have Keras's names and configs, so that files travel both ways. They are
made when they are first needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np

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
from pronghorn.layers.calling import Signature, signature
from pronghorn.layers.ends import FirstCall
from pronghorn.layers.node import CallNode
from pronghorn.layers.shapes import refuse_text
from pronghorn.naming import auto_name, check_name
from pronghorn.ops.by_example import by_example, described, own_rule
from pronghorn.ops.recording import RECORDED, Recorded, record_with
from pronghorn.registry import class_finder, keras_class
from pronghorn.tree import flatten, map_structure

__all__ = ["Operation", "RecordedOperation", "check_sizes", "operation_class"]


@keras_class("keras")
class Operation(FirstCall):
    """A computation from tensors to tensors, without state: base of what is recorded.

    A subclass computes in `call`, with `pronghorn.ops`. Its config is what its
    `__init__` was given, if that was plain: numbers, texts, None, and structures of
    them. `compute_output_spec` follows from `call`, unless it has its own.

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

    _init_arguments: tuple[tuple[Any, ...], dict[str, Any]] = ((), {})

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        made = super().__new__(cls)
        made._init_arguments = args, kwargs
        return made

    def __init__(self, name: str | None = None) -> None:
        if name is None:
            name = auto_name(type(self).__name__)
        check_name(name, f"{type(self).__name__}(name=)")
        self.name = name
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

    def _takes_text(self, *args: Any, **kwargs: Any) -> bool:
        """Whether the call may have text, and is computed before the program."""
        return False

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
        try:
            symbolic = any(isinstance(x, KerasTensor) for x in leaves)
            if active() is not None or not symbolic:
                return self.call(*args, **kwargs)
            if not self._takes_text(*args, **kwargs):
                refuse_text(leaves)
            outputs = self.compute_output_spec(*args, **kwargs)
        except PronghornError as error:
            where = f"operation {self.name!r} ({type(self).__name__})"
            raise error.at(where) from None
        CallNode(self, args, kwargs, outputs)
        return outputs

    def get_config(self) -> dict[str, Any]:
        """The arguments that make another operation like this one.

        Raises:
            UnsupportedError: an argument that is not plain, or one of `*args`, and no
                `get_config` of the class's own.
        """
        if type(self).get_config is not Operation.get_config:
            return {"name": self.name}
        known, (args, kwargs) = self._constructor(), self._init_arguments
        given = {**known.defaults, **dict(zip(known.positional, args)), **kwargs}
        given.pop("name", None)
        plain = all(isinstance(v, _PLAIN) for v in flatten(given) if v is not None)
        if not plain or len(args) > len(known.positional):
            raise UnsupportedError(
                f"The arguments of {type(self).__name__} cannot be written down.",
                where=f"operation {self.name!r}",
                expected="numbers, texts, None, and structures of them, by their names",
                received=", ".join(map(repr, (*args, *kwargs.values()))),
                remedy="write get_config(self), which returns {**super().get_config(), "
                "...} with what __init__ takes",
            )
        named = "name" in known.names or _takes_any_name(type(self).__init__)
        return {**given, "name": self.name} if named else given

    def _constructor(self) -> Signature:
        return signature(self.__init__)  # type: ignore[misc]

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


_PLAIN = (str, int, float, bool)


def _takes_any_name(init: Any) -> bool:
    """Whether a constructor has `**kwargs`."""
    code = getattr(init, "__code__", None)
    return code is not None and bool(code.co_flags & 0x08)


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

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Symbolic outputs; also of what works on arrays only, and fails in a graph."""
        try:
            return super().compute_output_spec(*args, **kwargs)
        except Exception as error:
            text = any(getattr(x, "dtype", None) == "string" for x in args)
            if text or self.recorded.class_name == "Squeeze":
                raise  # an example would only show that an unknown size may be 1
            outputs = described(error, self.call, args, kwargs, self._parameters)
            return map_structure(self._fresh, outputs)

    def _takes_text(self, *args: Any, **kwargs: Any) -> bool:
        """Columns of text may be taken; rows are not there one by one."""
        if self.recorded.class_name != "GetItem" or len(args) != 2:
            return False
        key = _tuples(args[1])
        return isinstance(key, tuple) and key[:1] in ((slice(None),), (Ellipsis,))

    def on_text(self, text: np.ndarray, key: Any) -> np.ndarray:
        """Columns of an array of text, taken on the host."""
        taken: np.ndarray = text[_tuples(key)]
        return taken

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


class UnnamedOperation(Operation):
    """A function of `ops` that files have no name for, between a model's layers.

    It computes on arrays. Whether a graph can hold it shows when the model is traced.
    """

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        super().__init__(auto_name(name))
        self._of, self._function = name, function

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """What the function computes."""
        return self._function(*args, **kwargs)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Symbolic outputs, by examples; the function's own error where none works."""
        outputs = own_rule(self._of, args, kwargs)
        if outputs is None:
            outputs = by_example(self._function, args, kwargs)
        if outputs is None:
            return super().compute_output_spec(*args, **kwargs)
        return map_structure(self._fresh, outputs)

    def get_config(self) -> dict[str, Any]:
        """Refused: Keras has no operation of this name in its files.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError(
            "What is computed between these layers cannot be saved.",
            where=f"operation {self.name!r}",
            expected="operations of Keras, such as x * 2 or ops.relu(x)",
            remedy="put it into the call() of a Layer of your own, and register it",
        )


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
    if name not in RECORDED:
        return UnnamedOperation(name, function)(*args, **kwargs)
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
