"""Two classes: from a unit's sum to a probability, a loss, and a decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pronghorn import activations, layers, losses, models, optimizers
from pronghorn.callbacks import LambdaCallback
from pronghorn.learn import scene
from pronghorn.learn.figure import (
    Event,
    Figure,
    Values,
    button,
    choice,
    slider,
    switch,
)
from pronghorn.learn.figures.regions import classifier, grid, train

__all__ = ["Decision", "imbalance", "roc", "sigmoid", "staircase", "threshold"]

_FRAMES = 20
_STEEP = np.linspace(
    -6, 6, 241
)  # weights that the curves over the weight are drawn for


def sigmoid() -> Figure:
    """From a sum to a probability, and from the probability to the loss.

    >>> sigmoid().set(z=0.0)["say"].split("; ")[0]
    'A sum of 0.0 is a probability of 0.500'
    """
    sums = np.linspace(-6, 6, 97)
    curve = np.asarray(activations.sigmoid(sums.astype(np.float32)))
    p = np.linspace(0.01, 0.99, 99)

    def draw(values: Values, event: Event) -> scene.Scene:
        truth = 1 if values.truth.startswith("1") else 0
        z = np.array([values.z], np.float32)
        said = float(np.asarray(activations.sigmoid(z))[0])
        loss = _cross_entropy([truth], [said])
        right = said if truth else 1 - said
        sides = [
            scene.line(p, -np.log(p), name="class is 1: -log p", role="class1"),
            scene.line(
                p, -np.log(1 - p), name="class is 0: -log(1 - p)", role="class0"
            ),
        ]
        return scene.scene(
            scene.plot(
                [
                    scene.line(sums, curve, name="sigmoid"),
                    scene.rule(y=0.5),
                    scene.points([values.z], [said], role="path", size=6),
                ],
                x="the unit's sum z",
                y="probability p of class 1",
                x_range=(-6, 6),
                y_range=(0, 1),
            ),
            scene.plot(
                [*sides, scene.points([said], [loss], role="path", size=6)],
                x="probability p of class 1",
                y="cross-entropy of the row",
                x_range=(0, 1),
                y_range=(0, 6.5),
            ),
            say=f"A sum of {values.z:.1f} is a probability of {said:.3f}; the row is "
            f"of class {truth}, which got {right:.3f}, so its loss is "
            f"-log {right:.3f} = {loss:.3f}",
        )

    return Figure(
        [
            slider("z", "the unit's sum z", -6, 6, -2.0, step=0.1),
            choice("truth", "the row's class", ["1 (blue)", "0 (orange)"]),
        ],
        draw,
        title="Sure and wrong costs most",
    )


def staircase(x: Any, y: Any, *, label: str = "the column", seed: int = 0) -> Figure:
    """One sigmoid unit over one column: errors are a staircase, cross-entropy a valley.

    Args:
        x: (n,) one column.
        y: (n,) 0 or 1.
        label: the words at the lower axis.
        seed: of the rows' heights, which mean nothing.
    """
    column, truth = np.asarray(x, dtype=np.float32), np.asarray(y, dtype=np.float32)
    scaled = (column - column.mean()) / max(float(column.std()), 1e-7)
    heights = truth + np.random.default_rng(seed).uniform(-0.04, 0.04, len(truth))
    ends = (float(scaled.min()) - 0.3, float(scaled.max()) + 0.3)
    across = np.linspace(*ends, 81).astype(np.float32)
    many = _units(len(_STEEP))  # a unit for each weight: the curves in one go
    one = _units(1)

    def panels(w: float, b: float) -> list[scene.Panel]:
        many.set_weights([_STEEP[None].astype(np.float32), np.full(len(_STEEP), b)])
        said = many.predict(scaled[:, None], batch_size=4096, verbose=0)
        wrong = ((said > 0.5) != truth[:, None]).mean(0)
        loss = _cross_entropies(np.tile(truth, (len(_STEEP), 1)), said.T)
        one.set_weights([np.array([[w]]), np.array([b])])
        curve = one.predict(across[:, None], verbose=0)[:, 0]
        here = [float(np.interp(w, _STEEP, each)) for each in (wrong, loss)]
        return [
            scene.plot(
                [
                    scene.points(
                        scaled,
                        heights,
                        role=[f"class{int(each)}" for each in truth],
                        size=3,
                    ),
                    scene.line(across, curve, name="probability of class 1"),
                    scene.rule(y=0.5),
                ],
                x=f"{label}, standardized",
                y="class, and probability",
                x_range=ends,
                y_range=(-0.08, 1.08),
            ),
            scene.plot(
                [
                    scene.line(
                        _STEEP, wrong, name="share of wrong rows", role="accent"
                    ),
                    scene.line(_STEEP, loss, name="cross-entropy", role="truth"),
                    scene.rule(x=w),
                    scene.points([w, w], here, role=["accent", "truth"], size=5),
                ],
                x="weight w",
                y="over all rows",
                x_range=(-6, 6),
                y_range=(0.0, 1.6),
            ),
        ]

    def say(w: float, b: float) -> str:
        one.set_weights([np.array([[w]]), np.array([b])])
        said = one.predict(scaled[:, None], batch_size=4096, verbose=0)[:, 0]
        wrong = int(((said > 0.5) != truth).sum())
        return (
            f"w = {w:.2f}, b = {b:.2f}: {wrong} of {len(truth)} rows are wrong, "
            f"cross-entropy {_cross_entropy(truth, said):.4f}"
        )

    def draw(values: Values, event: Event) -> scene.Scene:
        if event.kind != "press":
            return scene.scene(*panels(values.w, values.b), say=say(values.w, values.b))
        path = _train_unit(scaled, truth)
        w, b = (round(value, 2) for value in path[-1])
        return scene.scene(
            *panels(w, b),
            say="Trained: " + say(w, b),
            values={"w": w, "b": b},
            frames=[panels(*each) for each in path[:: len(path) // _FRAMES]],
        )

    return Figure(
        [
            slider("w", "weight w", -6, 6, -0.5, step=0.05),
            slider("b", "bias b", -4, 4, -0.6, step=0.05),
            button("train", "Train"),
        ],
        draw,
        title="What gradient descent can see: a staircase, or a slope",
    )


@dataclass(frozen=True)
class Decision:
    """What comes of a threshold: counts, and the shares made of them.

    Attributes:
        hits: rows of class 1 that are called 1 (true positives).
        alarms: rows of class 0 that are called 1 (false positives).
        misses: rows of class 1 that are called 0 (false negatives).
        rest: rows of class 0 that are called 0 (true negatives).

    >>> found = Decision.of([1, 1, 0, 0], [0.9, 0.4, 0.6, 0.1], 0.5)
    >>> found.precision, found.recall, found.alarm_rate, found.accuracy
    (0.5, 0.5, 0.5, 0.5)
    """

    hits: int
    alarms: int
    misses: int
    rest: int

    @classmethod
    def of(cls, truth: Any, scores: Any, threshold: float) -> Decision:
        """Rows with a score of at least `threshold` are called 1."""
        is_one, called = np.asarray(truth) > 0.5, np.asarray(scores) >= threshold
        pairs = [(True, True), (False, True), (True, False), (False, False)]
        return cls(*(int(((is_one == a) & (called == b)).sum()) for a, b in pairs))

    @property
    def precision(self) -> float:
        """Of those called 1 the share that are; 0 where none is called so."""
        return self.hits / max(self.hits + self.alarms, 1)

    @property
    def recall(self) -> float:
        """Of those that are 1 the share that is called so."""
        return self.hits / max(self.hits + self.misses, 1)

    @property
    def alarm_rate(self) -> float:
        """Of those that are 0 the share that is called 1."""
        return self.alarms / max(self.alarms + self.rest, 1)

    @property
    def accuracy(self) -> float:
        """The share that is called what it is."""
        rows = self.hits + self.alarms + self.misses + self.rest
        return (self.hits + self.rest) / max(rows, 1)


def roc(truth: Any, scores: Any) -> tuple[np.ndarray, np.ndarray, float]:
    """The ROC curve, and the area under it.

    Args:
        truth: (n,) 0 or 1, both of them.
        scores: (n,) numbers; greater ones speak for class 1.

    Returns:
        The share of class 0 that is called 1, the share of class 1 that is, both from
        the highest threshold down, and the area: how often a row of class 1 scores
        above a row of class 0 (Hanley and McNeil 1982).

    >>> alarms, hits, area = roc([0, 1, 0, 1], [0.1, 0.9, 0.5, 0.4])
    >>> hits.tolist(), area
    ([0.0, 0.5, 0.5, 1.0, 1.0], 0.75)
    """
    is_one, score = np.asarray(truth) > 0.5, np.asarray(scores, dtype=np.float64)
    order = np.argsort(-score, kind="stable")
    # Rows of one score are called 1 at one threshold, together.
    last = np.append(np.diff(score[order]) != 0, True)
    shares = [
        np.append(0.0, np.cumsum(each[order])[last] / max(int(each.sum()), 1))
        for each in (~is_one, is_one)
    ]
    alarms, hits = shares
    area = float((np.diff(alarms) * (hits[1:] + hits[:-1]) / 2).sum())
    return alarms, hits, area


def threshold(
    truth: Any, scores: Any, *, classes: tuple[str, str] = ("class 0", "class 1")
) -> Figure:
    """The threshold, the confusion matrix it makes, and its place on the ROC curve.

    Args:
        truth: (n,) 0 or 1.
        scores: (n,) the net's probabilities of class 1, for rows that it did not see.
        classes: what class 0 and class 1 are called.
    """
    is_one = np.asarray(truth) > 0.5
    score = np.asarray(scores, dtype=np.float64)
    alarms, hits, area = roc(is_one, score)
    heights = is_one + np.random.default_rng(0).uniform(-0.3, 0.3, len(score))
    cuts = np.linspace(0.01, 0.99, 99)
    kinds = [Decision.of(is_one, score, cut) for cut in cuts]

    def draw(values: Values, event: Event) -> scene.Scene:
        found = Decision.of(is_one, score, values.threshold)
        called = score >= values.threshold
        rows = scene.plot(
            [
                scene.points(
                    score,
                    heights,
                    role=[f"class{int(each)}" for each in is_one],
                    hollow=called != is_one,
                    size=3.5,
                ),
                scene.rule(x=values.threshold, name="threshold", role="path"),
                scene.label(0.62, 1.42, f"is {classes[1]}", role="class1"),
                scene.label(0.62, 0.42, f"is {classes[0]}", role="class0"),
            ],
            title="Rows (rings are called wrongly)",
            x=f"probability of {classes[1]}",
            x_range=(0.0, 1.0),
            y_range=(-0.4, 1.5),
            axes="x",
        )
        curve = scene.plot(
            [
                scene.line([0, 1], [0, 1], role="muted", dashed=True, name="by chance"),
                scene.line(alarms, hits, name=f"ROC, area {area:.3f}"),
                scene.points([found.alarm_rate], [found.recall], role="path", size=7),
            ],
            x="false alarms: of all 0, called 1",
            y="recall: of all 1, called 1",
            x_range=(0.0, 1.0),
            y_range=(0.0, 1.0),
        )
        return scene.scene(
            rows,
            _shares(cuts, kinds, values.threshold),
            _matrix(found, classes),
            curve,
            say=f"At {values.threshold:.2f}: precision {found.precision:.3f}, recall "
            f"{found.recall:.3f}, false alarms {found.alarm_rate:.3f}, accuracy "
            f"{found.accuracy:.3f}",
        )

    return Figure(
        [slider("threshold", "threshold", 0.01, 0.99, 0.5, step=0.01)],
        draw,
        title="One net, many decisions: move the threshold",
    )


def imbalance(*, rows: int = 400, seed: int = 5) -> Figure:
    """A rare class: what accuracy hides, and what weights of classes change.

    Args:
        rows: how many in all; as many again, of the same shares, are measured.
        seed: of the rows and of the weights at the start.
    """
    window = ((-4.0, 5.0), (-4.0, 4.0))
    cells = (36, 44)

    def draw(values: Values, event: Event) -> scene.Scene:
        x, y = _clouds(rows, values.share / 100, seed)
        new_x, new_y = _clouds(10 * rows, values.share / 100, seed + 1)
        ones = int(y.sum())
        weights = {0: rows / (2 * (rows - ones)), 1: rows / (2 * ones)}
        model = classifier(2, 1, 8, 1, 0.0, seed)
        train(model, x, y, class_weight=weights if values.weights else None)
        ground = model.predict(grid(*window, cells), batch_size=4096, verbose=0)
        scores = model.predict(new_x, batch_size=4096, verbose=0)[:, 0]
        found = Decision.of(new_y, scores, 0.5)
        always = float(np.mean(new_y == 0))
        names = ["accuracy", "always 0", "recall", "precision"]
        shares = [found.accuracy, always, found.recall, found.precision]
        return scene.scene(
            scene.plot(
                [
                    scene.field(ground.reshape(cells), *window, low=0.0, high=1.0),
                    scene.points(
                        x[:, 0], x[:, 1], role=[f"class{each}" for each in y], size=3.5
                    ),
                ],
                title=f"{ones} blue rows of {rows}",
                x="first column",
                y="second column",
                x_range=window[0],
                y_range=window[1],
            ),
            scene.plot(
                [scene.bars(names, shares)],
                title="On new rows, at a threshold of 0.5",
                y="share",
                y_range=(0.0, 1.0),
            ),
            say=f"Accuracy {found.accuracy:.1%}; always saying 0 has {always:.1%}. "
            f"Recall of the rare class {found.recall:.1%}, precision "
            f"{found.precision:.1%}; mean probability {scores.mean():.3f} where "
            f"{new_y.mean():.3f} of the rows are of class 1",
        )

    return Figure(
        [
            slider("share", "rows of class 1", 2, 50, 5, step=1, unit="%"),
            switch("weights", "class_weight: both classes weigh the same"),
        ],
        draw,
        title="A rare class: 95% right, and blind",
    )


def _cross_entropy(truth: Any, said: Any) -> float:
    """The mean over the rows, as Keras's loss has it."""
    return float(_cross_entropies(np.atleast_2d(truth), np.atleast_2d(said))[0])


def _cross_entropies(truth: np.ndarray, said: np.ndarray) -> np.ndarray:
    """The mean over the last axis."""
    y, p = (np.asarray(each, dtype=np.float32) for each in (truth, said))
    return np.asarray(losses.binary_crossentropy(y, p))


def _units(count: int) -> models.Sequential:
    """Sigmoid units over one column, each by itself."""
    return models.Sequential(
        [layers.Input((1,)), layers.Dense(count, activation="sigmoid")]
    )


def _train_unit(x: np.ndarray, y: np.ndarray) -> list[tuple[float, float]]:
    """Weight and bias of one sigmoid unit, before training and after each epoch."""
    model = _units(1)
    model.set_weights([np.array([[-4.0]]), np.zeros(1)])
    model.compile(optimizer=optimizers.Adam(0.2), loss="binary_crossentropy")
    path: list[tuple[float, float]] = []

    def keep(epoch: int = -1, logs: Any = None) -> None:
        kernel, bias = model.get_weights()
        path.append((float(kernel[0, 0]), float(bias[0])))

    keep()
    model.fit(
        x[:, None],
        y,
        batch_size=len(x),
        epochs=120,
        verbose=0,
        callbacks=[LambdaCallback(on_epoch_end=keep)],
    )
    return path


def _shares(cuts: np.ndarray, kinds: list[Decision], at: float) -> scene.Panel:
    """Precision, recall and accuracy over the threshold."""
    lines = [
        scene.line(cuts, [getattr(each, name) for each in kinds], name=name, role=role)
        for name, role in (
            ("precision", "accent"),
            ("recall", "model"),
            ("accuracy", "muted"),
        )
    ]
    return scene.plot(
        [*lines, scene.rule(x=at, role="path")],
        x="threshold",
        y="share",
        x_range=(0.0, 1.0),
        y_range=(0.0, 1.02),
    )


def _matrix(found: Decision, classes: tuple[str, str]) -> scene.Panel:
    """The confusion matrix: truth downwards, what is said to the right."""
    cells = [[found.rest, found.alarms], [found.misses, found.hits]]
    words = [["right", "false alarms"], ["missed", "found"]]
    top = 1.7 * max(1, *cells[0], *cells[1])  # words are read on the darkest, too
    ground = scene.field(
        cells, (0, 2), (0, 2), palette="sequence", low=0, high=top, crisp=True
    )
    counts = [
        scene.label(
            column + 0.5, row + 0.5, f"{cells[row][column]} {word}", role="path"
        )
        for row, line in enumerate(words)
        for column, word in enumerate(line)
    ]
    sides = [
        scene.label(column + 0.5, -0.12, f"called {each}", role=f"class{column}")
        for column, each in enumerate(classes)
    ]
    heads = [
        scene.label(0.5, row + 0.92, f"is {each}", role=f"class{row}")
        for row, each in enumerate(classes)
    ]
    return scene.plot(
        [ground, *counts, *sides, *heads],
        title="Confusion matrix",
        x_range=(0, 2),
        y_range=(-0.25, 2),
        axes="",
    )


def _clouds(count: int, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two clouds that overlap; `share` of the rows is of class 1."""
    rng = np.random.default_rng(seed)
    ones = max(2, round(count * share))
    label = np.r_[np.ones(ones, dtype=np.int64), np.zeros(count - ones, dtype=np.int64)]
    place = rng.normal(size=(count, 2)) + 1.4 * label[:, None]
    order = rng.permutation(count)
    return place[order].astype(np.float32), label[order]
