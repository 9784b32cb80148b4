"""Where must training stop the engine? As rarely as the callbacks allow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pronghorn.callbacks.callback import Callback
from pronghorn.errors import ArgumentError, closest

__all__ = ["EVERY_HOOK", "granularity", "hears_of_epochs", "wants_progress"]

Mode = Literal["train", "test", "predict"]
Granularity = Literal["fit", "epoch", "batch"]

_RANK: dict[str, int] = {"fit": 0, "epoch": 1, "batch": 2}
# A progress bar starts a line per epoch; in between it takes what it gets.
_DECLARED: dict[str, Granularity] = {
    "fit": "fit",
    "epoch": "epoch",
    "progress": "epoch",
    "batch": "batch",
}

# Inside fit a validation pass is a part of its epoch: its hooks ask for a stop there,
# and the pass itself is then run by the "test" table.
_NEEDS: dict[str, dict[str, Granularity]] = {
    "train": {
        "on_batch_begin": "batch",
        "on_batch_end": "batch",
        "on_train_batch_begin": "batch",
        "on_train_batch_end": "batch",
        "on_epoch_begin": "epoch",
        "on_epoch_end": "epoch",
        "on_test_begin": "epoch",
        "on_test_end": "epoch",
        "on_test_batch_begin": "epoch",
        "on_test_batch_end": "epoch",
    },
    "test": {"on_test_batch_begin": "batch", "on_test_batch_end": "batch"},
    "predict": {"on_predict_batch_begin": "batch", "on_predict_batch_end": "batch"},
}

EVERY_HOOK: tuple[str, ...] = tuple(n for n in vars(Callback) if n.startswith("on_"))


def granularity(callbacks: Iterable[Callback], mode: Mode = "train") -> Granularity:
    """The finest moment at which any of the callbacks wants to be called.

    Args:
        callbacks: instances of `Callback`.
        mode: which table of hooks counts: that of `fit` ("train"), of `evaluate` and of
            a validation pass ("test"), or of `predict` ("predict").

    Returns:
        "fit" where the engine may run to the end in one call, "epoch" where it must
        stop after each epoch, "batch" where it must stop after each batch.

    Example:

    >>> from pronghorn.callbacks import EarlyStopping, History, TerminateOnNaN
    >>> granularity([History()])
    'fit'
    >>> granularity([History(), EarlyStopping()])
    'epoch'
    >>> granularity([TerminateOnNaN()]), granularity([TerminateOnNaN()], "test")
    ('batch', 'fit')
    """
    needs = (_need(callback, mode) for callback in callbacks)
    return max(needs, key=_RANK.__getitem__, default="fit")


def wants_progress(callbacks: Iterable[Callback]) -> bool:
    """Whether any of them shows progress: a call about every 50 ms of work.

    Example:

    >>> from pronghorn.callbacks import History, ProgbarLogger
    >>> wants_progress([History()]), wants_progress([ProgbarLogger()])
    (False, True)
    """
    return any(callback.granularity == "progress" for callback in callbacks)


def hears_of_epochs(callback: Callback) -> bool:
    """Whether it does anything at the beginning or at the end of an epoch.

    Example:

    >>> from pronghorn.callbacks import History, TerminateOnNaN
    >>> hears_of_epochs(History()), hears_of_epochs(TerminateOnNaN())
    (True, False)
    """
    hooks = ("on_epoch_begin", "on_epoch_end")
    return any(
        hook in vars(callback)
        or getattr(type(callback), hook) is not getattr(Callback, hook)
        for hook in hooks
    )


def _need(callback: Callback, mode: Mode) -> Granularity:
    needs = [level for hook, level in _NEEDS[mode].items() if _asks(callback, hook)]
    declared = callback.granularity
    if declared is not None and mode == "train":
        needs.append(_level(callback, declared))
    return max(needs, key=_RANK.__getitem__, default="fit")


def _asks(callback: Callback, hook: str) -> bool:
    """Whether the hook does something that no declaration speaks for."""
    if hook in vars(callback):
        return True
    for cls in type(callback).__mro__:
        if cls is Callback or "granularity" in vars(cls):
            return False
        if hook in vars(cls):
            return True
    return False


def _level(callback: Callback, declared: str) -> Granularity:
    if declared in _DECLARED:
        return _DECLARED[declared]
    raise ArgumentError(
        f"There is no granularity {declared!r}.",
        where=f"callback {type(callback).__name__}, attribute `granularity`",
        expected="one of " + ", ".join(map(repr, _DECLARED)) + ", or None",
        received=repr(declared),
        remedy=closest(declared, _DECLARED),
    )
