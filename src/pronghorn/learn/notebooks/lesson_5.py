import marimo

app = marimo.App(width="medium", app_title="5 Dropout and batch normalization")


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    # 5 Dropout and batch normalization

    *Lesson 5 of 8. [The course](?file=index.py)*

    A network can have layers without a single unit, which do not predict but help the
    others to learn. Two of them are in almost every network of today: **dropout**
    against overfitting, and **batch normalization** for training that is quick and does
    not depend so much on scale and start. You will see what each computes, where to put
    it, and what it gains on real tables, and where it gains nothing.
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
    ## Dropout: what it computes

    A network that learns noise does it with *conspiracies* of weights: this unit fires
    for a certain row only if that one does. Dropout breaks them up. At each training
    step it sets every value to 0 with the probability $p$, its **rate**, by a new draw,
    and makes up for the loss by scaling the others:

    $$\text{training:}\quad y_i = \frac{m_i}{1 - p}\, x_i,\qquad
      m_i = \begin{cases}0 & \text{with probability } p\\
      1 & \text{otherwise}\end{cases}
      \qquad\qquad\text{predicting:}\quad y_i = x_i$$

    Thanks to the factor $1 / (1 - p)$ the mean of $y_i$ is $x_i$, so that nothing needs
    to be done when predicting. (Srivastava, Hinton, Krizhevsky, Sutskever and
    Salakhutdinov, *Dropout*, 2014.)
    """)
    return


@app.cell
def _(layers, np, pd):
    drop = layers.Dropout(0.3, seed=7)
    ones = np.ones((1, 6), dtype="float32")
    passed_on = {
        "training": drop(ones, training=True),
        "training, again": drop(ones, training=True),
        "predicting": drop(ones, training=False),
    }
    shown = pd.DataFrame({name: np.ravel(each) for name, each in passed_on.items()})
    shown.T.add_prefix("unit ").astype(float).round(2)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    `fit` runs layers with `training=True`, `predict` and `evaluate` with
    `training=False`; you need not say it. Below is a small network with dropout after
    both hidden layers. Press *New mask* several times, then *100 masks*: each step
    trains a network of its own, and they all share their weights. The mean of what they
    say comes near what the whole network says. So dropout is, nearly, an ensemble
    (lesson 4) of very many networks, for the price of one.
    """)
    return


@app.cell
def _():
    from pronghorn.learn.figures import fitting, masks, measured, normalizing

    masks.masks()
    return fitting, masks, measured, normalizing


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ### Where to put it

    After the activation of a hidden layer, and before the next layer's weights. Never
    after the last layer: that would delete answers. Rates of 0.2 to 0.5 are usual, less
    near the inputs, where columns cannot stand in for each other. As dropout takes
    capacity away, the layers may be wider, and training takes more epochs.
    """)
    return


@app.cell
def keras_dropout(keras, layers):
    with_dropout = keras.Sequential(
        [
            layers.Dense(128, activation="relu", input_shape=[11]),
            layers.Dropout(0.3),  # on what the 128 units say
            layers.Dense(64, activation="relu"),
            layers.Dropout(0.3),
            layers.Dense(1),
        ]
    )
    with_dropout.compile(optimizer="adam", loss="mae")
    return (with_dropout,)


@app.cell
def _(with_dropout):
    with_dropout.summary()  # dropout has no weights
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    The noisy curve of lesson 4, and one network with and without dropout. Compare the
    gaps. (With dropout the training error is measured *with* units missing, so it can
    be above the validation error: that alone is no sign of anything wrong.) Find a rate
    that is too high; then set `noise` to 0 and see what dropout costs where there is
    nothing to hold back.
    """)
    return


@app.cell
def _(fitting):
    fitting.dropped()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## Batch normalization: what it computes

    Lesson 1 standardized the columns, and the crawling unit ran. But what the *second*
    layer gets is what the first one says, and that changes with every step. A
    `BatchNormalization` layer standardizes inside the network. In training, for each
    column, with the mean $\mu_B$ and the variance $\sigma_B^2$ of **this batch**:

    $$\hat x = \frac{x - \mu_B}{\sqrt{\sigma_B^2 + \varepsilon}},\qquad
      y = \gamma \hat x + \beta$$

    $\gamma$ and $\beta$ are weights, learned like all others, from 1 and 0: where
    another scale is better, the network can have it. $\varepsilon$ (0.001) keeps the
    root away from 0.

    When predicting there may be one row only, and its answer must not depend on its
    neighbours. So during training the layer keeps **moving averages** of mean and
    variance, $\bar\mu \leftarrow 0.99\, \bar\mu + 0.01\, \mu_B$, and predicts with
    those. (Ioffe and Szegedy, *Batch Normalization*, 2015.)
    """)
    return


@app.cell
def _(layers, np, pd):
    batch = np.array([[1, 200], [2, 100], [3, 400], [6, 300]], dtype="float32")
    normalize = layers.BatchNormalization()

    by_layer = np.array(normalize(batch, training=True))
    by_hand = (batch - batch.mean(axis=0)) / np.sqrt(batch.var(axis=0) + 0.001)
    moving_mean = normalize.get_weights()[2]  # after gamma and beta
    predicting = np.array(normalize(batch, training=False))

    ways = {"in": batch, "layer": by_layer, "hand": by_hand, "predicting": predicting}
    pd.DataFrame(
        {
            f"column {column}, {name}": each[:, column]
            for column in (0, 1)
            for name, each in ways.items()
        }
    ).astype(float).round(2)
    return (moving_mean,)


@app.cell(hide_code=True)
def _(mo, moving_mean):
    mo.md(f"""
    Layer and hand agree; predicting is still far from both. The moving mean is
    {moving_mean[0]:.2f} and {moving_mean[1]:.2f}: it has gone a hundredth of the way
    from 0 towards the batch's mean, 3 and 250. It takes some hundreds of steps to get
    there, and a training that is shorter than that predicts badly.

    Inside a network: one hidden unit over the raw columns of a table, before and after
    its normalization, epoch by epoch. Choose other units. On the left they lie far from
    0 and move about; on the right is what the `relu` gets.
    """)
    return


@app.cell
def _(mo):
    from pronghorn.learn.tables import table

    _found = table("concrete", instead="sklearn/diabetes")
    concrete = _found.frame.drop_duplicates()
    if not _found.wanted:  # its columns as they were measured, too
        from sklearn.datasets import load_diabetes

        concrete = load_diabetes(as_frame=True, scaled=False).frame
    target = "compressive_strength" if _found.wanted else "target"
    unit = "MPa" if _found.wanted else ""
    x = concrete.drop(columns=target)
    y = concrete[target]
    mo.vstack(
        [
            mo.md(f"*{_found.note}* To predict: `{target}`. See the columns' ranges."),
            x.describe().loc[["min", "mean", "max"]].round(1),
        ]
    )
    return target, unit, x, y


@app.cell
def _(normalizing, x, y):
    normalizing.inside(x, y)
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ### Where to put it

    Three places, and each is in use:

    - **after a layer**: `Dense(16, activation="relu")`, then `BatchNormalization()`;
    - **between a layer and its activation**, as in the paper:
      `Dense(16)`, `BatchNormalization()`, `Activation("relu")`. The layer's bias is
      then of no use, as the mean is taken away: `use_bias=False`;
    - **first of all**: it standardizes the raw columns, much as `Normalization` does,
      but from batches while training instead of from all rows before.
    """)
    return


@app.cell
def keras_batchnorm(keras, layers):
    after = keras.Sequential(
        [
            layers.Dense(16, activation="relu", input_shape=[8]),
            layers.BatchNormalization(),
            layers.Dense(1),
        ]
    )
    between = keras.Sequential(
        [
            layers.Dense(16, use_bias=False, input_shape=[8]),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.Dense(1),
        ]
    )
    first = keras.Sequential(
        [
            layers.BatchNormalization(input_shape=[8]),
            layers.Dense(16, activation="relu"),
            layers.BatchNormalization(),
            layers.Dense(1),
        ]
    )
    first.compile(optimizer="sgd", loss="mae")
    return after, between, first


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## Raw columns

    Here is where it shines. The columns come in tens and hundreds, each in its own
    unit, and nobody standardized them. The same network, the same start, without and
    with batch normalization. With plain gradient descent it is the difference between
    nothing and something: without, the first steps are so long that all `relu` units
    end up below 0 for every row, and the network says the same for all. (With it, the
    first epochs predict badly: the moving averages are not there yet.) Then try `adam`,
    smaller rates, and at last the switch: on standardized columns, what is left of the
    gain?
    """)
    return


@app.cell
def _(normalizing, unit, x, y):
    normalizing.raw(x, y, unit=unit)
    return


@app.cell(hide_code=True)
def _(measured, mo):
    _found = {
        (each["layer"], each["table"], each["scaled"], each["stop"]): each
        for each in measured.trials()
        if each["optimizer"] == "adam"
    }

    def _said(trial, digits=2):
        unit = " % of answers" if trial["unit"] == "% wrong" else ""
        return (
            f"{trial['without']:.{digits}f} without, {trial['with']:.{digits}f} with, "
            f"a gain of {trial['gain']:+.{digits}f}{unit} "
            f"(95 %: {trial['low']:+.{digits}f} to {trial['high']:+.{digits}f})"
        )

    _higgs = _found["dropout", "higgs", True, False]
    _stopped = _found["dropout", "higgs", True, True]
    _songs = _found["dropout", "spotify", True, True]
    _harm = _found["dropout", "concrete", True, True]
    _raw = _found["batchnorm", "concrete", False, True]
    _scaled = _found["batchnorm", "concrete", True, True]
    mo.md(f"""
    ## How much it gains, measured

    One network on one split says little: another split, another winner. So each
    comparison below was run on 20 random splits of a real table (60 % training, 20 %
    validation, 20 % holdout; the songs split by artist), the same splits and the same
    first weights with and without the layer, and what counts is the error on the
    **holdout** rows. The interval is a 95 % interval for the mean gain, widened because
    the splits share rows (Nadeau and Bengio, 2003). In Pronghorn's folder
    `learn/measured` are the numbers and the program.

    **Dropout**, rate 0.3:

    - *higgs*, wrong answers in percent, all epochs trained: {_said(_higgs)}. With early
      stopping: {_said(_stopped)}. Both hold noise back; what one does is not left for
      the other.
    - *spotify*, points of popularity, early stopping: {_said(_songs)}. Above 0,
      if only just, and small.
    - *concrete*, MPa, early stopping: {_said(_harm)}. **It does harm**, in
      {20 - _harm["better"]} of 20 splits: strength is almost a function of the mixture.
      There is little noise to hold back, and capacity is missed.

    **Batch normalization**, *concrete*, MPa, Adam:

    - raw columns: {_said(_raw)};
    - standardized columns: {_said(_scaled)}. **It does not help**: its work was done
      before.
    """)
    return


@app.cell
def _(measured):
    measured.gains()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    An interval that reaches across 0 says: from these rows we cannot know. See
    *breast_cancer*, where three wrong
    answers of 114 are all there is; and
    *concrete (sgd)*, where a few runs went so far astray that their mean says nothing,
    though batch normalization was better in all 20.

    ## Measure it yourself

    A smaller version, live: dropout on scikit-learn's diabetes table, eight splits. It
    is a **paired** comparison: what we average are the differences, split by split.
    Change the rate, the table, the network.
    """)
    return


@app.cell
def _(keras, layers, np):
    from pronghorn.datasets import load

    diabetes = load("sklearn/diabetes")
    inputs = diabetes.drop(columns="target").to_numpy("float32") * 21  # standardized
    outputs = diabetes["target"].to_numpy("float32") / 77  # its standard deviation
    splits, rate = 8, 0.3

    def holdout_error(seed, dropout):
        order = np.random.default_rng(seed).permutation(len(inputs))
        train, holdout = np.split(order, [int(0.7 * len(order))])
        keras.utils.set_random_seed(seed)
        stack = [keras.Input((inputs.shape[1],))]
        for _ in range(2):
            stack.append(layers.Dense(128, activation="relu"))
            if dropout:
                stack.append(layers.Dropout(dropout))
        model = keras.Sequential([*stack, layers.Dense(1)])
        model.compile(optimizer="adam", loss="mae")
        model.fit(inputs[train], outputs[train], epochs=60, batch_size=32, verbose=0)
        return 77 * model.evaluate(inputs[holdout], outputs[holdout], verbose=0)

    without = np.array([holdout_error(seed, 0) for seed in range(splits)])
    treated = np.array([holdout_error(seed, rate) for seed in range(splits)])
    gain = without - treated
    return gain, splits, treated, without


@app.cell(hide_code=True)
def _(gain, mo, np, splits, treated, without):
    # Student's t for 95 %, by degrees of freedom; above ten, nearly 2.2
    _t = {3: 3.18, 4: 2.78, 5: 2.57, 6: 2.45, 7: 2.36, 8: 2.31, 9: 2.26}
    _half = _t.get(splits - 1, 2.2) * np.sqrt(
        (1 / splits + 0.3 / 0.7) * gain.var(ddof=1)
    )
    _verdict = (
        "The interval is above 0: dropout helps here."
        if gain.mean() > _half
        else "The interval is below 0: dropout harms here."
        if gain.mean() < -_half
        else "The interval reaches across 0: these splits cannot tell."
    )
    mo.md(
        f"Mean absolute error on holdout rows: {without.mean():.1f} without, "
        f"{treated.mean():.1f} with dropout; gain {gain.mean():+.1f}, 95 % interval "
        f"{gain.mean() - _half:+.1f} to {gain.mean() + _half:+.1f}; better in "
        f"{(gain > 0).sum()} of {splits} splits. {_verdict}"
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## Things to know

    - **Small batches** make batch normalization noisy: with 4 rows, mean and variance
      are poor guesses. Use 32 or more.
    - **Both together**: put dropout after the last batch normalization. Dropout before
      one changes the variance between training and predicting (Li et al., 2019).
    - **Why** batch normalization works is debated. The paper said: because the layers'
      inputs stop drifting. Santurkar et al. (*How Does Batch Normalization Help
      Optimization?*, 2018) add drift on purpose and find that it still trains well: it
      is the loss surface that gets smoother.
    - It also holds back a little, as dropout does: each row is always in new company.

    ## What to take along

    - Dropout: zeros at random in training, all units when predicting; after hidden
      activations; for networks that overfit.
    - Batch normalization: standardizes by the batch in training, by moving averages
      when predicting; for raw columns, and for training that crawls or breaks.
    - Neither is free: measure, on rows that training never saw, on several splits.

    **Next:** [the exercise](?file=exercise_5.py), then
    [lesson 6, binary classification](?file=lesson_6.py).
    """)
    return


if __name__ == "__main__":
    app.run()
