"""Steps over a stream: its batches are gathered into blocks that the engine runs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pronghorn.data.packing import unpack_x_y_sample_weight
from pronghorn.data.streams import Epochs, Stream
from pronghorn.errors import ArgumentError, PronghornError
from pronghorn.training.dataset import Dataset, joined
from pronghorn.training.sources import Block

__all__ = ["StreamSource"]

# A block is no larger, and nobody waits longer for its batches.
_MOST_BYTES, _MOST_SECONDS = 4 << 20, 0.05


class StreamSource:
    """Steps over the batches of a stream.

    Args:
        model, mode: whose program, and which: "train", "test" or "predict".
        stream: gives the batches.
        steps: batches of an epoch; None for a pass of the stream.
        class_weight: {class: weight}, for every batch.
        what: what errors call the batches: "", or "validation ".
    """

    def __init__(
        self,
        model: Any,
        mode: str,
        stream: Stream,
        steps: int | None,
        class_weight: Mapping[Any, float] | None = None,
        what: str = "",
    ) -> None:
        argument = {"train": "steps_per_epoch"}.get(mode, "steps")
        argument = "validation_steps" if what else argument
        self._epochs = Epochs(stream, steps, argument)
        self._restarts = stream.restarts
        self._in_tuple = stream.in_tuple
        self._model = model
        self._mode = mode
        self._class_weight = class_weight
        self._what = what
        self._fitting = mode == "train"  # the first batch has the columns' names
        self._first: Dataset | None = None

    @property
    def steps(self) -> int | None:
        """See `Source.steps`."""
        return self._epochs.steps

    def look(self) -> bool:
        """Builds the model for the first batch, unless that is done and would cost.

        Returns:
            Whether it looked.

        Raises:
            DataError: there is no batch.
        """
        model = self._model
        built = model.built and (self._mode == "predict" or model._objective.built)
        if built and self._restarts:
            return False
        self._first = self._dataset(self._epochs.first(), self._place("batch 1", 0))
        return True

    def compile(self) -> None:
        """See `Source.compile`."""
        data, self._first = self._first, None
        if data is not None:
            self._model._programs.get(self._model, self._mode, data, data.rows)

    def ready(self) -> bool:
        """See `Source.ready`."""
        return self._epochs.ready()

    def reset(self) -> None:
        """See `Source.reset`."""
        self._epochs.reset()

    def blocks(self, epoch: int, seed: int, alone: bool) -> Iterator[Block]:
        """See `Source.blocks`.

        Where a batch is bad, those before it are run before its error is raised.
        """
        batches = self._epochs.epoch(seed)
        run = _Run()
        number = 0
        started = time.perf_counter()
        try:
            while True:
                place = self._place(f"batch {number + 1}", epoch)
                try:
                    data = self._dataset(next(batches), place)
                except StopIteration:
                    break
                except Exception:
                    if run.parts:
                        yield self._block(run, number, epoch)
                    raise
                if run.parts and not run.takes(data):
                    yield self._block(run, number, epoch)
                    run, started = _Run(), time.perf_counter()
                number += 1
                late = time.perf_counter() - started > _MOST_SECONDS
                full = run.nbytes + data.nbytes >= _MOST_BYTES
                run.add(data, keep=not (alone or late or full))
                if alone or late or full:
                    yield self._block(run, number, epoch)
                    run, started = _Run(), time.perf_counter()
            if run.parts:
                yield self._block(run, number, epoch)
        finally:
            batches.close()  # type: ignore[attr-defined]

    def _block(self, run: _Run, number: int, epoch: int) -> Block:
        data, size = run.joined(), run.parts[0].rows
        executable = self._model._programs.get(self._model, self._mode, data, size)
        first = number - len(run.parts) + 1
        which = f"batch {number}"
        if first < number:
            which = f"batches {first} to {number}"
        place = self._place(which, epoch)
        if first < number:
            place += ", rows counted over all of them"
        return Block(executable, data.arrays, None, 0, data.rows, size, place)

    def _place(self, batches: str, epoch: int) -> str:
        """Where batches are, as errors say; only training has epochs."""
        training = self._mode == "train"
        return f"{self._what}{batches}" + (f" of epoch {epoch + 1}" if training else "")

    def _dataset(self, batch: Any, place: str) -> Dataset:
        model, fitting = self._model, self._fitting
        try:
            x, y, weight = unpack_x_y_sample_weight(_on_host(batch))
            in_tuple = isinstance(batch, (list, tuple)) or (
                self._in_tuple and not isinstance(batch, Mapping)
            )
            if self._mode == "predict":
                data = model._prepare(x, None, None, None)
                return replace(data, in_tuple=in_tuple)
            if y is None and model._objective.loss is not None:
                raise _no_targets(x)
            data = model._prepare(x, y, weight, self._class_weight, fitting=fitting)
            model._check_targets(data, None)
        except PronghornError as error:
            error.within(place)
            raise
        self._fitting = False
        return replace(data, in_tuple=in_tuple)


class _Run:
    """Batches one after the other that can be one block."""

    def __init__(self) -> None:
        self.parts: list[Dataset] = []
        self.nbytes = 0

    def takes(self, data: Dataset) -> bool:
        """Whether a batch can follow: all are of one form, the last may be smaller."""
        first = self.parts[0]
        size = first.rows
        return (
            self.parts[-1].rows == size
            and data.rows <= size
            and data.signature() == first.signature()
        )

    def add(self, data: Dataset, keep: bool) -> None:
        """Appends a batch.

        Args:
            data: the batch.
            keep: copy it, since other batches are fetched before it is used: a
                generator may fill one array again and again.
        """
        self.parts.append(data.copy() if keep else data)
        self.nbytes += data.nbytes

    def joined(self) -> Dataset:
        """All of them as one."""
        return joined(self.parts)


def _no_targets(x: Any) -> ArgumentError:
    return ArgumentError(
        "A batch has no targets for the loss.",
        where="y",
        expected="(x, y) or (x, y, sample_weight)",
        received=f"x alone, of type {type(x).__name__}",
        remedy="give a tuple: yield x, y",
    )


def _on_host(batch: Any) -> Any:
    """Tensors that live with gradients or on another device, as those of torch may."""
    if isinstance(batch, (list, tuple)):
        return list(map(_on_host, batch))
    if isinstance(batch, dict):
        return {name: _on_host(value) for name, value in batch.items()}
    if hasattr(batch, "detach") and hasattr(batch, "cpu"):
        return batch.detach().cpu()
    return batch
