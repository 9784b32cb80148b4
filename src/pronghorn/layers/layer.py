"""`Layer`: state and a computation from tensors to tensors."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from pronghorn import config as configs
from pronghorn import constraints, initializers, ops, regularizers
from pronghorn.errors import (
    ArgumentError,
    PronghornError,
    ShapeError,
    StateError,
    UnsupportedError,
)
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import Trace, active
from pronghorn.ir.variable import Variable
from pronghorn.layers.node import CallNode, training_scope
from pronghorn.layers.tracking import Tracked
from pronghorn.limits import charge_allocation
from pronghorn.naming import auto_name
from pronghorn.registry import keras_class
from pronghorn.tree import flatten, map_structure

__all__ = ["InputSpec", "Layer"]

_KEPT = ("batch_input_shape", "batch_shape", "input_dim", "input_shape")


class InputSpec:
    """What a layer takes: rank, and sizes along axes.

    Args:
        ndim: the exact number of axes.
        min_ndim, max_ndim: bounds for it.
        axes: {axis: size}.
        shape: the whole shape, with None where any size will do.
        dtype: for information.
    """

    def __init__(
        self,
        dtype: str | None = None,
        shape: Sequence[int | None] | None = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: dict[int, int] | None = None,
    ) -> None:
        self.dtype = dtype
        self.shape = None if shape is None else tuple(shape)
        self.ndim = len(shape) if shape is not None else ndim
        self.max_ndim = max_ndim
        self.min_ndim = min_ndim
        self.axes = {int(k): v for k, v in (axes or {}).items()}
        if self.shape is not None:
            self.axes = {i: d for i, d in enumerate(self.shape) if d is not None}

    def check(self, shape: tuple[int | None, ...], where: str) -> None:
        """Raises a ShapeError unless an input of this shape fits."""
        rank = len(shape)
        problem = None
        if self.ndim is not None and rank != self.ndim:
            problem = f"{self.ndim} axes, the first of them the rows"
        elif self.min_ndim is not None and rank < self.min_ndim:
            problem = f"at least {self.min_ndim} axes, the first of them the rows"
        elif self.max_ndim is not None and rank > self.max_ndim:
            problem = f"at most {self.max_ndim} axes"
        else:
            for axis, size in self.axes.items():
                if size is not None and shape[axis] not in (None, size):
                    problem = f"{size} features along axis {axis}"
        if problem is not None:
            raise ShapeError(
                "An input does not fit the layer.",
                where=where,
                expected=problem,
                received=f"shape {shape}",
                remedy="reshape the input, or build the layer for this shape",
            )


@keras_class("keras.layers")
class Layer(Tracked):
    """The base of all layers, as in Keras.

    A subclass makes its variables in `build(input_shape)` with `add_weight`, and
    computes in `call(inputs)` with `pronghorn.ops`; so it is traced, differentiated
    and run natively like a built-in one.

    Args:
        activity_regularizer: penalty on the outputs.
        trainable: whether training changes its weights. Default True.
        dtype: default "float32", the only one that the engine computes in.
        name: drawn from the class's name by default.
        input_shape: on a model's first layer: the shape of one row.

    Example:

    >>> class Double(Layer):
    ...     def call(self, inputs):
    ...         return inputs * 2.0
    >>> Double()(np.array([1.0, 2.0], "float32"))
    array([2., 4.], dtype=float32)
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in vars(cls):
            cls.build = _recorded(vars(cls)["build"])  # type: ignore[method-assign]

    def __init__(
        self,
        *,
        activity_regularizer: Any = None,
        trainable: bool = True,
        dtype: Any = None,
        autocast: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if name is not None and not isinstance(name, str):
            raise ArgumentError(
                "A layer's name is text.", where="name", received=repr(name)
            )
        self.name = name or auto_name(type(self).__name__)
        self.built = False
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.autocast = autocast
        self.supports_masking = False
        self.dtype_policy = _policy(dtype, self.name)
        self._trainable = bool(trainable)
        self._losses: list[Any] = []
        self._inbound_nodes: list[CallNode] = []
        self._outbound_nodes: list[CallNode] = []
        self._build_shapes: Any = None
        self._input_shape_argument = _input_shape(kwargs, type(self).__name__)
        self.input_spec: Any = None
        if kwargs:
            raise ArgumentError(
                f"{type(self).__name__} does not take these arguments.",
                where=f"layer {self.name!r}",
                received=", ".join(sorted(kwargs)),
                remedy="see help() of the class for those that it takes",
            )

    # --- state

    def add_weight(
        self,
        shape: Sequence[int] | int | None = None,
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str = "none",
        overwrite_with_gradient: bool = False,
        name: str | None = None,
    ) -> Variable:
        """Makes a variable of the layer.

        Args:
            shape: default (): a number.
            initializer: default "glorot_uniform" for floats, "zeros" for the rest.
            dtype: default the layer's.
            trainable: default True.
            regularizer, constraint: by name or object.
            name: default "variable".

        Returns:
            The variable; the layer keeps it.
        """
        if overwrite_with_gradient:
            raise UnsupportedError("overwrite_with_gradient is for 8-bit floats only.")
        self._check_super()
        full = (shape,) if isinstance(shape, int) else tuple(shape or ())
        dtype = dtype or self.variable_dtype
        if initializer is None:
            floating = str(dtype).startswith("float")
            initializer = "glorot_uniform" if floating else "zeros"
        # While a file is read, its config may not ask for more than its weights prove.
        charge_allocation(full, f"{self.name}/{name or 'variable'}")
        variable = Variable(
            initializers.get(initializer), full, dtype, trainable, name or "variable"
        )
        variable.path = f"{self.name}/{variable.name}"
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        self._track(variable)
        return variable

    def build(self, input_shape: Any) -> None:
        """Makes the variables for inputs of this shape. Override it."""
        self._build_shapes = self._build_shapes or _tuples(input_shape)
        self.built = True

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Builds from what `get_build_config` gave."""
        if config and "input_shape" in config:
            self._ensure_built(_tuples(config["input_shape"]))
        elif config and "shapes_dict" in config:
            self._ensure_built(*map(_tuples, config["shapes_dict"].values()))

    def get_build_config(self) -> dict[str, Any] | None:
        """The shape that the layer was built for."""
        if self._build_shapes is None:
            return None
        return {"input_shape": self._build_shapes}

    def _ensure_built(self, *shapes: Any) -> None:
        if self.built:
            return
        self._build_shapes = shapes[0]
        self.build(*shapes[: _positional(self.build)])
        self.built = True
        self._prefix_paths()

    def _prefix_paths(self) -> None:
        for layer in self._layers:
            for variable in layer.weights:
                head = f"{layer.name}/"
                if variable.path.startswith(head):
                    variable.path = f"{self.name}/{variable.path}"

    # --- computation

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Computes the outputs from the inputs. Override it."""
        raise UnsupportedError(
            f"{type(self).__name__} has no call().",
            where=f"layer {self.name!r}",
            remedy="define call(self, inputs)",
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the layer on arrays or on symbolic tensors; builds it first.

        Raises:
            ShapeError: if the inputs do not fit, naming the layer.
        """
        self._check_super()
        args = tuple(map_structure(_as_input, a) for a in args)
        symbolic = active() is None and any(
            isinstance(leaf, KerasTensor) for leaf in (*flatten(args), *flatten(kwargs))
        )
        try:
            if not symbolic:
                return self._compute(args, kwargs)
            with Trace():
                outputs = self._compute(args, kwargs)
        except PronghornError as error:
            raise error.at(f"layer {self.name!r} ({type(self).__name__})") from None
        outputs = map_structure(self._fresh, outputs)
        CallNode(self, args, kwargs, outputs)
        return outputs

    def _fresh(self, output: Any) -> KerasTensor:
        """A symbol of its own for an output: the model's graph is one of layers."""
        return KerasTensor(output.shape, output.dtype, name=f"{self.name}_output")

    def _compute(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._check_inputs(args)
        if not self.built:
            self._ensure_built(*(map_structure(_shape_of, a) for a in args))
            self._check_inputs(args)
        takes_training = _takes(self.call, "training")
        training = kwargs.get("training")
        if not takes_training and "training" in kwargs:
            kwargs = {k: v for k, v in kwargs.items() if k != "training"}
        if training is None:
            training = training_scope.current()
        if takes_training:
            kwargs = {**kwargs, "training": training}
        with training_scope(training):
            outputs = self.call(*args, **kwargs)
        if self.activity_regularizer is not None:
            self._regularize_activity(outputs)
        return outputs

    def _check_inputs(self, args: tuple[Any, ...]) -> None:
        if self.input_spec is None or not args:
            return
        inputs, specs = flatten(args[0]), flatten(self.input_spec)
        if len(specs) > 1 and len(specs) != len(inputs):
            raise ShapeError(
                "A layer gets another number of inputs.",
                expected=len(specs),
                received=len(inputs),
            )
        for x, spec in zip(inputs, specs if len(specs) > 1 else specs * len(inputs)):
            spec.check(_shape_of(x), f"layer {self.name!r} ({type(self).__name__})")

    def _regularize_activity(self, outputs: Any) -> None:
        penalty: Any = self.activity_regularizer
        for output in flatten(outputs):
            loss = penalty(output)
            if output.ndim > 0:
                loss = loss / ops.cast(
                    ops.convert_to_tensor(ops.shape(output)[0]), "float32"
                )
            self.add_loss(loss)

    def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any:
        """The shape of the outputs for inputs of a shape, by a symbolic call."""
        tensors = [_symbols(a) for a in (*args, *kwargs.values())]
        with Trace():
            outputs = self._compute(tuple(tensors), {})
        return map_structure(lambda t: t.shape, outputs)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Symbolic outputs for symbolic inputs, without recording the call."""
        with Trace():
            outputs = self._compute(args, kwargs)
        return map_structure(self._fresh, outputs)

    # --- losses

    def add_loss(self, loss: Any) -> None:
        """Adds a term to what training minimises; call it from `call`."""
        self._losses.extend(flatten(loss))

    @property
    def losses(self) -> list[Any]:
        """The terms of `add_loss` and the penalties of the weights' regularizers."""
        return [*self._added_losses(), *self._regularization_losses()]

    def _added_losses(self) -> list[Any]:
        return [loss for layer in self._flatten_layers() for loss in layer._losses]

    def _regularization_losses(self) -> list[Any]:
        return [
            v.regularizer(v)
            for v in self.trainable_weights
            if v.regularizer is not None
        ]

    def _clear_losses(self) -> None:
        for layer in self._flatten_layers():
            layer._losses.clear()

    # --- weights

    @property
    def trainable(self) -> bool:
        """Whether training changes the weights of this layer and those below."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        for layer in self._layers:
            layer.trainable = value

    @property
    def weights(self) -> list[Variable]:
        """All weights: own trainable ones, own others, then those of sublayers."""
        own = self._variables
        ordered = [v for v in own if v.trainable] + [v for v in own if not v.trainable]
        return _once([*ordered, *(w for sub in self._layers for w in sub.weights)])

    @property
    def variables(self) -> list[Variable]:
        """The weights, the states of seed generators, and those of metrics."""
        seeds = [
            g.state for sub in self._flatten_layers() for g in sub._seed_generators
        ]
        return _once([*self.weights, *seeds])

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that training changes."""
        if not self.trainable:
            return []
        own = [v for v in self._variables if v.trainable]
        below = [w for sub in self._layers for w in sub.trainable_weights]
        return _once([*own, *below])

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that training leaves to the layer itself."""
        changed = {id(v) for v in self.trainable_weights}
        return [v for v in self.weights if id(v) not in changed]

    @property
    def trainable_variables(self) -> list[Variable]:
        """The weights that training changes."""
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """All variables but those that training changes."""
        changed = {id(v) for v in self.trainable_weights}
        return [v for v in self.variables if id(v) not in changed]

    def get_weights(self) -> list[np.ndarray]:
        """Copies of all weights."""
        return [v.numpy() for v in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Sets all weights.

        Raises:
            ShapeError: if there are more or fewer, or one has another shape.
        """
        mine = self.weights
        if len(weights) != len(mine):
            raise ShapeError(
                "set_weights got another number of arrays.",
                where=f"layer {self.name!r}",
                expected=f"{len(mine)}: " + ", ".join(str(v.shape) for v in mine),
                received=len(weights),
                remedy="build the layer first" if not self.built else None,
            )
        arrays = [np.asarray(w) for w in weights]
        for variable, array in zip(mine, arrays):
            if array.shape != variable.shape:
                raise ShapeError(
                    "set_weights got an array of another shape.",
                    where=f"layer {self.name!r}, weight {variable.path!r}",
                    expected=variable.shape,
                    received=array.shape,
                )
        for variable, array in zip(mine, arrays):
            variable.assign(array)

    def count_params(self) -> int:
        """The number of numbers in the weights.

        Raises:
            StateError: if the layer is not built.
        """
        if not self.built:
            raise StateError(
                "A layer that is not built has no weights to count.",
                where=f"layer {self.name!r}",
                remedy="build it, or call it on data, first",
            )
        return sum(v.size for v in self.weights)

    def save_own_variables(self, store: Any) -> None:
        """Writes the layer's own variables to a mapping, by their place."""
        own = self._variables
        ordered = [v for v in own if v.trainable] + [v for v in own if not v.trainable]
        for i, variable in enumerate(ordered):
            store[str(i)] = variable.numpy()

    def load_own_variables(self, store: Any) -> None:
        """Reads what `save_own_variables` wrote."""
        own = self._variables
        ordered = [v for v in own if v.trainable] + [v for v in own if not v.trainable]
        if len(store.keys()) != len(ordered):
            raise ShapeError(
                "The stored weights do not fit the layer.",
                where=f"layer {self.name!r}",
                expected=f"{len(ordered)} arrays",
                received=f"{len(store.keys())}",
                remedy="build the layer as it was when it was saved",
            )
        for i, variable in enumerate(ordered):
            variable.assign(np.asarray(store[str(i)]))

    # --- what Keras scripts look at

    @property
    def dtype(self) -> str:
        """The dtype of the variables."""
        return self.variable_dtype

    @property
    def compute_dtype(self) -> str:
        """The dtype of the computation."""
        return "float32"

    @property
    def variable_dtype(self) -> str:
        """The dtype of the variables."""
        return "float32"

    @property
    def metrics(self) -> list[Any]:
        """The metrics of this layer and those below."""
        return [m for layer in self._flatten_layers() for m in layer._metrics]

    @property
    def input(self) -> Any:
        """The symbolic input of the layer's only call."""
        tensors = self._only_call().input_tensors
        return tensors[0] if len(tensors) == 1 else tensors

    @property
    def output(self) -> Any:
        """The symbolic output of the layer's only call."""
        return self._only_call().outputs

    def _only_call(self) -> CallNode:
        if len(self._inbound_nodes) != 1:
            raise StateError(
                "A layer has an input and an output where it was called once.",
                where=f"layer {self.name!r}",
                expected="one call on a symbolic tensor",
                received=f"{len(self._inbound_nodes)} calls",
            )
        return self._inbound_nodes[0]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make another layer like this one."""
        config: dict[str, Any] = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": configs.dtype_config(self.dtype_policy.name),
        }
        if self.activity_regularizer is not None:
            config["activity_regularizer"] = regularizers.serialize(
                self.activity_regularizer
            )
        if type(self).get_config is Layer.get_config:
            config |= self._captured()
        return config

    def _captured(self) -> dict[str, Any]:
        """The arguments of a subclass's own __init__, as they were given."""
        init = type(self).__init__
        if init is Layer.__init__:
            return {}
        args, kwargs = self._init_arguments  # type: ignore[attr-defined]
        names = init.__code__.co_varnames[1 : init.__code__.co_argcount]
        given = {**dict(zip(names, args)), **kwargs}
        return {k: configs.serialize(v) for k, v in given.items() if k not in _KEPT}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer from what `get_config` gave."""
        return cls(**config)

    def _check_super(self) -> None:
        if "_inbound_nodes" not in self.__dict__:
            raise StateError(
                f"{type(self).__name__}.__init__ does not call super().__init__().",
                remedy="make super().__init__() its first line",
            )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def _once(variables: Sequence[Variable]) -> list[Variable]:
    return list({id(v): v for v in variables}.values())


def _as_input(x: Any) -> Any:
    if isinstance(x, np.ndarray) and x.dtype == np.float64:
        return x.astype(np.float32)
    if isinstance(x, (int, float, bool)) or x is None or isinstance(x, str):
        return x
    return ops.convert_to_tensor(x)


def _shape_of(x: Any) -> Any:
    return (
        None
        if x is None or not hasattr(x, "shape")
        else tuple(x.shape if isinstance(x, KerasTensor) else (None, *x.shape[1:]))
    )


def _symbols(shape: Any) -> Any:
    if isinstance(shape, dict):
        return {k: _symbols(v) for k, v in shape.items()}
    if shape and isinstance(shape[0], (list, tuple, dict)):
        return [_symbols(s) for s in shape]
    return KerasTensor(tuple(shape))


def _tuples(shape: Any) -> Any:
    if isinstance(shape, dict):
        return {k: _tuples(v) for k, v in shape.items()}
    if isinstance(shape, (list, tuple)):
        if shape and isinstance(shape[0], (list, tuple, dict)):
            return [_tuples(s) for s in shape]
        return tuple(shape)
    return shape


def _takes(function: Callable[..., Any], name: str) -> bool:
    code = getattr(function, "__code__", None)
    if code is None:
        return False
    count = code.co_argcount + code.co_kwonlyargcount
    return name in code.co_varnames[:count]


def _recorded(build: Callable[..., None]) -> Callable[..., None]:
    """A `build` that also keeps the shape, when the user calls it."""

    @wraps(build)
    def recorded(self: Any, *shapes: Any, **named: Any) -> None:
        if self._build_shapes is None and shapes and not self.built:
            self._build_shapes = _tuples(shapes[0])
        build(self, *shapes, **named)
        self.built = True

    return recorded


def _positional(method: Callable[..., Any]) -> int:
    code = getattr(method, "__wrapped__", method).__code__
    return 99 if code.co_flags & 0x04 else code.co_argcount - 1


def _policy(dtype: Any, where: str) -> Any:
    if dtype is None:
        return configs.DTypePolicy("float32")
    if isinstance(dtype, dict):
        dtype = dtype.get("config", {}).get("name", "float32")
    name = str(getattr(dtype, "name", dtype))
    if name in ("float16", "bfloat16", "mixed_float16", "mixed_bfloat16"):
        warnings.warn(
            f"Layer {where!r}: {name} is computed in float32 on a processor.",
            stacklevel=4,
        )
        return configs.DTypePolicy("float32")
    if name not in ("float32", "int32", "int64", "bool"):
        raise UnsupportedError(
            "The engine computes in float32.",
            where=f"layer {where!r}, dtype",
            expected="float32",
            received=name,
        )
    return configs.DTypePolicy(name)


def _input_shape(kwargs: dict[str, Any], where: str) -> tuple[int | None, ...] | None:
    """The shape of one row, from any of the ways in which a first layer names it."""
    given = {key: kwargs.pop(key) for key in _KEPT if key in kwargs}
    shape: Any = None
    for key, value in given.items():
        if value is None:
            continue
        shape = (value,) if key == "input_dim" or isinstance(value, int) else value
        if key in ("batch_shape", "batch_input_shape"):
            shape = shape[1:]
    if shape is None:
        return None
    result = tuple(shape)
    if any(
        not (d is None or (isinstance(d, (int, np.integer)) and d >= 0)) for d in result
    ):
        raise ArgumentError(
            "input_shape holds the sizes of one row.",
            where=where,
            expected="whole numbers, as in input_shape=[3]",
            received=repr(shape),
        )
    return tuple(None if d is None else int(d) for d in result)
