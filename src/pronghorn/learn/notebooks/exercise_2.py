import marimo

app = marimo.App(width="medium", app_title="2 Deep networks: exercise")


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    # Exercise 2: deep networks

    *To [lesson 2](?file=lesson_2.py). [The course](?file=index.py)*

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

    from pronghorn.learn.questions.lesson_2 import q_1, q_2, q_3, q_4, q_5, q_6

    return keras, layers, mo, np, q_1, q_2, q_3, q_4, q_5, q_6


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    The *Bike Sharing* table: each hour of two years in Washington, D.C., the weather in
    it, and how many bikes were lent, `cnt` (H. Fanaee-T and J. Gama, *Event labeling
    combining ensemble detectors and background knowledge*, 2014).
    """)
    return


@app.cell
def _(mo):
    from pronghorn.learn.tables import table

    _inputs = "yr mnth hr weekday workingday weathersit temp hum windspeed".split()
    _found = table("bike", instead="sklearn/diabetes")
    rides = _found.frame[[*_inputs, "cnt"]] if _found.wanted else _found.frame
    target = rides.columns[-1]
    mo.vstack([mo.md(f"*{_found.note}* To predict: `{target}`."), rides.head()])
    return rides, target


@app.cell
def _(np, rides, target):
    _columns = rides.drop(columns=target).to_numpy("float32")
    _wanted = rides[target].to_numpy("float32")
    x = (_columns - _columns.mean(axis=0)) / _columns.std(axis=0)  # standardized
    y = (_wanted - _wanted.mean()) / _wanted.std()
    np.shape(x), np.shape(y)
    return x, y


@app.cell(hide_code=True)
def _(mo, x):
    mo.md(f"""
    ## 1 A deep network

    Make a net for the {x.shape[1]} inputs in `x`: a hidden layer of **32** ReLU units,
    one of **16**, and a linear output.
    """)
    return


@app.cell
def _():
    model = ...
    return (model,)


@app.cell
def _(model, q_1, x):
    q_1.check(model, x)
    return


@app.cell
def _():
    # q_1.hint()
    # q_1.solution()
    return


@app.cell(hide_code=True)
def _(mo, x):
    mo.md(f"""
    ## 2 Count the weights

    How many weights and biases does that net have, with its {x.shape[1]} inputs? Work
    it out by the formula; `x.shape[1]` is the number of inputs.
    """)
    return


@app.cell
def _():
    count = ...
    return (count,)


@app.cell
def _(count, q_2, x):
    q_2.check(count, x)
    return


@app.cell
def _():
    # q_2.hint()
    # q_2.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 3 A layer by hand

    A hidden layer of three ReLU units gets the row below. What does it give to the next
    layer? The columns of `kernel` belong to the units.
    """)
    return


@app.cell
def _(np):
    row = np.array([1.0, -2.0])
    kernel = np.array([[3.0, 1.0, 0.5], [1.0, 2.0, -1.0]])
    bias = np.array([1.0, 0.5, -1.0])

    given = ...
    return (given,)


@app.cell
def _(given, q_3):
    q_3.check(given)
    return


@app.cell
def _():
    # q_3.hint()
    # q_3.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 4 A stack of lines is a line

    The two layers below have no activations: a hidden layer of two units over two
    inputs, with `W1` and `b1`, and an output with `W2` and `b2`. One linear unit
    computes the same. Which weights `w`, one for each input, and which bias `b` has it?
    """)
    return


@app.cell
def _(np):
    W1, b1 = np.array([[1.0, 2.0], [0.0, -1.0]]), np.array([1.0, -1.0])
    W2, b2 = np.array([[3.0], [1.0]]), np.array([0.5])

    w, b = ..., ...
    return b, w


@app.cell
def _(b, q_4, w):
    q_4.check(w, b)
    return


@app.cell
def _():
    # q_4.hint()
    # q_4.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 5 Activations as layers

    Write the net of question 1 once more, with the activations as **layers of their
    own**: the dense layers themselves have none. (Some layers, such as those of lesson
    5, belong between the sum and its activation. Then this is the way to write it.)
    """)
    return


@app.cell
def _():
    apart = ...
    return (apart,)


@app.cell
def _(apart, q_5, x):
    q_5.check(apart, x)
    return


@app.cell
def _():
    # q_5.hint()
    # q_5.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 6 Less than the line's error

    A line over the hours of a day cannot rise twice, for the way to work and the way
    home. A deep net can. Train one on `x` and `y`, both standardized already, until its
    mean absolute error on these rows is at most **0.7 times** that of the best linear
    unit. Its name is `trained`. (Whether it holds for other rows is lesson 4.)
    """)
    return


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
    Done? On to [lesson 3, stochastic gradient descent](?file=lesson_3.py).
    """)
    return


if __name__ == "__main__":
    app.run()
