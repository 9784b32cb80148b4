"""Figures answer what their controls ask."""

from __future__ import annotations

from typing import Any

import pytest

from pronghorn.errors import ArgumentError
from pronghorn.learn import scene
from pronghorn.learn.figure import (
    Event,
    Figure,
    Values,
    button,
    choice,
    slider,
    switch,
)


def made(seen: list[Event] | None = None) -> Figure:
    """A figure of every control, which refuses `w` = 3."""

    def draw(values: Values, event: Event) -> scene.Scene:
        if seen is not None:
            seen.append(event)
        if values.w == 3:
            raise ValueError("not 3")
        reached = {"w": 9} if event.kind == "press" else None
        say = f"{values.w} {values.kind} {values.on}"
        return scene.scene(scene.words([say]), say=say, values=reached)

    controls = [
        slider("w", "weight", 0, 10, 2, step=1),
        choice("kind", "kind", ["a", "b"]),
        switch("on", "on"),
        button("go", "Go"),
    ]
    return Figure(controls, draw, title="All")


def test_it_begins_with_the_controls_values() -> None:
    seen: list[Event] = []
    figure = made(seen)
    assert figure.scene["say"] == "2 a False"
    assert seen == [Event()] and figure.values == {"w": 2, "kind": "a", "on": False}


def test_the_page_asks_and_is_answered() -> None:
    seen: list[Event] = []
    figure = made(seen)
    figure.ask = {"serial": 7, "values": {"w": 4, "unknown": 1}}
    assert figure.scene["serial"] == 7 and figure.scene["say"] == "4 a False"
    move = {"kind": "move", "mark": "rows", "index": 1, "x": 2.0, "y": 3.0}
    figure.ask = {"serial": 8, "values": {}, "event": move}
    assert seen[-1] == Event("move", "rows", 1, 2.0, 3.0)


def test_a_press_can_set_controls() -> None:
    figure = made()
    figure.press("go")
    assert figure.values.w == 9
    assert figure.set(on=True)["say"] == "9 a True"


def test_what_goes_wrong_is_shown_and_the_values_go_back() -> None:
    figure = made()
    answer = figure.set(w=3)
    assert answer["error"] == "not 3" and answer["say"] == "2 a False"
    assert figure.values.w == 2
    assert "error" not in figure.set(w=4)


def test_unknown_names() -> None:
    figure = made()
    with pytest.raises(ArgumentError, match="control 'v'"):
        figure.set(v=1)
    with pytest.raises(ArgumentError, match="button 'w'"):
        figure.press("w")
    with pytest.raises(AttributeError, match="no control"):
        _ = figure.values.v


@pytest.mark.parametrize(
    "call",
    [
        lambda: slider("w", "w", 1, 0, 0),
        lambda: slider("w", "w", 0, 1, 2),
        lambda: slider("w", "w", 0, 1, 1, log=True),
        lambda: choice("c", "c", []),
        lambda: choice("c", "c", ["a"], "b"),
        lambda: Figure([switch("a", ""), switch("a", "")], lambda v, e: {}),
    ],
)
def test_controls_that_cannot_be(call: Any) -> None:
    with pytest.raises(ArgumentError):
        call()


def test_whole_sliders_give_whole_numbers() -> None:
    assert isinstance(slider("n", "n", 0, 10, 3, step=1)["value"], int)
    assert isinstance(slider("n", "n", 0, 10, 3, step=0.5)["value"], float)
    assert slider("n", "n", 1, 100, 10, log=True)["step"] == pytest.approx(10**0.1)
