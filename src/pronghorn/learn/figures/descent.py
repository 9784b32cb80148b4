"""The path that training takes over the loss surface of a linear unit, on real rows."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from pronghorn import callbacks, layers, losses, models, optimizers
from pronghorn.errors import DivergedError
from pronghorn.learn import scene
from pronghorn.learn.figure import Event, Figure, Values, choice, slider, switch

__all__ = ["OPTIMIZERS", "path_of", "surface"]

OPTIMIZERS = ("sgd", "adam", "rmsprop", "adagrad")
_LOSSES = {
    "mse": losses.mean_squared_error,
    "mae": losses.mean_absolute_error,
    "huber": losses.huber,
}
_CELLS = 45
_LEVELS = 14


def surface(
    x: Any,
    y: Any,
    *,
    labels: tuple[str, str] = ("engine size", "fuel economy"),
    standardize: bool = True,
    rate: float = 0.1,
    batch: int = 32,
) -> Figure:
    """The loss over weight and bias, and the way that an optimizer goes down it.

    The point where training begins can be moved.

    Args:
        x: (n,) the input.
        y: (n,) the target.
        labels: what they are called.
        standardize: whether both are at the start.
        rate: the learning rate at the start.
        batch: rows a step at the start.

    >>> rows = np.linspace(0, 8, 60)
    >>> figure = surface(rows, 50 - 4 * rows)
    >>> near = figure.scene["say"]
    >>> far = figure.set(standardized=False, rate=0.01)["say"]
    >>> "after 100 steps" in near and "after 100 steps" in far
    True
    >>> "ran away" in figure.set(rate=2.0)["say"]
    True
    """
    grounds: dict[tuple[bool, str], _Ground] = {}
    starts: dict[bool, tuple[float, float]] = {}
    raw = _pair(x, y)
    scaled = _pair(_standard(raw[0]), _standard(raw[1]))

    def draw(values: Values, event: Event) -> scene.Scene:
        flat = bool(values.standardized)
        rows = scaled if flat else raw
        key = (flat, values.loss)
        if key not in grounds:
            grounds[key] = _ground(*rows, values.loss)
        ground = grounds[key]
        if event.kind == "move":
            starts[flat] = (event.x, event.y)
        start = starts.get(flat, ground.corner if flat else (0.0, 0.0))
        size = min(round(values.batch), len(rows[0]))
        path = path_of(
            *rows,
            start=start,
            steps=values.steps,
            batch_size=size,
            loss=values.loss,
            optimizer=_optimizer(values),
        )
        along = _loss(*rows, path[:, 0], path[:, 1], values.loss)
        return scene.scene(
            _map(ground, path, start, flat),
            _curve(along, ground.best_loss, values),
            say=_said(along, values, size, len(rows[0]), path, flat, labels),
        )

    return Figure(
        [
            choice("optimizer", "optimizer", OPTIMIZERS),
            slider("rate", "learning rate", 0.0001, 2.0, rate, log=True),
            slider("batch", "batch size", 1, 1024, batch, step=2, log=True),
            slider("momentum", "momentum", 0, 0.99, 0.0, step=0.01),
            slider("steps", "steps", 10, 400, 100, step=10),
            choice("loss", "loss", list(_LOSSES)),
            switch("standardized", "standardized", standardize),
        ],
        draw,
        title="The way down: weight and bias on the loss surface",
    )


def path_of(
    x: np.ndarray,
    y: np.ndarray,
    *,
    start: tuple[float, float],
    steps: int,
    batch_size: int,
    loss: str = "mse",
    optimizer: Any = None,
) -> np.ndarray:
    """Weight and bias of a linear unit before training and after each step of it.

    Args:
        x: (n,) float32 inputs.
        y: (n,) float32 targets.
        start: weight and bias to begin with.
        steps: how many steps, through as many epochs as that takes, each in an order of
            its own.
        batch_size: rows a step, at most n. What an epoch's last batch lacks is taken
            from the next epoch.
        loss: the loss, as `compile` takes it.
        optimizer: gradient descent with a learning rate of 0.1 by default.

    Returns:
        (steps + 1, 2) float64; fewer rows where the loss ran away to infinity.

    >>> x = np.array([-1, 0, 1], np.float32)
    >>> path = path_of(x, 2 * x + 1, start=(0, 0), steps=50, batch_size=3)
    >>> path[0].tolist(), path[-1].round(1).tolist()
    ([0.0, 0.0], [2.0, 1.0])
    """
    unit = models.Sequential([layers.Dense(1, input_shape=[1])])
    unit.set_weights([np.array([[start[0]]]), np.array([start[1]])])
    unit.compile(optimizer=optimizer or optimizers.SGD(0.1), loss=loss)
    path = [start]

    def keep(batch: int, logs: Any = None) -> None:
        kernel, bias = unit.get_weights()
        path.append((float(kernel[0, 0]), float(bias[0])))

    random = np.random.default_rng(1)
    epochs = -(-steps * batch_size // len(x))
    order = np.concatenate([random.permutation(len(x)) for _ in range(epochs)])
    order = order[: steps * batch_size]
    with suppress(DivergedError):
        unit.fit(
            x[order, None],
            y[order],
            batch_size=batch_size,
            shuffle=False,
            verbose=0,
            callbacks=[callbacks.LambdaCallback(on_train_batch_end=keep)],
        )
    return np.array(path, dtype=np.float64)


@dataclass(frozen=True)
class _Ground:
    """The loss over a grid of weights and biases.

    Attributes:
        grid: (rows, columns) the loss; rows are biases.
        w: the grid's ends.
        b: the same.
        best: weight and bias with the least loss.
        best_loss: that loss.
        corner: a place far from it, to begin at.
    """

    grid: np.ndarray
    w: tuple[float, float]
    b: tuple[float, float]
    best: tuple[float, float]
    best_loss: float
    corner: tuple[float, float]


def _ground(x: np.ndarray, y: np.ndarray, loss: str) -> _Ground:
    ones = np.column_stack([x, np.ones(len(x))]).astype(np.float64)
    w, b = (float(each) for each in np.linalg.lstsq(ones, y, rcond=None)[0])
    # Wide enough for the best place, for 0, where nets begin, and for overshooting.
    around_w, around_b = 1.6 * abs(w) + 0.3, 1.3 * abs(b) + 1.5
    ends = (w - around_w, w + around_w), (b - around_b, b + around_b)
    across, up = (np.linspace(*each, _CELLS) for each in ends)
    weights, biases = (each.ravel() for each in np.meshgrid(across, up))
    grid = _loss(x, y, weights, biases, loss).reshape(_CELLS, _CELLS)
    at = int(grid.argmin())
    best = (w, b) if loss == "mse" else (float(weights[at]), float(biases[at]))
    least = float(_loss(x, y, np.array([best[0]]), np.array([best[1]]), loss)[0])
    corner = (w - 0.85 * around_w, b + 0.85 * around_b)
    return _Ground(grid, *ends, best, least, corner)


def _loss(
    x: np.ndarray, y: np.ndarray, w: np.ndarray, b: np.ndarray, loss: str
) -> np.ndarray:
    """The loss over all rows for each pair of weight and bias, (pairs,)."""
    if loss == "mse":  # a parabola: its six numbers say it for all pairs at once
        xx, xy, yy = float(x @ x), float(x @ y), float(y @ y)
        sx, sy, n = float(x.sum()), float(y.sum()), len(x)
        with np.errstate(over="ignore", invalid="ignore"):
            total = w * w * xx + 2 * w * b * sx + n * b * b
            found = (total - 2 * w * xy - 2 * b * sy + yy) / n
        return np.asarray(found)
    with np.errstate(over="ignore", invalid="ignore"):
        said = np.outer(w, x) + b[:, None]
        rows = np.broadcast_to(y, said.shape)
        return np.asarray(_LOSSES[loss](rows.astype(np.float32), said))


def _map(
    ground: _Ground, path: np.ndarray, start: tuple[float, float], flat: bool
) -> scene.Panel:
    rise = np.log10(np.maximum(ground.grid - 0.999 * ground.best_loss, 1e-9))
    high = float(ground.grid.max()) - ground.best_loss
    levels = ground.best_loss + high * np.geomspace(0.002, 1, _LEVELS)
    units = "standardized" if flat else "raw"
    return scene.plot(
        [
            scene.field(rise, ground.w, ground.b, palette="sequence"),
            scene.contours(ground.grid, ground.w, ground.b, levels=levels.tolist()),
            scene.line(
                *_inside(path, ground).T, name="path", role="path", dots=len(path) < 60
            ),
            scene.points([ground.best[0]], [ground.best[1]], name="least loss"),
            scene.points(
                [start[0]],
                [start[1]],
                name="start (move it)",
                role="accent",
                drag="start",
                size=7,
            ),
        ],
        title=f"Loss by weight and bias, {units} columns",
        x="weight w",
        y="bias b",
        x_range=ground.w,
        y_range=ground.b,
        square=True,
    )


def _inside(path: np.ndarray, ground: _Ground) -> np.ndarray:
    """The path, up to where it first leaves the surroundings of the map."""
    ends = np.array([ground.w, ground.b])
    middle, room = ends.mean(axis=1), 2.0 * (ends[:, 1] - ends[:, 0])
    far = ~(np.abs(path - middle) < room).all(axis=1)
    far[0] = False
    if not far.any():
        return path
    out = int(far.argmax())
    before, step = path[out - 1], path[out] - path[out - 1]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        edge = (middle + np.sign(step) * room - before) / step
    share = np.nanmin(np.append(edge, 1.0))
    return np.vstack([path[:out], before + share * step])


def _curve(along: np.ndarray, best: float, values: Values) -> scene.Panel:
    top = max(float(along[0]), best) * 3
    shown = np.where(along < 1e3 * top, along, np.nan)
    return scene.plot(
        [
            scene.line(np.arange(len(along)), shown, name="all rows", role="train"),
            scene.rule(y=best, name="least loss"),
        ],
        title=f"The loss ({values.loss}) step by step",
        x="step",
        y="loss, all rows",
        x_range=(0, values.steps),
        y_range=(max(best, 1e-4) * 0.8, top),
        y_log=True,
    )


def _said(
    along: np.ndarray,
    values: Values,
    size: int,
    rows: int,
    path: np.ndarray,
    flat: bool,
    labels: tuple[str, str],
) -> str:
    steps = len(along) - 1
    last = float(along[-1])
    if steps < values.steps or not np.isfinite(last) or last > 10 * along[0]:
        away = next((k for k, v in enumerate(along) if not v <= 10 * along[0]), steps)
        return f"The loss ran away: ten times its beginning within {away} steps"
    w, b = path[-1]
    epochs = steps * size / rows
    idle = values.momentum > 0 and values.optimizer in ("adam", "adagrad")
    unused = f" ({values.optimizer} has no such momentum)" if idle else ""
    return (
        f"{labels[1]} = {w:.2f} {labels[0]} {'+' if b >= 0 else '-'} {abs(b):.2f}"
        f"{' (standardized)' if flat else ''}: loss {last:.3g} after {steps} steps "
        f"of {size} {'row' if size == 1 else 'rows'}, {epochs:.3g} epochs{unused}"
    )


def _optimizer(values: Values) -> Any:
    if values.optimizer == "sgd":
        return optimizers.SGD(values.rate, momentum=values.momentum)
    if values.optimizer == "rmsprop":
        return optimizers.RMSprop(values.rate, momentum=values.momentum)
    kinds = {"adam": optimizers.Adam, "adagrad": optimizers.Adagrad}
    return kinds[values.optimizer](values.rate)


def _pair(x: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
    return (
        np.asarray(x, dtype=np.float32).ravel(),
        np.asarray(y, dtype=np.float32).ravel(),
    )


def _standard(values: np.ndarray) -> np.ndarray:
    return np.asarray((values - values.mean()) / max(float(values.std()), 1e-7))
