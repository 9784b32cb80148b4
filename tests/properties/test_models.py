"""Models: the same seed gives the same bits, whatever does not matter does not."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import pronghorn as ph
from tests.properties.strategies import blueprints, build, few, seeds, tables


def trained(blueprint: Any, table: Any, seed: int, **options: Any) -> list[np.ndarray]:
    """The weights after two epochs."""
    x, y = table
    model = build(blueprint, x.shape[1], seed)
    model.fit(x, y, **({"epochs": 2, "batch_size": 8, "verbose": 0} | options))
    return model.get_weights()


def same_bits(a: list[np.ndarray], b: list[np.ndarray]) -> bool:
    """Whether two lists of weights are the same, bit by bit."""
    return all(p.tobytes() == q.tobytes() for p, q in zip(a, b, strict=True))


@given(blueprint=blueprints(), table=tables(), seed=seeds)
@few
def test_a_seed_gives_the_same_bits(blueprint: Any, table: Any, seed: int) -> None:
    assert same_bits(trained(blueprint, table, seed), trained(blueprint, table, seed))


@given(blueprint=blueprints(), table=tables(), seed=seeds)
@few
def test_looking_at_every_batch_changes_nothing(
    blueprint: Any, table: Any, seed: int
) -> None:
    look = ph.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None)
    watched = trained(blueprint, table, seed, callbacks=[look])
    assert same_bits(trained(blueprint, table, seed), watched)


@given(blueprint=blueprints(), table=tables(), seed=seeds, size=st.integers(1, 50))
@few
def test_predictions_do_not_depend_on_the_batch_size(
    blueprint: Any, table: Any, seed: int, size: int
) -> None:
    x, _ = table
    model = build(blueprint, x.shape[1], seed)
    whole = model.predict(x, verbose=0)
    parts = model.predict(x, batch_size=size, verbose=0)
    np.testing.assert_allclose(parts, whole, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(np.asarray(model(x)), whole, rtol=1e-4, atol=1e-5)


@given(blueprint=blueprints(), table=tables(), seed=seeds, size=st.integers(1, 50))
@few
def test_evaluation_does_not_depend_on_the_batch_size(
    blueprint: Any, table: Any, seed: int, size: int
) -> None:
    x, y = table
    model = build(blueprint, x.shape[1], seed)
    whole = model.evaluate(x, y, verbose=0)
    parts = model.evaluate(x, y, batch_size=size, verbose=0)
    np.testing.assert_allclose(parts, whole, rtol=1e-4)


@given(blueprint=blueprints(), table=tables(), seed=seeds)
@few
def test_a_file_holds_the_whole_model(blueprint: Any, table: Any, seed: int) -> None:
    x, y = table
    model = build(blueprint, x.shape[1], seed)
    model.fit(x, y, epochs=1, verbose=0)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "model.keras")
        model.save(path)
        again = ph.models.load_model(path)
    assert same_bits(model.get_weights(), again.get_weights())
    assert (
        model.predict(x, verbose=0).tobytes() == again.predict(x, verbose=0).tobytes()
    )


@given(table=tables(), seed=seeds)
@few
def test_a_weight_of_two_is_a_row_twice(table: Any, seed: int) -> None:
    x, y = table
    model = build([], x.shape[1], seed)
    model.compile(optimizer="sgd", loss="mse", weighted_metrics=["mae"])
    weights = 1.0 + np.arange(len(x)) % 2
    twice = np.repeat(np.arange(len(x)), weights.astype(int))
    weighed = model.evaluate(x, y, sample_weight=weights, verbose=0)
    repeated = model.evaluate(x[twice], y[twice], verbose=0)
    # The metric is weighed over rows; the loss by weight over the number of rows.
    np.testing.assert_allclose(weighed[1], repeated[1], rtol=1e-4)
    share = len(twice) / len(x)
    np.testing.assert_allclose(weighed[0], repeated[0] * share, rtol=1e-4)


@given(seed=seeds, parts=st.lists(st.integers(1, 9), min_size=1, max_size=5))
@few
def test_metrics_do_not_depend_on_how_rows_are_dealt_out(
    seed: int, parts: list[int]
) -> None:
    stream = np.random.RandomState(seed)
    rows = sum(parts)
    y = stream.randint(0, 2, (rows, 1)).astype("float32")
    p = stream.random_sample((rows, 1)).astype("float32")
    for cls in ("AUC", "Precision", "Recall", "BinaryAccuracy", "MeanSquaredError"):
        whole, dealt = (getattr(ph.metrics, cls)() for _ in range(2))
        whole.update_state(y, p)
        start = 0
        for count in parts:
            dealt.update_state(y[start : start + count], p[start : start + count])
            start += count
        np.testing.assert_allclose(
            np.asarray(dealt.result()), np.asarray(whole.result()), rtol=1e-5
        )
