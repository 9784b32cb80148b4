"""Scenes are plain values, and say what does not fit."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest

from pronghorn.errors import ArgumentError
from pronghorn.learn import scene


def test_all_marks_travel_as_json() -> None:
    grid = np.arange(6.0).reshape(2, 3)
    marks = [
        scene.line([0, np.nan], np.float32([1, 2]), dashed=True),
        scene.points([1], [2], role=["class1"], labels=[3], hollow=[True], drag="rows"),
        scene.residuals([0], [1], [2]),
        scene.rule(y=1, name="level"),
        scene.label(0, np.inf, "words"),
        scene.bars(["a", "b"], [1, 2], low=[0, 1], high=[2, 3]),
        scene.field(grid, (0, 1), (0, 1)),
        scene.contours(grid, (0, 1), (0, 1), levels=[1, 2]),
    ]
    surface = scene.plane(grid, (0, 1), (0, 1))
    shown = scene.scene(
        scene.plot(marks, x_range=(0, 1), add="rows"),
        scene.space([0], [1], [2], surfaces=[surface], to=[3], z_range=(0, 1)),
        scene.drawing("<svg/>"),
        scene.words(["a line"]),
        say="all",
    )
    again = json.loads(json.dumps(shown, allow_nan=False))
    assert again["panels"][0]["marks"][0]["x"] == [0, None]
    assert again["panels"][0]["marks"][4]["y"] is None
    assert [panel["kind"] for panel in again["panels"]] == [
        "plot",
        "space",
        "drawing",
        "words",
    ]


def test_numbers_have_five_digits() -> None:
    assert scene.line([1 / 3], [123456.7])["x"] == [0.33333]
    assert scene.line([0], [2.0])["y"] == [2]
    assert isinstance(scene.line([0], [2.0])["y"][0], int)


def cells(palette: str, **ends: float) -> list[int]:
    mark = scene.field(
        [[-1.0, 0.0, 3.0, np.nan]], (0, 1), (0, 1), palette=palette, **ends
    )
    return list(base64.b64decode(mark["cells"]))


def test_fields_fill_their_palette() -> None:
    assert cells("sequence") == [0, 64, 255, 0]
    assert cells("signs")[1] in (127, 128)  # zero is the middle
    assert cells("classes", low=0, high=1)[:3] == [0, 0, 255]
    flat = scene.field([[2.0, 2.0]], (0, 1), (0, 1))
    assert set(base64.b64decode(flat["cells"])) == {0}
    labels = scene.field([[0, 4]], (0, 1), (0, 1), palette="labels")
    assert list(base64.b64decode(labels["cells"])) == [0, 4]


def test_what_does_not_fit_is_said() -> None:
    with pytest.raises(ArgumentError, match="of one length"):
        scene.line([0, 1], [0])
    with pytest.raises(ArgumentError, match="role 'red'"):
        scene.line([0], [0], role="red")
    with pytest.raises(ArgumentError, match="as many roles"):
        scene.points([0, 1, 2], [0, 1, 2], role=["data", "model"])
    with pytest.raises(ArgumentError, match="where it lies"):
        scene.rule()
    with pytest.raises(ArgumentError, match="where it lies"):
        scene.rule(x=1, y=1)
    with pytest.raises(ArgumentError, match="values of a grid"):
        scene.field([1.0, 2.0], (0, 1), (0, 1))
    with pytest.raises(ArgumentError, match="the palette"):
        scene.field([[1.0]], (0, 1), (0, 1), palette="rainbow")
    panel = scene.words(["one"])
    with pytest.raises(ArgumentError, match="a frame of the film"):
        scene.scene(panel, frames=[[panel, panel]])
