"""Gradients outside of `fit`: of functions, and of what a tape saw."""

from pronghorn.gradient.functions import grad, value_and_grad
from pronghorn.gradient.tape import GradientTape

__all__ = ["GradientTape", "grad", "value_and_grad"]
