import marimo

app = marimo.App(width="medium", app_title="6 Binary classification: exercise")


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    # Exercise 6: binary classification

    *To [lesson 6](?file=lesson_6.py). [The course](?file=index.py)*

    Put an answer in place of each `...` and run the cell (Ctrl+Enter, or ⌘+Enter): the
    cell below looks at it at once. Stuck? Take away the `#` before `hint()` or
    `solution()`. What you have solved is kept.
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

    from pronghorn.learn.questions.lesson_6 import q_1, q_2, q_3, q_4, q_5, q_6

    return keras, layers, mo, np, pd, q_1, q_2, q_3, q_4, q_5, q_6


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    *Hotel Bookings*: bookings of two hotels in Portugal, and whether the guest
    cancelled (N. Antonio and others, *Hotel booking demand datasets*, 2019). Class 1 is
    *cancelled*.

    Look at the columns before you train. `reservation_status` says `Canceled`: it is
    the answer in other words, and so is its date. Columns such as `assigned_room_type`
    are filled in at the desk, when the guest is already there. A net that gets them
    looks excellent, and is of no use on the day of the booking: this is called
    **leakage**. So we keep what is known when the booking is made. Some bookings are in
    the table many times; of equal rows one stays, else rows held out would not be new.
    """)
    return


@app.cell
def _(mo, np, pd):
    from pronghorn.learn.tables import table

    found = table("hotel", instead="sklearn/breast_cancer")
    if found.wanted:
        goal = 0.78
        _rows = found.frame.sample(12_000, random_state=0).drop_duplicates()
        _numbers = (
            "lead_time arrival_date_week_number stays_in_weekend_nights "
            "stays_in_week_nights adults is_repeated_guest previous_cancellations adr "
            "total_of_special_requests"
        ).split()
        _words = ["hotel", "market_segment", "deposit_type", "customer_type"]
        _x = pd.get_dummies(_rows[_numbers + _words]).to_numpy("float32")
        _y = _rows["is_canceled"].to_numpy("float32")
    else:
        goal = 0.98  # this table is an easier one; class 1 is malignant
        _rows = found.frame.sample(frac=1, random_state=0)
        _x = _rows.drop(columns="target").to_numpy("float32")
        _y = (_rows["target"] == 0).to_numpy("float32")

    _seen = len(_x) * 7 // 10
    _deviation = _x[:_seen].std(axis=0)
    _x = (_x - _x[:_seen].mean(axis=0)) / np.where(_deviation > 0, _deviation, 1)
    x_train, x_valid = _x[:_seen], _x[_seen:]
    y_train, y_valid = _y[:_seen], _y[_seen:]
    mo.vstack([mo.md(f"*{found.note}*"), _rows.head()])
    return goal, x_train, x_valid, y_train, y_valid


@app.cell(hide_code=True)
def _(mo, x_train, x_valid, y_train):
    mo.md(f"""
    Ready for you, standardized: `x_train` and `y_train` with {len(x_train):,} rows and
    {x_train.shape[1]} columns, `x_valid` and `y_valid` with {len(x_valid):,} more. The
    share of class 1 in `y_train` is {y_train.mean():.1%}.

    ## 1 What must be beaten

    What accuracy on `y_valid` has someone who says the more frequent class for every
    row? Compute it from `y_valid`.
    """)
    return


@app.cell
def _():
    baseline = ...
    return (baseline,)


@app.cell
def _(baseline, q_1, y_valid):
    q_1.check(baseline, y_valid)
    return


@app.cell
def _():
    # q_1.hint()
    # q_1.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 2 Cross-entropy by hand

    Three rows: what they are, and the probability of class 1 that a net gives them.
    What is the binary cross-entropy, the mean over the three?
    """)
    return


@app.cell
def _(np):
    truth = np.array([1.0, 0.0, 0.0])
    p = np.array([0.8, 0.1, 0.6])

    entropy = ...
    return (entropy,)


@app.cell
def _(entropy, q_2):
    q_2.check(entropy)
    return


@app.cell
def _():
    # q_2.hint()
    # q_2.solution()
    return


@app.cell(hide_code=True)
def _(mo, x_train):
    mo.md(f"""
    ## 3 A net for two classes

    Make a net for rows of {x_train.shape[1]} numbers: two hidden layers of 64 units
    with ReLU, and a last layer that gives **one** number, the probability of class 1.
    Compile it with Adam, the loss that belongs to such a net, and accuracy as a metric.
    """)
    return


@app.cell
def _():
    model = ...
    return (model,)


@app.cell
def _(model, q_3, x_train):
    q_3.check(model, x_train)
    return


@app.cell
def _():
    # q_3.hint()
    # q_3.solution()
    return


@app.cell(hide_code=True)
def _(goal, mo):
    mo.md(f"""
    ## 4 Train it

    Train a net of your choice on `x_train` and `y_train`, until its AUC on the rows
    held out is at least **{goal}**. Call it `trained`. It may be the one above, or
    another; its output is the probability of class 1.
    """)
    return


@app.cell
def _():
    trained = ...
    return (trained,)


@app.cell
def _(goal, q_4, trained, x_valid, y_valid):
    q_4.check(trained, x_valid, y_valid, goal)
    return


@app.cell
def _():
    # q_4.hint()
    # q_4.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 5 Precision and recall

    Ten bookings: which were cancelled (`is_one`), and which the net called so at its
    threshold (`called`). Compute `precision` and `recall`.
    """)
    return


@app.cell
def _(np):
    is_one = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
    called = np.array([1, 1, 1, 0, 1, 1, 0, 0, 0, 0])

    precision, recall = ..., ...
    return precision, recall


@app.cell
def _(precision, q_5, recall):
    q_5.check(precision, recall)
    return


@app.cell
def _():
    # q_5.hint()
    # q_5.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    ## 6 The threshold that pays

    An empty room that we did not foresee costs 100 euros. To call a guest and ask costs
    20 euros, and always settles the matter. The net is calibrated. From which
    probability of a cancellation on should the hotel call? Above your threshold calling
    should be cheaper on average, below it not calling.
    """)
    return


@app.cell
def _():
    threshold = ...
    return (threshold,)


@app.cell
def _(q_6, threshold):
    q_6.check(threshold)
    return


@app.cell
def _():
    # q_6.hint()
    # q_6.solution()
    return


@app.cell(hide_code=True)
def _(mo):
    mo.md(r"""
    Done? On to [lesson 7, many classes](?file=lesson_7.py).
    """)
    return


if __name__ == "__main__":
    app.run()
