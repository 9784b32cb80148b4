"""Callbacks: code of the user's that runs while a model trains, tests or predicts."""

from pronghorn.callbacks.callback import Callback
from pronghorn.callbacks.callback_list import CallbackList
from pronghorn.callbacks.csv_logger import CSVLogger
from pronghorn.callbacks.early_stopping import EarlyStopping
from pronghorn.callbacks.history import History
from pronghorn.callbacks.hooks import granularity, wants_progress
from pronghorn.callbacks.lambda_callback import LambdaCallback
from pronghorn.callbacks.learning_rate import LearningRateScheduler, ReduceLROnPlateau
from pronghorn.callbacks.model_checkpoint import ModelCheckpoint
from pronghorn.callbacks.monitor import MonitorCallback
from pronghorn.callbacks.progbar import ProgbarLogger
from pronghorn.callbacks.terminate_on_nan import TerminateOnNaN

__all__ = [
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "MonitorCallback",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "TerminateOnNaN",
    "granularity",
    "wants_progress",
]
