"""Questions of lesson 7, many classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from pronghorn.learn import looking
from pronghorn.learn.question import Wrong, question

__all__ = ["q_1", "q_2", "q_3", "q_4", "q_5", "q_6"]


@question(
    7,
    1,
    "Softmax by hand",
    hints=[
        "First `np.exp` of each logit, which makes all of them positive.",
        "Then divide by their sum, so that together they are 1.",
    ],
    solution="probabilities = np.exp(logits) / np.sum(np.exp(logits))",
)
def q_1(probabilities: Any) -> str:
    """Softmax of 2, 1 and -1."""
    said = _numbers(probabilities, "`probabilities`").ravel()
    logits = np.array([2.0, 1.0, -1.0])
    right = np.exp(logits) / np.exp(logits).sum()
    if said.size != 3:
        raise Wrong(f"There are three classes; this is {said.size} number(s).")
    if np.allclose(said, np.exp(logits), rtol=1e-2):
        raise Wrong("All are positive, but together they are more than 1.")
    if np.allclose(said, logits / logits.sum()):
        raise Wrong("Together they are 1, but one is below 0. What makes all positive?")
    if np.allclose(said, 1 / (1 + np.exp(-logits)), atol=1e-3):
        raise Wrong("That is the sigmoid of each by itself: together they are not 1.")
    if not np.isclose(said.sum(), 1, atol=5e-3):
        raise Wrong(f"Together they are {said.sum():.3g}; probabilities add up to 1.")
    if not np.allclose(said, right, atol=2e-3):
        raise Wrong("They add up to 1, but they are not the softmax of these logits.")
    return "0.705, 0.259 and 0.035: one more in the logit is 2.718 times as likely."


@question(
    7,
    2,
    "Words into numbers",
    hints=[
        "For each word: where in `kinds` does it stand? A list has `index`.",
        "`[kinds.index(word) for word in words_train]`, and make an array of it.",
    ],
    solution="""\
y_train = np.array([kinds.index(word) for word in words_train])
y_valid = np.array([kinds.index(word) for word in words_valid])""",
)
def q_2(
    y_train: Any, y_valid: Any, words_train: Any, words_valid: Any, kinds: Any
) -> str:
    """For each word its place among the kinds."""
    for name, given, words in (
        ("y_train", y_train, words_train),
        ("y_valid", y_valid, words_valid),
    ):
        right = np.array([list(kinds).index(word) for word in words])
        said = _numbers(given, f"`{name}`")
        if said.ndim == 2 and said.shape[1] == len(kinds):
            raise Wrong(
                f"`{name}` is one-hot. Sparse labels are one whole number for each row."
            )
        said = said.ravel()
        if said.shape != right.shape:
            raise Wrong(f"`{name}` has {said.size} labels for {right.size} rows.")
        if np.array_equal(said, right + 1):
            raise Wrong("Classes are numbered from 0, as places in a list are.")
        if not np.array_equal(said, right):
            off = int(np.argmax(said != right))
            raise Wrong(
                f"`{name}[{off}]` is {said[off]:g}, where the word is {words[off]!r}."
            )
    return "Whole numbers from 0: what `sparse_categorical_crossentropy` takes."


@question(
    7,
    3,
    "A net for three classes",
    hints=[
        "As many units in the last layer as there are classes.",
        "`activation='softmax'`, and of the two losses the one for whole numbers.",
    ],
    solution="""\
model = keras.Sequential(
    [
        layers.Dense(16, activation="relu", input_shape=[x_train.shape[1]]),
        layers.Dense(3, activation="softmax"),
    ]
)
model.compile(
    optimizer="adam",
    loss="sparse_categorical_crossentropy",
    metrics=["sparse_categorical_accuracy"],
)""",
)
def q_3(model: Any, x_train: Any) -> str:
    """A hidden layer, three units with softmax, the sparse loss, an accuracy."""
    net = looking.a_model(model)
    if looking.input_size(net) != x_train.shape[1]:
        raise Wrong(
            f"It takes {looking.input_size(net)} inputs; a row has {x_train.shape[1]}."
        )
    units = looking.dense_units(net)
    if not units or units[-1] != 3:
        raise Wrong(
            f"It gives {units[-1] if units else 'no'} numbers for a row, and there are "
            "three classes."
        )
    if len(units) < 2:
        raise Wrong("There should be a hidden layer before the last one.")
    found = looking.parts(net)
    last = found[-1].name if found[-1].kind == "activation" else ""
    if last == "sigmoid":
        raise Wrong("Sigmoids are by themselves: the three would not add up to 1.")
    logits = bool(getattr(net.loss, "from_logits", False)) if net.compiled else False
    if last != "softmax" and not (logits and not last):
        raise Wrong("What comes out should be probabilities that add up to 1.")
    loss = looking.loss_name(net)
    if loss == "categorical_crossentropy":
        raise Wrong("That loss takes one-hot labels; those of question 2 are sparse.")
    if loss != "sparse_categorical_crossentropy":
        raise Wrong(f"The loss `{loss}` is not the one for several classes.")
    if logits and last == "softmax":
        raise Wrong("The loss expects logits, but the net gives probabilities.")
    if logits:
        raise Wrong(
            "Logits and a loss from logits train well, but here the net is to give "
            "probabilities."
        )
    used = [part for part in found[:-1] if part.kind == "activation"]
    if not used:
        raise Wrong("Without an activation the hidden layer adds nothing (lesson 2).")
    if not any("acc" in name for name in looking.metric_names(net)):
        raise Wrong("It watches no accuracy: `metrics=[...]` in `compile`.")
    return "One unit for each class, and a loss that suits the labels."


@question(
    7,
    4,
    "Penguins by their measures",
    hints=[
        "`trained.fit(x_train, y_train, epochs=..., verbose=0)`.",
        "The table is small: 233 rows in batches of 32 are 8 steps an epoch. Take 50 "
        "epochs, or a learning rate of 0.01.",
    ],
    solution="""\
keras.utils.set_random_seed(0)
trained = keras.Sequential(
    [
        layers.Dense(16, activation="relu", input_shape=[x_train.shape[1]]),
        layers.Dense(3, activation="softmax"),
    ]
)
trained.compile(
    optimizer=keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy"
)
trained.fit(x_train, y_train, epochs=40, batch_size=32, verbose=0)""",
)
def q_4(trained: Any, x_valid: Any, words_valid: Any, kinds: Any) -> str:
    """The likeliest class is the right one for 95 of 100 rows held out."""
    net = looking.a_model(trained, "trained")
    if looking.input_size(net) != x_valid.shape[1]:
        raise Wrong(
            f"It takes {looking.input_size(net)} inputs; a row has {x_valid.shape[1]}."
        )
    said = looking.predictions(net, x_valid)
    if said.shape[1] != len(kinds):
        raise Wrong(
            f"It gives {said.shape[1]} number(s) for a row; there are {len(kinds)} "
            "classes."
        )
    truth = np.array([list(kinds).index(word) for word in words_valid])
    right = float(np.mean(said.argmax(axis=1) == truth))
    if right < 0.95:
        most = float(np.bincount(truth).max() / len(truth))
        raise Wrong(
            f"It names {right:.1%} of the rows held out rightly; the goal is 95%. "
            f"(Always saying the most frequent class: {most:.1%}.) Is it trained, and "
            "for long enough?"
        )
    return f"{right:.1%} of the rows held out, from a few measures."


@question(
    7,
    5,
    "One-hot, and smoothed",
    hints=[
        "`keras.utils.to_categorical(labels, 3)`, or rows of `np.eye(3)`.",
        "A 1 becomes 0.7 + 0.1, a 0 becomes 0.1.",
    ],
    solution="""\
one_hot = np.eye(3)[labels]
smoothed = one_hot * 0.7 + 0.3 / 3""",
)
def q_5(one_hot: Any, smoothed: Any) -> str:
    """Rows of an identity matrix, and 0.8 and 0.1 in place of 1 and 0."""
    right = np.eye(3)[[2, 0, 1, 2]]
    said = _numbers(one_hot, "`one_hot`")
    if said.shape == (3, 4):
        raise Wrong("A line for each row of the table, a column for each class.")
    if said.shape != (4, 3):
        raise Wrong(
            f"`one_hot` has the shape {said.shape}; four rows and three classes make "
            "another."
        )
    if not np.array_equal(said, right):
        raise Wrong("`one_hot` has the right shape, but a 1 is in the wrong place.")
    soft = _numbers(smoothed, "`smoothed`")
    if soft.shape != (4, 3):
        raise Wrong(f"`smoothed` has the shape {soft.shape}, unlike `one_hot`.")
    if np.allclose(soft, right * 0.7):
        raise Wrong("Each row of `smoothed` should still add up to 1.")
    if np.allclose(soft, right * 0.7 + (1 - right) * 0.15):
        raise Wrong(
            "That gives the 0.3 to the two other classes only; all three share it."
        )
    if not np.allclose(soft, right * 0.7 + 0.1):
        raise Wrong("`smoothed` is not it: what is a 1 now, and what is a 0?")
    return "0.8 for the class, 0.1 for each other: as `label_smoothing=0.3` does."


@question(
    7,
    6,
    "The worst row",
    hints=[
        "What matters is the probability of the class that the row is.",
        "`said[np.arange(5), truth]` takes one number out of each row.",
    ],
    solution="worst = np.argmax(-np.log(said[np.arange(5), truth]))",
)
def q_6(worst: Any) -> str:
    """The row whose own class got least."""
    found = np.asarray(worst)
    if found.size > 1:
        raise Wrong(f"That is {found.size} numbers; the number of one row is wanted.")
    said = looking.a_number(found, "The row")
    if not float(said).is_integer() or not 0 <= said < 5:
        raise Wrong(f"Rows have the numbers 0 to 4; this is {said:.4g}.")
    why = {
        0: "Row 0 got 0.70 for its class: that is not bad.",
        1: "Row 1 is surest of what is wrong, but see what its own class got.",
        2: "Row 2 is the one where the net is least sure; its class got 0.33.",
        4: "Row 4 is the best one.",
    }
    if said in why:
        raise Wrong(why[int(said)])
    return "Its class got 0.10, so it costs -log 0.10 = 2.303."


def _numbers(value: Any, what: str) -> np.ndarray:
    """The answer as an array of numbers."""
    try:
        found = np.asarray(value)
        if found.dtype.kind not in "biuf":
            raise TypeError
        return found.astype(np.float64)
    except (TypeError, ValueError):
        raise Wrong(
            f"{what} should be numbers; this is a {type(value).__name__} of something "
            "else."
        ) from None
