import marimo

app = marimo.App(width="medium", app_title="4 Overfitting and underfitting: exercise")


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    # Exercise 4: overfitting and underfitting

    *To [lesson 4](?file=lesson_4.py). [The course](?file=index.py)*

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

    from pronghorn.learn.figures.measured import learning_curves
    from pronghorn.learn.questions.lesson_4 import q_1, q_2, q_3, q_4, q_5, q_6

    return keras, layers, learning_curves, mo, np, q_1, q_2, q_3, q_4, q_5, q_6


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    How popular is a song, from 0 to 1? The *Spotify Songs* table (TidyTuesday, 2020)
    has what Spotify measures of a song's sound, its genre and its popularity.

    Songs of one artist are alike. If some of them were in training and others in
    validation, the network could recognize the artist and would look better than it is.
    So we split **by artist**: each is on one side only. A quarter of the artists is
    enough here, so that training is quick.
    """)
    return


@app.cell
def _(mo, np):
    from pronghorn.learn.tables import table

    _found = table("spotify", instead="sklearn/diabetes")
    _rng = np.random.default_rng(0)
    if _found.wanted:
        songs = _found.frame.dropna().reset_index(drop=True)
        _sound = "danceability energy key loudness mode speechiness acousticness "
        _sound += "instrumentalness liveness valence tempo duration_ms"
        _columns = [songs[_sound.split()].to_numpy("float32")]
        for _genre in sorted(songs["playlist_genre"].unique()):
            _columns.append((songs[["playlist_genre"]] == _genre).to_numpy("float32"))
        _x = np.hstack(_columns)
        _y = songs["track_popularity"].to_numpy("float32") / 100
        _names = songs["track_artist"].to_numpy(str)
    else:  # every row is an artist of its own
        songs = _found.frame
        _x = songs.drop(columns="target").to_numpy("float32")
        _y = songs["target"].to_numpy("float32") / 350
        _names = np.arange(len(songs)).astype(str)
    _artists = _rng.permutation(np.unique(_names))
    if _found.wanted:
        _artists = _artists[: len(_artists) // 4]
    _cut = int(0.75 * len(_artists))
    _train = np.isin(_names, _artists[:_cut])
    _valid = np.isin(_names, _artists[_cut:])
    _mean, _deviation = _x[_train].mean(axis=0), _x[_train].std(axis=0)
    _x = (_x - _mean) / np.maximum(_deviation, 1e-7)
    x_train, y_train = _x[_train], _y[_train]
    x_valid, y_valid = _x[_valid], _y[_valid]
    mo.md(
        f"*{_found.note}* Training on {len(x_train):,} rows of {_cut:,} artists, "
        f"{len(x_valid):,} rows of {len(_artists) - _cut:,} others for validation; "
        f"{x_train.shape[1]} standardized columns."
    )
    return x_train, x_valid, y_train, y_valid


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 1 Reading learning curves

    Three networks, three pairs of curves. Which is which? Each of `first`, `second` and
    `third` is one of `"underfitting"`, `"overfitting"` and `"good fit"`.
    """)
    return


@app.cell(hide_code=True)
def _(learning_curves, np):
    _epoch = np.arange(1, 61)
    _noise = np.random.default_rng(3).normal(0, 0.004, (6, 60))
    _first = 0.62 + 0.3 * np.exp(-_epoch / 8)
    _second = 0.05 + 0.8 * np.exp(-_epoch / 12)
    _third = 0.2 + 0.7 * np.exp(-_epoch / 10)
    learning_curves(
        {
            "first": {
                "loss": _first + _noise[0],
                "val_loss": _first + 0.02 + _noise[1],
            },
            "second": {
                "loss": _second + _noise[2],
                "val_loss": _second + 0.08 + 0.009 * _epoch + _noise[3],
            },
            "third": {
                "loss": _third + _noise[4],
                "val_loss": _third + 0.025 + _noise[5],
            },
        },
        title="Made up, so that each case is plain",
    )
    return


@app.cell
def _():
    first, second, third = ..., ..., ...
    return first, second, third


@app.cell
def _(first, q_1, second, third):
    q_1.check(first, second, third)
    return


@app.cell
def _():
    # q_1.hint()
    # q_1.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 2 Early stopping

    Make a callback that ends training when the validation loss has not fallen by at
    least 0.001 for 5 epochs, and then gives the model back its best weights.
    """)
    return


@app.cell
def _():
    early_stopping = ...
    return (early_stopping,)


@app.cell
def _(early_stopping, q_2):
    q_2.check(early_stopping)
    return


@app.cell
def _():
    # q_2.hint()
    # q_2.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 3 Wider and deeper

    Say that `small` below underfits. Give it more capacity in two ways: `wider` has at
    least four times the units in its one hidden layer; `deeper` has three hidden
    layers, each as wide as that of `small`. The hidden layers have an activation. (No
    need to compile them.)
    """)
    return


@app.cell
def _(keras, layers, x_train):
    small = keras.Sequential(
        [
            layers.Dense(16, activation="relu", input_shape=[x_train.shape[1]]),
            layers.Dense(1),
        ]
    )
    small.count_params()
    return


@app.cell
def _():
    wider = ...
    deeper = ...
    return deeper, wider


@app.cell
def _(deeper, q_3, wider, x_train):
    q_3.check(wider, deeper, x_train)
    return


@app.cell
def _():
    # q_3.hint()
    # q_3.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 4 An L2 penalty

    Make a network with two hidden layers of 64 units and `relu`, each with an L2
    penalty on its weights (its *kernel*), with the factor 0.001; then one linear unit.
    Compile it with Adam and the mean absolute error.
    """)
    return


@app.cell
def _():
    penalized = ...
    return (penalized,)


@app.cell
def _(penalized, q_4, x_train):
    q_4.check(penalized, x_train)
    return


@app.cell
def _():
    # q_4.hint()
    # q_4.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 5 A schedule

    Make an `optimizer`: Adam, with a learning rate that falls along a cosine from 0.01
    to 0, and is there when training ends. That training has 20 epochs of batches of 128
    rows of `x_train`.
    """)
    return


@app.cell
def _():
    optimizer = ...
    return (optimizer,)


@app.cell
def _(optimizer, q_5, x_train):
    q_5.check(optimizer, x_train)
    return


@app.cell
def _():
    # q_5.hint()
    # q_5.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 6 Stop in time

    Now train: a network of your choice (hidden layers with an activation, then one
    linear unit), the mean absolute error as loss, and early stopping on `x_valid`,
    `y_valid`. It is to stop by itself, have the weights of its best epoch, and be
    better than always saying the median. Keep what `fit` gives as `history`.
    """)
    return


@app.cell
def _():
    trained = ...
    history = ...
    return history, trained


@app.cell
def _(history, q_6, trained, x_valid, y_valid):
    q_6.check(trained, history, x_valid, y_valid)
    return


@app.cell
def _():
    # q_6.hint()
    # q_6.solution()
    return


@app.cell
def _(history, learning_curves, mo):
    mo.stop(history is ..., mo.md("*Your learning curves come here.*"))
    learning_curves({"your network": history}, label="mean absolute error")
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    Popularity has much noise: what a song sounds like tells little of it, and no
    network will do much better. Done? On to [lesson 5, dropout and batch
    normalization](?file=lesson_5.py).
    """)
    return


if __name__ == "__main__":
    app.run()
