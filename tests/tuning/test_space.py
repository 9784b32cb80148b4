"""Spaces: what they ask a trial for, and what they refuse."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pronghorn.errors import ArgumentError
from pronghorn.tabular.presets import PRESETS, ByRows, Preset
from pronghorn.tuning import Range, default_space
from pronghorn.tuning.space import BY_MEMBER, label, shared_part, space_of


class Trial:
    """Answers with the last of what it may."""

    def __init__(self) -> None:
        self.asked: dict[str, tuple[Any, ...]] = {}

    def suggest_float(
        self, name: str, low: float, high: float, *, log: bool, step: float | None
    ) -> float:
        self.asked[name] = ("float", low, high, log, step)
        return high

    def suggest_int(
        self, name: str, low: int, high: int, *, log: bool, step: int
    ) -> int:
        self.asked[name] = ("int", low, high, log, step)
        return high

    def suggest_categorical(self, name: str, choices: list[Any]) -> Any:
        self.asked[name] = ("choice", *choices)
        return choices[-1]


class First(Trial):
    """Answers with the first of some choices."""

    def suggest_categorical(self, name: str, choices: list[Any]) -> Any:
        return choices[0]


@pytest.mark.parametrize("task", ["regression", "classification"])
@pytest.mark.parametrize("name", PRESETS)
def test_the_default_space_holds_every_preset(task: str, name: str) -> None:
    choices = space_of(None, PRESETS[name], task, 500)
    first = choices.first()
    assert set(first) == set(default_space(task))
    assert ("smoothing" in first) == (task == "classification")
    assert first["hidden"] == label(PRESETS[name].hidden)


def test_a_trial_is_asked_by_kind() -> None:
    space = {
        "hidden": [(8,), [4, 4]],
        "periodic": [True, False],
        "rate": Range(0.01, 0.1, log=True),
        "batch_size": Range(16, 64, step=16),
        "epochs": Range(8, 32, log=True),
        "dropout": Range(0, 0.5, step=0.25),
        "smoothing": [0.0],
    }
    trial = Trial()
    chosen = space_of(space, Preset(), "regression", 500).ask(trial)
    assert trial.asked == {
        "hidden": ("choice", "8", "4-4"),
        "periodic": ("choice", True, False),
        "rate": ("float", 0.01, 0.1, True, None),
        "batch_size": ("int", 16, 64, False, 16),
        "epochs": ("int", 8, 32, True, 1),
        "dropout": ("float", 0.0, 0.5, False, 0.25),
        "smoothing": ("choice", 0.0),
    }
    assert chosen == Preset(
        hidden=(4, 4),
        periodic=False,
        rate=(0.1, 0.1),
        batch_size=64,
        epochs=32,
        dropout=0.5,
        smoothing=0.0,
    )


def test_a_function_gives_attributes() -> None:
    def space(trial: Any) -> dict[str, Any]:
        wide = trial.suggest_int("width", 1, 2, log=False, step=1)
        return {"hidden": [8 * wide], "rate": 0.05, "decay": 0.0}

    choices = space_of(space, Preset(), "regression", 500)
    expected = Preset(hidden=(16,), rate=(0.05, 0.05), decay=0.0)
    assert choices.ask(Trial()) == expected
    assert choices.first() == {} and choices.shared({"width": 1}) == {}

    choices = space_of(lambda trial: {"width": 3}, Preset(), "regression", 500)
    with pytest.raises(ArgumentError, match="no 'width'"):
        choices.ask(Trial())


def test_what_follows_the_rows_is_settled() -> None:
    space = {"batch_size": [None, 32], "epochs": [ByRows(5_000, 2, 20)]}
    chosen = space_of(space, PRESETS["default"], "regression", 500).ask(First())
    assert (chosen.batch_size, chosen.epochs) == (64, 10)
    start = space_of(None, PRESETS["default"], "regression", 100_000).start
    assert (start.batch_size, start.epochs) == (512, 32)


def test_the_first_configuration_is_the_preset_where_the_space_has_it() -> None:
    space = {"rate": Range(0.1, 1.0), "decay": [0.0, 0.02], "dropout": [0.5]}
    assert space_of(space, Preset(), "regression", 500).first() == {
        "rate": 0.2,
        "decay": 0.02,
    }
    assert space_of(space, Preset(), "classification", 500).first() == {"decay": 0.02}


def test_a_program_shares_what_is_not_by_member() -> None:
    chosen = Preset(hidden=(3,), batch_size=7)
    for name in BY_MEMBER:
        value = (0.3, 0.3) if name == "rate" else 0.3
        assert shared_part(replace(chosen, **{name: value})) == shared_part(chosen)
    assert shared_part(replace(chosen, hidden=(4,))) != shared_part(chosen)
    choices = space_of(None, Preset(), "regression", 500)
    params = dict.fromkeys(default_space("regression"), 1)
    assert set(choices.shared(params)) == {"hidden", "periodic", "pieces"}


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({"drpout": Range(0, 1)}, "did you mean dropout"),
        ({"members": [1, 2]}, "set by tune itself"),
        ({"folds": [2]}, "set by tune itself"),
        ({"dropout": []}, "neither a Range nor a list"),
        ({"dropout": 0.1}, "neither a Range nor a list"),
    ],
)
def test_a_space_that_does_not_fit_is_refused(space: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        space_of(space, Preset(), "regression", 500)


def test_members_of_one_configuration_are_alike() -> None:
    grouped = Preset(dropout=(0.1, 0.2))
    with pytest.raises(ArgumentError, match="dropout of a configuration is one number"):
        space_of(None, grouped, "regression", 500)
    choices = space_of(lambda trial: {"decay": (0.0, 0.1)}, Preset(), "regression", 500)
    with pytest.raises(ArgumentError, match="decay of a configuration is one number"):
        choices.ask(Trial())


@pytest.mark.parametrize(
    "make",
    [
        lambda: Range(2, 1),
        lambda: Range(0, 1, log=True),
        lambda: Range(1, 2, step=0),
        lambda: Range(1, 2, log=True, step=1),
    ],
)
def test_a_range_that_does_not_fit_is_refused(make: Any) -> None:
    with pytest.raises(ArgumentError, match="range does not fit"):
        make()


def test_names_of_choices() -> None:
    assert [label(v) for v in (None, 3, 0.5, "a", True)] == [None, 3, 0.5, "a", True]
    assert label((8, 4)) == "8-4" and label({1}) == "{1}"
