"""Live figures: controls, and a function that draws for their values.

Whoever moves a slider asks for a scene: the page sends the values of all controls, the
function is called with them, trains what it trains, and its scene goes back. While an
answer is awaited the page keeps only the newest question, so that a dragged slider
never runs ahead of the engine.

The widget is anywidget's, so the same figure lives in marimo and in Jupyter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from pronghorn.errors import ArgumentError
from pronghorn.learn.scene import Scene
from pronghorn.settings import refused_bad_data

__all__ = ["Event", "Figure", "Values", "button", "choice", "slider", "switch"]

_STATIC = Path(__file__).parent / "static"
_SCRIPTS = (
    "elements numbers marks fields axes plot space panels controls figure".split()
)

Control = dict[str, Any]


class Values(dict[str, Any]):
    """The values of the controls by name, as attributes too.

    >>> Values(w=2.5).w
    2.5
    """

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"no control is named {name!r}") from None


@dataclass(frozen=True)
class Event:
    """What was done to the figure, besides setting a value.

    Attributes:
        kind: `start` (the figure was made), `value` (the control `mark` was set),
            `press` (the button `mark`), `move`, `add` or `remove` (points of `mark`).
        mark: the name of the control or of the mark.
        index: which point, from 0.
        x: where it is now.
        y: the same, upwards.
    """

    kind: str = "start"
    mark: str = ""
    index: int = -1
    x: float = 0.0
    y: float = 0.0


def slider(
    name: str,
    label: str,
    low: float,
    high: float,
    value: float,
    *,
    step: float | None = None,
    log: bool = False,
    unit: str = "",
) -> Control:
    """A slider.

    Args:
        name: under which `draw` gets its value, a float.
        label: the words beside it.
        low: the least value.
        high: the greatest.
        value: at the start.
        step: between two values; a hundredth of the way by default. With `log` a factor
            is meant: 10 ** (1 / 10) by default. A whole step, with whole ends, makes
            the value an int.
        log: whether even steps multiply, for learning rates and widths.
        unit: written after the value.

    >>> slider("w", "weight w", -5, 5, 2.5)["step"]
    0.1
    """
    if not low < high or not low <= value <= high or (log and low <= 0):
        raise ArgumentError(
            f"slider {name!r}: its ends and its value",
            expected="low <= value <= high" + (", above 0" if log else ""),
            received=f"low={low}, value={value}, high={high}",
        )
    if step is None:
        step = 10**0.1 if log else (high - low) / 100
    whole = not log and all(float(each).is_integer() for each in (low, high, step))
    return {
        "kind": "slider",
        "name": name,
        "label": label,
        "low": low,
        "high": high,
        "value": int(value) if whole else float(value),
        "step": step,
        "log": log,
        "whole": whole,
        "unit": unit,
    }


def choice(name: str, label: str, options: Sequence[str], value: str = "") -> Control:
    """One of several words; the first by default."""
    words = [str(each) for each in options]
    if not words or (value and value not in words):
        raise ArgumentError(
            f"choice {name!r}: its value",
            expected="one of " + ", ".join(words or ["at least one option"]),
            received=repr(value),
        )
    return {
        "kind": "choice",
        "name": name,
        "label": label,
        "options": words,
        "value": value or words[0],
    }


def switch(name: str, label: str, value: bool = False) -> Control:
    """On or off."""
    return {"kind": "switch", "name": name, "label": label, "value": bool(value)}


def button(name: str, label: str) -> Control:
    """A button; pressing it gives `Event(kind="press", mark=name)`."""
    return {"kind": "button", "name": name, "label": label}


class Figure(anywidget.AnyWidget):
    """A figure that is drawn anew whenever one of its controls moves.

    Args:
        controls: what `slider`, `choice`, `switch` and `button` give, in their order.
        draw: called with the values of the controls and with what was done; gives a
            `scene`. What it raises is shown in the figure.
        title: above the figure, and its name for those who cannot see it.

    >>> from pronghorn.learn import scene
    >>> def draw(values, event):
    ...     line = scene.line([0, 10], [values.b, values.w * 10 + values.b])
    ...     return scene.scene(scene.plot([line]), say=f"{values.w} x + {values.b}")
    >>> w, b = slider("w", "w", -5, 5, 2.5), slider("b", "b", 0, 99, 90, step=1)
    >>> figure = Figure([w, b], draw)
    >>> figure.scene["say"]
    '2.5 x + 90'
    >>> figure.set(w=1.0)["say"]
    '1.0 x + 90'
    """

    # One module for the page, in parts that are read one by one: what a part names at
    # its top, the others see.
    _esm = "\n".join((_STATIC / f"{name}.js").read_text("utf-8") for name in _SCRIPTS)
    _css = (_STATIC / "figure.css").read_text("utf-8")

    title = traitlets.Unicode("").tag(sync=True)
    controls: Any = traitlets.List([]).tag(sync=True)
    ask = traitlets.Dict({}).tag(sync=True)
    scene = traitlets.Dict({}).tag(sync=True)

    def __init__(
        self,
        controls: Sequence[Control],
        draw: Callable[[Values, Event], Scene],
        *,
        title: str = "",
    ) -> None:
        names = [each["name"] for each in controls]
        if len(set(names)) < len(names):
            raise ArgumentError(
                "Figure: names of the controls",
                expected="a name of its own for each",
                received=", ".join(names),
            )
        self._draw = draw
        self._state = Values(
            (each["name"], each["value"]) for each in controls if "value" in each
        )
        with refused_bad_data():
            first = self._draw(self._state, Event())
        self._state.update(first["values"])
        super().__init__(title=title, controls=list(controls), scene=first)
        self.observe(self._asked, names="ask")

    @property
    def values(self) -> Values:
        """The controls' values now; a copy."""
        return Values(self._state)

    def set(self, **values: Any) -> Scene:
        """Sets controls as if by hand, and gives the scene that follows."""
        for name in values:
            if name not in self._state:
                raise ArgumentError(
                    f"Figure.set: the control {name!r}",
                    expected="one of " + ", ".join(self._state),
                    received=repr(name),
                )
        name = next(iter(values), "")
        return self._answer(values, Event("value", name))

    def press(self, name: str) -> Scene:
        """Presses a button, and gives the scene that follows."""
        buttons = [each["name"] for each in self.controls if each["kind"] == "button"]
        if name not in buttons:
            raise ArgumentError(
                f"Figure.press: the button {name!r}",
                expected="one of " + ", ".join(buttons),
                received=repr(name),
            )
        return self._answer({}, Event("press", name))

    def do(self, event: Event) -> Scene:
        """Moves, adds or removes a point, and gives the scene that follows."""
        return self._answer({}, event)

    def _asked(self, change: Any) -> None:
        """A question of the page: `serial`, `values` and perhaps `event`."""
        asked = change["new"]
        event = Event(**asked.get("event", {"kind": "value"}))
        self._answer(asked.get("values", {}), event, asked.get("serial", 0))

    def _answer(self, values: dict[str, Any], event: Event, serial: int = 0) -> Scene:
        before = Values(self._state)
        self._state.update(
            (name, value) for name, value in values.items() if name in before
        )
        try:
            with refused_bad_data():  # a notebook under `accel` would go on with NaN
                answer = self._draw(self._state, event)
        except Exception as error:
            self._state = before
            answer = {**self.scene, "frames": [], "error": str(error)}
        else:
            self._state.update(answer["values"])
        self.scene = {**answer, "serial": serial}
        return self.scene
