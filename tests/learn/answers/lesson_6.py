"""Answers to lesson 6."""

from tests.learn.answers import Answers


def net(*layers: str, head: str = "layers.Dense(1, activation='sigmoid')") -> str:
    """Code of two hidden layers of 64 units, or other ones, and a last layer."""
    hidden = layers or ("layers.Dense(64, 'relu')", "layers.Dense(64, 'relu')")
    parts = ["keras.Input((x_train.shape[1],))", *hidden, head]
    return f"keras.Sequential([{', '.join(parts)}])"


COMPILED = "\nmodel.compile('adam', 'binary_crossentropy', metrics=['accuracy'])"
FITTED = (
    "\ntrained.compile(keras.optimizers.Adam(0.003), 'binary_crossentropy')"
    "\ntrained.fit(x_train, y_train, batch_size=128, epochs=12, verbose=0)"
)
QUIET = "import warnings\nwarnings.simplefilter('ignore')\n"  # the layer warns, too
SEED = "keras.utils.set_random_seed(3)\n"

ANSWERS = {
    "q_1": Answers(
        right=[
            "baseline = max(y_valid.mean(), 1 - y_valid.mean())",
            "baseline = np.mean(y_valid == 0)",
        ],
        wrong={
            "baseline = y_valid.mean()": "rarer class",
            "baseline = 0.5": "thrown coin",
            "baseline = 100 * np.mean(y_valid == 0)": "percent",
            "baseline = 0.9": "is not it",
            "baseline = len(y_valid)": "from 0 to 1",
        },
    ),
    "q_2": Answers(
        right=[
            "entropy = -(np.log(0.8) + np.log(0.9) + np.log(0.4)) / 3",
            "entropy = -np.mean(truth * np.log(p) + (1 - truth) * np.log(1 - p))",
            "entropy = float(keras.losses.BinaryCrossentropy()(truth, p))",
        ],
        wrong={
            "entropy = np.mean(np.log(np.where(truth == 1, p, 1 - p)))": "negative",
            "entropy = -np.sum(np.log(np.where(truth == 1, p, 1 - p)))": "the sum",
            "entropy = -np.mean(np.log(p))": "class 0",
            "entropy = -np.mean(truth * np.log(p))": "cost something",
            "entropy = -np.log(np.where(truth == 1, p, 1 - p))": "for each row",
            "entropy = -np.mean(np.log10([0.8, 0.9, 0.4]))": "natural",
            "entropy = 0.5": "not what comes out",
        },
    ),
    "q_3": Answers(
        right=[
            "model = " + net() + COMPILED,
            "model = "
            + net(
                "layers.Dense(64)",
                "layers.ReLU()",
                "layers.Dense(64)",
                "layers.Activation('relu')",
                "layers.Dense(1)",
                head="layers.Activation('sigmoid')",
            )
            + "\nmodel.compile(keras.optimizers.Adam(0.01), "
            "keras.losses.BinaryCrossentropy(), "
            "metrics=[keras.metrics.BinaryAccuracy()])",
            "inputs = keras.Input((x_train.shape[1],))\n"
            "hidden = layers.Dense(64, 'relu')(layers.Dense(64, 'relu')(inputs))\n"
            "model = keras.Model(inputs, layers.Dense(1, 'sigmoid')(hidden))"
            + COMPILED,
        ],
        wrong={
            "model = " + net(): "not compiled",
            "model = " + net(head="layers.Dense(1)") + COMPILED: "any number",
            QUIET + "model = " + net(head="layers.Dense(1, 'softmax')") + COMPILED: (
                "always 1"
            ),
            "model = "
            + net(head="layers.Dense(2, 'softmax')")
            + COMPILED: "one number",
            "model = " + net() + "\nmodel.compile('adam', 'mse', metrics=['acc'])": (
                "not the one for"
            ),
            "model = "
            + net()
            + "\nmodel.compile('adam', keras.losses.BinaryCrossentropy("
            "from_logits=True), metrics=['accuracy'])": "expects logits",
            "model = " + net() + "\nmodel.compile('adam', 'binary_crossentropy')": (
                "watches no accuracy"
            ),
            "model = " + net() + COMPILED.replace("adam", "sgd"): "not Adam",
            "model = " + net("layers.Dense(64, 'relu')") + COMPILED: "two hidden",
            "model = keras.Sequential([layers.Dense(1, 'sigmoid', input_shape=[3])])": (
                "takes 3 inputs"
            ),
        },
    ),
    "q_4": Answers(
        right=[
            SEED + "trained = " + net() + FITTED,
            SEED + "trained = " + net("layers.Dense(128, 'relu')") + FITTED,
        ],
        wrong={
            SEED + "trained = " + net(): "the goal is",
            SEED
            + "trained = "
            + net()
            + FITTED.replace("y_train", "1 - y_train"): "takes class 0",
            SEED
            + "trained = "
            + net(head="layers.Dense(1)")
            + FITTED.replace("binary_crossentropy", "mse"): "between 0 and 1",
            SEED + "trained = " + net(head="layers.Dense(2, 'softmax')"): "2 numbers",
            "trained = 0.8": "should be a model",
        },
    ),
    "q_5": Answers(
        right=[
            "precision, recall = 3 / 5, 3 / 4",
            "precision = np.mean(is_one[called == 1])\n"
            "recall = np.mean(called[is_one == 1])",
        ],
        wrong={
            "precision, recall = 0.75, 0.6": "other way round",
            "precision, recall = np.mean(is_one == called), 0.75": "not the accuracy",
            "precision, recall = 0.6, 0.3": "`recall` is not",
            "precision, recall = 3, 3": "`precision` is not 3",
            "precision, recall = '60%', '75%'": "should be a number",
        },
    ),
    "q_6": Answers(
        right=["threshold = 0.2", "threshold = 20 / 100"],
        wrong={
            "threshold = 0.5": "cost the same",
            "threshold = 20": "not in percent",
            "threshold = 20 / 120": "each time",
            "threshold = 0.8": "calling is cheaper",
            "threshold = 0.1": "not calling is cheaper",
            "threshold = 1.2": "lies between",
        },
    ),
}
