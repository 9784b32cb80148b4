"""Models: `Sequential`, functional, and subclasses of `Model`."""

from pronghorn.models.files import load_model, model_from_json, save_model
from pronghorn.models.functional import Functional
from pronghorn.models.model import Model
from pronghorn.models.sequential import Sequential

__all__ = [
    "Functional",
    "Model",
    "Sequential",
    "load_model",
    "model_from_json",
    "save_model",
]
