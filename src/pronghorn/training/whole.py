"""Many epochs in one call of the engine, where nobody wants to look in between.

What `History` needs is the metrics' state after each epoch: the engine copies it into a
buffer, and the values are computed from there afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn.backends.base import EpochsExecutable, Passes
from pronghorn.ir.graph import Node, ancestors
from pronghorn.ir.primitive import CONSTANT, Kind
from pronghorn.ir.tracer import Trace, as_node
from pronghorn.training.sources import ArraySource

__all__ = ["run_whole"]


def run_whole(
    objective: Any,
    source: ArraySource,
    epochs: range,
    seed: int,
    step: int,
    validation: ArraySource | None,
) -> tuple[int, dict[str, list[Any]]]:
    """Trains for all the epochs.

    Returns:
        How many were whole: fewer where the loss was not finite. And the metrics by
        name, a value for each whole epoch, those of the validation rows as `val_...`.
    """
    objective.reset()
    states = [v.storage for v in objective.variables()]
    passes = 1 if validation is None else 2
    length = sum(s.size for s in states)
    history = np.zeros((len(epochs), passes, length), np.float32)
    resets = [(s, s.copy()) for s in states]
    other = None
    if validation is not None:
        data, size = validation.data, validation.batch_size
        other = (validation.executable, data.arrays, data.rows, size)
    executable: EpochsExecutable = source.executable  # type: ignore[assignment]
    whole, _ = executable.run_epochs(
        source.data.arrays,
        source.data.rows,
        source.batch_size,
        epochs,
        source.shuffle,
        Passes(resets, states, history),
        seed,
        step,
        other,
    )
    done = history[:whole]
    together = _all_at_once(objective, done)
    if together is not None:
        return whole, together
    records = [_logs(objective, states, record) for record in done]
    names = records[0] if records else ()
    return whole, {name: [record[name] for record in records] for name in names}


def _all_at_once(objective: Any, history: np.ndarray) -> dict[str, list[float]] | None:
    """The metrics of all epochs as one computation on columns.

    That is possible where every metric's state is made of single numbers and its result
    is computed elementwise, as means are; else None.
    """
    with Trace() as trace:
        tensors = sorted(objective.tensors().items())
        results = [(name, as_node(tensor)) for name, tensor in tensors]
        variables = objective.variables()
        leaves = [trace.leaf(v) for v in variables]
    nodes = ancestors([node for _, node in results])
    kinds = (Kind.LEAF, Kind.ELEMENTWISE)
    if any(n.shape != () or n.primitive.kind not in kinds for n in nodes):
        return None
    if any(v.shape != () for v in variables):
        return None
    columns: dict[str, list[float]] = {}
    for prefix, values in zip(("", "val_"), np.moveaxis(history, 1, 0), strict=False):
        found = {
            leaf.number: np.ascontiguousarray(values[:, i]).view(leaf.dtype)
            for i, leaf in enumerate(leaves)
        }
        for node in nodes:
            if node.number not in found:
                found[node.number] = _value(node, found)
        for name, result in results:
            column = np.broadcast_to(found[result.number], len(history))
            columns[f"{prefix}{name}"] = column.astype(float).tolist()
    return columns


def _value(node: Node, found: dict[int, np.ndarray]) -> np.ndarray:
    if node.primitive is CONSTANT:
        constant: np.ndarray = node.payload
        return constant
    inputs = (found[i.number] for i in node.inputs)
    return np.asarray(node.primitive.value(*inputs, **node.attrs), node.dtype)


def _logs(
    objective: Any, states: Sequence[np.ndarray], record: np.ndarray
) -> dict[str, float]:
    """The metrics' values from their state after each pass of one epoch."""
    logs: dict[str, float] = {}
    for prefix, values in zip(("", "val_"), record, strict=False):
        at = 0
        for state in states:
            part = values[at : at + state.size].view(state.dtype)
            np.copyto(state, part.reshape(state.shape))
            at += state.size
        results = sorted(objective.results().items())
        logs |= {f"{prefix}{name}": value for name, value in results}
    return logs
