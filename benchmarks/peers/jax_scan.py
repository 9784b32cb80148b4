"""JAX by hand: one compiled call per epoch, its steps in `jax.lax.scan`."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from benchmarks.peers.base import Options, Peer, Predictor
from benchmarks.peers.keras3 import limit_threads
from benchmarks.workloads import Workload
from benchmarks.workloads import weights as drawn_weights


class JaxScan(Peer):
    """Everything a library would do left out: only the arithmetic and Adam."""

    packages = ("jax", "jaxlib", "numpy")
    notes = (
        "jit of a lax.scan over the epoch's steps, buffers donated, Adam by hand, the "
        "table on the device; the last, smaller batch is a step after the scan"
    )

    def __init__(self, name: str, threads: int) -> None:
        super().__init__(name, threads)
        limit_threads("jax", threads)
        import jax

        self.jax: Any = jax

    def options(self, workload: Workload) -> list[Options]:
        drops = any(layer.kind == "dropout" for layer in workload.layers)
        kinds = ("unsafe_rbg", "threefry2x32") if drops else ("threefry2x32",)
        scans = (1, 4) if workload.used_rows >= 4 * workload.batch else (1,)
        epochs = (1, 100) if workload.name == "cereal" else (1,)
        return [
            {
                "random": kind,
                "unroll": scan,
                "rows": rows,
                "epochs_per_call": several,
            }
            for kind in kinds
            for scan in scans
            for rows in ("taken before the scan", "taken in each step")
            for several in epochs
        ]

    def prepare(
        self, workload: Workload, x: np.ndarray, y: np.ndarray, options: Options
    ) -> None:
        jax, jnp = self.jax, self.jax.numpy
        self.workload, self.several = workload, options.get("epochs_per_call", 1)
        self.x, self.y = jnp.asarray(x), jnp.asarray(y)
        self.key = jax.random.key(0, impl=options["random"])
        self.state = self._start()
        ahead = options["rows"] == "taken before the scan"
        whole = functools.partial(self._epoch, options["unroll"], ahead)
        self.whole = jax.jit(whole, donate_argnums=0)

        def many(state: Any, key: Any, x: Any, y: Any) -> Any:
            keys = jax.random.split(key, self.several)
            once = lambda s, k: (whole(s, k, x, y), None)  # noqa: E731
            return jax.lax.scan(once, state, keys)[0]

        self.many = jax.jit(many, donate_argnums=0)
        self.forward = jax.jit(lambda w, n, x: self._net(w, n, x, None)[0])

    def _start(self) -> Any:
        """(weights, their moments, batch norm's averages, count of steps)."""
        jnp, weights = self.jax.numpy, []
        dense = iter(drawn_weights(self.workload))
        averages = []
        for width, layer in self.workload.widths():
            if layer.kind == "dense":
                weights.append((jnp.asarray(next(dense)), jnp.asarray(next(dense))))
            elif layer.kind == "norm":
                weights.append((jnp.ones(width), jnp.zeros(width)))
                averages.append((jnp.zeros(width), jnp.ones(width)))
        zeros = [self.jax.tree.map(jnp.zeros_like, weights) for _ in range(2)]
        return weights, *zeros, averages, jnp.zeros(())

    def _net(self, weights: Any, averages: Any, x: Any, key: Any) -> Any:
        """Outputs and new averages; without a key as in prediction."""
        jax, jnp = self.jax, self.jax.numpy
        pairs, old, new = iter(weights), iter(averages), []
        for place, layer in enumerate(self.workload.layers):
            if layer.kind == "dropout" and key is not None:
                mask = jax.random.bernoulli(
                    jax.random.fold_in(key, place), 1 - layer.rate, x.shape
                )
                x = jnp.where(mask, x / (1 - layer.rate), 0)
            elif layer.kind == "norm":
                (gain, shift), (mean, var) = next(pairs), next(old)
                if key is not None:
                    new.append((mean, var))
                    mean, var = x.mean(0), x.var(0)
                    kept = new.pop()
                    new.append(
                        (kept[0] * 0.99 + mean * 0.01, kept[1] * 0.99 + var * 0.01)
                    )
                x = (x - mean) * (jax.lax.rsqrt(var + 1e-3) * gain) + shift
            elif layer.kind == "dense":
                kernel, bias = next(pairs)
                x = x @ kernel + bias
                x = jax.nn.relu(x) if layer.relu else x
        return x, new

    def _loss(self, weights: Any, averages: Any, x: Any, y: Any, key: Any) -> Any:
        jnp = self.jax.numpy
        z, new = self._net(weights, averages, x, key)
        if self.workload.loss == "mse":
            return jnp.mean((z - y) ** 2), new
        if self.workload.loss == "mae":
            return jnp.mean(jnp.abs(z - y)), new
        rows = jnp.maximum(z, 0) - z * y + jnp.log1p(jnp.exp(-jnp.abs(z)))
        return jnp.mean(rows), new

    def _step(self, state: Any, x: Any, y: Any, key: Any) -> Any:
        weights, first, second, averages, count = state
        value = self.jax.value_and_grad(self._loss, has_aux=True)
        (loss, averages), gradients = value(weights, averages, x, y, key)
        count = count + 1
        rate = 0.001 * self.jax.numpy.sqrt(1 - 0.999**count) / (1 - 0.9**count)
        each = self.jax.tree.map
        first = each(lambda m, g: m + (g - m) * 0.1, first, gradients)
        second = each(lambda v, g: v + (g * g - v) * 0.001, second, gradients)
        weights = each(
            lambda w, m, v: w - rate * m / (self.jax.numpy.sqrt(v) + 1e-7),
            weights,
            first,
            second,
        )
        return (weights, first, second, averages, count), loss

    def _epoch(
        self, unroll: int, ahead: bool, state: Any, key: Any, x: Any, y: Any
    ) -> Any:
        jax, batch = self.jax, min(self.workload.batch, len(x))
        full = len(x) // batch
        shuffle, drop = jax.random.split(key)
        order = jax.random.permutation(shuffle, len(x))
        given = (x[order], y[order]) if ahead else (order,)
        whole = full * batch
        parts = tuple(g[:whole].reshape(full, batch, *g.shape[1:]) for g in given)

        def step(carry: Any, part_and_place: Any) -> Any:
            part, place = part_and_place
            rows = part if ahead else (x[part[0]], y[part[0]])
            return self._step(carry, *rows, jax.random.fold_in(drop, place))

        places = jax.numpy.arange(full)
        state, _ = jax.lax.scan(step, state, (parts, places), unroll=unroll)
        if whole < len(x):
            state, _ = step(state, (tuple(g[whole:] for g in given), full))
        return state

    def epochs(self, count: int) -> None:
        state = self.state
        for _ in range(count // self.several):
            self.key, key = self.jax.random.split(self.key)
            state = self.many(state, key, self.x, self.y)
        for _ in range(count % self.several):
            self.key, key = self.jax.random.split(self.key)
            state = self.whole(state, key, self.x, self.y)
        self.state = self.jax.block_until_ready(state)

    def predictors(self) -> dict[str, Predictor]:
        def run(x: np.ndarray) -> np.ndarray:
            return np.asarray(self.forward(self.state[0], self.state[3], x))

        return {"jit": run}
