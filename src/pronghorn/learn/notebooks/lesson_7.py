import marimo

app = marimo.App(width="medium", app_title="7 Many classes")


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    # 7 Many classes

    *Lesson 7 of 8. [The course](?file=index.py)*

    Which digit is this, which kind of tree grows here, which of ten products will she
    buy? With more than two classes a net needs an output for each of them, and the
    outputs together have to be probabilities: above 0, and 1 in sum. **Softmax** makes
    them so. The rest you know: the loss is the same cross-entropy, and what matters is
    again to look at the mistakes.
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
    ## Digits

    The table comes with scikit-learn, so it is always there: 1,797 handwritten digits,
    each as 8 by 8 dots with a grey from 0 to 16 (E. Alpaydin and C. Kaynak, *Optical
    recognition of handwritten digits*, 1998). A row of the table is an image laid out
    as 64 numbers. We give it its shape back, `[height, width, channels]`, and divide by
    16, which brings all columns to one size without making the empty margin loud.
    """)
    return


@app.cell
def _():
    from pronghorn.datasets import load
    from pronghorn.learn.figures import classes

    digits = load("sklearn/digits")
    images = digits.drop(columns="target").to_numpy("float32").reshape(-1, 8, 8, 1) / 16
    labels = digits["target"].to_numpy()
    classes.reading(images, labels, None)
    return classes, images, labels


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## From logits to probabilities

    Ten classes, ten units; what they say is not yet a probability. As in lesson 6 such
    numbers are called **logits**. Softmax raises $e$ to each of them, which makes all
    positive, and divides by the sum (J. Bridle, 1990):

    $$p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}$$

    - Only **differences** count. Add 3 to all logits, and nothing changes; add 1 to
      one, and its odds against each other class are multiplied by $e$.
    - No probability is ever 0 or 1.
    - With two classes it is the sigmoid of the difference, $\sigma(z_1 - z_0)$: lesson
      6 is the same thing with one of the logits held at 0.
    - Divided by a **temperature** first, logits give softer (above 1) or harder (below
      1) probabilities in the same order. It is 1 while training; a trained net that is
      too sure is often mended with one number above 1 (C. Guo and others, *On
      calibration of modern neural networks*, 2017).

    The loss is the **categorical cross-entropy**, $-\log p_k$ for the class $k$ that
    came true. With a softmax before it the gradient with respect to each logit is
    $p_k - y_k$, where $y_k$ is 1 for the true class and 0 for the others.
    """)
    return


@app.cell
def _(classes):
    classes.softmax()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    Try the slider *label smoothing*. It takes a little of the target's 1 and spreads it
    over all classes (C. Szegedy and others, *Rethinking the Inception architecture*,
    2016). A net that says 0.9999 is then no longer rewarded for saying 0.99999, and
    labels that are wrong do less harm.

    ## Labels: whole numbers, or one-hot

    The class of a row can be written in two ways, and each has a loss of its own:

    | labels | a row | loss |
    |---|---|---|
    | **sparse**: the number of the class | `3` | `sparse_categorical_crossentropy` |
    | **one-hot**: a 1 among zeros | `[0, 0, 0, 1, 0, ...]` | `categorical_crossentropy`
    |

    Both losses are the same number. Sparse is shorter; one-hot can also say "mostly a
    3, perhaps a 5", as smoothed labels do. Mixing them up is the classic mistake.
    """)
    return


@app.cell
def _(keras, labels):
    one_hot = keras.utils.to_categorical(labels, num_classes=10)
    labels[:3], one_hot[:3]
    return (one_hot,)


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## The same in Keras

    `Flatten` lays the image out as 64 numbers; a layer of ten units with `softmax`
    gives a probability for each digit. That alone is a net: 640 weights and 10 biases.
    """)
    return


@app.cell
def keras_ten_units(keras, layers):
    keras.utils.set_random_seed(0)
    ten_units = keras.Sequential(
        [
            layers.Flatten(input_shape=[8, 8, 1]),
            layers.Dense(10, activation="softmax"),
        ]
    )
    ten_units.compile(
        optimizer=keras.optimizers.Adam(0.01),
        loss="sparse_categorical_crossentropy",
        metrics=["sparse_categorical_accuracy"],
    )
    return (ten_units,)


@app.cell
def _(ten_units):
    ten_units.draw()
    return


@app.cell
def _(images, keras, labels, ten_units):
    x_train, y_train = images[:1200], labels[:1200]
    x_valid, y_valid = images[1200:], labels[1200:]

    keras.utils.set_random_seed(0)
    ten_units.fit(x_train, y_train, batch_size=64, epochs=20, verbose=0)
    _, accuracy = ten_units.evaluate(x_valid, y_valid, verbose=0)
    return accuracy, x_train, x_valid, y_train, y_valid


@app.cell(hide_code=True)
def _(accuracy, mo, y_valid):
    mo.md(f"""
    {accuracy:.1%} of the {len(y_valid)} images held out are read rightly; guessing
    would give a tenth. Go through them; look for one where the net hesitates.
    """)
    return


@app.cell
def _(classes, ten_units, x_valid, y_valid):
    classes.reading(x_valid, y_valid, ten_units.predict(x_valid, verbose=0))
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## What a unit looks for

    Each of the ten units has 64 weights, one for each dot. Put them back into 8 by 8,
    and you see what the unit wants: ink on an orange dot speaks *for* its digit, ink on
    a blue one *against* it. The unit of 0 wants none in the middle.

    Move *epochs* from 0, where the weights are random, and see the images come up. They
    become strong and grainy with time; some *weight decay* (lesson 4) smooths them.
    """)
    return


@app.cell
def _(classes, images, labels):
    classes.weights(images, labels)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## A hidden layer, smoothed labels, and the second guess

    One layer can only weigh dots. With a hidden layer the net first looks for patterns
    of its own, and the ten units weigh those. Two more things in this cell: the target
    is smoothed, so the labels have to be one-hot; and **top-k accuracy** counts a row
    as right if its class is among the $k$ likeliest, which is what a list of
    suggestions needs.
    """)
    return


@app.cell
def keras_hidden_layer(keras, layers):
    keras.utils.set_random_seed(0)
    deeper = keras.Sequential(
        [
            layers.Flatten(input_shape=[8, 8, 1]),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    deeper.compile(
        optimizer=keras.optimizers.Adam(0.005),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
        metrics=[
            "categorical_accuracy",
            keras.metrics.TopKCategoricalAccuracy(k=2, name="top_2"),
        ],
    )
    return (deeper,)


@app.cell
def _(deeper, keras, np, one_hot, x_train, x_valid):
    keras.utils.set_random_seed(0)
    deeper.fit(x_train, one_hot[:1200], batch_size=64, epochs=20, verbose=0)
    _, deeper_accuracy, top_2 = deeper.evaluate(x_valid, one_hot[1200:], verbose=0)
    surest = np.max(deeper.predict(x_valid, verbose=0), axis=1).mean()
    return deeper_accuracy, surest, top_2


@app.cell(hide_code=True)
def _(accuracy, deeper_accuracy, mo, surest, top_2):
    mo.md(f"""
    {deeper_accuracy:.1%} (ten units alone: {accuracy:.1%}), and {top_2:.1%} with the
    second guess. Its greatest probability is {surest:.2f} on average: smoothed by 0.1,
    the target itself is only 0.91.

    ## Where it goes wrong

    One number hides which classes are confused. The **confusion matrix** has a row for
    each digit and a column for each answer; beside the diagonal are the mistakes. Then
    look at the rows with the greatest loss: some of them you would not read rightly
    either, and some show what the net lacks. Give it fewer rows, no hidden layer, or
    more epochs.
    """)
    return


@app.cell
def _(classes, images, labels):
    classes.confusion(images, labels)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## Regions

    In two columns one can see the whole net at once. Every place belongs to the class
    with the greatest probability. Between two classes of a single softmax layer lies
    a straight line, where their logits are equal; hidden layers bend it. Rings are rows
    in a region of another class. Move them, or add some: which class you add is the
    last choice above the figure.
    """)
    return


@app.cell
def _(mo):
    from pronghorn.learn.figures import regions
    from pronghorn.learn.tables import table

    found = table("penguins", instead="sklearn/iris")
    if found.wanted:
        two, target = ["bill_length_mm", "bill_depth_mm"], "species"
    else:
        two, target = ["sepal length (cm)", "petal width (cm)"], "target"
    rows = found.frame[[*two, target]].dropna()
    kinds = sorted(rows[target].unique())
    mo.vstack(
        [
            mo.md(f"*{found.note}*"),
            regions.many(
                rows[two],
                rows[target].map(kinds.index),
                [str(kind) for kind in kinds],
                labels=tuple(two),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    Far away from all rows the net is as sure as it is among them, or surer. Softmax
    shares 1 among the classes that it knows; "something else" is not among them. So a
    great probability is no sign that a row is like those of the training (M. Hein and
    others, *Why ReLU networks yield high-confidence predictions far away from the
    training data*, 2019).

    ## What to take along

    - A unit for each class, `activation="softmax"`; its outputs add up to 1.
    - Labels as whole numbers: `sparse_categorical_crossentropy`. One-hot, or smoothed:
      `categorical_crossentropy`.
    - The weights of a unit over an image are an image.
    - Accuracy, top-k accuracy, and then the confusion matrix and the worst rows.

    **Next:** [the exercise](?file=exercise_7.py), then
    [lesson 8, from a notebook to a product](?file=lesson_8.py).
    """)
    return


if __name__ == "__main__":
    app.run()
