import marimo

app = marimo.App(width="medium", app_title="3 Stochastic gradient descent: exercise")


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    # Exercise 3: stochastic gradient descent

    *To [lesson 3](?file=lesson_3.py). [The course](?file=index.py)*

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

    from pronghorn.learn.questions.lesson_3 import q_1, q_2, q_3, q_4, q_5, q_6

    return keras, layers, mo, np, q_1, q_2, q_3, q_4, q_5, q_6


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 1 Losses by hand

    A net said `predicted`, and `true` is what the table has. What are the mean absolute
    error `mae` and the mean squared error `mse`?
    """)
    return


@app.cell
def _(np):
    true = np.array([3.0, 5.0, 1.0, 8.0])
    predicted = np.array([2.0, 5.0, 3.0, 3.0])

    mae, mse = ..., ...
    return mae, mse


@app.cell
def _(mae, mse, q_1):
    q_1.check(mae, mse)
    return


@app.cell
def _():
    # q_1.hint()
    # q_1.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 2 One step

    A linear unit has $w = 2$ and $b = 1$. A batch of one row comes, $x = 3$ and $y =
    4$. The loss is the squared error, $(\hat y - y)^2$, and the learning rate is 0.1.
    Which weight `w` and which bias `b` does it have after one step of gradient descent?
    """)
    return


@app.cell
def _():
    w, b = ..., ...
    return b, w


@app.cell
def _(b, q_2, w):
    q_2.check(w, b)
    return


@app.cell
def _():
    # q_2.hint()
    # q_2.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## The table

    From here on, the concretes of the lessons, standardized, in a random order: `x` and
    `y` to train with, `x_valid` and `y_valid` for validation.
    """)
    return


@app.cell
def _(mo):
    from pronghorn.learn.tables import table

    _found = table("concrete", instead="sklearn/diabetes")
    concrete = _found.frame.sample(frac=1, random_state=0)
    target = concrete.columns[-1]
    mo.vstack([mo.md(f"*{_found.note}* To predict: `{target}`."), concrete.head()])
    return concrete, target


@app.cell
def _(concrete, np, target):
    _columns = concrete.drop(columns=target).to_numpy("float32")
    _wanted = concrete[target].to_numpy("float32")
    _cut = len(concrete) * 4 // 5

    _flat = (_columns - _columns[:_cut].mean(axis=0)) / _columns[:_cut].std(axis=0)
    _goal = (_wanted - _wanted[:_cut].mean()) / _wanted[:_cut].std()
    x, x_valid = _flat[:_cut], _flat[_cut:]
    y, y_valid = _goal[:_cut], _goal[_cut:]
    np.shape(x), np.shape(x_valid)
    return x, x_valid, y, y_valid


@app.cell(hide_code=True)
def _(mo, x):
    mo.md(f"""
    ## 3 Steps

    `x` has {len(x)} rows. A net is trained with `epochs=20` and `batch_size=32`. How
    many steps does the optimizer take in all?
    """)
    return


@app.cell
def _():
    steps = ...
    return (steps,)


@app.cell
def _(q_3, steps, x):
    q_3.check(steps, x)
    return


@app.cell
def _():
    # q_3.hint()
    # q_3.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 4 Compile

    Compile this net with stochastic gradient descent at a learning rate of **0.05**
    with a momentum of **0.9**, the **Huber** loss, and the mean absolute error as a
    metric. Write `model.compile(...)` below it.
    """)
    return


@app.cell
def _(keras, layers, x):
    model = keras.Sequential(
        [
            layers.Dense(16, activation="relu", input_shape=[x.shape[1]]),
            layers.Dense(1),
        ]
    )
    # Compile it here.

    ready = model if model.compiled else ...
    return (ready,)


@app.cell
def _(q_4, ready):
    q_4.check(ready)
    return


@app.cell
def _():
    # q_4.hint()
    # q_4.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 5 Which learning rate?

    The cell below trains the same net with four learning rates. Look at the losses, and
    say which rate is too small, which is too large, and which is the best of the four.
    """)
    return


@app.cell
def _(keras, layers, np, x, y):
    def losses(rate):
        keras.utils.set_random_seed(3)
        net = keras.Sequential(
            [
                layers.Dense(16, activation="relu", input_shape=[x.shape[1]]),
                layers.Dense(1),
            ]
        )
        net.compile(optimizer=keras.optimizers.Adam(rate), loss="mse")
        return net.fit(x, y, epochs=30, batch_size=32, verbose=0).history["loss"]

    curves = {rate: losses(rate) for rate in (0.00003, 0.001, 0.01, 2.0)}
    {
        rate: np.round(curve[::5] + curve[-1:], 3).tolist()
        for rate, curve in curves.items()
    }
    return (curves,)


@app.cell
def _():
    too_small, best, too_large = ..., ..., ...
    return best, too_large, too_small


@app.cell
def _(best, curves, q_5, too_large, too_small):
    q_5.check(too_small, best, too_large, curves)
    return


@app.cell
def _():
    # q_5.hint()
    # q_5.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 6 Train

    Train a net of your own, `trained`, on `x` and `y`, in **at most 40 epochs**, with
    `x_valid` and `y_valid` as validation data, and keep what `fit` gives as `history`.
    The goal: a mean absolute error on `x` and `y` of at most **0.65 times** that of the
    best linear unit.
    """)
    return


@app.cell
def _():
    trained, history = ..., ...
    return history, trained


@app.cell
def _(history, q_6, trained, x, y):
    q_6.check(trained, history, x, y)
    return


@app.cell
def _():
    # q_6.hint()
    # q_6.solution()
    return


@app.cell(hide_code=True)
def _(history, mo):
    mo.stop(history is ..., mo.md("*Your learning curve comes here.*"))
    from pronghorn.learn.figures.rates import curves as _curves

    _curves(history.history)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    Done? On to [lesson 4, overfitting and underfitting](?file=lesson_4.py).
    """)
    return


if __name__ == "__main__":
    app.run()
