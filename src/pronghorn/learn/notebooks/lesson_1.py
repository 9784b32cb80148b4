import marimo

app = marimo.App(width="medium", app_title="1 A single neuron")


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    # 1 A single neuron

    *Lesson 1 of 8. [The course](?file=index.py)*

    **Deep learning** is a way to let a program learn from examples with **neural
    networks**. A network is a stack of layers, a layer is a row of units, and each
    **unit** (or *neuron*) does very little: it multiplies, adds, and passes a number
    on. The power of a network is not in its units but in their connections: how many
    there are, and how they are arranged in layers, each computing from what the one
    before it found (Goodfellow, Bengio and Courville, *Deep Learning*, 2016, chapter
    6).

    So we begin with one unit, by itself. At the end of this page you will have drawn
    one, moved it by hand, trained it, and given it a table of your own.
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
    `pronghorn.accel` lets lines that are written for Keras run on Pronghorn's engine.
    The same lines run on Keras itself: all that you learn here holds there.

    ## The linear unit

    A unit with one input $x$ computes

    $$y = w x + b$$

    - $x$ is the **input**: something that we know of a row, such as the grams of sugars
      in a serving of cereal.
    - $w$ is the **weight** of the connection that the input comes in by. The unit takes
      the input times the weight. *To learn, a network changes its weights.*
    - $b$ is the **bias**: a weight of a special kind that no input belongs to. It is
      drawn as a connection from a node that is always 1, so $b \times 1$ is added. With
      it the unit can say something else than 0 where the input is 0.
    - $y$ is the **output**: what the unit says, here calories per serving.

    Say that training found $w = 2.5$ and $b = 90$. How many calories have five grams of
    sugars? Follow the numbers along the edges, then move the sliders.
    """)
    return


@app.cell
def _():
    from pronghorn.learn.figures import neuron

    neuron.unit(x=5, w=2.5, b=90, name="sugars", target="calories")
    return (neuron,)


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ### Your turn

    Compute the calories of a cereal with 5 g of sugars, with the unit above. Put Python
    in place of the `...` and run the cell (Ctrl+Enter, or ⌘+Enter). The cell below it
    runs by itself.
    """)
    return


@app.cell
def _():
    sugars = 5
    w = 2.5
    b = 90

    calories = ...
    return (calories,)


@app.cell
def _(calories):
    from pronghorn.learn.questions.lesson_1 import q_0

    q_0.check(calories)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## A line over the rows

    $y = w x + b$ is the equation of a line: $w$ is its slope, $b$ the height where it
    crosses $x = 0$. So a unit with one input draws a **line**, and *fitting* the unit
    to a table means to find the line that is nearest to the rows.

    The table: cereals, with the grams of sugars and the calories of one serving. (One
    of them has sugars of -1: the table's way to say *unknown*. It is left out.)
    """)
    return


@app.cell
def _(mo):
    from pronghorn.datasets import make_cereal
    from pronghorn.learn.tables import table

    found = table("cereal", instead=make_cereal)
    cereal = found.frame[found.frame["sugars"] >= 0]
    mo.vstack(
        [mo.md(f"*{found.note}*"), cereal[["name", "sugars", "fiber", "calories"]]]
    )
    return (cereal,)


@app.cell
def _(cereal, neuron):
    neuron.line(cereal["sugars"], cereal["calories"], names=cereal["name"])
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    Each thin upright line is a **residual**: what the unit misses for one row. Fit by
    hand first: make the average of their lengths, the **mean absolute error**, as small
    as you can. Then press *Train*: gradient descent (lesson 3) moves $w$ and $b$ step
    by step the way that makes the error smaller. Move a row with the mouse or the arrow
    keys, or add one with a click, and train again.

    ## The same in Keras

    A network is made with `keras.Sequential`: a list of layers. A linear unit is a
    layer `Dense` with `units=1`.

    - `units` says how many **outputs** the layer has. We predict one thing, `calories`,
      so it is 1.
    - `input_shape` says what one row looks like. It is a **list**, `[1]` for one
      column, since a row can be more than a list of numbers: an image, say, has
      `[height, width, channels]`, more of which below.
    """)
    return


@app.cell
def keras_one_input(keras, layers):
    model = keras.Sequential([layers.Dense(units=1, input_shape=[1])])
    return (model,)


@app.cell
def _(model):
    model.draw(kind="unit")
    return


@app.cell
def _(model):
    model.weights  # what it begins with: the weight is random, the bias is 0
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## More inputs: a plane, then a hyperplane

    A unit takes as many inputs as we like, each with a weight of its own:

    $$y = w_0 x_0 + w_1 x_1 + w_2 x_2 + b$$

    With one input it is a line. With two, a **plane** over them, as below: sugars and
    fiber on the ground, calories upwards. With more it is a **hyperplane**: nothing
    that we could draw, and nothing new. The formula stays the same sum.
    """)
    return


@app.cell
def _(cereal, neuron):
    neuron.plane(
        cereal["sugars"], cereal["fiber"], cereal["calories"], names=cereal["name"]
    )
    return


@app.cell
def keras_three_inputs(keras, layers):
    three = keras.Sequential([layers.Dense(units=1, input_shape=[3])])
    return (three,)


@app.cell
def _(three):
    from pronghorn.utils import draw_unit

    draw_unit(
        weights=three.get_weights()[0][:, 0],
        bias=0.0,
        inputs=["sugars", "fiber", "protein"],
        output="calories",
        labels="both",
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    What if we want two answers for each row, calories and sodium? Two units side by
    side, `units=2`: each has its own weights and its own bias, and both see all inputs.

    And an **image**? `input_shape=[28, 28, 1]` is 28 rows of 28 dots with one channel,
    its grey. A unit wants numbers in a row, so `Flatten` lays the image out first:
    28 × 28 × 1 = 784 inputs.
    """)
    return


@app.cell
def keras_shapes(keras, layers):
    two_answers = keras.Sequential([layers.Dense(units=2, input_shape=[3])])
    image = keras.Sequential(
        [layers.Flatten(input_shape=[28, 28, 1]), layers.Dense(units=1)]
    )
    return image, two_answers


@app.cell
def _(image, two_answers):
    two_answers.summary()
    image.summary()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## Training it, and why it crawls

    To train, a model needs an **optimizer**, which changes the weights, and a **loss**,
    which says how far off the predictions are (both are lesson 3). Then `fit` goes
    through the rows, again and again: each time is an **epoch**.
    """)
    return


@app.cell
def _(cereal, keras, layers):
    keras.utils.set_random_seed(1)
    raw = keras.Sequential([layers.Dense(units=1, input_shape=[1])])
    raw.compile(optimizer="adam", loss="mae")
    raw_history = raw.fit(cereal[["sugars"]], cereal["calories"], epochs=100, verbose=0)
    raw_w, raw_b = raw.get_weights()
    return raw_b, raw_history, raw_w


@app.cell(hide_code=True)
def _(mo, raw_b, raw_history, raw_w):
    mo.md(f"""
    After 100 epochs: $w = {raw_w[0, 0]:.2f}$, $b = {raw_b[0]:.2f}$, and the unit is
    {raw_history.history["loss"][-1]:.0f} calories off. That is not the line that you
    found by hand. Why?

    Adam's default learning rate is 0.001, and a step of Adam moves a weight by about
    that much, whatever the gradient is (Kingma and Ba, *Adam*, 2015, section 2.1). From
    0 to 90 are 90,000 such steps, and 77 rows in batches of 32 are 3 steps an epoch. So
    the bias *crawls*. Two ways out: larger steps, or numbers of a size that suits small
    steps. The second is **standardizing**: take away a column's mean, and divide by its
    standard deviation. Then inputs and target are around 0 and about 1 in size, the
    best bias is near 0, where training begins, and one learning rate suits all weights.
    Here are both, from the same start. Try larger rates, too, and `sgd`.
    """)
    return


@app.cell
def _(cereal, neuron):
    neuron.crawl(cereal["sugars"], cereal["calories"])
    return


@app.cell
def _(cereal, keras, layers, np):
    keras.utils.set_random_seed(1)
    scale = layers.Normalization(input_shape=[1])  # learns mean and deviation
    scale.adapt(np.array(cereal[["sugars"]]))
    mean, deviation = np.mean(cereal["calories"]), np.std(cereal["calories"])

    scaled = keras.Sequential([scale, layers.Dense(units=1)])
    scaled.compile(optimizer=keras.optimizers.Adam(0.1), loss="mae")
    scaled.fit(
        cereal[["sugars"]],
        (cereal["calories"] - mean) / deviation,
        epochs=100,
        verbose=0,
    )
    predicted = scaled.predict(cereal[["sugars"]], verbose=0)[:, 0] * deviation + mean
    off = np.abs(predicted - cereal["calories"]).mean()
    return (off,)


@app.cell(hide_code=True)
def _(mo, off):
    mo.md(f"""
    Standardized, and with steps of 0.1: {off:.1f} calories off on average.

    ## A table of your own

    Give the path of a CSV file and the name of the column to predict. The cell below
    takes its columns of numbers, leaves out rows with holes, and trains a linear unit.
    (As long as `path` is empty, it takes the cereals.) Columns of text, missing values
    and saving the model are lesson 8; in a terminal, `pronghorn train` does it all.
    """)
    return


@app.cell
def _():
    path = ""  # such as "houses.csv", beside this notebook, or its whole path
    target = "calories"  # the column to predict
    return path, target


@app.cell
def _(cereal, keras, layers, mo, np, path, target):
    from pronghorn.learn.tables import numbers_of, read_own

    try:
        own = read_own(path) if path else cereal
        own_x, own_y, left_out = numbers_of(own, target)
    except ValueError as trouble:
        mo.stop(True, mo.plain_text(str(trouble)))

    keras.utils.set_random_seed(1)
    own_scale = layers.Normalization(input_shape=[own_x.shape[1]])
    own_scale.adapt(np.array(own_x))
    own_model = keras.Sequential([own_scale, layers.Dense(units=1)])
    own_model.compile(optimizer=keras.optimizers.Adam(0.1), loss="mae")
    standard_y = (own_y - own_y.mean()) / own_y.std()
    own_model.fit(own_x, standard_y, epochs=100, verbose=0)
    own_off = own_y.std() * own_model.evaluate(own_x, standard_y, verbose=0)
    mo.md(
        f"""
        {len(own_x):,} of {len(own):,} rows, {own_x.shape[1]} inputs:
        {", ".join(own_x.columns)}. The unit is off by **{own_off:.3g}** on average;
        always saying the median would be off by
        {np.abs(own_y - own_y.median()).mean():.3g}.
        {"Left out, as no columns of numbers: " * bool(left_out)}{", ".join(left_out)}
        """
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## What to take along

    - A linear unit computes $y = w x + b$; with more inputs, a sum with a weight each.
    - One input is a line, two a plane, more a hyperplane.
    - `layers.Dense(units=1, input_shape=[n])`: `units` is the number of outputs,
      `input_shape` a list that says what one row looks like.
    - Training changes weights and biases so that the loss gets smaller. Standardized
      columns make that quick.

    **Next:** [the exercise](?file=exercise_1.py), then
    [lesson 2, deep networks](?file=lesson_2.py).
    """)
    return


if __name__ == "__main__":
    app.run()
