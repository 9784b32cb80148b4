"""Answers to lesson 3."""

from tests.learn.answers import Answers

BUILT = """\
model = keras.Sequential([
    layers.Dense(16, activation="relu", input_shape=[x.shape[1]]), layers.Dense(1)])
"""
SGD = "keras.optimizers.SGD(learning_rate=0.05, momentum=0.9)"
READY = "\nready = model"

NET = """\
trained = keras.Sequential([
    layers.Dense(64, activation="relu", input_shape=[x.shape[1]]),
    layers.Dense(64, activation="relu"),
    layers.Dense(1),
])
"""
FIT = """\
trained.compile(optimizer=keras.optimizers.Adam(0.01), loss="mae")
history = trained.fit(
    x, y, validation_data=(x_valid, y_valid), epochs=40, batch_size=32, verbose=0)
"""


def replaced(code: str, *pairs: tuple[str, str]) -> str:
    """The code with words in place of others, each of which it has."""
    for before, after in pairs:
        assert before in code
        code = code.replace(before, after)
    return code


def compiled(words: str) -> str:
    """The model of question 4, compiled so."""
    return f"model.compile({words}){READY}"


ANSWERS = {
    "q_1": Answers(
        right=[
            "mae = np.abs(true - predicted).mean()\n"
            "mse = ((true - predicted)**2).mean()",
            "mae, mse = 2, 7.5",
            "mae = keras.losses.mean_absolute_error(true[None], predicted[None])\n"
            "mse = keras.losses.mean_squared_error(true[None], predicted[None])\n"
            "mae, mse = float(mae[0]), float(mse[0])",
        ],
        wrong={
            "mae, mse = 7.5, 2": "other way round",
            "mae, mse = 8, 30": "That is a sum",
            "mae, mse = np.mean(predicted - true), 7.5": "no sign",
            "mae, mse = 2.0, 7.5**0.5": "the root",
            "mae, mse = 2.0, 4.0": "First square",
            "mae, mse = np.abs(true - predicted), 7.5": "4 numbers",
            "mae, mse = '2', 7.5": "should be a number",
            "mae, mse = 2.5, 7.5": "not the mean absolute error",
        },
    ),
    "q_2": Answers(
        right=["w, b = 0.2, 0.4", "w = 2 - 0.1 * 18\nb = 1 - 0.1 * 6"],
        wrong={
            "w, b = 3.8, 1.6": "up the slope",
            "w, b = 1.1, 0.7": "factor of two",
            "w, b = 1.4, 0.4": "its input",
            "w, b = -16, -5": "learning rate",
            "w, b = 0.2, 1": "takes a step, too",
            "w, b = 0.2, 0.5": "look at `b`",
            "w, b = 'less', 0.4": "should be a number",
        },
    ),
    "q_3": Answers(
        right=[
            "steps = int(np.ceil(len(x) / 32)) * 20",
            "steps = -(-len(x) // 32) * 20",
        ],
        wrong={
            "steps = len(x) // 32 * 20": "that are left",
            "steps = len(x) / 32 * 20": "that are left",
            "steps = np.ceil(len(x) / 32)": "one epoch",
            "steps = len(x) * 20": "for each row",
            "steps = 20": "number of epochs",
            "steps = 7": "batches of one epoch",
            "steps = [26, 20]": "should be a number",
        },
    ),
    "q_4": Answers(
        before=BUILT,
        right=[
            compiled(f"optimizer={SGD}, loss='huber', metrics=['mae']"),
            compiled(
                "keras.optimizers.SGD(0.05, 0.9, nesterov=True), keras.losses.Huber(), "
                "metrics=[keras.metrics.MeanAbsoluteError()]"
            ),
            compiled(
                f"{SGD}, keras.losses.huber, metrics=['mse', 'mean_absolute_error']"
            ),
        ],
        wrong={
            "ready = ...": "Put your answer",
            "ready = model": "not compiled",
            compiled("'adam', 'huber', metrics=['mae']"): "adam",
            compiled("'sgd', 'huber', metrics=['mae']"): "learning rate is 0.01",
            compiled(
                "keras.optimizers.SGD(0.05), 'huber', metrics=['mae']"
            ): "momentum",
            compiled(f"{SGD}, 'mae', metrics=['mae']"): "the loss is mean_absolute",
            compiled(f"{SGD}, 'huber'"): "Which metric",
            compiled(f"{SGD}, keras.losses.Huber(0.1), metrics=['mae']"): "delta",
        },
    ),
    "q_5": Answers(
        right=[
            "too_small, best, too_large = 0.00003, 0.01, 2.0",
            "too_small, best, too_large = 3e-5, sorted(curves)[2], 2",
        ],
        wrong={
            "too_small, best, too_large = 2.0, 0.01, 0.00003": "other way round",
            "too_small, best, too_large = 0.00003, 0.001, 2.0": "gets lower",
            "too_small, best, too_large = 0.001, 0.01, 2.0": "evenly",
            "too_small, best, too_large = 0.00003, 0.01, 0.001": "jumps about",
            "too_small, best, too_large = 0.1, 0.01, 2.0": "none of the four",
            "too_small, best, too_large = 'a', 'b', 'c'": "should be a number",
        },
    ),
    "q_6": Answers(
        right=[
            NET + FIT,
            replaced(NET, ("64", "48"))
            + replaced(FIT, ('"mae"', '"mse"'), ("batch_size=32", "batch_size=16")),
        ],
        wrong={
            replaced(NET, (', activation="relu"', "")) + FIT: "the goal is 0.65",
            NET + replaced(FIT, ("epochs=40", "epochs=60")): "60 epochs",
            NET
            + replaced(
                FIT, ("validation_data=(x_valid, y_valid), ", "")
            ): "validation_data",
            NET + FIT + "history = history.history": "as it is",
            NET + FIT + replaced(NET, ("trained", "trained")): "another model",
            "trained, history = 1, 2": "should be a model",
        },
    ),
}
