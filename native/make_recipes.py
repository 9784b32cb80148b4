"""Writes recipes.def: the chains of common nets and of every optimizer.

    PYTHONPATH=src python native/make_recipes.py > native/recipes.def

A chain is listed if it has a few operations, all with a vector form, and is not listed
yet.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import numpy as np

import pronghorn
from pronghorn import layers, optimizers, tabular
from pronghorn.backends.native import executable
from pronghorn.backends.native.lower import lower
from pronghorn.backends.native.words import (
    Chain,
    Instruction,
    Operation,
    instructions,
)
from pronghorn.tabular.schedules import (
    CosLog4,
    FlatCos,
    FlatCosDropout,
    ScheduledAdamW,
)

FEWEST, MOST = 2, 40  # operations of a listed chain
ACTIVATIONS = "relu sigmoid tanh elu selu gelu silu leaky_relu softplus".split()
TABLES = "mish selu".split()
LOSSES = "mse mae binary_crossentropy huber log_cosh".split()
OPTIMIZERS: dict[str, Callable[[], Any]] = {
    "adam": optimizers.Adam,
    "adamw": lambda: optimizers.AdamW(weight_decay=0.01),
    "sgd": optimizers.SGD,
    "momentum": lambda: optimizers.SGD(momentum=0.9),
    "nesterov": lambda: optimizers.SGD(momentum=0.9, nesterov=True),
    "rmsprop": optimizers.RMSprop,
    "adagrad": optimizers.Adagrad,
    "adadelta": optimizers.Adadelta,
    "adamax": optimizers.Adamax,
    "nadam": optimizers.Nadam,
    "lion": optimizers.Lion,
}


def nets() -> Iterator[tuple[str, list[Any], str, Any]]:
    """Names, layers between input and output, losses and optimizers."""
    dense, drop, norm = layers.Dense, layers.Dropout, layers.BatchNormalization
    for name, optimizer in OPTIMIZERS.items():
        yield name, [dense(24)], "mse", optimizer()
    for name in ACTIVATIONS:
        yield (
            name,
            [dense(24, activation=name), dense(24, activation=name)],
            "mse",
            "sgd",
        )
        both = [
            dense(24, activation=name),
            drop(0.3),
            dense(24, activation=name),
            drop(0.3),
        ]
        yield f"{name}_dropout", both, "mse", "sgd"
    for name in LOSSES:
        yield name, [dense(24)], name, "sgd"
    yield "norm", [norm(), dense(24, activation="relu"), norm()], "mse", "sgd"
    yield (
        "dense_norm",
        [dense(24), norm(), layers.ReLU(), dense(24), norm()],
        "mse",
        "sgd",
    )
    block = [norm(), dense(24, activation="relu"), drop(0.3)]
    again = [norm(), dense(24, activation="relu"), drop(0.3)]
    yield "norm_dropout", block + again, "binary_crossentropy", "sgd"
    yield (
        "layer_norm",
        [dense(24), layers.LayerNormalization(), dense(24)],
        "mse",
        "sgd",
    )
    waves = [tabular.PeriodicEmbedding(), layers.Reshape((4, 12))]
    for name in TABLES:
        between = [*waves, tabular.ScalingLayer(axes=2), *members(name)]
        yield f"table_{name}", between, "mse", scheduled()
        shared = [tabular.SharedNTKDense(24, 4), *members(name)]
        yield f"table_shared_{name}", shared, "mse", scheduled()
        alone = [tabular.SharedNTKDense(24), *members(name, dropout=False)]
        yield f"table_alone_{name}", [*ramps(), *alone], "mse", scheduled()


def scheduled() -> Any:
    """What such nets are trained by: some rates differ, and biases do not decay."""
    factors = {"bias": 0.1, "activation": 0.1}
    made = ScheduledAdamW(
        CosLog4(0.04, 10),
        FlatCos(0.02, 10),
        beta_2=0.95,
        factors=factors,
        decay_factors=factors,
    )
    made.exclude_from_weight_decay(var_names=["bias"])
    return made


def members(activation: str, dropout: bool = True) -> Iterator[Any]:
    """Hidden layers of a net for tables, of as many members as come in."""
    for _ in range(2):
        yield tabular.MemberNTKDense(24)
        yield tabular.ParametricActivation(activation, axes=2)
        if dropout:
            yield FlatCosDropout(0.15, 10)
    yield layers.Flatten()


def ramps() -> Iterator[Any]:
    """Columns as pieces, level beyond the training rows."""
    pieces = tabular.PiecewiseLinearEncoding(8, "median", spread=True)
    pieces.adapt(np.random.default_rng(0).normal(size=(40, 12)))
    yield pieces
    yield layers.Lambda(lambda x: pronghorn.ops.clip(x, 0.0, 1.0))


def programs() -> Iterator[tuple[str, bytes]]:
    """What the nets' training, evaluation and prediction are lowered to."""
    x, y = np.zeros((40, 12), np.float32), np.zeros((40, 1), np.float32)
    for name, between, loss, optimizer in nets():
        last = "sigmoid" if loss == "binary_crossentropy" else None
        end = layers.Dense(1, activation=last)
        model = pronghorn.Sequential([pronghorn.Input((12,)), *between, end])
        model.compile(optimizer=optimizer, loss=loss)
        with mock.patch.object(executable, "lower", wraps=lower) as lowering:
            model.fit(x, y, epochs=1, verbose=0)
            model.evaluate(x, y, verbose=0)
            model.predict(x, verbose=0)
        for call in lowering.call_args_list:
            yield name, lower(*call.args).program


def line(chain: Chain) -> str:
    """What recipes.def says of a chain, after its name."""
    loads = ", ".join(str(int(load.constant)) for load in chain.loads)
    operations = ", ".join(
        f"{{MICRO_{o.micro}, {o.to}, {', '.join(map(str, operands(o)))}}}"
        for o in chain.operations
    )
    stored = ", ".join(map(str, chain.stored))
    return f"{chain.registers}, ({loads}), ({operations}), ({stored})"


def operands(operation: Operation) -> tuple[int, ...]:
    """Those of a draw say which it is, which does not matter."""
    return (0, -1, -1) if operation.micro == "uniform" else operation.operands


def wanted(instruction: Instruction) -> bool:
    """Whether a chain is worth a loop of its own."""
    chain = instruction.chain
    if chain is None:
        return False
    slow = {"pow", "mod", "sin", "cos", "int_div", "int_mod", "iota"}
    names = {o.micro for o in chain.operations}
    return FEWEST <= len(chain.operations) <= MOST and not names & slow


def main() -> None:
    """Prints recipes.def."""
    print("// The chains of common nets and optimizers; written by make_recipes.py.")
    found: dict[str, str] = {}
    for name, program in programs():
        for instruction in instructions(program, 32):
            if wanted(instruction):
                assert instruction.chain is not None
                found.setdefault(line(instruction.chain), name)
    counts: dict[str, int] = {}
    for text, name in found.items():
        counts[name] = counts.get(name, 0) + 1
        recipe = f"PH_RECIPE({name}_{counts[name]}, {text})"
        print(textwrap.fill(recipe, 88, subsequent_indent="  "))


if __name__ == "__main__":
    main()
