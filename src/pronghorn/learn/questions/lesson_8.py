"""Questions of lesson 8, from a notebook to a product."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pronghorn import layers
from pronghorn.learn import looking
from pronghorn.learn.question import Wrong, question

__all__ = ["q_1", "q_2", "q_3", "q_4", "q_5", "q_6", "q_7"]

OUT = {"tag", "latin_name"}
WORDS = ("?", "unknown")
GOAL = 0.95


@question(
    8,
    1,
    "What must stay out",
    hints=[
        "Which column has another value in each row? That is no use for new rows.",
        "Which column says the same as the species, in other words?",
    ],
    solution='leave_out = ["tag", "latin_name"]',
)
def q_1(leave_out: Any) -> str:
    """The identifier, and the column that gives the answer away."""
    if isinstance(leave_out, str):
        raise Wrong("It should be a list of names; this is one text.")
    if not isinstance(leave_out, list | tuple | set):
        raise Wrong(
            f"It should be a list of names; this is a {type(leave_out).__name__}."
        )
    named = {str(name) for name in leave_out} - {"species"}
    if named - OUT:
        raise Wrong(
            f"Why not {sorted(named - OUT)[0]!r}? It can be known of a new "
            "penguin, and it tells something."
        )
    if "tag" not in named:
        raise Wrong("One column numbers the rows: it says nothing of the next penguin.")
    if "latin_name" not in named:
        raise Wrong("One more column is known only to those who know the answer.")
    return "An identifier, and a column that gives the answer away."


@question(
    8,
    2,
    "One spelling of missing",
    hints=[
        "`raw['sex'].value_counts()` shows which words stand for missing.",
        "`replace` takes a dict of columns: `{'sex': [...], ...}`, and what to put "
        "there.",
    ],
    solution="""\
tidy = raw.replace({"sex": ["?", "unknown"], "body_mass_g": [-1]}, np.nan)""",
)
def q_2(tidy: Any, raw: Any) -> str:
    """NaN for both words and for -1, and nothing else changed."""
    if not hasattr(tidy, "columns") or not hasattr(tidy, "isna"):
        raise Wrong(f"It should be a table; this is a {type(tidy).__name__}.")
    if len(tidy) != len(raw):
        raise Wrong(
            f"It has {len(tidy)} rows, `raw` has {len(raw)}: no row is to be left out."
        )
    lacking = [name for name in raw.columns if name not in tidy.columns]
    if lacking:
        raise Wrong(f"The column {lacking[0]!r} is gone.")
    for word in WORDS:
        if (tidy["sex"].astype(object) == word).any():
            raise Wrong(f"`sex` still has a word that means missing: {word!r}.")
    if not np.issubdtype(tidy["body_mass_g"].dtype, np.number):
        raise Wrong("`body_mass_g` is no column of numbers any more.")
    if (tidy["body_mass_g"] < 0).any():
        raise Wrong("`body_mass_g` still has masses below 0.")
    empty = raw.isna()
    empty["sex"] |= raw["sex"].isin(WORDS)
    empty["body_mass_g"] |= raw["body_mass_g"] < 0
    for name in raw.columns:
        if (tidy[name].isna() != empty[name]).any():
            raise Wrong(
                f"`{name}` has {int(tidy[name].isna().sum())} empty cells; "
                f"{int(empty[name].sum())} of them are missing."
            )
        known = ~empty[name]
        if (tidy[name][known] != raw[name][known]).any():
            raise Wrong(f"Values of `{name}` that are known were changed.")
    return f"{int(empty.to_numpy().sum())} cells are missing, and all say so alike."


@question(
    8,
    3,
    "A split",
    hints=[
        "`raw.sample(frac=1, random_state=0)` has the rows in an order by chance.",
        "Cut that at 60% and at 80% of the rows: `mixed[:first]`, "
        "`mixed[first:second]`, `mixed[second:]`.",
    ],
    solution="""\
mixed = raw.sample(frac=1, random_state=0)
first, second = int(0.6 * len(raw)), int(0.8 * len(raw))
train, valid, test = mixed[:first], mixed[first:second], mixed[second:]""",
)
def q_3(train: Any, valid: Any, test: Any, raw: Any) -> str:
    """Three frames without a common row, of the right sizes, with all species."""
    frames = {"train": train, "valid": valid, "test": test}
    for name, frame in frames.items():
        if not hasattr(frame, "index") or "tag" not in getattr(frame, "columns", ()):
            raise Wrong(f"`{name}` should be rows of `raw`, with all columns.")
    tags = {name: set(frame["tag"]) for name, frame in frames.items()}
    for first, second in (("train", "valid"), ("train", "test"), ("valid", "test")):
        if both := tags[first] & tags[second]:
            raise Wrong(f"`{first}` and `{second}` have {len(both)} rows in common.")
    if left := len(raw) - sum(len(each) for each in tags.values()):
        raise Wrong(f"{left} rows are in none of the three.")
    for name, wanted in (("train", 0.6), ("valid", 0.2), ("test", 0.2)):
        part = len(tags[name]) / len(raw)
        if abs(part - wanted) > 0.04:
            raise Wrong(f"`{name}` has {part:.0%} of the rows, not about {wanted:.0%}.")
    for name, frame in frames.items():
        if lacking := set(raw["species"]) - set(frame["species"]):
            raise Wrong(
                f"`{name}` has no {sorted(lacking)[0]} at all: the file is sorted."
            )
    return f"{len(train)}, {len(valid)} and {len(test)} rows, mixed first."


@question(
    8,
    4,
    "A lookup that meets a new word",
    hints=[
        "`layers.StringLookup`, and `adapt` on the training rows.",
        "What it gives is set by `output_mode`.",
    ],
    solution="""\
lookup = layers.StringLookup(output_mode="one_hot")
lookup.adapt(x_train["island"])""",
)
def q_4(lookup: Any, x_train: Any) -> str:
    """One-hot rows, each island its own, and one more for a new island."""
    if not isinstance(lookup, layers.Layer) or not callable(lookup):
        raise Wrong(f"It should be a layer; this is a {type(lookup).__name__}.")
    if not isinstance(lookup, layers.StringLookup):
        raise Wrong(f"`{type(lookup).__name__}` does not look words up.")
    known = sorted(set(x_train["island"]))
    lacking = [word for word in known if word not in lookup.get_vocabulary()]
    if lacking:
        raise Wrong(f"It does not know {lacking[0]!r}: was it adapted to the column?")
    if lookup.num_oov_indices == 0:
        raise Wrong("It has no place for a word that it has not seen.")
    if lookup.output_mode == "int":
        raise Wrong(
            "It gives whole numbers. A net would take island 3 as three times island 1."
        )
    said = np.asarray(lookup(np.array([[*known, "Atlantis"]], dtype=object).T))
    if said.shape[-1] > len(known) + lookup.num_oov_indices:
        raise Wrong(
            f"It gives {said.shape[-1]} numbers a row; there are {len(known)} islands, "
            "and one place for others."
        )
    if not (said.sum(-1) == 1).all():
        raise Wrong("Each row should have a single 1.")
    return "Three islands, and a first place for all others."


@question(
    8,
    5,
    "A model of mixed columns",
    hints=[
        "One `keras.Input(shape=(1,), name=...)` a column, `dtype='string'` for text; "
        "`Normalization` or `StringLookup` after it; then `Concatenate`.",
        "`keras.Model(inputs, output)` takes the dict of inputs. The species are "
        "numbers 0, 1, 2: `sparse_categorical_crossentropy`, three units, softmax.",
        "`Normalization().adapt` wants `x_train[name].reshape(-1, 1)`.",
    ],
    solution="""\
inputs, prepared = {}, []
for name in numbers:
    inputs[name] = keras.Input(shape=(1,), name=name)
    scale = layers.Normalization()
    scale.adapt(x_train[name].reshape(-1, 1))
    prepared.append(scale(inputs[name]))
for name in categories:
    inputs[name] = keras.Input(shape=(1,), dtype="string", name=name)
    words = layers.StringLookup(output_mode="one_hot")
    words.adapt(x_train[name])
    prepared.append(words(inputs[name]))
hidden = layers.Dense(16, activation="relu")(layers.Concatenate()(prepared))
model = keras.Model(inputs, layers.Dense(3, activation="softmax")(hidden))
model.compile(
    optimizer=keras.optimizers.Adam(0.01),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
model.fit(x_train, y_train, epochs=30, verbose=0)""",
)
def q_5(model: Any, x_valid: Any, y_valid: Any) -> str:
    """Takes the raw dict, gives three probabilities, is right for 95 of 100."""
    net = looking.a_model(model)
    try:
        said = looking.predictions(net, x_valid)
    except Exception as error:
        raise Wrong(
            "It should take the dict `x_valid`, with text as it is. It says: "
            f"{str(error).splitlines()[0]}"
        ) from error
    if said.shape[1] != 3:
        raise Wrong(f"It gives {said.shape[1]} numbers for a row; there are 3 species.")
    if said.min() < 0 or not np.allclose(said.sum(1), 1, atol=1e-3):
        raise Wrong("What it gives for a row are no probabilities: they add up to 1.")
    right = float((said.argmax(1) == np.asarray(y_valid)).mean())
    if right < GOAL:
        raise Wrong(
            f"It is right for {right:.1%} of the validation rows; the goal is "
            f"{GOAL:.0%}. Is it trained, with scaled numbers, for long enough?"
        )
    return f"Right for {right:.1%} of the validation rows, from raw columns."


@question(
    8,
    6,
    "Save and load",
    hints=[
        "A model has `save`, which takes the file's name.",
        "`keras.models.load_model` gives it back.",
    ],
    solution="""\
model.save(file)
loaded = keras.models.load_model(file)""",
)
def q_6(loaded: Any, model: Any, file: Any, x_valid: Any) -> str:
    """Another object that predicts the same, from a file that is there."""
    net = looking.a_model(loaded, "loaded")
    if not Path(file).exists():
        raise Wrong("There is no `file` yet: was the model saved there?")
    if net is model:
        raise Wrong("`loaded` is the model in memory itself; load it from the file.")
    try:
        same = np.array_equal(
            looking.predictions(net, x_valid), looking.predictions(model, x_valid)
        )
    except Exception:  # a copy without what the layers have learnt
        same = False
    if not same:
        raise Wrong("It does not predict what `model` predicts. Is it from the file?")
    return f"{Path(file).stat().st_size:,} bytes, and the same predictions to the bit."


@question(
    8,
    7,
    "The product",
    hints=[
        "For each column of `fill`: the number, or `fill[name]` where it is missing or "
        "below 0. For `sex`: the word, or `missing`.",
        "The model takes columns: each value in an array of one, `np.array([value])`, "
        "text with `dtype=object`.",
        "`species[int(np.argmax(...))]` is the name.",
    ],
    solution="""\
def predict(row):
    x = {}
    for name, middle in fill.items():
        value = row.get(name)
        known = value is not None and value >= 0  # NaN is not
        x[name] = np.array([value if known else middle], dtype="float32")
    sex = row.get("sex")
    sex = sex if sex in ("MALE", "FEMALE") else "missing"
    x["sex"] = np.array([sex], dtype=object)
    x["island"] = np.array([row.get("island") or "missing"], dtype=object)
    return species[int(np.argmax(model.predict(x, verbose=0)))]""",
)
def q_7(predict: Any, model: Any, row: Any, fill: Any, species: Any) -> str:
    """The name that the model gives for the row as training prepared it."""
    if isinstance(predict, str) or not callable(predict):
        raise Wrong(
            f"It should be a function of one row; this is a {type(predict).__name__}."
        )
    gone = {name: value for name, value in row.items() if name != "body_mass_g"}
    asked = {
        "the row above": row,
        "a row with nothing missing": {
            "island": "Dream",
            "sex": "MALE",
            "bill_length_mm": 51.0,
            "bill_depth_mm": 18.8,
            "flipper_length_mm": 197.0,
            "body_mass_g": 3800.0,
        },
        "a row with the sex 'unknown'": {**row, "sex": "unknown"},
        "a row whose bill length is NaN": {**row, "bill_length_mm": float("nan")},
        "a row without a body mass": gone,
    }
    for what, each in asked.items():
        try:
            said = predict(dict(each))
        except Exception as error:
            raise Wrong(
                f"For {what} it raises {type(error).__name__}: "
                f"{str(error).splitlines()[0] if str(error) else ''}"
            ) from error
        name = said.item() if isinstance(said, np.generic) else said
        if not isinstance(name, str) or name not in species:
            raise Wrong(
                f"For {what} it gives {_short(said)}, not the name of a species."
            )
        x = _prepared(each, fill)
        wanted = species[int(np.argmax(np.asarray(model.predict(x, verbose=0))))]
        if name != wanted:
            raise Wrong(
                f"For {what} it says {name}; the model says {wanted} for this row as "
                "it was prepared in training."
            )
    return "It takes rows as they come."


def _prepared(row: Mapping[str, Any], fill: Mapping[str, float]) -> dict[str, Any]:
    """A raw row as the columns that the exercise's model takes."""
    x: dict[str, Any] = {}
    for name, middle in fill.items():
        value = float(row.get(name, np.nan))
        x[name] = np.array([value if value >= 0 else middle], dtype=np.float32)
    sex = row["sex"]
    x["sex"] = np.array(["missing" if sex in WORDS else sex], dtype=object)
    x["island"] = np.array([row["island"]], dtype=object)
    return x


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 50 else text[:47] + "..."
