"""Models: `Sequential`, functional, and subclasses of `Model`."""

from pronghorn.models import feature_space as _feature_space  # noqa: F401  for files
from pronghorn.models.cloning import clone_model
from pronghorn.models.files import load_model, model_from_json, save_model
from pronghorn.models.functional import Functional
from pronghorn.models.model import Model
from pronghorn.models.sequential import Sequential

__all__ = [
    "Functional",
    "Model",
    "Sequential",
    "clone_model",
    "load_model",
    "model_from_json",
    "save_model",
]
