"""One live figure for each kind of mark and panel, as a lesson would have them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pronghorn.learn import scene
from pronghorn.learn.figure import Event, Figure, Values, button, choice, slider, switch

SUGARS = np.array([6, 8, 5, 0, 8, 10, 14, 8, 6, 5, 12, 1, 9, 7, 13, 3, 2, 12, 13, 7])
FIBER = np.array([10, 2, 9, 14, 1, 1.5, 1, 2, 4, 5, 0, 2, 0, 2, 0, 1, 0, 0, 1, 4])
CALORIES = 90 + 2.5 * SUGARS + np.round(9 * np.sin(7.0 * np.arange(20)))
UNIT = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="160">'
    '<rect width="100%" height="100%" fill="white"/>'
    '<circle cx="220" cy="80" r="30" fill="none" stroke="black"/>'
    '<path d="M40 80H190" stroke="black"/><text x="100" y="70">w = 2.5</text></svg>'
)
CEREALS = [f"Cereal {number}" for number in range(1, 21)]


def neuron(values: Values, event: Event) -> scene.Scene:
    """A line over points, its residuals, a rule and a label."""
    says = values.w * SUGARS + values.b
    across = np.array([0.0, 15.0])
    loss = float(np.mean((says - CALORIES) ** 2))
    return scene.scene(
        scene.plot(
            [
                scene.residuals(SUGARS, CALORIES, says),
                scene.points(SUGARS, CALORIES, name="a cereal", labels=CEREALS),
                scene.line(
                    across,
                    2.5 * across + 90,
                    name="the rule behind",
                    role="truth",
                    dashed=True,
                ),
                scene.line(across, values.w * across + values.b, name="the unit"),
                scene.rule(y=values.b, name=f"bias {values.b:g}", role="accent"),
                scene.label(5, 102.5, "102.5"),
            ],
            title="One unit over 20 cereals",
            x="sugars (g per serving)",
            y="calories (kcal per serving)",
            x_range=(0, 15),
            y_range=(60, 160),
        ),
        scene.words(
            [
                f"{values.w:g} x sugars + {values.b:g}",
                "",
                f"5 x {values.w:g} + {values.b:g} = {5 * values.w + values.b:g}",
                f"mean squared error {loss:.1f}",
            ],
            title="What the unit computes",
        ),
        say=f"weight {values.w:g}, bias {values.b:g}: mean squared error {loss:.1f}",
    )


def curves(values: Values, event: Event) -> scene.Scene:
    """Learning curves on a logarithmic axis, and a film when trained."""
    epochs = np.arange(1, 41)
    train = 2 * np.exp(-values.rate * 10 * epochs) + 0.02
    valid = 2 * np.exp(-values.rate * 8 * epochs) + 0.05 + 0.002 * epochs

    def panel(until: int) -> scene.Panel:
        return scene.plot(
            [
                scene.line(
                    epochs[:until], train[:until], name="training", role="train"
                ),
                scene.line(
                    epochs[:until],
                    valid[:until],
                    name="validation",
                    role="valid",
                    dots=True,
                ),
                scene.rule(x=15, name="stopped here"),
            ],
            title="Learning curves",
            x="epoch",
            y="loss",
            x_range=(0, 40),
            y_range=(0.01, 3),
            y_log=True,
        )

    rates = 10.0 ** np.linspace(-5, 0, 30)
    losses = 0.05 + 0.3 * (np.log10(rates) + 2) ** 2
    sweep = scene.plot(
        [
            scene.line(rates, losses, name="loss after 40 epochs"),
            scene.rule(x=values.rate, name="here", role="accent"),
        ],
        title="Every learning rate",
        x="learning rate",
        y="loss",
        x_log=True,
    )
    frames = (
        [[panel(until), None] for until in range(2, 40, 2)]
        if event.kind == "press"
        else []
    )
    return scene.scene(
        panel(40),
        sweep,
        say=f"After 40 epochs at {values.rate:g}: loss {train[-1]:.3f}",
        values={"rate": 0.1} if event.kind == "press" else {},
        frames=frames,
        seconds=0.6,
    )


def surface(values: Values, event: Event) -> scene.Scene:
    """A loss surface as a field with contours, and the path over it."""
    w, b = np.meshgrid(np.linspace(-1, 6, 40), np.linspace(60, 120, 40))
    loss = np.log10(((w - 2.5) * 7) ** 2 + (b - 90 + 5 * (w - 2.5)) ** 2 + 4)
    steps = np.arange(30)
    path_w = 2.5 - 3 * 0.8**steps * np.cos(0.5 * steps)
    path_b = 90 - 25 * 0.85**steps
    return scene.scene(
        scene.plot(
            [
                scene.field(loss, (-1, 6), (60, 120), palette="sequence"),
                scene.contours(loss, (-1, 6), (60, 120), levels=[1, 1.5, 2, 2.5, 3]),
                scene.line(
                    path_w, path_b, name="the way of training", role="path", dots=True
                ),
            ],
            title="The loss over weight and bias",
            x="weight",
            y="bias",
        ),
        scene.plot(
            [
                scene.field(
                    np.sin(w) * np.cos(b / 9), (-1, 6), (60, 120), palette="signs"
                )
            ],
            title="Signs: below and above zero",
            x="weight",
            y="bias",
        ),
    )


class Boundary:
    """Two classes of points that can be moved, added and removed."""

    def __init__(self) -> None:
        angle = np.linspace(0, np.pi, 12)
        self.x = np.round(np.concatenate([np.cos(angle), 1 - np.cos(angle)]), 2)
        self.y = np.round(np.concatenate([np.sin(angle), 0.5 - np.sin(angle)]), 2)
        self.kind = [0] * 12 + [1] * 12

    def __call__(self, values: Values, event: Event) -> scene.Scene:
        if event.kind == "move":
            self.x[event.index], self.y[event.index] = event.x, event.y
        elif event.kind == "add":
            self.x, self.y = np.append(self.x, event.x), np.append(self.y, event.y)
            self.kind.append(int(values.kind == "blue"))
        elif event.kind == "remove":
            self.x, self.y = (
                np.delete(self.x, event.index),
                np.delete(self.y, event.index),
            )
            del self.kind[event.index]
        grid_x, grid_y = np.meshgrid(
            np.linspace(-1.5, 2.5, 50), np.linspace(-1, 1.5, 50)
        )
        near = np.zeros_like(grid_x)
        for x, y, kind in zip(self.x, self.y, self.kind, strict=True):
            near += (2 * kind - 1) / ((grid_x - x) ** 2 + (grid_y - y) ** 2 + 0.05)
        said = 1 / (1 + np.exp(-near / 4))
        box = ((-1.5, 2.5), (-1, 1.5))
        marks = [
            scene.field(said, *box, low=0, high=1),
            scene.contours(said, *box, levels=[0.5], role="path"),
            scene.points(
                self.x,
                self.y,
                name="rows",
                role=[f"class{k}" for k in self.kind],
                drag="rows",
                hollow=np.arange(len(self.x)) % 6 == 5,
            ),
        ]
        three = np.floor((grid_x + 1.5) * 0.99).astype(int)
        return scene.scene(
            scene.plot(
                marks,
                title="A decision boundary",
                x="x",
                y="y",
                x_range=box[0],
                y_range=box[1],
                square=True,
                add="rows",
            ),
            scene.plot(
                [scene.field(three, *box, palette="labels")],
                title="Labels: a class for each cell",
                x="x",
                y="y",
                square=True,
            ),
            say=f"{len(self.x)} points",
        )


def columns(values: Values, event: Event) -> scene.Scene:
    """Bars: some, many with long names, and two side by side with intervals."""
    sets = ["wine", "digits", "diabetes", "breast cancer"]
    return scene.scene(
        scene.plot(
            [
                scene.bars(
                    sets,
                    [0.91, 0.95, 0.55, 0.97],
                    low=[0.88, 0.94, 0.5, 0.95],
                    high=[0.94, 0.96, 0.6, 0.99],
                    name="without dropout",
                    role="class1",
                ),
                scene.bars(
                    sets,
                    [0.93, 0.96, 0.53, 0.97],
                    low=[0.9, 0.95, 0.48, 0.96],
                    high=[0.96, 0.97, 0.58, 0.98],
                    name="with dropout",
                    role="class0",
                ),
            ],
            title="Score on holdout",
            y="score",
        ),
        scene.plot(
            [
                scene.bars(
                    [
                        "mean radius",
                        "mean texture",
                        "mean perimeter",
                        "mean area",
                        "worst smoothness",
                        "worst concave points",
                        "symmetry error",
                        "fractal dimension",
                    ],
                    [2.1, -0.4, 1.7, -1.2, 0.3, 2.6, -0.8, 0.2],
                )
            ],
            title="Weights",
            y="weight",
        ),
    )


def three(values: Values, event: Event) -> scene.Scene:
    """Points over two inputs, and the plane of a unit."""
    grid_x, grid_y = np.meshgrid(np.linspace(0, 15, 9), np.linspace(0, 15, 9))
    says = 90 + values.w * SUGARS - 2 * FIBER
    heights = 90 + 2.5 * SUGARS - 2 * FIBER + np.round(9 * np.sin(7.0 * np.arange(20)))
    return scene.scene(
        scene.space(
            SUGARS,
            FIBER,
            heights,
            to=says,
            labels=CEREALS,
            surfaces=[
                scene.plane(90 + values.w * grid_x - 2 * grid_y, (0, 15), (0, 15))
            ],
            names=("sugars (g)", "fiber (g)", "calories (kcal)"),
            title="Two inputs make a plane",
            z_range=(50, 140),
        ),
        scene.drawing(
            UNIT,
            title="The unit",
        ),
    )


def wrong(values: Values, event: Event) -> scene.Scene:
    """Fails where its slider goes above 1."""
    if values.v > 1:
        raise ValueError("v: expected at most 1\n  received 2")
    return scene.scene(scene.words([f"v = {values.v}"]), say=f"v is {values.v}")


def read(values: Values, event: Event) -> scene.Scene:
    """Says what its sliders have."""
    return scene.scene(say=", ".join(f"{each:g}" for each in values.values()))


def sliders() -> Figure:
    """By sums and by factors, whole, and with ends between two steps."""
    return Figure(
        [
            slider("uneven", "uneven", -8.13, 8.13, 0, step=0.05),
            slider("hundredths", "hundredths", 1, 8, 1),
            slider("whole", "whole", 0, 10, 5, step=1),
            slider("rate", "rate", 1e-5, 1, 1e-3, log=True),
            slider("width", "width", 1, 256, 16, step=2, log=True, unit="units"),
        ],
        read,
        title="Sliders",
    )


def figures() -> dict[str, Callable[[], Figure]]:
    """How each figure is made, by name."""
    w = slider("w", "weight w", -5, 5, 2.5, unit="kcal/g")
    b = slider("b", "bias b", 60, 150, 90, step=1, unit="kcal")
    rate = slider("rate", "learning rate", 1e-5, 1, 0.01, log=True)
    return {
        "neuron": lambda: Figure(
            [w, b, switch("help", "show what is missed", True)],
            neuron,
            title="The linear unit",
        ),
        "curves": lambda: Figure(
            [rate, button("train", "Train")], curves, title="Learning curves"
        ),
        "surface": lambda: Figure([rate], surface, title="The loss surface"),
        "boundary": lambda: Figure(
            [choice("kind", "new points are", ["orange", "blue"])],
            Boundary(),
            title="Two classes",
        ),
        "columns": lambda: Figure([], columns, title="Bars"),
        "three": lambda: Figure(
            [slider("w", "weight of sugars", -5, 5, 2.5)],
            three,
            title="Three dimensions",
        ),
        "sliders": sliders,
        "wrong": lambda: Figure(
            [slider("v", "v", 0, 2, 0, step=1)], wrong, title="What fails"
        ),
    }
