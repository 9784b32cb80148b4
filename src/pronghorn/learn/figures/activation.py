"""Activations: their curves and slopes, and stacks of layers with and without them."""

from __future__ import annotations

import numpy as np

from pronghorn import activations, initializers, layers, models, ops
from pronghorn.gradient import grad
from pronghorn.learn import scene
from pronghorn.learn.figure import Event, Figure, Values, button, choice, slider

__all__ = ["ACTIVATIONS", "curves", "stack"]

ACTIVATIONS = (
    "relu",
    "sigmoid",
    "tanh",
    "elu",
    "leaky_relu",
    "softplus",
    "silu",
    "gelu",
    "linear",
)


def curves() -> Figure:
    """An activation and its slope, at an input that is moved by hand.

    >>> figure = curves()
    >>> figure.set(name="relu", z=-2.0)["say"]
    'relu(-2) = 0, and its slope there is 0'
    """

    def draw(values: Values, event: Event) -> scene.Scene:
        function = activations.get(values.name)
        slope = grad(lambda z: ops.sum(function(z)))
        z = np.linspace(-5, 5, 201, dtype=np.float32)
        at = np.array([values.z], dtype=np.float32)
        value = float(np.asarray(function(at))[0])
        steep = float(np.asarray(slope(at))[0])
        near = np.array([values.z - 1.2, values.z + 1.2])
        tangent = value + steep * (near - values.z)
        here = f"{values.name}({values.z:g}) = {_num(value)}"
        return scene.scene(
            scene.plot(
                [
                    scene.line(z, np.asarray(function(z)), name=values.name),
                    scene.line(near, tangent, name="its slope here", role="accent"),
                    scene.points([values.z], [value], role="accent"),
                ],
                title="What comes out",
                x="z, the sum that the unit computed",
                y="output",
                x_range=(-5, 5),
                y_range=(-2.0, 5.0),
            ),
            scene.plot(
                [
                    scene.line(z, np.asarray(slope(z)), role="train"),
                    scene.points([values.z], [steep], role="accent"),
                ],
                title="Its slope: how much of an error goes back",
                x="z",
                y="slope",
                x_range=(-5, 5),
                y_range=(-0.3, 1.3),
            ),
            say=f"{here}, and its slope there is {_num(steep)}",
        )

    return Figure(
        [
            choice("name", "activation", ACTIVATIONS),
            slider("z", "input z", -5, 5, 1.5, step=0.1),
        ],
        draw,
        title="Activations: where is the slope near 0?",
    )


def stack() -> Figure:
    """What layers with random weights compute of one input: a line, or bends.

    >>> figure = stack()
    >>> figure.set(name="linear", depth=5)["say"].partition(":")[0]
    '5 layers of 8 units without an activation are a line'
    >>> "bends" in figure.set(name="relu")["say"]
    True
    """
    seeds = {"now": 3}

    def draw(values: Values, event: Event) -> scene.Scene:
        if event.kind == "press":
            seeds["now"] += 1
        x = np.linspace(-3, 3, 601, dtype=np.float32)
        y = _random(values.name, values.depth, values.width, seeds["now"], x)
        top = max(float(np.abs(y).max()), 1e-6) * 1.15
        return scene.scene(
            scene.plot(
                [scene.line(x[::4], y[::4], name="the net")],
                x="x",
                y="output",
                x_range=(-3, 3),
                y_range=(-top, top),
            ),
            say=_said(x, y, values),
        )

    return Figure(
        [
            choice("name", "activation", ["linear", "relu", "tanh"]),
            slider("depth", "hidden layers", 1, 8, 3, step=1),
            slider("width", "units in each", 1, 32, 8, step=1),
            button("again", "Other random weights"),
        ],
        draw,
        title="A stack of layers: straight without activations, however deep",
    )


def _random(name: str, depth: int, width: int, seed: int, x: np.ndarray) -> np.ndarray:
    """What a net with random weights and biases says for each of the inputs."""

    def dense(units: int, at: int, activation: str) -> layers.Dense:
        return layers.Dense(
            units,
            activation=activation,
            kernel_initializer=initializers.HeNormal(seed=100 * seed + at),
            bias_initializer=initializers.RandomNormal(
                stddev=0.7, seed=100 * seed + 50 + at
            ),
        )

    hidden = [dense(width, at, name) for at in range(depth)]
    net = models.Sequential([*hidden, dense(1, depth, "linear")])
    net.build((None, 1))
    found: np.ndarray = net.predict(x[:, None], verbose=0)[:, 0]
    return found


def _said(x: np.ndarray, y: np.ndarray, values: Values) -> str:
    layers_ = "1 layer" if values.depth == 1 else f"{values.depth} layers"
    units = "1 unit" if values.width == 1 else f"{values.width} units"
    what = f"{layers_} of {units}"
    are = "is" if values.depth == 1 else "are"
    if values.name == "linear":
        w = float(y[-1] - y[0]) / float(x[-1] - x[0])
        b = float(y[0]) - w * float(x[0])
        return f"{what} without an activation {are} a line: y = {w:.3g} x + {b:.3g}"
    if values.name != "relu":
        return f"{what} with {values.name} {are} a smooth curve"
    slopes = np.diff(y) / np.diff(x)
    changed = np.abs(np.diff(slopes)) > 1e-3 * max(float(np.abs(slopes).max()), 1e-9)
    # A bend inside a step of the grid changes the slope twice in a row.
    bends = int(np.sum(changed & ~np.concatenate([[False], changed[:-1]])))
    return f"{what} with relu {are} a line with {bends} bends"


def _num(value: float) -> str:
    return f"{round(value, 3):g}"
