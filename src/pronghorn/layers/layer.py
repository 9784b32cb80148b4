"""`Layer`: state and a computation from tensors to tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pronghorn import config as configs
from pronghorn import constraints, initializers, ops, regularizers
from pronghorn.errors import (
    ArgumentError,
    DtypeError,
    PronghornError,
    StateError,
    UnsupportedError,
    closest,
)
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import Trace, active
from pronghorn.ir.variable import Variable, structure_changed
from pronghorn.layers.arguments import (
    has_symbols,
    has_tensors,
    text_fault,
)
from pronghorn.layers.calling import (
    Signature,
    arranged,
    named_shapes,
    recorded,
    refuse_positional,
    signature,
)
from pronghorn.layers.context import Context
from pronghorn.layers.dtypes import Dtypes
from pronghorn.layers.ends import Ends
from pronghorn.layers.input_spec import check_inputs
from pronghorn.layers.leftovers import Leftovers, placed, yes_or_no
from pronghorn.layers.masks import Masks, masks_filled
from pronghorn.layers.node import CallNode, training_scope
from pronghorn.layers.paths import Paths
from pronghorn.layers.shapes import (
    ROW_SHAPE,
    full_shape_of,
    refuse_text,
    row_shape,
    shape_of,
    symbols,
    tuples,
)
from pronghorn.layers.stateless import Stateless
from pronghorn.layers.tracking import Tracked
from pronghorn.layers.weights import Weights
from pronghorn.limits import charge_allocation
from pronghorn.naming import auto_name
from pronghorn.registry import keras_class
from pronghorn.tree import flatten, map_structure

__all__ = ["Layer"]


@keras_class("keras.layers")
class Layer(
    Stateless, Weights, Ends, Leftovers, Dtypes, Context, Masks, Paths, Tracked
):
    """The base of all layers, as in Keras.

    A subclass makes its variables in `build(input_shape)` with `add_weight`, and
    computes in `call(inputs)` with `pronghorn.ops`; so it is traced, differentiated
    and run natively like a built-in one.

    Args:
        activity_regularizer: penalty on the outputs.
        trainable: whether training changes its weights. Default True.
        dtype: default "float32"; "float64" computes on the reference backend.
        name: drawn from the class's name by default.
        input_shape: on a model's first layer: the shape of one row.

    Example:

    >>> class Double(Layer):
    ...     def call(self, inputs):
    ...         return inputs * 2.0
    >>> Double()(np.array([1.0, 2.0], "float32"))
    array([2., 4.], dtype=float32)
    """

    _takes_text = False  # text goes into lookup and hash layers, and models of them
    _takes_missing = False  # NaN, where it is no error but a missing value

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in vars(cls):
            cls.build = recorded(vars(cls)["build"])  # type: ignore[method-assign]

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
        self.dtype_policy = dtype
        self._trainable = yes_or_no(trainable, "trainable", self.name)
        self._losses: list[Any] = []
        self._inbound_nodes: list[CallNode] = []
        self._outbound_nodes: list[CallNode] = []
        self._build_shapes: Any = None
        self._shapes_by_name: dict[str, Any] = {}
        self._input_shape_argument = row_shape(kwargs, type(self).__name__)
        self.input_spec: Any = None
        if kwargs:
            raise ArgumentError(
                f"{type(self).__name__} does not take these arguments.",
                where=f"layer {self.name!r}",
                received=", ".join(sorted(kwargs)),
                remedy=closest(min(kwargs), _parameters(type(self))),
            )

    # --- state

    def add_weight(
        self,
        *args: Any,
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
            *args: shape, initializer and dtype may be given by place.
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
        shape, initializer, dtype = placed(
            args, (shape, initializer, dtype), f"layer {self.name!r}"
        )
        full = (shape,) if isinstance(shape, int) else tuple(shape or ())
        dtype = dtype or self.variable_dtype
        if initializer is None:
            floating = str(dtype).startswith("float")
            initializer = "glorot_uniform" if floating else "zeros"
        # While a file is read, its config may not ask for more than its weights prove.
        charge_allocation(full, f"{self.name}/{name or 'variable'}")
        variable = Variable(
            initializers.get(initializer), full, dtype, trainable, name=name
        )
        variable.path = f"{self.name}/{variable.name}"
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        self._track(variable)
        return variable

    def build(self, input_shape: Any) -> None:
        """Makes the variables for inputs of this shape. Override it."""
        self._set_path()
        self._build_shapes = self._build_shapes or tuples(input_shape)
        self.built = True

    def _build_at_init(self) -> None:
        """A layer without weights is built, unless a subclass has its own `build`."""
        self.built = type(self).build is Layer.build

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Builds from what `get_build_config` gave."""
        if config and "input_shape" in config:
            self._ensure_built(tuples(config["input_shape"]))
        elif config and "shapes_dict" in config:
            named = {k: tuples(v) for k, v in config["shapes_dict"].items()}
            names = [key.removesuffix("_shape") for key in named]
            self._ensure_built(*named.values(), names=names)

    def get_build_config(self) -> dict[str, Any] | None:
        """The shape, or shapes, that the layer was built for."""
        if self._shapes_by_name:
            return {"shapes_dict": self._shapes_by_name}
        if self._build_shapes is None:
            return None
        return {"input_shape": self._build_shapes}

    def _ensure_built(
        self,
        *shapes: Any,
        names: Sequence[str] = (),
        kept: Sequence[Any] | None = None,
    ) -> None:
        """Builds for inputs of these shapes, the arguments of `call` of these names.

        What files say of them are the shapes of `kept`, by default the same.
        """
        if self.built:
            return
        shapes = shapes or (None,)
        kept = shapes if kept is None else kept or (None,)
        keys = [f"{name}_shape" for name in names]
        named = dict(zip(keys, shapes))
        self._build_shapes = kept[0]
        if len(named) > 1:
            self._shapes_by_name = dict(zip(keys, kept))
        wanted, known = signature(self.build), signature(self.call)
        if len(wanted.names) > 1 and not (wanted.variadic or known.variadic):
            where = f"layer {self.name!r} ({type(self).__name__})"
            self.build(**named_shapes(wanted, known, named, where))
        else:
            self.build(*shapes[: None if wanted.variadic else len(wanted.positional)])
        self.built = True
        self._prefix_paths(self._layers)

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
        self.__dict__["_called"] = True
        args = tuple([self._as_inputs(a) for a in args])
        kwargs = {k: self._as_inputs(v) for k, v in kwargs.items()}
        symbolic = active() is None and has_symbols((*args, *kwargs.values()))
        concerned = self._masks_concerned(kwargs)
        first, mask = self._before(args, kwargs) if concerned else (None, None)
        try:
            if symbolic and not self._takes_text:
                refuse_text(flatten((args, kwargs)))
            if symbolic:
                outputs = self._symbolic(*args, **kwargs)
            else:
                outputs = self._compute(args, kwargs)
            if concerned:
                outputs = self._masked(outputs, first, mask, symbolic)
        except PronghornError as error:
            raise error.at(f"layer {self.name!r} ({type(self).__name__})") from None
        except (TypeError, ValueError) as error:
            fault = text_fault((*args, *kwargs.values()), self)
            if fault is None:
                raise
            raise fault from error
        if symbolic:
            CallNode(self, args, kwargs, outputs)
        return outputs

    def _fresh(self, output: Any) -> KerasTensor:
        """A symbol of its own for an output: the model's graph is one of layers."""
        return KerasTensor(output.shape, output.dtype, name=f"{self.name}_output")

    def _ready(
        self, known: Signature, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments of a call as `call` takes them; checks them, and builds."""
        refuse_positional(known, args)
        args, kwargs = arranged(known, args, kwargs)
        given = [*zip(known.positional, args), *kwargs.items()]
        if known.variadic:
            given = [("inputs", a) for a in args] + [*kwargs.items()]
        tensors = [(name, x) for name, x in given if has_tensors(x)]
        self._check_inputs(tensors)
        if not self.built:
            inputs = [(name, x) for name, x in tensors if name != "mask"]
            kept = [map_structure(shape_of, x) for _, x in inputs]
            shapes = [map_structure(self._shape_to_build, x) for _, x in inputs]
            names = [name for name, _ in inputs]
            self._ensure_built(*shapes, names=names, kept=kept)
            self._check_inputs(tensors)
        if known.masks:
            args, kwargs = masks_filled(known, args, kwargs, tensors)
        return args, kwargs

    # What `build` gets of an input; a model is built for any number of rows.
    _shape_to_build = staticmethod(full_shape_of)

    def _compute(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        known = signature(self.call)
        if not self._handed_down:
            return self._run(known, args, kwargs)
        with self._handing_down(known, kwargs):
            return self._run(known, args, kwargs)

    def _run(
        self, known: Signature, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        args, kwargs = self._ready(known, args, kwargs)
        if training_scope.is_outermost():
            self._clear_losses()
        # What the caller says, else the calls around this one, else call()'s default.
        training = kwargs.pop("training", None)
        if training is None:
            training = training_scope.current()
        if training is None:
            training = known.defaults.get("training")
        if training is not None and "training" in known.names:
            kwargs["training"] = training
        with training_scope(training):
            unbuilt = [layer for layer in self._layers if not layer.built]
            with self._new_state(False), self._building(bool(unbuilt)):
                outputs = self.call(*args, **kwargs)
            if outputs is None and active() is not None:
                raise ArgumentError(
                    "The layer's call() returns nothing.",
                    where=f"layer {self.name!r} ({type(self).__name__})",
                    expected="the outputs, a tensor or a structure of tensors",
                    received="None",
                    remedy="end call() with return",
                )
            self._prefix_paths(unbuilt)  # they were built by being called
            if self.activity_regularizer is not None and outputs is not None:
                self._regularize_activity(outputs)
        return outputs

    def _check_inputs(self, tensors: Sequence[tuple[str, Any]]) -> None:
        if self.input_spec is not None and tensors:
            where = f"layer {self.name!r} ({type(self).__name__})"
            check_inputs(self.input_spec, tensors[0][1], where)

    def _regularize_activity(self, outputs: Any) -> None:
        penalty: Any = self.activity_regularizer
        for output in flatten(outputs):
            loss = penalty(output)
            rows = ops.shape(output)[0] if output.ndim > 0 else 0
            if not isinstance(rows, int) or rows > 0:
                loss = loss / ops.cast(ops.convert_to_tensor(rows), "float32")
            self.add_loss(loss)

    def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any:
        """The shape of the outputs for inputs of a shape, by a symbolic call.

        Raises:
            UnsupportedError: if there is no `call` that could tell.
        """
        if type(self).call is Layer.call:
            self.call()  # which says so
        if "input_shape" in kwargs:
            args = (kwargs.pop("input_shape"), *args)
        named = {k.removesuffix("_shape"): symbols(v) for k, v in kwargs.items()}
        outputs = self._symbolic(*map(symbols, args), **named)
        return map_structure(lambda t: t.shape, outputs)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Symbolic outputs for symbolic inputs, without recording the call.

        A class's own `compute_output_shape` tells their shapes, once all layers below
        are built; else `call` is traced.
        """
        method = type(self).compute_output_shape
        if method is not Layer.compute_output_shape:
            known = signature(self.call)
            inputs = self._ready(known, args, kwargs)
            if all(layer.built for layer in self._flatten_layers()):
                return self._told(known, *inputs)
        return self._traced(*args, **kwargs)

    def _told(
        self, known: Signature, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Symbols of the shapes that `compute_output_shape` tells."""
        given = {**dict(zip(known.positional, args)), **kwargs}
        shapes = {f"{k}_shape": map_structure(shape_of, x) for k, x in given.items()}
        wanted = signature(self.compute_output_shape)
        if len(wanted.names) == 1 or wanted.variadic:
            told = self.compute_output_shape(*[*shapes.values()][:1])
        else:
            where = f"layer {self.name!r} ({type(self).__name__})"
            told = self.compute_output_shape(
                **named_shapes(wanted, known, shapes, where, "compute_output_shape")
            )
        return symbols(told, self.compute_dtype)

    def _symbolic(self, *args: Any, **kwargs: Any) -> Any:
        """The outputs of a call on symbols: a subclass's own spec, or a trace."""
        if type(self).compute_output_spec is Layer.compute_output_spec:
            return self._traced(*args, **kwargs)
        known = signature(self.call)
        args, kwargs = self._ready(known, args, kwargs)
        if "training" not in known.names:
            kwargs.pop("training", None)
        return self.compute_output_spec(*args, **kwargs)

    def _traced(self, *args: Any, **kwargs: Any) -> Any:
        before = {id(layer): [*layer._losses] for layer in self._flatten_layers()}
        with Trace():
            outputs = self._compute(*self._as_inputs((args, kwargs)))
        for layer in self._flatten_layers():  # losses of symbols mean nothing
            layer._losses[:] = before.get(id(layer), ())
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
        structure_changed()
        for variable in self._trainable_variables:
            variable.trainable = value
        for layer in self._layers:
            layer.trainable = value

    @property
    def weights(self) -> list[Variable]:
        """All weights: own trainable ones, own others, then those of sublayers."""
        below = (w for sub in self._layers for w in sub.weights)
        return _once([*self._variables, *below])

    @property
    def _variables(self) -> list[Variable]:
        return [*self._trainable_variables, *self._non_trainable_variables]

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
        own = [v for v in self._trainable_variables if v.trainable]
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

    # --- what Keras scripts look at

    @property
    def metrics(self) -> list[Any]:
        """The metrics of this layer and those below."""
        return [m for layer in self._flatten_layers() for m in layer._metrics]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make another layer like this one."""
        config: dict[str, Any] = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": configs.dtype_config(self.dtype_policy),
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
        return {k: configs.serialize(v) for k, v in given.items() if k not in ROW_SHAPE}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer from what `get_config` gave.

        Raises:
            DtypeError: a config that makes no layer, saying what its argument lacks.
        """
        try:
            return cls(**config)
        except ArgumentError as error:
            raise DtypeError(
                f"The config makes no {cls.__name__}: {error.message}",
                where=error.where or f"{cls.__name__}.from_config",
                expected=error.expected,
                received=error.received,
                remedy=error.remedy,
            ) from error

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


def _parameters(cls: type) -> set[str]:
    """The names of the arguments that a layer and its bases take."""
    names: set[str] = set()
    for base in cls.__mro__:
        code = getattr(vars(base).get("__init__"), "__code__", None)
        if code is not None:
            count = code.co_argcount + code.co_kwonlyargcount
            names.update(code.co_varnames[1:count])
    return names
