"""CallbackList: the order of calls, what is in the logs, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronghorn.callbacks import (
    Callback,
    CallbackList,
    EarlyStopping,
    History,
    LambdaCallback,
    ProgbarLogger,
)
from pronghorn.callbacks.hooks import EVERY_HOOK
from pronghorn.errors import ArgumentError

from .helpers import FakeModel

WITH_INDEX = [h for h in EVERY_HOOK if "batch" in h or "epoch" in h]


class Recorder(Callback):
    """Notes each hook, and what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[Any, ...]] = []


def _noting(hook: str) -> Any:
    def method(self: Recorder, *args: Any, **kwargs: Any) -> None:
        self.calls.append((hook, *args, *kwargs.values()))

    return method


for _hook in EVERY_HOOK:
    setattr(Recorder, _hook, _noting(_hook))


@pytest.mark.parametrize("hook", EVERY_HOOK)
def test_every_hook_reaches_every_callback(hook: str) -> None:
    first, second = Recorder(), Recorder()
    everyone = CallbackList([first, [second]])
    index = (3,) if hook in WITH_INDEX else ()
    getattr(everyone, hook)(*index, {"loss": np.float32(0.5)})
    assert first.calls == second.calls == [(hook, *index, {"loss": 0.5})]


def test_the_old_names_are_called_by_the_new_ones() -> None:
    seen: list[Any] = []
    callback = LambdaCallback(
        on_batch_begin=lambda batch, logs: seen.append(("begin", batch, logs)),
        on_batch_end=lambda batch, logs: seen.append(("end", batch, logs)),
    )
    everyone = CallbackList(callback)
    everyone.on_train_batch_begin(4)
    everyone.on_train_batch_end(4, {"loss": 1})
    assert seen == [("begin", 4, {}), ("end", 4, {"loss": 1.0})]


def test_logs_are_sorted_flat_and_of_python() -> None:
    seen: dict[str, Any] = {}
    everyone = CallbackList(
        LambdaCallback(on_epoch_end=lambda e, logs: seen.update(logs))
    )
    given = {
        "val": {"b": np.float32(2), "a": np.array(1.0)},
        "loss": np.int32(3),
        "curve": np.array([1.0, 2.0]),
        "note": "text",
    }
    everyone.on_epoch_end(0, given)
    assert list(seen) == ["curve", "loss", "note", "a", "b"]
    assert [type(seen[k]) for k in ("loss", "a", "b")] == [float] * 3
    assert seen["note"] == "text" and seen["curve"].tolist() == [1.0, 2.0]
    assert "a" not in given


def test_model_and_params_reach_them_all() -> None:
    model, callback = FakeModel(), Callback()
    everyone = CallbackList([callback], add_history=True, model=model, epochs=3)
    assert callback.model is model and callback.params == {"epochs": 3}
    assert model.history is everyone.history
    late = Callback()
    everyone.append(late)
    assert late.model is model and late.params == {"epochs": 3}
    assert list(everyone)[-1] is late and len(everyone) == 3


def test_defaults_are_added_once_and_last() -> None:
    own = History()
    everyone = CallbackList([own, EarlyStopping()], add_history=True, add_progbar=True)
    kinds = [type(callback) for callback in everyone]
    assert kinds == [History, EarlyStopping, ProgbarLogger]
    assert everyone.history is own and everyone.shows_progress
    assert [*CallbackList(everyone)] == [*everyone]
    assert CallbackList().history is None


def test_what_a_callback_adds_the_history_keeps() -> None:
    adds = LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(extra=epoch))
    model = FakeModel()
    everyone = CallbackList([adds], add_history=True, model=model)
    everyone.on_train_begin()
    for epoch in (5, 6):
        everyone.on_epoch_end(epoch, {"loss": 1.0})
    assert model.history.history == {"loss": [1.0, 1.0], "extra": [5, 6]}
    assert model.history.epoch == [5, 6]
    everyone.on_train_begin()
    assert model.history.epoch == [] and len(model.history.history["loss"]) == 2


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        (EarlyStopping, r"EarlyStopping\(\)"),
        (print, "LambdaCallback"),
        ("early", "instances of subclasses"),
        ([EarlyStopping(), 3], "instances of subclasses"),
    ],
)
def test_what_is_no_callback_is_refused(wrong: Any, remedy: str) -> None:
    with pytest.raises(ArgumentError, match=remedy) as caught:
        CallbackList(wrong)
    assert caught.value.where == "argument `callbacks`"
