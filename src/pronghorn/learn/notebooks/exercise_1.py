import marimo

app = marimo.App(width="medium", app_title="1 A single neuron: exercise")


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    # Exercise 1: a single neuron

    *To [lesson 1](?file=lesson_1.py). [The course](?file=index.py)*

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

    from pronghorn.learn.questions.lesson_1 import q_1, q_2, q_3, q_4, q_5, q_6

    return keras, layers, mo, np, q_1, q_2, q_3, q_4, q_5, q_6


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    The *Red Wine Quality* table: about 1,600 Portuguese red wines, eleven measurements
    of each (P. Cortez et al., *Modeling wine preferences by data mining from
    physicochemical properties*, 2009), and the `quality` that tasters gave it.
    """)
    return


@app.cell
def _(mo):
    from pronghorn.learn.tables import table

    _found = table("red-wine", instead="sklearn/diabetes")
    wine = _found.frame
    target = "quality" if _found.wanted else wine.columns[-1]
    mo.vstack(
        [mo.md(f"*{_found.note}* The column to predict: `{target}`."), wine.head()]
    )
    return target, wine


@app.cell(hide_code=True)
def _(mo, target, wine):
    mo.md(f"""
    ## 1 The input shape

    `wine.shape` is `{wine.shape}`: rows and columns. We predict `{target}` from all
    other columns. What is the `input_shape` of the first layer?
    """)
    return


@app.cell
def _():
    input_shape = ...
    return (input_shape,)


@app.cell
def _(input_shape, q_1, wine):
    q_1.check(input_shape, wine)
    return


@app.cell
def _():
    # q_1.hint()
    # q_1.solution()
    return


@app.cell(hide_code=True)
def _(mo, target):
    mo.md(f"""
    ## 2 A linear model

    Make a linear model of this table: one unit that takes all inputs and gives one
    number, `{target}`. (The table has 11 inputs, or as many as your answer above says.)
    """)
    return


@app.cell
def _():
    model = ...
    return (model,)


@app.cell
def _(model, q_2, wine):
    q_2.check(model, wine)
    return


@app.cell
def _():
    # q_2.hint()
    # q_2.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 3 Look at the weights

    A model keeps what it learns in its `weights`. Get the weights and the bias of yours
    as `w` and `b`: Keras has them together, in this order, in a list.
    """)
    return


@app.cell
def _():
    w, b = ..., ...
    return b, w


@app.cell
def _(b, model, q_3, w):
    q_3.check(w, b, model)
    return


@app.cell
def _():
    # q_3.hint()
    # q_3.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 4 Compute like a unit

    A unit with the weights below gets the row below. What comes out? Use the arrays; a
    number that you reckoned by hand is as good.
    """)
    return


@app.cell
def _(np):
    row = np.array([4.0, 1.0, 2.0])
    weights = np.array([2.0, -3.0, 0.5])
    bias = 10.0

    output = ...
    return (output,)


@app.cell
def _(output, q_4):
    q_4.check(output)
    return


@app.cell
def _():
    # q_4.hint()
    # q_4.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 5 Images

    Make a model for images of 32 by 32 dots with three channels (red, green, blue),
    which gives **ten** numbers for each image, by ten linear units.
    """)
    return


@app.cell
def _():
    image_model = ...
    return (image_model,)


@app.cell
def _(image_model, q_5):
    q_5.check(image_model)
    return


@app.cell
def _():
    # q_5.hint()
    # q_5.solution()
    return


@app.cell(hide_code=True)
def _(mo, target):
    mo.md(f"""
    ## 6 Train it

    Now train a linear model of `{target}` on all rows, `x` and `y` below, to within
    1.08 times the mean absolute error of the best line there is. Raw columns and the
    default learning rate will not get there in a reasonable time: remember what
    standardizing does. Call the trained model `trained`; it takes the **raw** `x`.
    """)
    return


@app.cell
def _(target, wine):
    x = wine.drop(columns=target)
    y = wine[target]
    return x, y


@app.cell
def _():
    trained = ...
    return (trained,)


@app.cell
def _(q_6, trained, x, y):
    q_6.check(trained, x, y)
    return


@app.cell
def _():
    # q_6.hint()
    # q_6.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    Done? On to [lesson 2, deep networks](?file=lesson_2.py).
    """)
    return


if __name__ == "__main__":
    app.run()
