import marimo

app = marimo.App(width="medium", app_title="8 From a notebook to a product")


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    # 8 From a notebook to a product

    *Lesson 8 of 8. [The course](?file=index.py)*

    Up to here the tables were clean and the nets lived as long as the notebook. A
    **product** meets rows as they come: text, empty cells, words that no one has seen
    before. It has to prepare them as the training rows were prepared, a year later, on
    another machine. This page takes one table all the way: look, describe, split,
    prepare, train, save, load, predict, watch. At the end, the same in four commands.
    """)
    return


@app.cell
def _():
    import json
    import zipfile

    import marimo as mo
    import numpy as np
    import pandas as pd

    import pronghorn.accel

    pronghorn.accel.install()  # from here on, `tensorflow` is Pronghorn

    from tensorflow import keras
    from tensorflow.keras import layers

    return json, keras, layers, mo, np, pd, zipfile


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## Look at the raw table

    Passengers of the Titanic: who survived? Before any net, read the table, and for
    each column ask four things: numbers or words? How many different ones? How many
    missing? And: **will I know this when I have to predict?**
    """)
    return


@app.cell
def _(mo):
    from pronghorn.datasets import make_titanic
    from pronghorn.learn.tables import table

    _found = table("titanic", instead=make_titanic)
    passengers = _found.frame
    mo.vstack([mo.md(f"*{_found.note}*"), passengers.head(4)])
    return (passengers,)


@app.cell
def _(passengers, pd):
    pd.DataFrame(
        {
            "type": passengers.dtypes.astype(str),
            "different": passengers.nunique(),
            "missing": passengers.isna().sum(),
            "for instance": [passengers[name].dropna().iloc[0] for name in passengers],
        }
    )
    return


@app.cell(hide_code=True)
def _(mo, passengers):
    _missing = passengers["Cabin"].isna().mean()
    mo.md(f"""
    - `PassengerId` and `Name` are **identifiers**: each row has its own. A net can
      learn them by heart, and knows nothing about the next one. They are left out.
    - `Ticket` says who travelled together. It is no input, but it counts when we split.
    - `Cabin` is missing in {_missing:.0%} of the rows: left out.
    - `Pclass` is 1, 2 or 3, but is it a number? Is third class three times the first?
      We take it as a **category**.
    - `Survived` is the **target**.

    No column here gives the answer away, but a longer edition of this table has `boat`,
    the lifeboat that someone was saved by. It predicts wonderfully, and is known only
    when all is over. That is **leakage** (Kaufman et al., *Leakage in Data Mining*,
    2012): the best reason to distrust a score that is too good.

    ## Missing has many spellings

    This file leaves cells empty. Others write `?`, `NA`, `NULL`, a space, -1, 999. One
    such word makes a column of numbers a column of text:
    """)
    return


@app.cell
def _(pd):
    from io import StringIO

    _text = "age,port\n22,S\n?,C\n-1, \n35,unknown\n"
    _codes = {"age": ["?", "-1"], "port": [" ", "unknown"]}
    plain = pd.read_csv(StringIO(_text))
    told = pd.read_csv(StringIO(_text), na_values=_codes)
    pd.DataFrame({"as it is": plain.dtypes, "told": told.dtypes}).astype(str)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## Split before you learn anything

    Three parts, for three uses:

    - the **training** rows set the weights, and all that is learnt of columns: means,
      the words that there are, what is put into empty cells;
    - the **validation** rows decide what we choose: when to stop, how many units;
    - the **test** rows are looked at once, at the end. Whoever chooses by them gets a
      score that the next rows will not give.

    Rows that belong together go into one part: families on one ticket often lived or
    died together, so we split tickets, not rows. Where rows come day by day, split by
    time, because the product predicts tomorrow from today.
    """)
    return


@app.cell
def _(mo, np, passengers):
    tickets = np.random.default_rng(1).permutation(passengers["Ticket"].unique())
    _ends = [int(0.6 * len(tickets)), int(0.8 * len(tickets))]
    train, valid, test = (
        passengers[passengers["Ticket"].isin(part)] for part in np.split(tickets, _ends)
    )
    mo.md(
        f"{len(train)} rows to train on, {len(valid)} to validate, {len(test)} to test."
    )
    return test, train, valid


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## A schema

    A **schema** is what a program has to know of a table: which columns it takes, of
    which kind, what stands for missing and what is done about it, and the target. It
    is written down once. One function obeys it, in training and ever after: if training
    and serving each had their own, they would drift apart without an error (Sculley et
    al., *Hidden Technical Debt in Machine Learning Systems*, 2015).

    An empty number becomes the **median of the training rows**. An empty category
    becomes a word of its own, `missing`: that a cell is empty can tell something.
    """)
    return


@app.cell
def _(np, pd, train):
    schema = {
        "target": "Survived",
        "numbers": ["Age", "Fare", "SibSp", "Parch"],  # none of them is below 0
        "categories": ["Sex", "Embarked", "Pclass"],
        "missing": ["", "?", "NA", "NULL", "unknown"],
    }
    schema["fill"] = {name: float(train[name].median()) for name in schema["numbers"]}

    def clean(rows):
        """Raw rows, a frame or a list of dicts, as the columns that the model takes."""
        rows = pd.DataFrame(rows)
        ready = {}
        for name in schema["numbers"]:
            column = pd.to_numeric(
                rows.get(name, pd.Series(index=rows.index)), "coerce"
            )
            column = column.mask(column < 0).fillna(schema["fill"][name])
            ready[name] = column.to_numpy("float32")
        for name in schema["categories"]:
            column = rows.get(name, pd.Series("", index=rows.index))
            ready[name] = np.array([word(value) for value in column], dtype=object)
        return ready

    def word(value):
        """A category as text: 3, 3.0 and ' 3 ' are one."""
        text = f"{value:g}" if isinstance(value, int | float) else str(value).strip()
        return "missing" if pd.isna(value) or text in schema["missing"] else text

    clean([{"Age": "?", "Fare": 7.25, "Sex": " male ", "Pclass": 3.0}])
    return clean, schema


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## Layers that prepare

    The rest of the preparation can live **inside** the model, as layers. Then it is
    saved with it, and no one can forget it.

    - `StringLookup` gives each word a number; index 0 is for words that it has not seen
      (**out of vocabulary**, shown as `[UNK]`).
    - `CategoryEncoding` makes a number a row of zeros with a single 1 (**one-hot**), as
      does `StringLookup(output_mode="one_hot")` in one step.
    - `Normalization` takes away the mean and divides by the standard deviation.
    - `Discretization` cuts a number into ranges, so that each can have its own weight.
    """)
    return


@app.cell
def keras_preparing(keras, layers, np):
    number = layers.StringLookup(vocabulary=["S", "C", "Q"])
    one_hot = layers.CategoryEncoding(num_tokens=4, output_mode="one_hot")
    scale = layers.Normalization(mean=30.0, variance=14.0**2)
    ages = layers.Discretization(bin_boundaries=[12, 18, 65], output_mode="one_hot")

    ports = np.array(["S", "Q", "Belfast"], dtype=object)
    years = np.array([[2.0], [30.0], [71.0]])
    prepared = {
        "numbered": keras.ops.convert_to_numpy(number(ports)),
        "one-hot": keras.ops.convert_to_numpy(one_hot(number(ports))),
        "scaled": keras.ops.convert_to_numpy(scale(years)),
        "in ranges": keras.ops.convert_to_numpy(ages(years)),
    }
    return ports, prepared, years


@app.cell
def _(pd, ports, prepared, years):
    pd.DataFrame(
        {
            "port": ports,
            "StringLookup": prepared["numbered"],
            "CategoryEncoding": [str(row) for row in prepared["one-hot"].astype(int)],
            "age": years[:, 0],
            "Normalization": prepared["scaled"][:, 0].round(2),
            "Discretization": [str(row) for row in prepared["in ranges"].astype(int)],
        }
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    `adapt` learns what a layer has to know, words or mean and deviation, **from the
    training rows alone**. The model below has one `Input` for each column, so it takes
    a dict of columns: text goes in as text.
    """)
    return


@app.cell
def keras_network(keras, layers, np):
    def network(x, numbers, categories):
        inputs, prepared = {}, []
        for name in numbers:
            inputs[name] = keras.Input(shape=(1,), name=name)
            scaled = layers.Normalization(name=f"{name}_scaled")
            scaled.adapt(x[name].reshape(-1, 1))
            prepared.append(scaled(inputs[name]))
        for name in categories:
            inputs[name] = keras.Input(shape=(1,), dtype="string", name=name)
            lookup = layers.StringLookup(output_mode="one_hot", name=f"{name}_lookup")
            lookup.adapt(x[name])
            prepared.append(lookup(inputs[name]))
        joined = layers.Concatenate(name="joined")(prepared)
        hidden = layers.Dense(32, activation="relu", name="hidden")(joined)
        output = layers.Dense(1, activation="sigmoid", name="yes")(hidden)
        model = keras.Model(inputs, output)
        adam = keras.optimizers.Adam(0.005)
        model.compile(adam, "binary_crossentropy", metrics=["accuracy"])
        return model

    ages_of_three = np.array([22.0, 38.0, 26.0])
    sexes = np.array(["male", "female", "female"], dtype=object)
    small = network({"Age": ages_of_three, "Sex": sexes}, ["Age"], ["Sex"])
    return network, small


@app.cell
def _(small):
    small.draw(kind="layers")
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## Train, with callbacks

    A **callback** is called at the end of each epoch. `EarlyStopping` ends the training
    when the validation loss has not been lower for `patience` epochs, and brings the
    best weights back. `ModelCheckpoint` writes the best model so far to a file: if the
    machine stops, the work is not lost. How much patience is right? Too little, and a
    bad epoch ends it; too much costs time, no more, since the best weights come back.
    """)
    return


@app.cell
def _(clean, keras, network, schema, train, valid):
    from pronghorn.learn.home import scratch_folder

    folder = scratch_folder()  # goes when this page ends
    x_train, y_train = clean(train), train["Survived"].to_numpy("float32")
    x_valid, y_valid = clean(valid), valid["Survived"].to_numpy("float32")

    keras.utils.set_random_seed(1)
    model = network(x_train, schema["numbers"], schema["categories"])
    model.fit(
        x_train,
        y_train,
        validation_data=(x_valid, y_valid),
        epochs=100,
        verbose=0,
        callbacks=[
            keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True),
            keras.callbacks.ModelCheckpoint(folder / "best.keras", save_best_only=True),
        ],
    )
    return folder, model, x_train, x_valid, y_train, y_valid


@app.cell
def _(keras, model, x_train, x_valid, y_train, y_valid):
    from pronghorn.learn.figures import mixed

    prepare = keras.Model(model.inputs, model.get_layer("joined").output)
    ready_train = prepare.predict(x_train, verbose=0)
    ready_valid = prepare.predict(x_valid, verbose=0)
    mixed.stopping(ready_train, y_train, ready_valid, y_valid)
    return mixed, ready_train, ready_valid


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## What does it go by?

    Shuffle one column of the validation rows, so that it says nothing any more, and see
    how many more rows are wrong: **permutation importance** (Breiman, *Random Forests*,
    2001). The bar is the mean of 8 shuffles, the line their range. Move the seed: what
    changes with it is chance. Then add a column that gives the answer away, and see how
    leakage looks like.
    """)
    return


@app.cell
def _(mixed, model, ready_train, ready_valid, schema, y_train, y_valid):
    places, _at = {}, 0
    for _name in schema["numbers"] + schema["categories"]:
        _kind = "scaled" if _name in schema["numbers"] else "lookup"
        _width = model.get_layer(f"{_name}_{_kind}").output.shape[-1]
        places[_name] = range(_at, _at + _width)
        _at += _width
    mixed.importance(ready_train, y_train, ready_valid, y_valid, columns=places)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## Test, once

    All is chosen. Now the test rows, beside the **baseline**: the answer that needs no
    net, here "no one survived". The interval is of 95%: with so few rows a score is
    uncertain, and so is the difference between two models.
    """)
    return


@app.cell
def _(clean, mo, model, test):
    x_test, y_test = clean(test), test["Survived"].to_numpy("float32")
    _, score = model.evaluate(x_test, y_test, verbose=0)
    wide = 1.96 * (score * (1 - score) / len(test)) ** 0.5
    mo.md(
        f"Right for **{score:.1%}** ± {wide:.1%} of {len(test)} test rows; the "
        f"baseline is right for {1 - y_test.mean():.1%}."
    )
    return x_test, y_test


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## Save it, load it

    A `.keras` file is a zip: the architecture with the lookups' words, the weights
    and the optimizer's state. It holds no program. What is outside of the model, our
    `schema`, goes beside it, as JSON.
    """)
    return


@app.cell
def _(folder, json, keras, model, np, schema, x_test, zipfile):
    file = folder / "titanic.keras"
    model.save(file)
    file.with_suffix(".json").write_text(json.dumps(schema, indent=1))

    loaded = keras.models.load_model(file)
    _one, _two = (net.predict(x_test, verbose=0) for net in (model, loaded))
    {"file": zipfile.ZipFile(file).namelist(), "same": np.array_equal(_one, _two)}
    return (loaded,)


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## Predict raw rows

    This is the product: a function from rows as they come to an answer. A port that no
    training row had, a missing age, a column that is not there: none of them stops it.
    """)
    return


@app.cell
def _(clean, loaded, pd):
    def survival(rows):
        """The probability of survival for each raw row."""
        return loaded.predict(clean(rows), verbose=0)[:, 0]

    raw = [
        {"Sex": "female", "Age": 29, "Pclass": 1, "Fare": 80, "Embarked": "S"},
        {"Sex": "male", "Age": "?", "Pclass": "3", "Fare": 8, "Embarked": "Belfast"},
        {"Sex": "male", "Age": 4, "Pclass": 2, "Fare": 20, "SibSp": 1, "Parch": 1},
        {},
    ]
    pd.DataFrame(raw).assign(survival=survival(raw).round(3))
    return (survival,)


@app.cell
def _(loaded, mixed, schema):
    mixed.row(
        loaded,
        stages={name: f"{name}_lookup" for name in schema["categories"]}
        | {name: f"{name}_scaled" for name in schema["numbers"]},
        categories={
            "Sex": ["female", "male", mixed.MISSING],
            "Embarked": ["S", "C", "Q", "Belfast", mixed.MISSING],
            "Pclass": ["1", "2", "3"],
        },
        numbers={"Age": (0, 80, 30), "Fare": (0, 300, 30)}
        | {"SibSp": (0, 8, 0), "Parch": (0, 6, 0)},
        fill={"Age": schema["fill"]["Age"]},
        hidden="hidden",
        outcome="survived",
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    The cells beside a look-up are the one-hot numbers: the first is for words never
    seen. Choose *Belfast*, then *(missing)*, and see which cell is lit.

    An answer always comes, but mind what it is worth. No training row lit the first
    cell, so **its weights are still those that were drawn at the start**. So it is
    for a missing sex: no training row lacked it, and the answer for the empty row above
    is chance. So a schema also says which columns *may* be missing, and a product
    refuses other rows. And for words yet to come, let rare words share the first cell
    in training: `StringLookup(max_tokens=...)` keeps the frequent ones only.

    (`keras.utils.FeatureSpace` builds such inputs and layers from a description of the
    columns, such as `{"Age": "float_normalized", "Sex": "string_categorical"}`.)

    ## The same, in four commands

    `pronghorn train` does all of this page from the file: it finds kinds of columns,
    spellings of missing and identifiers, splits, prepares, trains, stops, measures, and
    keeps the schema **inside** the `.keras` file.

        pronghorn train titanic.csv --target Survived
        pronghorn show titanic.keras
        pronghorn predict titanic.keras new.csv --out answers.csv
        pronghorn evaluate titanic.keras labelled.csv

    Read what it says: it tells which columns it leaves out, and why. What it can't know
    is what you know: that a column gives the answer away (`--drop boat`), or that -1
    stands for missing (`--missing Age=-1`).
    """)
    return


@app.cell
def _(folder, mo, passengers):
    from pronghorn.learn.terminal import terminal

    passengers.to_csv(folder / "titanic.csv", index=False)
    passengers.head(3).to_csv(folder / "new.csv", index=False)
    _said = terminal(
        "pronghorn train titanic.csv --target Survived --hidden 32 --epochs 20",
        "pronghorn predict titanic.keras new.csv",
        folder=folder,
    )
    mo.plain_text(_said)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## The same again: seeds

    First weights, the order of rows and dropout are drawn by chance. A **seed** fixes
    them, and the same seed gives the same numbers, to the last bit. Without it, no one
    can tell whether a change helped or the dice did. Write it down with the versions,
    the data and the split.
    """)
    return


@app.cell
def _(keras, network, np, schema, x_train, y_train):
    def trained(seed):
        keras.utils.set_random_seed(seed)
        net = network(x_train, schema["numbers"], schema["categories"])
        net.fit(x_train, y_train, epochs=3, verbose=0)
        return np.concatenate([np.ravel(part) for part in net.get_weights()])

    once, again, other = trained(7), trained(7), trained(8)
    {"same": np.abs(once - again).max(), "another": np.abs(once - other).max()}
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## What to watch: drift

    The world moves on, the weights do not (Gama et al., *A Survey on Concept Drift
    Adaptation*, 2014). True answers come late or never, but the inputs are there at
    once. Compare them with the training rows: how many cells are empty? How many words
    are unseen? And how far has a number moved? The **population stability index** cuts
    the training rows into ten parts and compares the shares $p$ with those of the new
    rows, $q$:

    $$\mathrm{PSI} = \sum_i (q_i - p_i) \ln \frac{q_i}{p_i}$$

    A rule of thumb: above 0.25 look closer (Siddiqi, *Credit Risk Scorecards*, 2006).
    Below, the test rows as they are, and *changed by us*: fares of 1.6 times, half the
    ages lost, a third of the passengers from Belfast.
    """)
    return


@app.cell
def _(clean, np, pd, survival, test, train):
    from pronghorn.learn.drift import drift

    odd = np.arange(len(test))
    changed = test.assign(
        Fare=test["Fare"] * 1.6,
        Age=test["Age"].where(odd % 2 == 0),
        Embarked=np.where(odd % 3 == 0, "Belfast", test["Embarked"]),
    )
    watched = {
        name: drift(clean(train), clean(rows))
        | {"Age: empty": rows["Age"].isna().mean()}
        | {"mean prediction": survival(rows).mean()}
        for name, rows in {"test rows": test, "changed": changed}.items()
    }
    pd.DataFrame(watched).round(3)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## What to take along

    - Look first: identifiers, leaks, spellings of missing. Ask of each column whether
      it is known when it is needed.
    - Split before anything is learnt, by group or by time where rows belong together.
    - One schema and one function for training and serving; the rest of the preparation
      inside the model, saved with it.
    - `EarlyStopping` and `ModelCheckpoint`; the test rows once; a baseline; a seed.
    - A product takes raw rows, and someone watches what comes in.

    **Next:** [the exercise](?file=exercise_8.py), the last of the course. Then
    [a table of your own](?file=lesson_1.py), with `pronghorn train`.
    """)
    return


if __name__ == "__main__":
    app.run()
