"""One seed for everything that draws random numbers."""

from __future__ import annotations

import gc
import operator
import random as python_random
from typing import Any

import numpy as np

from pronghorn import dtype_policies, random
from pronghorn.errors import ArgumentError
from pronghorn.naming import reset_names

__all__ = ["clear_session", "set_random_seed"]


def set_random_seed(seed: int) -> None:
    """Seeds Python's `random`, NumPy's older generator, and Pronghorn itself.

    Initial weights, dropout and the order of batches follow from it: the same program
    with the same seed gives the same bits.

    Args:
        seed: a whole number from 0 to 2**32 - 1.

    Raises:
        ArgumentError: anything else.

    Example:

    >>> from pronghorn import initializers
    >>> def draw():
    ...     set_random_seed(7)
    ...     return initializers.RandomUniform()((2,))
    >>> bool((draw() == draw()).all())
    True
    """
    number = _checked(seed)
    python_random.seed(number)
    np.random.seed(number)
    random.set_global_seed(number)


def _checked(seed: Any) -> int:
    if not isinstance(seed, bool | str):
        try:
            number = operator.index(seed)
        except TypeError:
            number = -1
        if 0 <= number < 2**32:
            return number
    raise ArgumentError(
        "A seed is a whole number.",
        where="set_random_seed, argument `seed`",
        expected="an int from 0 to 2**32 - 1",
        received=repr(seed),
        remedy="pass an int, say 0",
    )


def clear_session(free_memory: bool = True) -> None:
    """Starts automatic names anew: the next `Dense` is called `dense` again.

    The dtype policy is that of `config.floatx()` again. Nothing else is kept between
    models, so there is nothing else to clear.

    Args:
        free_memory: whether to let Python look for what nothing refers to any more.

    >>> clear_session()
    """
    reset_names()
    dtype_policies.forget()
    if free_memory:
        gc.collect()
