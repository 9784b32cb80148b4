"""Automatic names: `dense`, `dense_1`, ... as Keras gives them."""

from __future__ import annotations

import re
import threading

__all__ = ["auto_name", "reset_names", "snake_case"]

_lock = threading.Lock()
_used: dict[str, int] = {}


def snake_case(name: str) -> str:
    """A class name as Keras spells it in lower case.

    >>> [snake_case(n) for n in ("MeanSquaredError", "AUC", "R2Score", "LeCunNormal")]
    ['mean_squared_error', 'auc', 'r2_score', 'le_cun_normal']
    """
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def auto_name(prefix: str) -> str:
    """The next free name for an object of a class: no number for the first.

    Args:
        prefix: a class name, or a name in snake case.

    Example:

    >>> auto_name("AnExample"), auto_name("AnExample")
    ('an_example', 'an_example_1')
    """
    name = snake_case(prefix)
    with _lock:
        count = _used.get(name, 0)
        _used[name] = count + 1
    return f"{name}_{count}" if count else name


def reset_names() -> None:
    """Start counting again, as `clear_session` does."""
    with _lock:
        _used.clear()
