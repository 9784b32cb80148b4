"""Learning curves of trainings that a page ran, and gains that were measured before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pronghorn.learn import scene
from pronghorn.learn.figure import Event, Figure, Values, choice
from pronghorn.learn.measured import read

__all__ = ["gains", "learning_curves", "trials"]

_VIEWS = {
    "dropout, all epochs trained": {"layer": "dropout", "stop": False},
    "dropout, early stopping": {"layer": "dropout", "stop": True},
    "batch normalization, raw columns": {"layer": "batchnorm", "scaled": False},
    "batch normalization, standardized": {"layer": "batchnorm", "scaled": True},
}
_WIDEST = 110.0  # percent; longer intervals leave the panel


def learning_curves(
    histories: Mapping[str, Any],
    *,
    metric: str = "loss",
    label: str = "loss",
    title: str = "Learning curves",
    log: bool = False,
) -> Figure:
    """Training and validation curves of several trainings, on the same axes.

    Args:
        histories: what `fit` gave, or its `.history`, by name; each with `metric` and
            `val_` before it.
        metric: which numbers to show.
        label: the words at the left axis.
        title: above the figure.
        log: whether the left axis is logarithmic.

    >>> figure = learning_curves({"a net": {"loss": [3, 2], "val_loss": [3, 4]}})
    >>> figure.scene["say"]
    'a net: least validation loss 3 in epoch 1, at the end 4'
    """
    found: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for name, each in histories.items():
        kept = getattr(each, "history", each)
        found[name] = (np.asarray(kept[metric]), np.asarray(kept[f"val_{metric}"]))
    every = np.concatenate([np.concatenate(pair) for pair in found.values()])
    every = every[np.isfinite(every)]
    # The first epochs are far up; the axis ends where nine of ten numbers are.
    high = float(np.percentile(every, 90)) * (3.0 if log else 1.3)
    low = float(every.min()) * (0.7 if log else 0.95)
    longest = max(len(train) for train, _ in found.values())

    def panel(name: str, train: np.ndarray, valid: np.ndarray) -> scene.Panel:
        best = int(np.nanargmin(valid)) + 1
        lines = [
            scene.line(np.arange(1, len(each) + 1), each, name=what, role=role)
            for each, what, role in (
                (train, "training", "train"),
                (valid, "validation", "valid"),
            )
        ]
        return scene.plot(
            [*lines, scene.rule(x=best, name="least validation error")],
            title=name,
            x="epoch",
            y=label,
            x_range=(0, longest),
            y_range=(low, high),
            y_log=log,
        )

    told = [
        f"{name}: least validation {label} {np.nanmin(valid):.3g} in epoch "
        f"{int(np.nanargmin(valid)) + 1}, at the end {valid[-1]:.3g}"
        for name, (_, valid) in found.items()
    ]

    def draw(values: Values, event: Event) -> scene.Scene:
        panels = [panel(name, *pair) for name, pair in found.items()]
        return scene.scene(*panels, say="; ".join(told))

    return Figure([], draw, title=title)


def trials(**wanted: Any) -> list[dict[str, Any]]:
    """The trials of `gains.json` whose fields are as wanted, in the file's order.

    >>> len(trials(layer="dropout", table="higgs"))
    2
    """
    return [
        each
        for each in read("gains")["trials"]
        if all(each[name] == value for name, value in wanted.items())
    ]


def gains() -> Figure:
    """What dropout and batch normalization gained on holdout rows, with intervals.

    >>> "20 splits" in gains().scene["say"]
    True
    """

    def draw(values: Values, event: Event) -> scene.Scene:
        shown = [each for each in trials(**_VIEWS[values.view]) if each["gain"]]
        names = []
        for each in shown:
            name = each["table"].removeprefix("sklearn/")
            names.append(f"{name} (sgd)" if each["optimizer"] == "sgd" else name)
        share = {
            end: np.array([100 * each[end] / each["without"] for each in shown])
            for end in ("gain", "low", "high")
        }
        ends = [np.clip(share[end], -_WIDEST, _WIDEST) for end in ("low", "high")]
        largest = max(float(np.abs(each).max()) for each in (*ends, share["gain"]))
        told = [
            f"{name} {gain:+.1f} % ({low:+.1f} to {high:+.1f}), "
            f"less in {each['better']}"
            for name, gain, low, high, each in zip(
                names, share["gain"], share["low"], share["high"], shown
            )
        ]
        panel = scene.plot(
            [
                scene.bars(names, share["gain"], low=ends[0], high=ends[1]),
                scene.rule(y=0.0),
            ],
            y="gain on holdout, % of the error without",
            y_range=(-1.1 * largest, 1.1 * largest),
        )
        return scene.scene(
            panel,
            say="Less error on holdout rows, mean of 20 splits and 95 % interval, and "
            "in how many of them it was less: " + "; ".join(told),
        )

    return Figure(
        [choice("view", "measured", list(_VIEWS))],
        draw,
        title="Above zero the layer helps; an interval across zero says: not known",
    )
