"""Where we differ from Keras on purpose. Each is met by a case, or it goes."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from tests.conformance.case import Case
from tests.conformance.compare import Difference


@dataclass(frozen=True)
class Departure:
    """One difference that is meant.

    Attributes:
        cases: pattern of the names of the cases that show it.
        path: pattern of the results that differ.
        reason: why ours is another.
        example: a case in which it shows; a test runs it.
    """

    cases: str
    path: str
    reason: str
    example: str

    def covers(self, case: Case, difference: Difference) -> bool:
        """Whether this is the difference."""
        return fnmatchcase(case.name, self.cases) and fnmatchcase(
            difference.path, self.path
        )


WHOLE_CONFIG = (
    "The config keeps every argument of the constructor; Keras's leaves out {}, so "
    "that a model saved there forgets it. Keras reads ours."
)
DELTA = WHOLE_CONFIG.format("Huber's delta")
AXIS = WHOLE_CONFIG.format("axis")
TOP_K = WHOLE_CONFIG.format("from_sorted_ids")
NAMES = (
    "`metrics` and `metrics_names` list each metric, in the order of `evaluate`; "
    "Keras puts them into one object called compile_metrics."
)
TWICE = (
    "`evaluate` gives one value for each metric; where two have the same name, Keras "
    "gives the first one twice and the second at the end."
)
MASKS = (
    "Keras notes in a call's arguments which mask it found with the inputs; here it is "
    "found anew whenever the model runs."
)
COUNTER = "The number of steps is an int32 here, an int64 in Keras: four bytes less."

DEPARTURES = [
    Departure("losses/Huber/values*", "config keys", DELTA, "losses/Huber/values 0"),
    Departure(
        "configs/losses.Huber/*",
        "*config keys",
        DELTA,
        "configs/losses.Huber/serialized",
    ),
    Departure(
        "configs/Model/compile",
        "given/loss/config keys",
        DELTA,
        "configs/Model/compile",
    ),
    Departure("losses/get/names", "configs/2 keys", DELTA, "losses/get/names"),
    Departure("losses/get/names", "configs/5 keys", AXIS, "losses/get/names"),
    Departure(
        "losses/SparseCategoricalCrossentropy/values*",
        "config keys",
        AXIS,
        "losses/SparseCategoricalCrossentropy/values 0",
    ),
    Departure(
        "configs/losses.SparseCategoricalCrossentropy/*",
        "*config keys",
        AXIS,
        "configs/losses.SparseCategoricalCrossentropy/serialized",
    ),
    Departure(
        "*/CosineSimilarity/*", "config keys", AXIS, "losses/CosineSimilarity/values 0"
    ),
    Departure(
        "metrics/SparseTopKCategoricalAccuracy/*",
        "config keys",
        TOP_K,
        "metrics/SparseTopKCategoricalAccuracy/0",
    ),
    Departure("training/*", "metrics*", NAMES, "training/mse/fit evaluate predict"),
    Departure(
        "training/*/names of metrics",
        "history of evaluate",
        TWICE,
        "training/binary_crossentropy/names of metrics",
    ),
    Departure(
        "training/fit/sample weight",
        "history of evaluate",
        TWICE,
        "training/fit/sample weight",
    ),
    Departure(
        "configs/*/summary when compiled",
        "lines/*",
        COUNTER,
        "configs/sequential/summary when compiled",
    ),
    Departure(
        "optimizers/Nadam/*",
        "*/6",
        "The variable has the name of what it holds, u_product; Keras's has none.",
        "optimizers/Nadam/default single steps",
    ),
    Departure(
        "optimizers/Nadam/*",
        "slot paths/*",
        "The variable has the name of what it holds, u_product; Keras's has none.",
        "optimizers/Nadam/default",
    ),
    Departure(
        "optimizers/Adafactor/*",
        "names/*",
        "Paths start with the optimizer's name; in Keras those of two numbers without "
        "a use do so only where `apply` built it.",
        "optimizers/Adafactor/default single steps",
    ),
    Departure(
        "training/Model/branches",
        "config/layers/*/kwargs keys",
        MASKS,
        "training/Model/branches",
    ),
    Departure(
        "files/*/unbroken",
        "config/layers/*/kwargs keys",
        MASKS,
        "files/adam/unbroken",
    ),
]


# Met while the cases were written, and kept out of them: here Keras on TensorFlow
# differs from Keras on its other backends, or from itself.
OF_TENSORFLOW = [
    "An id that comes twice in a batch: optimizers with squared gradients square each "
    "part of an Embedding's gradient by itself; here, as on Keras's other backends, "
    "the sum is squared. The case has a regularizer, which makes the gradient dense.",
    "The separate losses of several outputs are averaged over batches, not rows: a "
    "last partial batch counts as a whole one. The case has whole batches.",
    "In a compiled schedule `step / 30` is `step * (1 / 30)`, so that a cycle of "
    "PolynomialDecay may begin one step late. The case has 32 steps.",
    "`model.trainable = True` does not reach layers when it was True before. The case "
    "sets each layer.",
    "A variable that `call` assigns and then reads again: the gradient goes through "
    "the new value here and on JAX, not on TensorFlow. The case reads it before.",
    "ScheduleFreeAdamW reads its copy of the weights after the update, not before it, "
    "and does not learn. Here it follows the paper, as on JAX; its only case is its "
    "signature.",
    "Sample weights as a column (rows, 1) raise in `fit`. The cases give (rows,).",
]


def departure(case: Case, difference: Difference) -> Departure | None:
    """The departure that explains a difference, if one does."""
    return next((d for d in DEPARTURES if d.covers(case, difference)), None)


def unexplained(case: Case, differences: list[Difference]) -> list[Difference]:
    """The differences that are too large, and not meant."""
    return [d for d in differences if not d.accepted and departure(case, d) is None]
