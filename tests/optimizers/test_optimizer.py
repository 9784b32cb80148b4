"""What all optimizers share: state, names, configs, clipping, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import ops, optimizers
from pronghorn.errors import (
    ArgumentError,
    ShapeError,
    StateError,
    UnknownNameError,
    UnsupportedError,
)
from pronghorn.ir import Variable
from tests.stepping import BACKENDS, run_steps

HOLDERS = ("LossScaleOptimizer", "MultiOptimizer", "OptimizerMap")
CLASSES = [
    getattr(optimizers, name)
    for name in optimizers.__all__
    if name[0].isupper() and name not in ("Optimizer", *HOLDERS)
]


def weights() -> list[Variable]:
    kernel, bias = Variable(np.ones((2, 1)), name="kernel"), Variable([0.0])
    kernel.path, bias.path = "dense/kernel", "dense/bias"
    return [kernel, bias]


GRADS = [np.array([[3.0], [0.0]], np.float32), np.array([4.0], np.float32)]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda c: c.__name__)
def test_config_round_trip(cls: Any) -> None:
    optimizer = cls(learning_rate=0.25, clipnorm=1.5, name="mine", use_ema=True)
    data = optimizers.serialize(optimizer)
    assert (data["module"], data["class_name"]) == ("keras.optimizers", cls.__name__)
    again = optimizers.deserialize(data)
    assert type(again) is cls
    assert again.get_config() == optimizer.get_config()
    assert again.get_config()["clipnorm"] == 1.5
    assert again.get_config()["learning_rate"] == 0.25


def test_config_with_a_schedule() -> None:
    schedule = optimizers.schedules.CosineDecay(0.1, 10, alpha=0.5)
    again = optimizers.deserialize(optimizers.serialize(optimizers.Adam(schedule)))
    assert float(again.learning_rate) == pytest.approx(0.1)
    assert again.get_config()["learning_rate"]["config"]["alpha"] == 0.5


@pytest.mark.parametrize(
    ("optimizer", "wanted"),
    [
        (optimizers.SGD(name="o"), []),
        (optimizers.SGD(momentum=0.9, name="o"), ["kernel_momentum", "bias_momentum"]),
        (
            optimizers.Adam(amsgrad=True, name="o"),
            [
                "kernel_momentum",
                "kernel_velocity",
                "bias_momentum",
                "bias_velocity",
                "kernel_velocity_hat",
                "bias_velocity_hat",
            ],
        ),
        (
            optimizers.RMSprop(
                momentum=0.5,
                centered=True,
                use_ema=True,
                gradient_accumulation_steps=2,
                name="o",
            ),
            [
                f"{owner}_{slot}"
                for slot in (
                    "average",
                    "gradient_accumulator",
                    "velocity",
                    "momentum",
                    "average_gradient",
                )
                for owner in ("kernel", "bias")
            ],
        ),
    ],
)
def test_state_has_keras_s_names_and_order(optimizer: Any, wanted: list[str]) -> None:
    optimizer.build(weights())
    found = [v.path for v in optimizer.variables]
    slots = [f"o/dense_{name}" for name in wanted]
    assert found == ["o/iteration", "o/learning_rate", *slots]
    assert optimizer.variables[0].dtype == "int32"
    assert optimizer.variables[1].dtype == "float32"


def test_state_travels_through_a_store() -> None:
    first, second = optimizers.Adam(0.1), optimizers.Adam(0.5)
    variables = weights()
    first.apply(GRADS, variables)
    store: dict[str, np.ndarray] = {}
    first.save_own_variables(store)
    assert sorted(store) == [str(i) for i in range(6)]
    second.build(variables)
    second.load_own_variables(store)
    for a, b in zip(first.variables, second.variables, strict=True):
        assert (a.numpy() == b.numpy()).all()
    unbuilt = optimizers.Adam()
    with pytest.warns(UserWarning, match="2 variables, the file 6"):
        unbuilt.load_own_variables(store)


def test_clipping() -> None:
    def moved(**arguments: Any) -> list[float]:
        variables = weights()
        before = [v.numpy() for v in variables]
        optimizers.SGD(1.0, **arguments).apply(GRADS, variables)
        return [
            round(float(d), 5)
            for b, v in zip(before, variables, strict=True)
            for d in (b - v.numpy()).ravel()
        ]

    assert moved() == [3.0, 0.0, 4.0]
    assert moved(clipvalue=3.5) == [3.0, 0.0, 3.5]
    assert moved(clipnorm=1.0) == [1.0, 0.0, 1.0]
    assert moved(clipnorm=9.0) == [3.0, 0.0, 4.0]
    assert moved(global_clipnorm=1.0) == [0.6, 0.0, 0.8]
    assert moved(global_clipnorm=9.0) == [3.0, 0.0, 4.0]
    assert moved(loss_scale_factor=2.0) == [1.5, 0.0, 2.0]


def test_weight_decay_can_leave_variables_out() -> None:
    variables = [Variable([1.0], name="kernel"), Variable([1.0], name="bias")]
    third = Variable([1.0], name="gamma")
    optimizer = optimizers.SGD(0.5, weight_decay=0.5)
    optimizer.exclude_from_weight_decay([third], ["bias"])
    optimizer.apply([np.zeros(1)] * 3, [*variables, third])
    assert [float(v.numpy()[0]) for v in (*variables, third)] == [0.75, 1.0, 1.0]
    with pytest.raises(StateError, match="before compile"):
        optimizer.exclude_from_weight_decay(var_names=["kernel"])


def test_gradients_are_accumulated() -> None:
    variables = weights()
    optimizer = optimizers.SGD(1.0, gradient_accumulation_steps=3)
    for i in range(6):
        optimizer.apply([(i + 1) * GRADS[0], GRADS[1]], variables)
        done = [0, 0, 2, 2, 2, 7][i]  # the means of 1 2 3 and of 4 5 6, added up
        assert variables[0].numpy()[0, 0] == pytest.approx(1 - 3 * done)
        assert int(optimizer.iterations) == (i + 1) // 3
    with pytest.raises(ArgumentError, match="gradient_accumulation_steps=1"):
        optimizers.SGD(gradient_accumulation_steps=1)


def test_moving_averages() -> None:
    weight = Variable([0.0], name="w")
    optimizer = optimizers.SGD(1.0, use_ema=True, ema_momentum=0.75)
    average = 0.0
    for step in range(3):
        optimizer.apply([np.array([-1.0])], [weight])
        now = step + 1.0
        average = now if step == 0 else 0.75 * average + 0.25 * now
    assert weight.numpy().tolist() == [3.0]
    optimizer.finalize_variable_values([weight])
    assert weight.numpy() == pytest.approx([average])


def test_an_own_optimizer_with_its_own_state() -> None:
    class Signed(optimizers.Optimizer):
        def build(self, variables: Any) -> None:
            super().build(variables)
            self.seen = [
                self.add_variable_from_reference(v, name="seen") for v in variables
            ]
            self.total = Variable(0.0, name="total", trainable=False)

        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            seen = self.seen[self._get_variable_index(variable)]
            self.assign_add(seen, gradient)
            self.assign_add(self.total, 1.0)
            self.assign_sub(variable, learning_rate * gradient)

    optimizer, variables = Signed(0.5), weights()
    optimizer.apply(GRADS, variables)
    names = [v.name for v in optimizer.variables]
    assert names[2:] == ["dense_kernel_seen", "dense_bias_seen", "total"]
    assert float(optimizer.total.numpy()) == 2.0
    assert variables[1].numpy().tolist() == [-2.0]


def test_the_learning_rate_is_assignable() -> None:
    optimizer = optimizers.SGD(0.5)
    optimizer.learning_rate = 0.25
    assert float(optimizer.learning_rate) == 0.25
    optimizer.learning_rate.assign(0.125)
    assert optimizer.get_config()["learning_rate"] == 0.125
    optimizer.learning_rate = optimizers.schedules.InverseTimeDecay(1.0, 1, 1.0)
    assert [v.name for v in optimizer.variables] == ["iteration"]
    with pytest.raises(StateError, match="schedule"):
        optimizer.learning_rate = 0.1


@pytest.mark.parametrize("name", ["adam", "Adam", "ADAM", optimizers.Adam])
def test_get(name: Any) -> None:
    assert type(optimizers.get(name)) is optimizers.Adam


def test_get_refuses_unknown_names_with_help() -> None:
    with pytest.raises(UnknownNameError) as caught:
        optimizers.get("adm")
    for word in ("'adm'", "adam", "Adam(learning_rate=0.001)"):
        assert word in str(caught.value)
    with pytest.raises(ArgumentError, match="not an optimizer"):
        optimizers.get(len)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: optimizers.SGD(rate=0.1), ["rate=0.1", "spelling"]),
        (lambda: optimizers.SGD(0.2, lr=0.1), ["lr=0.1", "learning_rate=0.2"]),
        (
            lambda: optimizers.SGD(optimizers.schedules.CosineDecay(1, 9), decay=0.1),
            ["decay=0.1", "CosineDecay"],
        ),
        (lambda: optimizers.SGD("fast"), ["'fast'", "SGD"]),
        (lambda: optimizers.SGD(float("nan")), ["nan"]),
        (lambda: optimizers.SGD(True), ["True"]),
        (lambda: optimizers.SGD(momentum=1.5), ["momentum=1.5"]),
        (lambda: optimizers.SGD(clipnorm=1.0, clipvalue=1.0), ["clipvalue=1.0"]),
        (lambda: optimizers.SGD(use_ema=True, ema_momentum=2), ["ema_momentum=2"]),
        (
            lambda: optimizers.SGD(use_ema=True, ema_overwrite_frequency=0.5),
            ["ema_overwrite_frequency=0.5"],
        ),
        (lambda: optimizers.AdamW(weight_decay=None), ["use Adam"]),
        (lambda: optimizers.Lion(beta_1=0.0), ["beta_1=0.0"]),
        (
            lambda: optimizers.Ftrl(learning_rate_power=0.5),
            ["learning_rate_power=0.5", "0 or less"],
        ),
        (
            lambda: optimizers.Ftrl(l1_regularization_strength=-1.0),
            ["l1_regularization_strength=-1.0", "0 or more"],
        ),
        (lambda: optimizers.LossScaleOptimizer("adam"), ["inner_optimizer='adam'"]),
        (
            lambda: optimizers.LossScaleOptimizer(optimizers.SGD(), clipnorm=1.0),
            ["clipnorm=1.0", "`inner_optimizer`"],
        ),
        (
            lambda: optimizers.LossScaleOptimizer(optimizers.SGD(), dynamic=False),
            ["dynamic=False", "loss_scale_factor"],
        ),
        (lambda: optimizers.schedules.CosineDecay(0.1, 0), ["decay_steps=0"]),
        (
            lambda: optimizers.schedules.PiecewiseConstantDecay([1], [1.0]),
            ["2 values", "1 values, 1 boundaries"],
        ),
    ],
)
def test_arguments_that_do_not_fit(make: Any, words: list[str]) -> None:
    with pytest.raises(ArgumentError) as caught:
        make()
    assert [w for w in words if w not in str(caught.value)] == []


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_function_as_the_learning_rate(backend: str) -> None:
    scale = Variable(0.5, name="scale")
    optimizer = optimizers.SGD(learning_rate=lambda: 0.2 * scale.value)
    assert float(optimizer.learning_rate) == pytest.approx(0.1)
    assert [v.name for v in optimizer.variables] == ["iteration"]
    variable = Variable(np.array([1.0, 2.0], np.float32))
    optimizer.apply([np.array([1.0, 1.0], np.float32)], [variable])
    np.testing.assert_allclose(variable.value, [0.9, 1.9], rtol=1e-6)
    scale.assign(5.0)  # it is asked again
    optimizer.apply([np.array([1.0, 1.0], np.float32)], [variable])
    np.testing.assert_allclose(variable.value, [-0.1, 0.9], rtol=1e-5)
    with pytest.raises(TypeError, match="cannot be set"):
        optimizer.learning_rate = 0.1


def test_a_function_of_variables_is_followed_in_fit() -> None:
    rate = Variable(0.0, name="rate", trainable=False)
    model = keras.Sequential([keras.layers.Dense(1, input_shape=[2])])
    model.compile(optimizers.SGD(lambda: rate.value * 1.0), "mse")
    x = np.arange(1, 9, dtype=np.float32).reshape(4, 2) / 8
    before = model.get_weights()
    model.fit(x, x[:, 0], verbose=0)
    np.testing.assert_array_equal(model.get_weights()[0], before[0])
    rate.assign(0.1)
    model.fit(x, x[:, 0], verbose=0)
    assert (model.get_weights()[0] != before[0]).all()


def test_a_whole_number_is_a_learning_rate() -> None:
    assert optimizers.SGD(1).get_config()["learning_rate"] == 1.0


def test_variables_it_was_not_built_for() -> None:
    optimizer = optimizers.SGD()
    with pytest.raises(StateError, match="1 gradients for 0 variables"):
        optimizer.apply([GRADS[1]])
    optimizer.build(weights())
    with pytest.raises(StateError, match="not built for these"):
        optimizer.apply(GRADS, weights())
    with pytest.raises(ShapeError, match="shapes"):
        optimizer.set_weights([np.zeros(2), np.zeros(())])


def test_missing_gradients() -> None:
    variables = weights()
    optimizer = optimizers.SGD(1.0)
    with pytest.warns(UserWarning, match="dense/kernel"):
        optimizer.apply([None, GRADS[1]], variables)
    assert variables[1].numpy().tolist() == [-4.0]
    with pytest.raises(ArgumentError, match="dense/bias"):
        optimizer.apply([None, None], variables)


def test_apply_gradients_takes_pairs() -> None:
    variables = weights()
    optimizer = optimizers.SGD(1.0)
    steps = optimizer.apply_gradients(zip(GRADS, variables, strict=True))
    assert int(np.asarray(steps)) == 1
    assert variables[1].numpy().tolist() == [-4.0]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda c: c.__name__)
def test_names_of_keras_2(cls: Any) -> None:
    optimizer = cls(lr=0.25)
    assert optimizer.get_config()["learning_rate"] == 0.25
    assert float(optimizer.lr) == 0.25
    optimizer.lr = 0.125
    assert float(optimizer.learning_rate) == 0.125
    assert cls(decay=0.0).get_config()["learning_rate"] == cls().get_config().get(
        "learning_rate"
    )


def test_decay_divides_the_rate_by_the_steps() -> None:
    weight = Variable([0.0], name="w")
    optimizer = optimizers.SGD(lr=1.0, decay=0.5)
    moved = []
    for _ in range(3):
        before = weight.numpy()
        optimizer.apply([np.array([-1.0])], [weight])
        moved.append(float((weight.numpy() - before)[0]))
    assert moved == pytest.approx([1.0, 1 / 1.5, 1 / 2.0])
    again = optimizers.deserialize(optimizers.serialize(optimizer))
    assert float(again.learning_rate) == 1.0
    assert again.get_config() == optimizer.get_config()


def test_shared_arguments_may_be_given_by_place() -> None:
    config = optimizers.SGD(0.5, 0.9, True, 0.1, None, 2.0).get_config()
    names = ("learning_rate", "momentum", "nesterov", "weight_decay", "clipvalue")
    assert [config[n] for n in names] == [0.5, 0.9, True, 0.1, 2.0]
    with pytest.raises(TypeError, match="multiple values"):
        optimizers.SGD(0.5, 0.9, True, 0.1, weight_decay=0.2)
    with pytest.raises(TypeError, match="too many"):
        optimizers.SGD(*range(14))


@pytest.mark.parametrize("cls", CLASSES, ids=lambda c: c.__name__)
def test_a_stateless_step_is_the_same_and_changes_nothing(cls: Any) -> None:
    optimizer, variables = cls(learning_rate=0.1), weights()
    optimizer.build(variables)
    values = [v.numpy() for v in variables]
    state = [v.numpy() for v in optimizer.variables]
    for _ in range(2):
        values, state = optimizer.stateless_apply(state, GRADS, values)
    assert int(optimizer.iterations) == 0
    for v, start in zip(variables, weights(), strict=True):
        assert (v.numpy() == start.numpy()).all()
    for _ in range(2):
        optimizer.apply(GRADS, variables)
    for found, v in zip(
        [*values, *state], [*variables, *optimizer.variables], strict=True
    ):
        assert np.asarray(found) == pytest.approx(v.numpy(), rel=1e-6)


def test_a_stateless_step_wants_all_values() -> None:
    optimizer, variables = optimizers.Adam(), weights()
    with pytest.raises(StateError, match="build"):
        optimizer.stateless_apply([], GRADS, variables)
    optimizer.build(variables)
    with pytest.raises(ShapeError, match="optimizer_variables"):
        optimizer.stateless_apply([], GRADS, variables)
    with pytest.raises(ShapeError, match="trainable_variables"):
        optimizer.stateless_apply(optimizer.variables, GRADS, [])


def test_layouts_and_wrong_numbers_of_initializers() -> None:
    optimizer = optimizers.Adam()
    with pytest.raises(UnsupportedError, match="layout=None"):
        optimizer.add_variable((), layout="rows")
    with pytest.raises(ShapeError, match="2 initializers"):
        optimizer.add_optimizer_variables(weights(), ["a", "b"], ["zeros"])


def test_a_loss_scale_round_trip() -> None:
    inner = optimizers.Adam(0.25, clipnorm=1.5)
    optimizer = optimizers.LossScaleOptimizer(inner, 8.0, 3, name="scaled")
    again = optimizers.deserialize(optimizers.serialize(optimizer))
    assert again.get_config() == optimizer.get_config()
    assert type(again.inner_optimizer) is optimizers.Adam
    assert float(again.learning_rate) == 0.25
    again.learning_rate = 0.5
    assert float(again.inner_optimizer.learning_rate) == 0.5
    whole = {"loss_scale_factor": None, "use_ema": False, **optimizer.get_config()}
    assert optimizers.LossScaleOptimizer.from_config(whole).initial_scale == 8.0


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_loss_scale_follows_the_gradients(backend: str) -> None:
    weight = Variable(np.zeros(1, np.float32), name="w")
    optimizer = optimizers.LossScaleOptimizer(optimizers.SGD(1.0), 4.0, 2)
    optimizer.build([weight])
    rows = np.array([[4.0], [4.0], [8.0], [np.inf], [4.0]], np.float32)
    seen = []

    def step(x: Any) -> None:
        optimizer.apply([ops.sum(x, 0)], [weight])

    for row in rows:
        run_steps(step, [row[None]], 1, backend)
        scale = float(optimizer.dynamic_scale.numpy())
        count = int(optimizer.step_counter.numpy())
        seen.append((float(weight.numpy()[0]), scale, count))
    assert seen == [
        (-1.0, 4.0, 1),
        (-2.0, 8.0, 0),
        (-3.0, 8.0, 1),
        (-3.0, 4.0, 0),
        (-4.0, 4.0, 1),
    ]
    assert int(optimizer.iterations) == 4


def test_muon_makes_matrices_orthogonal_and_nothing_else() -> None:
    muon = optimizers.Muon()
    x = np.array([[3.0, 1.0], [0.5, 2.0], [1.0, -1.0]], np.float32)
    near = muon.zeropower_via_newtonschulz5(x, 5)
    lengths = np.linalg.svd(np.asarray(near))[1]
    assert near.shape == (3, 2)
    assert np.abs(lengths - 1.0).max() < 0.4
    assert np.asarray(muon.lr_adjust(x)) == pytest.approx(x * 0.2 * 3**0.5)
    with pytest.raises(ShapeError, match="2 dimensions"):
        muon.zeropower_via_newtonschulz5(x[0], 5)


def test_muon_leaves_to_adam_what_is_no_hidden_matrix() -> None:
    variables = [
        Variable(np.zeros((2, 2)), name=name) for name in ("kernel", "embeddings")
    ]
    variables[1].path = "embedding/embeddings"

    def slots(**arguments: Any) -> list[int]:
        optimizer = optimizers.Muon(**arguments)
        optimizer.build(variables)
        names = [v.name for v in optimizer.variables]
        return [sum("kernel" in n for n in names), sum("embedd" in n for n in names)]

    assert slots() == [1, 2]
    assert slots(exclude_embeddings=False) == [1, 1]
    assert slots(exclude_layers=["ker.*l"]) == [2, 2]
