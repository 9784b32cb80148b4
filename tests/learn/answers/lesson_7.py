"""Answers to lesson 7."""

from tests.learn.answers import Answers

LABELS = """\
y_train = np.array([kinds.index(word) for word in words_train])
y_valid = np.array([kinds.index(word) for word in words_valid])
"""
SEED = "keras.utils.set_random_seed(3)\n"
SPARSE = "sparse_categorical_crossentropy"


def net(head: str = "layers.Dense(3, 'softmax')", hidden: str = "'relu'") -> str:
    """Code of a hidden layer and a last one."""
    return (
        "keras.Sequential([keras.Input((x_train.shape[1],)), "
        f"layers.Dense(16, {hidden}), {head}])\n"
    )


def compiled(loss: str = f"'{SPARSE}'", metrics: str = "['accuracy']") -> str:
    """Code that compiles `model`."""
    return f"model.compile('adam', {loss}, metrics={metrics})"


FITTED = (
    f"trained.compile(keras.optimizers.Adam(0.02), '{SPARSE}')\n"
    "trained.fit(x_train, y_train, epochs=30, verbose=0)"
)

ANSWERS = {
    "q_1": Answers(
        right=[
            "probabilities = np.exp(logits) / np.sum(np.exp(logits))",
            "probabilities = keras.activations.softmax(logits[None])[0]",
            "probabilities = [0.705, 0.259, 0.035]",
        ],
        wrong={
            "probabilities = np.exp(logits)": "more than 1",
            "probabilities = logits / np.sum(logits)": "below 0",
            "probabilities = 1 / (1 + np.exp(-logits))": "sigmoid",
            "probabilities = [0.5, 0.3, 0.2]": "not the softmax",
            "probabilities = np.max(logits)": "three classes",
            "probabilities = 'cat'": "should be numbers",
        },
    ),
    "q_2": Answers(
        right=[
            LABELS,
            "y_train = np.searchsorted(kinds, words_train)\n"
            "y_valid = list(np.searchsorted(kinds, words_valid))",
            "y_train, y_valid = (np.argmax(each[:, None] == kinds, axis=1)"
            " for each in (words_train, words_valid))",
        ],
        wrong={
            LABELS + "y_train = y_train + 1": "from 0",
            LABELS + "y_train = np.eye(3)[y_train]": "one-hot",
            LABELS + "y_valid = y_train": "labels for",
            LABELS + "y_valid = 0 * y_valid": "where the word is",
            "y_train, y_valid = words_train, words_valid": "should be numbers",
        },
    ),
    "q_3": Answers(
        right=[
            "model = " + net() + compiled(),
            "model = "
            + net("layers.Dense(3), layers.Softmax()")
            + compiled("keras.losses.SparseCategoricalCrossentropy()"),
            "inputs = keras.Input((x_train.shape[1],))\n"
            "hidden = layers.Dense(8, 'tanh')(inputs)\n"
            "model = keras.Model(inputs, layers.Dense(3, 'softmax')(hidden))\n"
            + compiled(metrics="[keras.metrics.SparseCategoricalAccuracy()]"),
        ],
        wrong={
            "model = " + net(): "not compiled",
            "model = "
            + net("layers.Dense(1, 'sigmoid')")
            + compiled(): "three classes",
            "model = " + net("layers.Dense(3, 'sigmoid')") + compiled(): "add up to 1",
            "model = " + net("layers.Dense(3)") + compiled(): "add up to 1",
            "model = " + net() + compiled("'categorical_crossentropy'"): "one-hot",
            "model = " + net() + compiled("'mse'"): "not the one",
            "model = "
            + net()
            + compiled(
                "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"
            ): "expects logits",
            "model = " + net() + compiled(metrics="[]"): "watches no accuracy",
            "model = " + net(hidden="None") + compiled(): "adds nothing",
            "model = keras.Sequential([keras.Input((x_train.shape[1],)), "
            "layers.Dense(3, 'softmax')])\n" + compiled(): "hidden layer",
        },
    ),
    "q_4": Answers(
        before=LABELS,
        right=[
            SEED + "trained = " + net() + FITTED,
            SEED
            + "trained = keras.Sequential([keras.Input((x_train.shape[1],)), "
            + "layers.Dense(3, 'softmax')])\n"
            + FITTED.replace("30", "60"),
        ],
        wrong={
            SEED + "trained = " + net(): "the goal is 95%",
            SEED
            + "trained = "
            + net()
            + FITTED.replace("x_train, y_train", "x_train, (y_train + 1) % 3"): (
                "the goal is 95%"
            ),
            "trained = " + net("layers.Dense(1, 'sigmoid')"): "1 number(s)",
            "trained = kinds": "a list of layers",
        },
    ),
    "q_5": Answers(
        right=[
            "one_hot = np.eye(3)[labels]\nsmoothed = one_hot * 0.7 + 0.1",
            "one_hot = keras.utils.to_categorical(labels, 3)\n"
            "smoothed = (1 - 0.3) * one_hot + 0.3 / 3",
        ],
        wrong={
            "one_hot = np.eye(3)[labels]\nsmoothed = one_hot * 0.7": "add up to 1",
            "one_hot = np.eye(3)[labels]\n"
            "smoothed = np.where(one_hot, 0.7, 0.15)": "all three",
            "one_hot = np.eye(3)[labels]\nsmoothed = one_hot": "not it",
            "one_hot = np.eye(3)[labels].T\nsmoothed = one_hot": "A line for each",
            "one_hot = np.eye(4)[labels]\nsmoothed = one_hot": "the shape (4, 4)",
            "one_hot = np.eye(3)[labels - 1]\nsmoothed = one_hot": "wrong place",
        },
    ),
    "q_6": Answers(
        right=[
            "worst = np.argmin(said[np.arange(5), truth])",
            "worst = max(range(5), key=lambda i: -np.log(said[i][truth[i]]))",
            "worst = 3",
        ],
        wrong={
            "worst = np.argmin(said.max(axis=1))": "least sure",
            "worst = np.argmax(said[np.arange(5), truth])": "the best one",
            "worst = np.max(-np.log(said[np.arange(5), truth]))": "0 to 4",
            "worst = -np.log(said[np.arange(5), truth])": "of one row",
            "worst = 1": "its own class",
            "worst = 5": "0 to 4",
        },
    ),
}
