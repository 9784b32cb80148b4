"""Training of a table's net: each member keeps the weights of its own best epoch.

Best is the least squared error on the validation rows: of numbers, or of classes'
probabilities (Brier's score).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pronghorn.callbacks import Callback
from pronghorn.data.row_blocks import RowBlocks
from pronghorn.data.splits import shuffled
from pronghorn.errors import DataError
from pronghorn.models import Model
from pronghorn.random import seeded
from pronghorn.tabular.dense import initialize
from pronghorn.tabular.members import TableNet
from pronghorn.tabular.nets import build, members_of, optimizer
from pronghorn.tabular.presets import Preset
from pronghorn.tabular.stream_backup import StreamBackup

__all__ = ["Rows", "Trained", "batch_rows", "temperature", "train"]

PREDICT_ROWS = 4096
SPREAD = 0.5
"""The standard deviation of a temperature's logarithm, before rows are looked at."""
ROWS_TO_DRAW_BY = 2000
"""So many training rows are passed through the net to draw its first weights."""


@dataclass(frozen=True)
class Rows:
    """Encoded rows of a table.

    Attributes:
        numbers: float32 (rows, columns), NaN where missing.
        ids: int32 (rows, columns).
        target: int32 numbers of the classes, or float32 standardized: (rows,).
        weight: float32 (rows,), or None where all rows count alike.
    """

    numbers: np.ndarray
    ids: np.ndarray
    target: np.ndarray
    weight: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.target)

    @property
    def inputs(self) -> list[np.ndarray]:
        """What the net takes: of numbers and ids those that have columns."""
        return [part for part in (self.numbers, self.ids) if part.shape[1]]

    def take(self, rows: np.ndarray) -> Rows:
        """These rows only."""
        weight = None if self.weight is None else self.weight[rows]
        return Rows(self.numbers[rows], self.ids[rows], self.target[rows], weight)


@dataclass(frozen=True)
class Trained:
    """What `train` gives.

    Attributes:
        net: with the best weights of each member.
        history: by name, one value an epoch: "loss", and "val_error" (the members'
            mean share of wrong answers) or "val_rmse" (in standardized units).
        best: the epoch that each member's weights are of, from 1.
        validated: the answers for the validation rows, each by the members that did
            not learn from it: (rows, outputs), float32; None without such rows.
    """

    net: TableNet
    history: dict[str, list[float]]
    best: tuple[int, ...]
    validated: np.ndarray | None


def train(
    learned: Rows,
    watched: Rows | None,
    sizes: Sequence[int],
    outputs: int,
    task: str,
    chosen: Preset,
    seed: int,
    callbacks: Sequence[Callback] = (),
    *,
    copies: np.ndarray | None = None,
    source: RowBlocks | None = None,
    backup: tuple[Path, float] | None = None,
) -> Trained:
    """Builds and trains the net of a preset.

    Args:
        learned: the training rows; with folds, all rows.
        watched: the validation rows, or None: for folds, or to keep the last weights.
        sizes: how many categories each column of ids has.
        outputs: the number of classes, or 1.
        task: "regression" or "classification".
        chosen: the preset; what follows the rows is settled by `learned`.
        seed: of all that is drawn.
        callbacks: further ones, for progress.
        copies: how often an epoch passes each training row, whose weight is divided
            among them: int (rows,). Default: once.
        source: all training rows, where there are too many for memory: then `learned`
            is a part of them, drawn by chance, and the preset has no folds.
        backup: a folder, and after how many seconds to save what a training that is
            broken off goes on from there.

    Raises:
        DataError: fewer rows than folds.
    """
    rows = len(learned) if source is None else source.rows
    chosen = chosen.at(rows)
    members, epochs = chosen.members, chosen.epochs
    assert isinstance(members, int) and isinstance(epochs, int)  # by `at`
    passes = rows if copies is None else int(copies.sum())
    batch = batch_rows(passes, chosen)
    steps = -(-passes // batch) * epochs
    weight, mask = _weight_and_mask(learned, members, chosen.folds, seed)
    watched = watched if mask is None else learned
    passed = learned
    if copies is not None:
        again = np.repeat(np.arange(len(learned)), copies)
        passed, weight = learned.take(again), _shared(weight, copies)[again]
    data: dict[str, Any] = {"x": source}
    if source is None:
        data = {"x": _packed(passed.inputs), "y": passed.target}
        data["sample_weight"] = weight
    with seeded(seed):
        net = build(learned.numbers, learned.ids, sizes, outputs, task, chosen, steps)
        draws = shuffled(len(learned), seed, stream=2)[:ROWS_TO_DRAW_BY]
        initialize(net, _packed(learned.take(np.sort(draws)).inputs))
        net.compile(optimizer(task, chosen, steps))
        keeper = None if watched is None else _BestMembers(net, watched, task, mask)
        saving = None if backup is None else StreamBackup(backup[0], keeper, backup[1])
        calls = [*_there(keeper), *callbacks, *_there(saving)]
        history = net.fit(
            **data, batch_size=batch, epochs=epochs, callbacks=calls, verbose=0
        ).history
    found = {name: [float(v) for v in values] for name, values in history.items()}
    for name, values in ({} if saving is None else saving.past).items():
        found[name] = [*values, *found.get(name, [])]
    if keeper is None or watched is None:
        return Trained(net, found, (epochs,) * members, None)
    return _with_best(net, found, keeper, watched, task)


def _there(callback: Callback | None) -> list[Callback]:
    return [] if callback is None else [callback]


def _weight_and_mask(
    learned: Rows, members: int, folds: int, seed: int
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """How much rows count, for each member where there are folds; and their mask."""
    if not folds:
        return learned.weight, None
    mask = fold_mask(len(learned), members, folds, seed)
    kept = np.where(mask, np.float32(0), np.float32(folds / (folds - 1)))
    if learned.weight is not None:
        kept = kept * learned.weight[:, None]
    return kept, mask


def _with_best(
    net: TableNet,
    history: dict[str, list[float]],
    keeper: _BestMembers,
    watched: Rows,
    task: str,
) -> Trained:
    """The net as its best epochs left it, at the temperature that suits it."""
    classes = task == "classification"
    found = {**history, "val_error" if classes else "val_rmse": keeper.means}
    validated = keeper.answers()
    if classes:
        scale, validated = temperature(
            validated, watched.target, keeper.shares, watched.weight
        )
        net.get_layer("temperature").set_weights([np.float32(scale)])
    best = tuple(int(epoch) + 1 for epoch in keeper.epochs)
    return Trained(net, found, best, validated)


def _shared(weight: np.ndarray | None, copies: np.ndarray) -> np.ndarray:
    """The weight of each copy, of the same mean over all copies as over the rows."""
    share = copies.sum() / len(copies) / copies
    if weight is not None:
        share = weight * (share if weight.ndim == 1 else share[:, None])
    return np.asarray(share, np.float32)


def batch_rows(rows: int, chosen: Preset) -> int:
    """The rows of a step, so that batches are of one size.

    What is left over would be a step of few, noisy rows.

    >>> batch_rows(300, Preset(batch_size=256))
    150
    """
    size = chosen.at(rows).batch_size
    assert size is not None  # by `at`
    batches = -(-rows // size)
    return -(-rows // batches)


def fold_mask(rows: int, members: int, folds: int, seed: int) -> np.ndarray:
    """Which rows each member is validated by: bool (rows, members).

    Member k has fold k modulo `folds`: every row is left out by one member at least.

    Raises:
        DataError: fewer rows than folds.
    """
    if rows < folds:
        raise DataError(
            f"{rows} rows cannot be cut into {folds} folds.",
            expected="at least a row for each fold",
            received=f"{rows} rows",
            remedy='preset="default" has no folds',
        )
    place = np.empty(rows, np.int64)
    place[shuffled(rows, seed, stream=3)] = np.arange(rows) % folds
    return np.asarray(place[:, None] == np.arange(members)[None, :] % folds)


def temperature(
    logits: np.ndarray,
    target: np.ndarray,
    shares: np.ndarray,
    weight: np.ndarray | None = None,
) -> tuple[float, np.ndarray]:
    """The temperature at which probabilities explain the target best.

    Args:
        logits: (rows, members, classes).
        target: numbers of the classes, (rows,).
        shares: how much of each member's answer counts, (rows, members), sums of 1.
        weight: how much each row counts, (rows,). Default: all alike.

    Few rows say little: its logarithm is taken to be normal beforehand, of deviation
    1/2, so that a few rows move it little from 1, and hundreds where they point to.

    Returns:
        It, from 1/5 to 20, by golden section of its logarithm; and the probabilities
        at it, (rows, classes).
    """
    logits = logits.astype(np.float64)
    logits -= logits.max(axis=-1, keepdims=True)

    def answers(log_scale: float) -> np.ndarray:
        odds = np.exp(logits / np.exp(log_scale))
        odds /= odds.sum(axis=-1, keepdims=True)
        return np.einsum("nkc,nk->nc", odds, shares)

    def loss(log_scale: float) -> float:
        right = answers(log_scale)[np.arange(len(target)), target]
        prior = np.square(log_scale / SPREAD) / 2
        told = np.log(right + 1e-12)
        return float(prior - (told if weight is None else told * weight).sum())

    low, high = np.log(0.2), np.log(20.0)
    part = (np.sqrt(5.0) - 1) / 2
    for _ in range(30):
        left, right = high - part * (high - low), low + part * (high - low)
        if loss(left) < loss(right):
            high = right
        else:
            low = left
    middle = (low + high) / 2
    return float(np.exp(middle)), answers(middle).astype(np.float32)


class _BestMembers(Callback):
    """Measures each member after each epoch; puts its best weights back at the end."""

    def __init__(
        self, net: TableNet, rows: Rows, task: str, mask: np.ndarray | None
    ) -> None:
        super().__init__()
        self._apart = Model(net.input, net.output)
        self._inputs = _packed(rows.inputs)
        self._target = rows.target
        self._classes = task == "classification"
        self._size = int(net.output.shape[1])
        self._owners = members_of(net)
        counted = np.ones((len(rows), self._size)) if mask is None else mask
        weight = 1.0 if rows.weight is None else rows.weight[:, None]
        self._counted = counted * weight / np.maximum((counted * weight).sum(0), 1e-12)
        self.shares = counted / counted.sum(axis=1, keepdims=True)
        self.means: list[float] = []
        self.epochs = np.zeros(self._size, np.int64)
        self._scores = np.full(self._size, np.inf)
        self._best: list[np.ndarray] = []
        self._outputs: Any = None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Measures all members, and keeps the weights of those that got better."""
        outputs = np.asarray(
            self._apart.predict(self._inputs, batch_size=PREDICT_ROWS, verbose=0)
        )
        if self._classes:
            wrong = (outputs.argmax(axis=-1) != self._target[:, None]).astype(float)
            scores = (_brier(outputs, self._target) * self._counted).sum(axis=0)
            self.means.append(float((wrong * self._counted).sum(axis=0).mean()))
        else:
            wrong = np.square(outputs[..., 0] - self._target[:, None], dtype=np.float64)
            scores = (wrong * self._counted).sum(axis=0)
            self.means.append(float(np.sqrt(scores.mean())))
        weights = [v.value for v in self.model.trainable_variables]
        if not self._best:
            self._best = [np.array(w) for w in weights]
            self._outputs = outputs.copy()
        better = np.flatnonzero(scores <= self._scores)
        for member in better:
            for kept, weight, (first, count) in zip(
                self._best, weights, self._owners, strict=True
            ):
                if first <= member < first + count:
                    length, place = len(kept) // count, member - first
                    part = slice(place * length, (place + 1) * length)
                    kept[part] = weight[part]
            self._outputs[:, member] = outputs[:, member]
        self._scores[better] = scores[better]
        self.epochs[better] = epoch

    def state(self) -> dict[str, np.ndarray]:
        """What it knows: see `Keeper`."""
        found = {"means": np.array(self.means), "epochs": self.epochs}
        found["scores"] = self._scores
        if self._best:
            found["outputs"] = self._outputs
            found |= {f"best_{i}": w for i, w in enumerate(self._best)}
        return found

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Makes it know that again."""
        self.means = state["means"].tolist()
        self.epochs, self._scores = state["epochs"], state["scores"]
        self._outputs = state.get("outputs")
        count = sum(name.startswith("best_") for name in state)
        self._best = [state[f"best_{i}"] for i in range(count)]

    def on_train_end(self, logs: Any = None) -> None:
        """Puts the best weights back."""
        for variable, kept in zip(self.model.trainable_variables, self._best):
            variable.assign(kept)

    def answers(self) -> np.ndarray:
        """Numbers of the validation rows, by the best weights.

        For regression the mean of the members that may answer, (rows, 1); for classes
        each member's own log-odds, (rows, members, classes).
        """
        outputs: np.ndarray = self._outputs
        if self._classes:
            return outputs
        return np.einsum("nkc,nk->nc", outputs, self.shares).astype(np.float32)


def _brier(logits: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The squared distance of probabilities from the truth: (rows, members).

    It is small where answers are right and as sure as they may be (Brier, 1950), and
    moves with every answer: shares of errors move in steps of a row.
    """
    odds = np.exp(logits - logits.max(axis=-1, keepdims=True))
    odds /= odds.sum(axis=-1, keepdims=True)
    right = np.take_along_axis(odds, target[:, None, None], axis=-1)[..., 0]
    return np.asarray(np.square(odds).sum(axis=-1) - 2 * right + 1, np.float64)


def _packed(inputs: list[np.ndarray]) -> Any:
    return inputs if len(inputs) > 1 else inputs[0]
