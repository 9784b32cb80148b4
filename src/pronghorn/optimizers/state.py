"""`State`: the variables that an optimizer keeps, and their way into files."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn import initializers
from pronghorn.errors import ShapeError, UnsupportedError
from pronghorn.ir import Variable
from pronghorn.optimizers.slots import slot_name, zeros_for

__all__ = ["State"]


class State:
    """What `Optimizer` keeps. Abstract: it has no way to update anything.

    Example:

    >>> class Kept(State):
    ...     name = "kept"
    ...     def __init__(self):
    ...         self._variables = []
    >>> [v.path for v in [Kept().add_variable((), name="step")]]
    ['kept/step']
    """

    name: str
    _variables: list[Variable]

    def __setattr__(self, name: str, value: Any) -> None:
        # a subclass's own variable belongs to the state, and into files
        known = self.__dict__.get("_variables", ())
        if isinstance(value, Variable) and not any(v is value for v in known):
            self._variables.append(value)
        super().__setattr__(name, value)

    @property
    def variables(self) -> list[Variable]:
        """All state: iteration, learning rate, then what `build` made, in order."""
        return list(self._variables)

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: str = "none",
        layout: Any = None,
        name: str | None = None,
    ) -> Variable:
        """A new variable of the state.

        Args:
            shape: its shape.
            initializer: its value at first. Default zeros.
            dtype: default float32.
            aggregation: how replicas agree; there is one, so it changes nothing.
            layout: None; there is one device.
            name: default "variable".

        Raises:
            UnsupportedError: a layout.
        """
        if layout is not None:
            raise UnsupportedError(
                "A variable lives on one device.",
                where=f"add_variable of optimizer {self.name!r}",
                expected="layout=None",
                received=repr(layout),
                remedy="leave it out",
            )
        value = initializers.get(initializer)
        variable = Variable(
            value, shape=tuple(shape), dtype=dtype, trainable=False, name=name
        )
        return self._kept(variable)

    def _kept(self, variable: Variable) -> Variable:
        variable.path = f"{self.name}/{variable.name}"
        self._variables.append(variable)
        return variable

    def add_variable_from_reference(
        self,
        reference_variable: Variable,
        name: str | None = None,
        initializer: Any = "zeros",
    ) -> Variable:
        """A new variable of the state, of the shape and dtype of a model's variable.

        Args:
            reference_variable: the model's variable.
            name: put behind that variable's path: `dense_kernel_momentum`. Default
                "var".
            initializer: its value at first. Default zeros.
        """
        return self.add_variable(
            reference_variable.shape,
            initializer,
            reference_variable.dtype,
            name=slot_name(reference_variable, name or "var"),
        )

    def add_optimizer_variables(
        self,
        trainable_variables: Sequence[Variable],
        name: Any,
        initializer: Any = "zeros",
    ) -> Any:
        """New variables of the state, one (or one per name) for each of a model's.

        Args:
            trainable_variables: the model's variables.
            name: one name, or a list of them.
            initializer: one for all, or a list, one per name.

        Returns:
            A list of variables; with a list of names a tuple of such lists.

        Raises:
            ShapeError: another number of initializers than of names.
        """
        names = [name] if isinstance(name, str) else list(name)
        each = isinstance(initializer, (list, tuple))
        values = list(initializer) if each else [initializer] * len(names)
        if len(values) != len(names):
            raise ShapeError(
                "Each name has an initializer of its own.",
                where=f"add_optimizer_variables of optimizer {self.name!r}",
                expected=f"{len(names)} initializers, or one for all",
                received=f"{len(values)}",
                remedy="give one for each name",
            )
        own_ways = type(self).add_variable is not State.add_variable
        places = [
            None if own_ways else zeros_for(trainable_variables, v) for v in values
        ]
        made: tuple[list[Variable], ...] = tuple([] for _ in names)
        for i, variable in enumerate(trainable_variables):
            for slot, own, value, zeros in zip(
                made, names, values, places, strict=True
            ):
                if zeros is None:
                    slot.append(self.add_variable_from_reference(variable, own, value))
                    continue
                label = slot_name(variable, own)
                slot.append(self._kept(Variable.living_in(zeros[i], False, label)))
        return made[0] if isinstance(name, str) else made

    def save_own_variables(self, store: Any) -> None:
        """Puts the state into a store, by its order: "0", "1", ..."""
        for i, variable in enumerate(self.variables):
            store[str(i)] = variable.numpy()

    def load_own_variables(self, store: Any) -> None:
        """Takes the state from a store; warns and leaves it if their numbers differ."""
        own = self.variables
        if len(store.keys()) != len(own):
            warnings.warn(
                f"The state of optimizer {self.name!r} was not loaded: it has "
                f"{len(own)} variables, the file {len(store.keys())}. "
                "Was it built for another model, or not built yet?",
                stacklevel=2,
            )
            return
        for i, variable in enumerate(own):
            variable.assign(np.asarray(store[str(i)]))

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Sets the state from arrays, in the order of `variables`.

        Raises:
            ShapeError: an array of another shape, or another number of arrays.
        """
        variables = self.variables
        own = [v.shape for v in variables]
        given = [np.shape(w) for w in weights]
        if own != given:
            raise ShapeError(
                "You are calling set_weights with arrays that are no state of it.",
                where=f"optimizer {self.name!r}",
                expected=f"arrays of shapes {own}",
                received=f"arrays of shapes {given}",
                remedy="build the optimizer for the same variables first",
            )
        for variable, weight in zip(variables, weights, strict=True):
            variable.assign(np.asarray(weight))
