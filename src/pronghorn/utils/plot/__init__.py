"""Pictures of models, drawn without any other program."""

from pronghorn.utils.plot.dot import Dot, model_to_dot
from pronghorn.utils.plot.plot_model import plot_model

__all__ = ["Dot", "model_to_dot", "plot_model"]
