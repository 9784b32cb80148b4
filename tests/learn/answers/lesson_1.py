"""Answers to lesson 1."""

from tests.learn.answers import Answers

MODEL = "model = keras.Sequential([layers.Dense(units=1, input_shape=[11])])"

ANSWERS = {
    "q_0": Answers(
        right=["calories = w * sugars + b", "calories = 102.5"],
        wrong={
            "calories = w * sugars": "bias",
            "calories = sugars * (w + b)": "added after",
            "calories = '102.5'": "should be a number",
            "calories = 100.0": "not what the unit above says",
        },
    ),
    "q_1": Answers(
        right=[
            "input_shape = [11]",
            "input_shape = (wine.shape[1] - 1,)",
            "input_shape = wine.drop(columns=target).shape[1:]",
        ],
        wrong={
            "input_shape = 11": "is a list",
            "input_shape = [12]": "all columns",
            "input_shape = wine.shape": "of one row",
            "input_shape = [10]": "count those",
            "input_shape = '11'": "should be a list",
            "input_shape = ...": "Put your answer",
        },
    ),
    "q_2": Answers(
        right=[
            MODEL,
            "model = keras.Sequential([keras.Input((11,)), layers.Dense(1)])",
            "inputs = keras.Input((11,))\n"
            "model = keras.Model(inputs, layers.Dense(1, activation='linear')(inputs))",
        ],
        wrong={
            "model = layers.Dense(units=1)": "a single layer",
            "model = [layers.Dense(units=1)]": "a list of layers",
            "model = keras.Sequential([layers.Dense(1)])": "input_shape",
            "model = keras.Sequential([layers.Dense(1, input_shape=[12])])": "12 in",
            "model = keras.Sequential([layers.Dense(11, input_shape=[11])])": "11 num",
            "model = keras.Sequential([layers.Dense(1, 'relu', input_shape=[11])])": (
                "no longer linear"
            ),
            "model = keras.Sequential("
            "[layers.Dense(4, input_shape=[11]), layers.Dense(1)])": "One layer",
        },
    ),
    "q_3": Answers(
        before=MODEL,
        right=["w, b = model.weights", "w, b = model.layers[0].get_weights()"],
        wrong={
            "b, w = model.weights": "other way round",
            "w, b = model.weights[0], model.weights[0]": "one bias",
            "w, b = np.zeros((11, 1)), np.zeros(1)": "not this model's weights",
            "w, b = 2.5, 90": "a weight for each input",
        },
    ),
    "q_4": Answers(
        right=[
            "output = (row * weights).sum() + bias",
            "output = row @ weights + bias",
            "output = 16",
        ],
        wrong={
            "output = row * weights + bias": "The unit adds them",
            "output = row @ weights": "still to be added",
            "output = 22.0": "signs",
            "output = np.sum(row) * np.sum(weights) + bias": "not what comes out",
        },
    ),
    "q_5": Answers(
        right=[
            "image_model = keras.Sequential("
            "[layers.Flatten(input_shape=[32, 32, 3]), layers.Dense(units=10)])",
            "image_model = keras.Sequential([keras.Input((32, 32, 3)), "
            "layers.Reshape((3072,)), layers.Dense(10)])",
        ],
        wrong={
            "image_model = keras.Sequential("
            "[layers.Dense(10, input_shape=[32, 32, 3])])": "one dot at a time",
            "image_model = keras.Sequential("
            "[layers.Flatten(input_shape=[3, 32, 32]), layers.Dense(10)])": "come last",
            "image_model = keras.Sequential("
            "[layers.Flatten(input_shape=[32, 32, 3]), layers.Dense(1)])": "not ten",
            "image_model = keras.Sequential("
            "[layers.Flatten(input_shape=[32, 32]), layers.Dense(10)])": "of another",
        },
    ),
    "q_6": Answers(
        right=[
            "scale = layers.Normalization(input_shape=[x.shape[1]])\n"
            "scale.adapt(x)\n"
            "trained = keras.Sequential([scale, layers.Dense(1)])\n"
            "trained.compile(optimizer=keras.optimizers.SGD(0.1), loss='mse')\n"
            "trained.fit(x, y, epochs=30, verbose=0)",
            "inputs = keras.Input((x.shape[1],))\n"
            "scale = layers.Normalization()\n"
            "scale.adapt(x)\n"
            "trained = keras.Model(inputs, layers.Dense(1)(scale(inputs)))\n"
            "trained.compile(optimizer=keras.optimizers.Adam(0.1), loss='mae')\n"
            "trained.fit(x, y, epochs=60, verbose=0)",
        ],
        wrong={
            "trained = keras.Sequential([layers.Dense(1, input_shape=[11])])\n"
            "trained.compile('adam', 'mae')\n"
            "trained.fit(x, y, epochs=2, verbose=0)": "the goal is",
            "trained = keras.Sequential("
            "[layers.Dense(8, 'relu', input_shape=[11]), layers.Dense(1)])": (
                "no activation"
            ),
            "trained = keras.Sequential([layers.Dense(1, input_shape=[10])])": (
                "10 inputs"
            ),
            "trained = None": "nothing",
        },
    ),
}
