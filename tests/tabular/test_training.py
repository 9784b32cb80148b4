"""Training of a table's net: best weights of each member, folds, temperature."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pronghorn import Model
from pronghorn.callbacks import Callback
from pronghorn.errors import DataError
from pronghorn.tabular.presets import ByRows, Preset
from pronghorn.tabular.training import Rows, fold_mask, temperature, train

RNG = np.random.default_rng(0)
SMALL = Preset(members=2, hidden=(16,), epochs=12, batch_size=32)


def rows(count: int, classes: int = 0, seed: int = 0) -> Rows:
    """Two numbers, one missing here and there, and a category."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(count, 2)).astype("float32")
    ids = rng.integers(2, 5, (count, 1)).astype("int32")
    y = numbers[:, 0] + (ids[:, 0] == 2) + 0.1 * rng.normal(size=count)
    numbers[::7, 1] = np.nan
    if classes:
        edges = np.quantile(y, np.arange(1, classes) / classes)
        return Rows(numbers, ids, np.searchsorted(edges, y).astype("int32"))
    return Rows(numbers, ids, y.astype("float32"))


def trained(learned: Rows, watched: Rows | None, chosen: Preset = SMALL, **more):
    classes = learned.target.dtype == np.int32
    outputs = int(learned.target.max()) + 1 if classes else 1
    task = "classification" if classes else "regression"
    settings = {"seed": 1, **more}
    return train(learned, watched, [3], outputs, task, chosen, **settings)


def apart(done, some: Rows) -> np.ndarray:
    """Each member's own outputs."""
    found = Model(done.net.input, done.net.output).predict(some.inputs, verbose=0)
    return np.asarray(found)


@pytest.mark.parametrize(("mixed", "seed"), [(False, 1), (True, 2)])
def test_each_member_ends_with_the_weights_of_its_best_epoch(mixed: bool, seed: int):
    learned, watched = rows(200), rows(80, seed=1)
    outputs = []

    class Seen(Callback):
        def on_epoch_end(self, epoch, logs=None):
            net = Model(self.model.input, self.model.output)
            outputs.append(net.predict(watched.inputs, verbose=0)[..., 0])

    chosen = replace(SMALL, members=3, pieces=4, mixed=mixed)
    done = trained(learned, watched, chosen, callbacks=[Seen()], seed=seed)
    for member, epoch in enumerate(done.best):
        then = outputs[epoch - 1][:, member]
        found = apart(done, watched)[:, member, 0]
        np.testing.assert_allclose(found, then, rtol=1e-5, atol=1e-6)
    assert len(set(done.best)) > 1, "the seed is one that tells"
    errors = np.square(apart(done, watched)[..., 0] - watched.target[:, None])
    by_epoch = done.history["val_rmse"]
    assert len(by_epoch) == len(done.history["loss"]) == 12
    # The members' best epochs are at least as good as the best of all in common.
    assert errors.mean() <= min(by_epoch) ** 2 * (1 + 1e-5)
    assert all(1 <= epoch <= 12 for epoch in done.best)
    np.testing.assert_allclose(
        done.validated,
        done.net.predict(watched.inputs, verbose=0),
        rtol=1e-4,
        atol=1e-5,
    )
    assert errors.mean() < 0.5 * watched.target.var()


def test_without_validation_the_last_weights_stay():
    done = trained(rows(100), None)
    assert done.best == (12, 12) and done.validated is None
    assert set(done.history) == {"loss"}


def test_classes_get_a_temperature_that_explains_the_validation_rows():
    learned, watched = rows(300, classes=3), rows(120, classes=3, seed=1)
    done = trained(learned, watched)
    scale = float(done.net.get_layer("temperature").get_weights()[0])
    assert scale != 1 and 0.2 <= scale <= 20
    assert done.validated.shape == (120, 3)
    np.testing.assert_allclose(
        done.validated,
        done.net.predict(watched.inputs, verbose=0),
        rtol=1e-3,
        atol=1e-5,
    )
    assert len(done.history["val_error"]) == 12


def test_one_seed_gives_the_same_bits_and_another_does_not():
    learned, watched = rows(100), rows(40, seed=1)
    first, again = trained(learned, watched), trained(learned, watched)
    other = trained(learned, watched, seed=2)
    for a, b in zip(first.net.get_weights(), again.net.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(first.validated, other.validated)


def test_members_never_learn_from_the_fold_that_validates_them():
    chosen = Preset(members=3, hidden=(8,), epochs=1, folds=3, batch_size=16, dropout=0)
    learned = rows(60)
    mask = fold_mask(60, 3, 3, seed=1)
    changed = learned.target.copy()
    changed[mask[:, 0]] += 5 * RNG.normal(size=20).astype("float32")
    # There is one epoch to choose, so that only the training could tell.
    first = trained(learned, None, chosen)
    second = trained(Rows(learned.numbers, learned.ids, changed), None, chosen)
    assert first.validated.shape == (60, 1)
    np.testing.assert_array_equal(
        apart(first, learned)[:, 0], apart(second, learned)[:, 0]
    )
    assert not np.array_equal(apart(first, learned)[:, 1], apart(second, learned)[:, 1])


def test_folds_leave_each_row_out_for_one_member_at_least():
    mask = fold_mask(50, members=5, folds=5, seed=0)
    np.testing.assert_array_equal(mask.sum(axis=1), 1)
    np.testing.assert_array_equal(mask.sum(axis=0), 10)
    mask = fold_mask(50, members=6, folds=3, seed=0)
    np.testing.assert_array_equal(mask.sum(axis=1), 2)
    with pytest.raises(DataError, match="cannot be cut"):
        fold_mask(3, 4, 4, 0)


def test_what_follows_the_rows_is_settled_by_the_training_rows():
    chosen = Preset(
        members=ByRows(200, 1, 8), epochs=ByRows(400, 1, 50), hidden=(8,), dropout=0
    )
    done = trained(rows(100), None, chosen)
    assert done.net.output.shape[1] == 2 and done.best == (4, 4)


def test_temperature_finds_how_sure_a_net_may_be():
    target = RNG.integers(0, 2, 4000)
    # Log-odds that are right in 3 of 4 rows, but say so at 10 to 1.
    right = RNG.uniform(size=4000) < 0.75
    said = np.where(right, target, 1 - target)
    logits = np.zeros((4000, 1, 2))
    logits[np.arange(4000), 0, said] = np.log(10)
    scale, odds = temperature(logits, target, np.ones((4000, 1)))
    share = right.mean()
    assert scale == pytest.approx(np.log(10) / np.log(share / (1 - share)), rel=5e-3)
    assert odds.max() == pytest.approx(share, rel=5e-3)


def test_few_rows_move_the_temperature_little():
    logits = np.zeros((3, 1, 2))
    logits[:, 0, 1] = 1.0
    # All three are right: alone they would ask for boundless certainty.
    scale, _ = temperature(logits, np.ones(3, int), np.ones((3, 1)))
    assert 0.7 < scale < 1


def test_the_epoch_of_the_least_squared_error_of_probabilities_is_kept():
    learned, watched = rows(150, classes=2), rows(60, classes=2, seed=1)
    epochs = []

    class Seen(Callback):
        def on_epoch_end(self, epoch, logs=None):
            net = self.model
            logits = Model(net.input, net.output).predict(watched.inputs, verbose=0)
            odds = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
            truth = np.eye(2)[watched.target][:, None]
            epochs.append(np.square(odds - truth).sum(axis=-1).mean(axis=0))

    done = trained(learned, watched, callbacks=[Seen()])
    assert done.best == tuple(np.argmin(epochs, axis=0) + 1)


def test_weights_of_rows_count():
    learned, watched = rows(200), rows(60, seed=1)
    flipped = np.concatenate([learned.target, -learned.target])
    numbers = np.concatenate([learned.numbers] * 2)
    ids = np.concatenate([learned.ids] * 2)
    weight = np.repeat(np.array([2, 0], "float32"), 200)
    done = trained(Rows(numbers, ids, flipped, weight), watched)
    error = np.square(
        done.net.predict(watched.inputs, verbose=0)[:, 0] - watched.target
    )
    assert error.mean() < 0.5 * watched.target.var()
