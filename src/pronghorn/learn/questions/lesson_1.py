"""Questions of lesson 1, a single neuron."""

from __future__ import annotations

from typing import Any

import numpy as np

from pronghorn.learn import looking
from pronghorn.learn.question import Wrong, question

__all__ = ["q_0", "q_1", "q_2", "q_3", "q_4", "q_5", "q_6"]


@question(
    1,
    0,
    "102.5 calories",
    hints=["Input times weight, plus the bias.", "`w` times `sugars`, plus `b`."],
    solution="calories = w * sugars + b",
)
def q_0(calories: Any) -> str:
    """The unit computes 5 x 2.5 + 90."""
    said = looking.a_number(calories, "The calories")
    if np.isclose(said, 12.5):
        raise Wrong("That is what the sugars add. A unit adds its bias, too.")
    if np.isclose(said, 5 * (2.5 + 90)):
        raise Wrong("First the input times the weight; the bias is added after that.")
    if np.isclose(said, 5 + 2.5 + 90):
        raise Wrong("The input is multiplied by its weight, not added to it.")
    if not np.isclose(said, 102.5):
        raise Wrong(f"{said:g} is not what the unit above says for 5 g of sugars.")
    return "The unit says 5 × 2.5 + 90 = 102.5 calories."


@question(
    1,
    1,
    "The input shape",
    hints=[
        "How many columns are there, and which of them is no input?",
        "The target is no input: one less than there are columns. And it is a list.",
    ],
    solution="input_shape = [wine.shape[1] - 1]",
)
def q_1(input_shape: Any, wine: Any) -> str:
    """A list of one number: all columns but the target."""
    columns = wine.shape[1]
    if isinstance(input_shape, int | np.integer):
        raise Wrong(
            "A row's shape is a list, even when it has one number in it: images have "
            "three."
        )
    if not isinstance(input_shape, list | tuple | np.ndarray):
        raise Wrong(f"It should be a list; this is a {type(input_shape).__name__}.")
    shape = list(input_shape)
    if shape in ([len(wine), columns], [len(wine), columns - 1]):
        raise Wrong(
            "The shape is that of one row: how many rows there are does not matter."
        )
    if len(shape) != 1:
        raise Wrong("A row of a table is one list of numbers: one number says it all.")
    if shape[0] == columns:
        raise Wrong("That counts all columns. One of them is what we want to predict.")
    if shape[0] != columns - 1:
        raise Wrong(f"The table has {columns} columns; count those that are inputs.")
    return "One number for each input, in a list."


@question(
    1,
    2,
    "A linear model",
    hints=[
        "A list with one layer, in `keras.Sequential`.",
        "`Dense` with `units` for the outputs, and `input_shape` for the inputs.",
    ],
    solution="model = keras.Sequential([layers.Dense(units=1, input_shape=[11])])",
)
def q_2(model: Any, wine: Any) -> str:
    """One dense unit without an activation, over all inputs."""
    columns = wine.shape[1] - 1
    looking.a_model(model)
    found = looking.parts(model)
    if looking.input_size(model) != columns:
        raise Wrong(
            f"It takes {looking.input_size(model)} inputs, the table has {columns}."
        )
    units = looking.dense_units(model)
    if len(units) > 1:
        raise Wrong("One layer is enough for a linear model.")
    if any(part.kind == "activation" for part in found):
        raise Wrong("With an activation it is no longer linear.")
    if units != [1]:
        raise Wrong(
            f"It gives {units[0] if units else 'no'} numbers for a row; we predict one."
        )
    if not found[-1].layer.use_bias:
        raise Wrong("A linear unit has a bias, too.")
    return "One unit, all inputs, one output."


@question(
    1,
    3,
    "Look at the weights",
    hints=[
        "`model.weights` is a list. Of what, and in which order?",
        "A list can be taken apart: `first, second = the_list`.",
    ],
    solution="w, b = model.weights",
)
def q_3(w: Any, b: Any, model: Any) -> str:
    """Kernel and bias of the model's one layer, in this order."""
    kernel, bias = looking.a_model(model).get_weights()[:2]
    given = [np.asarray(each) for each in (w, b)]
    shapes = [each.shape for each in given]
    if shapes == [bias.shape, kernel.shape]:
        raise Wrong("These are they, but the other way round.")
    if shapes[0] != kernel.shape and given[0].size != kernel.size:
        raise Wrong(
            f"`w` has the shape {shapes[0]}: there should be a weight for each input."
        )
    if given[1].size != 1:
        raise Wrong(f"`b` has the shape {shapes[1]}: one unit has one bias.")
    if not np.allclose(given[0].ravel(), kernel.ravel()):
        raise Wrong("`w` has the right size, but these are not this model's weights.")
    if not np.allclose(given[1].ravel(), bias.ravel()):
        raise Wrong("`b` has the right size, but it is not this model's bias.")
    return "A weight for each input, random at first, and a bias of 0."


@question(
    1,
    4,
    "Compute like a unit",
    hints=[
        "Each input times its weight; then add all of that and the bias.",
        "`np.sum(row * weights)` is the sum of the products.",
    ],
    solution="output = np.sum(row * weights) + bias",
)
def q_4(output: Any) -> str:
    """2 x 4 - 3 x 1 + 0.5 x 2 + 10 = 16."""
    if np.size(output) != 1:
        raise Wrong(
            f"That is {np.size(output)} numbers, one an input. The unit adds them."
        )
    said = looking.a_number(
        np.asarray(output).item() if isinstance(output, np.generic) else output,
        "The output",
    )
    if np.isclose(said, 6):
        raise Wrong("The sum of the products is right. What is still to be added?")
    if np.isclose(said, 22):
        raise Wrong("Look at the signs: one weight is below zero.")
    if not np.isclose(said, 16):
        raise Wrong(f"{said:g} is not what comes out.")
    return "2 × 4 - 3 × 1 + 0.5 × 2 + 10 = 16."


@question(
    1,
    5,
    "Images",
    hints=[
        "`Flatten` first: it lays an image out as a list of numbers.",
        "The shape is [height, width, channels], and there are three channels.",
    ],
    solution="""\
image_model = keras.Sequential(
    [layers.Flatten(input_shape=[32, 32, 3]), layers.Dense(units=10)]
)""",
)
def q_5(image_model: Any) -> str:
    """Flatten of 32 x 32 x 3, then ten linear units."""
    model = looking.a_model(image_model, "image_model")
    shape = tuple(model.input_shape[1:])
    if shape == (3, 32, 32):
        raise Wrong("The channels come last: [height, width, channels].")
    if shape != (32, 32, 3):
        raise Wrong(
            f"It takes rows of the shape {list(shape)}; an image is of another."
        )
    found = looking.parts(model)
    if tuple(model.output_shape[1:-1]):
        raise Wrong(
            f"It gives {list(model.output_shape[1:])} numbers for an image: the units "
            "saw one dot at a time. Lay the image out before them."
        )
    if any(part.kind == "activation" for part in found):
        raise Wrong("The units should be linear: no activation.")
    units = looking.dense_units(model)
    if not units or units[-1] != 10:
        raise Wrong(f"It gives {model.output_shape[-1]} numbers for an image, not ten.")
    if len(units) > 1:
        raise Wrong("One layer of units is enough.")
    return "32 × 32 × 3 = 3,072 inputs, ten units, and a bias each."


@question(
    1,
    6,
    "A trained unit",
    hints=[
        "Begin with a `Normalization` layer that was adapted to `x`.",
        "Inputs are standardized by the layer. The target is near 6: with a learning "
        "rate of 0.05 the bias is there in a few hundred steps. `loss='mae'`.",
        "`keras.optimizers.Adam(0.05)`, and 100 epochs, are more than enough.",
    ],
    solution="""\
scale = layers.Normalization(input_shape=[x.shape[1]])
scale.adapt(np.array(x))
trained = keras.Sequential([scale, layers.Dense(units=1)])
trained.compile(optimizer=keras.optimizers.Adam(0.05), loss="mae")
trained.fit(x, y, epochs=60, verbose=0)""",
)
def q_6(trained: Any, x: Any, y: Any) -> str:
    """A linear model whose error on the rows is near the least squares line's."""
    model = looking.a_model(trained, "trained")
    if looking.input_size(model) != x.shape[1]:
        raise Wrong(
            f"It takes {looking.input_size(model)} inputs, `x` has {x.shape[1]}."
        )
    if any(part.kind == "activation" for part in looking.parts(model)):
        raise Wrong("It should be linear: no activation.")
    said = looking.predictions(model, x)
    if said.shape[1] != 1:
        raise Wrong(f"It gives {said.shape[1]} numbers for a row; we predict one.")
    target = np.asarray(y, dtype=np.float64)
    off = float(np.abs(said[:, 0] - target).mean())
    inputs = np.column_stack([np.asarray(x, dtype=np.float64), np.ones(len(target))])
    best = inputs @ np.linalg.lstsq(inputs, target, rcond=None)[0]
    goal = 1.08 * float(np.abs(best - target).mean())
    if off > goal:
        level = float(np.abs(np.median(target) - target).mean())
        less = "no better than always saying the median" if off >= level else "better"
        raise Wrong(
            f"Its mean absolute error is {off:.3g}, {less}; the goal is {goal:.3g}. Is "
            "it trained, on standardized columns, with steps that are large enough?"
        )
    return f"Off by {off:.3g} on average; the best line is off by {goal / 1.08:.3g}."
