"""How many batches of a stream are run in one call of the engine."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from pronghorn.training import streaming
from tests.training.streams import (
    W,
    Watching,
    X,
    Y,
    batches,
    fit,
    net,
)


def calls_of(monkeypatch: Any, model: Any, stream: Any, **options: Any) -> list[int]:
    """The steps of each call of the engine."""
    found: list[int] = []
    block = streaming.Block

    class Counted(block):  # type: ignore[misc, valid-type]
        def run(self, steps: range, *rest: Any, **named: Any) -> int:
            found.append(len(steps))
            return block.run(self, steps, *rest, **named)

    monkeypatch.setattr(streaming, "Block", Counted)
    fit(model, stream, **options)
    return found


def test_many_batches_are_one_call(monkeypatch: Any) -> None:
    assert calls_of(monkeypatch, net(), batches(X, Y)) == [7]
    steps = calls_of(monkeypatch, net(), batches(X, Y), callbacks=[Watching()])
    assert steps == [1] * 7


def test_a_block_is_of_one_size(monkeypatch: Any) -> None:
    cuts = [0, 8, 16, 20, 28, 36, 50]
    parts = [slice(a, b) for a, b in pairwise(cuts)]
    assert calls_of(monkeypatch, net(), ((X[p], Y[p]) for p in parts)) == [3, 2, 1]


def test_a_block_has_few_bytes(monkeypatch: Any) -> None:
    monkeypatch.setattr(streaming, "_MOST_BYTES", 3 * 8 * 16)  # a row has 16 bytes
    assert calls_of(monkeypatch, net(), batches(X, Y)) == [3, 3, 1]


def test_nobody_waits_long_for_a_block(monkeypatch: Any) -> None:
    monkeypatch.setattr(streaming, "_MOST_SECONDS", 0.0)
    assert calls_of(monkeypatch, net(), batches(X, Y)) == [1] * 7


def test_weights_in_some_batches_only(monkeypatch: Any) -> None:
    def some() -> Iterator[Any]:
        for i, batch in enumerate(batches(X, Y, W)):
            yield batch if i < 2 else batch[:2]

    plain, model = net(), net()
    ones = np.where(np.arange(50) < 16, W, 1).astype("float32")
    fit(plain, X, Y, batch_size=8, sample_weight=ones)
    assert calls_of(monkeypatch, model, some()) == [2, 5]
    for a, b in zip(plain.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_outputs_of_predict_by_batch() -> None:
    watching = Watching()
    found = net().predict(batches(X), verbose=0, callbacks=[watching])
    assert watching.seen == [(8, 1)] * 6 + [(2, 1)] and found.shape == (50, 1)
