"""First weights: their distribution, their seeds, their configs, their refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronghorn import initializers
from pronghorn.errors import ArgumentError, ShapeError, UnknownNameError
from pronghorn.random import SeedGenerator, set_global_seed

SHAPE = (300, 200)
RANDOM = [
    initializers.GlorotNormal,
    initializers.GlorotUniform,
    initializers.HeNormal,
    initializers.HeUniform,
    initializers.LecunNormal,
    initializers.LecunUniform,
    initializers.Orthogonal,
    initializers.RandomNormal,
    initializers.RandomUniform,
    initializers.TruncatedNormal,
    initializers.VarianceScaling,
]
ALL = [
    initializers.Constant,
    initializers.Identity,
    initializers.Ones,
    initializers.Zeros,
    *RANDOM,
]

# initializer, its variance, the largest value it may draw
MOMENTS: list[tuple[Any, float, float]] = [
    (initializers.GlorotNormal(1), 2 / 500, 2.3 * (2 / 500) ** 0.5),
    (initializers.GlorotUniform(1), 2 / 500, (6 / 500) ** 0.5),
    (initializers.HeNormal(1), 2 / 300, 2.3 * (2 / 300) ** 0.5),
    (initializers.HeUniform(1), 2 / 300, (6 / 300) ** 0.5),
    (initializers.LecunNormal(1), 1 / 300, 2.3 * (1 / 300) ** 0.5),
    (initializers.LecunUniform(1), 1 / 300, (3 / 300) ** 0.5),
    (initializers.RandomNormal(stddev=0.1, seed=1), 0.01, 0.6),
    (initializers.RandomUniform(-0.3, 0.3, seed=1), 0.03, 0.3),
    (initializers.TruncatedNormal(stddev=0.1, seed=1), 0.01 * 0.8796**2, 0.2),
    (initializers.VarianceScaling(3.0, "fan_out", "uniform", 1), 3 / 200, 0.2122),
    (
        initializers.VarianceScaling(3.0, "fan_avg", "untruncated_normal", 1),
        3 / 250,
        0.7,
    ),
]


@pytest.mark.parametrize(
    ("initializer", "variance", "largest"), MOMENTS, ids=lambda v: type(v).__name__
)
def test_distribution(initializer: Any, variance: float, largest: float) -> None:
    values = initializer(SHAPE)
    assert values.shape == SHAPE
    assert values.dtype == np.float32
    # 60,000 draws: the standard error of the variance is 0.6 % of it at the most
    assert float(values.var()) == pytest.approx(variance, rel=0.03)
    assert abs(float(values.mean())) < 4 * (variance / values.size) ** 0.5
    assert np.abs(values).max() <= largest * 1.000001
    assert np.unique(values).size > 0.9 * values.size


@pytest.mark.parametrize("cls", RANDOM, ids=lambda c: c.__name__)
def test_seeds(cls: Any) -> None:
    first, second, other = cls(seed=5), cls(seed=5), cls(seed=6)
    assert (first((7, 3)) == second((7, 3))).all()
    assert (first((7, 3)) == first((7, 3))).all()
    assert (first((7, 3)) != other((7, 3))).any()


def test_the_global_seed_repeats_what_has_no_seed() -> None:
    def drawn() -> list[np.ndarray]:
        set_global_seed(3)
        return [initializers.GlorotUniform()((4, 4)) for _ in range(2)]

    first, again = drawn(), drawn()
    assert (first[0] == again[0]).all() and (first[1] == again[1]).all()
    assert (first[0] != first[1]).any()


def test_a_seed_generator_draws_anew() -> None:
    generator = SeedGenerator(4)
    initializer = initializers.RandomNormal(seed=generator)
    first, second = initializer((50,)), initializer((50,))
    assert (first != second).any()
    assert (initializers.RandomNormal(seed=SeedGenerator(4))((50,)) == first).all()


def test_a_seed_generator_travels_in_the_config() -> None:
    drawing = initializers.VarianceScaling(seed=SeedGenerator(4, name="source"))
    data = initializers.serialize(drawing)
    assert data["config"]["seed"]["config"] == {"seed": 4, "name": "source"}
    again = initializers.deserialize(data)
    assert (again(SHAPE) == drawing(SHAPE)).all()
    assert initializers.serialize(again) == data


@pytest.mark.parametrize("seed", [1.5, "1", True])
def test_what_is_no_seed(seed: Any) -> None:
    with pytest.raises(ArgumentError, match="seed="):
        initializers.RandomNormal(seed=seed)


@pytest.mark.parametrize("shape", [(4, 4), (6, 3), (3, 6), (2, 3, 4)])
def test_orthogonal(shape: tuple[int, ...]) -> None:
    q = initializers.Orthogonal(2.0, seed=1)(shape).reshape(-1, shape[-1])
    short = q if q.shape[0] < q.shape[1] else q.T
    assert short @ short.T == pytest.approx(4 * np.eye(len(short)), abs=1e-5)


def test_fixed_values() -> None:
    assert initializers.Zeros()((2, 1), "int32").dtype == np.int32
    assert initializers.Constant([1, 2])((3, 2)).tolist() == [[1.0, 2.0]] * 3
    assert initializers.Identity(3)((2, 3)).tolist() == [[3, 0, 0], [0, 3, 0]]


@pytest.mark.parametrize(
    ("shape", "axes", "wanted"),
    [
        ((), (None, None), (1, 1)),
        ((5,), (None, None), (5, 5)),
        ((5, 2), (None, None), (5, 2)),
        ((3, 5, 2), (None, None), (15, 6)),
        ((3, 5, 2), ((0,), (1, 2)), (3, 10)),
    ],
)
def test_fans(shape: Any, axes: Any, wanted: Any) -> None:
    assert initializers.compute_fans(shape, *axes) == wanted


@pytest.mark.parametrize("cls", ALL, ids=lambda c: c.__name__)
def test_config_round_trip(cls: Any) -> None:
    initializer = cls(seed=3) if cls in RANDOM else cls()
    data = initializers.serialize(initializer)
    assert (data["module"], data["class_name"]) == ("keras.initializers", cls.__name__)
    again = initializers.deserialize(data)
    assert type(again) is cls
    assert again.get_config() == initializer.get_config()
    assert (again((3, 3)) == initializer((3, 3))).all()
    assert (initializer.clone()((3, 3)) == initializer((3, 3))).all()


def test_a_constant_array_travels() -> None:
    data = initializers.serialize(initializers.Constant(np.arange(3.0)))
    assert initializers.deserialize(data)((3,)).tolist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize(
    ("name", "cls"),
    [
        ("glorot_uniform", initializers.GlorotUniform),
        ("HeNormal", initializers.HeNormal),
        ("lecun_normal", initializers.LecunNormal),
        ("normal", initializers.RandomNormal),
        ("uniform", initializers.RandomUniform),
        ("zeros", initializers.Zeros),
        ("one", initializers.Ones),
    ],
)
def test_get_by_name(name: str, cls: type) -> None:
    assert type(initializers.get(name)) is cls


def test_get_other_identifiers() -> None:
    assert initializers.get(None) is None
    fixed = initializers.get(np.arange(3))
    assert fixed is not None
    assert fixed((3,), "float32").tolist() == [0.0, 1.0, 2.0]
    with pytest.raises(ShapeError, match=r"\(2,\)"):
        fixed((2,))

    def own(shape: Any, dtype: Any = None) -> np.ndarray:
        return np.full(shape, 7, dtype)

    assert initializers.get(own) is own
    with pytest.raises(UnknownNameError, match="glorot_uniform"):
        initializers.get("glorot_unifrom")


@pytest.mark.parametrize(
    "make",
    [
        lambda: initializers.VarianceScaling(0.0),
        lambda: initializers.VarianceScaling(mode="fan"),
        lambda: initializers.VarianceScaling(distribution="cauchy"),
    ],
)
def test_arguments_that_do_not_fit(make: Any) -> None:
    with pytest.raises(ArgumentError, match="expected"):
        make()


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(ShapeError, match=r"\(3,\)"):
        initializers.Identity()((3,))
    with pytest.raises(ShapeError, match=r"\(3,\)"):
        initializers.Orthogonal()((3,))


def test_a_generator_as_the_seed_is_written_down() -> None:
    made = initializers.RandomUniform(seed=SeedGenerator(4, name="source"))
    again = initializers.deserialize(initializers.serialize(made))
    assert again.get_config() == made.get_config()
    assert again.get_config()["seed"]["config"] == {"seed": 4, "name": "source"}
    assert again.get_config()["seed"]["module"] == "keras.random"
    np.testing.assert_array_equal(again((5,)), made((5,)))
