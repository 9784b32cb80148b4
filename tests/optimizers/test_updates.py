"""Each optimizer against its formulas, written down a second time in float64."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from pronghorn import constraints, ops, optimizers
from pronghorn.ir import Variable
from tests.stepping import BACKENDS, run_steps, trace_step

STEPS = 30
SHAPES = ((4, 3), (3,))
State = dict[str, Any]
Update = Callable[[np.ndarray, np.ndarray, State, int], np.ndarray]


def sgd(lr: float = 0.01, momentum: float = 0.0, nesterov: bool = False) -> Update:
    def update(w: np.ndarray, g: np.ndarray, s: State, t: int) -> np.ndarray:
        v = s["v"] = momentum * s.get("v", 0.0) - lr * g
        return w + (momentum * v - lr * g if nesterov else v)

    return update


def adam(
    lr: float = 0.001,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-7,
    amsgrad: bool = False,
    decay: float = 0.0,
) -> Update:
    def update(w: np.ndarray, g: np.ndarray, s: State, t: int) -> np.ndarray:
        w = w * (1 - decay * lr)
        m = s["m"] = b1 * s.get("m", 0.0) + (1 - b1) * g
        v = s["v"] = b2 * s.get("v", 0.0) + (1 - b2) * g**2
        if amsgrad:
            v = s["top"] = np.maximum(s.get("top", 0.0), v)
        alpha = lr * np.sqrt(1 - b2**t) / (1 - b1**t)
        return w - alpha * m / (np.sqrt(v) + eps)

    return update


def rmsprop(
    lr: float = 0.001,
    rho: float = 0.9,
    momentum: float = 0.0,
    eps: float = 1e-7,
    centered: bool = False,
) -> Update:
    def update(w: np.ndarray, g: np.ndarray, s: State, t: int) -> np.ndarray:
        v = s["v"] = rho * s.get("v", 0.0) + (1 - rho) * g**2
        mean = s["g"] = rho * s.get("g", 0.0) + (1 - rho) * g
        change = lr * g / np.sqrt(v - centered * mean**2 + eps)
        s["m"] = momentum * s.get("m", 0.0) + change
        return w - s["m"]

    return update


def adagrad(lr: float = 0.001, start: float = 0.1, eps: float = 1e-7) -> Update:
    def update(w: np.ndarray, g: np.ndarray, s: State, t: int) -> np.ndarray:
        s["a"] = s.get("a", start) + g**2
        return w - lr * g / np.sqrt(s["a"] + eps)

    return update


def adadelta(lr: float = 0.001, rho: float = 0.95, eps: float = 1e-7) -> Update:
    def update(w: np.ndarray, g: np.ndarray, s: State, t: int) -> np.ndarray:
        s["g"] = rho * s.get("g", 0.0) + (1 - rho) * g**2
        d = np.sqrt((s.get("d", 0.0) + eps) / (s["g"] + eps)) * g
        s["d"] = rho * s.get("d", 0.0) + (1 - rho) * d**2
        return w - lr * d

    return update


def adamax(lr: float = 0.001, b1: float = 0.9, b2: float = 0.999) -> Update:
    def update(w: np.ndarray, g: np.ndarray, s: State, t: int) -> np.ndarray:
        m = s["m"] = b1 * s.get("m", 0.0) + (1 - b1) * g
        u = s["u"] = np.maximum(b2 * s.get("u", 0.0), np.abs(g))
        return w - lr * m / ((1 - b1**t) * (u + 1e-7))

    return update


def nadam(lr: float = 0.001, b1: float = 0.9, b2: float = 0.999) -> Update:
    def at(t: int) -> float:
        return b1 * (1 - 0.5 * 0.96**t)

    def update(w: np.ndarray, g: np.ndarray, s: State, t: int) -> np.ndarray:
        product = s["p"] = s.get("p", 1.0) * at(t)
        m = s["m"] = b1 * s.get("m", 0.0) + (1 - b1) * g
        v = s["v"] = b2 * s.get("v", 0.0) + (1 - b2) * g**2
        mean = at(t + 1) * m / (1 - product * at(t + 1)) + (1 - at(t)) * g / (
            1 - product
        )
        return w - lr * mean / (np.sqrt(v / (1 - b2**t)) + 1e-7)

    return update


def lion(lr: float = 0.001, b1: float = 0.9, b2: float = 0.99) -> Update:
    def update(w: np.ndarray, g: np.ndarray, s: State, t: int) -> np.ndarray:
        m = s.get("m", 0.0)
        s["m"] = b2 * m + (1 - b2) * g
        return w - lr * np.sign(b1 * m + (1 - b1) * g)

    return update


def ftrl(
    lr: float = 0.001,
    power: float = 0.5,
    start: float = 0.1,
    l1: float = 0.0,
    l2: float = 0.0,
    shrinkage: float = 0.0,
    beta: float = 0.0,
) -> Update:
    def update(w: np.ndarray, g: np.ndarray, s: State, t: int) -> np.ndarray:
        before = s.get("n", start) ** power
        s["n"] = s.get("n", start) + g**2
        after = s["n"] ** power
        s["z"] = s.get("z", 0.0) + g + 2 * shrinkage * w - (after - before) / lr * w
        steep = after / lr + 2 * (l2 + beta / (2 * lr))
        return (np.clip(s["z"], -l1, l1) - s["z"]) / steep

    return update


def lamb(lr: float = 0.001, b1: float = 0.9, b2: float = 0.999) -> Update:
    def update(w: np.ndarray, g: np.ndarray, s: State, t: int) -> np.ndarray:
        m = s["m"] = b1 * s.get("m", 0.0) + (1 - b1) * g
        v = s["v"] = b2 * s.get("v", 0.0) + (1 - b2) * g**2
        step = m / (1 - b1**t) / (np.sqrt(v / (1 - b2**t)) + 1e-7)
        return w - lr * np.linalg.norm(w) / np.linalg.norm(step) * step

    return update


def adafactor(
    lr: float = 0.001, power: float = -0.8, eps: float = 1e-3, top: float = 1.0
) -> Update:
    def size(x: np.ndarray) -> Any:
        return np.sqrt(np.mean(x**2))

    def update(w: np.ndarray, g: np.ndarray, s: State, t: int) -> np.ndarray:
        alpha = max(eps, size(w)) * min(lr, t**-0.5)
        keep = 1 - t**power
        square = g**2 + 1e-30
        if w.ndim == 2:
            r = s["r"] = keep * s.get("r", 0.0) + (1 - keep) * square.mean(1)
            c = s["c"] = keep * s.get("c", 0.0) + (1 - keep) * square.mean(0)
            v = np.outer(r / r.mean(), c)
        else:
            v = s["v"] = keep * s.get("v", 0.0) + (1 - keep) * square
        step = g / np.sqrt(v)
        return w - alpha * step / max(1.0, size(step) / top)

    return update


def muon(
    lr: float = 0.001,
    momentum: float = 0.95,
    nesterov: bool = True,
    steps: int = 5,
    scale: float | None = 0.2,
    decay: float = 0.004,
) -> Update:
    other = adam(lr, decay=decay)

    def update(w: np.ndarray, g: np.ndarray, s: State, t: int) -> np.ndarray:
        if w.ndim != 2:
            return other(w, g, s, t)
        m = s["m"] = momentum * s.get("m", 0.0) + g
        x = g + momentum * m if nesterov else m
        x = x.T / np.linalg.norm(x)  # more rows than columns
        for _ in range(steps):
            gram = x @ x.T
            x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
        size = 1.0 if scale is None else scale * np.sqrt(max(w.shape))
        return w * (1 - decay * lr) - lr * size * x.T

    return update


def schedule_free(
    lr: float = 0.0025, b1: float = 0.9, b2: float = 0.999, warmup: int = 0
) -> Update:
    def update(w: np.ndarray, g: np.ndarray, s: State, t: int) -> np.ndarray:
        z = s.get("z", w)
        mean = (w - (1 - b1) * z) / b1
        v = s["v"] = b2 * s.get("v", 0.0) + (1 - b2) * g**2
        rate = lr * min(t / warmup, 1.0) if warmup else lr
        z = s["z"] = z - rate * g / (np.sqrt(v / (1 - b2**t)) + 1e-8)
        return (1 - b1) * z + b1 * ((1 - 1 / t) * mean + z / t)

    return update


TABLE: list[tuple[str, dict[str, Any], Update]] = [
    ("SGD", {}, sgd()),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9}, sgd(0.1, 0.9)),
    ("SGD", {"momentum": 0.7, "nesterov": True}, sgd(momentum=0.7, nesterov=True)),
    ("Adam", {}, adam()),
    (
        "Adam",
        {"beta_1": 0.8, "beta_2": 0.9, "epsilon": 0.01},
        adam(0.001, 0.8, 0.9, 0.01),
    ),
    ("Adam", {"beta_2": 0.8, "amsgrad": True}, adam(b2=0.8, amsgrad=True)),
    ("AdamW", {"learning_rate": 0.02}, adam(0.02, decay=0.004)),
    ("AdamW", {"weight_decay": 0.3, "beta_1": 0.5}, adam(b1=0.5, decay=0.3)),
    ("RMSprop", {}, rmsprop()),
    ("RMSprop", {"rho": 0.8, "momentum": 0.5}, rmsprop(rho=0.8, momentum=0.5)),
    ("RMSprop", {"centered": True, "epsilon": 0.01}, rmsprop(eps=0.01, centered=True)),
    ("Adagrad", {}, adagrad()),
    (
        "Adagrad",
        {"initial_accumulator_value": 0.5, "epsilon": 0.1},
        adagrad(start=0.5, eps=0.1),
    ),
    ("Adadelta", {"learning_rate": 0.5, "epsilon": 0.001}, adadelta(0.5, eps=0.001)),
    ("Adadelta", {"learning_rate": 1.0, "rho": 0.8}, adadelta(1.0, 0.8)),
    ("Adamax", {}, adamax()),
    ("Adamax", {"beta_1": 0.5, "beta_2": 0.9}, adamax(b1=0.5, b2=0.9)),
    ("Nadam", {}, nadam()),
    ("Nadam", {"beta_1": 0.8, "beta_2": 0.9}, nadam(b1=0.8, b2=0.9)),
    ("Lion", {}, lion()),
    ("Lion", {"beta_1": 0.5, "beta_2": 0.8}, lion(b1=0.5, b2=0.8)),
    ("Ftrl", {"learning_rate": 0.05}, ftrl(0.05)),
    (
        "Ftrl",
        {
            "learning_rate": 0.1,
            "learning_rate_power": -0.3,
            "initial_accumulator_value": 0.5,
            "l1_regularization_strength": 0.2,
            "l2_regularization_strength": 0.1,
            "l2_shrinkage_regularization_strength": 0.05,
            "beta": 0.3,
        },
        ftrl(0.1, 0.3, 0.5, 0.2, 0.1, 0.05, 0.3),
    ),
    ("Lamb", {}, lamb()),
    ("Lamb", {"beta_1": 0.5, "beta_2": 0.9}, lamb(b1=0.5, b2=0.9)),
    ("Adafactor", {"learning_rate": 0.01}, adafactor(0.01)),
    (
        "Adafactor",
        {
            "learning_rate": 0.3,
            "beta_2_decay": -0.5,
            "epsilon_2": 2.0,
            "clip_threshold": 0.5,
        },
        adafactor(0.3, -0.5, 2.0, 0.5),
    ),
    ("Muon", {"learning_rate": 0.02}, muon(0.02)),
    (
        "Muon",
        {
            "learning_rate": 0.02,
            "momentum": 0.8,
            "nesterov": False,
            "ns_steps": 2,
            "rms_rate": None,
        },
        muon(0.02, 0.8, False, 2, None),
    ),
    ("ScheduleFreeAdamW", {}, schedule_free()),
    (
        "ScheduleFreeAdamW",
        {"beta_1": 0.8, "beta_2": 0.9, "warmup_steps": 12},
        schedule_free(b1=0.8, b2=0.9, warmup=12),
    ),
]
IDS = [f"{name}-{'-'.join(arguments)}" for name, arguments, _ in TABLE]


def start() -> list[np.ndarray]:
    draw = np.random.default_rng(1)
    return [draw.normal(size=s).astype(np.float32) for s in SHAPES]


def all_gradients() -> Iterator[list[np.ndarray]]:
    draw = np.random.default_rng(2)
    for _ in range(STEPS):
        yield [draw.normal(size=s).astype(np.float32) for s in SHAPES]


def variables() -> list[Variable]:
    names = ("kernel", "bias")
    return [Variable(w, name=n) for w, n in zip(start(), names, strict=True)]


def ours(optimizer: Any) -> np.ndarray:
    found = variables()
    for grads in all_gradients():
        optimizer.apply(grads, found)
    return np.concatenate([v.numpy().ravel() for v in found])


def theirs(update: Update) -> np.ndarray:
    weights = [w.astype(float) for w in start()]
    states: list[State] = [{} for _ in weights]
    for t, grads in enumerate(all_gradients(), 1):
        weights = [
            update(w, g.astype(float), s, t)
            for w, g, s in zip(weights, grads, states, strict=True)
        ]
    return np.concatenate([w.ravel() for w in weights])


def distance(found: np.ndarray, wanted: np.ndarray) -> float:
    """How far apart, relative to how far the weights moved."""
    moved = np.concatenate([w.ravel() for w in start()]) - wanted
    return float(np.linalg.norm(found - wanted) / np.linalg.norm(moved))


@pytest.mark.parametrize(("name", "arguments", "update"), TABLE, ids=IDS)
def test_steps_follow_the_formula(
    name: str, arguments: dict[str, Any], update: Update
) -> None:
    optimizer = getattr(optimizers, name)(**arguments)
    assert distance(ours(optimizer), theirs(update)) < 5e-5


@pytest.mark.parametrize(("name", "arguments", "update"), TABLE, ids=IDS)
def test_a_perturbed_formula_is_noticed(
    name: str, arguments: dict[str, Any], update: Update
) -> None:
    def perturbed(w: np.ndarray, g: np.ndarray, s: State, t: int) -> np.ndarray:
        return w + 1.001 * (update(w, g, s, t) - w)

    optimizer = getattr(optimizers, name)(**arguments)
    assert distance(ours(optimizer), theirs(perturbed)) > 5e-5


EXTRAS: list[dict[str, Any]] = [
    {},
    {"weight_decay": 0.1},
    {"clipnorm": 0.5},
    {"clipvalue": 0.2},
    {"global_clipnorm": 0.5},
    {"use_ema": True, "ema_overwrite_frequency": 3},
    {"gradient_accumulation_steps": 2},
    {"learning_rate": optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)},
]


def fitted(optimizer: Any, backend: str | None) -> tuple[np.ndarray, list[np.ndarray]]:
    """A linear unit, eight steps: eagerly, or as one traced step."""
    draw = np.random.default_rng(4)
    x = draw.normal(size=(32, 3)).astype(np.float32)
    y = (x @ [1.0, -2.0, 0.5])[:, None].astype(np.float32)
    kernel = Variable(np.zeros((3, 1), np.float32), name="kernel")
    kernel.constraint = constraints.MaxNorm(1.5)
    optimizer.build([kernel])

    def step(x: Any, y: Any) -> None:
        error = ops.matmul(x, kernel) - y
        gradient = 2.0 * ops.matmul(ops.transpose(x), error) / 4.0
        optimizer.apply([gradient], [kernel])

    if backend is None:
        for i in range(0, 32, 4):
            step(x[i : i + 4], y[i : i + 4])
    else:
        run_steps(step, [x, y], 4, backend)
    return kernel.numpy(), [v.numpy() for v in optimizer.variables]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("extra", EXTRAS, ids=lambda e: "-".join(e) or "plain")
@pytest.mark.parametrize("name", sorted({name for name, *_ in TABLE}))
def test_a_traced_step_is_the_same(
    name: str, extra: dict[str, Any], backend: str
) -> None:
    arguments = {"learning_rate": 0.05, **extra}
    eager = fitted(getattr(optimizers, name)(**arguments), None)
    traced = fitted(getattr(optimizers, name)(**arguments), backend)
    assert traced[0] == pytest.approx(eager[0], rel=1e-4, abs=1e-6)
    for found, wanted in zip(traced[1], eager[1], strict=True):
        assert found == pytest.approx(wanted, rel=1e-3, abs=1e-5)


@pytest.mark.parametrize(
    ("name", "arguments", "update"),
    # these two treat matrices apart
    [row for row in TABLE if row[0] not in ("Adafactor", "Muon")],
)
def test_every_variable_is_updated_by_the_same_structure(
    name: str, arguments: dict[str, Any], update: Update
) -> None:
    optimizer = getattr(optimizers, name)(**arguments)
    found = variables()
    optimizer.build(found)
    graph = trace_step(
        lambda a, b: optimizer.apply([ops.sum(a, 0), ops.sum(b, 0)], found),
        [np.zeros((2, *s), np.float32) for s in SHAPES],
    )
    new = {graph.state[i].payload.name: node for i, node in graph.updates}
    structures = [structure(new[v.name]) for v in found]
    assert structures[0] == structures[1]


def structure(node: Any) -> Any:
    inputs = [structure(n) for n in node.inputs]
    return [node.primitive.name, *inputs] if inputs else "leaf"


def test_a_changed_learning_rate_needs_no_new_trace() -> None:
    weight = Variable(np.zeros(1, np.float32), name="w")
    optimizer = optimizers.SGD(1.0)
    optimizer.build([weight])
    data = [np.ones((2, 1), np.float32)]
    from pronghorn.backends import select

    graph = trace_step(lambda x: optimizer.apply([ops.sum(x, 0)], [weight]), data)
    executable = select("reference").compile(graph, 2)
    executable.run(data, None, 0, 2, 2)
    optimizer.learning_rate = 0.25
    executable.run(data, None, 0, 2, 2)
    assert weight.numpy().tolist() == [-2.5]
    assert int(optimizer.iterations.numpy()) == 2
