"""`tf`: each function beside NumPy, by table, and what is more than a function."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pronghorn.accel.eager import Tensor
from pronghorn.accel.functions import Function, functions
from pronghorn.accel.symbols import Variable, gradient_tape
from pronghorn.accel.views import view
from pronghorn.errors import ArgumentError, UnsupportedError
from pronghorn.ir import KerasTensor

tf: Any = view("tensorflow")
A = np.array([[1.0, -2.0, 3.0], [4.0, 0.5, -6.0]], "float32")
B = np.array([[2.0, 2.0, 0.5], [1.0, -1.0, 2.0]], "float32")
FLAGS = A > 0


def softmax(x: np.ndarray) -> np.ndarray:
    shares = np.exp(x - x.max(-1, keepdims=True))
    return shares / shares.sum(-1, keepdims=True)


#: What is called, and the number it must give.
CASES: list[tuple[Callable[[], Any], Any]] = [
    (lambda: tf.abs(A), np.abs(A)),
    (lambda: tf.add(x=A, y=B), A + B),
    (lambda: tf.add_n([A, B, 1.0]), A + B + 1),
    (lambda: tf.argmax(A), A.argmax(0)),
    (lambda: tf.argmax(A, axis=1), A.argmax(1)),
    (lambda: tf.argmin(A, 1), A.argmin(1)),
    (lambda: tf.boolean_mask(A, [False, True]), A[[1]]),
    (lambda: tf.boolean_mask(A, FLAGS[0], axis=1), A[:, FLAGS[0]]),
    (lambda: tf.boolean_mask(A, FLAGS), A[FLAGS]),
    (lambda: tf.boolean_mask(np.stack([A, B], 2), FLAGS), np.stack([A, B], 2)[FLAGS]),
    (lambda: tf.identity(A), A),
    (lambda: tf.broadcast_to(A[0], (2, 3)), np.broadcast_to(A[0], (2, 3))),
    (lambda: tf.cast(A, tf.int32), A.astype(int)),
    (lambda: tf.cast(A, dtype="bool"), A.astype(bool)),
    (lambda: tf.clip_by_value(A, -1.0, 1.0), A.clip(-1, 1)),
    (lambda: tf.clip_by_value(A, clip_value_max=1, clip_value_min=0), A.clip(0, 1)),
    (lambda: tf.concat([A, B], 0), np.concatenate([A, B])),
    (lambda: tf.concat(values=[A, B], axis=1), np.concatenate([A, B], 1)),
    (lambda: tf.constant(2.0, shape=(2, 2)), np.full((2, 2), 2.0)),
    (lambda: tf.constant([1, 2, 3, 4], shape=(2, 2)), [[1, 2], [3, 4]]),
    (lambda: tf.convert_to_tensor([[1, 2]], dtype=tf.float32), [[1.0, 2.0]]),
    (lambda: tf.cumsum(A), A.cumsum(0)),
    (lambda: tf.divide(A, B), A / B),
    (lambda: tf.einsum("ij,kj->ik", A, B), A @ B.T),
    (lambda: tf.equal(A, A), A == A),
    (lambda: tf.exp(A, name="e"), np.exp(A)),
    (lambda: tf.expand_dims(A, axis=0), A[None]),
    (lambda: tf.expand_dims(A, -1), A[..., None]),
    (lambda: tf.eye(2), np.eye(2)),
    (lambda: tf.eye(2, 3), np.eye(2, 3)),
    (lambda: tf.fill([2, 2], 7), np.full((2, 2), 7)),
    (lambda: tf.gather(A, [1, 0]), A[[1, 0]]),
    (lambda: tf.gather(A, [2, 0], axis=1), A[:, [2, 0]]),
    (lambda: tf.linspace(0.0, 1.0, num=5), np.linspace(0, 1, 5)),
    (lambda: tf.logical_not(FLAGS), ~FLAGS),
    (lambda: tf.matmul(A, B, transpose_b=True), A @ B.T),
    (lambda: tf.matmul(A, B, transpose_a=True), A.T @ B),
    (lambda: tf.linalg.matmul(A, B.T), A @ B.T),
    (lambda: tf.maximum(A, B), np.maximum(A, B)),
    (lambda: tf.math.log(B[0]), np.log(B[0])),
    (lambda: tf.math.reduce_std(A), A.std()),
    (lambda: tf.math.reduce_variance(A, axis=0), A.var(0)),
    (lambda: tf.math.ceil(A), np.ceil(A)),
    (lambda: tf.math.pow(A, 2.0), A**2),
    (lambda: tf.math.is_nan(A), np.isnan(A)),
    (lambda: tf.nn.elu(A), np.where(A > 0, A, np.expm1(A))),
    (lambda: tf.nn.leaky_relu(A), np.where(A > 0, A, 0.2 * A)),
    (lambda: tf.nn.leaky_relu(A, alpha=0.1), np.where(A > 0, A, 0.1 * A)),
    (lambda: tf.nn.relu(A), np.maximum(A, 0)),
    (lambda: tf.nn.softmax(A, axis=-1), softmax(A)),
    (lambda: tf.nn.l2_loss(A), (A**2).sum() / 2),
    (lambda: tf.nn.bias_add(A, B[0]), A + B[0]),
    (lambda: tf.nn.embedding_lookup(A, [1, 1]), A[[1, 1]]),
    (
        lambda: tf.nn.sigmoid_cross_entropy_with_logits(labels=FLAGS * 1.0, logits=A),
        np.maximum(A, 0) - A * FLAGS + np.log1p(np.exp(-np.abs(A))),
    ),
    (
        lambda: tf.nn.sparse_softmax_cross_entropy_with_logits([0, 2], logits=A),
        -np.log(softmax(A)[[0, 1], [0, 2]]),
    ),
    (
        lambda: tf.nn.softmax_cross_entropy_with_logits(np.eye(3)[[0, 2]], A),
        -np.log(softmax(A)[[0, 1], [0, 2]]),
    ),
    (lambda: tf.norm(A), np.linalg.norm(A)),
    (lambda: tf.norm(A, ord=1, axis=1), np.abs(A).sum(1)),
    (lambda: tf.one_hot([0, 2], 3), np.eye(3)[[0, 2]]),
    (lambda: tf.one_hot([0], depth=2, on_value=5.0, off_value=-1.0), [[5.0, -1.0]]),
    (lambda: tf.one_hot([1], 2, dtype=tf.int32), [[0, 1]]),
    (lambda: tf.ones((2,)), [1.0, 1.0]),
    (lambda: tf.ones(shape=(2,), dtype=tf.int32), [1, 1]),
    (lambda: tf.ones_like(A), np.ones_like(A)),
    (lambda: tf.pow(A, 2), A**2),
    (lambda: tf.range(1, 7, 2), [1, 3, 5]),
    (lambda: tf.range(3, dtype=tf.float32), [0.0, 1.0, 2.0]),
    (lambda: tf.rank(A), 2),
    (lambda: tf.reduce_all(FLAGS, axis=1), FLAGS.all(1)),
    (lambda: tf.reduce_any(FLAGS), True),
    (lambda: tf.reduce_logsumexp(A), np.log(np.exp(A).sum())),
    (lambda: tf.reduce_max(A, axis=1), A.max(1)),
    (lambda: tf.reduce_mean(A, 0), A.mean(0)),
    (lambda: tf.reduce_mean(input_tensor=A), A.mean()),
    (lambda: tf.reduce_sum(A, axis=1, keepdims=True), A.sum(1, keepdims=True)),
    (lambda: tf.reduce_min(A, axis=None), A.min()),
    (lambda: tf.repeat(A, 2, axis=0), A.repeat(2, 0)),
    (lambda: tf.reshape(A, [3, -1]), A.reshape(3, 2)),
    (lambda: tf.reverse(A, axis=[1]), A[:, ::-1]),
    (lambda: tf.shape(A), [2, 3]),
    (lambda: tf.size(A), 6),
    (lambda: tf.split(A, 3, axis=1)[1], A[:, 1:2]),
    (lambda: tf.split(A, [1, 2], axis=1)[1], A[:, 1:]),
    (lambda: tf.squeeze(A[None]), A),
    (lambda: tf.stack([A, B]), np.stack([A, B])),
    (lambda: tf.tensordot(A, B.T, axes=1), A @ B.T),
    (lambda: tf.tile(A, [1, 2]), np.tile(A, (1, 2))),
    (lambda: tf.transpose(A), A.T),
    (lambda: tf.transpose(A[None], perm=[0, 2, 1]), A.T[None]),
    (lambda: tf.unstack(A)[1], A[1]),
    (lambda: tf.unstack(A, axis=1)[2], A[:, 2]),
    (lambda: tf.where(FLAGS, A, B), np.where(FLAGS, A, B)),
    (lambda: tf.where(FLAGS), np.argwhere(FLAGS)),
    (lambda: tf.zeros([2, 1]), np.zeros((2, 1))),
    (lambda: tf.zeros(tf.shape(A)), np.zeros((2, 3))),
    (lambda: tf.zeros_like(A, dtype=tf.int32), np.zeros((2, 3))),
    (lambda: tf.stop_gradient(A), A),
]


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("number", range(len(CASES)))
def test_values(number: int) -> None:
    compute, expected = CASES[number]
    found = compute()
    assert type(found) is Tensor
    assert found.shape == np.shape(expected)
    assert np.allclose(found.numpy(), expected, atol=1e-6)
    assert found.dtype.name in ("float32", "int32", "bool")


@pytest.mark.parametrize("module", ["", "math", "nn"])
def test_every_function_has_its_operation(module: str) -> None:
    coming = {"argsort", "sort", "acos", "asin", "atan", "atan2", "cumprod"}
    coming |= {"divide_no_nan"}
    for name, function in functions()[module].items():
        if isinstance(function, Function) and name not in coming:
            assert hasattr(
                importlib.import_module("pronghorn.ops"), function._operation
            )


@pytest.mark.usefixtures("installed")
def test_on_symbols_they_are_recorded() -> None:
    x = KerasTensor((None, 3))
    loss = tf.reduce_mean(tf.square(tf.nn.relu(x) - 1.0), axis=-1)
    assert isinstance(loss, KerasTensor) and loss.shape == (None,)
    rows = tf.cast(tf.shape(x)[0], tf.float32)
    assert isinstance(rows, KerasTensor) and rows.dtype == "float32"
    assert tf.is_tensor(x) and not tf.is_tensor(A)


def test_what_an_argument_would_change_is_refused() -> None:
    with pytest.raises(UnsupportedError, match=r"tf\.reduce_sum\(reduction_indices\)"):
        tf.reduce_sum(A, reduction_indices=1)
    with pytest.raises(UnsupportedError, match="does not take"):
        tf.square(A, 1, 2)
    missing = Function("tf.math.bessel", "bessel", ["x"])
    with pytest.raises(UnsupportedError, match=r"tf\.math\.bessel is not part"):
        missing(A)


def test_variables() -> None:
    v = tf.Variable(initial_value=np.zeros((2, 2)), trainable=False, name="v")
    assert isinstance(v, Variable) and v.dtype == "float32" and not v.trainable
    assert v.assign(tf.ones((2, 2))) is v
    assert v.assign_add([[1.0, 1.0]] * 2) is v and v.assign_sub(tf.eye(2)) is v
    assert v.numpy().tolist() == [[1.0, 2.0], [2.0, 1.0]]
    assert type(v.read_value()) is Tensor and type(v[0]) is Tensor
    assert tf.Variable(3).dtype == "int32" and tf.Variable(lambda: 2.0).numpy() == 2.0
    assert repr(tf.Variable(1.0, name="w")).startswith("<tf.Variable 'w:0' shape=()")


@pytest.mark.usefixtures("installed")
def test_random_numbers() -> None:
    def draws() -> list[np.ndarray]:
        tf.random.set_seed(5)
        return [
            tf.random.uniform((50,), minval=-1.0, maxval=1.0).numpy(),
            tf.random.normal(shape=(50,), mean=3.0, stddev=0.1).numpy(),
            tf.random.truncated_normal([50], stddev=2.0).numpy(),
            tf.random.uniform((50,), 2, 5, dtype=tf.int32).numpy(),
            tf.random.shuffle(np.arange(50)).numpy(),
        ]

    first, again = draws(), draws()
    assert all(np.array_equal(a, b) for a, b in zip(first, again))
    uniform, normal, truncated, whole, shuffled = first
    assert -1 <= uniform.min() < -0.5 and 0.5 < uniform.max() < 1
    assert abs(normal.mean() - 3.0) < 0.1
    assert 2.0 < np.abs(truncated).max() <= 4.0
    assert set(whole) == {2, 3, 4} and sorted(shuffled) == list(range(50))
    assert not np.array_equal(shuffled, np.arange(50))
    one = tf.random.normal((3,), seed=1).numpy()
    assert np.array_equal(one, tf.random.normal((3,), seed=1).numpy())
    with pytest.raises(ArgumentError, match="maxval"):
        tf.random.uniform((3,), dtype=tf.int32)


@pytest.mark.usefixtures("installed")
def test_how_tensorflow_is_run_says_nothing_here() -> None:
    real: Any = importlib.import_module("tensorflow")
    assert real.config.list_physical_devices("GPU") == []
    (cpu,) = real.config.list_physical_devices()
    assert cpu.device_type == "CPU"
    for gpu in real.config.experimental.list_physical_devices("GPU"):
        real.config.experimental.set_memory_growth(gpu, True)
    real.config.run_functions_eagerly(True)
    real.get_logger().setLevel("ERROR")
    real.compat.v1.logging.set_verbosity(real.compat.v1.logging.ERROR)
    with real.device("/CPU:0"):
        assert real.TensorShape([None, 2]).as_list() == [None, 2]
    assert real.test.gpu_device_name() == "" and not real.test.is_gpu_available()
    assert real.nest.flatten({"a": [1, 2]}) == [1, 2]


@pytest.mark.usefixtures("installed")
def test_functions_are_as_they_are() -> None:
    def double(x: Any) -> Any:
        return x * 2

    assert tf.function(double) is double
    assert tf.function(jit_compile=True, reduce_retracing=True)(double) is double
    spec = [tf.TensorSpec([None], tf.float32)]
    assert tf.function(input_signature=spec)(double) is double


def test_print_shows_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    tf.print("loss", tf.constant(0.5), tf.constant([1, 2]), sep=", ")
    assert capsys.readouterr() == ("", "loss, 0.5, [1 2]\n")


@pytest.mark.usefixtures("installed")
def test_checks() -> None:
    tf.debugging.assert_equal(A, A)
    tf.debugging.assert_near(A, A + 1e-7)
    assert tf.debugging.check_numerics(A, "fine") is A
    with pytest.raises(ValueError, match="far"):
        tf.debugging.assert_near(A, A + 1.0, message="far")
    with pytest.raises(ValueError, match="holds nan"):
        tf.debugging.check_numerics(np.array([np.nan]), "holds nan")


def test_a_tape_is_pronghorns_or_absent() -> None:
    tape = gradient_tape()
    pronghorn = importlib.import_module("pronghorn")
    if tape is None:
        assert not hasattr(pronghorn, "GradientTape")
        with pytest.raises(UnsupportedError, match=r"tf\.GradientTape is not part"):
            tf.GradientTape()
    else:
        assert issubclass(tf.GradientTape, pronghorn.GradientTape)
