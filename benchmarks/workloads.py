"""The benchmark's nets and tables, described once, as data.

Every peer builds its own net from the same description and trains on the same made
numbers, so what differs between two columns of a table is the library alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

Loss = Literal["mse", "mae", "bce"]


@dataclass(frozen=True)
class Layer:
    """One layer.

    Attributes:
        kind: "norm" (batch normalization), "dense" or "dropout".
        units: outputs of a dense layer.
        relu: whether a dense layer ends in relu.
        rate: of dropout.
    """

    kind: Literal["norm", "dense", "dropout"]
    units: int = 0
    relu: bool = False
    rate: float = 0.0


@dataclass(frozen=True)
class Workload:
    """A net, the size of its table and how it is trained: Adam, shuffled each epoch.

    Attributes:
        rows, features: of the table.
        layers: the net, without its input.
        loss: "mse", "mae", or "bce" on logits.
        batch: rows per step; an epoch's last batch holds the rest.
        train_rows: rows that an epoch of the benchmark takes, where a whole one would
            last too long; else 0.
    """

    name: str
    rows: int
    features: int
    layers: tuple[Layer, ...]
    loss: Loss
    batch: int
    train_rows: int = 0

    @property
    def used_rows(self) -> int:
        """Rows of an epoch."""
        return self.train_rows or self.rows

    @property
    def steps(self) -> int:
        """Steps of an epoch, the last, smaller one included."""
        return -(-self.used_rows // self.batch)

    @property
    def plain(self) -> bool:
        """Whether the net is dense layers alone."""
        return all(layer.kind == "dense" for layer in self.layers)

    def widths(self) -> Iterator[tuple[int, Layer]]:
        """Each layer with the number of its inputs."""
        width = self.features
        for layer in self.layers:
            yield width, layer
            width = layer.units or width

    def to_json(self) -> dict[str, Any]:
        """Plain data, from which `from_json` makes the workload again."""
        return asdict(self)


def from_json(data: dict[str, Any]) -> Workload:
    """The workload that `Workload.to_json` described."""
    return Workload(**{**data, "layers": tuple(Layer(**x) for x in data["layers"])})


def dense(*units: int) -> tuple[Layer, ...]:
    """Hidden relu layers and one linear output."""
    return (*(Layer("dense", u, relu=True) for u in units), Layer("dense", 1))


def blocks(units: int, count: int, norm: bool) -> tuple[Layer, ...]:
    """(batch norm, relu layer, dropout 0.3) several times and one linear output."""
    block = [Layer("dense", units, relu=True), Layer("dropout", rate=0.3)]
    if norm:
        block.insert(0, Layer("norm"))
    return (*(block * count), Layer("dense", 1))


_ALL = (
    Workload("cereal", 77, 3, dense(), "mse", 32),
    Workload("small", 20_000, 20, dense(64, 64), "mae", 32),
    Workload("wine", 1_119, 11, dense(512, 512, 512), "mae", 256),
    Workload("wine-bn", 1_119, 11, blocks(1024, 3, norm=True), "mae", 256),
    Workload("hotel", 89_542, 63, blocks(256, 2, norm=True), "bce", 512),
    Workload("higgs", 100_000, 28, blocks(2048, 3, norm=False), "bce", 2048, 8_192),
)
WORKLOADS = {workload.name: workload for workload in _ALL}


def of_width(width: int) -> Workload:
    """20 features, two hidden layers of a width, batches of 256."""
    layers = dense(width, width)
    rows = 256 * (64 if width < 512 else 16 if width < 2048 else 4)
    return Workload(f"width {width}", rows, 20, layers, "mae", 256)


def of_batch(batch: int) -> Workload:
    """The small net with batches of a size."""
    rows = min(65_536, max(8_192, 4 * batch)) if batch > 4 else 2_000
    return replace(WORKLOADS["small"], name=f"batch {batch}", rows=rows, batch=batch)


def of_rows(rows: int) -> Workload:
    """The small net on a table of a length, in batches of 256."""
    return replace(WORKLOADS["small"], name=f"rows {rows}", rows=rows, batch=256)


def table(workload: Workload) -> tuple[np.ndarray, np.ndarray]:
    """Made data: x float32 (rows, features), y float32 (rows, 1); 0 and 1 for "bce"."""
    draw = np.random.default_rng(0)
    x = draw.standard_normal((workload.used_rows, workload.features), np.float32)
    weights = draw.standard_normal((workload.features, 1), np.float32)
    y = x @ weights + draw.standard_normal((workload.used_rows, 1), np.float32)
    return x, (y > 0).astype(np.float32) if workload.loss == "bce" else y


def weights(workload: Workload) -> list[np.ndarray]:
    """Kernel and bias of each dense layer, drawn as Glorot and Bengio 2010 do."""
    draw = np.random.default_rng(1)
    found = []
    for width, layer in workload.widths():
        if layer.kind == "dense":
            limit = np.sqrt(6 / (width + layer.units))
            kernel = draw.uniform(-limit, limit, (width, layer.units))
            found += [kernel.astype(np.float32), np.zeros(layer.units, np.float32)]
    return found


def gemm_flops(workload: Workload) -> int:
    """Floating-point operations of an epoch's matrix products, forward and back.

    The first layer's input needs no gradient, unless a batch norm before it has weights
    to train.
    """
    total, wanted = 0, False
    for width, layer in workload.widths():
        if layer.kind == "dense":
            total += 2 * width * layer.units * (3 if wanted else 2)
        wanted = wanted or layer.kind != "dropout"
    return total * workload.used_rows


def gemm_shapes(workload: Workload) -> list[tuple[int, int, int]]:
    """(m, k, n) of the forward products of one full batch, without single outputs."""
    batch = min(workload.batch, workload.used_rows)
    return [
        (batch, width, layer.units)
        for width, layer in workload.widths()
        if layer.kind == "dense" and layer.units > 1
    ]
