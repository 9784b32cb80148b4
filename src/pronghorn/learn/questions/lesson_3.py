"""Questions of lesson 3, stochastic gradient descent."""

from __future__ import annotations

from typing import Any

import numpy as np

from pronghorn import losses, optimizers
from pronghorn.callbacks import History
from pronghorn.learn import looking
from pronghorn.learn.question import Wrong, question

__all__ = ["q_1", "q_2", "q_3", "q_4", "q_5", "q_6"]


@question(
    3,
    1,
    "Losses by hand",
    hints=[
        "Errors first: `predicted - true`. Then what each loss makes of an error, and "
        "the mean of that.",
        "`np.abs(errors)` and `errors**2`, each through `np.mean`.",
    ],
    solution="""\
errors = predicted - true
mae, mse = np.mean(np.abs(errors)), np.mean(errors**2)""",
)
def q_1(mae: Any, mse: Any) -> str:
    """Errors -1, 0, 2, -5: 2 and 7.5."""
    absolute = _one_number(mae, "`mae`")
    squared = _one_number(mse, "`mse`")
    if np.isclose(absolute, 7.5) and np.isclose(squared, 2):
        raise Wrong("These are they, but the other way round.")
    if np.isclose(absolute, 8) or np.isclose(squared, 30):
        raise Wrong("That is a sum. A loss is a mean over the rows.")
    if np.isclose(absolute, -1):
        raise Wrong(
            "Errors of both signs cancelled out; an absolute error has no sign."
        )
    if not np.isclose(absolute, 2):
        raise Wrong(f"{absolute:g} is not the mean absolute error.")
    if np.isclose(squared, 7.5**0.5):
        raise Wrong("That is the root of the mean squared error.")
    if np.isclose(squared, 4):
        raise Wrong("First square each error, then take the mean.")
    if not np.isclose(squared, 7.5):
        raise Wrong(f"`mae` is right, but {squared:g} is not the mean squared error.")
    return (
        "Errors of -1, 0, 2 and -5. The last row's share is 5 of 8 of the absolute "
        "errors, and 25 of 30 of the squared ones."
    )


@question(
    3,
    2,
    "One step",
    hints=[
        "What does the unit say? What is its error, prediction minus truth?",
        "The squared error's slope is 2 × error × x for the weight, and 2 × error for "
        "the bias. A step goes against the slope.",
    ],
    solution="""\
error = (2 * 3 + 1) - 4
w, b = 2 - 0.1 * 2 * error * 3, 1 - 0.1 * 2 * error""",
)
def q_2(w: Any, b: Any) -> str:
    """Error 3, slopes 18 and 6: w = 0.2, b = 0.4."""
    weight, bias = _one_number(w, "`w`"), _one_number(b, "`b`")
    if np.isclose(weight, 3.8) or np.isclose(bias, 1.6):
        raise Wrong("That step goes up the slope. The loss should get smaller.")
    if np.isclose(weight, 1.1) or np.isclose(bias, 0.7):
        raise Wrong("The slope of a square has a factor of two.")
    if np.isclose(weight, 1.4):
        raise Wrong("The weight's slope depends on its input, too.")
    if np.isclose(weight, 2 - 18) or np.isclose(bias, 1 - 6):
        raise Wrong("That is a step by the whole slope, without the learning rate.")
    if np.isclose(weight, 0.2) and np.isclose(bias, 1):
        raise Wrong("The weight is right. The bias takes a step, too.")
    if not (np.isclose(weight, 0.2) and np.isclose(bias, 0.4)):
        wrong = "`w`" if not np.isclose(weight, 0.2) else "`b`"
        raise Wrong(
            f"Not yet: look at {wrong}. The unit says 2 × 3 + 1 = 7 for the row."
        )
    return "Slopes of 18 and 6, a tenth of each: w = 0.2 and b = 0.4."


@question(
    3,
    3,
    "Steps",
    hints=[
        "How many batches are there in an epoch? The last one may be a small one.",
        "Rows divided by the batch size, rounded up, times the epochs.",
    ],
    solution="steps = int(np.ceil(len(x) / 32)) * 20",
)
def q_3(steps: Any, x: Any) -> str:
    """20 epochs of ceil(rows / 32) steps."""
    rows = len(x)
    said = looking.a_number(steps, "The number of steps")
    batches = -(-rows // 32)
    if said == batches:
        raise Wrong("That is one epoch.")
    if said == rows * 20:
        raise Wrong("A step is taken for each batch, not for each row.")
    if said == 20:
        raise Wrong("That is the number of epochs. Each has many steps.")
    if said != batches * 20 and abs(said - rows / 32 * 20) < 20:
        raise Wrong(
            f"{said:g} is near. {rows} rows are no whole number of batches: in each "
            "epoch, what happens to the rows that are left?"
        )
    if said != batches * 20:
        raise Wrong(f"{said:g} is not it. Begin with the batches of one epoch.")
    return f"{batches} batches an epoch, the last one smaller: {batches * 20} steps."


@question(
    3,
    4,
    "Compile",
    hints=[
        "The optimizer has settings of its own, so it is an object, not a word: "
        "`keras.optimizers.`...",
        "`keras.optimizers.SGD` takes `learning_rate` and `momentum`. The loss can be "
        "a word; `metrics` is a list.",
    ],
    solution="""\
model.compile(
    optimizer=keras.optimizers.SGD(learning_rate=0.05, momentum=0.9),
    loss="huber",
    metrics=["mae"],
)
ready = model""",
)
def q_4(ready: Any) -> str:
    """SGD of 0.05 and 0.9, Huber, and the mean absolute error as a metric."""
    model = looking.compiled(looking.a_model(ready, "model"), "model")
    kind = looking.optimizer_name(model)
    if kind != "sgd":
        raise Wrong(f"The optimizer is {kind}, which is another one.")
    optimizer = model.optimizer
    if not isinstance(optimizer, optimizers.SGD):
        raise Wrong("The optimizer is no SGD of Keras's.")
    rate, momentum = float(np.asarray(optimizer.learning_rate)), optimizer.momentum
    if not np.isclose(rate, 0.05):
        raise Wrong(f"Its learning rate is {rate:g}.")
    if not np.isclose(momentum, 0.9):
        raise Wrong(f"The learning rate is right; the momentum is {momentum:g}.")
    if looking.loss_name(model) != "huber":
        raise Wrong(f"The optimizer is right; the loss is {looking.loss_name(model)}.")
    if isinstance(model.loss, losses.Loss) and model.loss.get_config()["delta"] != 1.0:
        raise Wrong("The Huber loss has a delta of its own; leave it as Keras has it.")
    names = looking.metric_names(model)
    if not set(names) & {"mae", "mean_absolute_error"}:
        raise Wrong(
            "Optimizer and loss are right. Which metric should be shown beside them?"
        )
    return "Optimizer, loss and metric are as asked for."


@question(
    3,
    5,
    "Which learning rate?",
    hints=[
        "Too small: the loss falls all the time and is still high at the end.",
        "Too large: the loss jumps, and stays far above what the others reach.",
        "Best: the lowest loss at the end. Look at the last number of each list.",
    ],
    solution="too_small, best, too_large = 0.00003, 0.01, 2.0",
)
def q_5(too_small: Any, best: Any, too_large: Any, curves: Any) -> str:
    """Judged by the curves: slowest fall, lowest end, and the largest rate."""
    said = {}
    for name, value in (
        ("too_small", too_small),
        ("best", best),
        ("too_large", too_large),
    ):
        rate = looking.a_number(value, f"`{name}`")
        near = [each for each in curves if np.isclose(each, rate, rtol=1e-3)]
        if not near:
            raise Wrong(f"`{name}` is {rate:g}, which is none of the four rates.")
        said[name] = near[0]
    ends = {rate: _end(curve) for rate, curve in curves.items()}
    if said["best"] != min(ends, key=lambda rate: ends[rate]):
        raise Wrong(
            f"With {said['best']:g} the loss ends at {ends[said['best']]:.3g}; another "
            "rate gets lower."
        )
    if said["too_small"] == max(curves) and said["too_large"] == min(curves):
        raise Wrong("`best` is right; the other two are the other way round.")
    if said["too_small"] != min(curves):
        raise Wrong(
            "`best` is right. With too small a rate a loss falls evenly and slowly: it "
            "has the longest way still to go at the end."
        )
    if said["too_large"] != max(curves):
        raise Wrong("Only `too_large` is not right: which loss jumps about?")
    return "Slow and even, low at the end, and jumping: three curves to know again."


@question(
    3,
    6,
    "Train",
    hints=[
        "A net with two hidden layers of ReLUs, and Adam.",
        "`history = trained.fit(x, y, validation_data=(x_valid, y_valid), epochs=40, "
        "verbose=0)`",
        "Two layers of 64, `keras.optimizers.Adam(0.01)` and `loss='mae'` will do.",
    ],
    solution="""\
trained = keras.Sequential(
    [
        layers.Dense(64, activation="relu", input_shape=[x.shape[1]]),
        layers.Dense(64, activation="relu"),
        layers.Dense(1),
    ]
)
trained.compile(optimizer=keras.optimizers.Adam(0.01), loss="mae")
history = trained.fit(
    x, y, validation_data=(x_valid, y_valid), epochs=40, batch_size=32, verbose=0
)""",
)
def q_6(trained: Any, history: Any, x: Any, y: Any) -> str:
    """At most 40 epochs to 0.65 times the error of the best linear unit."""
    model = looking.a_model(trained, "trained")
    if looking.input_size(model) != x.shape[1]:
        raise Wrong(
            f"It takes {looking.input_size(model)} inputs, `x` has {x.shape[1]}."
        )
    if isinstance(history, dict) or not isinstance(history, History):
        raise Wrong("`history` should be what `fit` gives back, as it is.")
    if history.model is not model:
        raise Wrong("`history` is of another model's training.")
    epochs = len(history.history.get("loss", []))
    if epochs > 40:
        raise Wrong(f"It was trained for {epochs} epochs; 40 are allowed.")
    if "val_loss" not in history.history:
        raise Wrong("The history has no validation loss: `validation_data=...`.")
    said = looking.predictions(model, x)
    if said.shape[1] != 1:
        raise Wrong(f"It gives {said.shape[1]} numbers for a row; we predict one.")
    target = np.asarray(y, dtype=np.float64)
    ones = np.column_stack([np.asarray(x, dtype=np.float64), np.ones(len(target))])
    line = ones @ np.linalg.lstsq(ones, target, rcond=None)[0]
    share = float(np.abs(said[:, 0] - target).mean() / np.abs(line - target).mean())
    if share > 0.65:
        raise Wrong(
            f"{share:.2f} times the error of the best linear unit; the goal is 0.65. "
            "What does the learning curve say: a larger rate, a smaller one, or a "
            "larger net?"
        )
    return f"{share:.2f} times the error of the best linear unit, in {epochs} epochs."


def _one_number(value: Any, what: str) -> float:
    """The answer as a number; says so where it is one for each row."""
    if np.size(value) != 1:
        raise Wrong(f"{what} is {np.size(value)} numbers; one is asked for.")
    return looking.a_number(value, what)


def _end(curve: Any) -> float:
    """The last loss of a curve; infinity where it ran away."""
    last = float(curve[-1]) if len(curve) else np.inf
    return last if np.isfinite(last) else np.inf
