"""Answers to lesson 4."""

from tests.learn.answers import Answers

STOP = "early_stopping = keras.callbacks.EarlyStopping("
WIDER = (
    "wider = keras.Sequential([layers.Dense(64, 'relu', "
    "input_shape=[x_train.shape[1]]), layers.Dense(1)])\n"
)
DEEPER = (
    "deeper = keras.Sequential([layers.Dense(16, 'relu', "
    "input_shape=[x_train.shape[1]]), layers.Dense(16, 'relu'), "
    "layers.Dense(16, 'relu'), layers.Dense(1)])"
)
L2 = "kernel_regularizer=keras.regularizers.L2(0.001)"


def penalized(first: str, second: str, loss: str = "mae", units: int = 64) -> str:
    """A penalized net with the given arguments of its hidden layers."""
    return (
        f"penalized = keras.Sequential([layers.Dense({units}, 'relu', {first}, "
        f"input_shape=[x_train.shape[1]]), layers.Dense({units}, 'relu', {second}), "
        f"layers.Dense(1)])\npenalized.compile('adam', '{loss}')"
    )


def schedule(rate: str, optimizer: str = "Adam") -> str:
    """An optimizer with the given rate, `made` being Keras's schedules."""
    return (
        "made = keras.optimizers.schedules\n"
        "steps = 20 * -(-len(x_train) // 128)\n"
        f"optimizer = keras.optimizers.{optimizer}({rate})"
    )


def trained(
    epochs: int = 60,
    stop: str = "patience=5, restore_best_weights=True",
    loss: str = "mae",
    valid: str = "validation_data=(x_valid, y_valid), ",
) -> str:
    """A net that is trained with the given epochs and early stopping."""
    return (
        "keras.utils.set_random_seed(0)\n"
        "trained = keras.Sequential([layers.Dense(128, 'relu', "
        "input_shape=[x_train.shape[1]]), layers.Dense(64, 'relu'), layers.Dense(1)])\n"
        f"trained.compile('adam', '{loss}')\n"
        "history = trained.fit(x_train, y_train, batch_size=128, verbose=0, "
        f"{valid}epochs={epochs}, callbacks=[keras.callbacks.EarlyStopping({stop})])"
    )


ANSWERS = {
    "q_1": Answers(
        right=[
            "first, second, third = 'underfitting', 'overfitting', 'good fit'",
            "first, second, third = 'Underfit', 'Overfit', 'A good fit'",
        ],
        wrong={
            "first, second, third = 'overfitting', 'underfitting', 'good fit'": (
                "the other way round"
            ),
            "first, second, third = 'underfitting', 'good fit', 'overfitting'": (
                "second pair"
            ),
            "first, second, third = 'good fit', 'overfitting', 'good fit'": (
                "first pair"
            ),
            "first, second, third = 'bad', 'overfitting', 'good fit'": "the words are",
            "first, second, third = 1, 2, 3": "words between quotes",
        },
    ),
    "q_2": Answers(
        right=[
            STOP + "min_delta=0.001, patience=5, restore_best_weights=True)",
            STOP + "'val_loss', 0.001, 5, mode='min', restore_best_weights=True)",
            "early_stopping = [keras.callbacks.EarlyStopping(min_delta=1e-3, "
            "patience=5, restore_best_weights=True)]",
        ],
        wrong={
            STOP + "min_delta=0.001, patience=5)": "best weights",
            STOP + "patience=5, restore_best_weights=True)": "least gain",
            STOP + "min_delta=0.001, patience=20, restore_best_weights=True)": (
                "waits 20"
            ),
            STOP + "'loss', 0.001, 5, restore_best_weights=True)": "Which loss",
            "early_stopping = keras.callbacks.EarlyStopping": "Call it",
            "early_stopping = True": "this is a bool",
        },
    ),
    "q_3": Answers(
        right=[
            WIDER + DEEPER,
            "wider = keras.Sequential([keras.Input((x_train.shape[1],)), "
            "layers.Dense(128), layers.ReLU(), layers.Dense(1)])\n"
            "inputs = keras.Input((x_train.shape[1],))\n"
            "hidden = inputs\n"
            "for _ in range(3):\n"
            "    hidden = layers.Dense(16, activation='tanh')(hidden)\n"
            "deeper = keras.Model(inputs, layers.Dense(1)(hidden))",
        ],
        wrong={
            WIDER.replace("64", "32") + DEEPER: "not four times",
            WIDER + DEEPER.replace("layers.Dense(16, 'relu'), ", "", 1): "2 hidden",
            WIDER + DEEPER.replace("layers.Dense(16, 'relu')", "layers.Dense(16)"): (
                "no activation"
            ),
            WIDER + DEEPER.replace("16", "64"): "as wide as that",
            DEEPER.replace("deeper", "wider") + "\n" + DEEPER: "Add units",
            WIDER + "deeper = [16, 16, 16]": "a list of layers",
        },
    ),
    "q_4": Answers(
        right=[
            penalized(L2, L2),
            penalized(
                "kernel_regularizer=keras.regularizers.l2(1e-3)",
                "kernel_regularizer=keras.regularizers.L1L2(l2=1e-3)",
                "mean_absolute_error",
            ),
        ],
        wrong={
            penalized(L2, "name='second'"): "Hidden layer 2 has no penalty",
            penalized(
                "bias_regularizer=keras.regularizers.L2(0.001)", L2
            ): "has a bias penalty",
            penalized("kernel_regularizer='l2'", "kernel_regularizer='l2'"): (
                "is 0.01, not"
            ),
            penalized(L2.replace("L2", "L1"), L2): "absolute values",
            penalized(L2, L2, units=32): "asked for: two of 64",
            penalized(L2, L2, "mse"): "loss should be",
        },
    ),
    "q_5": Answers(
        right=[
            schedule("made.CosineDecay(0.01, steps)"),
            schedule(
                "learning_rate=made.CosineDecay(initial_learning_rate=0.01, "
                "decay_steps=steps, alpha=0.0), clipnorm=1.0"
            ),
        ],
        wrong={
            schedule("0.01"): "no schedule",
            schedule("made.CosineDecay(0.01, 20)"): "after 20 steps",
            schedule("made.CosineDecay(0.01, 20 * len(x_train))"): "not when",
            schedule("made.CosineDecay(0.1, steps)"): "begins with a rate of 0.1",
            schedule("made.CosineDecay(0.01, steps, alpha=0.1)"): "not near 0",
            schedule("made.ExponentialDecay(0.01, steps, 0.01)"): "ExponentialDecay",
            schedule("made.CosineDecay(0.01, steps)", "SGD"): "not SGD",
            "optimizer = keras.optimizers.schedules.CosineDecay(0.01, 100)": (
                "That is the schedule"
            ),
        },
    ),
    "q_6": Answers(
        right=[
            trained(),
            trained(stop="patience=8, start_from_epoch=2, restore_best_weights=True")
            + "\nhistory = history.history",
        ],
        wrong={
            trained(stop="patience=5"): "weights of its last epoch",
            trained(valid="", stop="'loss'"): "no validation loss",
            trained(loss="mse"): "mean absolute error",
            trained(epochs=1): "Allow more epochs",
            trained() + "\nhistory = trained": "what `fit` gave back",
        },
    ),
}
