"""PyTorch by hand: a plain loop over views of a shuffled tensor, and torch.compile."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.peers.base import Options, Peer, Predictor
from benchmarks.workloads import Workload


class Torch(Peer):
    """Eager mode."""

    packages = ("torch", "numpy")
    notes = (
        "tensors preloaded, shuffled once per epoch and split into views, no "
        "DataLoader; zero_grad(set_to_none=True), fused Adam; prediction under "
        "inference_mode"
    )

    def __init__(self, name: str, threads: int) -> None:
        super().__init__(name, threads)
        import torch

        torch.set_num_threads(threads)
        self.torch: Any = torch

    def options(self, workload: Workload) -> list[Options]:
        return [{"adam": "fused"}, {"adam": "foreach"}]

    def prepare(
        self, workload: Workload, x: np.ndarray, y: np.ndarray, options: Options
    ) -> None:
        torch = self.torch
        self.workload = workload
        self.x, self.y = torch.from_numpy(x), torch.from_numpy(y)
        self.model = self._net(workload)
        self.loss = {
            "mse": torch.nn.MSELoss,
            "mae": torch.nn.L1Loss,
            "bce": torch.nn.BCEWithLogitsLoss,
        }[workload.loss]()
        how = {options["adam"]: True}
        self.adam = torch.optim.Adam(self.model.parameters(), eps=1e-7, **how)
        self.step = self._step

    def _net(self, workload: Workload) -> Any:
        nn, layers = self.torch.nn, []
        for width, layer in workload.widths():
            if layer.kind == "norm":
                layers.append(nn.BatchNorm1d(width))
            elif layer.kind == "dropout":
                layers.append(nn.Dropout(layer.rate))
            else:
                layers.append(nn.Linear(width, layer.units))
                layers += [nn.ReLU()] if layer.relu else []
        return nn.Sequential(*layers)

    def _step(self, x: Any, y: Any) -> None:
        self.adam.zero_grad(set_to_none=True)
        self.loss(self.model(x), y).backward()
        self.adam.step()

    def epochs(self, count: int) -> None:
        self.model.train()
        batch, step = self.workload.batch, self.step
        for _ in range(count):
            order = self.torch.randperm(len(self.x))
            xs, ys = self.x[order].split(batch), self.y[order].split(batch)
            for x, y in zip(xs, ys):
                step(x, y)

    def predictors(self) -> dict[str, Predictor]:
        return {"eager": lambda x: self._predict(self.model, x)}

    def _predict(self, model: Any, x: np.ndarray) -> np.ndarray:
        self.model.eval()
        with self.torch.inference_mode():
            found: np.ndarray = model(self.torch.from_numpy(x)).numpy()
        return found


class TorchCompiled(Torch):
    """torch.compile, mode "default", one graph for each size of batch."""

    notes = (
        "as torch, compiled with torch.compile(dynamic=False), mode default; "
        'mode "max-autotune-no-cudagraphs" was left out: it compiles for minutes'
    )

    def options(self, workload: Workload) -> list[Options]:
        return [
            {"compiled": "forward, loss, backward", "adam": "fused"},
            {"compiled": "whole step, Adam in the graph", "adam": "by hand"},
        ]

    def prepare(
        self, workload: Workload, x: np.ndarray, y: np.ndarray, options: Options
    ) -> None:
        self.torch._dynamo.reset()
        if options["adam"] == "fused":
            super().prepare(workload, x, y, options)
            self._compile_loss()
        else:
            super().prepare(workload, x, y, {"adam": "foreach"})
            self._compile_step()

    def _compile_loss(self) -> None:
        loss = self.torch.compile(
            lambda x, y: self.loss(self.model(x), y), dynamic=False
        )

        def step(x: Any, y: Any) -> None:
            self.adam.zero_grad(set_to_none=True)
            loss(x, y).backward()
            self.adam.step()

        self.step = step

    def _compile_step(self) -> None:
        """One graph of gradients and Adam, on lists of plain tensors."""
        torch, model = self.torch, self.model
        names = [name for name, _ in model.named_parameters()]
        weights = [p.detach() for p in model.parameters()]
        first = [torch.zeros_like(w) for w in weights]
        second = [torch.zeros_like(w) for w in weights]
        count = torch.zeros(())
        kept = dict(model.named_buffers())

        def value(values: list[Any], x: Any, y: Any) -> Any:
            new = {name: buffer.clone() for name, buffer in kept.items()}
            given = {**dict(zip(names, values)), **new}
            return self.loss(torch.func.functional_call(model, given, (x,)), y), new

        @torch.compile(dynamic=False)
        def step(x: Any, y: Any) -> None:
            gradients, new = torch.func.grad(value, has_aux=True)(weights, x, y)
            for name, buffer in kept.items():
                buffer.copy_(new[name])
            count.add_(1)
            rate = 0.001 * torch.sqrt(1 - 0.999**count) / (1 - 0.9**count)
            for w, m, v, g in zip(weights, first, second, gradients):
                m.lerp_(g, 0.1)
                v.mul_(0.999).addcmul_(g, g, value=0.001)
                w.sub_(rate * m / (v.sqrt() + 1e-7))

        def without_gradients(x: Any, y: Any) -> None:
            with torch.no_grad():
                step(x, y)

        self.step = without_gradients

    def predictors(self) -> dict[str, Predictor]:
        compiled = self.torch.compile(self.model, dynamic=False)
        return {
            **super().predictors(),
            "compiled": lambda x: self._predict(compiled, x),
        }
