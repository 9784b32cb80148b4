import marimo

app = marimo.App(width="medium", app_title="4 Overfitting and underfitting")


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    # 4 Overfitting and underfitting

    *Lesson 4 of 8. [The course](?file=index.py)*

    A network is not trained to be right about the rows it has seen: those answers are
    in the table already. It is trained to be right about rows that it has **not** seen,
    to *generalize*. So part of the table is kept away from training, as **validation
    rows**, and every number of this lesson is read from them.

    What a training row says has two parts. The **signal** is what holds for new rows,
    too. The **noise** is what holds for this row only: chance, errors of measurement,
    all that the columns do not tell. Training lowers its loss by learning either. It
    cannot tell them apart; the validation rows can.

    - **Underfitting**: signal is left unlearned. Both losses are high.
    - **Overfitting**: noise was learned. The loss on training rows is low, that on
      validation rows is not, and the gap grows.

    (Goodfellow, Bengio and Courville, *Deep Learning*, 2016, sections 5.2 and 5.3.)
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
    ## See it happen

    The dashed curve is the signal. The points are 24 training rows, moved away from it
    by noise; the small ones are validation rows. A network of two layers is trained on
    the points each time you move something.

    1. As it comes, it overfits: the curve bends to reach single points, and validation
       error rises while training error falls.
    2. `hidden layers` 0: a line. It underfits, and no number of epochs helps.
    3. Back to 2 layers; `noise` 0: the same large network now fits well. Capacity does
       harm only where there is noise to learn.
    4. Noise back to 0.4. Find three different ways to lower the validation error:
       fewer units, a penalty, early stopping. Or fewer epochs, or more points: click
       to add some.
    """)
    return


@app.cell
def _():
    from pronghorn.learn.figures import fitting, schedules, start

    fitting.capacity()
    return fitting, schedules, start


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## Capacity: wider or deeper

    A network's **capacity** is the richness of what it can represent. There are two
    ways to add to it. A **wider** layer has more units: with `relu`, a curve of more
    pieces. A **deeper** network has more layers: pieces of pieces, which suits signals
    that are built in steps. Start from a network that underfits; widen or deepen it
    until it overfits; then hold it back.
    """)
    return


@app.cell
def keras_capacity(keras, layers):
    small = keras.Sequential(
        [layers.Dense(16, activation="relu", input_shape=[11]), layers.Dense(1)]
    )
    wider = keras.Sequential(
        [layers.Dense(128, activation="relu", input_shape=[11]), layers.Dense(1)]
    )
    deeper = keras.Sequential(
        [
            layers.Dense(16, activation="relu", input_shape=[11]),
            layers.Dense(16, activation="relu"),
            layers.Dense(16, activation="relu"),
            layers.Dense(1),
        ]
    )
    return deeper, small, wider


@app.cell
def _(deeper, small, wider):
    {
        name: f"{each.count_params():,} parameters"
        for name, each in {"small": small, "wider": wider, "deeper": deeper}.items()
    }
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## A real table

    Red wines: eleven measurements, and the quality that tasters gave. Tasters disagree,
    so there is much noise. We keep three rows of ten for validation; mean and deviation
    for standardizing come from the **training rows alone**, as anything learned from
    validation rows would make them less of a test. Equal rows are dropped first: a row
    that is on both sides tests memory.
    """)
    return


@app.cell
def _(mo, np):
    from pronghorn.learn.tables import table

    _found = table("red-wine", instead="sklearn/diabetes")
    wine = _found.frame.drop_duplicates()
    target = "quality" if _found.wanted else "target"
    _order = np.random.default_rng(0).permutation(len(wine))
    _train, _valid = np.split(_order, [int(0.7 * len(wine))])

    _x = wine.drop(columns=target).to_numpy("float32")
    _y = wine[target].to_numpy("float32")
    _mean, _deviation = _x[_train].mean(axis=0), _x[_train].std(axis=0)
    _x = (_x - _mean) / _deviation
    _scale = _y[_train].std()
    _y = (_y - _y[_train].mean()) / _scale

    x_train, y_train = _x[_train], _y[_train]
    x_valid, y_valid = _x[_valid], _y[_valid]
    data = {"validation_data": (x_valid, y_valid), "batch_size": 64, "verbose": 0}
    mo.md(
        f"*{_found.note}* Training on {len(_train):,} rows, {len(_valid):,} for "
        "validation."
    )
    return data, x_train, x_valid, y_train, y_valid


@app.cell
def keras_large(keras, layers):
    def network(columns):
        model = keras.Sequential(
            [
                layers.Dense(128, activation="relu", input_shape=[columns]),
                layers.Dense(128, activation="relu"),
                layers.Dense(1),
            ]
        )
        model.compile(optimizer="adam", loss="mae")
        return model

    large = network(11)
    return large, network


@app.cell
def _(data, keras, network, x_train, y_train):
    keras.utils.set_random_seed(1)
    overfitted = network(x_train.shape[1])
    history = overfitted.fit(x_train, y_train, epochs=60, **data)
    return (history,)


@app.cell(hide_code=True)
def _(history, mo, np):
    _valid = history.history["val_loss"]
    mo.md(f"""
    ## Learning curves

    The loss after each epoch, on training and on validation rows. Read them from the
    left: both fall while signal is learned; where the validation curve turns, training
    goes on with noise. Here that was after epoch {int(np.argmin(_valid)) + 1}, at
    {min(_valid):.3f}; after {len(_valid)} epochs it is {_valid[-1]:.3f}, while the
    training loss went down to {history.history["loss"][-1]:.3f}. (In standard
    deviations of the target.)

    ## Early stopping

    Why not stop where the validation loss is least? One cannot know that it will not
    fall again, so one waits: `patience` epochs without a gain of at least `min_delta`.
    By then the weights are worse than they were; `restore_best_weights=True` takes
    those of the best epoch. (Prechelt, *Early Stopping, But When?*, 1998.)
    """)
    return


@app.cell
def keras_early_stopping(keras):
    early_stopping = keras.callbacks.EarlyStopping(
        monitor="val_loss",  # the default
        min_delta=0.001,  # a gain of less does not count
        patience=10,  # epochs to wait for one
        restore_best_weights=True,
    )
    return (early_stopping,)


@app.cell
def _(data, early_stopping, history, keras, network, x_train, y_train):
    from pronghorn.learn.figures.measured import learning_curves

    keras.utils.set_random_seed(1)
    stopped = network(x_train.shape[1])
    stopped_history = stopped.fit(
        x_train, y_train, epochs=60, callbacks=[early_stopping], **data
    )
    learning_curves(
        {"all epochs": history, "early stopping": stopped_history},
        label="mean absolute error",
        title="Where the curves part, training should have stopped",
    )
    return (learning_curves,)


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    Early stopping costs nothing, so use it nearly always, with many epochs. One thing
    to mind: the validation rows chose the epoch, so the loss on them is a little too
    good. For a number to publish, keep a third part, the **holdout** (or test) rows,
    and look at it once.

    ## Penalties: L2, L1, weight decay

    A curve that bends sharply needs large weights. So add their size to the loss:

    $$\text{L2:}\quad L + \lambda \sum_i w_i^2 \qquad\qquad
      \text{L1:}\quad L + \lambda \sum_i |w_i|$$

    The gradient of L2 pulls each weight towards 0 in proportion to its size, so all get
    smaller; that of L1 pulls with the same force at any size, so many become almost 0
    and the unit ignores those inputs (Tibshirani, 1996). **Weight decay** takes a share
    of each weight away at every step, outside of the gradient. For plain gradient
    descent that is the same as L2; for Adam, which divides gradients by their size, it
    is not, and decay often works better (Loshchilov and Hutter, *AdamW*, 2019).
    """)
    return


@app.cell
def keras_penalties(keras, layers):
    def penalized(columns, regularizer=None, optimizer="adam"):
        model = keras.Sequential(
            [
                layers.Dense(
                    128,
                    activation="relu",
                    input_shape=[columns],
                    kernel_regularizer=regularizer,
                ),
                layers.Dense(128, activation="relu", kernel_regularizer=regularizer),
                layers.Dense(1),
            ]
        )
        model.compile(optimizer=optimizer, loss="mae", metrics=["mae"])
        return model

    with_l2 = penalized(11, keras.regularizers.L2(0.001))
    with_l1 = penalized(11, keras.regularizers.L1(0.0003))
    decayed = penalized(11, optimizer=keras.optimizers.AdamW(0.001, weight_decay=0.1))
    return decayed, penalized, with_l1, with_l2


@app.cell
def _(data, keras, np, pd, penalized, x_train, y_train):
    penalties = {
        "none": (None, "adam"),
        "L2 0.001": (keras.regularizers.L2(0.001), "adam"),
        "L1 0.0003": (keras.regularizers.L1(0.0003), "adam"),
        "weight decay 0.1": (None, keras.optimizers.AdamW(0.001, weight_decay=0.1)),
    }
    rows = []
    for _name, (_regularizer, _optimizer) in penalties.items():
        keras.utils.set_random_seed(1)
        _model = penalized(x_train.shape[1], _regularizer, _optimizer)
        _fitted = _model.fit(x_train, y_train, epochs=40, **data).history
        _weights = np.abs(_model.layers[1].get_weights()[0])
        rows.append(
            {
                "penalty": _name,
                "training": round(_fitted["mae"][-1], 3),
                "validation": round(_fitted["val_mae"][-1], 3),
                "mean |weight|": round(float(_weights.mean()), 4),
                "below 0.001": f"{100 * (_weights < 0.001).mean():.0f} %",
            }
        )
    pd.DataFrame(rows).set_index("penalty")
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    (The column is the metric `mae`, without the penalty: the loss has it in it, and
    losses with different penalties cannot be compared. Weights are those of the second
    layer, after 40 epochs.) Look at the last column: L1 is the one that makes weights
    vanish.

    ## Where weights start

    All zero is a dead end: all units of a layer would get the same gradient and stay
    the same for ever. So weights begin at random, and the size matters: a layer of $n$
    inputs multiplies the spread of its values by about $\sqrt{n}$ times the weights'
    deviation, ten layers do it ten times. **Glorot** initialization, Keras's default,
    has the variance $2 / (n_{in} + n_{out})$ (Glorot and Bengio, 2010); **He** has
    $2 / n_{in}$, which makes up for the half that `relu` cuts off (He et al., 2015):
    `Dense(64, activation="relu", kernel_initializer="he_normal")`.
    """)
    return


@app.cell
def _(start):
    start.spread()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## Steps that are too long: clipping

    One strange row can make one gradient huge, and the step after it can throw the
    network so far that its `relu` units never answer again. **Clipping** shortens a
    gradient that is longer than a limit, and keeps its direction:
    $g \leftarrow g \cdot \min(1, c / \lVert g \rVert)$ (Pascanu, Mikolov and Bengio,
    2013). Keras: `clipnorm=` for each weight array, `global_clipnorm=` for all weights
    together, `clipvalue=` for each number.

    The row that is far out is at the left picture's upper edge, or beyond.
    """)
    return


@app.cell
def _(start):
    start.clipping()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## Learning-rate schedules

    Long steps are quick and noisy, short ones exact and slow. A **schedule** begins
    with long ones and ends with short ones: in steps, exponentially, or along a cosine
    (Loshchilov and Hutter, *SGDR*, 2017). A **warm-up** raises the rate first, for
    starts that are too steep (Goyal et al., 2017). In Keras a schedule stands where the
    rate would, and counts **steps** (batches), not epochs.
    """)
    return


@app.cell
def _(schedules):
    schedules.schedules()
    return


@app.cell
def keras_schedules(keras, layers):
    cosine = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.01, decay_steps=1000
    )
    scheduled = keras.Sequential([layers.Dense(1, input_shape=[11])])
    scheduled.compile(optimizer=keras.optimizers.Adam(cosine, clipnorm=1.0), loss="mae")
    rate_at = [float(cosine(step)) for step in (0, 500, 1000)]
    return rate_at, scheduled


@app.cell(hide_code=True)
def _(mo, rate_at):
    mo.md(rf"""
    This one begins at {rate_at[0]:g}, has {rate_at[1]:g} half-way, and at the end
    {rate_at[2]:g} is left. Where there is no plan for the end, there is the callback
    `keras.callbacks.ReduceLROnPlateau`: it lowers the rate when a loss stands still.

    ## Label smoothing

    For classes (lessons 6 and 7) there is noise in the labels, too: some are wrong.
    A network that is pushed to answer 1.00 for every training row learns those. **Label
    smoothing** asks for a little less: with $K$ classes and smoothing $\alpha$,

    $$y' = (1 - \alpha)\, y + \alpha / K$$

    (Szegedy et al., 2016; Müller, Kornblith and Hinton, 2019, who measure when it
    helps). With $\alpha = 0.1$ and three classes, `1, 0, 0` becomes
    `0.933, 0.033, 0.033`.
    """)
    return


@app.cell
def keras_smoothing(keras, np):
    label = np.array([[1.0, 0.0, 0.0]])
    sure = np.array([[0.98, 0.01, 0.01]])
    hard = keras.losses.CategoricalCrossentropy()
    smooth = keras.losses.CategoricalCrossentropy(label_smoothing=0.1)
    losses = {"hard": float(hard(label, sure)), "smooth": float(smooth(label, sure))}
    by_hand = float(-np.sum((0.9 * label + 0.1 / 3) * np.log(sure)))
    return by_hand, losses


@app.cell(hide_code=True)
def _(by_hand, losses, mo):
    mo.md(rf"""
    For an answer of 0.98 the plain loss is {losses["hard"]:.3f}, the smoothed one
    {losses["smooth"]:.3f} (by hand: {by_hand:.3f}): to be that sure now costs
    something.

    ## Ensembles

    Train several networks that differ in nothing but their first weights, and average
    what they say. The signal is what they agree on; their noise is partly their own,
    and averages out (Hansen and Salamon, 1990; Lakshminarayanan, Pritzel and Blundell,
    2017). For the squared error this is certain: the mean of the answers errs no more
    than the networks do on average.
    """)
    return


@app.cell
def _(fitting):
    fitting.ensemble()
    return


@app.cell
def _(early_stopping, data, keras, mo, network, np, x_train, x_valid, y_train, y_valid):
    said = []
    for _seed in range(5):
        keras.utils.set_random_seed(_seed)
        _member = network(x_train.shape[1])
        _member.fit(x_train, y_train, epochs=60, callbacks=[early_stopping], **data)
        said.append(_member.predict(x_valid, verbose=0)[:, 0])
    singles = [float(np.abs(each - y_valid).mean()) for each in said]
    together = float(np.abs(np.mean(said, axis=0) - y_valid).mean())
    mo.md(
        f"On the real table, five networks: off by {min(singles):.3f} to "
        f"{max(singles):.3f} each, {np.mean(singles):.3f} on average; their mean is "
        f"off by **{together:.3f}**."
    )
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## What to take along

    - Judge by rows that training never saw. Signal holds for them, noise does not.
    - Underfitting: both losses high; add units, layers or epochs. Overfitting: the
      curves part; hold back.
    - `EarlyStopping(patience=..., restore_best_weights=True)` first; then penalties or
      weight decay; several networks instead of one for the last percent.
    - Training that blows up or stands still: look at the start (`he_normal`), the
      gradients (`clipnorm`) and the rate (a schedule).

    **Next:** [the exercise](?file=exercise_4.py), then
    [lesson 5, dropout and batch normalization](?file=lesson_5.py).
    """)
    return


if __name__ == "__main__":
    app.run()
