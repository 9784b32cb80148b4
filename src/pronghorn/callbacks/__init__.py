"""Callbacks: code of the user's that runs while a model trains, tests or predicts.

Those that write or send files of their own are loaded when they are first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from pronghorn.callbacks.backup_and_restore import BackupAndRestore
    from pronghorn.callbacks.orbax_checkpoint import OrbaxCheckpoint
    from pronghorn.callbacks.remote_monitor import RemoteMonitor
    from pronghorn.callbacks.swap_ema_weights import SwapEMAWeights
    from pronghorn.callbacks.tensorboard import TensorBoard

_HOME = {
    "BackupAndRestore": "backup_and_restore",
    "OrbaxCheckpoint": "orbax_checkpoint",
    "RemoteMonitor": "remote_monitor",
    "SwapEMAWeights": "swap_ema_weights",
    "TensorBoard": "tensorboard",
}

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "MonitorCallback",
    "OrbaxCheckpoint",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "RemoteMonitor",
    "SwapEMAWeights",
    "TensorBoard",
    "TerminateOnNaN",
    "granularity",
    "wants_progress",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'pronghorn.callbacks' has no attribute {name!r}")
    module = importlib.import_module(f"pronghorn.callbacks.{_HOME[name]}")
    value = globals()[name] = getattr(module, name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
