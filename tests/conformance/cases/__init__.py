"""The table of conformance cases, by group."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from tests.conformance.case import Case

GROUPS = (
    "activations",
    "backend",
    "callbacks",
    "configs",
    "datasets",
    "files",
    "further_layers",
    "hashing",
    "initializers",
    "layer_options",
    "layers",
    "lookups",
    "losses",
    "masks",
    "metrics",
    "names",
    "operations",
    "ops",
    "optimizers",
    "own",
    "regularizers",
    "steps",
    "streams",
    "symbols",
    "structures",
    "training",
)


def load_group(group: str) -> dict[str, Case]:
    """The cases of one group, by name."""
    module = import_module(f"tests.conformance.cases.{group}")
    table: dict[str, Case] = {}
    for case in module.cases():
        assert case.group == group and case.name not in table, case.name
        table[case.name] = case
    return table


@cache
def load_all(groups: tuple[str, ...] = GROUPS) -> dict[str, Case]:
    """Every case, by name."""
    return {n: case for group in groups for n, case in load_group(group).items()}
