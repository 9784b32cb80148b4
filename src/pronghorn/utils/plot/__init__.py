"""`plot_model`: a picture of a model, drawn without any other program."""

from pronghorn.utils.plot.plot_model import plot_model

__all__ = ["plot_model"]
