"""`Sequential`: layers one after another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn import config as configs
from pronghorn.errors import ArgumentError, DtypeError, FileFormatError, StateError
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import suspended
from pronghorn.layers.core import Embedding, InputLayer
from pronghorn.layers.layer import Layer
from pronghorn.models.functional import Functional
from pronghorn.models.model import Model, own_layers
from pronghorn.models.old_config import new_form
from pronghorn.registry import keras_class
from pronghorn.training.dataset import Dataset, InputInfo

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

    def __init__(
        self,
        layers: Sequence[Any] | None = None,
        trainable: bool = True,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self.__dict__["_functional"] = None
        for layer in _listed(layers):
            self.add(layer, rebuild=False)
        self._rebuild()
        if not trainable:
            self.trainable = False

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Adds a layer at the end.

        Raises:
            DtypeError: if it is no layer.
            ArgumentError: if another layer has its name.
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
                remedy="give one of them name=",
            )
        shape = layer._input_shape_argument
        if not self._layers and shape is not None and not isinstance(layer, InputLayer):
            dtype = "int32" if isinstance(layer, Embedding) else "float32"
            self._layers.append(InputLayer(shape=shape, dtype=dtype))
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
            self.build(None)
        elif isinstance(first, (Functional, Sequential)) and first.built:
            self.build(first.input_shape)

    def build(self, input_shape: Any = None) -> None:
        """Makes the weights for rows of `input_shape[1:]`."""
        if not self._layers:
            raise StateError(
                "A Sequential without layers cannot be built.",
                where=f"model {self.name!r}",
                remedy="add layers first",
            )
        if not isinstance(self._layers[0], InputLayer):
            if input_shape is None:
                raise StateError(
                    "The shape of the input is not known.",
                    where=f"model {self.name!r}",
                    remedy="give the first layer input_shape=[number of columns]",
                )
            dtype = "int32" if isinstance(self._layers[0], Embedding) else "float32"
            self._layers.insert(
                0, InputLayer(shape=tuple(input_shape)[1:], dtype=dtype)
            )
        with suspended():
            start = self._layers[0]._inbound_nodes[0].output_tensors[0]
            tensor = start
            for layer in self._layers[1:]:
                tensor = layer(tensor)
            self.__dict__["_functional"] = Functional(start, tensor, name=self.name)
        self._outputs_spec = tensor
        self._build_shapes = start.shape
        self.built = True
        self._prefix_paths(self._layers)

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Runs the layers in order."""
        x = inputs
        for layer in self.layers:
            x = layer(x, training=training)
        return x

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
            raise StateError(
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
        known = [] if fitting else self._known_columns()
        columns = known[0] if known else None
        first = self._layers[0] if self._layers else None
        if isinstance(first, InputLayer):
            shape = first.batch_shape[1:]
            reader = self.layers[0] if self.layers else first
            label = f"layer {reader.name!r} ({type(reader).__name__})"
            return [InputInfo(first.name, shape, first.dtype, columns, label)]
        dtype = "int32" if isinstance(first, Embedding) else "float32"
        return [InputInfo("input", None, dtype, columns)]

    def _output_names(self) -> list[str]:
        return [self._layers[-1].name] if self._layers else ["output"]

    def _output_symbols(self, data: Dataset) -> list[Any]:
        return self.outputs

    def _pack_inputs(self, x: list[Any]) -> Any:
        return x[0]

    def _pack_outputs(self, arrays: list[np.ndarray]) -> Any:
        return arrays[0]

    def _build_for(self, data: Dataset) -> None:
        self.build((None, *data.x[0].shape[1:]))

    # --- config

    def get_config(self) -> dict[str, Any]:
        """The layers' configs, and the shape that the model was built for."""
        config: dict[str, Any] = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": configs.dtype_config(self.dtype_policy.name),
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


def _as_layer(item: Any) -> Layer:
    if isinstance(item, KerasTensor) and item._keras_history is not None:
        item = item._keras_history.operation
    if not isinstance(item, Layer):
        raise DtypeError(
            "A Sequential is made of layers.",
            expected="layers such as layers.Dense(1)",
            received=repr(item),
            remedy="create the layer: write Dense(1), not Dense",
        )
    item._check_super()
    return item
