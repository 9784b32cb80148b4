"""One small adapter per peer, all with the same interface (`base.Peer`)."""

from __future__ import annotations

import importlib

from benchmarks.peers.base import Peer

# Name in the tables: module and class. A class may serve several names.
PEERS = {
    "pronghorn": "ours.Pronghorn",
    "pronghorn-own": "ours.PronghornOwn",
    "keras-tensorflow": "keras3.Keras",
    "keras-jax": "keras3.Keras",
    "keras-torch": "keras3.Keras",
    "torch": "pytorch.Torch",
    "torch-compile": "pytorch.TorchCompiled",
    "sklearn": "sklearn_mlp.Sklearn",
    "jax-scan": "jax_scan.JaxScan",
    "onnxruntime": "onnx_runtime.OnnxRuntime",
    "lightgbm": "light_gbm.LightGbm",
}


def make(name: str, threads: int) -> Peer:
    """The peer of a name; its library is imported with so many threads to use."""
    module, cls = PEERS[name].split(".")
    found = getattr(importlib.import_module(f"benchmarks.peers.{module}"), cls)
    peer: Peer = found(name, threads)
    return peer
