"""Answers to lesson 5."""

from tests.learn.answers import Answers

IN = "input_shape=[x.shape[1]]"
NORM = "layers.BatchNormalization()"
DROPOUT = (
    f"with_dropout = keras.Sequential([layers.Dense(128, 'relu', {IN}), "
    "layers.Dropout(0.3), layers.Dense(64, 'relu'), layers.Dropout(0.3), "
    "layers.Dense(1)])"
)


def normed(
    name: str = "with_norm",
    hidden: str = f"layers.Dense(64, 'relu'), {NORM}, ",
    first: str = f"layers.BatchNormalization({IN}), ",
    optimizer: str = "'sgd'",
    loss: str = "mae",
    last: str = "",
) -> str:
    """A net with twice the hidden layers given, compiled."""
    return (
        f"{name} = keras.Sequential([{first}{hidden}{hidden}layers.Dense(1){last}])\n"
        f"{name}.compile({optimizer}, '{loss}')"
    )


def trained(hidden: str, optimizer: str = "'sgd'", fit: str = "epochs=80") -> str:
    """A net with batch normalization first and hidden layers as given, trained."""
    return (
        "keras.utils.set_random_seed(0)\n"
        + normed("trained", hidden, optimizer=optimizer)
        + f"\ntrained.fit(x_train, y_train, batch_size=32, verbose=0, {fit})"
    )


BOTH = f"layers.Dense(64, 'relu'), {NORM}, "

ANSWERS = {
    "q_1": Answers(
        right=[
            "dropped = values * mask / (1 - rate)",
            "dropped = [v * m / 0.75 for v, m in zip(values, mask)]",
            "dropped = np.where(mask, values, 0) * 4 / 3",
        ],
        wrong={
            "dropped = values * mask": "makes up for that",
            "dropped = values * mask / rate": "share that is dropped",
            "dropped = values * mask * (1 - rate)": "smaller still",
            "dropped = values / (1 - rate)": "should be 0",
            "dropped = values[mask == 1]": "has the shape",
            "dropped = 'values'": "array of numbers",
        },
    ),
    "q_2": Answers(
        right=[
            "on_in_training, on_predicting = 150, 200",
            "on_in_training, on_predicting = 200 * (1 - 0.25), np.float64(200)",
        ],
        wrong={
            "on_in_training, on_predicting = 50, 200": "are dropped",
            "on_in_training, on_predicting = 150, 150": "two predictions",
            "on_in_training, on_predicting = 200, 200": "some are dropped",
            "on_in_training, on_predicting = 150.0, 0": "not 0 units",
            "on_in_training, on_predicting = '150', '200'": "should be a number",
        },
    ),
    "q_3": Answers(
        right=[
            DROPOUT,
            "inputs = keras.Input((x.shape[1],))\n"
            "hidden = inputs\n"
            "for units in (128, 64):\n"
            "    hidden = layers.Activation('relu')(layers.Dense(units)(hidden))\n"
            "    hidden = layers.Dropout(rate=0.3)(hidden)\n"
            "with_dropout = keras.Model(inputs, layers.Dense(1)(hidden))",
        ],
        wrong={
            DROPOUT.replace("0.3", "0.7"): "not what stays",
            DROPOUT.replace("0.3", "0.5", 1): "A rate is 0.5",
            DROPOUT.replace("layers.Dropout(0.3), ", "", 1): "there are 1",
            DROPOUT.replace(
                "layers.Dense(1)]", "layers.Dense(1), layers.Dropout(0.3)]"
            ): "deletes answers",
            DROPOUT.replace("128", "64"): "asked for: 128",
            "with_dropout = keras.Sequential([layers.Dropout(0.3, "
            f"{IN}), layers.Dense(128, 'relu'), layers.Dropout(0.3), "
            "layers.Dense(64, 'relu'), layers.Dense(1)])": "drops columns",
            DROPOUT.replace("'relu'", "'tanh'"): "should be relu",
            "with_dropout = layers.Dropout(0.3)": "a single layer",
        },
    ),
    "q_4": Answers(
        right=[
            "normalized = (batch - batch.mean(axis=0)) / "
            "np.sqrt(batch.var(axis=0) + 0.001)",
            "normalized = np.array(layers.BatchNormalization()"
            "(batch.astype('float32'), training=True))",
            "normalized = (batch - batch.mean(0)) / batch.std(0)",
        ],
        wrong={
            "normalized = (batch - batch.mean()) / batch.std()": "one mean for all",
            "normalized = (batch - batch.mean(1, keepdims=True)) / "
            "batch.std(1, keepdims=True)": "each row",
            "normalized = batch - batch.mean(axis=0)": "And the spread",
            "normalized = (batch - batch.mean(0)) / batch.var(0)": "variance itself",
            "normalized = np.array(layers.BatchNormalization()"
            "(batch.astype('float32')))": "not the layer's numbers",
            "normalized = batch.mean(axis=0)": "has the shape",
        },
    ),
    "q_5": Answers(
        right=[
            normed(),
            normed(
                hidden=f"layers.Dense(64, use_bias=False), {NORM}, layers.ReLU(), ",
                first=f"keras.Input((x.shape[1],)), {NORM}, ",
                optimizer="keras.optimizers.SGD(0.05)",
                loss="mean_absolute_error",
            ),
        ],
        wrong={
            normed(
                first=f"layers.Dense(64, 'relu', {IN}), {NORM}, ", hidden=""
            ).replace("layers.Dense(1)", BOTH + "layers.Dense(1)"): "normalize them",
            normed(hidden="layers.Dense(64, 'relu'), "): "There are 1",
            normed(last=f", {NORM}"): "answer itself",
            normed(hidden=f"layers.Dense(32, 'relu'), {NORM}, "): "asked for: 64",
            normed(hidden=f"layers.Dense(64), {NORM}, "): "its activation",
            normed(optimizer="'adam'"): "plain gradient descent",
            normed(loss="mse"): "mean absolute error",
        },
    ),
    "q_6": Answers(
        right=[
            trained(BOTH, "keras.optimizers.SGD(0.05)"),
            trained(BOTH, "keras.optimizers.Adam(0.01)", "epochs=60"),
        ],
        wrong={
            trained(BOTH, fit="epochs=1"): "Was it trained",
            "trained = keras.Sequential([layers.Dense(64, 'relu', "
            f"{IN}), layers.Dense(1)])": "no batch normalization",
            normed("trained"): "Was it trained",
            normed("trained", last=", layers.Dense(2)"): "2 numbers",
            "trained = keras.layers.BatchNormalization()": "a single layer",
        },
    ),
}
