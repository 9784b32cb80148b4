import marimo

app = marimo.App(width="medium", app_title="7 Many classes: exercise")


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    # Exercise 7: many classes

    *To [lesson 7](?file=lesson_7.py). [The course](?file=index.py)*

    Put an answer in place of each `...` and run the cell (Ctrl+Enter, or ⌘+Enter): the
    cell below looks at it at once. Stuck? Take away the `#` before `hint()` or
    `solution()`. What you have solved is kept.
    """)
    return


@app.cell
def _():
    import marimo as mo
    import numpy as np

    import pronghorn.accel

    pronghorn.accel.install()  # from here on, `tensorflow` is Pronghorn

    from tensorflow import keras
    from tensorflow.keras import layers

    from pronghorn.learn.questions.lesson_7 import q_1, q_2, q_3, q_4, q_5, q_6

    return keras, layers, mo, np, q_1, q_2, q_3, q_4, q_5, q_6


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    *Palmer Penguins*: bills, flippers and weights of penguins of three species on
    islands of Antarctica (K. Gorman and others, 2014; A. Horst and others,
    *palmerpenguins*, 2020). Rows with holes are left out.
    """)
    return


@app.cell
def _(mo, np):
    from pronghorn.learn.tables import table

    found = table("penguins", instead="sklearn/wine")
    target = "species" if found.wanted else "target"
    rows = found.frame.dropna().sample(frac=1, random_state=0)
    _x = rows.drop(columns=target).select_dtypes("number").to_numpy("float32")
    kinds = [str(kind) for kind in sorted(rows[target].unique())]
    words = np.array([str(kind) for kind in rows[target]])

    _seen = len(_x) * 7 // 10
    _x = (_x - _x[:_seen].mean(axis=0)) / _x[:_seen].std(axis=0)
    x_train, x_valid = _x[:_seen], _x[_seen:]
    words_train, words_valid = words[:_seen], words[_seen:]
    mo.vstack([mo.md(f"*{found.note}* Classes: {', '.join(kinds)}."), rows.head()])
    return kinds, words_train, words_valid, x_train, x_valid


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 1 Softmax by hand

    Three units say the logits below. What are the three probabilities? (Without
    `softmax` of a library, if you like: `np.exp` and a sum are enough.)
    """)
    return


@app.cell
def _(np):
    logits = np.array([2.0, 1.0, -1.0])

    probabilities = ...
    return (probabilities,)


@app.cell
def _(probabilities, q_1):
    q_1.check(probabilities)
    return


@app.cell
def _():
    # q_1.hint()
    # q_1.solution()
    return


@app.cell(hide_code=True)
def _(kinds, mo):
    mo.md(f"""
    ## 2 Words into numbers

    `words_train` has the classes as words. A loss needs numbers. Make `y_train` and
    `y_valid` of `words_train` and `words_valid`: the **sparse** labels, for each row
    the place of its word in `kinds = {kinds}`, beginning with 0.
    """)
    return


@app.cell
def _():
    y_train = ...
    y_valid = ...
    return y_train, y_valid


@app.cell
def _(kinds, q_2, words_train, words_valid, y_train, y_valid):
    q_2.check(y_train, y_valid, words_train, words_valid, kinds)
    return


@app.cell
def _():
    # q_2.hint()
    # q_2.solution()
    return


@app.cell(hide_code=True)
def _(mo, x_train):
    mo.md(f"""
    ## 3 A net for three classes

    Make a net for rows of {x_train.shape[1]} numbers that gives a probability for each
    of the three classes. Let it have a hidden layer, of a size of your choice. Compile
    it with the loss that suits the labels of question 2, and with an accuracy as
    metric.
    """)
    return


@app.cell
def _():
    model = ...
    return (model,)


@app.cell
def _(model, q_3, x_train):
    q_3.check(model, x_train)
    return


@app.cell
def _():
    # q_3.hint()
    # q_3.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 4 Train it

    Train a net, the one above or another, until it names the right class for at least
    95 of 100 rows held out. Call it `trained`. (The training needs `y_train`, so answer
    question 2 first.)
    """)
    return


@app.cell
def _():
    trained = ...
    return (trained,)


@app.cell
def _(kinds, q_4, trained, words_valid, x_valid):
    q_4.check(trained, x_valid, words_valid, kinds)
    return


@app.cell
def _():
    # q_4.hint()
    # q_4.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 5 One-hot, and smoothed

    Four rows of classes 2, 0, 1 and 2, of three classes. Write them as **one-hot**
    labels, and smooth these by 0.3: each 1 loses 0.3, and each of the three classes
    gets a third of that.
    """)
    return


@app.cell
def _(np):
    labels = np.array([2, 0, 1, 2])

    one_hot = ...
    smoothed = ...
    return one_hot, smoothed


@app.cell
def _(one_hot, q_5, smoothed):
    q_5.check(one_hot, smoothed)
    return


@app.cell
def _():
    # q_5.hint()
    # q_5.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 6 The worst row

    What a net says of five rows, and what they are. Which row has the greatest
    cross-entropy? Answer with its number, from 0; compute it, as one does for ten
    thousand rows.
    """)
    return


@app.cell
def _(np):
    said = np.array(
        [
            [0.70, 0.20, 0.10],
            [0.05, 0.15, 0.80],
            [0.34, 0.33, 0.33],
            [0.25, 0.65, 0.10],
            [0.02, 0.96, 0.02],
        ]
    )
    truth = np.array([0, 1, 2, 2, 1])

    worst = ...
    return (worst,)


@app.cell
def _(q_6, worst):
    q_6.check(worst)
    return


@app.cell
def _():
    # q_6.hint()
    # q_6.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    Done? On to [lesson 8, from a notebook to a product](?file=lesson_8.py).
    """)
    return


if __name__ == "__main__":
    app.run()
