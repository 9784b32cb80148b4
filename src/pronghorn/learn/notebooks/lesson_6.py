import marimo

app = marimo.App(width="medium", app_title="6 Binary classification")


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    # 6 Binary classification

    *Lesson 6 of 8. [The course](?file=index.py)*

    So far a net answered *how much*. Many questions have another kind of answer: will
    this guest cancel, is this tumour malignant, is this echo of any use? **Binary
    classification** sorts rows into two classes. Only two things change: the last
    activation, and the loss. The hard part comes after the training: a net gives a
    *probability*, and someone must decide.
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
    ## Two classes, written 0 and 1

    The table *Ionosphere* has echoes of radar pulses, sent up from Goose Bay, Labrador,
    34 numbers each. An echo is `good` if it shows structure in the ionosphere, `bad` if
    the pulse went through. (V. Sigillito and others, *Classification of radar returns
    from the ionosphere using neural networks*, 1989: nets were the new thing then,
    too.)

    A net wants numbers, so the classes become 0 and 1. Which is which is up to you; the
    habit is that **1 is what you look for**, here the bad echoes.
    """)
    return


@app.cell
def _(mo):
    from pronghorn.learn.tables import table

    found = table("ion", instead="sklearn/breast_cancer")
    if found.wanted:
        target, one, names = "Class", "bad", ("good", "bad")
    else:
        target, one, names = "target", 0, ("benign", "malignant")
    x = found.frame.drop(columns=target).to_numpy("float32")
    y = (found.frame[target] == one).to_numpy("float32")
    mo.vstack([mo.md(f"*{found.note}* Class 1 is *{names[1]}*."), found.frame.head()])
    return found, names, x, y


@app.cell(hide_code=True)
def _(mo, names, y):
    mo.md(f"""
    {y.sum():.0f} of the {len(y)} rows are {names[1]}. Keep the share in mind: who
    always says "{names[0]}" is right for {1 - y.mean():.1%} of the rows and has learnt
    nothing.

    ## Accuracy, and why it cannot be the loss

    The **accuracy** is the share of rows that are called what they are. It is what we
    want, so why not let gradient descent make it better?

    Below is one unit over one column. Its sum is squeezed between 0 and 1 (how, comes
    next); above one half it says 1. Move the weight. The share of wrong rows changes in
    **steps**: a small move of the weight takes no row over the one half, or suddenly
    one. Between the steps the slope is exactly 0, so the gradient says nothing about
    where to go. The curve beside it has a slope everywhere. It is the
    **cross-entropy**, and *Train* goes down on it.
    """)
    return


@app.cell
def _(found, x, y):
    from pronghorn.learn.figures import binary

    shown = 4 if found.wanted else 0  # column V5, or the mean radius
    binary.staircase(x[:, shown], y, label=found.frame.columns[shown])
    return (binary,)


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## A probability, and what it costs to be wrong

    A linear unit gives any number; a probability lies between 0 and 1. The **sigmoid**
    takes one to the other:

    $$p = \sigma(z) = \frac{1}{1 + e^{-z}}$$

    A sum of 0 becomes one half; each 1 more in the sum multiplies the *odds*
    $p / (1 - p)$ by $e$. So the sum is called the **logit**, short for log odds.

    The cross-entropy looks at the probability that the net gave to the class that came
    true, and takes its logarithm:

    $$L = -\log p \ \text{ if the class is 1}, \qquad L = -\log (1 - p)\
    \text{ if it is 0}$$

    Sure and right costs nearly nothing, one half costs $\log 2 = 0.693$, sure and wrong
    costs more the surer it was, without end. Its mean over the rows is the loss. Over
    the sigmoid its gradient with respect to the logit is simply $p - y$: it is largest
    where the net is most wrong, which a squared error of a probability lacks
    (Goodfellow, Bengio and Courville, *Deep Learning*, 2016, section 6.2.2.2).
    """)
    return


@app.cell
def _(binary):
    binary.sigmoid()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## The same in Keras

    The last layer has **one unit with a sigmoid**, the loss is `binary_crossentropy`.
    Accuracy is no loss, but a fine thing to watch: it is a **metric**.
    """)
    return


@app.cell
def keras_classifier(keras, layers):
    def classifier(columns):
        net = keras.Sequential(
            [
                layers.Dense(16, activation="relu", input_shape=[columns]),
                layers.Dense(16, activation="relu"),
                layers.Dense(1, activation="sigmoid"),
            ]
        )
        net.compile(
            optimizer=keras.optimizers.Adam(0.005),
            loss="binary_crossentropy",
            metrics=["binary_accuracy"],
        )
        return net

    example = classifier(34)
    return (classifier,)


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    Three rows in ten are held out, and what standardizes the columns is taken from the
    others. The training stops when the loss on the rows held out stops getting smaller
    (lesson 4).
    """)
    return


@app.cell
def _(classifier, keras, np, x, y):
    order = np.random.default_rng(0).permutation(len(x))
    seen, held = order[: len(x) * 7 // 10], order[len(x) * 7 // 10 :]
    mean, deviation = x[seen].mean(axis=0), x[seen].std(axis=0) + 1e-7
    x_train, y_train = (x[seen] - mean) / deviation, y[seen]
    x_valid, y_valid = (x[held] - mean) / deviation, y[held]

    keras.utils.set_random_seed(0)
    model = classifier(x.shape[1])
    history = model.fit(
        x_train,
        y_train,
        validation_data=(x_valid, y_valid),
        epochs=100,
        batch_size=32,
        callbacks=[
            keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True)
        ],
        verbose=0,
    )
    loss, accuracy = model.evaluate(x_valid, y_valid, verbose=0)
    return accuracy, history, loss, model, x_train, x_valid, y_train, y_valid


@app.cell(hide_code=True)
def _(accuracy, history, loss, mo, names, y_valid):
    mo.md(f"""
    After {len(history.history["loss"])} epochs: cross-entropy {loss:.3f} and accuracy
    {accuracy:.1%} on {len(y_valid)} rows that it did not see. Always saying
    "{names[0]}" has {1 - y_valid.mean():.1%} of them right.

    **In practice** one often leaves the sigmoid away and says
    `keras.losses.BinaryCrossentropy(from_logits=True)`: the net gives logits, and the
    loss computes sigmoid and logarithm in one, which is exact also where $p$ would be
    rounded to 0 or 1. Say it only where the sigmoid is left away, and
    take the sigmoid of what `predict` gives.

    ## What the net sees: the boundary

    Where the probability is one half, the decision changes: the **decision boundary**.
    Below are rows of two columns; the ground has the colour of the class, strong where
    the net is sure. Each move of a slider trains it anew, from the same start.

    - 0 hidden layers: the boundary of one unit is a straight line. *Rings* and
      *corners* are beyond it, however long it is trained.
    - More units and layers bend it. With much noise and 3 layers of 32 units it bends
      around single rows: compare both curves, and then turn on dropout (lesson 5).
    - Put a blue row among the orange ones. How far does the net go for it?
    """)
    return


@app.cell
def _():
    from pronghorn.learn.figures import regions

    regions.two()
    return


@app.cell(hide_code=True)
def _(mo, names):
    mo.md(rf"""
    ## From a probability to a decision

    One half is only one place to draw the line. Is it worse to miss a "{names[1]}", or
    to raise a false alarm? The **threshold** is how one says so. What comes of it is
    counted in the **confusion matrix**, and from its counts:

    $$\text{{precision}} = \frac{{\text{{found}}}}{{\text{{found}} +
    \text{{false alarms}}}}, \qquad \text{{recall}} =
    \frac{{\text{{found}}}}{{\text{{found}} + \text{{missed}}}}$$

    *Precision*: of those that we call 1, how many are. *Recall*: of those that are 1,
    how many we call so. A lower threshold finds more and raises more false alarms.

    The **ROC curve** shows all thresholds at once: recall against the share of class 0
    that is called 1. The area under it, the **AUC**, needs no threshold. It is the
    chance that a row of class 1 gets a higher score than a row of class 0; 0.5 is
    guessing, 1 is perfect order (Hanley and McNeil 1982; Fawcett, *An introduction to
    ROC analysis*, 2006). These are the rows that the net above did not see:
    """)
    return


@app.cell
def _(binary, model, names, x_valid, y_valid):
    scores = model.predict(x_valid, verbose=0)[:, 0]
    binary.threshold(y_valid, scores, classes=names)
    return (scores,)


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    Keras counts the same as metrics, in `compile` as in a line of your own. (Its AUC
    looks at thresholds that are evenly apart, so it is not exactly that of the curve.)
    """)
    return


@app.cell
def _(keras, scores, y_valid):
    counted = {}
    for metric in (
        keras.metrics.Precision(thresholds=0.5),
        keras.metrics.Recall(thresholds=0.5),
        keras.metrics.AUC(num_thresholds=1000),
    ):
        metric.update_state(y_valid, scores)
        counted[type(metric).__name__] = round(float(metric.result()), 3)
    counted
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## When one class is rare

    Fraud, failures, rare diseases: one row in a hundred. Accuracy then hides
    everything: at 5 percent, a net that never says 1 is right in 95 percent. Below is a
    net on two clouds that overlap; make the blue class rare, and watch its **recall**.

    Two ways to find more of them:

    - **Lower the threshold.** The net stays as it is, and so do its probabilities. Try
      this first.
    - **Weigh the classes.** `class_weight` multiplies the loss of each row by its
      class's weight; with $n / (2 n_c)$ for a class of $n_c$ among $n$ rows both
      classes weigh the same (King and Zeng, *Logistic regression in rare events data*,
      2001). The net now takes the rare class for frequent: its probabilities are no
      longer the true shares. Compare the mean probability below with and without.
    """)
    return


@app.cell
def _(binary):
    binary.imbalance()
    return


@app.cell
def _(classifier, keras, np, x_train, x_valid, y_train, y_valid):
    ones = y_train.sum()
    class_weight = {
        0: len(y_train) / (2 * (len(y_train) - ones)),
        1: len(y_train) / (2 * ones),
    }
    keras.utils.set_random_seed(0)
    weighted = classifier(x_train.shape[1])
    weighted.fit(
        x_train, y_train, epochs=20, batch_size=32, class_weight=class_weight, verbose=0
    )
    called = weighted.predict(x_valid, verbose=0)[:, 0] > 0.5
    weighted_recall = np.mean(called[y_valid == 1])
    return class_weight, weighted_recall


@app.cell(hide_code=True)
def _(class_weight, mo, names, weighted_recall):
    mo.md(f"""
    The same on our table: a row of class 0 weighs {class_weight[0]:.2f}, one of class 1
    {class_weight[1]:.2f}, and {weighted_recall:.1%} of the "{names[1]}" rows held out
    are found.

    A net is **calibrated** if of the rows that it gives 0.8, eighty in a hundred are of
    class 1: cross-entropy asks for that, but large nets trained for long are often too
    sure (Guo and others, *On calibration of modern neural networks*, 2017), so look
    before you multiply such a number by money.

    ## What to take along

    - One unit with a `sigmoid`, `loss="binary_crossentropy"`, classes as 0 and 1.
    - Accuracy is a staircase: a metric, never a loss. Compare it with the share of the
      more frequent class.
    - The net gives a probability; the threshold is your decision, and depends on what
      mistakes cost. Precision, recall and the ROC curve show the choice.
    - For a rare class look at recall and precision; move the threshold, or weigh the
      classes and give up the probabilities.

    **Next:** [the exercise](?file=exercise_6.py), then
    [lesson 7, many classes](?file=lesson_7.py).
    """)
    return


if __name__ == "__main__":
    app.run()
