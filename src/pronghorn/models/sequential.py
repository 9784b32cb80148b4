"""`Sequential`: layers one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pronghorn import config as configs
from pronghorn.data.streams import is_stream
from pronghorn.errors import (
    ArgumentError,
    FileFormatError,
    PronghornError,
    StateError,
    UnbuiltError,
)
from pronghorn.ir.masks import with_masks
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import suspended
from pronghorn.layers.calling import signature
from pronghorn.layers.core import Embedding
from pronghorn.layers.host import HostLayer
from pronghorn.layers.input_layer import InputLayer
from pronghorn.layers.layer import Layer
from pronghorn.layers.shapes import has_shape, is_symbol
from pronghorn.models.functional import Functional
from pronghorn.models.host_stage import HostStage
from pronghorn.models.inputs import arranged, standardized
from pronghorn.models.model import Model, own_layers
from pronghorn.models.old_config import new_form
from pronghorn.registry import keras_class
from pronghorn.training.dataset import Dataset, InputInfo
from pronghorn.tree import flatten

__all__ = ["Sequential"]


@keras_class("keras")
class Sequential(Model):
    """Layers one after another, from one input to one output.

    Args:
        layers: a list of layers; the first may be an `Input`, or name its
            `input_shape`. Without, the model is built on the first data.
        name: default "sequential".

    Example:

    >>> from pronghorn.layers import Dense
    >>> model = Sequential([Dense(units=1, input_shape=[3])])
    >>> [w.shape for w in model.weights]
    [(3, 1), (1,)]
    """

    _takes_text = True

    def __init__(
        self,
        layers: Sequence[Any] | None = None,
        trainable: bool = True,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self.__dict__["_functional"] = self.__dict__["_inputs_spec"] = None
        for layer in _listed(layers):
            self.add(layer, rebuild=False)
        self._rebuild()
        if not trainable:
            self.trainable = False

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Adds a layer at the end.

        Raises:
            ArgumentError: if it is no layer, or another layer has its name.
        """
        layer = _as_layer(layer)
        if self._layers and isinstance(layer, InputLayer):
            raise ArgumentError(
                "An Input is the first thing in a Sequential.",
                where=f"model {self.name!r}",
                received=f"an Input after {len(self._layers)} layers",
            )
        if any(layer.name == other.name for other in self._layers):
            raise ArgumentError(
                "Layers of one model have different names.",
                where=f"model {self.name!r}",
                expected="a name of its own for each layer",
                received=f"{layer.name!r} twice",
                remedy="give one of them another name=",
            )
        shape = layer._input_shape_argument
        if not self._layers and shape is not None and not isinstance(layer, InputLayer):
            self._layers.append(InputLayer(shape=shape, dtype=_input_dtype(layer)))
        self._layers.append(layer)
        self._forget()
        if rebuild:
            self._rebuild()

    def pop(self, rebuild: bool = True) -> Layer:
        """Removes the last layer and returns it."""
        if not self._layers:
            raise StateError(
                "There is no layer to remove.",
                where=f"model {self.name!r}",
                remedy="add layers first",
            )
        layer: Layer = self._layers.pop()
        self._forget()
        if rebuild:
            self._rebuild()
        return layer

    def _forget(self) -> None:
        self.__dict__["_functional"] = None
        self.built = False
        self._programs.clear("train", "test", "predict")

    def _rebuild(self) -> None:
        first = self._layers[0] if self._layers else None
        if isinstance(first, InputLayer):
            self.build()
        elif isinstance(first, (Functional, Sequential)) and first.built:
            self.build(first.input_shape)

    def build(self, input_shape: Any = None) -> None:
        """Makes the weights for rows of `input_shape[1:]`.

        For several inputs nothing is made ahead: the layers are built by being called.

        Raises:
            ArgumentError: no layers, or another shape than the input's.
            StateError: no shape.
        """
        if not self._layers:
            raise ArgumentError(
                "A Sequential without layers cannot be built.",
                where=f"model {self.name!r}",
                expected="at least one layer",
                received="no layers",
                remedy="add layers first",
            )
        first = self._layers[0]
        if input_shape is not None and not _is_shape(input_shape):
            return
        if isinstance(first, InputLayer):
            _check_same(self.name, first.batch_shape, input_shape)
        elif input_shape is None:
            raise StateError(
                "The shape of the input is not known.",
                where=f"model {self.name!r}",
                remedy="give the first layer input_shape=[number of columns]",
            )
        else:
            shape, dtype = tuple(input_shape), _input_dtype(first)
            self._layers.insert(0, InputLayer(batch_shape=shape, dtype=dtype))
        with suspended():
            self._connect()
        self.built = True
        self._prefix_paths(self._layers)

    def _connect(self) -> None:
        """Makes a functional model of the layers, where each tells its output."""
        start = self._layers[0]._inbound_nodes[0].output_tensors[0]
        self._build_shapes = start.shape
        tensor = start
        for layer in self._layers[1:]:
            try:
                tensor = layer(tensor)
            except PronghornError:
                raise
            except NotImplementedError:
                return  # its own compute_output_spec: then it is known when it is run
            except TypeError as error:
                needed = _needed(layer)
                if len(needed) == 1:
                    raise
                raise ArgumentError(
                    "A layer of a Sequential takes one tensor.",
                    where=f"model {self.name!r}, layer {layer.name!r} "
                    f"({type(layer).__name__})",
                    expected="call(self, inputs), other arguments with defaults",
                    received=f"call(self, {', '.join(needed)})",
                    remedy="give the others defaults, or make a functional model",
                ) from error
        self.__dict__["_functional"] = Functional(start, tensor, name=self.name)
        self._outputs_spec = tensor

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Runs the layers in order."""
        stage = self._host_stage()
        if stage is not None and stage.holds(inputs):
            return stage.finish(inputs, training)
        x = inputs
        functional = self.__dict__["_functional"]
        if functional is not None and (has_shape(x) or isinstance(x, dict)):
            (x,) = standardized(functional, arranged(functional, x), check=False)
        if mask is not None:
            x = with_masks(x, mask)
        for layer in self.layers:
            x = layer(x, training=training)
        return x

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Symbolic outputs for symbolic inputs, without recording the call."""
        inputs: Any = args[0] if args else kwargs.get("inputs")
        if not self.built and self._layers and isinstance(self._layers[0], HostLayer):
            self.build(inputs.shape)
        functional = self.__dict__["_functional"]
        text = functional is not None and functional._text_outputs() is not None
        if self._cut_graph() is None and not text:
            return super().compute_output_spec(*args, **kwargs)
        return self._chain.compute_output_spec(inputs)

    def _host_stage(self) -> HostStage | None:
        functional = self.__dict__["_functional"]
        return None if functional is None else functional._host_stage()

    def _text_outputs(self, x: Any) -> Any:
        if not any(isinstance(layer, HostLayer) for layer in self._layers):
            return None
        if not self.built and not is_stream(x):
            self._prepare(x, None, None, None)  # which builds it
        functional = self.__dict__["_functional"]
        own = functional is None or self._has_own("predict")
        return None if own else functional._text_outputs()

    def _begins_on_host(self, inputs: Any) -> bool:
        if self.built or not self._layers:
            return super()._begins_on_host(inputs)
        symbolic = any(map(is_symbol, flatten(inputs)))
        return isinstance(self._layers[0], HostLayer) and not symbolic

    def _cut_graph(self) -> Functional | None:
        own = type(self).call is not Sequential.call
        return None if own or self._host_stage() is None else self._chain

    @property
    def layers(self) -> list[Layer]:
        """The layers, the input left out."""
        return [x for x in self._layers if not isinstance(x, InputLayer)]

    @layers.setter
    def layers(self, value: Any) -> None:
        raise own_layers(self.name)

    @property
    def _chain(self) -> Functional:
        functional: Functional | None = self.__dict__["_functional"]
        if functional is None:
            raise UnbuiltError(
                "The model is not built yet.",
                where=f"model {self.name!r}",
                expected="a model that knows the shape of its input",
                received="one that does not",
                remedy="give the first layer input_shape=[number of columns], or call "
                "the model on data",
            )
        return functional

    @property
    def inputs(self) -> list[KerasTensor]:
        """The symbolic input, in a list."""
        return self._chain.inputs

    @property
    def outputs(self) -> list[KerasTensor]:
        """The symbolic output, in a list."""
        return self._chain.outputs

    @property
    def input_shape(self) -> Any:
        """The shape of the input."""
        return self._chain.input_shape

    @property
    def output_shape(self) -> Any:
        """The shape of the output."""
        return self._chain.output_shape

    @property
    def input(self) -> Any:
        """The symbolic input."""
        return self._chain.input

    @property
    def output(self) -> Any:
        """The symbolic output."""
        return self._chain.output

    @property
    def operations(self) -> list[Layer]:
        """All layers, the input first."""
        return list(self._layers)

    # --- what training asks

    def _input_infos(self, fitting: bool, x: Any) -> list[InputInfo]:
        first = self._layers[0] if self._layers else None
        if isinstance(first, InputLayer):
            known = [] if fitting else self._known_columns()
            columns = known[0] if known else None
            shape = first.batch_shape[1:]
            reader = self.layers[0] if self.layers else first
            label = f"layer {reader.name!r} ({type(reader).__name__})"
            stage = self._host_stage()
            host = stage is not None and stage.reads(self.inputs[0])
            return [
                InputInfo(
                    first.name,
                    shape,
                    first.dtype,
                    columns,
                    label,
                    host=host,
                    missing=reader._takes_missing,
                )
            ]
        infos = super()._input_infos(fitting, x if isinstance(x, dict) else None)
        if len(infos) != 1:
            return infos
        host = isinstance(first, HostLayer)
        missing = first is not None and first._takes_missing
        return [
            replace(infos[0], dtype=_input_dtype(first), host=host, missing=missing)
        ]

    def _output_names(self) -> list[str]:
        return [self._layers[-1].name] if self._layers else ["output"]

    def _pack_inputs(self, x: list[Any]) -> Any:
        stage = self._host_stage()
        return super()._pack_inputs(x) if stage is None else stage.packed(x)

    def _build_for(self, data: Dataset) -> None:
        if len(data.x) > 1:
            super()._build_for(data)
        else:
            self.build((None, *data.arrays[0].shape[1:]))

    # --- config

    def get_config(self) -> dict[str, Any]:
        """The layers' configs, and the shape that the model was built for."""
        config: dict[str, Any] = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": configs.dtype_config(self.dtype_policy),
            "layers": [configs.serialize(layer) for layer in self._layers],
        }
        if self.__dict__["_functional"] is not None:
            config["build_input_shape"] = self._layers[0].batch_shape
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """A model from what `get_config` gave.

        Args:
            config: has at least `name` and `layers`; layers of Keras 2 are understood.
            custom_objects: name to your own class or function. Default None.

        Raises:
            FileFormatError: without a name or a list of layers.
        """
        if "name" not in config or not isinstance(config.get("layers"), (list, tuple)):
            raise FileFormatError(
                "The config of a Sequential model has a name and a list of layers.",
                where="Sequential.from_config",
                expected="a dict with 'name' and 'layers'",
                received=", ".join(map(repr, config)) or "an empty dict",
                remedy="save the model again from the program that made it",
            )
        layers = [
            configs.deserialize(new_form(layer), custom_objects)
            for layer in config["layers"]
        ]
        model = cls(layers, config.get("trainable", True), config["name"])
        shape = config.get("build_input_shape")
        if not model.built and shape is not None and model._layers:
            model.build(tuple(shape))
        return model


def _listed(layers: Any) -> Sequence[Any]:
    if layers is None:
        return ()
    if not isinstance(layers, (list, tuple)):
        return (layers,)
    return layers


def _is_shape(shape: Any) -> bool:
    """Whether it is one shape, and no structure of shapes."""
    return isinstance(shape, (list, tuple)) and not any(
        isinstance(size, (list, tuple, dict)) for size in shape
    )


def _check_same(model: str, known: Any, shape: Any) -> None:
    if shape is None or tuple(shape)[1:] == tuple(known)[1:]:
        return
    raise ArgumentError(
        "The model's input has another shape already.",
        where=f"model {model!r}, build",
        expected=f"rows of shape {tuple(known)[1:]}",
        received=f"rows of shape {tuple(shape)[1:]}",
        remedy="make the model anew for another shape",
    )


def _needed(layer: Layer) -> list[str]:
    """The arguments of a layer's `call` that have no default."""
    known = signature(layer.call)
    return [name for name in known.names if name not in known.defaults]


def _input_dtype(first: Any) -> str:
    """What a first layer reads, where no `Input` says so."""
    if isinstance(first, HostLayer):
        return first.input_dtype
    return "int32" if isinstance(first, Embedding) else "float32"


def _as_layer(item: Any) -> Layer:
    if isinstance(item, KerasTensor) and item._keras_history is not None:
        item = item._keras_history.operation
    if not isinstance(item, Layer):
        raise ArgumentError(
            "A Sequential is made of layers.",
            expected="layers such as layers.Dense(1)",
            received=repr(item),
            remedy="create the layer: write Dense(1), not Dense",
        )
    item._check_super()
    return item
