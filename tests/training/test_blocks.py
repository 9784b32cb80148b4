"""Tables that are read block by block."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import callbacks
from pronghorn.data.row_blocks import RowBlocks
from pronghorn.errors import ArgumentError, DataError
from tests.training.streams import W, X, Y, fit, net


class Blocks(RowBlocks):
    """Arrays in blocks, read into two buffers that are overwritten again and again."""

    what = "the blocks"

    def __init__(self, sizes: Sequence[int], *arrays: np.ndarray) -> None:
        ends = np.cumsum(sizes)
        self._parts = [slice(e - n, e) for e, n in zip(ends, sizes, strict=True)]
        self._sizes = sizes
        self._arrays = arrays
        self._slots: list[Any] = [None, None]
        self.seen: list[tuple[int, int]] = []
        self.places: dict[int, list[int]] = {}
        self.threads: set[int] = set()

    @property
    def counts(self) -> Sequence[int]:
        return self._sizes

    def read(self, number: int, slot: int) -> tuple[Any, Any, Any]:
        for array in self._slots[slot] or ():
            array[:] = -77  # whoever still looks at it, learns nonsense
        self.seen.append((number, slot))
        self.threads.add(threading.get_ident())
        found = [a[self._parts[number]].copy() for a in self._arrays]
        self._slots[slot] = found
        return tuple((*found, None, None, None)[:3])

    def placed(self, epoch: int, number: int, first: int, order: np.ndarray) -> None:
        rows = np.arange(50)[self._parts[number]][order]
        self.places.setdefault(epoch, []).extend(rows.tolist())
        assert len(self.places[epoch]) == first + len(order)


SIZES = ([50], [20, 30], [7, 13, 3, 2, 25], [1] * 50)


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_same_bits_as_arrays_where_nothing_is_shuffled(sizes: list[int]) -> None:
    plain, model = net(), net()
    history = fit(plain, X, Y, batch_size=8, epochs=3, sample_weight=W)
    blocks = Blocks(sizes, X, Y, W)
    found = fit(model, blocks, batch_size=8, epochs=3)
    assert found.history == history.history
    for a, b in zip(plain.get_weights(), model.get_weights(), strict=True):
        assert a.tobytes() == b.tobytes()
    assert blocks.seen[1:] == [(n, n % 2) for n in range(len(sizes))] * 3


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_every_row_once_an_epoch_in_another_order(sizes: list[int]) -> None:
    seen: list[np.ndarray] = []

    class Sees(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = keras.layers.Dense(1)

        def call(self, x: Any) -> Any:
            return self.dense(x)

        def train_step(self, data: Any) -> Any:
            _, y = data
            seen.append(np.asarray(y).ravel().copy())
            return super().train_step(data)  # type: ignore[misc]

    model: Any = Sees()
    model.compile(loss="mse", run_eagerly=True)
    rows = np.arange(50, dtype="float32")
    blocks = Blocks(sizes, X, rows)
    fit(model, blocks, batch_size=8, epochs=2, shuffle=True)
    assert [len(batch) for batch in seen] == [8, 8, 8, 8, 8, 8, 2] * 2
    first, second = (np.concatenate(part) for part in (seen[:7], seen[7:]))
    assert sorted(first) == sorted(second) == rows.tolist()
    assert blocks.places == {0: first.tolist(), 1: second.tolist()}
    assert first.tolist() != second.tolist() and first.tolist() != rows.tolist()


def test_it_reads_ahead_on_another_thread() -> None:
    blocks = Blocks([20, 20, 10], X, Y)
    fit(net(), blocks, batch_size=8)
    here = threading.get_ident()
    assert blocks.threads - {here} and len(blocks.threads) == 2  # the look was here
    assert threading.active_count() == len(threading.enumerate())
    assert not [t for t in threading.enumerate() if t.name.startswith("rows")]


def test_one_call_of_the_engine_for_a_block(monkeypatch: Any) -> None:
    from pronghorn.training import blocks as room

    calls: list[int] = []
    block = room.Block

    class Counted(block):  # type: ignore[misc, valid-type]
        def run(self, steps: range, *rest: Any, **named: Any) -> int:
            calls.append(len(steps))
            return block.run(self, steps, *rest, **named)

    monkeypatch.setattr(room, "Block", Counted)
    fit(net(), Blocks([20, 30], X, Y), batch_size=8)
    assert calls == [2, 1, 3, 1]  # of 16, of 4 and 4, of 24, of 2 rows


def test_progress_and_batches_change_no_bit() -> None:
    ends: list[int] = []
    batch = callbacks.LambdaCallback(on_train_batch_end=lambda i, logs: ends.append(i))
    plain, model = net(), net()
    fit(plain, Blocks([20, 30], X, Y), batch_size=8, shuffle=True)
    fit(model, Blocks([20, 30], X, Y), batch_size=8, shuffle=True, callbacks=[batch])
    assert ends == list(range(7))
    for a, b in zip(plain.get_weights(), model.get_weights(), strict=True):
        assert a.tobytes() == b.tobytes()


def test_measured_on_blocks() -> None:
    model = net()
    whole = model.evaluate(X, Y, batch_size=8, verbose=0)
    blocks = Blocks([20, 30], X, Y)
    assert model.evaluate(blocks, batch_size=8, verbose=0) == whole
    history = fit(model, X, Y, validation_data=blocks, validation_batch_size=8)
    again = model.evaluate(X, Y, batch_size=8, verbose=0)
    assert history.history["val_loss"] == [again]
    assert blocks.places == {}  # rows are placed where they are trained on


def test_a_part_of_the_batches() -> None:
    blocks = Blocks([20, 30], X, Y)
    ends: list[int] = []
    batch = callbacks.LambdaCallback(on_train_batch_end=lambda i, logs: ends.append(i))
    fit(net(), blocks, batch_size=8, epochs=2, steps_per_epoch=3, callbacks=[batch])
    assert ends == [0, 1, 2] * 2
    with pytest.raises(ArgumentError, match="at most 7 batches of 8 rows"):
        fit(net(), blocks, batch_size=8, steps_per_epoch=8)


def test_class_weights_and_bad_rows() -> None:
    labels = (Y[:, None] > 0).astype("float32")
    plain, model = net(), net()
    fit(plain, X, labels, batch_size=8, class_weight={0: 1.0, 1: 3.0})
    weighted = Blocks([20, 30], X, labels)
    fit(model, weighted, batch_size=8, class_weight={0: 1.0, 1: 3.0})
    for a, b in zip(plain.get_weights(), model.get_weights(), strict=True):
        assert a.tobytes() == b.tobytes()
    broken = X.copy()
    broken[33, 1] = np.nan
    with pytest.raises(DataError, match="block 2 of the blocks, epoch 1"):
        fit(net(), Blocks([20, 30], broken, Y), batch_size=8)


def test_what_does_not_go_with_it() -> None:
    blocks = Blocks([50], X, Y)
    for options in ({"y": Y}, {"sample_weight": W}, {"validation_split": 0.2}):
        with pytest.raises(ArgumentError, match=next(iter(options))):
            fit(net(), blocks, **options)
    with pytest.raises(ArgumentError, match="an order of their own"):
        net().predict(blocks)


@pytest.mark.parametrize("at", [1, 5, 9])
def test_goes_on_to_the_same_bits(at: int, tmp_path: Any) -> None:
    def trained(crash: int | None, folder: Any) -> Any:
        model, steps = net(), []

        def count(batch: int, logs: Any) -> None:
            steps.append(batch)
            if len(steps) == crash:
                raise OSError("crash")

        calls = [
            callbacks.BackupAndRestore(folder, save_freq=1),
            callbacks.LambdaCallback(on_train_batch_end=count),
        ]
        blocks = Blocks([20, 3, 27], X, Y)
        fit(model, blocks, batch_size=8, epochs=3, shuffle=True, callbacks=calls)
        return model.get_weights()

    whole = trained(None, tmp_path / "whole")
    with pytest.raises(OSError, match="crash"):
        trained(at, tmp_path / "broken")
    for a, b in zip(whole, trained(None, tmp_path / "broken"), strict=True):
        assert a.tobytes() == b.tobytes()
