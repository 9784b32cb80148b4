"""Profiles: what the table says, and that the model does not notice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers
from pronghorn.backends.native.ceiling import Ceiling
from pronghorn.backends.native.executable import NativeExecutable
from pronghorn.errors import (
    ArgumentError,
    DivergedError,
    StateError,
    UnsupportedError,
)
from pronghorn.utils import Profile, clear_session, set_random_seed
from pronghorn.utils.profile_table import ProfileRow

ROWS, BATCH = 200, 64
X = np.random.default_rng(0).normal(size=(ROWS, 5)).astype("float32")
Y = X[:, :1] - X[:, 1:2]


def made(loss: Any = "mae", optimizer: Any = "adam") -> Any:
    """A compiled net with state of every kind: batch norm, dropout, slots, metrics."""
    clear_session()  # names count anew
    set_random_seed(3)
    model = keras.Sequential(
        [
            layers.Dense(16, activation="relu", input_shape=[5], name="first"),
            layers.BatchNormalization(name="norm"),
            layers.Dropout(0.3),
            layers.Dense(1, name="last"),
        ],
        name="net",
    )
    model.compile(optimizer, loss, metrics=["mse"])
    return model


def quiet(model: Any, y: Any = Y, **arguments: Any) -> Profile:
    """A profile that is not printed."""
    return keras.profile(model, X, y, batch_size=BATCH, verbose=0, **arguments)


def state(model: Any) -> list[np.ndarray]:
    """Everything that training changes."""
    metrics = [v for m in model.metrics for v in m.variables]
    variables = [*model.variables, *model.optimizer.variables, *metrics]
    return [v.numpy() for v in variables]


def same(before: list[np.ndarray], after: list[np.ndarray]) -> bool:
    """Whether all arrays have the same bits."""
    pairs = zip(before, after, strict=True)
    return all(a.tobytes() == b.tobytes() for a, b in pairs)


# --- what it finds


def test_a_training_step_is_told_by_layers() -> None:
    found = quiet(made())
    told = {(row.where, row.computes) for row in found.rows}
    assert {
        ("x", "picks rows: 64x5"),
        ("y", "picks rows: 64x1"),
        ("first", "64x5 @ 5x16"),
        ("last", "64x16 @ 16x1"),
        ("gradient of first/kernel", "5x64 @ 64x16"),
        ("gradient of last/kernel", "16x64 @ 64x1"),
        ("gradient of norm/gamma", "sum over the rows of 64x16"),
        ("gradient of first/bias", "sum over the rows of 64x16"),
    } <= told
    where = {row.where for row in found.rows}
    weights = ("first/kernel", "first/bias", "norm/gamma", "last/kernel", "last/bias")
    assert {f"update of {name}" for name in weights} <= where
    assert {"last, loss", "update of norm/moving_mean", "mean_squared_error"} <= where
    assert {"update of adam", "last, backward", "norm, backward"} <= where
    assert "step" not in where


def test_a_prediction_is_told_by_layers() -> None:
    found = quiet(made(), None)
    assert found.kind == "prediction"
    assert [(row.instruction, row.where) for row in found.rows] == [
        ("chain", "norm"),
        ("gemm", "first"),
        ("chain", "first, norm"),
        ("gemm", "last"),
        ("chain", "last"),
    ]


def test_regularizers_and_clipping_find_their_place() -> None:
    inputs = layers.Input([5])
    kernel = layers.Dense(4, kernel_regularizer="l2", name="one")(inputs)
    model = keras.Model(inputs, layers.Dense(1, name="two")(kernel), name="net")
    model.compile(keras.optimizers.Adam(global_clipnorm=1.0, name="adam"), "mse")
    found = quiet(model)
    told = {(row.where, row.computes) for row in found.rows}
    assert ("gradient of one/kernel", "5x64 @ 64x4") in told
    assert ("adam", "sum of 20 elements") in told


def test_a_function_of_many_operations_is_cut() -> None:
    update = next(r for r in quiet(made()).rows if r.where == "update of first/kernel")
    assert update.instruction == "chain"
    assert update.computes.startswith("80 elements: ")
    assert update.computes.endswith(" in all)")


def test_the_numbers_fit_together() -> None:
    found = quiet(made(), epochs=2)
    assert found.steps == 2 * 4 and found.batch_size == BATCH
    assert [row.number for row in found.rows] == [*range(1, len(found.rows) + 1)]
    assert sum(row.share for row in found.rows) == pytest.approx(1)
    assert found.microseconds == pytest.approx(sum(r.microseconds for r in found.rows))
    product = next(row for row in found.rows if row.where == "first")
    # The mean of three batches of 64 rows and one of 8.
    assert product.flops == 2 * 5 * 16 * ROWS / 4
    assert product.gflops == pytest.approx(product.flops / product.microseconds / 1e3)
    assert product.gbytes == pytest.approx(product.bytes / product.microseconds / 1e3)
    arithmetic = product.flops / found.peak_gflops / 1e3
    memory = product.bytes / max(rate for _, rate in found.bandwidths) / 1e3
    assert product.least_microseconds == pytest.approx(max(arithmetic, memory))
    assert product.of_limit == pytest.approx(
        max(arithmetic, memory) / product.microseconds
    )
    assert found.step_microseconds > 0


def test_the_limits_are_measured_once() -> None:
    first, second = quiet(made()), quiet(made(), None)
    assert first.peak_gflops == second.peak_gflops > 0
    assert first.bandwidths is second.bandwidths
    assert [size for size, _ in first.bandwidths] == [2**18, 2**21, 2**24, 2**27]


def test_the_limit_is_that_of_the_size() -> None:
    limits = Ceiling(100.0, ((100, 30.0), (1000, 40.0), (10000, 20.0)))
    assert [limits.bandwidth(size) for size in (1, 100, 999)] == [40.0] * 3
    assert [limits.bandwidth(size) for size in (5000, 10000, 1e9)] == [40.0, 20.0, 20.0]
    assert limits.seconds(100e9, 1) == 1.0
    assert limits.seconds(1.0, 20e9) == 1.0


# --- what it leaves


def test_the_model_does_not_notice() -> None:
    model = made()
    model.fit(X, Y, batch_size=BATCH, epochs=2, verbose=0)
    before, results = state(model), [m.result() for m in model.metrics]
    quiet(model)
    quiet(model, None)
    assert same(before, state(model))
    assert [m.result() for m in model.metrics] == results


@pytest.mark.parametrize("first", [False, True])
def test_training_goes_on_as_without_it(first: bool) -> None:
    trained = []
    for profiled in (False, True):
        model = made()
        if not first:
            model.fit(X, Y, batch_size=BATCH, verbose=0)
        if profiled:
            quiet(model)
        model.fit(X, Y, batch_size=BATCH, verbose=0)
        trained.append(state(model))
    assert same(*trained)


def test_a_loss_that_is_not_finite_leaves_no_trace() -> None:
    model = made(loss="mse", optimizer="sgd")
    model.fit(X, Y, verbose=0)
    model.optimizer.learning_rate = 1e30
    before = state(model)
    with pytest.raises(DivergedError, match="profile of model 'net'"):
        quiet(model, epochs=3)
    assert same(before, state(model))


def test_an_interruption_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    model = made()
    model.fit(X, Y, verbose=0)
    before, run, calls = state(model), NativeExecutable.run, []

    def interrupted(self: Any, *arguments: Any, **named: Any) -> int:
        calls.append(run(self, *arguments, **named))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return calls[-1]

    monkeypatch.setattr(NativeExecutable, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        quiet(model)
    assert calls == [4, 4] and same(before, state(model))


def test_columns_are_not_remembered() -> None:
    pandas = pytest.importorskip("pandas")
    model = made()
    frame = pandas.DataFrame(X, columns=list("abcde"))
    keras.profile(model, frame, Y, verbose=0)
    assert model._known_columns() == []


# --- what it refuses


def test_the_reference_backend_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    model = made()
    model.run_eagerly = True
    with pytest.raises(UnsupportedError, match="run_eagerly=True") as caught:
        quiet(model)
    assert caught.value.received == "the reference backend"
    monkeypatch.setenv("PRONGHORN_BACKEND", "reference")
    with pytest.raises(UnsupportedError, match="PRONGHORN_BACKEND"):
        quiet(made(), None)


def test_training_needs_compile() -> None:
    model = keras.Sequential([layers.Dense(1, input_shape=[5])])
    with pytest.raises(StateError, match="before profile"):
        quiet(model)
    assert len(quiet(model, None).rows) == 2


@pytest.mark.parametrize("name", ["epochs", "top"])
def test_numbers_are_checked(name: str) -> None:
    with pytest.raises(ArgumentError, match=name):
        quiet(made(), **{name: 0})


# --- how it is drawn


def drawn(count: int = 5) -> Profile:
    """A profile of known numbers."""
    rows = tuple(
        ProfileRow(
            i + 1, "chain", f"layer_{i}", "8 elements: add", t, t / 100, 2e3, 4e3, 1
        )
        for i, t in enumerate((10.0, 40.0, 5.0, 25.0, 20.0)[:count])
    )
    rates = ((2**18, 100.4), (2**27, 20.2))
    return Profile("net", "training", 8, 3, 50.0, rows, 200.0, rates, "avx2", 1)


def test_the_table() -> None:
    title, _, *lines = drawn().table().splitlines()
    assert title == 'Training step of "net", 8 rows: mean of 3 steps, avx2, 1 thread'
    assert lines == [
        "#  kind   where    computes         us/step   share     GFLOP/s  GB/s  limit",
        "─" * 76,
        "1  chain  layer_0  8 elements: add    10.00   10.0%         0.2   0.4    10%",
        "2  chain  layer_1  8 elements: add    40.00   40.0%  *      0.1   0.1     2%",
        "3  chain  layer_2  8 elements: add     5.00    5.0%         0.4   0.8    20%",
        "4  chain  layer_3  8 elements: add    25.00   25.0%  *      0.1   0.2     4%",
        "5  chain  layer_4  8 elements: add    20.00   20.0%  *      0.1   0.2     5%",
        "─" * 76,
        "   total                             100.00  100.0%         0.1   0.2     5%",
        "",
        "A step without the clock takes 50.00 us, 10% of the limit.",
        "The limit: 200 GFLOP/s (a product of 1,024 cubed), or",
        "in GB/s 100 on 256 KB, 20 on 128 MB (relu).",
    ]
    assert str(drawn()) == drawn().table()
    assert repr(drawn()) == "<Profile of training with 'net': 5 instructions, 100.0 us>"


def test_the_rest_is_summed_up() -> None:
    lines = drawn().table(top=2).splitlines()
    assert [line.split()[:3] for line in lines[4:7]] == [
        ["2", "chain", "layer_1"],
        ["4", "chain", "layer_3"],
        ["3", "more", "35.00"],
    ]
    assert "more" not in drawn().table(top=5)


def test_descriptions_are_cut_to_the_terminal() -> None:
    lines = drawn().table(width=73).splitlines()[2:10]
    assert max(map(len, lines)) == 73
    assert "8 elements:…" in lines[2] and "layer_0" in lines[2]
    assert max(map(len, drawn().table(width=1).splitlines()[2:10])) == 73


def test_it_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    found = keras.profile(made(), X, Y, top=3)
    said = capsys.readouterr().out
    assert said == found.table(top=3) + "\n" and " more" in said
    quiet(made())
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("build", [lambda: made(), lambda: made(loss="huber")])
def test_the_table_holds_what_was_found(build: Callable[[], Any]) -> None:
    found = quiet(build())
    lines = found.table().splitlines()[4:]
    for row, line in zip(found.rows, lines, strict=False):
        assert line.split()[:2] == [str(row.number), row.instruction]
        assert row.where in line and row.computes in line
        assert f"{row.microseconds:,.2f}" in line or found.microseconds >= 1000
