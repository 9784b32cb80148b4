"""Underfitting and overfitting: a net's curve over the points, and its learning curves.

Also what holds a net back: penalty, early stopping, dropout, averages of several nets.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pronghorn.learn import scene
from pronghorn.learn.figure import Event, Figure, Values, slider, switch
from pronghorn.learn.figures.wave import GRID, Net, Wave, curves, fit

__all__ = ["capacity", "dropped", "ensemble"]

_PATIENCE = 40
_NO_PENALTY = 1e-6  # the slider's lower end stands for none


def capacity() -> Figure:
    """A net over a noisy curve: width, depth, epochs, noise, penalty, early stopping.

    Training points can be moved, added and taken away.

    >>> figure = capacity()
    >>> line = figure.set(depth=0)
    >>> line["say"].split(":")[0]
    'Underfitting'
    """
    wave = Wave()

    def draw(values: Values, event: Event) -> scene.Scene:
        wave.take(event)
        net = Net(
            width=round(values.width),
            depth=values.depth,
            epochs=values.epochs,
            l2=values.l2 if values.l2 > _NO_PENALTY * 1.01 else 0.0,
            patience=_PATIENCE if values.stop else 0,
        )
        rows = wave.rows(values.noise)
        found = fit(net, rows)
        line = scene.line(GRID, found.curve, name="the net")
        train = found.train[found.best - 1] if net.patience else found.train[-1]
        return scene.scene(
            wave.panel(rows, [line], title="The net over the points"),
            curves(found, values.epochs),
            say=f"{_verdict(float(train), found.used, values.noise)}: "
            f"{found.parameters:,} parameters, error {train:.3f} on training points "
            f"and {found.used:.3f} on validation points after "
            f"{found.best if net.patience else len(found.train)} epochs",
        )

    return Figure(
        [
            slider("width", "units per layer", 1, 64, 32, log=True, step=2**0.5),
            slider("depth", "hidden layers", 0, 3, 2, step=1),
            slider("epochs", "epochs", 10, 400, 400, step=10),
            slider("noise", "noise", 0.0, 1.0, 0.4, step=0.05),
            slider("l2", "L2 penalty", _NO_PENALTY, 0.1, _NO_PENALTY, log=True),
            switch("stop", "early stopping"),
        ],
        draw,
        title="Too small, too long, or right: watch the gap between the two curves",
    )


def _verdict(train: float, valid: float, noise: float) -> str:
    """In a word how the fit is; the noise's own variance is what no net can learn."""
    floor = noise**2
    if not np.isfinite(valid):
        return "Diverged"
    if train > 1.5 * floor + 0.03:
        return "Underfitting"
    return "Overfitting" if valid > 1.8 * train + 0.02 else "A good fit"


def dropped() -> Figure:
    """The same net with and without dropout: its curve, and both learning curves.

    >>> dropped().set(rate=0.0)["say"]  # doctest: +ELLIPSIS
    'With no dropout both nets are the same. ...'
    """
    wave = Wave()

    def draw(values: Values, event: Event) -> scene.Scene:
        wave.take(event)
        rows = wave.rows(values.noise)
        plain = Net(width=round(values.width), epochs=values.epochs)
        without = fit(plain, rows)
        treated = fit(replace(plain, dropout=values.rate), rows)
        lines = [
            scene.line(GRID, without.curve, name="without", role="muted"),
            scene.line(GRID, treated.curve, name="with dropout"),
        ]
        said = f"Validation error {without.used:.3f} without, {treated.used:.3f} with"
        if not values.rate:
            said = f"With no dropout both nets are the same. {said}"
        return scene.scene(
            wave.panel(rows, lines, title="Both nets over the points"),
            curves(without, values.epochs, title="Without dropout"),
            curves(treated, values.epochs, title=f"Dropout {values.rate:g}"),
            say=said,
        )

    return Figure(
        [
            slider("rate", "dropout rate", 0.0, 0.8, 0.2, step=0.05),
            slider("width", "units per layer", 4, 64, 64, log=True, step=2**0.5),
            slider("epochs", "epochs", 20, 300, 300, step=20),
            slider("noise", "noise", 0.0, 1.0, 0.4, step=0.05),
        ],
        draw,
        title="Dropout takes capacity away: find the rate at which both curves meet",
    )


def ensemble() -> Figure:
    """Nets that differ in their first weights only, and the mean of what they say.

    >>> figure = ensemble()
    >>> "mean of 3 nets" in figure.set(nets=3)["say"]
    True
    """
    wave = Wave(seed=5)

    def draw(values: Values, event: Event) -> scene.Scene:
        wave.take(event)
        rows = wave.rows(values.noise)
        found = [
            fit(
                Net(width=64, epochs=100, activation="tanh", rate=0.04, seed=seed), rows
            )
            for seed in range(1, values.nets + 1)
        ]
        mean = np.mean([each.curve for each in found], axis=0)
        lines = [scene.line(GRID, each.curve, role="muted") for each in found]
        lines.append(scene.line(GRID, mean, name="their mean"))
        _, _, x_valid, y_valid = rows
        error = np.interp(x_valid[:, 0], GRID[:, 0], mean) - y_valid[:, 0]
        single = float(np.mean([each.used for each in found]))
        return scene.scene(
            wave.panel(rows, lines),
            say=f"Validation error {single:.3f} for one net, on average, and "
            f"{float((error**2).mean()):.3f} for the mean of {values.nets} nets",
        )

    return Figure(
        [
            slider("nets", "nets", 1, 4, 4, step=1),
            slider("noise", "noise", 0.0, 1.0, 0.4, step=0.05),
        ],
        draw,
        title="Several nets disagree where there are few points; their mean errs less",
    )
