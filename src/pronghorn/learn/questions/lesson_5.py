"""Questions of lesson 5, dropout and batch normalization."""

from __future__ import annotations

from typing import Any

import numpy as np

from pronghorn.learn import looking
from pronghorn.learn.question import Wrong, question

__all__ = ["q_1", "q_2", "q_3", "q_4", "q_5", "q_6"]


def _array(value: Any, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """The answer as an array of that shape."""
    try:
        found = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise Wrong(f"`{name}` should be an array of numbers.") from None
    if found.shape != shape:
        raise Wrong(f"`{name}` has the shape {found.shape}; what came in has {shape}.")
    return found


@question(
    5,
    1,
    "Dropout by hand",
    hints=[
        "Where the mask is 0 the value is 0. What is done to the others?",
        "They are divided by the probability of staying: 1 minus the rate.",
    ],
    solution="dropped = values * mask / (1 - rate)",
)
def q_1(dropped: Any, values: Any, mask: Any, rate: Any) -> str:
    """Values times the mask, divided by what stays."""
    said = _array(dropped, "dropped", np.shape(values))
    kept = np.asarray(values, dtype=np.float64) * mask
    if np.allclose(said, kept):
        raise Wrong(
            "The right values are 0. But the sum is smaller than before, on average: "
            "dropout makes up for that."
        )
    if np.allclose(said, kept / rate):
        raise Wrong("That divides by the share that is dropped.")
    if np.allclose(said, kept * (1 - rate)):
        raise Wrong("That makes the remaining values smaller still.")
    if not np.allclose(said[np.asarray(mask) == 0], 0):
        raise Wrong("A value whose mask is 0 should be 0.")
    if not np.allclose(said, kept / (1 - rate)):
        raise Wrong("The remaining values are not scaled as dropout scales them.")
    return "Zeros, and the others times 1 / (1 - 0.25) = 1.33."


@question(
    5,
    2,
    "In training, and predicting",
    hints=[
        "The rate is the share that is dropped, on average.",
        "And dropout does nothing at all when a model predicts.",
    ],
    solution="on_in_training, on_predicting = 0.75 * 200, 200",
)
def q_2(on_in_training: Any, on_predicting: Any) -> str:
    """150 of 200 with a rate of 0.25; all of them when predicting."""
    training = looking.a_number(on_in_training, "`on_in_training`")
    predicting = looking.a_number(on_predicting, "`on_predicting`")
    if np.isclose(training, 50):
        raise Wrong("In training, that is how many are dropped.")
    if np.isclose(training, 200):
        raise Wrong("In training, some are dropped.")
    if not np.isclose(training, 150):
        raise Wrong(f"In training, {training:g} is not what is on, on average.")
    if np.isclose(predicting, 150):
        raise Wrong("Would two predictions for one row be the same, if it were so?")
    if not np.isclose(predicting, 200):
        raise Wrong(f"When predicting, not {predicting:g} units are on.")
    return "150 on average while training, all 200 when predicting."


@question(
    5,
    3,
    "A network with dropout",
    hints=[
        "`layers.Dropout` takes the rate. It stands after each hidden layer.",
        "`Dense`, `Dropout`, `Dense`, `Dropout`, `Dense(1)`.",
    ],
    solution="""\
with_dropout = keras.Sequential(
    [
        layers.Dense(128, activation="relu", input_shape=[x.shape[1]]),
        layers.Dropout(0.3),
        layers.Dense(64, activation="relu"),
        layers.Dropout(0.3),
        layers.Dense(1),
    ]
)""",
)
def q_3(with_dropout: Any, x: Any) -> str:
    """128 and 64 units with relu, dropout of 0.3 after each, one linear unit."""
    model = looking.a_model(with_dropout, "with_dropout")
    if looking.input_size(model) != x.shape[1]:
        raise Wrong(
            f"It takes {looking.input_size(model)} inputs, `x` has {x.shape[1]}."
        )
    if looking.dense_units(model) != [128, 64, 1]:
        raise Wrong(
            f"Its layers have {looking.dense_units(model)} units; asked for: 128, 64, "
            "and 1 at the end."
        )
    found = looking.parts(model)
    kinds = [part.kind for part in found]
    if kinds[-1] == "dropout":
        raise Wrong("Dropout after the last layer deletes answers.")
    rates = [part.rate for part in found if part.kind == "dropout"]
    if len(rates) != 2:
        raise Wrong(
            f"There should be a dropout for each hidden layer; there are {len(rates)}."
        )
    if not np.allclose(rates, 0.3):
        wrong = next(each for each in rates if not np.isclose(each, 0.3))
        if np.isclose(wrong, 0.7):
            raise Wrong("The rate is the share that is dropped, not what stays.")
        raise Wrong(f"A rate is {wrong:g}, not the one asked for.")
    if kinds[0] == "dropout":
        raise Wrong(
            "The first dropout stands before the first layer: it drops columns."
        )
    # relu leaves 0 as it is and scales as its input does: both orders are one.
    blocks = [set(kinds[at : at + 3]) for at in (0, 3)]
    if blocks != [{"dense", "activation", "dropout"}] * 2:
        raise Wrong("Each hidden layer has its activation, and then its dropout.")
    if any(part.kind == "activation" and part.name != "relu" for part in found):
        raise Wrong("The activation should be relu.")
    return "Dropout on what each hidden layer says."


@question(
    5,
    4,
    "Batch normalization by hand",
    hints=[
        "Each column by itself: its mean over the rows of the batch, and its variance.",
        "`batch.mean(axis=0)`, `batch.var(axis=0)`; epsilon is under the root.",
    ],
    solution="""\
mean, variance = batch.mean(axis=0), batch.var(axis=0)
normalized = (batch - mean) / np.sqrt(variance + 0.001)""",
)
def q_4(normalized: Any, batch: Any) -> str:
    """Each column less its mean, over the root of its variance and 0.001."""
    said = _array(normalized, "normalized", np.shape(batch))
    given = np.asarray(batch, dtype=np.float64)
    right = (given - given.mean(0)) / np.sqrt(given.var(0) + 0.001)
    rows = (given - given.mean(1, keepdims=True)) / np.sqrt(
        given.var(1, keepdims=True) + 0.001
    )
    if np.allclose(said, rows, atol=2e-3):
        raise Wrong("That normalizes each row. A column is normalized over the rows.")
    if np.allclose(said, (given - given.mean()) / given.std(), atol=2e-3):
        raise Wrong("That takes one mean for all. Each column has its own.")
    if np.allclose(said, (given - given.mean(0)) / (given.var(0) + 0.001), atol=2e-3):
        raise Wrong("It is not the variance itself that one divides by.")
    if np.allclose(said, given - given.mean(0), atol=2e-3):
        raise Wrong("The means are 0 now. And the spread?")
    if not np.allclose(said, right, atol=2e-3):
        raise Wrong(
            "These are not the layer's numbers. In training it takes the batch's own "
            "mean and variance (of all rows, not of all but one)."
        )
    return "Both columns are around 0, and about 1 in size."


@question(
    5,
    5,
    "A network with batch normalization",
    hints=[
        "`layers.BatchNormalization()` is a layer like others; the first one of a "
        "model takes `input_shape`.",
        "Three of them: at the very beginning, and for each of the two hidden layers.",
    ],
    solution="""\
with_norm = keras.Sequential(
    [
        layers.BatchNormalization(input_shape=[x.shape[1]]),
        layers.Dense(64, activation="relu"),
        layers.BatchNormalization(),
        layers.Dense(64, activation="relu"),
        layers.BatchNormalization(),
        layers.Dense(1),
    ]
)
with_norm.compile(optimizer="sgd", loss="mae")""",
)
def q_5(with_norm: Any, x: Any) -> str:
    """Batch normalization first and with each hidden layer; sgd and mae."""
    model = looking.a_model(with_norm, "with_norm")
    if looking.input_size(model) != x.shape[1]:
        raise Wrong(
            f"It takes {looking.input_size(model)} inputs, `x` has {x.shape[1]}."
        )
    if looking.dense_units(model) != [64, 64, 1]:
        raise Wrong(
            f"Its layers have {looking.dense_units(model)} units; asked for: 64, 64, "
            "and 1 at the end."
        )
    found = looking.parts(model)
    kinds = [part.kind for part in found]
    if kinds[0] != "batchnorm":
        raise Wrong("The raw columns come into a layer of units: normalize them first.")
    if kinds[-1] == "batchnorm":
        raise Wrong("The answer itself should not be normalized.")
    if kinds.count("batchnorm") != 3:
        raise Wrong(
            f"There are {kinds.count('batchnorm')} batch normalizations: one for the "
            "columns, and one for each hidden layer."
        )
    # After the layer, or between it and its activation: both are in use.
    blocks = [set(kinds[at : at + 3]) for at in (1, 4)]
    if blocks != [{"dense", "activation", "batchnorm"}] * 2:
        raise Wrong(
            "Each hidden layer should have its activation and its batch "
            "normalization, in one order or the other."
        )
    if looking.loss_name(model) != "mean_absolute_error":
        raise Wrong("The loss should be the mean absolute error.")
    if looking.optimizer_name(model) != "sgd":
        raise Wrong(
            f"The optimizer is {looking.optimizer_name(model)}; asked for: plain "
            "gradient descent."
        )
    return "Columns and both hidden layers are normalized."


@question(
    5,
    6,
    "Trained on raw columns",
    hints=[
        "A network such as that of question 5 can do it, with the raw `x_train`.",
        "The moving averages need hundreds of steps: 80 epochs of `batch_size=32`.",
    ],
    solution="""\
trained = keras.Sequential(
    [
        layers.BatchNormalization(input_shape=[x.shape[1]]),
        layers.Dense(64, activation="relu"),
        layers.BatchNormalization(),
        layers.Dense(64, activation="relu"),
        layers.BatchNormalization(),
        layers.Dense(1),
    ]
)
trained.compile(optimizer=keras.optimizers.SGD(0.05), loss="mae")
trained.fit(x_train, y_train, batch_size=32, epochs=80, verbose=0)""",
)
def q_6(trained: Any, x_valid: Any, y_valid: Any) -> str:
    """A net with batch normalization, a tenth better than the median, at least."""
    model = looking.a_model(trained, "trained")
    if looking.input_size(model) != x_valid.shape[1]:
        raise Wrong(
            f"It takes {looking.input_size(model)} inputs, the table has "
            f"{x_valid.shape[1]}."
        )
    if not any(part.kind == "batchnorm" for part in looking.parts(model)):
        raise Wrong("There is no batch normalization in it.")
    said = looking.predictions(model, x_valid)
    if said.shape[1] != 1:
        raise Wrong(f"It gives {said.shape[1]} numbers for a row; we predict one.")
    target = np.ravel(np.asarray(y_valid, dtype=np.float64))
    off = float(np.abs(said[:, 0] - target).mean())
    level = float(np.abs(target - np.median(target)).mean())
    if off > 0.85 * level:
        raise Wrong(
            f"On validation rows it is off by {off:.3g}; always saying the median is "
            f"off by {level:.3g}, and the goal is {0.85 * level:.3g}. Was it trained, "
            "and long enough? Do the steps suit?"
        )
    return (
        f"Off by {off:.3g} on validation rows, from raw columns; always saying the "
        f"median is off by {level:.3g}."
    )
