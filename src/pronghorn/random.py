"""Random numbers: seeds for initializers on the host, and `keras.random` in graphs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from math import erf, sqrt
from typing import Any

import numpy as np

from pronghorn import ops
from pronghorn.errors import ArgumentError, ShapeError, UnsupportedError
from pronghorn.ir import dtypes
from pronghorn.ir.shapes import BATCH, Batch, Shape, at
from pronghorn.ir.tracer import active, is_symbolic, next_stream
from pronghorn.ir.variable import Variable
from pronghorn.naming import auto_name
from pronghorn.ops import random as nodes
from pronghorn.registry import keras_class

__all__ = [
    "SeedGenerator",
    "beta",
    "binomial",
    "categorical",
    "draw_seed",
    "dropout",
    "gamma",
    "normal",
    "randint",
    "seeded",
    "set_global_seed",
    "shuffle",
    "truncated_normal",
    "uniform",
]

_SEED_LIMIT = 2**31 - 1


class _Global:
    """The source of all seeds that nobody chose."""

    generator: np.random.Generator | None = None


_within: ContextVar[np.random.Generator | None] = ContextVar("seeds", default=None)


def set_global_seed(seed: int) -> None:
    """Makes every later draw of this process repeatable."""
    _Global.generator = np.random.Generator(np.random.Philox(key=int(seed)))


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Makes the draws within repeatable, and leaves the global source as it is.

    It holds for this thread alone, so that several can train at the same time.

    >>> with seeded(3):
    ...     first = draw_seed()
    >>> with seeded(3):
    ...     first == draw_seed()
    True
    """
    made = np.random.Generator(np.random.Philox(key=int(seed)))
    token = _within.set(made)
    try:
        yield
    finally:
        _within.reset(token)


def draw_seed() -> int:
    """A fresh seed from the global source, 0 to 2**31 - 2."""
    within = _within.get()
    if within is not None:
        return int(within.integers(_SEED_LIMIT))
    if _Global.generator is None:
        set_global_seed(int.from_bytes(os.urandom(8), "little"))
    assert _Global.generator is not None
    return int(_Global.generator.integers(_SEED_LIMIT))


@keras_class("keras.random")
class SeedGenerator:
    """A source of random numbers with a state of its own, as `keras.random` has it.

    Args:
        seed: a whole number; drawn from the global source by default.
        name: default "seed_generator", numbered from the second on.
        **kwargs: none; `backend` raises.

    Raises:
        ArgumentError: a seed that is no whole number, or another keyword.

    In a trace it names a stream: numbers then follow from the run's seed, the step
    and this generator's seed.
    """

    def __init__(
        self, seed: int | None = None, name: str | None = None, **kwargs: Any
    ) -> None:
        if kwargs:
            raise ArgumentError(
                "A seed generator takes a seed and a name.",
                where="SeedGenerator",
                received=", ".join(kwargs),
                remedy="leave it out: there is one source of random numbers",
            )
        if seed is not None and not isinstance(seed, (int, np.integer)):
            raise ArgumentError(
                "A seed is a whole number.", where="SeedGenerator", received=repr(seed)
            )
        self._initial = None if seed is None else int(seed)
        self.seed = draw_seed() if seed is None else int(seed)
        self.name = name or auto_name(type(self).__name__)
        state = np.array([self.seed & 0x7FFFFFFF, 0], np.int32)
        self.state = Variable(
            state, dtype="int32", trainable=False, name="seed_generator_state"
        )
        self.state.path = f"{self.name}/seed_generator_state"

    def stream(self) -> int:
        """A stream for one node of the trace that is running."""
        number = next_stream()
        if self._initial is not None:
            number ^= (self.seed * 0x9E3779B1 & 0x3FFF) << 12
        return number

    def generator(self) -> np.random.Generator:
        """A NumPy generator for one eager draw; the next call gives another."""
        held = self.state.value
        traced = not isinstance(held, np.ndarray)  # a layer is built inside of a trace
        after = np.array(self.state.storage if traced else held)
        seed, count = (int(i) & 0xFFFFFFFF for i in after)
        after[1] += 1
        if traced:
            np.copyto(self.state.storage, after)
        else:
            self.state.assign(after)
        return np.random.Generator(np.random.Philox(key=seed << 32 | count))

    def next(self, ordered: bool = True) -> Any:
        """The state, two whole numbers, which then goes on.

        Args:
            ordered: whether it counts on (default), or jumps.

        Example:

        >>> generator = SeedGenerator(7)
        >>> generator.next().tolist(), generator.next().tolist()
        ([7, 0], [7, 1])
        """
        value = self.state.value * 1
        step = value + np.array([0, 1], np.int32)
        self.state.assign(step if ordered else (value + 1) * 5387 % 933199)
        return value

    def get_config(self) -> dict[str, Any]:
        """The arguments that make another one like this."""
        return {"seed": self._initial, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SeedGenerator:
        """A generator from what `get_config` returned."""
        return cls(**config)


Seed = int | SeedGenerator | None


def _eager(seed: Seed) -> np.random.Generator:
    if isinstance(seed, SeedGenerator):
        return seed.generator()
    key = draw_seed() if seed is None else int(seed)
    return np.random.Generator(np.random.Philox(key=key))


def _stream(seed: Seed) -> int:
    if not isinstance(seed, SeedGenerator):
        seed = SeedGenerator(seed, "of_one_call")
    return seed.stream()


def _dtype(name: str, dtype: Any, whole: bool = False) -> Any:
    """The dtype of a draw; float32 or int32 where none was asked for."""
    asked = dtype or ("int32" if whole else "float32")
    found = dtypes.standard(asked)
    if dtypes.is_float(found) == whole:
        raise ArgumentError(
            f"{name} draws {'whole numbers' if whole else 'floats'}.",
            where=f"random.{name}",
            expected="dtype int32" if whole else "dtype float32",
            received=f"dtype={dtype!r}",
            remedy="use ops.cast on the result",
        )
    return dtypes.of_values(asked)


def _shape(shape: Sequence[Any]) -> Shape:
    return tuple(BATCH if d is None else d for d in shape)


def _symbolic(shape: Shape) -> bool:
    return active() is not None or any(isinstance(d, Batch) for d in shape)


def uniform(
    shape: Sequence[Any],
    minval: float = 0.0,
    maxval: float = 1.0,
    dtype: Any = None,
    seed: Seed = None,
) -> Any:
    """Numbers spread evenly over [minval, maxval)."""
    dtype = _dtype("uniform", dtype)
    full = _shape(shape)
    if _symbolic(full):
        values = nodes.uniform(full, _stream(seed))
        return ops.cast(minval + (maxval - minval) * values, dtype)
    return _eager(seed).uniform(minval, maxval, at(full, 0)).astype(dtype)


def normal(
    shape: Sequence[Any],
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: Any = None,
    seed: Seed = None,
) -> Any:
    """Numbers of a normal distribution."""
    dtype = _dtype("normal", dtype)
    full = _shape(shape)
    if _symbolic(full):
        return ops.cast(mean + stddev * nodes.normal(full, _stream(seed)), dtype)
    return _eager(seed).normal(mean, stddev, at(full, 0)).astype(dtype)


def truncated_normal(
    shape: Sequence[Any],
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: Any = None,
    seed: Seed = None,
) -> Any:
    """Normal numbers, drawn again where they are over two deviations from the mean.

    >>> bool((abs(truncated_normal((100,), seed=1)) <= 2).all())
    True
    """
    dtype = _dtype("truncated_normal", dtype)
    full = _shape(shape)
    if _symbolic(full):
        # The inverse of the distribution of what lies within, of an even draw.
        edge = erf(2.0 / sqrt(2.0))
        even = nodes.uniform(full, _stream(seed)) * (2.0 * edge) - edge
        return ops.cast(mean + stddev * sqrt(2.0) * ops.erfinv(even), dtype)
    generator = _eager(seed)
    values = generator.standard_normal(at(full, 0))
    while (far := np.abs(values) > 2.0).any():
        values[far] = generator.standard_normal(int(far.sum()))
    return (mean + stddev * values).astype(dtype)


def randint(
    shape: Sequence[Any],
    minval: int,
    maxval: int,
    dtype: Any = "int32",
    seed: Seed = None,
) -> Any:
    """Whole numbers from [minval, maxval)."""
    dtype = _dtype("randint", dtype, whole=True)
    full = _shape(shape)
    if _symbolic(full):
        values = nodes.uniform(full, _stream(seed)) * float(maxval - minval)
        return ops.cast(ops.floor(values) + float(minval), dtype)
    return _eager(seed).integers(minval, maxval, at(full, 0)).astype(dtype)


def dropout(
    inputs: Any,
    rate: float,
    noise_shape: Sequence[Any] | None = None,
    seed: Seed = None,
) -> Any:
    """Elements set to 0 with probability `rate`, the rest scaled by 1 / (1 - rate).

    Args:
        inputs: a float tensor.
        rate: 0 to 1, where all are 0.
        noise_shape: the shape of the mask; 1 shares a draw along an axis.
        seed: a whole number or a SeedGenerator.

    Raises:
        ArgumentError: another rate.
    """
    x = ops.convert_to_tensor(inputs)
    if not 0 <= rate <= 1:
        raise ArgumentError(
            "A rate is a share.",
            where="random.dropout",
            expected="rate from 0 to 1",
            received=f"rate={rate!r}",
        )
    if rate in (0, 1):
        return x if rate == 0 else ops.zeros_like(x)
    wanted = ops.shape(x)
    if noise_shape is not None:
        wanted = tuple(w if n is None else n for n, w in zip(noise_shape, wanted))
    kept = ops.greater_equal(uniform(wanted, seed=seed), rate)
    return ops.where(kept, x * (1.0 / (1.0 - rate)), 0.0)


def categorical(
    logits: Any, num_samples: int, dtype: Any = "int32", seed: Seed = None
) -> Any:
    """Class numbers, drawn as often as their probabilities say.

    Args:
        logits: `(rows, classes)`, logarithms of the probabilities up to a constant.
        num_samples: draws a row.
        dtype: default int32.
        seed: a whole number or a SeedGenerator.

    Returns:
        `(rows, num_samples)`.

    Raises:
        ShapeError: logits of another rank than 2.

    Example:

    >>> categorical(np.array([[0.0, -99.0], [-99.0, 0.0]]), 3, seed=1).tolist()
    [[0, 0, 0], [1, 1, 1]]
    """
    kind = _dtype("categorical", dtype, whole=True)
    values = ops.convert_to_tensor(logits)
    if values.ndim != 2:
        raise ShapeError(
            "categorical draws from rows of logits.",
            where="random.categorical",
            expected="shape (rows, classes)",
            received=tuple(values.shape),
        )
    rows, classes = ops.shape(values)
    even = uniform((rows, num_samples, classes), seed=seed)
    # The largest of logits with Gumbel noise is a draw (Gumbel, 1954).
    noise = -ops.log(-ops.log(even))
    return ops.cast(ops.argmax(ops.expand_dims(values, 1) + noise, -1), kind)


def shuffle(x: Any, axis: int = 0, seed: Seed = None) -> Any:
    """The parts along an axis in another order.

    Args:
        x: a tensor.
        axis: default the first.
        seed: a whole number or a SeedGenerator.

    Raises:
        UnsupportedError: along the batch inside a trace, whose order `fit` shuffles.

    Example:

    >>> sorted(shuffle(np.arange(5), seed=1).tolist())
    [0, 1, 2, 3, 4]
    """
    values = ops.convert_to_tensor(x)
    if not is_symbolic(values):
        return _eager(seed).permutation(values, axis)
    length = ops.shape(values)[axis]
    order = ops.argsort(nodes.uniform((length,), _stream(seed)))
    return ops.take(values, order, axis)


def _drawn(name: str, shape: Sequence[Any], seed: Seed, *values: Any) -> Any:
    """For distributions of arrays only: the generator, the shape, the arguments."""
    full = _shape(shape)
    if _symbolic(full) or is_symbolic(*values):
        raise UnsupportedError(
            f"random.{name} works outside of traces only.",
            where=f"random.{name}",
            expected="a fixed shape, and arrays",
            received=f"the shape {tuple(shape)} inside a trace",
            remedy="draw it before training, or from random.normal or random.uniform",
        )
    arguments = [np.asarray(ops.convert_to_tensor(v), np.float64) for v in values]
    return _eager(seed), at(full, 0), arguments


def beta(
    shape: Sequence[int], alpha: Any, beta: Any, dtype: Any = None, seed: Seed = None
) -> Any:
    """Numbers of a beta distribution. Outside of traces only.

    Args:
        shape: of the result.
        alpha: above 0; a number, or an array that goes into the shape.
        beta: likewise.
        dtype: default float32.
        seed: a whole number or a SeedGenerator.

    Raises:
        UnsupportedError: inside a trace.
    """
    kind = _dtype("beta", dtype)
    generator, full, (a, b) = _drawn("beta", shape, seed, alpha, beta)
    return generator.beta(a, b, full).astype(kind)


def gamma(
    shape: Sequence[int], alpha: Any, dtype: Any = None, seed: Seed = None
) -> Any:
    """Numbers of a gamma distribution of scale 1. Outside of traces only.

    Args:
        shape: of the result.
        alpha: above 0; a number, or an array that goes into the shape.
        dtype: default float32.
        seed: a whole number or a SeedGenerator.

    Raises:
        UnsupportedError: inside a trace.
    """
    kind = _dtype("gamma", dtype)
    generator, full, (a,) = _drawn("gamma", shape, seed, alpha)
    return generator.gamma(a, 1.0, full).astype(kind)


def binomial(
    shape: Sequence[int],
    counts: Any,
    probabilities: Any,
    dtype: Any = None,
    seed: Seed = None,
) -> Any:
    """How many of `counts` tries succeed. Outside of traces only.

    Args:
        shape: of the result.
        counts: tries; a number, or an array that goes into the shape.
        probabilities: of a success; likewise.
        dtype: default float32.
        seed: a whole number or a SeedGenerator.

    Raises:
        UnsupportedError: inside a trace.
    """
    kind = _dtype("binomial", dtype)
    generator, full, (n, p) = _drawn("binomial", shape, seed, counts, probabilities)
    return generator.binomial(n.astype(np.int64), p, full).astype(kind)
