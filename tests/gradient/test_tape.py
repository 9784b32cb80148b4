"""`GradientTape`: what it watches, and what it says when it cannot."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers, ops
from pronghorn.errors import ArgumentError, DtypeError, ShapeError, StateError
from pronghorn.gradient import GradientTape
from pronghorn.ir import EagerTensor
from pronghorn.ir.recorder import own_gradient

X = np.float32([[0.5, -1.5], [2.0, 0.25]])


def test_a_tensor_has_its_value_inside_and_after() -> None:
    v = keras.Variable(3.0)
    with GradientTape() as tape:
        y = v * v
        assert y > 8 and float(y) == 9.0 and int(y) == 9 and f"{y:.1f}" == "9.0"
    (slope,) = tape.gradient(y, [v])
    assert isinstance(slope, EagerTensor) and slope.numpy() == 6.0
    assert float(np.add(slope, 1.0)) == 7.0


def test_outside_of_a_tape_operations_give_arrays() -> None:
    v = keras.Variable([1.0])
    with GradientTape():
        inside = ops.exp(v)
    assert isinstance(inside, EagerTensor)
    assert type(ops.exp(v)) is np.ndarray


def test_an_array_is_watched_through_a_tensor() -> None:
    with GradientTape() as tape:
        x = tape.watch(X)
        y = ops.sum(x * x)
    np.testing.assert_array_equal(tape.gradient(y, x), 2 * X)
    with GradientTape() as tape, pytest.raises(DtypeError, match=r"tape\.watch"):
        tape.gradient(ops.sum(X), X)


def test_inputs_of_a_model() -> None:
    model = keras.Sequential([layers.Dense(1, input_shape=[2], use_bias=False)])
    with GradientTape() as tape:
        x = tape.watch(X)
        y = ops.sum(model(x))
    expected = np.broadcast_to(model.layers[0].kernel.numpy().T, X.shape)
    np.testing.assert_allclose(tape.gradient(y, x), expected, rtol=1e-6)


def test_frozen_weights_are_not_watched() -> None:
    model = keras.Sequential([layers.Dense(2, input_shape=[2]), layers.Dense(1)])
    model.layers[0].trainable = False
    with GradientTape() as tape:
        loss = ops.mean(model(X, training=True))
    watched = tape.watched_variables()
    assert [v.path for v in watched] == [v.path for v in model.layers[1].weights]
    slopes = tape.gradient(loss, model.weights)
    assert [g is None for g in slopes] == [True, True, False, False]


def test_a_variable_that_is_assigned_inside() -> None:
    v = keras.Variable(2.0)
    with GradientTape() as tape:
        y = v * 1.0
        v.assign(5.0)
        z = y + v * v
    assert float(z) == 27.0
    assert float(tape.gradient(z, v)) == 11.0  # 1 of the first value, 10 of the second


def test_the_past_goes_with_the_tape() -> None:
    v = keras.Variable(np.ones(3, "float32"))
    with GradientTape() as tape:
        loss = ops.sum(v * v)
    keeper = weakref.ref(tape._keeper)  # type: ignore[arg-type]
    del tape
    gc.collect()
    assert keeper() is None and float(loss) == 3.0


def test_another_tapes_past_is_none_of_this_ones() -> None:
    v = keras.Variable(2.0)
    with GradientTape():
        y = v * v
    with GradientTape() as tape:
        tape.watch(y)
        z = y * y
    assert tape.gradient(z, [y, v])[1] is None


def test_a_tape_gives_its_gradients_once() -> None:
    v = keras.Variable(2.0)
    with GradientTape() as tape:
        y = v * v
    tape.gradient(y, v)
    with pytest.raises(StateError, match="persistent=True"):
        tape.gradient(y, v)


@pytest.mark.parametrize(
    ("misuse", "error", "words"),
    [
        (lambda t, y, v: t.watch(v), StateError, "inside"),
        (lambda t, y, v: t.stop_recording().__enter__(), StateError, "record"),
        (lambda t, y, v: t.gradient(y, v, None, "nought"), ArgumentError, "'zero'"),
        (
            lambda t, y, v: t.gradient(y, v, np.ones(3, "float32")),
            ShapeError,
            "output_gradients",
        ),
        (lambda t, y, v: t.gradient(y, v, [y, y]), ArgumentError, "1 tensors"),
    ],
)
def test_misuse_is_told(misuse: Any, error: type[Exception], words: str) -> None:
    v = keras.Variable([2.0, 1.0])
    with GradientTape() as tape:
        y = v * v
    with pytest.raises(error, match=words):
        misuse(tape, y, v)


def test_a_tape_that_saw_nothing() -> None:
    with pytest.raises(StateError, match="recorded nothing"):
        GradientTape().gradient(1.0, keras.Variable(1.0))
    with (
        pytest.raises(StateError, match="records already"),
        GradientTape() as tape,
        tape,
    ):
        pass
    with GradientTape() as tape, pytest.raises(DtypeError, match="whole numbers"):
        tape.watch(np.arange(3))


def test_a_gradient_that_was_written_by_hand() -> None:
    v = keras.Variable(3.0)
    with GradientTape() as tape:
        x = v * 1.0
        y = x * x
        own_gradient(y, [x], lambda g: [g * 10.0])
        z = y * 2.0
    assert float(tape.gradient(z, v)) == 20.0


def test_reset_forgets() -> None:
    v = keras.Variable(2.0)
    with GradientTape() as tape:
        y = v * v
        tape.reset()
        z = v * 3.0
    assert tape.gradient([y, z], v).numpy() == 3.0


def test_jacobian() -> None:
    v, idle = keras.Variable([1.0, 2.0]), keras.Variable(1.0)
    with GradientTape() as tape:
        y = ops.stack([v * v, v + 1.0])
    found, none = tape.jacobian(y, [v, idle])
    expected = [[[2.0, 0.0], [0.0, 4.0]], [[1.0, 0.0], [0.0, 1.0]]]
    assert none is None
    np.testing.assert_array_equal(found, expected)


def test_jacobian_of_rows() -> None:
    with GradientTape(persistent=True) as tape:
        x = tape.watch(X)
        other = tape.watch(X)
        y = x * x
    whole, rows = tape.jacobian(y, x).numpy(), tape.batch_jacobian(y, x).numpy()
    for i, row in enumerate(rows):
        np.testing.assert_array_equal(row, whole[i, :, i])
    assert tape.batch_jacobian(y, other) is None
    with pytest.raises(ShapeError, match="same rows"):
        tape.batch_jacobian(ops.sum(y), x)
    with pytest.raises(ArgumentError, match="'none' or 'zero'"):
        tape.batch_jacobian(y, x, "nothing")
    with GradientTape() as once:
        x = once.watch(X)
        y = x * x
    once.batch_jacobian(y, x)
    with pytest.raises(StateError, match="second call"):
        once.batch_jacobian(y, x)


@pytest.mark.parametrize("backend", ["native", "reference"])
def test_jacobian_of_rows_in_a_step_of_ones_own(backend: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("PRONGHORN_BACKEND", backend)

    class Smooth(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(2, kernel_initializer="ones")

        def call(self, x: Any) -> Any:
            return ops.tanh(self.dense(x))

        def test_step(self, data: Any) -> Any:
            x, _ = data
            with GradientTape() as tape:
                tape.watch(x)
                y = self(x)
            return {"size": ops.mean(ops.square(tape.batch_jacobian(y, x)))}

    model = Smooth()
    model.compile()
    found = model.evaluate(X, X, return_dict=True, verbose=0)
    slopes = 1 - np.tanh(X.sum(1)) ** 2
    assert found["size"] == pytest.approx(np.mean(slopes**2), rel=1e-5)


def test_a_wrong_shape_is_told_by_the_rule() -> None:
    v = keras.Variable(np.ones((2, 3), "float32"))
    with GradientTape(), pytest.raises(ShapeError, match="cannot be multiplied"):
        ops.matmul(v, np.ones((2, 3), "float32"))


def test_eager_tensors_behave_as_arrays() -> None:
    x = EagerTensor([[1.0, 2.0], [3.0, 4.0]])
    assert (x.shape, x.dtype, x.ndim, x.size, len(x)) == ((2, 2), "float32", 2, 4, 2)
    assert [float(row[1]) for row in x] == [2.0, 4.0]
    np.testing.assert_array_equal(np.exp(x), np.exp(x.numpy()))
    np.testing.assert_array_equal(X + x, X + x.numpy())
    np.testing.assert_array_equal(x @ X, x.numpy() @ X)
    assert "value=[[1., 2.]" in repr(x)
    assert [10, 20][EagerTensor(1)] == 20 and EagerTensor(np.arange(2)).dtype == "int32"
    dense = layers.Dense(3)
    assert dense(x).shape == (2, 3) and dense.built
    assert keras.backend_of and np.asarray(x, "float64").dtype == np.float64


def test_arrays_of_more_axes_than_the_weights() -> None:
    x, w = (
        np.arange(12, dtype="float32").reshape(2, 3, 2),
        keras.Variable([[1.0], [2.0]]),
    )
    with GradientTape() as tape:
        total = ops.sum(ops.matmul(x, w))
    slope = tape.gradient(total, w)
    assert isinstance(slope, EagerTensor)
    np.testing.assert_array_equal(slope.numpy(), x.sum((0, 1))[:, None])
