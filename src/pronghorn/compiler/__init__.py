"""Transforms of graphs that every backend shares."""

from pronghorn.compiler.autodiff import gradients, pullback, require_scalar
from pronghorn.compiler.rows import rows_are_independent
from pronghorn.compiler.simplify import simplify

__all__ = [
    "gradients",
    "pullback",
    "require_scalar",
    "rows_are_independent",
    "simplify",
]
