"""Answers to lesson 2."""

from tests.learn.answers import Answers

MODEL = """\
model = keras.Sequential([
    layers.Dense(32, activation="relu", input_shape=[x.shape[1]]),
    layers.Dense(16, activation="relu"),
    layers.Dense(1),
])"""
APART = """\
apart = keras.Sequential([
    keras.Input([x.shape[1]]),
    layers.Dense(32), layers.ReLU(), layers.Dense(16), layers.ReLU(), layers.Dense(1),
])"""
FIT = "trained.fit(x, y, epochs=40, batch_size=32 if len(x) < 5000 else 512, verbose=0)"


def replaced(code: str, *pairs: tuple[str, str]) -> str:
    """The code with words in place of others, each of which it has."""
    for before, after in pairs:
        assert before in code
        code = code.replace(before, after)
    return code


ANSWERS = {
    "q_1": Answers(
        right=[
            MODEL,
            APART.replace("apart", "model"),
            "inputs = keras.Input((x.shape[1],))\n"
            "hidden = layers.Dense(16, 'relu')(layers.Dense(32, 'relu')(inputs))\n"
            "model = keras.Model(inputs, layers.Dense(1)(hidden))",
        ],
        wrong={
            replaced(MODEL, (', activation="relu"', "")): "in disguise",
            replaced(MODEL, ("Dense(1)", 'Dense(1, activation="relu")')): "any number",
            replaced(MODEL, ("32", "16"), ("Dense(16, a", "Dense(32, a")): "[32, 32]",
            replaced(MODEL, ("Dense(16", "Dense(8")): "they should have [32, 16]",
            replaced(MODEL, ("Dense(1)", "Dense(2)")): "2 numbers for a row",
            replaced(MODEL, ("x.shape[1]", "3")): "3 inputs",
            replaced(MODEL, ('"relu"', '"tanh"')): "not both of them ReLU",
            "model = keras.Sequential([layers.Dense(32), layers.Dense(1)])": (
                "input_shape"
            ),
            "model = [32, 16, 1]": "a list of layers",
        },
    ),
    "q_2": Answers(
        before=MODEL,
        right=[
            "count = (x.shape[1] + 1) * 32 + 33 * 16 + 17",
            "count = model.count_params()",
            "count = float(sum(np.size(w) for w in model.get_weights()))",
        ],
        wrong={
            "count = x.shape[1] * 32 + 32 * 16 + 16": "the weights alone",
            "count = (x.shape[1] + 1) * 32 + 33 * 16": "the output layer",
            "count = (x.shape[1] + 1) * (32 + 16 + 1)": "the first layer sees",
            "count = x.shape[1] * 32 + 1 + 32 * 16 + 1 + 16 + 1": "each unit",
            "count = 1000": "layer by layer",
            "count = [1, 2]": "should be a number",
        },
    ),
    "q_3": Answers(
        right=[
            "given = np.maximum(row @ kernel + bias, 0)",
            "given = [2, 0, 1.5]",
            "given = keras.activations.relu((row @ kernel + bias)[None])",
        ],
        wrong={
            "given = row @ kernel + bias": "the units' sums",
            "given = np.maximum(row @ kernel, 0)": "biases are missing",
            "given = np.maximum(row @ kernel, 0) + bias": "not after it",
            "given = np.abs(row @ kernel + bias)": "turn the sign",
            "given = np.sum(np.maximum(row @ kernel + bias, 0))": "three units",
            "given = 'relu'": "three numbers",
            "given = [2.0, 0.0, 1.0]": "the others go alike",
        },
    ),
    "q_4": Answers(
        right=["w, b = W1 @ W2, b1 @ W2 + b2", "w, b = [5, -1], 2.5"],
        wrong={
            "w, b = W1 @ W2, b2": "hidden units have some",
            "w, b = W1 @ W2, b1 @ W2": "One bias is missing",
            "w, b = W1 @ W2, np.sum(b1) + 9": "second layer's",
            "w, b = W1, b1": "4 numbers",
            "w, b = W2.T @ W1, b1 @ W2 + b2": "Which comes first",
            "w, b = W1 @ W2, b1 + b2": "one bias",
        },
    ),
    "q_5": Answers(
        right=[
            APART,
            APART.replace("layers.ReLU()", "layers.Activation('relu')"),
        ],
        wrong={
            MODEL.replace("model", "apart"): "inside",
            APART.replace("layers.ReLU(), ", ""): "in disguise",
            APART.replace("Dense(1)", "Dense(1), layers.ReLU()"): "any number",
            APART.replace("Dense(16), layers.ReLU(),", "Dense(16),"): "a row meets",
            APART.replace("ReLU()", "Activation('sigmoid')"): "not both",
        },
    ),
    "q_6": Answers(
        right=[
            MODEL.replace("model", "trained")
            + "\ntrained.compile(keras.optimizers.Adam(0.01), 'mae')\n"
            + FIT,
            MODEL.replace("model", "trained").replace("16", "32")
            + "\ntrained.compile(keras.optimizers.Adam(0.02), 'mse')\n"
            + FIT,
        ],
        wrong={
            MODEL.replace("model", "trained"): "Was it trained",
            "trained = keras.Sequential([layers.Dense(1, input_shape=[x.shape[1]])])\n"
            "trained.compile(keras.optimizers.Adam(0.01), 'mae')\n"
            + FIT: "one layer is a linear unit",
            MODEL.replace("model", "trained").replace(', activation="relu"', "")
            + "\ntrained.compile(keras.optimizers.Adam(0.01), 'mae')\n"
            + FIT: "without activations",
            MODEL.replace("model", "trained").replace("x.shape[1]", "4"): "4 inputs",
            "trained = 0.5": "should be a model",
        },
    ),
}
