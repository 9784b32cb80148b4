"""`MultiOptimizer`: some variables by one optimizer, others by another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from typing import Any

from pronghorn import config as configs
from pronghorn.errors import ArgumentError, DtypeError, StateError, UnsupportedError
from pronghorn.ir import Variable
from pronghorn.optimizers.loss_scale import LossScaleOptimizer
from pronghorn.optimizers.optimizer import Config, Optimizer
from pronghorn.registry import keras_class

__all__ = ["MultiOptimizer", "OptimizerMap"]


@keras_class("keras.optimizers")
class OptimizerMap(MutableMapping[str, Optimizer]):
    """Which optimizer changes which variable, by patterns of the variable's path.

    A path that is a key itself belongs to that key's optimizer. Otherwise the keys are
    regular expressions, and one that fits the whole path decides.

    Args:
        default_optimizer: of the variables that no key fits.
        optimizer_map: a dict of patterns and optimizers. Default empty.

    Raises:
        DtypeError: the default is no optimizer, or the map no dict.
        ArgumentError: a key or an optimizer that does not fit, a key twice, or two
            keys for one path.

    Example:

    >>> from pronghorn.optimizers import SGD, Adam
    >>> of = OptimizerMap(SGD(name="rest"), {"wide/.*": Adam(name="wide")})
    >>> of["wide/kernel"].name, of["deep/kernel"].name
    ('wide', 'rest')
    """

    def __init__(
        self,
        default_optimizer: Optimizer,
        optimizer_map: dict[str, Optimizer] | None = None,
    ) -> None:
        if not isinstance(default_optimizer, Optimizer):
            raise DtypeError(
                "The default of an OptimizerMap is an optimizer.",
                where="OptimizerMap(default_optimizer=)",
                expected="an object, such as keras.optimizers.SGD()",
                received=repr(default_optimizer),
            )
        if optimizer_map is not None and not isinstance(optimizer_map, dict):
            raise DtypeError(
                "Patterns and their optimizers are given as a dict.",
                where="OptimizerMap(optimizer_map=)",
                expected="a dict",
                received=type(optimizer_map).__name__,
            )
        self._default_optimizer = default_optimizer
        self._optimizer_map = optimizer_map or {}

    @property
    def default_optimizer(self) -> Optimizer:
        """The optimizer of the variables that no key fits."""
        return self._default_optimizer

    def __getitem__(self, key: str) -> Optimizer:
        if key in self._optimizer_map:
            return self._optimizer_map[key]
        fitting = [p for p in self._optimizer_map if re.fullmatch(p, key)]
        if len(fitting) > 1:
            raise ArgumentError(
                "Two patterns give one variable an optimizer.",
                where=f"OptimizerMap, variable {key!r}",
                expected="one pattern that fits, or none",
                received=", ".join(map(repr, fitting)),
                remedy="make the patterns narrower",
            )
        return self._optimizer_map[fitting[0]] if fitting else self._default_optimizer

    def __setitem__(self, key: str, optimizer: Optimizer) -> None:
        if not isinstance(key, str):
            raise ArgumentError(
                "A pattern is text.",
                where="OptimizerMap",
                expected="a regular expression of paths, such as 'wide/.*'",
                received=repr(key),
            )
        if key in self._optimizer_map:
            raise ArgumentError(
                f"The pattern {key!r} has an optimizer already.",
                where="OptimizerMap",
                received=repr(self._optimizer_map[key]),
                remedy="delete it first",
            )
        _check_part(optimizer, f"OptimizerMap[{key!r}]")
        self._optimizer_map[key] = optimizer

    def __delitem__(self, key: str) -> None:
        del self._optimizer_map[key]

    def __len__(self) -> int:
        return len(self._optimizer_map)

    def __iter__(self) -> Iterator[str]:
        return iter(self._optimizer_map)

    def __call__(self, variable: Variable) -> Optimizer:
        """The optimizer of a variable."""
        return self[variable.path]

    def get_config(self) -> Config:
        """The constructor's arguments."""
        return {
            "default_optimizer": configs.serialize(self._default_optimizer),
            "optimizer_map": configs.serialize(self._optimizer_map),
        }

    @classmethod
    def from_config(cls, config: Config, custom_objects: Any = None) -> OptimizerMap:
        """A map from what `get_config` returned."""
        default = configs.deserialize(config["default_optimizer"], custom_objects)
        return cls(
            default, configs.deserialize(config["optimizer_map"], custom_objects)
        )


class _NoRateError(StateError, AttributeError):
    """There is no such attribute, as `hasattr` understands it."""


@keras_class("keras.optimizers")
class MultiOptimizer(Optimizer):
    """Several optimizers, each of which changes variables of its own.

    Each keeps its learning rate, its schedule, its clipping and its averages; they all
    become part of the one step that the engine runs.

    Args:
        optimizer_map: an `OptimizerMap`, or a function from a variable to its
            optimizer.
        loss_scale_factor: takes the place of the optimizers' own. Default None.
        name: default "multi_optimizer".

    Raises:
        ArgumentError: on `build`, what the map gives is no optimizer, or one that
            holds others.

    Example:

    >>> from pronghorn.optimizers import SGD
    >>> a, b = Variable([1.0], name="a"), Variable([1.0], name="b")
    >>> optimizer = MultiOptimizer(OptimizerMap(SGD(0.5), {"b": SGD(0.25)}))
    >>> optimizer.apply([np.ones(1), np.ones(1)], [a, b])
    >>> a.numpy(), b.numpy()
    (array([0.5], dtype=float32), array([0.75], dtype=float32))
    """

    def __init__(
        self,
        optimizer_map: OptimizerMap | Callable[[Variable], Optimizer],
        loss_scale_factor: float | None = None,
        name: str | None = None,
    ) -> None:
        self._inner_optimizers: list[Optimizer] = []
        self._var_to_optimizer_idx: dict[int, int] = {}
        super().__init__(0.0, loss_scale_factor=loss_scale_factor, name=name)
        self._optimizer_map = optimizer_map
        if isinstance(optimizer_map, OptimizerMap):
            for optimizer in (*optimizer_map.values(), optimizer_map.default_optimizer):
                self._place_of(optimizer)

    def _place_of(self, optimizer: Optimizer) -> int:
        """The number of an optimizer, which is taken in if it is new."""
        for i, known in enumerate(self._inner_optimizers):
            if known is optimizer:
                return i
        optimizer.loss_scale_factor = self.loss_scale_factor
        self._inner_optimizers.append(optimizer)
        return len(self._inner_optimizers) - 1

    @property
    def optimizers(self) -> list[Optimizer]:
        """The optimizers: those of the patterns in order, then the default."""
        return self._inner_optimizers

    @property
    def variables(self) -> list[Variable]:
        """Its own state, then that of each optimizer."""
        inner = [v for optimizer in self._inner_optimizers for v in optimizer.variables]
        return [*self._variables, *inner]

    @property
    def learning_rate(self) -> Any:
        """Refused: each optimizer has its own.

        Raises:
            AttributeError: always, so `hasattr` says no.
        """
        raise self._no_rate()

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        raise self._no_rate()

    def _no_rate(self) -> _NoRateError:
        return _NoRateError(
            "Each of its optimizers has a learning rate, and it has none.",
            where=f"optimizer {self.name!r}",
            remedy="use learning_rate of each of its `.optimizers`",
        )

    @property
    def loss_scale_factor(self) -> float | None:
        """What the loss is multiplied by; the optimizers divide by the same."""
        return self._loss_scale_factor

    @loss_scale_factor.setter
    def loss_scale_factor(self, value: float | None) -> None:
        self._loss_scale_factor = value
        for optimizer in self._inner_optimizers:
            optimizer.loss_scale_factor = value

    @staticmethod
    def _var_key(variable: Variable) -> int:
        return id(variable)

    def build(self, var_list: Sequence[Variable]) -> None:
        """Asks the map for each variable's optimizer, and builds those."""
        if self.built:
            return
        if not callable(self._optimizer_map):
            raise ArgumentError(
                "A MultiOptimizer asks its map for the optimizer of a variable.",
                where=f"optimizer {self.name!r}",
                expected="an OptimizerMap, or a function of a variable",
                received=repr(self._optimizer_map),
            )
        for variable in var_list:
            optimizer = self._optimizer_map(variable)
            _check_part(optimizer, f"variable {variable.path!r}")
            place = self._place_of(optimizer)
            self._var_to_optimizer_idx[self._var_key(variable)] = place
        for optimizer, places in self._shares(var_list):
            optimizer.build([var_list[i] for i in places])
        super().build(var_list)

    def _shares(
        self, variables: Sequence[Variable]
    ) -> Iterator[tuple[Optimizer, list[int]]]:
        """Each optimizer that has some of the variables, with their places."""
        places: list[list[int]] = [[] for _ in self._inner_optimizers]
        for i, variable in enumerate(variables):
            places[self._var_to_optimizer_idx[self._var_key(variable)]].append(i)
        for optimizer, own in zip(self._inner_optimizers, places, strict=True):
            if own:
                yield optimizer, own

    def apply(
        self,
        grads: Sequence[Any],
        trainable_variables: Sequence[Variable] | None = None,
    ) -> None:
        """One step of each optimizer that has a gradient for one of its variables.

        Args:
            grads: one gradient per variable; None for one that the loss does not
                depend on.
            trainable_variables: the variables; by default those that it was built for.

        Raises:
            StateError: there are no variables yet, or unknown ones.
        """
        if not (grads := list(grads)):
            return
        grads, variables = self._paired(grads, trainable_variables or None)
        for optimizer, places in self._shares(variables):
            optimizer.apply([grads[i] for i in places], [variables[i] for i in places])
        self._iterations.assign_add(1)

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        for optimizer, places in self._shares(var_list):
            optimizer.finalize_variable_values([var_list[i] for i in places])
        self.averages_shown = False

    @property
    def keeps_averages(self) -> bool:
        """Whether one of the optimizers keeps averages of its variables."""
        return any(optimizer.keeps_averages for optimizer in self._inner_optimizers)

    def swap_averages(self) -> None:
        for optimizer in self._inner_optimizers:
            if optimizer.keeps_averages:
                optimizer.swap_averages()
        self.averages_shown = not self.averages_shown

    def exclude_from_weight_decay(
        self,
        var_list: Sequence[Variable] | None = None,
        var_names: Sequence[str] | None = None,
    ) -> None:
        """Refused: weight decay is each optimizer's own.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError(
            "A MultiOptimizer decays no weights itself.",
            where=f"exclude_from_weight_decay of optimizer {self.name!r}",
            remedy="call it on the one of its `.optimizers` that has the variables",
        )

    def get_config(self) -> Config:
        return {
            "optimizer_map": configs.serialize(self._optimizer_map),
            "loss_scale_factor": self.loss_scale_factor,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: Config, custom_objects: Any = None) -> MultiOptimizer:
        of = configs.deserialize(config["optimizer_map"], custom_objects)
        return cls(**{**config, "optimizer_map": of})


def _check_part(optimizer: Any, where: str) -> None:
    holders = (LossScaleOptimizer, MultiOptimizer)
    if isinstance(optimizer, Optimizer) and not isinstance(optimizer, holders):
        return
    raise ArgumentError(
        "A MultiOptimizer is made of optimizers that hold no others.",
        where=where,
        expected="an optimizer such as keras.optimizers.SGD()",
        received=repr(optimizer),
        remedy="put the MultiOptimizer into the LossScaleOptimizer, not the other way"
        if isinstance(optimizer, LossScaleOptimizer)
        else None,
    )
