import marimo

app = marimo.App(
    width="medium", app_title="5 Dropout and batch normalization: exercise"
)


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    # Exercise 5: dropout and batch normalization

    *To [lesson 5](?file=lesson_5.py). [The course](?file=index.py)*

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

    from pronghorn.learn.questions.lesson_5 import q_1, q_2, q_3, q_4, q_5, q_6

    return keras, layers, mo, np, q_1, q_2, q_3, q_4, q_5, q_6


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    The *Concrete* table: about 1,000 mixtures, what is in each and its age, and the
    strength that was measured (I.-C. Yeh, *Modeling of strength of high-performance
    concrete using artificial neural networks*, 1998). The columns stay **raw** here.
    """)
    return


@app.cell
def _(mo, np):
    from pronghorn.learn.tables import table

    _found = table("concrete", instead="sklearn/diabetes")
    concrete = _found.frame.drop_duplicates()
    if not _found.wanted:  # its columns as they were measured, too
        from sklearn.datasets import load_diabetes

        concrete = load_diabetes(as_frame=True, scaled=False).frame
    target = "compressive_strength" if _found.wanted else "target"
    x = concrete.drop(columns=target).to_numpy("float32")
    y = concrete[target].to_numpy("float32")
    y = y if _found.wanted else y / 10  # about as large as the strengths
    _train, _valid = np.split(
        np.random.default_rng(0).permutation(len(x)), [int(0.7 * len(x))]
    )
    x_train, y_train = x[_train], y[_train]
    x_valid, y_valid = x[_valid], y[_valid]
    mo.vstack(
        [mo.md(f"*{_found.note}* To predict: `{target}`."), concrete.head().round(1)]
    )
    return x, x_train, x_valid, y_train, y_valid


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 1 Dropout by hand

    In a training step a dropout layer got `values`, and drew `mask` (1 stays, 0 is
    dropped). What does it pass on?
    """)
    return


@app.cell
def _(np):
    values = np.array([0.5, 2.0, -1.0, 3.0, 0.0, 1.5])
    mask = np.array([1, 0, 1, 1, 1, 0])
    rate = 0.25

    dropped = ...
    return dropped, mask, rate, values


@app.cell
def _(dropped, mask, q_1, rate, values):
    q_1.check(dropped, values, mask, rate)
    return


@app.cell
def _():
    # q_1.hint()
    # q_1.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 2 In training, and predicting

    A hidden layer has 200 units, and `Dropout(0.25)` after it. How many of them are on
    in a training step, on average? How many when the model predicts?
    """)
    return


@app.cell
def _():
    on_in_training = ...
    on_predicting = ...
    return on_in_training, on_predicting


@app.cell
def _(on_in_training, on_predicting, q_2):
    q_2.check(on_in_training, on_predicting)
    return


@app.cell
def _():
    # q_2.hint()
    # q_2.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 3 A network with dropout

    Make a network for the table: hidden layers of 128 and 64 units with `relu`, dropout
    with a rate of 0.3 after each of them, and one linear unit. (No need to compile it.)
    """)
    return


@app.cell
def _():
    with_dropout = ...
    return (with_dropout,)


@app.cell
def _(q_3, with_dropout, x):
    q_3.check(with_dropout, x)
    return


@app.cell
def _():
    # q_3.hint()
    # q_3.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 4 Batch normalization by hand

    A batch of five rows and two columns comes into a new `BatchNormalization` layer, in
    training: $\gamma = 1$, $\beta = 0$, $\varepsilon = 0.001$. What comes out?
    """)
    return


@app.cell
def _(np):
    batch = np.array(
        [[1.0, 300.0], [2.0, 100.0], [4.0, 200.0], [5.0, 500.0], [8.0, 400.0]]
    )

    normalized = ...
    return batch, normalized


@app.cell
def _(batch, normalized, q_4):
    q_4.check(normalized, batch)
    return


@app.cell
def _():
    # q_4.hint()
    # q_4.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 5 A network with batch normalization

    Make a network for the **raw** columns: batch normalization first of all, then two
    hidden layers of 64 units with `relu`, each with a batch normalization of its own
    (before or after the activation), then one linear unit. Compile it with `sgd` and
    the mean absolute error.
    """)
    return


@app.cell
def _():
    with_norm = ...
    return (with_norm,)


@app.cell
def _(q_5, with_norm, x):
    q_5.check(with_norm, x)
    return


@app.cell
def _():
    # q_5.hint()
    # q_5.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 6 Trained on raw columns

    Train a network with batch normalization on the raw `x_train` and `y_train`, so that
    on `x_valid` its mean absolute error is 15 % below that of always saying the median.
    (Take the layers of batch normalization away to see what plain gradient descent does
    without them.)
    """)
    return


@app.cell
def _():
    trained = ...
    return (trained,)


@app.cell
def _(q_6, trained, x_valid, y_valid):
    q_6.check(trained, x_valid, y_valid)
    return


@app.cell
def _():
    # q_6.hint()
    # q_6.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    Done? On to [lesson 6, binary classification](?file=lesson_6.py).
    """)
    return


if __name__ == "__main__":
    app.run()
