"""Random tensors: repeatable, of the promised distribution, unrelated to each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import ops, random
from pronghorn.backends import select
from pronghorn.errors import ArgumentError, ShapeError, UnsupportedError
from pronghorn.ir import BATCH, KerasTensor, Trace
from pronghorn.ir.graph import input_leaf

ROWS = 400
X = np.zeros((ROWS, 50), np.float32)


def drawn(function: Callable[[Any], Any], step: int = 0, seed: int = 1) -> np.ndarray:
    """What a traced function of a batch draws in one step, on the native engine."""
    x = input_leaf(0, (BATCH, 50), "float32")
    with Trace() as trace:
        graph = trace.graph([x], [function(KerasTensor.of(x)).node])
    out = np.empty_like(X)
    run = select("native").compile(graph, ROWS).run
    run([X], None, 0, ROWS, ROWS, seed, step, [out])
    return out


def uniform(x: Any) -> Any:
    return x + random.uniform((None, 50), -1.0, 3.0)


def normal(x: Any) -> Any:
    return x + random.normal((None, 50), 2.0, 0.5)


def kept(x: Any) -> Any:
    return random.dropout(x + 1.0, 0.3)


MOMENTS = {"uniform": (uniform, 1.0, 4 / np.sqrt(12)), "normal": (normal, 2.0, 0.5)}


@pytest.mark.parametrize("name", MOMENTS)
def test_moments(name: str) -> None:
    function, mean, deviation = MOMENTS[name]
    values = drawn(function).astype(float)
    assert abs(values.mean() - mean) < 5 * deviation / np.sqrt(values.size)
    assert values.std() == pytest.approx(deviation, rel=0.02)


def test_normal_tails() -> None:
    z = (drawn(normal) - 2.0) / 0.5
    assert np.isfinite(z).all()
    assert np.mean(abs(z) > 1.96) == pytest.approx(0.05, abs=0.006)
    assert abs(np.mean(z**3)) < 0.08 and np.mean(z**4) == pytest.approx(3, abs=0.2)


def test_dropout_keeps_its_rate_and_the_mean() -> None:
    y = drawn(kept)
    assert np.mean(y != 0) == pytest.approx(0.7, abs=0.01)
    np.testing.assert_allclose(y[y != 0], 1 / 0.7, rtol=1e-6)
    rows, columns = np.mean(y != 0, axis=1), np.mean(y != 0, axis=0)
    assert rows.std() < 0.09 and columns.std() < 0.04, "no row or column is favoured"


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def test_the_same_seed_and_step_give_the_same_draw() -> None:
    np.testing.assert_array_equal(drawn(uniform, 3, 7), drawn(uniform, 3, 7))


def test_other_steps_seeds_and_calls_are_unrelated() -> None:
    base = drawn(uniform, 0, 1)
    others = [
        drawn(uniform, 1, 1),
        drawn(uniform, 0, 2),
        drawn(lambda x: x + random.normal((None, 50)) * 0 + uniform(x)),
        drawn(lambda x: x + random.uniform((None, 50), -1.0, 3.0, seed=5)),
    ]
    for i, one in enumerate([base, *others]):
        for other in others[i:]:
            assert abs(correlation(one, other)) < 0.03
    shifted = abs(correlation(base[:, 1:], base[:, :-1]))
    assert shifted < 0.03 and abs(correlation(base[1:], base[:-1])) < 0.03


def test_two_layers_drop_other_elements() -> None:
    def both(x: Any) -> Any:
        first = random.dropout(x + 1.0, 0.5)
        return first - random.dropout(x + 1.0, 0.5)

    different = drawn(both) != 0
    assert different.mean() == pytest.approx(0.5, abs=0.02)


def test_arrays_draw_with_a_seed_or_without() -> None:
    for draw in (random.uniform, random.normal, random.truncated_normal):
        np.testing.assert_array_equal(draw((5, 2), seed=3), draw((5, 2), seed=3))
        assert (draw((5, 2)) != draw((5, 2))).any()
        assert draw((5, 2)).dtype == np.float32
    keras.utils.set_random_seed(9)
    first = random.normal((4,))
    keras.utils.set_random_seed(9)
    np.testing.assert_array_equal(random.normal((4,)), first)


def test_a_generator_goes_on() -> None:
    one, other = random.SeedGenerator(4), random.SeedGenerator(4)
    first, second = random.uniform((9,), seed=one), random.uniform((9,), seed=one)
    assert (first != second).any()
    np.testing.assert_array_equal(random.uniform((9,), seed=other), first)
    assert one.get_config() == {"seed": 4, "name": one.name}
    again = random.SeedGenerator.from_config(other.get_config())
    assert (again.seed, again.name) == (4, other.name)
    assert random.SeedGenerator().get_config()["seed"] is None
    with pytest.raises(ArgumentError, match="whole number"):
        random.SeedGenerator("a")  # type: ignore[arg-type]


def test_truncated_normal_and_randint() -> None:
    cut = random.truncated_normal((20000,), 1.0, 2.0, seed=1)
    assert abs(cut - 1.0).max() <= 4.0
    assert cut.std() == pytest.approx(2 * 0.8796, rel=0.02)
    whole = random.randint((3000,), -2, 3, seed=1)
    assert sorted(set(whole.tolist())) == [-2, -1, 0, 1, 2] and whole.dtype == np.int32
    traced = drawn(lambda x: x + ops.cast(random.randint((None, 50), -2, 3), "float32"))
    assert sorted(set(traced.ravel().tolist())) == [-2.0, -1.0, 0.0, 1.0, 2.0]
    assert abs(traced.mean()) < 0.05


def test_a_generator_shows_its_state() -> None:
    generator = random.SeedGenerator(5)
    states = [generator.next().tolist() for _ in range(3)]
    assert states == [[5, 0], [5, 1], [5, 2]]
    assert generator.next(ordered=False).tolist() == [5, 3]
    assert generator.next().tolist() == [6 * 5387, 4 * 5387]
    with pytest.raises(ArgumentError, match="a seed and a name"):
        random.SeedGenerator(5, backend="jax")


def test_truncated_normal_in_a_graph() -> None:
    z = drawn(lambda x: x + random.truncated_normal((None, 50), 1.0, 2.0)).astype(float)
    assert abs(z - 1.0).max() <= 4.0
    assert z.mean() == pytest.approx(1.0, abs=0.05)
    assert z.std() == pytest.approx(2 * 0.8796, rel=0.02)
    assert np.mean(abs(z - 1.0) > 2.0) == pytest.approx(0.2847, abs=0.01)


LOGITS = np.log(np.array([0.2, 0.5, 0.3], np.float32))


def test_categorical_follows_the_probabilities() -> None:
    eager = random.categorical(np.stack([LOGITS, LOGITS[::-1]]), 20000, seed=2)
    assert eager.shape == (2, 20000) and eager.dtype == np.int32
    for row, shares in zip(eager, ([0.2, 0.5, 0.3], [0.3, 0.5, 0.2])):
        assert np.bincount(row) / 20000 == pytest.approx(shares, abs=0.015)

    def traced(x: Any) -> Any:
        logits = x[:, :3] + LOGITS
        return x + ops.cast(random.categorical(logits, 50), "float32")

    found = np.bincount(drawn(traced).astype(int).ravel()) / X.size
    assert found == pytest.approx([0.2, 0.5, 0.3], abs=0.015)
    with pytest.raises(ShapeError, match="rows of logits"):
        random.categorical(LOGITS, 3)


def test_shuffle_moves_whole_parts() -> None:
    x = np.arange(40).reshape(10, 4)
    mixed = random.shuffle(x, seed=3)
    assert (mixed != x).any()
    np.testing.assert_array_equal(mixed[np.argsort(mixed[:, 0])], x)
    columns = random.shuffle(x, axis=1, seed=3)
    np.testing.assert_array_equal(columns[:, np.argsort(columns[0])], x)

    def traced(x: Any) -> Any:
        return x + random.shuffle(ops.arange(50, dtype="float32") + 0.0 * x, axis=1)

    found = drawn(traced)
    assert sorted(found[0].tolist()) == list(range(50)) and (found == found[0]).all()
    assert found[0].tolist() != list(range(50))
    with pytest.raises(UnsupportedError, match="along the batch"):
        drawn(lambda x: random.shuffle(x))


def test_distributions_of_arrays() -> None:
    size = (20000,)
    b = random.beta(size, 2.0, 3.0, seed=1)
    assert b.mean() == pytest.approx(0.4, abs=0.01) and 0 < b.min() < b.max() < 1
    g = random.gamma(size, 3.0, seed=1)
    assert g.mean() == pytest.approx(3.0, rel=0.03)
    assert g.var() == pytest.approx(3.0, rel=0.06)
    n = random.binomial(size, 10, 0.3, seed=1)
    assert n.mean() == pytest.approx(3.0, rel=0.03) and n.max() <= 10
    assert n.var() == pytest.approx(2.1, rel=0.06)
    for values in (b, g, n):
        assert values.dtype == np.float32
    wide = random.gamma((3, 2), [1.0, 100.0], seed=1)
    assert (wide[:, 1] > wide[:, 0]).all()
    for draw in (
        lambda: random.beta((None, 50), 1.0, 1.0),
        lambda: random.gamma((None, 50), 1.0),
        lambda: random.binomial((None, 50), 3, 0.5),
    ):
        with pytest.raises(UnsupportedError, match="outside of traces"):
            drawn(lambda x, draw=draw: x + draw())  # type: ignore[misc]


def test_what_a_draw_refuses() -> None:
    for draw in (random.uniform, random.normal, random.truncated_normal):
        with pytest.raises(ArgumentError, match="draws floats"):
            draw((3,), dtype="int32")
    with pytest.raises(ArgumentError, match="draws whole numbers"):
        random.randint((3,), 0, 2, dtype="float32")
    with pytest.raises(ArgumentError, match="from 0 to 1"):
        random.dropout(np.ones(3), 1.5)


def test_rates_at_the_ends() -> None:
    x = np.ones((2, 3), np.float32)
    assert random.dropout(x, 0.0) is x
    assert random.dropout(x, 1.0).tolist() == [[0.0] * 3] * 2


def test_arrays_are_drawn_in_the_dtype_that_is_asked_for() -> None:
    assert random.uniform((3,), dtype="float16").dtype == np.float16
    assert random.normal((3,), dtype="float64").dtype == np.float64
    for dtype in ("uint8", "int64"):
        assert random.randint((3,), 0, 9, dtype=dtype).dtype == dtype
        assert random.categorical(np.zeros((2, 3)), 1, dtype=dtype).dtype == dtype
    for draw in (
        random.gamma((3,), 2.0, "float16"),
        random.beta((3,), 1, 1, "float16"),
    ):
        assert draw.dtype == np.float16
    whole = drawn(lambda x: x + random.randint((None, 50), 0, 9, dtype="int64"))
    assert whole.dtype == np.float32  # int32 within the trace
