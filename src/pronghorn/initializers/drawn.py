"""Initializers that draw random numbers, on the host, with NumPy's Philox generator."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn import config as configs
from pronghorn.errors import ArgumentError, ShapeError
from pronghorn.initializers.base import Config, Initializer, compute_fans, known
from pronghorn.random import SeedGenerator, draw_seed

__all__ = [
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "LecunNormal",
    "LecunUniform",
    "Orthogonal",
    "RandomInitializer",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
]

Axes = Sequence[int] | None

# A standard normal cut at two standard deviations has this standard deviation.
_TRUNCATED_STDDEV = 0.87962566103423978


class RandomInitializer(Initializer):
    """Base of those that draw random numbers.

    Args:
        seed: an integer, a `SeedGenerator` (then every call draws anew), or None.
    """

    def __init__(self, seed: int | SeedGenerator | Config | None = None) -> None:
        self._init_seed = seed
        if seed is None:
            seed = draw_seed()
        elif isinstance(seed, dict):
            seed = configs.deserialize(seed)
        if isinstance(seed, bool) or not isinstance(
            seed, (int, np.integer, SeedGenerator)
        ):
            raise ArgumentError(
                "A seed is an integer.",
                where=f"initializer {type(self).__name__}",
                expected="an integer, a SeedGenerator or None",
                received=f"seed={seed!r}",
                remedy="pass for instance seed=0",
            )
        self.seed = seed

    def _generator(self) -> np.random.Generator:
        if isinstance(self.seed, SeedGenerator):
            return self.seed.generator()
        return np.random.Generator(np.random.Philox(key=int(self.seed) % 2**64))

    def get_config(self) -> Config:
        return {"seed": configs.serialize(self._init_seed)}


@known
class RandomNormal(RandomInitializer):
    """Normally distributed values.

    Args:
        mean: default 0.
        stddev: standard deviation. Default 0.05.
        seed: see `RandomInitializer`.

    Example:

    >>> a, b = RandomNormal(seed=1)((3,)), RandomNormal(seed=1)((3,))
    >>> bool((a == b).all())
    True
    """

    def __init__(
        self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None
    ) -> None:
        self.mean = mean
        self.stddev = stddev
        super().__init__(seed)

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> np.ndarray:
        return _normal(self._generator(), shape, self.mean, self.stddev, dtype)

    def get_config(self) -> Config:
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


@known
class TruncatedNormal(RandomInitializer):
    """Normal values, those beyond two standard deviations drawn again.

    Args:
        mean: default 0.
        stddev: standard deviation before the cut. Default 0.05.
        seed: see `RandomInitializer`.

    Example:

    >>> bool((abs(TruncatedNormal(seed=1)((1000,))) <= 0.1).all())
    True
    """

    def __init__(
        self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None
    ) -> None:
        self.mean = mean
        self.stddev = stddev
        super().__init__(seed)

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> np.ndarray:
        return _truncated(self._generator(), shape, self.mean, self.stddev, dtype)

    def get_config(self) -> Config:
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


@known
class RandomUniform(RandomInitializer):
    """Evenly distributed values.

    Args:
        minval: the smallest. Default -0.05.
        maxval: the bound that they stay below. Default 0.05.
        seed: see `RandomInitializer`.

    Example:

    >>> x = RandomUniform(0.0, 1.0, seed=1)((1000,))
    >>> bool((x >= 0).all() and (x < 1).all())
    True
    """

    def __init__(
        self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None
    ) -> None:
        self.minval = minval
        self.maxval = maxval
        super().__init__(seed)

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> np.ndarray:
        return _uniform(self._generator(), shape, self.minval, self.maxval, dtype)

    def get_config(self) -> Config:
        return {**super().get_config(), "minval": self.minval, "maxval": self.maxval}


@known
class VarianceScaling(RandomInitializer):
    """Values whose variance is `scale / n`, so that signals keep their size.

    Args:
        scale: positive. Default 1.
        mode: what n is: "fan_in" (inputs of the weight, the default), "fan_out"
            (outputs) or "fan_avg" (their mean).
        distribution: "truncated_normal" (default; also called "normal"),
            "untruncated_normal" or "uniform".
        seed: see `RandomInitializer`.
        input_axes: axes of the shape that are inputs; with `output_axes`, instead of
            Keras's rule (the last two, times all before them).
        output_axes: axes of the shape that are outputs.

    Raises:
        ArgumentError: a value that is none of these.

    Example:

    >>> x = VarianceScaling(2.0, "fan_in", "uniform", seed=1)((50, 40))
    >>> round(float(x.var()), 3)
    0.04
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Any = None,
        input_axes: Axes = None,
        output_axes: Axes = None,
    ) -> None:
        name = str(distribution).lower()
        self.scale = scale
        self.mode = _one_of("mode", mode, ("fan_in", "fan_out", "fan_avg"))
        self.distribution = _one_of(
            "distribution",
            "truncated_normal" if name == "normal" else name,
            ("truncated_normal", "untruncated_normal", "uniform"),
        )
        if not scale > 0:
            raise ArgumentError(
                "A variance is positive.",
                where="initializer VarianceScaling",
                expected="a scale above 0",
                received=f"scale={scale}",
            )
        self.input_axes = input_axes
        self.output_axes = output_axes
        super().__init__(seed)

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> np.ndarray:
        fan_in, fan_out = compute_fans(shape, self.input_axes, self.output_axes)
        fans = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
        variance = self.scale / max(1.0, fans[self.mode])
        generator = self._generator()
        if self.distribution == "uniform":
            limit = math.sqrt(3.0 * variance)
            return _uniform(generator, shape, -limit, limit, dtype)
        stddev = math.sqrt(variance)
        if self.distribution == "untruncated_normal":
            return _normal(generator, shape, 0.0, stddev, dtype)
        return _truncated(generator, shape, 0.0, stddev / _TRUNCATED_STDDEV, dtype)

    def get_config(self) -> Config:
        own = ("scale", "mode", "distribution", "input_axes", "output_axes")
        return {**super().get_config(), **{k: getattr(self, k) for k in own}}


class _Named(VarianceScaling):
    """A `VarianceScaling` whose first three arguments are fixed."""

    _arguments: tuple[float, str, str]

    def __init__(
        self, seed: Any = None, input_axes: Axes = None, output_axes: Axes = None
    ) -> None:
        super().__init__(*self._arguments, seed, input_axes, output_axes)

    def get_config(self) -> Config:
        config = super().get_config()
        return {k: config[k] for k in ("seed", "input_axes", "output_axes")}


@known
class GlorotUniform(_Named):
    """Uniform within `sqrt(6 / (fan_in + fan_out))` (Glorot and Bengio, 2010).

    Keras's default for kernels.

    >>> bool((abs(GlorotUniform(seed=1)((3, 3))) <= 1).all())
    True
    """

    _arguments = (1.0, "fan_avg", "uniform")


@known
class GlorotNormal(_Named):
    """Truncated normal of variance `2 / (fan_in + fan_out)` (Glorot, Bengio, 2010)."""

    _arguments = (1.0, "fan_avg", "truncated_normal")


@known
class LecunNormal(_Named):
    """Truncated normal of variance `1 / fan_in` (LeCun et al., 1998); for `selu`."""

    _arguments = (1.0, "fan_in", "truncated_normal")


@known
class LecunUniform(_Named):
    """Uniform within `sqrt(3 / fan_in)` (LeCun et al., 1998)."""

    _arguments = (1.0, "fan_in", "uniform")


@known
class HeNormal(_Named):
    """Truncated normal of variance `2 / fan_in` (He et al., 2015); for `relu`."""

    _arguments = (2.0, "fan_in", "truncated_normal")


@known
class HeUniform(_Named):
    """Uniform within `sqrt(6 / fan_in)` (He et al., 2015); for `relu`."""

    _arguments = (2.0, "fan_in", "uniform")


@known
class Orthogonal(RandomInitializer):
    """A matrix with orthonormal rows or columns (Saxe et al., 2014).

    Args:
        gain: factor of the matrix. Default 1.
        seed: see `RandomInitializer`.

    Raises:
        ShapeError: for fewer than two dimensions, when called. More than two are
            treated as `(all but the last, last)`.

    Example:

    >>> q = Orthogonal(seed=1)((4, 3))
    >>> np.allclose(q.T @ q, np.eye(3), atol=1e-5)
    True
    """

    def __init__(self, gain: float = 1.0, seed: Any = None) -> None:
        self.gain = gain
        super().__init__(seed)

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> np.ndarray:
        if len(shape) < 2:
            raise ShapeError(
                "An orthogonal weight needs two dimensions or more.",
                where="initializer Orthogonal",
                expected="a shape such as (4, 3)",
                received=tuple(shape),
                remedy="use another initializer for this weight",
            )
        rows, columns = math.prod(shape[:-1]), shape[-1]
        tall = (max(rows, columns), min(rows, columns))
        q, r = np.linalg.qr(self._generator().standard_normal(tall))
        q *= np.sign(np.diag(r))  # makes the distribution uniform
        q = q.T if rows < columns else q
        return (self.gain * q.reshape(tuple(shape))).astype(dtype or "float32")

    def get_config(self) -> Config:
        return {**super().get_config(), "gain": self.gain}


def _normal(
    generator: np.random.Generator,
    shape: Sequence[int],
    mean: float,
    stddev: float,
    dtype: str | None,
) -> np.ndarray:
    values = generator.standard_normal(tuple(shape), np.float32)
    return (values * np.float32(stddev) + np.float32(mean)).astype(dtype or "float32")


def _truncated(
    generator: np.random.Generator,
    shape: Sequence[int],
    mean: float,
    stddev: float,
    dtype: str | None,
) -> np.ndarray:
    values = generator.standard_normal(math.prod(shape), np.float32)
    beyond = np.flatnonzero(np.abs(values) > 2)
    while beyond.size:
        values[beyond] = generator.standard_normal(beyond.size, np.float32)
        beyond = beyond[np.abs(values[beyond]) > 2]
    values = values * np.float32(stddev) + np.float32(mean)
    return values.reshape(tuple(shape)).astype(dtype or "float32")


def _uniform(
    generator: np.random.Generator,
    shape: Sequence[int],
    low: float,
    high: float,
    dtype: str | None,
) -> np.ndarray:
    values = generator.random(tuple(shape), np.float32)
    scaled = values * np.float32(high - low) + np.float32(low)
    return scaled.astype(dtype or "float32")


def _one_of(argument: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ArgumentError(
            f"There is no such {argument}.",
            where="initializer VarianceScaling",
            expected=" or ".join(map(repr, allowed)),
            received=f"{argument}={value!r}",
        )
    return value
