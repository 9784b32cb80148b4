"""Sequential, functional and subclassed models: how they are made and looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers, ops, random
from pronghorn.errors import (
    ArgumentError,
    ShapeError,
    StateError,
    UnknownNameError,
    UnsupportedError,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 3)).astype("float32")
Y = X.sum(1)


def numbers(model: Any) -> list[tuple[int, ...]]:
    return [w.shape for w in model.weights]


# --- Sequential


@pytest.mark.parametrize(
    "first",
    [
        lambda: [layers.Dense(2, input_shape=[3])],
        lambda: [layers.Dense(2, input_shape=(3,))],
        lambda: [layers.Dense(2, input_dim=3)],
        lambda: [layers.Dense(2, batch_input_shape=(None, 3))],
        lambda: [keras.Input(shape=(3,)), layers.Dense(2)],
        lambda: [layers.InputLayer(shape=(3,)), layers.Dense(2)],
    ],
)
def test_ways_to_name_the_input(first: Any, recwarn: Any) -> None:
    model = keras.Sequential(first())
    assert model.built and numbers(model) == [(3, 2), (2,)]
    assert model.input_shape == (None, 3) and model.output_shape == (None, 2)
    assert [type(x).__name__ for x in model.layers] == ["Dense"]
    assert not recwarn.list


def test_adding_and_popping() -> None:
    model = keras.Sequential(name="net")
    model.add(keras.Input((3,)))
    model.add(layers.Dense(4, name="one"))
    first = model.layers[0].kernel
    model.add(layers.Dense(1, name="two"))
    assert model.layers[0].kernel is first and numbers(model)[2:] == [(4, 1), (1,)]
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)
    assert model.predict(X, verbose=0).shape == (20, 1)
    assert model.pop().name == "two"
    assert model.predict(X, verbose=0).shape == (20, 4), "old programs are forgotten"
    assert model.output_shape == (None, 4)
    model.pop()
    model.pop()
    with pytest.raises(StateError, match="no layer to remove"):
        model.pop()


def test_what_a_sequential_refuses() -> None:
    model = keras.Sequential([layers.Dense(2, input_shape=[3], name="a")])
    with pytest.raises(ArgumentError, match="'a' twice"):
        model.add(layers.Dense(2, name="a"))
    with pytest.raises(ArgumentError, match="first thing"):
        model.add(keras.Input((3,)))
    with pytest.raises(ArgumentError, match="write Dense"):
        model.add(layers.Dense)
    with pytest.raises(ShapeError, match="layer 'b'"):
        model.add(layers.Flatten())
        model.add(layers.LayerNormalization(axis=3, name="b"))


def test_built_late() -> None:
    model = keras.Sequential([layers.Dense(2), layers.Dense(1)])
    assert not model.built and model.weights == []
    for ask in (lambda: model.input_shape, lambda: model.outputs, model.build):
        with pytest.raises(StateError, match="input_shape="):
            ask()
    assert model(X).shape == (20, 1) and model.input_shape == (None, 3)
    other = keras.Sequential([layers.Dense(2)])
    other.compile("sgd", "mse", metrics=["mae"])
    other.fit(X, X[:, :2], verbose=0)
    assert numbers(other) == [(3, 2), (2,)]
    with pytest.raises(ArgumentError, match="without layers"):
        keras.Sequential().build((None, 3))


def test_an_input_alone_gives_back_what_it_gets() -> None:
    model = keras.Sequential([keras.Input((3,))])
    assert model.built and model.layers == [] and model.output_shape == (None, 3)
    np.testing.assert_array_equal(model.predict(X, verbose=0), X)
    model.add(layers.Dense(1))
    assert model.output_shape == (None, 1)


def test_features_of_an_inner_layer() -> None:
    model = keras.Sequential(name="grown")
    for part in (keras.Input((3,)), layers.Dense(4), layers.Dense(1)):
        model.add(part)
    features = keras.Model(model.inputs, model.layers[0].output)
    np.testing.assert_allclose(
        features.predict(X, verbose=0), model.layers[0](X), rtol=1e-5, atol=1e-6
    )


def test_get_layer() -> None:
    model = keras.Sequential([layers.Dense(4, input_shape=[3], name="one")])
    assert model.get_layer("one") is model.get_layer(index=0) is model.layers[0]
    with pytest.raises(UnknownNameError, match="did you mean one"):
        model.get_layer("ome")
    with pytest.raises(UnknownNameError, match="number 4"):
        model.get_layer(index=4)
    with pytest.raises(ArgumentError):
        model.get_layer()


# --- functional


def two_inputs(kind: Any) -> Any:
    a, b = keras.Input((3,), name="left"), keras.Input((2,), name="right")
    joined = layers.Concatenate()([layers.Dense(4)(a), b])
    one = layers.Dense(1, name="one")(joined)
    two = layers.Dense(2, name="two")(joined)
    if kind is dict:
        return keras.Model({"l": a, "r": b}, {"p": one, "q": two})
    return keras.Model([a, b], [one, two])


def test_lists_of_inputs_and_outputs() -> None:
    model = two_inputs(list)
    model.compile("sgd", ["mse", "mae"], metrics=[["mae"], ["mse"]])
    y = [Y, X[:, :2]]
    history = model.fit([X, X[:, :2]], y, verbose=0)
    names = ["loss", "one_loss", "one_mae", "two_loss", "two_mse"]
    assert sorted(history.history) == names
    one, two = model.predict([X, X[:, :2]], verbose=0)
    assert one.shape == (20, 1) and two.shape == (20, 2)
    by_name = model.predict({"right": X[:, :2], "left": X}, verbose=0)
    np.testing.assert_array_equal(by_name[1], two)
    eager = model([X, X[:, :2]])
    np.testing.assert_allclose(eager[0], one, rtol=1e-5, atol=1e-6)
    assert model.input_names == ["left", "right"]
    assert model.output_names == ["one", "two"]
    with pytest.raises(ShapeError, match="left, right"):
        model([X])


def test_dicts_of_inputs_and_outputs() -> None:
    model = two_inputs(dict)
    model.compile("sgd", {"p": "mse", "q": "mae"}, metrics={"q": ["mse"]})
    x, y = {"r": X[:, :2], "l": X}, {"q": X[:, :2], "p": Y}
    history = model.fit(x, y, validation_data=(x, y), verbose=0)
    names = ["loss", "p_loss", "q_loss", "q_mse"]
    assert sorted(history.history) == [*names, *(f"val_{name}" for name in names)]
    found = model.predict(x, verbose=0)
    assert {k: v.shape for k, v in found.items()} == {"p": (20, 1), "q": (20, 2)}
    eager = model(x)
    np.testing.assert_allclose(eager["q"], found["q"], rtol=1e-5, atol=1e-6)
    with pytest.raises(ArgumentError, match="r"):
        model({"l": X})
    model.compile("sgd", {"one": "mse"})
    with pytest.raises(KeyError, match="one"):
        model.fit(x, y, verbose=0)


def test_a_shared_layer_has_one_set_of_weights() -> None:
    a, b = keras.Input((3,)), keras.Input((3,))
    shared = layers.Dense(2)
    model = keras.Model([a, b], layers.Subtract()([shared(a), shared(b)]))
    assert numbers(model) == [(3, 2), (2,)]
    assert not model.predict([X, X], verbose=0).any()
    model.compile("sgd", "mse")
    model.fit([X, -X], X[:, :2], verbose=0)
    kernel, bias = shared.get_weights()
    expected = (X @ kernel + bias) - (-X @ kernel + bias)
    np.testing.assert_allclose(
        model.predict([X, -X], verbose=0), expected, rtol=1e-4, atol=1e-5
    )


def test_models_inside_models() -> None:
    inner = keras.Sequential([layers.Dense(4, input_shape=[3]), layers.Dropout(0.5)])
    x = keras.Input((3,))
    outer = keras.Model(x, layers.Dense(1)(inner(inner.layers[1](x))))
    outer.compile("adam", "mse")
    before = inner.get_weights()
    outer.fit(X, Y, epochs=2, verbose=0)
    assert len(outer.weights) == 4
    assert (inner.get_weights()[0] != before[0]).any()
    np.testing.assert_array_equal(
        outer.predict(X, verbose=0), outer.predict(X, verbose=0)
    )


OPERATIONS = {
    "numbers": lambda x: x * 2.0 + 1.0,
    "of the batch": lambda x: x - ops.mean(x, axis=0),
    "size of the batch": lambda x: x / ops.cast(ops.shape(x)[0], "float32"),
    "slices": lambda x: ops.concatenate([x[:, 1:], x[:, :1]], -1),
    "counting": lambda x: x + ops.cast(ops.arange(3), "float32"),
    "a column": lambda x: x[:, 0:1] * x,
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_between_layers(name: str) -> None:
    function = OPERATIONS[name]
    x = keras.Input((3,))
    dense = layers.Dense(2)
    model = keras.Model(x, dense(function(x)))
    expected = dense(function(X))
    np.testing.assert_allclose(model(X), expected, rtol=1e-5, atol=1e-6)
    found = model.predict(X, batch_size=20, verbose=0)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    model.compile("sgd", "mse")
    model.fit(X, X[:, :2], verbose=0)
    if name == "size of the batch":  # Keras has no such operation
        with pytest.raises(UnsupportedError, match="Layer of your own"):
            model.get_config()
    else:
        again = keras.Model.from_config(model.get_config())
        again.set_weights(model.get_weights())
        assert (again(X) == model(X)).all()


def test_random_numbers_between_layers() -> None:
    x = keras.Input((3,))
    model = keras.Model(x, layers.Dense(1)(x + random.uniform(ops.shape(x))))
    model.compile("sgd", "mse")
    history = model.fit(X, Y, epochs=2, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    assert (model(X) != model(X)).any()


def test_what_a_functional_model_refuses() -> None:
    x, other = keras.Input((3,)), keras.Input((3,), name="other")
    y = layers.Dense(1)(x)
    for inputs, outputs, error, words in (
        (X, y, ArgumentError, "inputs are symbolic"),
        (x, X, ArgumentError, "outputs are symbolic"),
        (x, layers.Add()([y, other]), ArgumentError, "'other'"),
        (x, [], ArgumentError, "nothing"),
    ):
        with pytest.raises(error, match=words):
            keras.Model(inputs, outputs)


def test_outputs_may_be_inner_tensors_and_inputs() -> None:
    x = keras.Input((3,))
    hidden = layers.Dense(2)(x)
    model = keras.Model(x, [x, hidden, layers.ReLU()(hidden)])
    a, b, c = model.predict(X, verbose=0)
    np.testing.assert_array_equal(a, X)
    np.testing.assert_array_equal(np.maximum(b, 0), c)
    assert model.output_shape == [(None, 3), (None, 2), (None, 2)]


def test_an_unused_input_is_kept() -> None:
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    model = keras.Model([a, b], layers.Dense(1)(a))
    assert model.predict([X, X[:, :2]], verbose=0).shape == (20, 1)


def test_deep_models_are_no_recursion() -> None:
    x = y = keras.Input((2,))
    for _ in range(1500):
        y = layers.Identity()(y)
    model = keras.Model(x, y)
    assert len(model.layers) == 1501
    np.testing.assert_array_equal(model(X[:, :2]), X[:, :2])


# --- subclasses


class Line(keras.Model):
    def __init__(self, units: int = 1) -> None:
        super().__init__(name="line")
        self.unit = layers.Dense(units, name="unit")
        self.drop = layers.Dropout(0.5)

    def call(self, inputs: Any, training: Any = None) -> Any:
        return self.unit(self.drop(inputs, training=training))


@pytest.mark.parametrize(
    "build",
    [
        lambda m: m.build((None, 3)),
        lambda m: m.build(input_shape=(20, 3)),
        lambda m: m(X),
        lambda m: m(keras.Input((3,))),
        lambda m: m.predict(X, verbose=0),
        lambda m: m.fit(X, Y, verbose=0),
    ],
)
def test_ways_to_build_a_subclass(build: Any) -> None:
    model = Line()
    model.compile("sgd", "mse")
    assert model.weights == [] and not model.built
    build(model)
    assert model.built and numbers(model) == [(3, 1), (1,)]
    assert [w.path for w in model.weights] == ["line/unit/kernel", "line/unit/bias"]
    assert [x.name for x in model.layers] == ["unit", model.drop.name]


def test_a_build_that_fails_can_be_tried_again() -> None:
    class Picky(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.unit = layers.Dense(1, kernel_initializer="ones")

        def call(self, inputs: Any) -> Any:
            return self.unit(ops.reshape(inputs, (-1, 3)))

    model = Picky()
    with pytest.raises(ShapeError):
        model.build((None, 4))
    assert not model.built
    model.build((None, 3))
    assert model.built


def test_subclasses_of_several_inputs_and_outputs() -> None:
    class Sum(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.unit = layers.Dense(1)

        def call(self, inputs: Any) -> Any:
            left, right = self.unit(inputs["l"]), self.unit(inputs["r"])
            return {"sum": left + right, "left": left}

    class Pair(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.unit = layers.Dense(1)

        def call(self, inputs: Any) -> Any:
            return self.unit(inputs[0]) - self.unit(inputs[1])

    mapped, listed = Sum(), Pair()
    mapped.compile("sgd", {"sum": "mse", "left": "mae"})
    x = {"l": X, "r": X}
    history = mapped.fit(x, {"sum": Y, "left": Y}, verbose=0)
    assert sorted(history.history) == ["left_loss", "loss", "sum_loss"]
    found = mapped.predict(x, verbose=0)
    np.testing.assert_allclose(found["sum"], 2 * found["left"], rtol=1e-5, atol=1e-6)
    listed.compile("sgd", "mse")
    listed.fit([X, -X], Y, verbose=0)
    assert not listed.predict([X, X], verbose=0).any()


def test_a_subclass_made_of_tensors() -> None:
    class Wrapped(keras.Model):
        def __init__(self) -> None:
            x = keras.Input((3,))
            super().__init__(inputs=x, outputs=layers.Dense(1)(x), name="wrapped")

    class Doubled(keras.Model):
        def train_step(self, data: Any) -> dict[str, Any]:
            return {"twice": 2.0 * super().train_step(data)["loss"]}

    class Further(Doubled):
        pass

    made = Wrapped()
    assert isinstance(made, keras.Functional) and made.output_shape == (None, 1)
    assert made.name == "wrapped" and len(made.layers) == 2
    for kind in (Doubled, Further):
        x = keras.Input((3,))
        model = kind(x, layers.Dense(1)(x))
        assert type(model) is kind and model.input_shape == (None, 3)
        model.compile("sgd", "mse")
        plain = keras.Model(model.input, model.output)
        plain.compile("sgd", "mse")
        loss = plain.evaluate(X, Y, batch_size=20, verbose=0)
        history = model.fit(X, Y, batch_size=20, verbose=0).history
        assert history["twice"] == pytest.approx([2 * loss], rel=1e-5)
    assert Wrapped().output_shape == (None, 1)  # a second one too

    class Half(keras.Model):
        pass

    with pytest.raises(ArgumentError, match="both inputs and outputs"):
        Half(keras.Input((3,)))


def test_an_own_function_of_many_steps_is_refused() -> None:
    class Own(Line):
        def make_train_function(self) -> Any:
            return None

    with pytest.raises(UnsupportedError, match="make_train_function"):
        Own().compile("sgd", "mse")


# --- all of them


def test_weights_go_in_and_out() -> None:
    one, other = (keras.Sequential([layers.Dense(2, input_shape=[3])]) for _ in "ab")
    other.set_weights(one.get_weights())
    np.testing.assert_array_equal(
        one.predict(X, verbose=0), other.predict(X, verbose=0)
    )
    line = keras.Sequential([layers.Dense(units=1, input_shape=[1])])
    line.set_weights([[[2.5]], [90.0]])
    assert line.predict(np.array([[5.0]]), verbose=0).tolist() == [[102.5]]


def test_predictions_do_not_depend_on_the_batch() -> None:
    model = keras.Sequential(
        [layers.Dense(5, "relu", input_shape=[3]), layers.Dense(1)]
    )
    whole = model.predict(X, verbose=0)
    for size in (1, 7, 20, 100):
        np.testing.assert_allclose(
            model.predict(X, batch_size=size, verbose=0), whole, rtol=1e-6, atol=1e-6
        )


def test_nothing_to_train() -> None:
    model = keras.Sequential([layers.Flatten(input_shape=[3])])
    with pytest.raises(StateError, match="compiled before fit"):
        model.fit(X, Y)
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match="no trainable weight"):
        history = model.fit(X, X + 2, verbose=0)
    np.testing.assert_allclose(history.history["loss"], [4.0], rtol=1e-6)
    assert int(model.optimizer.iterations) == 0
    with pytest.warns(UserWarning, match="no trainable weight"):
        loss = model.train_on_batch(X, X + 2)
    np.testing.assert_allclose(loss, 4.0, rtol=1e-6)
    with pytest.warns(UserWarning, match="no trainable weight"):
        model.fit(iter([(X, X + 2)]), verbose=0)


def test_a_model_is_not_looped_over() -> None:
    with pytest.raises(StateError, match=r"model\.layers"):
        list(keras.Sequential([layers.Dense(1)]))


def test_a_copy_is_its_own_model() -> None:
    import copy

    model = keras.Sequential([layers.Dense(2, input_shape=[3])])
    other = copy.deepcopy(model)
    np.testing.assert_array_equal(model(X), other(X))
    other.set_weights([np.zeros((3, 2)), np.zeros(2)])
    assert model(X).any()


def test_a_layers_names_of_two_models_do_not_meet() -> None:
    names = {layers.Dense(1).name for _ in range(3)}
    assert len(names) == 3
