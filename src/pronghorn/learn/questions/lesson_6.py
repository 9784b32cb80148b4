"""Questions of lesson 6, binary classification."""

from __future__ import annotations

from typing import Any

import numpy as np

from pronghorn.learn import looking
from pronghorn.learn.figures.binary import roc
from pronghorn.learn.question import Wrong, question

__all__ = ["q_1", "q_2", "q_3", "q_4", "q_5", "q_6"]


@question(
    6,
    1,
    "What must be beaten",
    hints=[
        "The mean of zeros and ones is the share of ones.",
        "The more frequent class has the greater one of two shares that add up to 1.",
    ],
    solution="baseline = max(y_valid.mean(), 1 - y_valid.mean())",
)
def q_1(baseline: Any, y_valid: Any) -> str:
    """The share of the more frequent class among the rows held out."""
    said = looking.a_number(baseline, "The accuracy")
    ones = float(np.mean(y_valid))
    best = max(ones, 1 - ones)
    if np.isclose(said, 100 * best, rtol=1e-3):
        raise Wrong("Give it as a share between 0 and 1, not in percent.")
    if not 0 <= said <= 1:
        raise Wrong(f"An accuracy is a share, from 0 to 1; this is {said:g}.")
    if np.isclose(said, 1 - best, atol=1e-4):
        raise Wrong("That is the accuracy of always saying the rarer class.")
    if np.isclose(said, 0.5):
        raise Wrong("One half is for a thrown coin. Here one class is more frequent.")
    if not np.isclose(said, best, atol=5e-4):
        raise Wrong(f"{said:.4g} is not it. How many rows of `y_valid` are 0?")
    return f"A net that is right for {best:.1%} of the rows has learnt nothing yet."


@question(
    6,
    2,
    "Cross-entropy by hand",
    hints=[
        "For each row: which probability did the net give to the class that it is?",
        "0.8, 0.9 and 0.4. Now their natural logarithms, the sign, and the mean.",
    ],
    solution="entropy = -np.mean(np.log(np.where(truth == 1, p, 1 - p)))",
)
def q_2(entropy: Any) -> str:
    """The mean of -log 0.8, -log 0.9 and -log 0.4."""
    rows = -np.log([0.8, 0.9, 0.4])
    found = np.asarray(entropy, dtype=np.float64)
    if found.size == 3:
        raise Wrong("That is a loss for each row. One number is wanted, their mean.")
    said = looking.a_number(found, "The cross-entropy")
    mean = float(rows.mean())
    if np.isclose(said, -mean, atol=1e-3):
        raise Wrong("The logarithm of a number below 1 is negative; a loss is not.")
    if np.isclose(said, rows.sum(), atol=1e-3):
        raise Wrong("That is the sum over the rows, not the mean.")
    if np.isclose(said, -np.log([0.8, 0.1, 0.6]).mean(), atol=1e-3):
        raise Wrong("Two rows are of class 0: which probability did *that* class get?")
    if np.isclose(said, -np.log(0.8) / 3, atol=1e-3):
        raise Wrong("Rows of class 0 cost something, too.")
    if np.isclose(said, mean / np.log(2), atol=1e-3) or np.isclose(
        said, mean / np.log(10), atol=1e-3
    ):
        raise Wrong("Take the natural logarithm, `np.log`.")
    if not np.isclose(said, mean, atol=1e-3):
        raise Wrong(f"{said:.4g} is not what comes out.")
    return "The third row costs most: -log 0.4 = 0.916. It was called the wrong way."


@question(
    6,
    3,
    "A net for two classes",
    hints=[
        "A probability lies between 0 and 1: which activation gives that for one unit?",
        "`loss='binary_crossentropy'`, and `metrics=['binary_accuracy']`.",
    ],
    solution="""\
model = keras.Sequential(
    [
        layers.Dense(64, activation="relu", input_shape=[x_train.shape[1]]),
        layers.Dense(64, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(
    optimizer="adam", loss="binary_crossentropy", metrics=["binary_accuracy"]
)""",
)
def q_3(model: Any, x_train: Any) -> str:
    """64, 64, 1 with a sigmoid; Adam, binary cross-entropy, an accuracy."""
    net = looking.a_model(model)
    if looking.input_size(net) != x_train.shape[1]:
        raise Wrong(
            f"It takes {looking.input_size(net)} inputs; a row has {x_train.shape[1]}."
        )
    units = looking.dense_units(net)
    if units and units[-1] == 2:
        raise Wrong("Two classes, but one number: the probability of class 1 says all.")
    if units != [64, 64, 1]:
        raise Wrong(
            f"Its layers have {units} units. There should be two hidden layers of 64, "
            "and one number at the end."
        )
    used = [part.name for part in looking.parts(net) if part.kind == "activation"]
    if used and used[-1] == "softmax":
        raise Wrong(
            "A softmax over one unit is always 1: its probabilities add up to 1."
        )
    if used[-1:] != ["sigmoid"]:
        raise Wrong("What comes out can be any number. A probability lies in 0 to 1.")
    if used != ["relu", "relu", "sigmoid"]:
        raise Wrong(f"Its activations are {used}: both hidden layers should have ReLU.")
    loss = looking.loss_name(net)
    if loss in ("categorical_crossentropy", "sparse_categorical_crossentropy"):
        raise Wrong("That loss is for a softmax over several classes (lesson 7).")
    if loss != "binary_crossentropy":
        raise Wrong(
            f"The loss `{loss}` is not the one for probabilities of two classes."
        )
    if getattr(net.loss, "from_logits", False):
        raise Wrong("The loss expects logits, but the net gives probabilities.")
    if looking.optimizer_name(net) != "adam":
        raise Wrong(f"The optimizer is {looking.optimizer_name(net)}, not Adam.")
    if not _watches_accuracy(net):
        raise Wrong("It watches no accuracy: `metrics=[...]` in `compile`.")
    return "The last layer and the loss belong together."


def _watches_accuracy(net: Any) -> bool:
    """Whether an accuracy is among the metrics, under whatever name."""
    if any("acc" in name for name in looking.metric_names(net)):
        return True
    given = getattr(net, "metrics", [])
    return any("Accuracy" in type(each).__name__ for each in given)


@question(
    6,
    4,
    "A net that puts cancellations first",
    hints=[
        "`fit` on `x_train` and `y_train`; 10 epochs of batches of 64 are a start.",
        "More epochs, or a larger learning rate such as 0.003. With "
        "`validation_data=(x_valid, y_valid)` you see when it is enough.",
    ],
    solution="""\
keras.utils.set_random_seed(1)
trained = keras.Sequential(
    [
        layers.Dense(64, activation="relu", input_shape=[x_train.shape[1]]),
        layers.Dense(64, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ]
)
trained.compile(
    optimizer="adam", loss="binary_crossentropy", metrics=["binary_accuracy"]
)
trained.fit(x_train, y_train, batch_size=64, epochs=15, verbose=0)""",
)
def q_4(trained: Any, x_valid: Any, y_valid: Any, goal: float) -> str:
    """Probabilities whose AUC on the rows held out reaches the goal."""
    net = looking.a_model(trained, "trained")
    if looking.input_size(net) != x_valid.shape[1]:
        raise Wrong(
            f"It takes {looking.input_size(net)} inputs; a row has {x_valid.shape[1]}."
        )
    said = looking.predictions(net, x_valid)
    if said.shape[1] != 1:
        raise Wrong(f"It gives {said.shape[1]} numbers for a row; one is wanted.")
    scores = said[:, 0]
    if not np.isfinite(scores).all():
        raise Wrong("It gives numbers that are not finite: the steps were too large.")
    if scores.min() < 0 or scores.max() > 1:
        raise Wrong(
            f"It says numbers from {scores.min():.2g} to {scores.max():.2g}: "
            "probabilities lie between 0 and 1."
        )
    area = roc(y_valid, scores)[2]
    if area < 0.5 - (goal - 0.5) / 2:
        raise Wrong(
            f"Its AUC is {area:.3f}, below one half: it takes class 0 for class 1."
        )
    if area < goal:
        raise Wrong(
            f"Its AUC on the rows held out is {area:.3f}; the goal is {goal}. Is it "
            "trained, and for long enough?"
        )
    return f"AUC {area:.3f} on rows that it did not see."


@question(
    6,
    5,
    "Precision and recall",
    hints=[
        "Count the rows that are 1 and are called 1. Both shares have it on top.",
        "Precision divides it by all that are called 1, recall by all that are 1.",
    ],
    solution="""\
found = np.sum(is_one * called)
precision, recall = found / np.sum(called), found / np.sum(is_one)""",
)
def q_5(precision: Any, recall: Any) -> str:
    """3 of the 5 called are 1, and 3 of the 4 that are 1 are called."""
    said = [
        looking.a_number(each, what)
        for each, what in ((precision, "`precision`"), (recall, "`recall`"))
    ]
    if np.allclose(said, [0.75, 0.6]):
        raise Wrong("Both numbers are right, but they are the other way round.")
    if not np.isclose(said[0], 0.6):
        if np.isclose(said[0], 0.7):
            raise Wrong("`precision` is not the accuracy: rows called 0 do not count.")
        raise Wrong(f"`precision` is not {said[0]:.3g}: look at those called 1 only.")
    if not np.isclose(said[1], 0.75):
        raise Wrong(f"`recall` is not {said[1]:.3g}: look at those that are 1 only.")
    return "3 of 5 alarms are true, and 3 of 4 cancellations are found."


@question(
    6,
    6,
    "The threshold that pays",
    hints=[
        "With probability p of a cancellation, what does not calling cost on average?",
        "Not to call costs p times 100 on average. To call costs 20, whatever happens.",
    ],
    solution="threshold = 20 / 100",
)
def q_6(threshold: Any) -> str:
    """Where p times 100 is 20."""
    said = looking.a_number(threshold, "The threshold")
    if np.isclose(said, 20):
        raise Wrong("Give it as a probability between 0 and 1, not in percent.")
    if not 0 <= said <= 1:
        raise Wrong(f"A probability lies between 0 and 1; this is {said:g}.")
    if np.isclose(said, 0.5):
        raise Wrong("One half would be right if both mistakes cost the same.")
    if np.isclose(said, 20 / 120):
        raise Wrong(
            "That would be right if a call cost 20 only where the guest would have "
            "come. Here it costs 20 each time."
        )
    if not np.isclose(said, 0.2):
        cheaper = "calling" if 100 * said > 20 else "not calling"
        raise Wrong(
            f"At a probability of {said:.3g} not to call costs {100 * said:.3g} euros "
            f"on average, so {cheaper} is cheaper there; at the threshold both cost "
            "the same."
        )
    return "From 0.2 on: 0.2 × 100 = 20. Far below one half (Elkan 2001)."
