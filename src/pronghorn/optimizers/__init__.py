"""Optimizers: how gradients change weights; and schedules of the learning rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pronghorn import config as configs
from pronghorn.lookup import from_config, interpret
from pronghorn.optimizers import schedules
from pronghorn.optimizers.adafactor import Adafactor
from pronghorn.optimizers.adam import Adam, Adamax, AdamW, Nadam
from pronghorn.optimizers.adaptive import Adadelta, Adagrad, RMSprop
from pronghorn.optimizers.ftrl import Ftrl
from pronghorn.optimizers.lamb import Lamb
from pronghorn.optimizers.lion import Lion
from pronghorn.optimizers.loss_scale import LossScaleOptimizer
from pronghorn.optimizers.multi import MultiOptimizer, OptimizerMap
from pronghorn.optimizers.muon import Muon
from pronghorn.optimizers.optimizer import Optimizer
from pronghorn.optimizers.schedule_free import ScheduleFreeAdamW
from pronghorn.optimizers.sgd import SGD

__all__ = [
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lamb",
    "Lion",
    "LossScaleOptimizer",
    "MultiOptimizer",
    "Muon",
    "Nadam",
    "Optimizer",
    "OptimizerMap",
    "RMSprop",
    "ScheduleFreeAdamW",
    "deserialize",
    "get",
    "schedules",
    "serialize",
]

_EXAMPLE = "pronghorn.optimizers.Adam(learning_rate=0.001)"
_NAMES: dict[str, Any] = {
    cls.__name__.lower(): cls
    for cls in (
        SGD,
        Adadelta,
        Adafactor,
        Adagrad,
        Adam,
        AdamW,
        Adamax,
        Ftrl,
        Lamb,
        Lion,
        LossScaleOptimizer,
        MultiOptimizer,
        Muon,
        Nadam,
        RMSprop,
        ScheduleFreeAdamW,
    )
}


def get(identifier: Any) -> Optimizer | None:
    """The optimizer that a name, a config, a class or an object stands for.

    Args:
        identifier: `"adam"` in any case, `Adam(0.01)`, a config, or None (which stays
            None).

    Raises:
        UnknownNameError: no optimizer has that name.
        ArgumentError: an object that is no optimizer.

    Example:

    >>> type(get("rmsprop")).__name__, type(get("Adam")).__name__
    ('RMSprop', 'Adam')
    """
    if isinstance(identifier, str) and identifier.lower() in _NAMES:
        identifier = identifier.lower()
    found: Optimizer | None = interpret(
        "optimizer", identifier, _NAMES, _EXAMPLE, _is_optimizer
    )
    return found


def _is_optimizer(value: Any) -> bool:
    return isinstance(value, Optimizer)


def serialize(optimizer: Optimizer) -> Any:
    """What a file says for an optimizer; its state is saved apart."""
    return configs.serialize(optimizer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The optimizer that `serialize` described.

    >>> deserialize({"class_name": "adam", "config": {"beta_1": 0.5}}).beta_1
    0.5
    """
    if isinstance(config, Mapping) and config.get("module") is None:
        config = {**config, "class_name": str(config.get("class_name")).lower()}
    found = from_config("optimizer", config, _NAMES, _EXAMPLE, custom_objects)
    return found() if isinstance(found, type) else found
