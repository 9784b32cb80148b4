import marimo

app = marimo.App(width="medium", app_title="3 Stochastic gradient descent")


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    # 3 Stochastic gradient descent

    *Lesson 3 of 8. [The course](?file=index.py)*

    A net begins with random weights and knows nothing. *Training* changes the weights,
    step by step, until the net says what the table says. Two things are needed: a
    **loss**, which tells how far off the net is, and an **optimizer**, which tells how
    to change the weights so that the loss gets smaller. This lesson looks at both, and
    at the way that training takes over a real table's loss.
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

    return keras, layers, mo, np, pd


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## The loss function

    The loss compares what the net says, $\hat y$, with what is true, $y$, and gives one
    number: 0 for a perfect net, more for a worse one. It is what the net is *told to
    care about*. For tables whose target is a number there are three usual ones, each a
    mean over the rows of

    | loss | of one row with the error $e = \hat y - y$ | in Keras |
    |:---|:---|:---|
    | mean absolute error | $\lvert e \rvert$ | `"mae"` |
    | mean squared error | $e^2$ | `"mse"` |
    | Huber | $e^2 / 2$; from $\lvert e \rvert = \delta$ on straight | `"huber"` |

    Squares make large errors count much more: off by 10 costs a hundred times what off
    by 1 costs. So one row that is far out can pull the whole line. The absolute error
    takes each unit of error alike. Huber's is the square near 0, smooth there, and
    straight further out (P. J. Huber, *Robust Estimation of a Location Parameter*,
    1964).

    The table is of cars sold in the United States in 2010: engine displacement in
    litres, and how many miles a gallon of fuel lasts. Here are 25 of them. Drag one far
    away, and see which line follows it.
    """)
    return


@app.cell
def _(mo):
    from pronghorn.learn.tables import table

    _found = table("fuel", instead="sklearn/diabetes")
    cars = _found.frame.sample(frac=1, random_state=0)  # in a random order
    engine, economy = ("EngDispl", "FE") if _found.wanted else ("bmi", "target")
    words = (
        ("engine displacement (l)", "miles per gallon")
        if _found.wanted
        else (engine, economy)
    )
    mo.vstack([mo.md(f"*{_found.note}*"), cars.head()])
    return cars, economy, engine, words


@app.cell
def _(cars, economy, engine, words):
    from pronghorn.learn.figures import robust

    robust.lines(cars[engine][:25], cars[economy][:25], labels=words)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## Gradient descent

    Take a unit with one weight $w$ and a bias $b$. For each pair of them the table
    gives a loss. So the loss is a **surface** over the plane of $w$ and $b$, and
    training wants to get to its lowest place. Nets with a million weights have a
    surface in a million dimensions, but what follows is the same there.

    The **gradient** of the loss is the direction in which it rises most steeply: one
    slope for each weight. **Gradient descent** takes a step the other way:

    $$w \leftarrow w - \eta\, \frac{\partial L}{\partial w} \qquad\qquad
    b \leftarrow b - \eta\, \frac{\partial L}{\partial b}$$

    $\eta$ is the **learning rate**: how far to go for how steep a slope. One step by
    hand, with one row, $x = 3$ and $y = 4$, the squared error, $w = 1$, $b = 0$ and
    $\eta = 0.05$:

    - the unit says $\hat y = 1 \times 3 + 0 = 3$, so the error is $e = 3 - 4 = -1$;
    - the loss is $e^2 = 1$, and its slopes are $2 e x = -6$ for $w$ and $2 e = -2$ for
      $b$;
    - the step: $w = 1 + 0.05 \times 6 = 1.3$ and $b = 0 + 0.05 \times 2 = 0.1$.

    Now the unit says $1.3 \times 3 + 0.1 = 4$. Keras takes the same step:
    """)
    return


@app.cell
def keras_step(keras, layers):
    unit = keras.Sequential([layers.Dense(1, input_shape=[1])])
    unit.compile(optimizer=keras.optimizers.SGD(learning_rate=0.05), loss="mse")
    return (unit,)


@app.cell
def _(np, unit):
    unit.set_weights([np.array([[1.0]]), np.array([0.0])])
    unit.train_on_batch(np.array([[3.0]]), np.array([4.0]))
    unit.get_weights()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## Stochastic: batches and epochs

    The gradient over all rows is exact and dear: every row for one step. A few rows
    drawn at random, a **batch** (or *minibatch*), give nearly the same direction for a
    part of the price, with some noise. That is **stochastic gradient descent**, SGD
    (Robbins and Monro, *A Stochastic Approximation Method*, 1951; Bottou, Curtis and
    Nocedal, *Optimization Methods for Large-Scale Machine Learning*, 2018). One round
    through all rows, batch by batch, is an **epoch**; then the rows are shuffled. So

    $$\text{steps} = \text{epochs} \times \left\lceil \frac{\text{rows}}{\text{batch
    size}} \right\rceil$$

    Below is the loss of a linear unit over the cars, by $w$ and $b$. Along a contour
    the loss is the same; each lies 1.6 times as high above the lowest place as the one
    inside it, so the bowl is steeper than it looks. The path is real: each corner is a
    step of `fit`. Move the start with the mouse or the arrow keys.
    """)
    return


@app.cell
def _(cars, economy, engine):
    from pronghorn.learn.figures import descent

    descent.surface(
        cars[engine], cars[economy], labels=("displacement", "miles per gallon")
    )
    return (descent,)


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    Things to try:

    - **Learning rate.** At 0.001 the path is still on its way after 100 steps. At 0.1
      it is there. At 1 it jumps from one wall of the bowl to the other, and beyond 1
      each jump lands higher than the one before: the loss *runs away*.
    - **Batch size.** With 1 row a step the path staggers, and never comes to rest, for
      each row pulls its own way. With 1,024 it is smooth, but each step costs 1,024
      times as much. Between 32 and a few hundred is usual.
    - **Momentum.** Each step keeps a part, $\mu$, of the step before: $v \leftarrow \mu
      v - \eta\, \partial L / \partial w$, then $w \leftarrow w + v$ (B. T. Polyak 1964;
      Sutskever et al., *On the importance of initialization and momentum in deep
      learning*, 2013). Noise evens out, and long slopes are taken faster. Too much of
      it, and the path shoots past the goal and comes back in a spiral.
    - **Standardized off.** Now the valley is long and narrow: $w$ and $b$ depend on
      each other, since all displacements are well above 0. At 0.1 SGD runs away; at
      0.05 it falls to the floor and crawls along it. Momentum helps, and so does Adam
      with a large rate. *Standardizing* helps most: that is why we do it.

    ## Why standardize, in numbers

    For the squared error of a linear unit the surface is a bowl, and its steepness is
    in the matrix of second derivatives, the Hessian. Steps above 2 divided by its
    largest eigenvalue run away; the number of steps that is needed grows with the
    largest eigenvalue divided by the smallest, the **condition number** (LeCun et al.,
    *Efficient BackProp*, 1998, section 5).
    """)
    return


@app.cell
def _(cars, engine, np, pd):
    def bowl(x):
        inputs = np.column_stack([x, np.ones(len(x))])
        hessian = 2 * inputs.T @ inputs / len(x)
        smallest, largest = np.linalg.eigvalsh(hessian)
        return {"largest rate": 2 / largest, "condition number": largest / smallest}

    _raw = cars[engine]
    _flat = (_raw - _raw.mean()) / _raw.std()
    bowls = pd.DataFrame([bowl(_raw), bowl(_flat)], index=["raw", "standardized"])
    bowls.round(3)
    return (bowls,)


@app.cell(hide_code=True)
def _(bowls, mo):
    _raw, _flat = bowls["condition number"]
    mo.md(f"""
    Raw, the bowl is {_raw:.0f} times as steep one way as the other; standardized, it is
    round ({_flat:.2f}).

    ## Adam

    SGD has one learning rate for all weights. **Adam** gives each weight its own steps:
    it divides a running mean of a weight's gradients by the root of a running mean of
    their squares, so a step is about as large as the learning rate, whatever the size
    of the gradients (Kingma and Ba, *Adam: A Method for Stochastic Optimization*,
    2015). It is a good first choice: nearly any net trains with Adam and a rate between
    0.001 and 0.01. Its kin `rmsprop` and `adagrad` are in the figure above, too.

    ## Training a deep net

    For a net with hidden layers all of it holds, but the surface is no bowl, and no one
    can draw it. What one can draw is the **learning curve**: the loss by epochs, on the
    rows that are trained with and on *validation* rows that are not.

    The concrete of lesson 2 again.
    """)
    return


@app.cell
def _(mo):
    from pronghorn.learn.tables import table as _table

    _found = _table("concrete", instead="sklearn/diabetes")
    concrete = _found.frame.sample(frac=1, random_state=0)
    target = concrete.columns[-1]
    mo.md(f"*{_found.note}* To predict: `{target}`.")
    return concrete, target


@app.cell
def _(concrete, keras, layers, target):
    def standardized(columns):
        return (columns - columns.mean()) / columns.std()

    x, y = standardized(concrete.drop(columns=target)), standardized(concrete[target])

    keras.utils.set_random_seed(1)
    net = keras.Sequential(
        [
            layers.Dense(16, activation="relu", input_shape=[x.shape[1]]),
            layers.Dense(1),
        ]
    )
    net.compile(optimizer=keras.optimizers.Adam(learning_rate=0.01), loss="mse")
    history = net.fit(x, y, validation_split=0.2, batch_size=32, epochs=30, verbose=0)
    return history, net


@app.cell
def _(history, pd):
    from pronghorn.learn.figures import rates

    losses = pd.DataFrame(history.history)  # a row for each epoch
    rates.curves(losses)
    return losses, rates


@app.cell(hide_code=True)
def _(concrete, losses, mo, net):
    _rows = int(len(concrete) * 0.8)
    _steps = -(-_rows // 32)
    mo.md(f"""
    `fit` gives back a **history**: the losses of each epoch. {_rows} rows in batches of
    32 are {_steps} steps an epoch, {30 * _steps} in all (`net.optimizer.iterations`
    says {int(net.optimizer.iterations)}). The loss went from
    {losses["loss"].iloc[0]:.2f} to {losses["loss"].iloc[-1]:.2f}, on the other rows to
    {losses["val_loss"].iloc[-1]:.2f}. Since the target is standardized, 1 is what a net
    gets that always says the mean.

    Now four learning rates, from the same starting weights. Which are too
    slow, which is right, which jumps about? Then take `sgd`, larger batches, or raw
    columns. (The loss is on a logarithmic scale.)
    """)
    return


@app.cell
def _(concrete, rates, target):
    rates.rates(concrete.drop(columns=target), concrete[target])
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    How to choose:

    - The loss falls, but is still far from flat at the end: a larger learning rate, or
      more epochs.
    - It jumps about, rises, or becomes `nan`: a smaller learning rate.
    - It falls fast, then jumps about without getting lower: begin so, and make the rate
      smaller later (schedules, lesson 4).
    - Larger batches take fewer steps an epoch, so they want a larger rate or more
      epochs.

    The pieces together, as you will write them from now on:
    """)
    return


@app.cell
def keras_together(keras, layers):
    model = keras.Sequential(
        [
            layers.Dense(64, activation="relu", input_shape=[8]),
            layers.Dense(64, activation="relu"),
            layers.Dense(1),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate=0.05, momentum=0.9),
        loss=keras.losses.Huber(delta=1.0),
        metrics=["mae"],  # looked at, not trained on
    )
    return (model,)


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    `"sgd"`, `"adam"`, `"mse"`, `"huber"` as words stand for these objects with their
    usual settings. A **metric** is shown beside the loss and changes nothing.

    ## What to take along

    - The loss is what training makes small: `mae`, `mse`, `huber`. Squares care most
      about the largest errors.
    - A step goes against the gradient of a batch, as far as the learning rate says. An
      epoch is one round through the rows.
    - Momentum and Adam make steps that suit the surface; standardized columns make a
      surface that suits the steps.
    - Look at the learning curve. The learning rate is the first thing to set right.

    **Next:** [the exercise](?file=exercise_3.py), then
    [lesson 4, overfitting and underfitting](?file=lesson_4.py).
    """)
    return


if __name__ == "__main__":
    app.run()
