"""All that a profiler needs of the engine, which it loads when it is first used."""

from pronghorn.backends.native import NativeExecutable, info
from pronghorn.backends.native.ceiling import ceiling, costs, set_profiled
from pronghorn.backends.native.describe import describe
from pronghorn.backends.native.lower import lower

__all__ = [
    "NativeExecutable",
    "ceiling",
    "costs",
    "describe",
    "info",
    "lower",
    "set_profiled",
]
