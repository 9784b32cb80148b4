"""What a functional model is called with and trained on: forms, axes, dtypes, None."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

import pronghorn as keras
from pronghorn import layers, ops
from pronghorn.errors import ArgumentError, DataError, ShapeError
from pronghorn.models import clone_model

RNG = np.random.default_rng(0)
A = RNG.normal(size=(12, 3)).astype("float32")
B = RNG.normal(size=(12, 2)).astype("float32")
Y = A.sum(1)


def ends() -> tuple[Any, Any, Any]:
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    joined = layers.Concatenate()([a, b])
    return a, b, layers.Dense(1, name="end")(joined)


def trained(model: Any, x: Any) -> np.ndarray:
    """The predictions after some training on data in this form."""
    model.compile("sgd", "mse")
    model.fit(x, Y, epochs=2, verbose=0, shuffle=False)
    model.evaluate(x, Y, verbose=0)
    return model.predict(x, verbose=0)


def test_inputs_in_structures_of_any_form(tmp_path: Any) -> None:
    a, b, y = ends()
    plain = keras.Model([a, b], y)
    start = plain.get_weights()
    wanted = trained(plain, [A, B])
    eager = plain([A, B])
    for struct, x in (
        ({"one": [a], "two": {"b": b}}, {"one": [A], "two": {"b": B}}),
        ([[b], (a,)], [[B], (A,)]),
        ({"s": (a, b)}, {"s": (A, B)}),
        ((a, b), (A, B)),
    ):
        model = keras.Model(struct, y)
        model.set_weights(start)
        np.testing.assert_array_equal(trained(model, x), wanted)
        np.testing.assert_array_equal(model(x), eager)
        model.save(tmp_path / "model.keras")
        again = keras.models.load_model(tmp_path / "model.keras")
        np.testing.assert_array_equal(again.predict(x, verbose=0), wanted)


def test_a_nested_list_of_one_input() -> None:
    a = keras.Input((3,), name="a")
    model = keras.Model([[a]], layers.Dense(1)(a))
    wanted = model.predict([[A]], verbose=0)
    assert wanted.shape == (12, 1)
    np.testing.assert_array_equal(model.predict(A, verbose=0), wanted)


def test_a_list_for_a_dict_is_taken_with_a_warning() -> None:
    a, b, y = ends()
    model = keras.Model({"a": a, "b": b}, y)
    wanted = model.predict({"b": B, "a": A}, verbose=0)
    with pytest.warns(UserWarning, match="structure of `inputs`"):
        found = model.predict([A, B], verbose=0)
    np.testing.assert_array_equal(found, wanted)
    other = keras.Model({"b": b, "a": a}, y)  # nobody knows which is the first
    for call in (other, lambda x: other.predict(x, verbose=0)):
        with pytest.raises(ShapeError, match="another form"):
            call([B, A])


def test_what_a_dict_has_too_much_is_left_aside() -> None:
    a, b, y = ends()
    model = keras.Model({"a": a, "b": b}, y)
    wanted = model.predict({"a": A, "b": B}, verbose=0)
    # "0" comes first in the dict's order, and must not be taken for "a"
    more = {"0": B, "a": A, "b": B}
    for call in (model, lambda x: model.predict(x, verbose=0)):
        with pytest.warns(UserWarning, match="structure of `inputs`"):
            np.testing.assert_allclose(call(more), wanted, rtol=1e-5, atol=1e-6)
    by_list = keras.Model([a, b], y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        by_list.predict(more, verbose=0)
        by_list(more)
        by_list.predict((A, B), verbose=0)
    one = keras.Model(a, layers.Dense(1)(a))
    with pytest.warns(UserWarning, match="structure of `inputs`"):
        found = one.predict({"a": A, "b": B}, verbose=0)
    np.testing.assert_allclose(found, one(A), rtol=1e-5, atol=1e-6)


def test_a_dict_of_columns_is_still_a_table() -> None:
    a = keras.Input((3,), name="a")
    model = keras.Model(a, layers.Dense(1)(a))
    columns = {"a": A[:, 0], "p": A[:, 1], "q": A[:, 2]}
    wanted = model.predict(A, verbose=0)
    np.testing.assert_array_equal(model.predict(columns, verbose=0), wanted)
    np.testing.assert_array_equal(
        model.predict(pd.DataFrame(columns), verbose=0), wanted
    )


def test_missing_inputs_are_named() -> None:
    a, b, y = ends()
    for struct in ([a, b], {"a": a, "b": b}):
        model = keras.Model(struct, y)
        for call in (model, lambda x, m=model: m.predict(x, verbose=0)):
            with pytest.raises(ArgumentError, match="add b"):
                call({"a": A, "c": B})
    with pytest.raises(ShapeError, match="another form"):
        keras.Model([a, b], y)([A, B, B])


def test_axes_of_one_are_added_and_taken_off() -> None:
    flat = keras.Input((3,))
    deep = keras.Input((3, 1))
    down = keras.Model(flat, layers.Dense(2)(flat))
    up = keras.Model(deep, layers.Dense(2)(deep))
    np.testing.assert_array_equal(down(A[..., None]), down(A))
    np.testing.assert_array_equal(up(A), up(A[..., None]))
    np.testing.assert_array_equal(
        down.predict(A[..., None], verbose=0), down.predict(A, verbose=0)
    )
    np.testing.assert_array_equal(
        up.predict(A, verbose=0), up.predict(A[..., None], verbose=0)
    )
    chain = keras.Sequential([keras.Input((3, 1)), layers.Dense(2)])
    assert chain(A).shape == (12, 3, 2)
    assert down(keras.Input((3, 1))).shape == (None, 2)


def test_dtypes_are_those_of_the_inputs() -> None:
    number, id_ = keras.Input((2,)), keras.Input((2,), dtype="int32")
    model = keras.Model((number, id_), (number + 2, id_ + 2))
    floats, ints = model((np.ones((4, 2), "int64"), np.ones((4, 2))))
    assert floats.dtype == "float32" and ints.dtype == "int32"
    np.testing.assert_array_equal(ints, 3)


def test_sizes_are_compared_with_the_inputs() -> None:
    a, b, y = ends()
    model = keras.Model({"x": [a, b]}, y)
    with pytest.raises(ShapeError, match=r"input 'b'\['x'\]\[1\]") as caught:
        model({"x": [A, A]})
    assert "(None, 2)" in str(caught.value) and "(12, 3)" in str(caught.value)


class Maybe(layers.Layer):
    """Adds its second input where there is one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.unit = layers.Dense(1, kernel_initializer="ones")

    def call(self, x: Any, more: Any = None) -> Any:
        return self.unit(x if more is None else x + more)


def with_an_optional() -> Any:
    x = keras.Input((3,), name="x")
    more = keras.Input((3,), name="more", optional=True)
    return keras.Model({"x": x, "more": more}, Maybe()(x, more))


@pytest.mark.parametrize("more", [None, A])
def test_an_optional_input_may_be_none(more: Any) -> None:
    model = with_an_optional()
    model.compile("sgd", "mse")
    x = {"x": A, "more": more}
    total = A if more is None else A + more
    np.testing.assert_allclose(model(x)[:, 0], total.sum(1), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(
        model.predict(x, verbose=0)[:, 0], total.sum(1), rtol=1e-5, atol=1e-5
    )
    loss = model.evaluate(x, total.sum(1), verbose=0)
    assert loss < 1e-8
    model.fit(x, Y, validation_data=(x, Y), verbose=0)

    def batches() -> Iterator[Any]:
        for _ in range(3):
            yield x, Y

    model.fit(batches(), verbose=0)
    assert model.predict(((part,) for part, _ in batches()), verbose=0).shape[0] == 36


def test_a_list_may_hold_none_for_an_optional_input() -> None:
    x = keras.Input((3,), name="x")
    more = keras.Input((3,), name="more", optional=True)
    model = keras.Model([x, more], Maybe()(x, more))
    np.testing.assert_allclose(model([A, None])[:, 0], Y, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(
        model.predict([A, None], verbose=0)[:, 0], Y, rtol=1e-5, atol=1e-5
    )
    with pytest.raises(ArgumentError, match="not optional"):
        model([None, A])
    with pytest.raises(ArgumentError, match="not optional"):
        model.predict([None, A], verbose=0)
    clone = clone_model(model)
    assert clone([A, None]).shape == (12, 1)


def test_an_optional_input_comes_back_from_a_config() -> None:
    model = with_an_optional()
    again = keras.Model.from_config(model.get_config(), {"Maybe": Maybe})
    again.set_weights(model.get_weights())
    x = {"x": A, "more": None}
    np.testing.assert_array_equal(again(x), model(x))
    np.testing.assert_array_equal(again({"x": A}), model(x))


def test_the_form_of_the_outputs_comes_back() -> None:
    x = keras.Input((3,))
    one, two = layers.Dense(1)(x), layers.Dense(2)(x)
    for outputs in ([one, two], (one, two), {"p": (one, two)}):
        model = keras.Model(x, outputs)
        again = keras.Model.from_config(model.get_config())
        keras.tree.assert_same_structure(again(A), model(A))


def test_a_clone_begins_with_tensors_in_the_form_of_the_inputs() -> None:
    a, b, y = ends()
    model = keras.Model({"a": a, "b": b}, {"y": y})
    clone = clone_model(model, input_tensors={"a": a, "b": b})
    assert list(clone.input) == ["a", "b"] and list(clone.output) == ["y"]
    with pytest.raises(ArgumentError, match="form of the model's inputs"):
        clone_model(model, input_tensors=(a, b))


def test_outputs_in_structures_are_predicted_in_their_form() -> None:
    x = keras.Input((3,))
    one, two = layers.Dense(1, name="one")(x), layers.Dense(2, name="two")(x)
    model = keras.Model(x, {"p": (one, [two]), "q": ops.relu(one)})
    found = model.predict(A, verbose=0)
    assert found["p"][0].shape == (12, 1) and found["p"][1][0].shape == (12, 2)
    np.testing.assert_array_equal(found["q"], np.maximum(found["p"][0], 0))


def test_a_frame_that_lacks_the_column_of_an_input_names_it() -> None:
    parts = [keras.Input((1,), name=name) for name in ("age", "fare", "rooms")]
    model = keras.Model(parts, layers.Dense(1)(layers.Concatenate()(parts)))
    table = pd.DataFrame({"age": [1.0, 2.0], "fare": [3.0, 4.0], "rooms": [1, 2]})
    assert model.predict(table, verbose=0).shape == (2, 1)
    with pytest.raises(DataError, match="add rooms"):
        model.predict(table[["fare", "age"]], verbose=0)
    with pytest.raises(ShapeError, match="names of columns"):
        model.predict(table.rename(columns=str.upper), verbose=0)
