import marimo

app = marimo.App(width="medium", app_title="2 Deep networks")


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    # 2 Deep networks

    *Lesson 2 of 8. [The course](?file=index.py)*

    One linear unit draws a line, a plane, a hyperplane, and nothing else. Tables are
    rarely that straight. This lesson puts units into **layers** and layers into a
    **stack**, finds out why that alone gains nothing, and adds the one thing that is
    missing: an **activation**. At the end a deep network predicts how strong a concrete
    is, with less than half of the best hyperplane's error.
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

    return keras, layers, mo, np


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## Layers

    Units that stand side by side and see the same inputs are a **layer**. It is called
    *dense* (or fully connected) because each unit is connected to each input. With the
    inputs as a row $x$, a column of weights for each unit in the matrix $W$, and the
    units' biases in $b$, the whole layer is one formula:

    $$h = x W + b$$

    Below: a layer of three units over two inputs, and a unit that takes *their*
    outputs. A layer between inputs and output is **hidden**, since its outputs are in
    no table.
    """)
    return


@app.cell
def keras_layers(keras, layers):
    stack = keras.Sequential(
        [
            layers.Dense(units=3, input_shape=[2]),  # the hidden layer
            layers.Dense(units=1),  # the output layer
        ]
    )
    return (stack,)


@app.cell
def _(stack):
    stack.draw(kind="units")
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    Only the first layer is told its `input_shape`: each further one takes what the
    layer before it gives.

    ## A stack of lines is a line

    Does the hidden layer help? Put the first formula into the second:

    $$y = (x W_1 + b_1) W_2 + b_2
    = x \underbrace{W_1 W_2}_{w} + \underbrace{b_1 W_2 + b_2}_{b}$$

    That is $y = x w + b$: **one** linear unit, with other weights. It holds for any
    number of layers, one pair after the other. Let us look whether it is true of the
    net above: its two layers, and the one unit that they come to.
    """)
    return


@app.cell
def _(np, stack):
    W1, b1, W2, b2 = stack.get_weights()
    w, b = W1 @ W2, b1 @ W2 + b2

    rows = np.random.default_rng(0).normal(size=(5, 2)).astype("float32")
    np.column_stack([stack.predict(rows, verbose=0), rows @ w + b])
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    Both columns are the same. Now by eye: nets with random weights over one input. Make
    the linear one as deep and as wide as you like. Then take `relu`.
    """)
    return


@app.cell
def _():
    from pronghorn.learn.figures import activation

    activation.stack()
    return (activation,)


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## Activations

    What keeps the layers from falling together into one is a function between them, the
    **activation**, which each unit applies to its sum before it passes it on:

    $$h = f(x W + b)$$

    It must not be linear. The usual one is the **rectifier**, $f(z) = \max(0, z)$: what
    is below zero becomes 0, the rest passes. A unit with it is a **rectified linear
    unit**, or *ReLU* (Nair and Hinton, *Rectified Linear Units Improve Restricted
    Boltzmann Machines*, 2010; Glorot, Bordes and Bengio, *Deep Sparse Rectifier Neural
    Networks*, 2011).

    Training sends the error back through the net by the chain rule, so it multiplies by
    the activation's **derivative** at each layer. Look where it is near 0: there a unit
    hardly learns. Sigmoid's is 0.25 at the most, and ten such layers in a row leave
    less than a millionth of the error: *vanishing gradients* (Glorot and Bengio,
    *Understanding the difficulty of training deep feedforward neural networks*, 2010).
    """)
    return


@app.cell
def _(activation):
    activation.curves()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    | activation | formula | gives | used |
    |:---|:---|:---|:---|
    | `relu` | $\max(0, z)$ | 0 and up | hidden layers, first choice |
    | `leaky_relu` | $z$ above 0, $0.2 z$ below | any number | hidden layers |
    | `elu` | $z$ above 0, $e^z - 1$ below | -1 and up | hidden layers |
    | `silu` | $z / (1 + e^{-z})$ | -0.28 and up | hidden layers |
    | `tanh` | $(e^z - e^{-z}) / (e^z + e^{-z})$ | -1 to 1 | small nets, smooth curves |
    | `sigmoid` | $1 / (1 + e^{-z})$ | 0 to 1 | probabilities (lesson 6) |
    | `linear` | $z$ | any number | outputs that are numbers, as here |

    In Keras an activation is an argument of `Dense`, or a layer by itself. These two
    are the same net:
    """)
    return


@app.cell
def keras_two_ways(keras, layers):
    as_argument = keras.Sequential(
        [layers.Dense(3, activation="relu", input_shape=[2]), layers.Dense(1)]
    )
    as_layer = keras.Sequential(
        [
            layers.Dense(3, input_shape=[2]),
            layers.Activation("relu"),
            layers.Dense(1),
        ]
    )
    return as_argument, as_layer


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    The last layer has no activation, for it should be able to say any number.

    ## What hidden units do

    Over one input, a ReLU unit is a bent line: flat on one side, straight on the other.
    Its weight and bias say where the bend is. The output layer adds such lines, each by
    its weight, so a net with $n$ hidden units can bend $n$ times. With enough of them
    it comes as near to any continuous curve as you like: the **universal approximation
    theorem** (Cybenko 1989; Hornik, Stinchcombe and White 1989; for ReLU, Leshno et al.
    1993). It says that the weights exist. That training finds them is another matter.

    At the left a net and its rows, at the right what each hidden unit adds. The net is
    trained anew whenever you change something.
    """)
    return


@app.cell
def _():
    from pronghorn.learn.figures import hidden

    hidden.fit()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    Things to try:

    - **Width.** One unit, two, three: how many bends does the wave take? How many units
      are there before the fit no longer gets better?
    - **Depth.** Two layers of 8 can bend more often than one of 16. Each layer bends
      what the layer before has already bent, so the number of pieces can grow with
      depth as a power, with width only in proportion (Montúfar et al., *On the Number
      of Linear Regions of Deep Neural Networks*, 2014; Telgarsky 2016).
    - **Activation.** `tanh` gives smooth curves. `linear`, at any width and depth,
      gives you know what.
    - **Rows.** Drag one row far up. Who follows: a narrow net, or a wide one?
    - **Noise.** Much noise, 32 units in 3 layers and 2,000 epochs: now the net follows
      the noise. That is *overfitting*, which is lesson 4.
    - **Starting weights.** A narrow net can get stuck in a poor fit. Start it again.

    How large a family of curves a net can draw is its **capacity**. Width and depth
    both add to it.

    ## A deep network for a real table

    The *Concrete Compressive Strength* table: 1,030 mixtures, what is in a cubic metre
    of each, how old it was when it was tested, and how much pressure it bore (I-C. Yeh,
    *Modeling of strength of high-performance concrete using artificial neural
    networks*, 1998).
    """)
    return


@app.cell
def _(mo):
    from pronghorn.learn.tables import table

    _found = table("concrete", instead="sklearn/diabetes")
    concrete = _found.frame
    target = concrete.columns[-1]
    mo.vstack([mo.md(f"*{_found.note}* To predict: `{target}`."), concrete.head()])
    return concrete, target


@app.cell
def _(concrete, np, target):
    mixed = concrete.sample(frac=1, random_state=0)  # the rows in a random order
    columns = mixed.drop(columns=target).to_numpy("float32")
    strength = mixed[target].to_numpy("float32")

    cut = len(mixed) * 4 // 5  # four fifths to train with, the rest to judge with
    x = (columns - columns[:cut].mean(axis=0)) / columns[:cut].std(axis=0)
    deviation = strength[:cut].std()
    y = (strength - strength[:cut].mean()) / deviation  # standardized, as in lesson 1
    x_train, x_valid = x[:cut], x[cut:]
    y_train, y_valid = y[:cut], y[cut:]
    np.round(x_train[:3], 2)
    return deviation, x_train, x_valid, y_train, y_valid


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    A deep net for eight inputs: two hidden layers of 64 ReLUs each, and a linear
    output.
    """)
    return


@app.cell
def keras_deep(keras, layers):
    deep = keras.Sequential(
        [
            layers.Dense(64, activation="relu", input_shape=[8]),
            layers.Dense(64, activation="relu"),
            layers.Dense(1),
        ]
    )
    deep.compile(optimizer="adam", loss="mae")
    return (deep,)


@app.cell
def _(deep):
    deep.summary()
    return


@app.cell(hide_code=True)
def _(deep, mo):
    _counts = [layer.count_params() for layer in deep.layers]
    mo.md(f"""
    `summary` counts what there is to learn. A dense layer has a weight for each pair of
    an input and a unit, and a bias for each unit: (inputs + 1) × units. So the first
    has (8 + 1) × 64 = {_counts[0]}, the second (64 + 1) × 64 = {_counts[1]:,}, the last
    (64 + 1) × 1 = {_counts[2]}: together {deep.count_params():,}. `None` in the shapes
    is the number of rows, which may be any.

    Now train it, and beside it a linear unit, the same stack without activations, and
    one hidden layer only. `Adam` with steps of 0.01 and 60 epochs for each (lesson 3).
    """)
    return


@app.cell
def _(deviation, keras, layers, x_train, x_valid, y_train, y_valid):
    def trained(hidden, activation):
        keras.utils.set_random_seed(1)
        model = keras.Sequential(
            [
                keras.Input([x_train.shape[1]]),
                *[layers.Dense(units, activation=activation) for units in hidden],
                layers.Dense(1),
            ]
        )
        model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mae")
        model.fit(
            x_train,
            y_train,
            validation_data=(x_valid, y_valid),
            epochs=60,
            batch_size=32,
            verbose=0,
        )
        return {
            "hidden layers": str(hidden),
            "activation": str(activation),
            "weights and biases": model.count_params(),
            "error, training rows": deviation
            * model.evaluate(x_train, y_train, verbose=0),
            "error, other rows": deviation
            * model.evaluate(x_valid, y_valid, verbose=0),
        }

    compared = [
        trained([], None),
        trained([64, 64], None),
        trained([64], "relu"),
        trained([64, 64], "relu"),
    ]
    return (compared,)


@app.cell
def _(compared):
    import pandas as pd

    pd.DataFrame(compared).round(2)
    return


@app.cell(hide_code=True)
def _(compared, mo, target):
    _unit, _stack, _one, _two = (each["error, other rows"] for each in compared)
    mo.md(f"""
    The errors are mean absolute errors of `{target}`, in its own units (megapascals,
    for concrete), on rows that training did not see. The linear unit is off by
    {_unit:.2f}. The stack without activations has {compared[1]["weights and biases"]:,}
    weights and is off by {_stack:.2f}: it *is* a linear unit. One hidden layer of
    ReLUs: {_one:.2f}; two: {_two:.2f}.

    ## What to take along

    - A layer is units side by side: $h = f(x W + b)$. A net is a stack of layers.
    - Without activations a stack of any depth is one linear unit.
    - `layers.Dense(64, activation="relu")` for hidden layers; the output layer of a net
      that predicts a number is linear.
    - Width and depth make capacity. A dense layer has (inputs + 1) × units weights and
      biases.

    **Next:** [the exercise](?file=exercise_2.py), then
    [lesson 3, stochastic gradient descent](?file=lesson_3.py).
    """)
    return


if __name__ == "__main__":
    app.run()
