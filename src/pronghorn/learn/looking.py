"""How judges look at an answer: what a model computes, not how it was written down.

Each function raises `Wrong`, for the learner, where the answer is of another kind.
"""

from __future__ import annotations

import numbers
from dataclasses import dataclass
from typing import Any

import numpy as np

from pronghorn import activations, layers, losses
from pronghorn.learn.question import Wrong
from pronghorn.models import Functional, Model, Sequential
from pronghorn.optimizers import Optimizer

__all__ = [
    "Part",
    "a_model",
    "a_number",
    "compiled",
    "dense_units",
    "input_size",
    "loss_name",
    "metric_names",
    "optimizer_name",
    "parts",
    "predictions",
]


@dataclass(frozen=True)
class Part:
    """One thing that a row goes through.

    Attributes:
        kind: `dense`, `activation`, `dropout`, `batchnorm`, `normalization`, `flatten`,
            or a layer's class name in lower case.
        size: units of a dense part.
        name: an activation's name.
        rate: of dropout.
        layer: the layer that it was written as.
    """

    kind: str
    layer: Any
    size: int = 0
    name: str = ""
    rate: float = 0.0


def a_number(value: Any, what: str) -> float:
    """The answer as a number.

    >>> a_number(102.5, "calories")
    102.5
    """
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise Wrong(f"{what} should be a number; this is {_kind(value)}.")
    return float(value)


def a_model(value: Any, name: str = "model") -> Model:
    """The answer as a model that is built."""
    if isinstance(value, layers.Layer) and not isinstance(value, Model):
        raise Wrong(
            f"`{name}` is a single layer. Put it into a model: "
            "`keras.Sequential([...])`."
        )
    if isinstance(value, list | tuple):
        raise Wrong(
            f"`{name}` is a list of layers. A list becomes a model with "
            "`keras.Sequential(...)`."
        )
    if not isinstance(value, Model):
        raise Wrong(f"`{name}` should be a model; this is {_kind(value)}.")
    if not value.built:
        raise Wrong(
            f"`{name}` does not know how many columns come in, so it has no weights "
            "yet. Tell its first layer: `input_shape`."
        )
    return value


def parts(model: Model) -> list[Part]:
    """What a row goes through, in order, however it was written.

    `Dense(8, activation="relu")`, `Dense(8)` with `Activation("relu")` and with
    `ReLU()` give the same parts; nested Sequentials are opened; an activation that
    changes nothing is left out, as is an input.
    """
    found: list[Part] = []
    for layer in _layers(model):
        found.extend(_parts(layer))
    return found


def _layers(model: Model) -> list[Any]:
    """The layers in the order in which a row meets them."""
    if not isinstance(model, Sequential | Functional):
        raise Wrong(
            "This model is a class of its own. The question looks at layers: use "
            "`keras.Sequential` or the functional way."
        )
    return [each for each in model.layers if not isinstance(each, layers.InputLayer)]


def _parts(layer: Any) -> list[Part]:
    if isinstance(layer, Model):
        return parts(layer)
    name = type(layer).__name__
    if isinstance(layer, layers.Dense):
        after = _activation(layer, layer.activation)
        return [Part("dense", layer, size=layer.units), *after]
    if isinstance(layer, layers.Activation):
        return _activation(layer, layer.activation)
    if name in ("ReLU", "LeakyReLU", "ELU", "PReLU", "Softmax"):
        words = {"ReLU": "relu", "LeakyReLU": "leaky_relu", "ELU": "elu"}
        return [Part("activation", layer, name=words.get(name, name.lower()))]
    if isinstance(layer, layers.Dropout):
        return [Part("dropout", layer, rate=float(layer.rate))]
    if isinstance(layer, layers.Identity):
        return []
    kinds = {"BatchNormalization": "batchnorm"}
    return [Part(kinds.get(name, name.lower()), layer)]


def _activation(layer: Any, function: Any) -> list[Part]:
    if function is None or function is activations.linear:
        return []
    name = getattr(function, "__name__", type(function).__name__)
    return [Part("activation", layer, name=str(name))]


def dense_units(model: Model) -> list[int]:
    """Units of the dense layers, in order."""
    return [part.size for part in parts(model) if part.kind == "dense"]


def input_size(model: Model) -> int:
    """How many columns the model takes."""
    shape = model.input_shape
    if isinstance(shape, list | dict) or len(shape) != 2:
        raise Wrong(f"Rows of one table come in; this model's input is {shape}.")
    return int(shape[-1])


def compiled(model: Model, name: str = "model") -> Model:
    """The model, if `compile` was called."""
    if not getattr(model, "compiled", False):
        raise Wrong(f"`{name}` was not compiled: `{name}.compile(...)`.")
    return model


def loss_name(model: Model) -> str:
    """The compiled loss as Keras's long name in snake case.

    `"mae"`, `"mean_absolute_error"`, `keras.losses.MeanAbsoluteError()` and the
    function give `mean_absolute_error`.
    """
    given = compiled(model).loss
    if given is None:
        raise Wrong("The model was compiled without a loss: `loss=...`.")
    if isinstance(given, str):
        given = losses.get(given)
    name = (
        type(given).__name__
        if isinstance(given, losses.Loss)
        else getattr(given, "__name__", type(given).__name__)
    )
    return _snake(name)


def optimizer_name(model: Model) -> str:
    """The compiled optimizer's class name in lower case, such as `adam`."""
    optimizer = compiled(model).optimizer
    if not isinstance(optimizer, Optimizer):
        raise Wrong(f"The optimizer is {_kind(optimizer)}.")
    return type(optimizer).__name__.lower()


def metric_names(model: Model) -> list[str]:
    """Names under which the compiled metrics come in the history, the loss left out."""
    return [name for name in compiled(model).metrics_names if name != "loss"]


def predictions(model: Model, x: Any) -> np.ndarray:
    """What the model says for rows, as (n, outputs) float32."""
    found = np.asarray(model.predict(x, verbose=0))
    return found.reshape(len(found), -1)


def _snake(name: str) -> str:
    made = "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")
    return made


def _kind(value: Any) -> str:
    if value is None:
        return "nothing (`None`)"
    return f"a {type(value).__name__}"
