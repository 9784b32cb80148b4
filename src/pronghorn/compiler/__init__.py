"""Transforms of graphs that every backend shares."""

from pronghorn.compiler.autodiff import gradients
from pronghorn.compiler.simplify import simplify

__all__ = ["gradients", "simplify"]
