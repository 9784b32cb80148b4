"""Training: from arrays and a compiled model to epochs and their history."""

from pronghorn.training.trainer import Trainer

__all__ = ["Trainer"]
