"""Dropout on a net of a few units: a new mask at each press."""

from __future__ import annotations

import numpy as np

from pronghorn import layers, models, utils
from pronghorn.learn import scene
from pronghorn.learn.figure import Event, Figure, Values, button, choice, slider

__all__ = ["masks"]

_UNITS = (3, 6, 6, 1)
_MOST = 200  # masks that the mean is kept of


class _Net:
    """A small net with dropout after each hidden layer, and what it said so far."""

    def __init__(self) -> None:
        self.x = np.array([[0.8, -0.5, 0.6]], dtype=np.float32)
        self.said: list[float] = []
        self._rate = -1.0

    def use(self, rate: float) -> None:
        """Builds the net for a rate; the weights are the same for all."""
        if rate == self._rate:
            return
        utils.set_random_seed(11)
        entry = layers.Input(shape=(_UNITS[0],))
        through, hidden = entry, []
        for width in _UNITS[1:-1]:
            through = layers.Dense(width, activation="tanh", bias_initializer="ones")(
                through
            )
            through = layers.Dropout(rate)(through)
            hidden.append(through)
        self.model = models.Model(entry, [*hidden, layers.Dense(1)(through)])
        self._rate, self.said = rate, []

    def run(self, training: bool, times: int = 1) -> tuple[list[np.ndarray], float]:
        """Which units of each hidden layer are on, and the output, of the last time.

        The same row stands `times` times in the batch: each row has a mask of its own.
        """
        *hidden, out = self.model(np.repeat(self.x, times, axis=0), training=training)
        outputs = np.asarray(out)[:, 0]
        if training:
            self.said = [*self.said, *outputs.tolist()][-_MOST:]
        # What tanh gives is never exactly 0, so a 0 was dropped.
        return [np.asarray(each)[-1] != 0 for each in hidden], float(outputs[-1])


def masks() -> Figure:
    """A net as one training step sees it: units that are dropped, and what it says.

    >>> figure = masks()
    >>> figure.set(mode="predicting")["say"].split(":")[0]
    'Predicting'
    """
    net = _Net()

    def draw(values: Values, event: Event) -> scene.Scene:
        net.use(values.rate)
        training = values.mode == "training"
        on, output = net.run(training, 100 if event.mark == "hundred" else 1)
        full = net.run(False)[1]
        kept = int(sum(each.sum() for each in on))
        several = scene.line(
            np.arange(1, len(net.said) + 1),
            np.cumsum(net.said) / np.arange(1, len(net.said) + 1) if net.said else [],
            name="mean of the masks so far",
            role="path",
        )
        each = scene.points(
            np.arange(1, len(net.said) + 1), net.said, name="each mask", size=2.5
        )
        what = (
            f"Training: {kept} of {sum(_UNITS[1:-1])} hidden units are on, each times "
            f"{1 / (1 - values.rate):.2f}; the net says {output:.3f}"
            if training
            else f"Predicting: all units are on, times 1; the net says {output:.3f}, "
            "every time"
        )
        middle = 2.5 * max(abs(full), 0.4)
        return scene.scene(
            scene.plot(
                _picture(on),
                title="The net of this step",
                x="layer",
                x_range=(-0.3, len(_UNITS) - 0.7),
                y_range=(-0.5, max(_UNITS) - 0.5),
            ),
            scene.plot(
                [each, several, scene.rule(y=full, name="all units on")],
                title="What it says for one row",
                x="mask",
                y="output",
                x_range=(0, max(20, len(net.said))),
                y_range=(full - middle, full + middle),
            ),
            say=what,
        )

    return Figure(
        [
            slider("rate", "dropout rate", 0.0, 0.8, 0.3, step=0.05),
            choice("mode", "mode", ["training", "predicting"]),
            button("one", "New mask"),
            button("hundred", "100 masks"),
        ],
        draw,
        title="Each training step has a net of its own; predicting uses all of it",
    )


def _picture(on: list[np.ndarray]) -> list[scene.Mark]:
    """Units and connections; those of dropped units are faint."""
    live = [np.ones(_UNITS[0], bool), *on, np.ones(_UNITS[-1], bool)]
    heights = [
        (np.arange(len(each)) + (max(_UNITS) - len(each)) / 2)[::-1] for each in live
    ]
    edges: dict[bool, tuple[list[float], list[float]]] = {
        False: ([], []),
        True: ([], []),
    }
    for at in range(len(live) - 1):
        for start, left in enumerate(heights[at]):
            for end, right in enumerate(heights[at + 1]):
                both = bool(live[at][start] and live[at + 1][end])
                edges[both][0].extend([at, at + 1, np.nan])
                edges[both][1].extend([left, right, np.nan])
    columns = np.concatenate([np.full(len(each), at) for at, each in enumerate(live)])
    marks = [scene.line(*edges[True], name="in use", role="model")]
    if edges[False][0]:
        dropped = scene.line(*edges[False], name="dropped", role="muted", dashed=True)
        marks.insert(0, dropped)
    marks.append(
        scene.points(
            columns,
            np.concatenate(heights),
            hollow=~np.concatenate(live),
            role="data",
            labels=["on" if each else "dropped" for each in np.concatenate(live)],
            size=9,
        )
    )
    return marks
