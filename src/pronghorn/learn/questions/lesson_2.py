"""Questions of lesson 2, deep networks."""

from __future__ import annotations

from typing import Any

import numpy as np

from pronghorn.learn import looking
from pronghorn.learn.question import Wrong, question

__all__ = ["q_1", "q_2", "q_3", "q_4", "q_5", "q_6"]

_HIDDEN = [32, 16]


@question(
    2,
    1,
    "A deep network",
    hints=[
        "Three dense layers in a `keras.Sequential`. Which of them has an activation?",
        "Hidden layers: `activation='relu'`. The first takes `input_shape`; the last "
        "has one unit and no activation.",
    ],
    solution="""\
model = keras.Sequential(
    [
        layers.Dense(32, activation="relu", input_shape=[x.shape[1]]),
        layers.Dense(16, activation="relu"),
        layers.Dense(1),
    ]
)""",
)
def q_1(model: Any, x: Any) -> str:
    """Two hidden layers of ReLUs and a linear output."""
    _two_hidden(model, "model", x)
    return "Two hidden layers of ReLUs, and a linear output."


@question(
    2,
    2,
    "Count the weights",
    hints=[
        "Each unit has a weight for each of its inputs, and a bias.",
        "(inputs + 1) × units for each layer. The inputs of a layer are the units of "
        "the layer before it.",
    ],
    solution="count = (x.shape[1] + 1) * 32 + (32 + 1) * 16 + (16 + 1) * 1",
)
def q_2(count: Any, x: Any) -> str:
    """(n + 1) 32 + 33 x 16 + 17."""
    inputs = x.shape[1]
    said = looking.a_number(count, "The count")
    weights = inputs * 32 + 32 * 16 + 16
    right = weights + 32 + 16 + 1
    if said == weights:
        raise Wrong("These are the weights alone. What else does a unit learn?")
    if said == right - 17:
        raise Wrong("That is without the output layer. It learns, too.")
    if said in (weights + 3, inputs * 32 + 1 + 32 * 16 + 1 + 16 + 1):
        raise Wrong("Not each layer has a bias, but each unit.")
    if said == (inputs + 1) * (32 + 16 + 1):
        raise Wrong(
            "Only the first layer sees the table. The next ones see what the layer "
            "before them gives."
        )
    if said != right:
        raise Wrong(f"{said:g} is not it. Count layer by layer, then add.")
    return (
        f"{weights:,} weights and {right - weights} biases: {right:,} numbers to learn."
    )


@question(
    2,
    3,
    "A layer by hand",
    hints=[
        "Each unit's sum first: the row times the unit's column, plus its bias.",
        "`row @ kernel + bias` are the three sums. Then the activation: what happens "
        "to those below zero? `np.maximum` may help.",
    ],
    solution="given = np.maximum(0, row @ kernel + bias)",
)
def q_3(given: Any) -> str:
    """Sums 2, -2.5, 1.5 through the rectifier: 2, 0, 1.5."""
    try:
        said = np.asarray(given, dtype=np.float64).ravel()
    except (TypeError, ValueError):
        raise Wrong("It should be three numbers, one for each unit.") from None
    if said.size != 3:
        raise Wrong(f"That is {said.size} numbers. Each of the three units gives one.")
    if np.allclose(said, [2, -2.5, 1.5]):
        raise Wrong("These are the units' sums. What does the activation do to them?")
    if np.allclose(said, [1, 0, 2.5]):
        raise Wrong("The biases are missing; they come before the activation.")
    if np.allclose(said, [2, 0.5, 1.5]):
        raise Wrong("The biases come before the activation, not after it.")
    if np.allclose(said, [2, 2.5, 1.5]):
        raise Wrong("The rectifier does not turn the sign around.")
    if not np.allclose(said, [2, 0, 1.5]):
        raise Wrong(
            "Not yet. The first unit's sum is 1 × 3 - 2 × 1 + 1; the others go alike."
        )
    return "Sums of 2, -2.5 and 1.5; the unit that is below zero says 0."


@question(
    2,
    4,
    "A stack of lines is a line",
    hints=[
        "Put the first layer's formula into the second's, and sort: what is multiplied "
        "with x, and what is not?",
        "$(x W_1 + b_1) W_2 + b_2$: the weights are a product of two matrices.",
    ],
    solution="w, b = W1 @ W2, b1 @ W2 + b2",
)
def q_4(w: Any, b: Any) -> str:
    """w = W1 W2 = (5, -1); b = b1 W2 + b2 = 2.5."""
    weights = np.asarray(w, dtype=np.float64).ravel()
    bias = np.asarray(b, dtype=np.float64).ravel()
    if weights.size != 2:
        raise Wrong(
            f"`w` has {weights.size} numbers; one unit over two inputs has two weights."
        )
    if bias.size != 1:
        raise Wrong(f"`b` has {bias.size} numbers; one unit has one bias.")
    if not np.allclose(weights, [5, -1]):
        raise Wrong(
            "With `w` as it is, the unit and the two layers give different numbers. "
            "Which comes first, `W1` or `W2`?"
        )
    if np.isclose(bias[0], 0.5):
        raise Wrong("The output's own bias is there. The hidden units have some, too.")
    if np.isclose(bias[0], 2.0):
        raise Wrong("What the hidden biases come to is right. One bias is missing.")
    if not np.isclose(bias[0], 2.5):
        raise Wrong(
            "`w` is right, `b` is not: the hidden biases go through the second layer's "
            "weights."
        )
    return "Two layers, six weights and three biases, and it was one unit all along."


@question(
    2,
    5,
    "Activations as layers",
    hints=[
        "There is a layer for it: `layers.Activation`.",
        "`layers.Dense(32, ...)` without `activation`, then "
        "`layers.Activation('relu')`, and so on.",
    ],
    solution="""\
apart = keras.Sequential(
    [
        layers.Dense(32, input_shape=[x.shape[1]]),
        layers.Activation("relu"),
        layers.Dense(16),
        layers.Activation("relu"),
        layers.Dense(1),
    ]
)""",
)
def q_5(apart: Any, x: Any) -> str:
    """The same net; no dense layer has an activation of its own."""
    found = _two_hidden(apart, "apart", x)
    dense = {id(part.layer) for part in found if part.kind == "dense"}
    inside = [part for part in found if part.kind == "activation"]
    if any(id(part.layer) in dense for part in inside):
        raise Wrong(
            "It is the right net, but a dense layer still has its activation inside."
        )
    return "The same net, with the activations in layers of their own."


@question(
    2,
    6,
    "Less than the line's error",
    hints=[
        "The net of question 1 is large enough. Compile it with `loss='mae'`.",
        "`optimizer=keras.optimizers.Adam(0.01)`, and `fit` with some 20 epochs.",
        "With few rows, use more epochs: 40, in batches of 32.",
    ],
    solution="""\
trained = keras.Sequential(
    [
        layers.Dense(32, activation="relu", input_shape=[x.shape[1]]),
        layers.Dense(16, activation="relu"),
        layers.Dense(1),
    ]
)
trained.compile(optimizer=keras.optimizers.Adam(0.01), loss="mae")
trained.fit(x, y, epochs=40, batch_size=32 if len(x) < 5000 else 256, verbose=0)""",
)
def q_6(trained: Any, x: Any, y: Any) -> str:
    """A net whose mean absolute error is at most 0.7 of the best line's."""
    model = looking.a_model(trained, "trained")
    if looking.input_size(model) != x.shape[1]:
        raise Wrong(
            f"It takes {looking.input_size(model)} inputs, `x` has {x.shape[1]}."
        )
    said = looking.predictions(model, x)
    if said.shape[1] != 1:
        raise Wrong(f"It gives {said.shape[1]} numbers for a row; we predict one.")
    target = np.asarray(y, dtype=np.float64)
    ones = np.column_stack([np.asarray(x, dtype=np.float64), np.ones(len(target))])
    line = ones @ np.linalg.lstsq(ones, target, rcond=None)[0]
    best = float(np.abs(line - target).mean())
    off = float(np.abs(said[:, 0] - target).mean())
    if off <= 0.7 * best:
        return f"{off / best:.2f} times the error of the best linear unit."
    units = looking.dense_units(model)
    if len(units) > 1 and not any(
        part.kind == "activation" for part in looking.parts(model)
    ):
        raise Wrong(
            f"{off / best:.2f} times the line's error. A stack without activations is "
            "a linear unit, however long it is trained."
        )
    if len(units) == 1:
        raise Wrong(
            f"{off / best:.2f} times the line's error: one layer is a linear unit."
        )
    raise Wrong(
        f"{off / best:.2f} times the line's error; the goal is 0.7. Was it trained, "
        "long enough, and with steps that are large enough?"
    )


def _two_hidden(answer: Any, name: str, x: Any) -> list[looking.Part]:
    """The parts of a net of 32 and 16 ReLUs and a linear output, if it is one."""
    model = looking.a_model(answer, name)
    if looking.input_size(model) != x.shape[1]:
        raise Wrong(
            f"It takes {looking.input_size(model)} inputs, the table has {x.shape[1]}."
        )
    found = looking.parts(model)
    units = looking.dense_units(model)
    if units and units[-1] != 1:
        raise Wrong(f"It gives {units[-1]} numbers for a row; we predict one.")
    if units[:-1] != _HIDDEN:
        raise Wrong(
            f"Its hidden layers have {units[:-1] or 'no'} units, in this order; they "
            f"should have {_HIDDEN}."
        )
    if found[-1].kind == "activation":
        raise Wrong("The output has an activation: it cannot say any number now.")
    kinds = [part.kind for part in found]
    if "activation" not in kinds:
        raise Wrong("Without activations this is one linear unit in disguise.")
    if kinds != ["dense", "activation", "dense", "activation", "dense"]:
        raise Wrong(
            "Each of the two hidden layers has one activation, and nothing else is in "
            f"between; here a row meets: {', '.join(kinds)}."
        )
    names = [part.name for part in found if part.kind == "activation"]
    if names != ["relu", "relu"]:
        raise Wrong(f"The activations are {names}, not both of them ReLU.")
    return found
