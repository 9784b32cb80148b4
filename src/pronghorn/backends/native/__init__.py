"""The native backend: graphs as compact programs on the C++ engine."""

from __future__ import annotations

import os
from typing import Any

from pronghorn.backends.base import Passes
from pronghorn.backends.native import _engine
from pronghorn.backends.native.executable import NativeExecutable
from pronghorn.backends.native.order import permutation
from pronghorn.errors import UnknownNameError
from pronghorn.ir.graph import Graph

__all__ = [
    "NativeBackend",
    "NativeExecutable",
    "Passes",
    "info",
    "permutation",
    "set_threads",
]


class NativeBackend:
    """Compiles graphs for the engine."""

    name = "native"

    def compile(self, graph: Graph, max_rows: int) -> NativeExecutable:
        """The executable of a graph, for batches of up to `max_rows` rows.

        Raises:
            UnsupportedError: if the engine has no instruction for one of the nodes.
        """
        _check_instruction_set()
        return NativeExecutable(graph, max_rows)


def info() -> dict[str, Any]:
    """How the engine was built and what it runs on.

    Returns:
        "compiler"; "isas", the instruction sets of this machine; "isa", the one in
        use; "threads".
    """
    result: dict[str, Any] = _engine.info()
    return result


def set_threads(count: int) -> None:
    """Lets `count` threads share the work from now on; results stay the same."""
    _engine.set_threads(count)


def _check_instruction_set() -> None:
    """The engine reads PRONGHORN_ISA when it is loaded; here a wrong one is named."""
    known = _engine.info()
    if not known["isa"]:
        raise UnknownNameError(
            "This machine has no such instruction set.",
            where="environment variable PRONGHORN_ISA",
            expected="one of " + ", ".join(known["isas"]),
            received=repr(os.environ.get("PRONGHORN_ISA")),
            remedy="unset it to use the best one",
        )
