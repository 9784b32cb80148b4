"""Many configurations of a table's net, each with its folds, trained as one program."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from pronghorn import ops
from pronghorn.callbacks import Callback
from pronghorn.data.splits import shuffled
from pronghorn.errors import DivergedError
from pronghorn.metrics import Metric
from pronghorn.models import Model
from pronghorn.random import seeded
from pronghorn.tabular.dense import initialize
from pronghorn.tabular.members import TableNet
from pronghorn.tabular.nets import build, optimizer
from pronghorn.tabular.presets import Numbers, Preset
from pronghorn.tabular.training import ROWS_TO_DRAW_BY, Rows, batch_rows, fold_mask
from pronghorn.tuning.judging import Judge

__all__ = ["Gates", "Judged", "Keep", "Setting", "build_net", "rungs", "train_together"]

PREDICT_ROWS = 4096
WAVES = (3 / 15, 7 / 15)
"""Parts of the training after which the learning rate has come down to 0.

It is there after 1 / 15 too, too early to tell a good configuration from a bad one.
"""


class Keep(Protocol):
    """Says who goes on: `keep(rung, {place: score})` gives the places that do."""

    def __call__(self, rung: int, scores: dict[int, float]) -> Iterable[int]:
        """The places, of those given, whose configurations are trained further."""


class Gates(Protocol):
    """Makes what decides who goes on, of a program and of parts of it."""

    def begin(self) -> Keep:
        """For a training from its start."""

    def part(self, first: int, last: int) -> Gates:
        """The same for the configurations from `first` to before `last`."""


@dataclass(frozen=True)
class Setting:
    """What all configurations have in common.

    Attributes:
        rows: encoded, all of them.
        sizes: how many categories each column of ids has.
        judge: what answers are measured by.
        folds: the parts that the rows are cut into.
        seed: of all that is drawn.
        groups: a number for each row, the same for rows that stay in one fold: (rows,).
            None: each row is by itself.
    """

    rows: Rows
    sizes: tuple[int, ...]
    judge: Judge
    folds: int
    seed: int
    groups: np.ndarray | None = None

    @property
    def task(self) -> str:
        """ "regression" or "classification"."""
        return self.judge.goal.schema.task

    @property
    def mask(self) -> np.ndarray:
        """Which rows each fold's net answers for: bool (rows, folds)."""
        groups = np.arange(len(self.rows)) if self.groups is None else self.groups
        parts = int(groups.max()) + 1
        return fold_mask(parts, self.folds, self.folds, self.seed)[groups]


@dataclass(frozen=True)
class Judged:
    """A configuration after its training.

    Attributes:
        state: "complete", "pruned", or "diverged".
        score: of its best epoch, the smaller the better; infinite where it diverged.
        epoch: that epoch, from 1; 0 where it diverged.
        curve: the scores of all its epochs.
        losses: what its nets' training minimized, a mean over each epoch's batches.
        rungs: the best score until each rung that it reached.
        outputs: of its nets, each for the rows that it did not learn: float32 (rows,
            outputs); None where they were not kept.
        weights: the trainable weights of its nets at that epoch, or None.
    """

    state: str
    score: float
    epoch: int
    curve: tuple[float, ...] = ()
    losses: tuple[float, ...] = ()
    rungs: tuple[float, ...] = ()
    outputs: np.ndarray | None = None
    weights: tuple[np.ndarray, ...] | None = None


def rungs(epochs: int) -> tuple[int, ...]:
    """The epochs after which configurations may be given up.

    They are the ends of the second and third of the waves of RealMLP's learning rate
    (`CosLog4`), where it is 0 and weights have settled, so that scores are those of
    finished, if short, trainings.

    >>> rungs(64), rungs(2)
    ((13, 30), (1,))
    """
    ends = {round(part * epochs) for part in WAVES}
    return tuple(sorted(end for end in ends if 0 < end < epochs))


def train_together(
    setting: Setting, chosen: Sequence[Preset], gates: Gates | None = None
) -> list[Judged]:
    """Trains configurations as one program, and measures each out of fold.

    Member `c * folds + f` of the net has configuration c and learns all rows but those
    of fold f. The loss is a sum over members, what is drawn (weights, batches, dropout)
    is drawn for one configuration and used by all: a configuration gets the same
    numbers whichever others are trained beside it. Where a rung is reached, those that
    are given up leave: a smaller program goes on with the weights and the optimizer's
    state of the others.

    Args:
        setting: rows, folds, seed.
        chosen: the configurations; they differ in what `BY_MEMBER` names only.
        gates: make what decides who goes on; None: all of them.

    Returns:
        What became of each. One alone, the best of those that were trained to the end,
        has outputs and weights.
    """
    try:
        found = _train(setting, chosen, gates)
    except DivergedError:
        if len(chosen) == 1:
            return [Judged("diverged", float("inf"), 0)]
        half, found = len(chosen) // 2, []
        for first, last in ((0, half), (half, len(chosen))):
            part = None if gates is None else gates.part(first, last)
            found += train_together(setting, chosen[first:last], part)
    return _only_best(found)


def build_net(
    setting: Setting, chosen: Preset, weights: Sequence[np.ndarray], temperature: float
) -> TableNet:
    """The net of one configuration, a member for each fold, as a model of its own."""
    made = replace(chosen, members=setting.folds, folds=setting.folds)
    net = _build(setting, made)
    for variable, value in zip(net.trainable_variables, weights, strict=True):
        variable.assign(value)
    if setting.task == "classification":
        net.get_layer("temperature").set_weights([np.float32(temperature)])
    return net


def _train(
    setting: Setting, chosen: Sequence[Preset], gates: Gates | None
) -> list[Judged]:
    keep = None if gates is None else gates.begin()
    epochs, alive = _epochs(chosen[0]), list(range(len(chosen)))
    net = _compiled(setting, chosen)
    starts: dict[float, list[np.ndarray]] = {}
    for each in chosen:
        if each.deviation not in starts:
            starts[each.deviation] = _start(setting, each)
    parts = zip(*(starts[each.deviation] for each in chosen))
    for variable, values in zip(net.trainable_variables, parts, strict=True):
        variable.assign(np.concatenate(values))
    watcher = _Watcher(setting, chosen)
    reached: dict[int, list[float]] = {place: [] for place in alive}
    begun = 0
    for rung, end in enumerate([*(rungs(epochs) if keep else ()), epochs]):
        watcher.watch(net, alive)
        _fit(setting, net, alive, watcher, begun, end)
        begun = end
        if end == epochs or keep is None:
            break
        scores = {place: watcher.best[place].score for place in alive}
        for place, score in scores.items():
            reached[place].append(score)
        kept = sorted(keep(rung, scores))
        if not kept:
            alive = []
            break
        if len(kept) < len(alive):
            net = _without(setting, net, chosen, alive, kept)
            alive = kept
    return [
        replace(
            watcher.best[place],
            state="complete" if place in alive else "pruned",
            curve=tuple(watcher.curves[place]),
            losses=tuple(watcher.losses[place]),
            rungs=tuple(reached[place]),
        )
        for place in range(len(chosen))
    ]


def _only_best(found: list[Judged]) -> list[Judged]:
    whole = [each.score for each in found if each.state == "complete"]
    best = min(whole, default=None)
    kept = []
    for each in found:
        if each.state == "complete" and each.score == best:
            kept.append(each)
            best = None  # of equals the first
        else:
            kept.append(replace(each, outputs=None, weights=None))
    return kept


def _fit(
    setting: Setting,
    net: TableNet,
    alive: Sequence[int],
    watcher: _Watcher,
    begun: int,
    end: int,
) -> None:
    """Goes on from one epoch to another, as if there had been no stop."""
    rows, folds = setting.rows, setting.folds
    # A row counts more, as the other folds' rows count nothing. The loss is a mean over
    # members: the factor makes it a sum over configurations.
    scale = np.float32(folds / (folds - 1) * len(alive))
    weight = np.where(setting.mask, np.float32(0), scale)
    if rows.weight is not None:
        weight = weight * rows.weight[:, None]
    with seeded(setting.seed):  # the same order and draws for each part of the training
        net.fit(
            _packed(rows.inputs),
            rows.target,
            sample_weight=np.tile(weight, (1, len(alive))),
            batch_size=batch_rows(len(rows), watcher.chosen[0]),
            epochs=end,
            initial_epoch=begun,
            callbacks=[watcher],
            verbose=0,
        )


def _compiled(setting: Setting, chosen: Sequence[Preset]) -> _Program:
    """The net of all configurations, its weights not set yet."""
    first = chosen[0]
    rate = tuple(_one(each.rate[setting.task == "regression"]) for each in chosen)
    merged = replace(
        first,
        members=len(chosen) * setting.folds,
        folds=setting.folds,
        rate=(rate, rate),
        decay=tuple(_one(each.decay) for each in chosen),
        dropout=tuple(_one(each.dropout) for each in chosen),
        smoothing=tuple(_one(each.smoothing) for each in chosen),
    )
    net = _Program(_build(setting, merged), len(chosen))
    net.compile(optimizer(setting.task, merged, _steps(setting, merged)))
    return net


class _Losses(Metric):
    """The training loss of each configuration; that of the program is their sum.

    Args:
        count: how many configurations there are.
    """

    def __init__(self, count: int) -> None:
        super().__init__(name="losses")
        self._count = count
        self._total = self.add_variable((count,), name="total")
        self._rows = self.add_variable((), name="rows")

    def update_state(self, losses: Any) -> None:
        """Adds a batch's losses, (rows, members)."""
        members = losses.shape[1] // self._count
        each = ops.mean(ops.reshape(losses, (-1, self._count, members)), axis=2)
        self._total.assign(self._total + ops.sum(each, axis=0))
        self._rows.assign(self._rows + ops.sum(ops.ones_like(each[:, 0])))

    def result(self) -> Any:
        """Of all configurations together."""
        return ops.sum(self._total) / (self._rows * self._count)

    def each(self) -> np.ndarray:
        """Of each configuration by itself: float64 (configurations,)."""
        total = self._total.numpy().astype(np.float64)
        return np.asarray(total / (float(self._rows.numpy()) * self._count))


class _Program(TableNet):
    """A table's net that tells the training loss of each configuration.

    Args:
        net: whose layers it has.
        count: of so many configurations, each with as many members.
    """

    def __init__(self, net: TableNet, count: int) -> None:
        super().__init__(net.input, net.output, net.task, net.smoothing, name=net.name)
        self.losses_apart = _Losses(count)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """The loss of all, weighted by row and member; adds each one's to its own."""
        losses = self._loss(y, y_pred) * sample_weight
        self.losses_apart.update_state(losses)
        return ops.mean(losses)


def _one(value: Numbers) -> float:
    assert not isinstance(value, tuple), "a configuration's members are alike"
    return value


def _start(setting: Setting, chosen: Preset) -> list[np.ndarray]:
    """A configuration's first weights, a member for each fold, drawn by the data."""
    alone = replace(chosen, members=setting.folds, folds=setting.folds)
    with seeded(setting.seed):
        net = _build(setting, alone)
        draws = shuffled(len(setting.rows), setting.seed, stream=2)[:ROWS_TO_DRAW_BY]
        initialize(net, _packed(setting.rows.take(np.sort(draws)).inputs))
    return [variable.numpy() for variable in net.trainable_variables]


def _build(setting: Setting, chosen: Preset) -> TableNet:
    rows, goal = setting.rows, setting.judge.goal
    steps = _steps(setting, chosen)
    with seeded(setting.seed):
        return build(
            rows.numbers,
            rows.ids,
            setting.sizes,
            goal.outputs,
            setting.task,
            chosen,
            steps,
        )


def _without(
    setting: Setting,
    net: TableNet,
    chosen: Sequence[Preset],
    alive: Sequence[int],
    kept: Sequence[int],
) -> _Program:
    """The program of those that go on, with the state that they had."""
    new = _compiled(setting, [chosen[place] for place in kept])
    new.optimizer.build(new.trainable_variables)
    places = [list(alive).index(place) for place in kept]
    pairs = [
        *zip(net.variables, new.variables, strict=True),
        *zip(net.optimizer.variables, new.optimizer.variables, strict=True),
    ]
    for old, variable in pairs:
        value = old.numpy()
        if value.shape != tuple(variable.shape):
            value = _by_configuration(value, len(alive))[places]
            value = value.reshape(variable.shape)
        variable.assign(value)
    return new


def _by_configuration(value: np.ndarray, count: int) -> np.ndarray:
    """A weight of all members as (configurations, their entries, ...)."""
    return value.reshape(count, len(value) // count, *value.shape[1:])


def _steps(setting: Setting, chosen: Preset) -> int:
    rows = len(setting.rows)
    return -(-rows // batch_rows(rows, chosen)) * _epochs(chosen)


def _epochs(chosen: Preset) -> int:
    assert isinstance(chosen.epochs, int), "settled by the number of rows"
    return chosen.epochs


def _packed(inputs: list[np.ndarray]) -> Any:
    return inputs if len(inputs) > 1 else inputs[0]


class _Watcher(Callback):
    """Measures all configurations after each epoch, and keeps the best of each.

    Each row is answered by the nets that did not learn it, one of each configuration:
    the weights of a fold's nets are put into a net with a member for each
    configuration, which answers for the rows of the fold.
    """

    def __init__(self, setting: Setting, chosen: Sequence[Preset]) -> None:
        super().__init__()
        self.chosen = chosen
        self.best = {k: Judged("pruned", float("inf"), 0) for k in range(len(chosen))}
        self.curves: list[list[float]] = [[] for _ in chosen]
        self.losses: list[list[float]] = [[] for _ in chosen]
        self._setting = setting
        places = [np.flatnonzero(fold) for fold in setting.mask.T]
        self._parts = [(p, _packed(setting.rows.take(p).inputs)) for p in places]
        self._alive: list[int] = []

    def watch(self, net: _Program, alive: Sequence[int]) -> None:
        """From now on it is this net, of these configurations."""
        if self._alive == list(alive):
            return
        self._alive = list(alive)
        self._program = net
        self._from = net.trainable_variables
        first = replace(self.chosen[0], members=len(alive), folds=0)
        self._net = _build(self._setting, first)
        self._apart = Model(self._net.input, self._net.output)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Measures."""
        setting, count = self._setting, len(self._alive)
        shape = (len(setting.rows), count, setting.judge.goal.outputs)
        outputs = np.empty(shape, np.float32)
        weights = [_by_configuration(v.value, count) for v in self._from]
        for fold, (places, inputs) in enumerate(self._parts):
            for variable, value in zip(self._net.trainable_variables, weights):
                each = value.shape[1] // setting.folds
                own = value[:, fold * each : (fold + 1) * each]
                variable.assign(own.reshape(variable.shape))
            outputs[places] = self._apart.predict(
                inputs, batch_size=PREDICT_ROWS, verbose=0
            )
        scores = setting.judge.scores(outputs)
        losses = self._program.losses_apart.each()
        for k, (place, score) in enumerate(zip(self._alive, scores)):
            self.curves[place].append(float(score))
            self.losses[place].append(float(losses[k]))
            if score < self.best[place].score:
                kept = tuple(np.array(value[k]) for value in weights)
                answers = outputs[:, k].copy()
                self.best[place] = Judged(
                    "complete",
                    float(score),
                    epoch + 1,
                    outputs=answers,
                    weights=kept,
                )
