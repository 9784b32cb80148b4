"""Random numbers: seeds for initializers on the host, and `keras.random` in graphs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn import ops
from pronghorn.errors import ArgumentError
from pronghorn.ir.shapes import BATCH, Batch, Shape, at
from pronghorn.ir.tracer import active, next_stream
from pronghorn.ir.variable import Variable
from pronghorn.ops import random as nodes

__all__ = [
    "SeedGenerator",
    "draw_seed",
    "dropout",
    "normal",
    "randint",
    "set_global_seed",
    "truncated_normal",
    "uniform",
]

_SEED_LIMIT = 2**31 - 1


class _Global:
    """The source of all seeds that nobody chose."""

    generator: np.random.Generator | None = None


def set_global_seed(seed: int) -> None:
    """Makes every later draw of this process repeatable."""
    _Global.generator = np.random.Generator(np.random.Philox(key=int(seed)))


def draw_seed() -> int:
    """A fresh seed from the global source, 0 to 2**31 - 2."""
    if _Global.generator is None:
        set_global_seed(int.from_bytes(os.urandom(8), "little"))
    assert _Global.generator is not None
    return int(_Global.generator.integers(_SEED_LIMIT))


class SeedGenerator:
    """A source of random numbers with a state of its own, as `keras.random` has it.

    Args:
        seed: a whole number; drawn from the global source by default.
        name: default "seed_generator".

    In a trace it names a stream: numbers then follow from the run's seed, the step
    and this generator's seed.
    """

    def __init__(self, seed: int | None = None, name: str | None = None) -> None:
        if seed is not None and not isinstance(seed, (int, np.integer)):
            raise ArgumentError(
                "A seed is a whole number.", where="SeedGenerator", received=repr(seed)
            )
        self._given = seed is not None
        self.seed = draw_seed() if seed is None else int(seed)
        self.name = name or "seed_generator"
        state = np.array([self.seed & 0x7FFFFFFF, 0], np.int32)
        self.state = Variable(
            state, dtype="int32", trainable=False, name="seed_generator_state"
        )
        self.state.path = f"{self.name}/seed_generator_state"

    def stream(self) -> int:
        """A stream for one node of the trace that is running."""
        number = next_stream()
        if self._given:
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

    def get_config(self) -> dict[str, Any]:
        """The arguments that make another one like this."""
        return {"seed": self.seed}


Seed = int | SeedGenerator | None


def _eager(seed: Seed) -> np.random.Generator:
    if isinstance(seed, SeedGenerator):
        return seed.generator()
    key = draw_seed() if seed is None else int(seed)
    return np.random.Generator(np.random.Philox(key=key))


def _stream(seed: Seed) -> int:
    return (seed if isinstance(seed, SeedGenerator) else SeedGenerator(seed)).stream()


def _shape(shape: Sequence[Any]) -> Shape:
    return tuple(BATCH if d is None else d for d in shape)


def _symbolic(shape: Shape) -> bool:
    return active() is not None or any(isinstance(d, Batch) for d in shape)


def uniform(
    shape: Sequence[Any],
    minval: float = 0.0,
    maxval: float = 1.0,
    dtype: str = "float32",
    seed: Seed = None,
) -> Any:
    """Numbers spread evenly over [minval, maxval)."""
    full = _shape(shape)
    if _symbolic(full):
        values = nodes.uniform(full, _stream(seed))
        return ops.cast(minval + (maxval - minval) * values, dtype)
    return _eager(seed).uniform(minval, maxval, at(full, 0)).astype(dtype)


def normal(
    shape: Sequence[Any],
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: str = "float32",
    seed: Seed = None,
) -> Any:
    """Numbers of a normal distribution."""
    full = _shape(shape)
    if _symbolic(full):
        return ops.cast(mean + stddev * nodes.normal(full, _stream(seed)), dtype)
    return _eager(seed).normal(mean, stddev, at(full, 0)).astype(dtype)


def truncated_normal(
    shape: Sequence[int],
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: str = "float32",
    seed: Seed = None,
) -> np.ndarray:
    """Normal numbers, drawn again where they are over two deviations from the mean."""
    generator = _eager(seed)
    values = generator.standard_normal(tuple(shape))
    while (far := np.abs(values) > 2.0).any():
        values[far] = generator.standard_normal(int(far.sum()))
    return (mean + stddev * values).astype(dtype)


def randint(
    shape: Sequence[Any],
    minval: int,
    maxval: int,
    dtype: str = "int32",
    seed: Seed = None,
) -> Any:
    """Whole numbers from [minval, maxval)."""
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
        rate: 0 to 1.
        noise_shape: the shape of the mask; 1 shares a draw along an axis.
        seed: a whole number or a SeedGenerator.
    """
    x = ops.convert_to_tensor(inputs)
    wanted = ops.shape(x)
    if noise_shape is not None:
        wanted = tuple(w if n is None else n for n, w in zip(noise_shape, wanted))
    kept = ops.greater_equal(uniform(wanted, seed=seed), rate)
    return ops.where(kept, x * (1.0 / (1.0 - rate)), 0.0)
