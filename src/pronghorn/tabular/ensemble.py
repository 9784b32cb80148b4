"""TabM: an ensemble of nets that share nearly all weights, trained as one net."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pronghorn import activations, ops
from pronghorn.errors import ArgumentError, ShapeError
from pronghorn.initializers import Initializer, Ones, RandomNormal, RandomUniform
from pronghorn.ir.tensor import KerasTensor
from pronghorn.layers import Dropout
from pronghorn.layers.core import known_size, whole
from pronghorn.layers.input_spec import InputSpec
from pronghorn.layers.layer import Layer
from pronghorn.models import Functional
from pronghorn.registry import keras_class
from pronghorn.tabular.piecewise import uniform_of

__all__ = ["BatchEnsembleDense", "EnsembleModel", "MemberDense", "tabm"]

_known = keras_class("pronghorn.tabular")


class _Signs(Initializer):
    """1 or -1, each as likely."""

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> np.ndarray:
        drawn = RandomUniform(-1.0, 1.0)(shape, dtype)
        return np.where(drawn < 0, -1, 1).astype(drawn.dtype)


class _SameRows(Initializer):
    """One row, drawn uniformly, for all members."""

    def __init__(self, fan_in: int) -> None:
        self.fan_in = fan_in

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> np.ndarray:
        row = uniform_of(self.fan_in)(shape[1:], dtype)
        return np.broadcast_to(row, tuple(shape)).copy()


# Made anew for each layer: an initializer gives the same numbers each time.
SCALINGS: dict[str, Callable[[], Initializer]] = {
    "ones": Ones,
    "signs": _Signs,
    "normal": lambda: RandomNormal(stddev=1.0),
}


@_known
class BatchEnsembleDense(Layer):
    """`activation(((x * r) @ kernel) * s + bias)`: one kernel for all members' layers.

    Member i of the ensemble has a row of its own of r, s and bias, so that its kernel
    is the shared one times the outer product of these rows (Wen et al., arXiv
    2002.06715, equation 5; Gorishniy et al., TabM, arXiv 2410.24210, section 3.3).

    Args:
        units: the number of outputs of each member.
        members: how many nets. Default 32, TabM's.
        activation: by name or function; None (default) is linear.
        scaling: what r begins as: "ones" (default); "signs", 1 and -1 at random, or
            "normal" in the first layer, which alone makes the members differ: "normal"
            where embeddings stand before it. s begins as ones.
        use_bias: default True; at first the same for all members.
        **kwargs: `name`, `trainable`, and `input_shape` on a first layer.

    Shapes: (rows, features), which all members get, or (rows, members, features) to
    (rows, members, units); kernel (features, units), r (members, features), s and bias
    (members, units).

    Raises:
        ArgumentError: `units` or `members` is no positive whole number; another
            scaling.
        ShapeError: inputs of another number of members.

    Example:

    >>> layer = BatchEnsembleDense(8, members=4, scaling="signs")
    >>> layer(np.ones((2, 3), "float32")).shape
    (2, 4, 8)
    """

    def __init__(
        self,
        units: int,
        members: int = 32,
        activation: Any = None,
        scaling: str = "ones",
        use_bias: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = whole(units, "units", "BatchEnsembleDense")
        self.members = whole(members, "members", "BatchEnsembleDense")
        self.activation = activations.get(activation)
        if scaling not in SCALINGS:
            raise ArgumentError(
                "There is no such start of the members' factors.",
                where=f"layer {self.name!r}, scaling",
                expected=", ".join(map(repr, SCALINGS)),
                received=repr(scaling),
                remedy='"signs" in the first layer, "ones" in the others',
            )
        self.scaling = scaling
        self.use_bias = use_bias
        self.bias: Any = None

    def build(self, input_shape: Any) -> None:
        """Makes the shared kernel and the members' own rows."""
        features = _features(input_shape, self.members, self)
        self.kernel = self.add_weight(
            name="kernel",
            shape=(features, self.units),
            initializer=uniform_of(features),
        )
        self.r = self.add_weight(
            name="r",
            shape=(self.members, features),
            initializer=SCALINGS[self.scaling](),
        )
        self.s = self.add_weight(
            name="s", shape=(self.members, self.units), initializer="ones"
        )
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=(self.members, self.units),
                initializer=_SameRows(features),
            )
        self.input_spec = InputSpec(ndim=len(input_shape), axes={-1: features})
        self.built = True

    def call(self, inputs: Any) -> Any:
        """(rows, features) or (rows, members, features) to (rows, members, units)."""
        x = inputs if len(inputs.shape) == 3 else ops.expand_dims(inputs, 1)
        y = ops.matmul(x * self.r, self.kernel) * self.s
        if self.bias is not None:
            y = y + self.bias
        return y if self.activation is None else self.activation(y)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "units": self.units,
            "members": self.members,
            "activation": activations.serialize(self.activation),
            "scaling": self.scaling,
            "use_bias": self.use_bias,
        }


@_known
class MemberDense(Layer):
    """A dense layer for each member, nothing shared: the heads of an ensemble.

    Gorishniy et al., TabM, arXiv 2410.24210, section 3.3.

    Args:
        units: the number of outputs of each member.
        activation: by name or function; None (default) is linear.
        **kwargs: `name`, `trainable`, and `input_shape` on a first layer.

    Shapes: (rows, members, features) to (rows, members, units); kernel (members,
    features, units), bias (members, units).

    Raises:
        ArgumentError: `units` is no positive whole number.
        ShapeError: inputs without members.

    Example:

    >>> MemberDense(1)(np.ones((2, 4, 3), "float32")).shape
    (2, 4, 1)
    """

    def __init__(self, units: int, activation: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = whole(units, "units", "MemberDense")
        self.activation = activations.get(activation)
        self.input_spec = InputSpec(ndim=3)

    def build(self, input_shape: Any) -> None:
        """Makes kernels and biases for this number of members and features."""
        members = known_size(input_shape, 1, self)
        features = known_size(input_shape, 2, self)
        self.kernel = self.add_weight(
            name="kernel",
            shape=(members, features, self.units),
            initializer=uniform_of(features),
        )
        self.bias = self.add_weight(
            name="bias",
            shape=(members, self.units),
            initializer=uniform_of(features),
        )
        self.input_spec = InputSpec(ndim=3, axes={1: members, 2: features})
        self.built = True

    def call(self, inputs: Any) -> Any:
        """(rows, members, features) to (rows, members, units)."""
        y = ops.einsum("nki,kio->nko", inputs, self.kernel) + self.bias
        return y if self.activation is None else self.activation(y)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
        }


@_known
class EnsembleModel(Functional):
    """A functional model whose one output has members: trained each, asked as a mean.

    In training the loss is the mean over the members of each one's loss; a prediction,
    and what metrics and `evaluate` get, is the mean of the members' outputs (Gorishniy
    et al., TabM, arXiv 2410.24210, section 3). For classes let the last layer's
    activation be "softmax" or "sigmoid": then it is probabilities that are averaged.
    `Model(ensemble.input, ensemble.output)` gives each member's own answers.

    Args:
        inputs: as for `Model`.
        outputs: one tensor (rows, members, units).
        name: default "ensemble_model".

    Raises:
        ShapeError: outputs of another form.

    Example:

    >>> from pronghorn.layers import Input
    >>> x = Input((3,))
    >>> hidden = BatchEnsembleDense(16, 4, "relu", scaling="signs")(x)
    >>> model = EnsembleModel(x, MemberDense(1)(hidden))
    >>> model.predict(np.zeros((5, 3)), verbose=0).shape
    (5, 1)
    """

    _apart: bool

    def __init__(
        self, inputs: Any, outputs: Any, name: str | None = None, **kwargs: Any
    ) -> None:
        shape = tuple(getattr(outputs, "shape", ()))
        if len(shape) != 3 or None in shape[1:]:
            raise ShapeError(
                "An ensemble's output has members.",
                where="EnsembleModel(outputs=)",
                expected="one tensor of shape (rows, members, units)",
                received=shape or type(outputs).__name__,
                remedy="end with MemberDense, behind BatchEnsembleDense layers",
            )
        super().__init__(inputs, outputs, name=name, **kwargs)
        # What it answers, which losses and metrics are chosen for: not the members.
        self._outputs_spec = KerasTensor(shape[::2], outputs.dtype, name="mean")
        self.__dict__["_apart"] = False

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """The members' mean, (rows, units); in its own training step all members."""
        outputs = super().call(inputs, training, mask)
        return outputs if self._apart else self._answer(outputs)

    def _answer(self, outputs: Any) -> Any:
        return ops.mean(outputs, axis=1)

    def train_step(self, data: Any) -> dict[str, Any]:
        """A step that trains each member on the same rows."""
        self.__dict__["_apart"] = True
        try:
            return super().train_step(data)
        finally:
            self.__dict__["_apart"] = False

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """The loss of `compile`: of each member in training, else of their mean."""
        if self._apart and y is not None:
            members = y_pred.shape[1]
            y = y if len(y.shape) > 1 else ops.expand_dims(y, -1)
            y = ops.repeat(ops.expand_dims(y, 1), members, axis=1)
            if sample_weight is not None:
                weight = ops.reshape(sample_weight, (-1, 1))
                sample_weight = ops.repeat(weight, members, axis=1)
        return super().compute_loss(x, y, y_pred, sample_weight, training)

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> dict[str, Any]:
        """The metrics of the members' mean."""
        if len(y_pred.shape) == 3:
            y_pred = ops.mean(y_pred, axis=1)
        return super().compute_metrics(x, y, y_pred, sample_weight)


def tabm(
    inputs: Any,
    encoded: Any = None,
    units: int = 1,
    activation: Any = None,
    hidden: Sequence[int] = (512, 512, 512),
    members: int = 32,
    dropout: float = 0.1,
    scaling: str = "signs",
    name: str | None = None,
) -> EnsembleModel:
    """A TabM: a net of `BatchEnsembleDense` layers with a head for each member.

    Gorishniy et al., arXiv 2410.24210; the defaults are those of its package.

    Args:
        inputs: symbolic inputs of the model.
        encoded: what was computed from them, (rows, features). Default: the inputs.
        units: of the output. Default 1.
        activation: of the output: "softmax" or "sigmoid" for classes. Default linear.
        hidden: the widths of the layers, each with relu and dropout.
        members: default 32.
        dropout: default 0.1.
        scaling: how members begin to differ: "signs" (default), or "normal", which is
            usual behind embeddings.
        name: of the model.

    Raises:
        ArgumentError: no hidden layer, or a value that a layer does not take.

    Example:

    >>> from pronghorn.layers import Input
    >>> model = tabm(Input((3,)), hidden=(16, 16), members=4)
    >>> model.compile("adamw", "mse", metrics=["mae"])
    >>> x = np.random.default_rng(0).normal(size=(50, 3)).astype("float32")
    >>> history = model.fit(x, x[:, 0], verbose=0).history
    >>> sorted(history)
    ['loss', 'mae']
    """
    if not hidden:
        raise ArgumentError(
            "An ensemble needs a layer in which its members differ.",
            where="tabm(hidden=)",
            expected="one width or more",
            received=repr(hidden),
            remedy="hidden=(512, 512, 512) is usual",
        )
    x = inputs if encoded is None else encoded
    for i, width in enumerate(hidden):
        start = scaling if i == 0 else "ones"
        x = BatchEnsembleDense(width, members, "relu", start)(x)
        x = Dropout(dropout)(x) if dropout else x
    return EnsembleModel(inputs, MemberDense(units, activation)(x), name=name)


def _features(shape: Any, members: int, layer: Layer) -> int:
    """The number of features; an error where the shape has other members."""
    if len(shape) not in (2, 3) or (len(shape) == 3 and shape[1] != members):
        raise ShapeError(
            "The inputs do not fit the members.",
            where=f"layer {layer.name!r}",
            expected=f"shape (rows, features) or (rows, {members}, features)",
            received=tuple(shape),
            remedy="give all layers of an ensemble the same members=",
        )
    return known_size(shape, -1, layer)
