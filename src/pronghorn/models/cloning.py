"""`clone_model`: a model of the same layers, with weights of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from pronghorn.config import deserialize, serialize
from pronghorn.errors import ArgumentError, ShapeError
from pronghorn.ir.tensor import KerasTensor
from pronghorn.layers.input_layer import Input, InputLayer
from pronghorn.models.functional import Functional
from pronghorn.models.sequential import Sequential
from pronghorn.models.tensor_ops import TensorOps
from pronghorn.tree import (
    assert_same_structure,
    flatten,
    lists_to_tuples,
    map_structure,
)

__all__ = ["clone_model"]

Clone = Callable[[Any], Any]


def clone_model(
    model: Any,
    input_tensors: Any = None,
    clone_function: Clone | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
    **kwargs: Any,
) -> Any:
    """A model of new layers like those of another, with new weights.

    It is compiled with the same arguments if the other was compiled. A model of a class
    of your own is made again from its `get_config()`.

    Args:
        model: a `Sequential`, a functional model, or one of your own class.
        input_tensors: symbolic tensors to begin with, in the form of `model.input`.
            Default: new inputs.
        clone_function: takes a layer or operation, and gives what stands in its place:
            another, or the same, which is shared then. Inputs are not asked about.
            Default: a new one from its config.
        call_function: takes the new layer, and the arguments of its call, and gives the
            outputs. For functional models only. Default: it calls the layer.
        recursive: whether models inside of the model are cloned layer by layer, with
            the same functions. Default False: by `clone_function` as a whole.

    Raises:
        ArgumentError: an argument that does not go with this kind of model, or
            input tensors that are none.
        ShapeError: another number of input tensors.

    Example:

    >>> import pronghorn as keras
    >>> model = keras.Sequential([keras.layers.Dense(2, input_shape=[3])])
    >>> other = clone_model(model)
    >>> bool((other.get_weights()[0] == model.get_weights()[0]).all())
    False
    >>> [layer.name for layer in other.layers] == [layer.name for layer in model.layers]
    True
    """
    known: dict[int, Any] | None = kwargs.pop("cache", None)
    if kwargs:
        raise ArgumentError(
            "clone_model does not take these arguments.",
            where="clone_model",
            received=", ".join(sorted(kwargs)),
        )
    if not isinstance(model, (Sequential, Functional)):
        return _from_own_config(model, input_tensors, clone_function, call_function)
    clone = _remembering(
        clone_function or _from_config, call_function, recursive, known
    )
    if isinstance(model, Sequential):
        if call_function is not None:
            raise _does_not_go(model, "call_function", "a functional model")
        made: Any = Sequential(_chain(model, clone, input_tensors), name=model.name)
        if not model.trainable:
            made.trainable = False
    else:
        inputs = _inputs(model, input_tensors)

        def call(operation: Any, *args: Any, **kwargs: Any) -> Any:
            copy = clone(operation)
            called = copy if call_function is None else partial(call_function, copy)
            return called(*args, **kwargs)

        outputs = model._rerun(inputs, call)
        cls: Any = type(model)
        made = cls(inputs, outputs, name=model.name)
    if model.compiled:
        made.compile_from_config(model.get_compile_config())
    return made


def _from_config(layer: Any) -> Any:
    if isinstance(layer, TensorOps):  # it has no state, and no config
        return layer
    return type(layer).from_config(layer.get_config())


def _remembering(
    function: Clone,
    call_function: Callable[..., Any] | None,
    recursive: bool,
    known: dict[int, Any] | None,
) -> Clone:
    """The function, asked once about each layer: a shared layer stays shared."""
    made: dict[int, Any] = {} if known is None else known

    def clone(layer: Any) -> Any:
        if id(layer) not in made:
            if recursive and isinstance(layer, (Sequential, Functional)):
                calls = None if isinstance(layer, Sequential) else call_function
                made[id(layer)] = clone_model(
                    layer, None, function, calls, True, cache=made
                )
            else:
                made[id(layer)] = function(layer)
        return made[id(layer)]

    return clone


def _chain(model: Sequential, clone: Clone, tensors: Any) -> list[Any]:
    layers = [clone(layer) for layer in model.layers]
    first = model._layers[0] if model._layers else None
    name = first.name if isinstance(first, InputLayer) else None
    if tensors is not None:
        listed = _symbolic(tensors, flatten(tensors))
        if len(listed) != 1:
            raise _other_number(1, listed)
        tensor = listed[0]
        return [Input(batch_shape=tensor.shape, dtype=tensor.dtype, name=name), *layers]
    if isinstance(first, InputLayer):
        dtype = first.get_config()["dtype"]
        start = Input(batch_shape=first.batch_shape, dtype=dtype, name=name)
        return [start, *layers]
    return layers


def _inputs(model: Functional, tensors: Any) -> Any:
    if tensors is None:
        return map_structure(_input_like, model.input)
    listed = _symbolic(tensors, flatten(tensors))
    if len(listed) != len(model.inputs):
        raise _other_number(len(model.inputs), listed)
    if len(listed) > 1:
        _check_form(tensors, model.input)
    return tensors


def _input_like(tensor: KerasTensor) -> Any:
    operation, call, _ = tensor._keras_history
    is_input = operation._inbound_nodes[call].is_input
    return Input(
        batch_shape=tensor.shape,
        dtype=operation.get_config()["dtype"] if is_input else tensor.dtype,
        name=operation.name if is_input else None,
        optional=getattr(operation, "optional", False),
    )


def _symbolic(tensors: Any, listed: list[Any]) -> list[Any]:
    if all(isinstance(tensor, KerasTensor) for tensor in listed):
        return listed
    raise ArgumentError(
        "A model is cloned onto symbolic tensors.",
        where="clone_model(input_tensors=)",
        expected="what Input(...) or a layer called on it returned",
        received=repr(tensors),
        remedy="pass keras.Input(...), or leave input_tensors out",
    )


def _other_number(expected: int, listed: list[Any]) -> ShapeError:
    return ShapeError(
        "The model takes another number of inputs.",
        where="clone_model(input_tensors=)",
        expected=f"{expected} tensors, in the form of model.input",
        received=f"{len(listed)}",
    )


def _check_form(tensors: Any, wanted: Any) -> None:
    try:
        assert_same_structure(lists_to_tuples(tensors), lists_to_tuples(wanted))
    except ArgumentError:
        raise ArgumentError(
            "The input tensors have not the form of the model's inputs.",
            where="clone_model(input_tensors=)",
            expected=f"the form of model.input: {_form(wanted)}",
            received=_form(tensors),
            remedy="give them the keys and places of model.input",
        ) from None


def _form(structure: Any) -> str:
    return repr(map_structure(lambda tensor: tensor.name, structure))


def _from_own_config(model: Any, tensors: Any, clone: Any, call: Any) -> Any:
    given = {"input_tensors": tensors, "clone_function": clone, "call_function": call}
    for name, value in given.items():
        if value is not None:
            raise _does_not_go(model, name, "a Sequential or a functional model")
    cls = type(model)
    return deserialize(serialize(model), {cls.__name__: cls})


def _does_not_go(model: Any, name: str, kind: str) -> ArgumentError:
    return ArgumentError(
        f"{name} does not go with this kind of model.",
        where=f"clone_model({name}=)",
        expected=kind,
        received=f"{model.name!r}, a {type(model).__name__}",
        remedy=f"leave {name} out",
    )
