"""Questions of lesson 4, overfitting and underfitting."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pronghorn import callbacks, optimizers, regularizers
from pronghorn.learn import looking
from pronghorn.learn.question import Wrong, question

__all__ = ["q_1", "q_2", "q_3", "q_4", "q_5", "q_6"]

_WORDS = ("underfitting", "overfitting", "good fit")


@question(
    4,
    1,
    "Reading learning curves",
    hints=[
        "Look at two things: is the training loss low, and how large is the gap?",
        "Both high and close together: signal is left. Far apart: noise was learned.",
    ],
    solution='first, second, third = "underfitting", "overfitting", "good fit"',
)
def q_1(first: Any, second: Any, third: Any) -> str:
    """One diagnosis for each of three pairs of curves."""
    said = []
    for name, each in zip(("first", "second", "third"), (first, second, third)):
        if not isinstance(each, str):
            raise Wrong(f"`{name}` should be words between quotes.")
        word = " ".join(each.lower().replace("-", " ").replace("_", " ").split())
        word = {"underfit": "underfitting", "overfit": "overfitting"}.get(word, word)
        if word.removeprefix("a ") not in _WORDS:
            raise Wrong(
                f"`{name}` is {each!r}; the words are " + ", ".join(_WORDS) + "."
            )
        said.append(word.removeprefix("a "))
    right = ["underfitting", "overfitting", "good fit"]
    if said[0] == right[1] and said[1] == right[0]:
        raise Wrong(
            "Two of them are the other way round: overfitting is what a wide gap shows."
        )
    missed = [
        name
        for name, each, wanted in zip(("first", "second", "third"), said, right)
        if each != wanted
    ]
    if missed:
        raise Wrong(
            f"Look at the {missed[0]} pair again: how low is the training loss, and "
            "how far from it is the validation loss at the end?"
        )
    return "High and close; low and far apart; low and close."


@question(
    4,
    2,
    "Early stopping",
    hints=[
        "It is a callback: `keras.callbacks.EarlyStopping`.",
        "Three arguments: `min_delta`, `patience`, and one that restores something.",
    ],
    solution="""\
early_stopping = keras.callbacks.EarlyStopping(
    min_delta=0.001, patience=5, restore_best_weights=True
)""",
)
def q_2(early_stopping: Any) -> str:
    """EarlyStopping on the validation loss with min_delta, patience, best weights."""
    if isinstance(early_stopping, list | tuple) and len(early_stopping) == 1:
        early_stopping = early_stopping[0]
    if early_stopping is callbacks.EarlyStopping:
        raise Wrong("That is the class. Call it, with its arguments.")
    if not isinstance(early_stopping, callbacks.EarlyStopping):
        raise Wrong(
            "It should be an `EarlyStopping`; this is a "
            f"{type(early_stopping).__name__}."
        )
    if early_stopping.monitor != "val_loss":
        raise Wrong(
            f"It watches {early_stopping.monitor!r}. Which loss tells of overfitting?"
        )
    if early_stopping.patience != 5:
        raise Wrong(f"It waits {early_stopping.patience} epochs, not as long as asked.")
    if not math.isclose(abs(early_stopping.min_delta), 0.001):
        raise Wrong(
            "The least gain that counts, `min_delta`, is not the one asked for."
        )
    if not early_stopping.restore_best_weights:
        raise Wrong("After it stops, the model should have its best weights again.")
    return "It waits five epochs, and goes back to the best."


def _shape(model: Any, name: str, columns: int) -> list[int]:
    """Units of the hidden layers; each must have an activation."""
    looking.a_model(model, name)
    if looking.input_size(model) != columns:
        raise Wrong(
            f"`{name}` takes {looking.input_size(model)} inputs; rows have {columns}."
        )
    found = looking.parts(model)
    dense = [at for at, part in enumerate(found) if part.kind == "dense"]
    if not dense or found[-1].size != 1:
        raise Wrong(f"`{name}` should end with one linear unit: we predict one number.")
    for at in dense[:-1]:
        if not any(part.kind == "activation" for part in found[at + 1 : at + 3]):
            raise Wrong(f"A hidden layer of `{name}` has no activation.")
    return [found[at].size for at in dense[:-1]]


@question(
    4,
    3,
    "Wider and deeper",
    hints=[
        "Wider: the same list of layers with a larger number. Deeper: a longer list.",
        "Wider: `Dense(64)` in place of `Dense(16)`. Deeper: `Dense(16)` three times.",
    ],
    solution="""\
wider = keras.Sequential(
    [
        layers.Dense(64, activation="relu", input_shape=[x_train.shape[1]]),
        layers.Dense(1),
    ]
)
deeper = keras.Sequential(
    [
        layers.Dense(16, activation="relu", input_shape=[x_train.shape[1]]),
        layers.Dense(16, activation="relu"),
        layers.Dense(16, activation="relu"),
        layers.Dense(1),
    ]
)""",
)
def q_3(wider: Any, deeper: Any, x_train: Any) -> str:
    """One hidden layer of at least 64 units; three hidden layers of 16."""
    columns = x_train.shape[1]
    wide = _shape(wider, "wider", columns)
    if len(wide) != 1:
        raise Wrong(
            f"`wider` has {len(wide)} hidden layers; `small` has one. Add units, not "
            "layers."
        )
    if wide[0] < 64:
        raise Wrong(f"`wider` has {wide[0]} units: not four times as many as `small`.")
    deep = _shape(deeper, "deeper", columns)
    if len(deep) != 3:
        raise Wrong(f"`deeper` has {len(deep)} hidden layers, not three.")
    if deep != [16, 16, 16]:
        raise Wrong(
            "The hidden layers of `deeper` should be as wide as that of `small`."
        )
    return (
        f"{wider.count_params():,} parameters in one wide layer, "
        f"{deeper.count_params():,} in three narrow ones."
    )


@question(
    4,
    4,
    "An L2 penalty",
    hints=[
        "A `Dense` layer takes a `kernel_regularizer`.",
        "`keras.regularizers.L2` takes the factor. Both hidden layers need one.",
    ],
    solution="""\
penalized = keras.Sequential(
    [
        layers.Dense(
            64,
            activation="relu",
            kernel_regularizer=keras.regularizers.L2(0.001),
            input_shape=[x_train.shape[1]],
        ),
        layers.Dense(
            64, activation="relu", kernel_regularizer=keras.regularizers.L2(0.001)
        ),
        layers.Dense(1),
    ]
)
penalized.compile(optimizer="adam", loss="mae")""",
)
def q_4(penalized: Any, x_train: Any) -> str:
    """Two hidden layers of 64 with L2 of 0.001 on their kernels, compiled with mae."""
    hidden = _shape(penalized, "penalized", x_train.shape[1])
    if hidden != [64, 64]:
        raise Wrong(f"Its hidden layers have {hidden} units; asked for: two of 64.")
    dense = [part.layer for part in looking.parts(penalized) if part.kind == "dense"]
    for number, layer in enumerate(dense[:-1], 1):
        given = layer.kernel_regularizer
        if given is None:
            other = "a bias" if layer.bias_regularizer is not None else "no"
            other = "an activity" if layer.activity_regularizer is not None else other
            raise Wrong(
                f"Hidden layer {number} has {other} penalty: its kernel (the weights) "
                "should have one."
            )
        if float(getattr(given, "l1", 0.0) or 0.0):
            raise Wrong("That penalty takes absolute values, not squares.")
        if not isinstance(given, regularizers.L2 | regularizers.L1L2):
            raise Wrong(f"Hidden layer {number} has a {type(given).__name__} instead.")
        if not math.isclose(float(given.l2), 0.001, rel_tol=1e-5):
            raise Wrong(
                f"The factor of hidden layer {number} is {float(given.l2):g}, not the "
                "one asked for."
            )
    if looking.loss_name(penalized) != "mean_absolute_error":
        raise Wrong("The loss should be the mean absolute error.")
    return "Squares of both kernels, times 0.001, are part of the loss."


@question(
    4,
    5,
    "A schedule",
    hints=[
        "`keras.optimizers.schedules.CosineDecay` counts steps: one for each batch.",
        "An epoch has `math.ceil(len(x_train) / 128)` steps; there are 20 epochs.",
        "The schedule stands where the optimizer's learning rate would.",
    ],
    solution="""\
steps = 20 * int(np.ceil(len(x_train) / 128))
optimizer = keras.optimizers.Adam(
    keras.optimizers.schedules.CosineDecay(0.01, decay_steps=steps)
)""",
)
def q_5(optimizer: Any, x_train: Any) -> str:
    """Adam with a cosine from 0.01 to 0 over all steps of the training."""
    made = optimizers.schedules
    if isinstance(optimizer, made.LearningRateSchedule):
        raise Wrong("That is the schedule. Give it to an optimizer.")
    if not isinstance(optimizer, optimizers.Optimizer):
        raise Wrong(f"It should be an optimizer; this is a {type(optimizer).__name__}.")
    if not isinstance(optimizer, optimizers.Adam):
        raise Wrong(f"The optimizer should be Adam, not {type(optimizer).__name__}.")
    schedule = optimizer.get_config()["learning_rate"]
    if not isinstance(schedule, dict):
        raise Wrong(
            "Its learning rate is the same at every step: there is no schedule."
        )
    schedule = made.deserialize(schedule)
    if not isinstance(schedule, made.CosineDecay):
        raise Wrong(f"A cosine was asked for; this is {type(schedule).__name__}.")
    first = float(schedule(0))
    if not math.isclose(first, 0.01, rel_tol=1e-3):
        raise Wrong(f"It begins with a rate of {first:g}.")
    steps = 20 * math.ceil(len(x_train) / 128)
    given = int(schedule.get_config()["decay_steps"])
    if given == 20:
        raise Wrong("It ends after 20 steps. An epoch has one step for each batch.")
    if given == steps // 20:
        raise Wrong("It ends after the first epoch.")
    # One batch more or less an epoch: the last one is not full, and counts.
    if abs(given - steps) > 20:
        raise Wrong(f"It ends after {given:,} steps: not when the training does.")
    if float(schedule(steps)) > 1e-4:
        raise Wrong(f"Its last rate is {float(schedule(steps)):g}, not near 0.")
    return f"From 0.01 to 0 in {steps:,} steps."


@question(
    4,
    6,
    "Stop in time",
    hints=[
        "Give `fit` both: `validation_data=(x_valid, y_valid)`, and your callback in "
        "`callbacks=[...]`.",
        "Allow many epochs, such as 100. Your `early_stopping` of question 2 ends it.",
    ],
    solution="""\
trained = keras.Sequential(
    [
        layers.Dense(128, activation="relu", input_shape=[x_train.shape[1]]),
        layers.Dense(64, activation="relu"),
        layers.Dense(1),
    ]
)
trained.compile(optimizer="adam", loss="mae")
stop = keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)
history = trained.fit(
    x_train,
    y_train,
    validation_data=(x_valid, y_valid),
    batch_size=128,
    epochs=100,
    callbacks=[stop],
    verbose=0,
)""",
)
def q_6(trained: Any, history: Any, x_valid: Any, y_valid: Any) -> str:
    """A net with the weights of its best epoch, better than always the median."""
    _shape(trained, "trained", x_valid.shape[1])
    if looking.loss_name(trained) != "mean_absolute_error":
        raise Wrong("The loss should be the mean absolute error.")
    kept = getattr(history, "history", history)
    if not isinstance(kept, dict):
        raise Wrong("`history` should be what `fit` gave back.")
    if "val_loss" not in kept:
        raise Wrong("The history has no validation loss: give `fit` the data for it.")
    losses = np.asarray(kept["val_loss"], dtype=np.float64)
    target = np.ravel(np.asarray(y_valid, dtype=np.float64))
    off = float(np.abs(looking.predictions(trained, x_valid)[:, 0] - target).mean())
    if abs(off - losses[-1]) < 1e-4 * off and losses.argmin() < len(losses) - 1:
        raise Wrong(
            f"The model has the weights of its last epoch ({off:.4f}); epoch "
            f"{losses.argmin() + 1} was better ({losses.min():.4f})."
        )
    if off > 1.002 * losses.min():
        raise Wrong(
            f"The model is off by {off:.4f} on validation rows; the history's best is "
            f"{losses.min():.4f}. Is it the history of this model?"
        )
    if losses.argmin() == len(losses) - 1:
        raise Wrong(
            "The last epoch was the best: it might have gone on. Allow more epochs."
        )
    level = float(np.abs(target - np.median(target)).mean())
    if off >= 0.98 * level:
        raise Wrong(
            f"Off by {off:.4f}; always saying the median is off by {level:.4f}. What "
            "could give the network more capacity, or more time?"
        )
    return (
        f"Off by {off:.4f} with the weights of epoch {losses.argmin() + 1} of "
        f"{len(losses)}; always saying the median is off by {level:.4f}."
    )
