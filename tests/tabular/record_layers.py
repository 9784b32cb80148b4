"""Makes `recorded_layers.json`: what the papers' own packages compute, numbers only.

Run where `torch` (2.13.0, CPU), `rtdl_num_embeddings` 0.0.12, `tabm` 0.0.3,
`pytabkit` 1.8.0 and `scikit-learn` are:

    python tests/tabular/record_layers.py
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import rtdl_num_embeddings as rtdl
import tabm
import torch
from pytabkit.models.realmlp.model import Activation, RealMLP, RealMLPConfig, Weight
from pytabkit.models.realmlp.train import SCHEDULES
from pytabkit.models.realmlp.train import compute_input_stats as robust
from sklearn.preprocessing import QuantileTransformer

PATH = Path(__file__).with_name("recorded_layers.json")
RNG = np.random.default_rng(6)


def table(rows: int) -> np.ndarray:
    """Normal, long-tailed, whole numbers with many zeros, and a few values."""
    columns = (
        RNG.normal(size=rows),
        np.exp(2 * RNG.normal(size=rows)),
        np.maximum(RNG.integers(-6, 5, rows), 0),
        RNG.choice([0.0, 0.5, 3.0], rows),
    )
    return np.stack(columns, axis=1).astype(np.float32).round(4)


def lists(values):
    """Tensors and arrays as rounded lists, all else as it is."""
    if isinstance(values, torch.Tensor):
        values = values.detach().numpy()
    if isinstance(values, np.ndarray):
        return np.asarray(values, np.float64).round(7).tolist()
    if isinstance(values, dict):
        return {key: lists(value) for key, value in values.items()}
    return values


def with_gradients(module: torch.nn.Module, x: np.ndarray) -> dict:
    """Parameters, output, and gradients of the output times a fixed cotangent."""
    inputs = torch.tensor(x, requires_grad=True)
    y = module(inputs)
    weight = torch.tensor(RNG.normal(size=tuple(y.shape)).astype(np.float32))
    (y * weight).sum().backward()
    named = dict(module.named_parameters())
    return {
        "parameters": named,
        "y": y,
        "cotangent": weight,
        "x_gradient": inputs.grad,
        "gradients": {name: one.grad for name, one in named.items()},
    }


def main() -> None:
    """Writes the file."""
    torch.manual_seed(6)
    x, few = table(80), table(6)
    found = {"adapted": x, "x": few}
    median, scale = robust(torch.tensor(x), torch.arange(len(x))[None])
    z = (torch.tensor(few) - median[0]) * scale[0]
    found["robust"] = {"scaled": z, "clipped": z / (1 + z.square() / 9).sqrt()}
    for output in ("uniform", "normal"):
        ranks = QuantileTransformer(
            n_quantiles=20, output_distribution=output, subsample=None
        ).fit(x)
        found[f"quantile_{output}"] = ranks.transform(few)
    bins = rtdl.compute_bins(torch.tensor(x), n_bins=8)
    found["piecewise"] = {
        "bins": [lists(one) for one in bins],
        "y": rtdl.PiecewiseLinearEncoding(bins)(torch.tensor(few)),
    }
    edges = [torch.linspace(-2, 2, 6), torch.linspace(0, 9, 6)]
    two = few[:, :2].copy()
    for version in ("A", "B"):
        layer = rtdl.PiecewiseLinearEmbeddings(
            edges, 3, activation=True, version=version
        )
        torch.nn.init.normal_(layer.linear.weight)
        found[f"embedding_{version}"] = with_gradients(layer, two)
    for relu in (True, False):
        layer = rtdl.PeriodicEmbeddings(
            2, 3, n_frequencies=5, frequency_init_scale=0.3, activation=relu, lite=False
        )
        found["periodic_plr" if relu else "periodic_pl"] = with_gradients(layer, two)
    net = RealMLP(2, [], 1, 1, RealMLPConfig(add_front_scale=False), False)
    with torch.no_grad():
        v = torch.tensor(two)
        z = v.T.unsqueeze(-1) @ net.plr_weight_1[0]
        z = torch.cos(2 * torch.pi * z + net.plr_bias_1[0])
        z = (z @ net.plr_weight_2[0] + net.plr_bias_2[0]).transpose(0, 1)
        found["periodic_pbld"] = {
            "frequency": net.plr_weight_1[0, :, 0],
            "phase": net.plr_bias_1[0, :, 0],
            "kernel": net.plr_weight_2[0],
            "bias": net.plr_bias_2[0, :, 0],
            "y": torch.cat([z, v[..., None]], dim=-1),
        }
    layer = Weight(1, 4, 3, 1.0, 1.0)
    found["ntk"] = with_gradients(layer, few[None])
    layer = Activation("mish", 1, 4, True, 1.0, 1.0)
    torch.nn.init.normal_(layer.weight)
    found["parametric"] = with_gradients(layer, few[None])
    layer = tabm.LinearBatchEnsemble(4, 3, k=5, scaling_init=("normal", "ones"))
    torch.nn.init.normal_(layer.bias)
    torch.nn.init.normal_(layer.s)
    members = RNG.normal(size=(6, 5, 4)).astype(np.float32)
    found["batch_ensemble"] = {"x": members, **with_gradients(layer, members)}
    found["schedules"] = {
        name: [SCHEDULES[name](step / 60) for step in range(61)]
        for name in ("coslog4", "flat_cos")
    }
    text = json.dumps({key: lists(value) for key, value in found.items()}, indent=None)
    PATH.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
