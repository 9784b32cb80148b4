"""Transforms of graphs that every backend shares."""

from pronghorn.compiler.autodiff import gradients
from pronghorn.compiler.rows import rows_are_independent
from pronghorn.compiler.simplify import simplify

__all__ = ["gradients", "rows_are_independent", "simplify"]
