"""ONNX Runtime, for prediction."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.peers.base import Options, Peer, Predictor
from benchmarks.workloads import Workload
from benchmarks.workloads import weights as drawn_weights


class OnnxRuntime(Peer):
    """A session on one Gemm and Relu per layer, all graph optimizations on."""

    packages = ("onnxruntime", "onnx", "numpy")
    notes = "InferenceSession.run, sequential, graph optimizations on; Gemm and Relu"
    trains = False

    def refuses(self, workload: Workload) -> str:
        return "" if workload.plain else "only the small net's prediction is compared"

    def prepare(
        self, workload: Workload, x: np.ndarray, y: np.ndarray, options: Options
    ) -> None:
        import onnxruntime

        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = self.threads
        settings.inter_op_num_threads = 1
        settings.graph_optimization_level = (
            onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        )
        model = exported(workload).SerializeToString()
        providers = ["CPUExecutionProvider"]
        self.session = onnxruntime.InferenceSession(model, settings, providers)

    def predictors(self) -> dict[str, Predictor]:
        run, names = self.session.run, ["y"]
        return {"run": lambda x: run(names, {"x": x})[0]}


def exported(workload: Workload) -> Any:
    """The net as an ONNX model with drawn weights."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    nodes, tensors, at = [], [], "x"
    drawn = iter(drawn_weights(workload))
    for place, layer in enumerate(workload.layers):
        last = place == len(workload.layers) - 1
        names = [f"w{place}", f"b{place}"]
        tensors += [numpy_helper.from_array(next(drawn), name) for name in names]
        out = "y" if last else f"h{place}"
        nodes.append(helper.make_node("Gemm", [at, *names], [out]))
        at = out
        if layer.relu:
            nodes.append(helper.make_node("Relu", [at], [f"r{place}"]))
            at = f"r{place}"
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        workload.name,
        [value("x", TensorProto.FLOAT, ["rows", workload.features])],
        [value("y", TensorProto.FLOAT, ["rows", 1])],
        tensors,
    )
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=9)
    onnx.checker.check_model(model)
    return model
