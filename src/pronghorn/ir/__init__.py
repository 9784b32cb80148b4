"""The graph: dtypes, shapes, primitives, nodes, variables and tracing."""

from pronghorn.ir.graph import Graph, Node
from pronghorn.ir.primitive import CONSTANT, INPUT, STATE, Kind, Primitive, primitives
from pronghorn.ir.recorder import EagerTensor
from pronghorn.ir.shapes import BATCH, Batch
from pronghorn.ir.show import show
from pronghorn.ir.stateless import StatelessScope
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import Trace, bind, is_symbolic
from pronghorn.ir.variable import Variable, storage_generation
from pronghorn.ir.verify import verify

__all__ = [
    "BATCH",
    "CONSTANT",
    "INPUT",
    "STATE",
    "Batch",
    "EagerTensor",
    "Graph",
    "KerasTensor",
    "Kind",
    "Node",
    "Primitive",
    "StatelessScope",
    "Trace",
    "Variable",
    "bind",
    "is_symbolic",
    "primitives",
    "show",
    "storage_generation",
    "verify",
]
