"""Answers to lesson 8."""

from tests.learn.answers import Answers

MODEL = """\
space = keras.utils.FeatureSpace(
    features={name: "float_normalized" for name in numbers}
    | {name: "string_categorical" for name in categories},
    output_mode="concat",
)
space.adapt(pd.DataFrame(x_train))
_hidden = layers.Dense(16, activation="relu")(space.get_encoded_features())
model = keras.Model(space.get_inputs(), layers.Dense(3, activation="softmax")(_hidden))
model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
model.fit(x_train, y_train, epochs=30, verbose=0)
"""

# Inputs, and numbers that are scaled and words that are looked up, in a list.
PARTS = """\
inputs, prepared = {}, []
for _name in numbers:
    inputs[_name] = keras.Input(shape=(1,), name=_name)
    _scale = layers.Normalization()
    _scale.adapt(x_train[_name].reshape(-1, 1))
    prepared.append(_scale(inputs[_name]))
for _name in categories:
    inputs[_name] = keras.Input(shape=(1,), dtype="string", name=_name)
    _words = layers.StringLookup(output_mode="one_hot")
    _words.adapt(x_train[_name])
    prepared.append(_words(inputs[_name]))
joined = layers.Concatenate()(prepared)
"""

TRAINED = (
    PARTS
    + """\
model = keras.Model(inputs, layers.Dense(3, activation="softmax")(joined))
model.compile(keras.optimizers.Adam(0.05), "sparse_categorical_crossentropy")
model.fit(x_train, y_train, epochs=20, verbose=0)
"""
)

FILE = (
    TRAINED
    + """\
import os, tempfile
file = os.path.join(tempfile.mkdtemp(), "penguins.keras")
"""
)

PREDICT = """\
def predict(row):
    x = {}
    for name in numbers:
        value = row.get(name, -1)
        x[name] = np.array([value if value >= 0 else fill[name]], dtype="float32")
    sex = row["sex"] if row["sex"] in ("MALE", "FEMALE") else "missing"
    x["sex"] = np.array([sex], dtype=object)
    x["island"] = np.array([row["island"]], dtype=object)
    return species[int(np.argmax(model.predict(x, verbose=0)))]
"""

ANSWERS = {
    "q_1": Answers(
        right=[
            "leave_out = ['tag', 'latin_name']",
            "leave_out = {'latin_name', 'tag', 'species'}",
        ],
        wrong={
            "leave_out = 'tag'": "a list of names",
            "leave_out = ['tag']": "One more column",
            "leave_out = ['latin_name']": "numbers the rows",
            "leave_out = ['tag', 'latin_name', 'sex']": "Why not 'sex'",
        },
    ),
    "q_2": Answers(
        right=[
            "tidy = raw.copy()\n"
            "tidy['sex'] = tidy['sex'].where(tidy['sex'].isin(['MALE', 'FEMALE']))\n"
            "tidy['body_mass_g'] = tidy['body_mass_g'].where(tidy['body_mass_g'] > 0)",
            "tidy = raw.replace(['?', 'unknown', -1], np.nan)",
            "tidy = raw.replace({'?': None, 'unknown': None, -1: np.nan})",
        ],
        wrong={
            "tidy = raw.replace('?', np.nan)": "'unknown'",
            "tidy = raw.replace(['?', 'unknown'], np.nan)": "below 0",
            "tidy = raw.replace(['?', 'unknown', -1], np.nan).dropna()": "left out",
            "tidy = raw.replace(['?', 'unknown', -1], 0)": "empty cells",
            "tidy = raw.replace({'sex': ['?', 'unknown', 'MALE'], "
            "'body_mass_g': [-1]}, np.nan)": "empty cells",
            "tidy = raw.replace(['?', 'unknown', -1], np.nan)\n"
            "tidy['bill_depth_mm'] += 1": "were changed",
            "tidy = raw['sex']": "should be a table",
        },
    ),
    "q_3": Answers(
        right=[
            "train = raw.sample(frac=0.6, random_state=1)\n"
            "_rest = raw.drop(train.index)\n"
            "valid = _rest.sample(frac=0.5, random_state=1)\n"
            "test = _rest.drop(valid.index)",
            "_order = np.random.default_rng(0).permutation(len(raw))\n"
            "train, valid, test = (raw.iloc[part] for part in "
            "np.split(_order, [int(0.6 * len(raw)), int(0.8 * len(raw))]))",
        ],
        wrong={
            "train = raw.sort_values('species')[:206]\n"
            "valid = raw.sort_values('species')[206:275]\n"
            "test = raw.sort_values('species')[275:]": "the file is sorted",
            "train = valid = test = raw": "in common",
            "train = raw.sample(frac=0.6, random_state=1)\n"
            "valid = raw.sample(frac=0.2, random_state=2)\n"
            "test = raw.sample(frac=0.2, random_state=3)": "in common",
            "train = raw[::2]\nvalid = raw[1::4]\ntest = raw[3::4]": "not about 60%",
            "train, valid, test = raw[:200], raw[200:260], raw[260:300]": "in none",
            "train, valid, test = 0.6, 0.2, 0.2": "should be rows of `raw`",
        },
    ),
    "q_4": Answers(
        right=[
            "lookup = layers.StringLookup(vocabulary=sorted(set(x_train['island'])), "
            "output_mode='one_hot')",
            "lookup = layers.StringLookup(output_mode='multi_hot')\n"
            "lookup.adapt(x_train['island'].reshape(-1, 1))",
        ],
        wrong={
            "lookup = layers.StringLookup()\nlookup.adapt(x_train['island'])": (
                "whole numbers"
            ),
            "lookup = layers.StringLookup(output_mode='one_hot', "
            "vocabulary=['Dream', 'Biscoe'])": "does not know 'Torgersen'",
            "lookup = layers.StringLookup(output_mode='one_hot', num_oov_indices=0)\n"
            "lookup.adapt(x_train['island'])": "has no place",
            "lookup = layers.StringLookup(output_mode='one_hot')\n"
            "lookup.adapt(np.append(x_train['island'], 'Atlantis'))": "5 numbers",
            "lookup = layers.Dense(4)": "does not look words up",
            "lookup = {'Dream': 0, 'Biscoe': 1, 'Torgersen': 2}": "should be a layer",
        },
    ),
    "q_5": Answers(
        right=[
            MODEL,
            PARTS + "model = keras.Model(inputs, layers.Dense(3, 'softmax')(joined))\n"
            "model.compile(keras.optimizers.Adam(0.05), "
            "keras.losses.SparseCategoricalCrossentropy())\n"
            "model.fit(x_train, y_train, validation_data=(x_valid, y_valid), "
            "epochs=60, verbose=0, "
            "callbacks=[keras.callbacks.EarlyStopping(patience=5)])",
        ],
        wrong={
            MODEL.replace("epochs=30", "epochs=1").replace("0.01", "0.0001"): (
                "the goal is 95%"
            ),
            MODEL.replace('"softmax"', '"linear"').replace("epochs=30", "epochs=1"): (
                "no probabilities"
            ),
            MODEL.replace("Dense(3", "Dense(4").replace("epochs=30", "epochs=1"): (
                "4 numbers"
            ),
            "model = keras.Sequential("
            "[layers.Dense(3, activation='softmax', input_shape=[4])])": (
                "should take the dict"
            ),
            "model = keras.Sequential([layers.Dense(3, activation='softmax')])": (
                "input_shape"
            ),
        },
    ),
    "q_6": Answers(
        before=FILE,
        right=[
            "model.save(file)\nloaded = keras.models.load_model(file)",
            "model.save(str(file))\n"
            "loaded = keras.saving.load_model(str(file), compile=False)",
        ],
        wrong={
            "loaded = model": "no `file` yet",
            "loaded = model.save(file)": "nothing",
            "model.save(file)\nloaded = model": "in memory",
            "model.save(file)\nloaded = keras.models.clone_model(model)": (
                "does not predict"
            ),
        },
    ),
    "q_7": Answers(
        before=TRAINED,
        right=[
            PREDICT,
            PREDICT.replace(
                "species[int(np.argmax(model.predict(x, verbose=0)))]",
                "np.array(species)[np.argmax(np.asarray(model(x))[0])]",
            ),
        ],
        wrong={
            "predict = 'Gentoo'": "a function of one row",
            "predict = lambda row: 'Gentoo'": "the model says Chinstrap",
            "def predict(row):\n"
            "    return model.predict({k: np.array([v]) for k, v in row.items()}, "
            "verbose=0)": "not the name",
            PREDICT.replace("row.get(name, -1)", "row[name]"): "without a body mass",
            PREDICT.replace("return species[", "return [").replace(
                "species[int(", "[int("
            ): "not the name",
            PREDICT.replace("value if value >= 0 else fill[name]", "0"): "it says",
        },
    ),
}
