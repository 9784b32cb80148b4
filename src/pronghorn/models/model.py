"""`Model`: a layer that can be compiled, trained and saved."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from pronghorn.absent import Absent
from pronghorn.data.columns import is_frame
from pronghorn.errors import (
    ArgumentError,
    ReservedNameError,
    StateError,
    UnknownNameError,
    UnsupportedError,
    closest,
)
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import active
from pronghorn.layers.host import HostLayer, in_place_of_text
from pronghorn.layers.layer import Layer
from pronghorn.layers.shapes import is_symbol, shape_of
from pronghorn.models.functional_config import functional_from_config
from pronghorn.models.host_stage import HostStage
from pronghorn.models.inputs import keys_of
from pronghorn.models.state_tree import assign_state, state_of
from pronghorn.models.summary import print_summary
from pronghorn.models.text_inputs import TextInputs, is_text
from pronghorn.registry import keras_class
from pronghorn.training import Trainer
from pronghorn.training.dataset import Dataset, InputInfo
from pronghorn.tree import flatten, is_nested, map_structure, pack_sequence_as

__all__ = ["DRAWING", "SAVING", "Model"]

#: How models are saved and loaded. The room `saving` lies above this one and fills it.
SAVING: dict[str, Callable[..., Any]] = {}
#: What draws models; it lies above too, in `utils.draw`, and puts itself here.
DRAWING: list[Callable[..., Any]] = []


@keras_class("keras")
class Model(Trainer, Layer):
    """Layers as one: made of inputs and outputs, or by a subclass's `call`.

    `Model(inputs, outputs)` makes a functional model; so does a subclass that is given
    both, for a `train_step` of its own, say. Else a subclass makes its layers in
    `__init__` and uses them in `call(inputs, training=None)`.

    Example:

    >>> class Line(Model):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.unit = layers.Dense(1)
    ...     def call(self, inputs):
    ...         return self.unit(inputs)
    >>> from pronghorn import layers
    >>> Line()(np.zeros((4, 2), "float32")).shape
    (4, 1)
    """

    export = Absent("export")
    quantize = Absent("quantizers")

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is Model and _is_functional(args, kwargs):
            return super().__new__(FUNCTIONAL[0])
        return super().__new__(cls, *args, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if _is_functional(args, kwargs):
            _become_functional(type(self))
            FUNCTIONAL[0].__init__(self, *args, **kwargs)
            return
        if args or "inputs" in kwargs or "outputs" in kwargs:
            raise ArgumentError(
                "A model is made of inputs and outputs, or of a subclass's call().",
                where=f"{type(self).__name__}.__init__",
                expected="both inputs and outputs, or super().__init__()",
                received=", ".join([*map(repr, args), *sorted(kwargs)]),
                remedy="pass both, or make the layers in __init__ and use them in "
                "call()",
            )
        self._start_training_state()
        super().__init__(**kwargs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The outputs for arrays, symbolic tensors, or a frame, matched by name."""
        if args and (is_frame(args[0]) or self._begins_on_host(args[0])):
            data = self._prepare(args[0], None, None, None)
            args = (self._pack_inputs(list(data.x)), *args[1:])
        return super().__call__(*args, **kwargs)

    def _ensure_built(self, *shapes: Any, **given: Any) -> None:
        try:
            super()._ensure_built(*shapes, **given)
        except UnsupportedError:
            here = any(isinstance(layer, HostLayer) for layer in self._flatten_layers())
            if not here or active() is not None:
                raise
            # Its call() reads text, which has no symbols: values build its layers.
            self._build_shapes, self.built = None, True

    def _host_stage(self) -> HostStage | None:
        """What of the model runs before its program; only a graph can tell."""
        return None

    def _begins_on_host(self, inputs: Any) -> bool:
        """Whether these are values that the host's part of the model reads."""
        stage = self._host_stage()
        if stage is None or stage.holds(inputs):
            return False
        return not any(map(is_symbol, flatten(inputs)))

    def _before_program(self, arrays: list[Any]) -> list[Any]:
        stage = self._host_stage()
        if stage is not None:
            return stage.run(arrays)
        text = self._text_inputs(arrays)
        return arrays if text is None else text.run(arrays)

    def _text_inputs(self, arrays: Sequence[Any]) -> TextInputs | None:
        """What `call` of a subclass does with text among the arrays; None without."""
        if not any(a is not None and a.dtype == object for a in arrays):
            self.__dict__["_text_plan"] = None
            return None
        known: TextInputs | None = self.__dict__.get("_text_plan")
        symbols = [_symbol_for(array) for array in arrays]
        if known is None or not known.fits(symbols):
            self.__dict__["_text_plan"] = None
            packed = self._pack_inputs(symbols)
            known = TextInputs(symbols, lambda: self._specified(packed))
            self.__dict__["_text_plan"] = known
        return known

    def _specified(self, inputs: Any) -> None:
        """The outputs' symbols for symbols of text, without a `build` from shapes."""
        before = self.built, self._build_shapes
        self.built = self.built or type(self).build is Model.build
        if self._build_shapes is None:
            self._build_shapes = map_structure(lambda symbol: symbol.shape, inputs)
        try:
            self._outputs_spec = self.compute_output_spec(inputs)
        except BaseException:
            self.built, self._build_shapes = before
            raise

    def _compute(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        text, leaves = self.__dict__.get("_text_plan"), self.__dict__.get("_text_given")
        if text is None or leaves is None or not text.among((args, kwargs)):
            return super()._compute(args, kwargs)
        with text.given(leaves):
            return super()._compute(args, kwargs)

    @property
    def layers(self) -> list[Layer]:
        """The layers right below the model."""
        return [layer for layer in self._layers if isinstance(layer, Layer)]

    @layers.setter
    def layers(self, value: Any) -> None:
        raise own_layers(self.name)

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """A layer by name or place.

        Raises:
            UnknownNameError: if there is none.
        """
        if (name is None) == (index is None):
            raise ArgumentError("get_layer takes a name or an index.")
        if index is not None:
            if not -len(self.layers) <= index < len(self.layers):
                raise UnknownNameError(
                    f"There is no layer number {index}.",
                    expected=f"below {len(self.layers)}",
                    received=index,
                )
            return self.layers[index]
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise UnknownNameError(
            f"There is no layer named {name!r}.",
            where=f"model {self.name!r}",
            expected=", ".join(repr(layer.name) for layer in self.layers),
            received=repr(name),
            remedy=closest(str(name), [layer.name for layer in self.layers]),
        )

    def build(self, input_shape: Any, *more: Any) -> None:
        """Makes the weights for inputs of these shapes, by a symbolic call."""
        self.built = True
        try:
            inputs = [_symbols(shape) for shape in (input_shape, *more)]
            with in_place_of_text(lambda layer, x: layer.compute_output_spec(x)):
                self._outputs_spec = self.compute_output_spec(*inputs)
        except BaseException:
            self.built = False
            raise

    def summary(
        self,
        line_length: int | None = None,
        positions: Any = None,
        print_fn: Callable[[str], Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Any = None,
    ) -> None:
        """Prints the layers, their output shapes and numbers of parameters."""
        print_summary(
            self,
            line_length,
            positions,
            print_fn,
            expand_nested,
            show_trainable,
            layer_range,
        )

    def draw(
        self,
        kind: str | None = None,
        *,
        values: Any = None,
        inputs: Sequence[str] | None = None,
        outputs: Sequence[str] | None = None,
        labels: str | None = None,
        layer: Any = None,
        index: int = 0,
        digits: int = 4,
    ) -> Any:
        """Draws the model as it is now, as SVG that notebooks show.

        Args:
            kind: "unit", one unit with the weights on its edges and its bias on the
                edge from a node marked 1; "units", the layers as columns of units with
                edges by the sign and size of their weights; "layers", a box for each
                layer. Default: a unit where the model is one, units where it is a
                short chain of layers with weights, else layers.
            values: one row of inputs, an array or a dict of columns: each unit shows
                the number that it gives. Default None.
            inputs: names of the inputs. Default: the columns of the frame that the
                model was trained with, if it was.
            outputs: names of the outputs. Default None.
            labels: on the edges of a unit "numbers" (the default), "symbols" (w and b)
                or "both"; on those of units "numbers", the default where no layer has
                more than 3, or "none".
            layer: of a unit, its Dense layer: a name, a number among the model's
                layers, or the layer. Default None: the only one.
            index: of a unit, its place in the layer. Default 0.
            digits: how many digits of a number count. Default 4.

        Returns:
            A `utils.draw.Drawing`: `.svg` is its text, `.save("unit.svg")` writes it.

        Raises:
            StateError: the model is not built.
            ArgumentError: another kind, or what this kind of drawing does not take.
            UnsupportedError: units or values of a model with branches.
            ShapeError: values that are not one row of the model's inputs.

        Example:

        >>> from pronghorn import Sequential, layers
        >>> model = Sequential([layers.Dense(1, input_shape=[1])])
        >>> model.set_weights([np.array([[2.5]]), np.array([90.0])])
        >>> model.draw(inputs=["sugars"], values=[5])
        Drawing('A linear unit: y = 5 × 2.5 + 90 = 102.5')
        """
        if not DRAWING:
            importlib.import_module("pronghorn.utils.draw")
        return DRAWING[0](
            self,
            kind,
            values=values,
            inputs=inputs,
            outputs=outputs,
            labels=labels,
            layer=layer,
            index=index,
            digits=digits,
        )

    _shape_to_build = staticmethod(shape_of)

    # --- what training asks

    def _input_infos(self, fitting: bool, x: Any) -> list[InputInfo]:
        """One input, or as many as the data has: `call` declares none."""
        self._inputs_spec = _several(x) or self._columns_by_name(x)
        spec = self._inputs_spec
        names = spec or ["input"]
        parts: list[Any] = list(x) if spec else [x]
        if isinstance(spec, dict):
            names = keys_of(spec)
            parts = [x[name] for name in names]
        known = [] if fitting else self._known_columns()
        reads = any(isinstance(layer, HostLayer) for layer in self._flatten_layers())
        infos = []
        for name, part, columns in zip(names, parts, known or [None] * len(names)):
            # Of several inputs one of rank 1 keeps it; a single one is a table.
            shape = () if spec and np.ndim(part) == 1 else None
            info = InputInfo(name, shape, "float32", columns)
            if reads and is_text(part):
                info = replace(info, dtype="string", host=True)
            infos.append(info)
        return infos

    def _columns_by_name(self, x: Any) -> dict[str, str] | None:
        """The names of a dict of columns, where `call` takes them by name.

        Else the dict is one table, as it is for other models. Which it is, a trace of
        `call` tells, once: what looks a column up fails on a table, and what computes
        with a table fails on a dict.
        """
        if not isinstance(x, Mapping):
            return None
        names = {name: str(name) for name in x}
        if "_by_name" not in self.__dict__:
            symbols = {
                name: KerasTensor((None,), "string" if is_text(x[name]) else "float32")
                for name in names
            }
            self.__dict__["_text_plan"] = None
            try:
                if any(symbol.dtype == "string" for symbol in symbols.values()):
                    TextInputs([*symbols.values()], lambda: self._specified(symbols))
                else:
                    self.compute_output_spec(symbols)
            except Exception:
                self.__dict__["_by_name"] = False
            else:
                self.__dict__["_by_name"] = True
        return names if self.__dict__["_by_name"] else None

    def _output_names(self) -> list[str]:
        spec = self.__dict__.get("_outputs_spec")
        if keys_of(spec):
            return keys_of(spec)
        count = 1 if spec is None else len(flatten(spec))
        return [f"output_{i + 1}" for i in range(count)] if count > 1 else ["output"]

    def _output_symbols(self, data: Dataset) -> list[Any]:
        if "_outputs_spec" not in self.__dict__:
            self._build_for(data)
        spec = self.__dict__.get("_outputs_spec")
        return [] if spec is None else flatten(spec)

    def _pack_inputs(self, x: list[Any]) -> Any:
        text: TextInputs | None = self.__dict__.get("_text_plan")
        if text is not None:
            self.__dict__["_text_given"], x = list(x), text.inputs(x)
        return pack_sequence_as(self._inputs_spec, x) if self._inputs_spec else x[0]

    def _pack_outputs(self, arrays: list[np.ndarray]) -> Any:
        spec = self.__dict__.get("_outputs_spec")
        if len(arrays) == 1 and not is_nested(spec):
            return arrays[0]
        return pack_sequence_as(spec, arrays)

    def _build_for(self, data: Dataset) -> None:
        if type(self).call is Layer.call and self._has_own("train"):
            self.built = True  # its own step calls its layers one by one
            return
        arrays = [array for array in data.x if array is not None]
        if self._text_inputs(arrays) is None:
            symbols = [_symbol_for(array) for array in arrays]
            self._outputs_spec = self.compute_output_spec(self._pack_inputs(symbols))
        self.built = True

    # --- config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """A model from what `get_config` gave.

        Args:
            config: the layers and calls of a functional model, or the arguments of a
                class of your own.
            custom_objects: name to your own class or function. Default None.

        Raises:
            FileFormatError: layers or calls that are missing, circular, or malformed.
        """
        if set(config) >= GRAPH and _takes_tensors(cls):
            return functional_from_config(cls, config, custom_objects)
        return cls(**config)

    # --- files

    def save(
        self,
        filepath: Any,
        overwrite: bool = True,
        zipped: bool | None = None,
        **kwargs: Any,
    ) -> None:
        """Saves architecture, weights and optimizer state as a `.keras` file.

        `saving.save_model` tells of the arguments, and of the older `.h5` format.
        """
        saving("save_model")(self, filepath, overwrite, zipped, **kwargs)

    def save_weights(
        self,
        filepath: Any,
        overwrite: bool = True,
        max_shard_size: float | None = None,
    ) -> None:
        """Saves the weights as `.weights.h5`; see `saving.save_weights`."""
        saving("save_weights")(self, filepath, overwrite, max_shard_size)

    def load_weights(
        self, filepath: Any, skip_mismatch: bool = False, **kwargs: Any
    ) -> None:
        """Loads weights that `save_weights` or `save` wrote, or an `.h5` of Keras 2."""
        saving("load_weights")(self, filepath, skip_mismatch, **kwargs)

    def get_state_tree(self, value_format: str = "backend_tensor") -> dict[str, Any]:
        """The values of all variables, as nested dicts by the parts of their paths.

        Args:
            value_format: `"numpy_array"` or `"backend_tensor"`, which are the same
                here. Default `"backend_tensor"`.

        Returns:
            A dict of copies, with `trainable_variables`, `non_trainable_variables`,
            `optimizer_variables` and `metrics_variables`.

        Raises:
            ArgumentError: another format, or two variables of one path.

        Example:

        >>> from pronghorn import Sequential, layers
        >>> unit = layers.Dense(1, name="unit", input_shape=[2])
        >>> model = Sequential([unit], name="line")
        >>> list(model.get_state_tree()["trainable_variables"]["line"]["unit"])
        ['kernel', 'bias']
        """
        return state_of(self, value_format)

    def set_state_tree(self, state_tree: dict[str, Any]) -> None:
        """Sets the variables that a tree like `get_state_tree`'s has; others stay.

        Args:
            state_tree: groups of nested dicts, as `get_state_tree` gives them.

        Raises:
            UnknownNameError: a group that models do not have.
            ShapeError: a value that is not of its variable's shape.
        """
        assign_state(self, state_tree)

    def to_json(self, **kwargs: Any) -> str:
        """The architecture as JSON text, without weights; `kwargs` for `json.dumps`."""
        text: str = saving("to_json")(self, **kwargs)
        return text

    def __reduce__(self) -> Any:
        return _from_bytes, (saving("model_to_bytes")(self),)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        copy = _from_bytes(saving("model_to_bytes")(self))
        memo[id(self)] = copy
        return copy

    def __iter__(self) -> Iterator[Any]:
        raise StateError("A model cannot be looped over; use model.layers.")


#: The class that `Model(inputs, outputs)` makes; `functional` below fills it.
FUNCTIONAL: list[type[Model]] = []


# What the config of a functional model holds.
GRAPH = {"name", "layers", "input_layers", "output_layers"}


def _takes_tensors(cls: type) -> bool:
    """Whether a class is made of inputs and outputs, as a functional model is."""
    if cls in (Model, *FUNCTIONAL):
        return True
    code = cls.__init__.__code__  # type: ignore[misc]
    names = code.co_varnames[1 : code.co_argcount]
    anything = code.co_flags & 0x0C == 0x0C  # *args, **kwargs
    return anything or names[:2] == ("inputs", "outputs")


def _is_functional(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    if len(args) == 2 or (len(args) == 1 and "outputs" in kwargs):
        return True
    return "inputs" in kwargs and "outputs" in kwargs


def _become_functional(cls: type) -> None:
    """Puts `Functional` where a class has `Model` as its base, once."""
    functional = FUNCTIONAL[0]
    if issubclass(cls, functional):
        return
    for base in cls.__bases__:
        if base is not Model and issubclass(base, Model):
            _become_functional(base)
    if not issubclass(cls, functional):
        bases = [functional if base is Model else base for base in cls.__bases__]
        cls.__bases__ = tuple(bases)


def saving(name: str) -> Callable[..., Any]:
    """A function of the room `saving`, which is loaded when first needed."""
    if not SAVING:
        importlib.import_module("pronghorn.saving")
    return SAVING[name]


def own_layers(model: str) -> ReservedNameError:
    """The error for setting a model's list of layers."""
    return ReservedNameError(
        "A model lists its layers by itself.",
        where=f"model {model!r}, attribute layers",
        expected="another name, or add() and pop() of a Sequential",
        received="an assignment to layers",
        remedy="keep your own list under another name, such as self.blocks",
    )


def _several(x: Any) -> Any:
    """The inputs' names, in the form of `x`, where it is no single table."""
    if isinstance(x, Mapping) and any(np.ndim(part) > 1 for part in x.values()):
        return {name: str(name) for name in x}
    arrays = isinstance(x, (list, tuple)) and any(hasattr(p, "shape") for p in x)
    if arrays and any(len(part.shape) > 1 for part in x):
        return [f"input_{i + 1}" for i in range(len(x))]
    return None


def _symbol_for(array: np.ndarray) -> KerasTensor:
    """A symbol for the rows of an array; objects are text."""
    dtype = "string" if array.dtype == object else array.dtype.name
    return KerasTensor((None, *array.shape[1:]), dtype)


def _from_bytes(data: bytes) -> Any:
    return saving("model_from_bytes")(data)


def _symbols(shape: Any) -> Any:
    if isinstance(shape, dict):
        return {k: _symbols(v) for k, v in shape.items()}
    if shape and isinstance(shape[0], (list, tuple)):
        return [_symbols(s) for s in shape]
    return KerasTensor((None, *shape[1:]))
