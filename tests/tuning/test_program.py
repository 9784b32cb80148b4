"""Many configurations as one program: each as if it were alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pronghorn.errors import DivergedError
from pronghorn.models import Model
from pronghorn.tabular.schedules import CosLog4
from pronghorn.tabular.training import Rows
from pronghorn.tuning import program
from pronghorn.tuning.program import (
    Judged,
    build_net,
    rungs,
    train_together,
)

from .tables import SMALL, numbers, setting

DIFFERENT = [
    replace(SMALL, rate=(0.03, 0.03), dropout=0.2, decay=0.05),
    replace(SMALL, rate=(0.1, 0.1), dropout=0.0, decay=0.0, smoothing=0.0),
    replace(SMALL, rate=(0.2, 0.2), deviation=0.4, smoothing=0.02),
]


class Gates:
    """Lets configurations go on as a test says, and remembers what it was asked."""

    def __init__(self, kept: dict[int, list[int]]) -> None:
        self.kept = kept
        self.seen: list[tuple[int, dict[int, float]]] = []
        self.parts: list[tuple[int, int]] = []

    def begin(self) -> Gates:
        return self

    def part(self, first: int, last: int) -> Gates:
        self.parts.append((first, last))
        return self

    def __call__(self, rung: int, scores: dict[int, float]) -> Iterable[int]:
        self.seen.append((rung, dict(scores)))
        return self.kept.get(rung, scores)


def close(found: Judged, expected: Judged) -> None:
    """Both came to the same."""
    assert found.epoch == expected.epoch
    np.testing.assert_allclose(found.curve, expected.curve, rtol=2e-5)
    np.testing.assert_allclose(found.losses, expected.losses, rtol=2e-5)


@pytest.mark.parametrize("classes", [False, True])
def test_a_configuration_gets_the_same_numbers_among_others_as_alone(
    classes: bool,
) -> None:
    made = setting(numbers(classes=classes))
    together = train_together(made, DIFFERENT)
    alone = [train_together(made, [each])[0] for each in DIFFERENT]
    for one, other in zip(together, alone):
        close(one, other)
    curves = np.array([each.curve for each in together])
    assert (np.abs(curves[0] - curves[1:]) > 1e-3).any(axis=1).all()
    best = min(range(3), key=lambda k: together[k].score)
    assert [each.weights is not None for each in together] == [
        k == best for k in range(3)
    ]
    for one, other in zip(together[best].weights, alone[best].weights):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(
        together[best].outputs, alone[best].outputs, rtol=1e-3, atol=1e-4
    )


@pytest.mark.parametrize("classes", [False, True])
def test_the_training_losses_are_what_the_training_minimized(
    classes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = setting(numbers(classes=classes))
    told: list[float] = []
    real = program._Watcher.on_epoch_end

    def heard(self: Any, epoch: int, logs: Any = None) -> None:
        told.append(logs["loss"])
        real(self, epoch, logs)

    monkeypatch.setattr(program._Watcher, "on_epoch_end", heard)
    found = train_together(made, DIFFERENT)
    sums = np.sum([each.losses for each in found], axis=0)
    np.testing.assert_allclose(sums, told, rtol=1e-5)
    told.clear()
    [alone] = train_together(made, DIFFERENT[:1])
    np.testing.assert_allclose(alone.losses, told, rtol=1e-5)
    assert alone.losses[-1] < alone.losses[0] and len(told) == 6


def test_without_a_step_the_training_loss_is_that_of_the_learned_rows() -> None:
    rows = numbers()
    weight = np.where(rows.numbers[:, 0] > 0, 2, 0.5).astype(np.float32)
    made = setting(Rows(rows.numbers, rows.ids, rows.target, weight / weight.mean()))
    still = replace(SMALL, rate=(0.0, 0.0), dropout=0.0, decay=0.0, epochs=1)
    found = train_together(made, [still, replace(still, deviation=0.4)])
    best = min(found, key=lambda each: each.score)
    net = build_net(made, still, best.weights, 1.0)
    apart = Model(net.input, net.output).predict(made.rows.inputs, verbose=0)
    squares = np.square(apart[..., 0] - made.rows.target[:, None])
    counted = ~made.mask * made.rows.weight[:, None]
    wanted = (squares * counted).sum() / (90 * 2)  # two of three folds learn each row
    assert best.losses == pytest.approx([wanted], rel=1e-5)


@pytest.mark.parametrize(
    "change",
    [
        {"rate": (0.05, 0.05)},
        {"dropout": 0.4},
        {"decay": 0.5},
        {"smoothing": 0.3},
        {"deviation": 0.5},
    ],
)
def test_each_attribute_of_a_member_counts(change: dict[str, object]) -> None:
    made = setting(numbers(classes=True))
    other = replace(SMALL, **change)
    first, second = train_together(made, [SMALL, other])
    assert np.abs(np.subtract(first.curve, second.curve)).max() > 1e-4
    close(second, train_together(made, [other])[0])


def test_weights_of_rows_count_in_training_and_in_the_score() -> None:
    rows = numbers()
    weight = np.where(rows.numbers[:, 0] > 0, 2, 0.5).astype(np.float32)
    weighted = setting(
        Rows(rows.numbers, rows.ids, rows.target, weight / weight.mean())
    )
    plain = setting(rows)
    found = train_together(weighted, [SMALL])[0]
    assert abs(found.score - train_together(plain, [SMALL])[0].score) > 1e-3
    ones = setting(Rows(rows.numbers, rows.ids, rows.target, np.ones(90, np.float32)))
    close(train_together(ones, [SMALL])[0], train_together(plain, [SMALL])[0])


def test_those_that_are_given_up_leave_and_the_others_go_on_as_before() -> None:
    made = setting(numbers())
    gates = Gates({0: [0, 2], 1: [2]})
    chosen = [replace(each, epochs=15) for each in DIFFERENT]
    whole = train_together(made, chosen)
    found = train_together(made, chosen, gates)
    assert rungs(15) == (3, 7)
    assert [each.state for each in found] == ["pruned", "pruned", "complete"]
    assert [len(each.curve) for each in found] == [7, 3, 15]
    assert [len(each.rungs) for each in found] == [2, 1, 2]
    for one, other in zip(found, whole):
        length = len(one.curve)
        np.testing.assert_allclose(one.curve, other.curve[:length], rtol=2e-5)
        np.testing.assert_allclose(one.losses, other.losses[:length], rtol=2e-5)
    assert [sorted(scores) for _, scores in gates.seen] == [[0, 1, 2], [0, 2]]
    for rung, scores in gates.seen:
        for place, score in scores.items():
            assert score == min(found[place].curve[: rungs(15)[rung]])
    assert found[2].weights is not None and found[0].weights is None


def test_all_may_be_given_up() -> None:
    made = setting(numbers())
    found = train_together(made, DIFFERENT[:2], Gates({0: []}))
    assert [each.state for each in found] == ["pruned", "pruned"]
    assert [len(each.curve) for each in found] == [rungs(6)[0]] * 2
    assert all(each.weights is None for each in found)


def test_one_that_diverges_does_not_take_others_along(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = setting(numbers())
    bad = replace(SMALL, rate=(0.5, 0.5))
    real = program._train

    def train(where: object, chosen: list, gates: object) -> list[Judged]:
        if bad in chosen:
            raise DivergedError("The loss is not finite.")
        return real(where, chosen, gates)

    monkeypatch.setattr(program, "_train", train)
    gates = Gates({})
    found = train_together(made, [DIFFERENT[0], DIFFERENT[1], bad], gates)
    assert [each.state for each in found] == ["complete", "complete", "diverged"]
    assert found[2].score == float("inf")
    assert gates.parts == [(0, 1), (1, 3), (0, 1), (1, 2)]
    close(found[0], train_together(made, DIFFERENT[:1])[0])
    assert sum(each.weights is not None for each in found) == 1


def test_a_loss_that_is_not_finite_is_found() -> None:
    rows = numbers()
    wild = setting(rows)
    huge = replace(SMALL, rate=(1e30, 1e30), dropout=0.0)
    assert [each.state for each in train_together(wild, [SMALL, huge])] == [
        "complete",
        "diverged",
    ]


def test_no_row_is_answered_by_a_net_that_learned_it() -> None:
    """Rows are learned by heart, and out of fold nothing of it is seen."""
    rng = np.random.default_rng(3)
    rows = 60
    x = np.linspace(-1, 1, rows, dtype=np.float32)[:, None]
    bits = (np.arange(rows)[:, None] >> np.arange(6) & 1).astype(np.float32)
    noise = rng.normal(size=rows).astype(np.float32)
    none = np.zeros((rows, 0), np.int32)
    made = setting(Rows(np.concatenate([x, bits], axis=1), none, noise))
    able = replace(
        SMALL, hidden=(64, 64), epochs=60, dropout=0.0, decay=0.0, batch_size=60
    )
    found = train_together(made, [able])[0]
    assert found.outputs is not None and found.weights is not None
    goal = made.judge.goal
    answers = goal.decode(found.outputs)
    assert np.corrcoef(answers, noise)[0, 1] < 0.3
    # After the last epoch each net knows the rows that it learned, and no others.
    last = _last_outputs(made, able)
    learned = np.where(made.mask, 0, last).sum(axis=1, keepdims=True) / (3 - 1)
    left_out = (last * made.mask).sum(axis=1, keepdims=True)
    assert np.corrcoef(goal.decode(learned), noise)[0, 1] > 0.7
    assert np.corrcoef(goal.decode(left_out), noise)[0, 1] < 0.3


def _last_outputs(made: program.Setting, chosen: program.Preset) -> np.ndarray:
    """Of all nets of one configuration after the last epoch: (rows, folds)."""
    net = program._compiled(made, [chosen])
    for variable, value in zip(
        net.trainable_variables, program._start(made, chosen), strict=True
    ):
        variable.assign(value)
    watcher = program._Watcher(made, [chosen])
    watcher.watch(net, [0])
    program._fit(made, net, [0], watcher, 0, chosen.epochs)
    inputs = program._packed(made.rows.inputs)
    return np.asarray(Model(net.input, net.output).predict(inputs, verbose=0))[..., 0]


@pytest.mark.parametrize("classes", [False, True])
def test_the_net_of_a_configuration_answers_as_its_folds_did(classes: bool) -> None:
    made = setting(numbers(classes=classes))
    found = train_together(made, [SMALL])[0]
    net = build_net(made, SMALL, found.weights, 2.0)
    inputs = program._packed(made.rows.inputs)
    each = np.asarray(Model(net.input, net.output).predict(inputs, verbose=0))
    own = np.einsum("nkc,nk->nc", each, made.mask) * (2.0 if classes else 1.0)
    np.testing.assert_allclose(own, found.outputs, rtol=1e-4, atol=1e-5)
    assert net.predict(inputs, verbose=0).shape == found.outputs.shape


def test_rungs_are_where_the_rate_is_nothing() -> None:
    rate = CosLog4(1.0, 1500)
    for epoch in rungs(1500):
        assert float(rate(epoch)) < 1e-4
    assert rungs(1) == ()
    assert rungs(256) == (51, 119)
