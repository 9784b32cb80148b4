import marimo

app = marimo.App(width="medium", app_title="8 From a notebook to a product: exercise")


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    # Exercise 8: from a notebook to a product

    *To [lesson 8](?file=lesson_8.py). [The course](?file=index.py)*

    Put an answer in place of each `...` and run the cell (Ctrl+Enter, or ⌘+Enter): the
    cell below looks at it at once. Stuck? Take away the `#` before `hint()` or
    `solution()`. What you have solved is kept.
    """)
    return


@app.cell
def _():
    import marimo as mo
    import numpy as np
    import pandas as pd

    import pronghorn.accel

    pronghorn.accel.install()  # from here on, `tensorflow` is Pronghorn

    from tensorflow import keras
    from tensorflow.keras import layers

    from pronghorn.learn.home import scratch_folder
    from pronghorn.learn.questions.lesson_8 import q_1, q_2, q_3, q_4, q_5, q_6, q_7

    folder = scratch_folder()  # goes when this page ends
    return (
        folder,
        keras,
        layers,
        mo,
        np,
        pd,
        q_1,
        q_2,
        q_3,
        q_4,
        q_5,
        q_6,
        q_7,
    )


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    The *Palmer Penguins*: three species, measured on three islands of Antarctica (K. B.
    Gorman et al., *Ecological Sexual Dimorphism and Environmental Variability within a
    Community of Antarctic Penguins*, 2014). Here they come as tables do in a firm: **we
    added** a column `tag`, a column `latin_name`, and three ways to spell *missing*.
    """)
    return


@app.cell
def _(mo, np):
    from pronghorn.datasets import make_penguins
    from pronghorn.learn.tables import table

    _found = table("penguins", instead=make_penguins)
    raw = _found.frame.copy()
    raw.insert(0, "tag", [f"P{place:04}" for place in range(len(raw))])
    _latin = {
        "Adelie": "Pygoscelis adeliae",
        "Chinstrap": "Pygoscelis antarcticus",
        "Gentoo": "Pygoscelis papua",
    }
    raw["latin_name"] = raw["species"].map(_latin)
    _place = np.arange(len(raw))
    raw["sex"] = np.where(
        raw["sex"].isna(), np.where(_place % 2, "?", "unknown"), raw["sex"]
    )
    raw["body_mass_g"] = raw["body_mass_g"].fillna(-1)
    numbers = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
    categories = ["island", "sex"]
    mo.vstack([mo.md(f"*{_found.note}*"), raw.head()])
    return categories, numbers, raw


@app.cell
def _(raw):
    raw[["island", "sex", "body_mass_g"]].value_counts().tail(6)  # a look at the ends
    raw["sex"].value_counts()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 1 What must stay out

    The target is `species`. Which *other* columns must not be inputs? Name them in a
    list.
    """)
    return


@app.cell
def _():
    leave_out = ...
    return (leave_out,)


@app.cell
def _(leave_out, q_1):
    q_1.check(leave_out)
    return


@app.cell
def _():
    # q_1.hint()
    # q_1.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 2 One spelling of missing

    Make `tidy`, the table `raw` with `NaN` for all that is missing: empty cells are so
    already; look for the words in `sex`, and for a mass that no penguin has.
    """)
    return


@app.cell
def _():
    tidy = ...
    return (tidy,)


@app.cell
def _(q_2, raw, tidy):
    q_2.check(tidy, raw)
    return


@app.cell
def _():
    # q_2.hint()
    # q_2.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 3 Split

    Split `raw` into three frames: about 60% of the rows to train on, 20% to validate,
    20% to test. The file is sorted by species, so mind the order.
    """)
    return


@app.cell
def _():
    train, valid, test = ..., ..., ...
    return test, train, valid


@app.cell
def _(q_3, raw, test, train, valid):
    q_3.check(train, valid, test, raw)
    return


@app.cell
def _():
    # q_3.hint()
    # q_3.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 4 A lookup that meets a new word

    From here on all go on with the same rows, cleaned and split: dicts of columns
    `x_train` and `x_valid`, and the species as numbers 0, 1, 2 in `y_train` and
    `y_valid`.

    Make a layer `lookup` that turns the words of `x_train["island"]` into one-hot rows,
    and has a place for islands that it has not seen.
    """)
    return


@app.cell
def _(categories, np, numbers, pd, raw):
    _frame = raw.sample(frac=1, random_state=0)
    _frame["sex"] = _frame["sex"].replace({"?": "missing", "unknown": "missing"})
    for _name in numbers:
        _frame[_name] = _frame[_name].where(_frame[_name] >= 0)
    _cut = int(0.7 * len(_frame))
    fill = {name: float(_frame[name][:_cut].median()) for name in numbers}
    species = sorted(set(raw["species"]))

    def columns_of(frame):
        """The inputs as a dict of columns."""
        columns = {n: frame[n].fillna(fill[n]).to_numpy("float32") for n in numbers}
        return columns | {n: frame[n].to_numpy(dtype=object) for n in categories}

    x_train, x_valid = columns_of(_frame[:_cut]), columns_of(_frame[_cut:])
    _codes = pd.Categorical(_frame["species"], species).codes.astype(np.int32)
    y_train, y_valid = _codes[:_cut], _codes[_cut:]
    {name: column[:3] for name, column in x_train.items()}
    return fill, species, x_train, x_valid, y_train, y_valid


@app.cell
def _():
    lookup = ...
    return (lookup,)


@app.cell
def _(lookup, q_4, x_train):
    q_4.check(lookup, x_train)
    return


@app.cell
def _():
    # q_4.hint()
    # q_4.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 5 A model of mixed columns

    Make and train `model`: it takes the dict `x_train` as it is (numbers in four
    columns, `numbers`, two of text in `categories`) and gives a probability for each
    of the three species. It should be right for at least 95% of the validation rows.
    """)
    return


@app.cell
def _():
    model = ...
    return (model,)


@app.cell
def _(model, q_5, x_valid, y_valid):
    q_5.check(model, x_valid, y_valid)
    return


@app.cell
def _():
    # q_5.hint()
    # q_5.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 6 Save and load

    Save the model to `file`, and load it from there as `loaded`.
    """)
    return


@app.cell
def _(folder, mo, model):
    mo.stop(model is ..., mo.md("First the model, above."))
    file = folder / "penguins.keras"
    loaded = ...
    return file, loaded


@app.cell
def _(file, loaded, mo, model, q_6, x_valid):
    mo.stop(model is ..., mo.md("First the model, above."))
    q_6.check(loaded, model, file, x_valid)
    return


@app.cell
def _():
    # q_6.hint()
    # q_6.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 7 The product

    Write `predict(row)`: it takes **one raw row**, a dict like the one below, and gives
    the name of the species. A number may be missing or -1 (take `fill`), a sex may be
    missing, `?` or `unknown` (they are the word `missing` in training), an island may
    be new.
    """)
    return


@app.cell
def _():
    row = {
        "island": "Penguin Island",
        "sex": "?",
        "bill_length_mm": 47.2,
        "bill_depth_mm": 15.1,
        "flipper_length_mm": 218,
        "body_mass_g": -1,
    }
    return (row,)


@app.cell
def _(mo, model):
    mo.stop(model is ..., mo.md("First the model, above."))
    predict = ...
    return (predict,)


@app.cell
def _(fill, mo, model, predict, q_7, row, species):
    mo.stop(model is ..., mo.md("First the model, above."))
    q_7.check(predict, model, row, fill, species)
    return


@app.cell
def _():
    # q_7.hint()
    # q_7.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## That was the course

    The same table from the command line, in a terminal:

        pronghorn train penguins.csv --target species
        pronghorn predict penguins.keras new.csv

    [Back to the contents](?file=index.py), and to tables of your own.
    """)
    return


if __name__ == "__main__":
    app.run()
