"""Ensembles of RealMLP nets, all members trained as one net."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn import ops
from pronghorn import random as randomness
from pronghorn.errors import ArgumentError, ShapeError
from pronghorn.layers.core import known_size, whole
from pronghorn.layers.input_spec import InputSpec
from pronghorn.layers.layer import Layer
from pronghorn.registry import keras_class
from pronghorn.tabular.dense import NTKDense, draw_by_data
from pronghorn.tabular.ensemble import EnsembleModel

__all__ = ["MemberNTKDense", "SharedNTKDense", "TableNet", "Temperature"]

_known = keras_class("pronghorn.tabular")
TASKS = ("regression", "classification")


@_known
class MemberNTKDense(NTKDense):
    """`NTKDense` for each member of an ensemble, nothing shared.

    Args:
        units: the number of outputs of each member.
        activation: by name or function; None (default) is linear.
        use_bias: default True.
        kernel_initializer: default None: normal numbers of deviation 1.
        bias_initializer: default "zeros".
        **kwargs: `name`, `trainable`, and `input_shape` on a first layer.

    Shapes: (rows, members, features) to (rows, members, units); kernel (members,
    features, units), bias (members, units).

    Raises:
        ArgumentError: if `units` is no positive whole number.
        ShapeError: inputs without members.

    Example:

    >>> layer = MemberNTKDense(1, kernel_initializer="ones")
    >>> layer(np.ones((2, 3, 4), "float32")).shape
    (2, 3, 1)
    """

    def build(self, input_shape: Any) -> None:
        """Makes kernels and biases for this number of members and features."""
        if len(input_shape) != 3:
            raise ShapeError(
                "The inputs have no members.",
                where=f"layer {self.name!r}",
                expected="shape (rows, members, features)",
                received=tuple(input_shape),
                remedy="ops.repeat(ops.expand_dims(x, 1), members, axis=1)",
            )
        members = known_size(input_shape, 1, self)
        features = known_size(input_shape, 2, self)
        self.kernel = self.add_weight(
            name="kernel",
            shape=(members, features, self.units),
            initializer=self.kernel_initializer,
        )
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=(members, self.units),
                initializer=self.bias_initializer,
            )
        self.input_spec = InputSpec(ndim=3, axes={1: members, 2: features})
        self.built = True

    def _linear(self, inputs: Any) -> Any:
        product = ops.einsum("nki,kio->nko", inputs, self.kernel)
        return self._shifted(product, inputs.shape[-1])

    def _draw(self, inputs: np.ndarray) -> np.ndarray:
        rng = np.random.default_rng(randomness.draw_seed())
        drawn = [
            draw_by_data(inputs[:, k], self.units, rng, self.name)
            for k in range(inputs.shape[1])
        ]
        kernel, bias, y = (np.stack(parts) for parts in zip(*drawn, strict=True))
        self.kernel.assign(kernel)
        if self.bias is not None:
            self.bias.assign(bias)
            y += bias[:, None]
        return y.swapaxes(0, 1)


@_known
class SharedNTKDense(MemberNTKDense):
    """`MemberNTKDense` behind a `ScalingLayer`, for rows that all members get alike.

    In training it is the kernel that is scaled, not the rows: no gradient of the rows
    is computed, and none of the rows is copied for each member. In prediction, of few
    rows more often than not, the rows are.

    Args:
        units: the number of outputs of each member.
        members: how many.
        **kwargs: as for `MemberNTKDense`.

    Shapes: (rows, features) to (rows, members, units); scale (members, features),
    kernel (members, features, units), bias (members, units).

    Raises:
        ArgumentError: if `units` or `members` is no positive whole number.

    Example:

    >>> layer = SharedNTKDense(1, members=3, kernel_initializer="ones")
    >>> layer(np.ones((2, 4), "float32")).shape
    (2, 3, 1)
    """

    def __init__(self, units: int, members: int = 1, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        self.members = whole(members, "members", "SharedNTKDense")
        self.input_spec = InputSpec(ndim=2)

    def build(self, input_shape: Any) -> None:
        """Makes the scales, kernels and biases for this number of features."""
        features = known_size(input_shape, -1, self)
        shape = (self.members, features)
        self.scale = self.add_weight(name="scale", shape=shape, initializer="ones")
        super().build((None, *shape))
        self.input_spec = InputSpec(ndim=2, axes={1: features})

    def call(self, inputs: Any, training: bool = False) -> Any:
        """(rows, features) to (rows, members, units)."""
        if not training:
            return super().call(ops.expand_dims(inputs, 1) * self.scale)
        kernel = ops.expand_dims(self.scale, -1) * self.kernel
        product = ops.matmul(ops.expand_dims(inputs, 0), kernel)
        x = self._shifted(ops.transpose(product, (1, 0, 2)), inputs.shape[-1])
        return x if self.activation is None else self.activation(x)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "members": self.members}


@_known
class Temperature(Layer):
    """`x / temperature`: how sure a net's probabilities are; 1 until it is set.

    Set after the training by rows that were not trained on, it makes probabilities
    true to how often they come right (Guo et al., arXiv 1706.04599, section 4.2).

    Args:
        **kwargs: `name`, and `input_shape` on a first layer.

    Shapes: any to the same; temperature (), not trained.

    Example:

    >>> layer = Temperature()
    >>> _ = layer(np.ones((1, 2), "float32"))
    >>> layer.set_weights([np.float32(2)])
    >>> layer(np.array([[1.0, 3.0]], "float32"))
    array([[0.5, 1.5]], dtype=float32)
    """

    supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Makes the weight."""
        self.temperature = self.add_weight(
            name="temperature", shape=(), initializer="ones", trainable=False
        )
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Any shape to the same shape."""
        return inputs / self.temperature

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return super().get_config()


@_known
class TableNet(EnsembleModel):
    """An ensemble for a table, with the loss of its task.

    Its output holds each member's numbers: log-odds of the classes, or predictions. In
    training the loss is the mean over rows and members of the cross-entropy (of labels
    from 0, which may be smoothed) or of the squared error. What it answers is the
    members' mean: of probabilities, or of predictions. `compile` it with an optimizer
    alone. A sample weight (rows,) counts for all members, (rows, members) for each, so
    that members can be trained on rows of their own.

    Args:
        inputs: as for `Model`.
        outputs: one tensor (rows, members, units).
        task: "regression" (default) or "classification".
        smoothing: how much of a label is spread over all classes. Default 0.0; RealMLP
            has 0.1 (Holzmueller et al., arXiv 2407.04491). A sequence has a number for
            each of equal groups of members.
        name: default "table_net".

    Raises:
        ShapeError: outputs of another form.
        ArgumentError: another task; a smoothing out of 0 to 1, or not for equal groups.

    Example:

    >>> from pronghorn.layers import Input
    >>> x = Input((4, 3))  # four members
    >>> net = TableNet(x, MemberNTKDense(2)(x), "classification")
    >>> net.compile("adam")
    >>> x = np.zeros((5, 4, 3), "float32")
    >>> _ = net.fit(x, np.array([0, 1, 0, 1, 1]), verbose=0)
    >>> net.predict(x, verbose=0).shape
    (5, 2)
    """

    _ours_alone = True

    def __init__(
        self,
        inputs: Any,
        outputs: Any,
        task: str = "regression",
        smoothing: float | Sequence[float] = 0.0,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(inputs, outputs, name=name, **kwargs)
        if task not in TASKS:
            raise ArgumentError(
                f"There is no task {task!r}.",
                where="TableNet(task=)",
                expected=" or ".join(map(repr, TASKS)),
                received=repr(task),
            )
        shares = [smoothing] if isinstance(smoothing, (int, float)) else [*smoothing]
        members = int(outputs.shape[1])
        if not all(0 <= s < 1 for s in shares) or members % max(len(shares), 1):
            raise ArgumentError(
                "The smoothing of labels is out of range.",
                where="TableNet(smoothing=)",
                expected="a number from 0 to below 1, or one for each of equal groups "
                f"of the {members} members",
                received=repr(smoothing),
                remedy="0.1 is usual",
            )
        self.task = task
        alike = isinstance(smoothing, (int, float))
        self.smoothing = float(shares[0]) if alike else [float(s) for s in shares]

    def _answer(self, outputs: Any) -> Any:
        if self.task == "classification":
            outputs = ops.softmax(outputs, axis=-1)
        return ops.mean(outputs, axis=1)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """The task's loss: of each member in training, else of what it answers."""
        loss = self._loss(y, y_pred)
        if sample_weight is not None:
            weight = sample_weight
            if len(weight.shape) < len(loss.shape):
                weight = ops.expand_dims(weight, -1)
            loss = loss * weight
        return ops.mean(loss)

    def _loss(self, y: Any, y_pred: Any) -> Any:
        """(rows, members) in training, else (rows,)."""
        apart = len(y_pred.shape) == 3
        if self.task == "regression":
            y = ops.reshape(ops.cast(y, "float32"), (-1, 1))
            return ops.square((y_pred[..., 0] if apart else y_pred) - y)
        y = ops.one_hot(ops.reshape(y, (-1,)), y_pred.shape[-1])
        if not apart:
            return -ops.log(ops.sum(y * y_pred, axis=-1) + 1e-7)
        y = ops.expand_dims(y, 1)
        if self.smoothing:
            share: Any = self.smoothing
            if isinstance(share, list):
                each = y_pred.shape[1] // len(share)
                share = np.repeat(np.array(share, np.float32), each)[:, None]
            y = y * (1.0 - share) + share / y_pred.shape[-1]
        return -ops.sum(y * ops.log_softmax(y_pred, axis=-1), axis=-1)

    def get_config(self) -> dict[str, Any]:
        """The layers, which call feeds which, and the constructor's arguments."""
        return {
            **super().get_config(),
            "task": self.task,
            "smoothing": self.smoothing,
        }
