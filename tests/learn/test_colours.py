"""The stylesheet's colours: seen well enough, in light and in dark, by everybody."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

import pronghorn
from pronghorn.learn import scene

CSS = Path(pronghorn.__file__).parent / "learn" / "static" / "figure.css"
LIGHT = ".pronghorn-figure {"
DARK = '.pronghorn-figure[data-theme="dark"] {'


def colours(theme: str) -> dict[str, np.ndarray]:
    """Every colour of a theme by its name, as linear red, green and blue."""
    text = CSS.read_text("utf-8")
    block = text[text.index(theme) :].split("}", 1)[0]
    found = re.findall(r"--([\w-]+): #([0-9a-f]{6});", block)
    return {name: linear(bytes.fromhex(value)) for name, value in found}


def linear(parts: bytes) -> np.ndarray:
    """sRGB's bytes as linear light."""
    share = np.frombuffer(parts, np.uint8) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def contrast(one: np.ndarray, other: np.ndarray) -> float:
    """The contrast of WCAG 2.2: from 1 to 21."""
    light, dark = sorted(float(c @ [0.2126, 0.7152, 0.0722]) for c in (one, other))[
        ::-1
    ]
    return (light + 0.05) / (dark + 0.05)


# What is seen without the red, the green or the blue cones: Viénot, Brettel and Mollon
# (1999) for the first two, over linear light.
BLIND = {
    "red": [[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]],
    "green": [[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1]],
}


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """How far two colours are from one another in Oklab; 0.02 is hardly seen."""
    to_cones = [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
    to_lab = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
    a, b = (np.array(to_lab) @ np.cbrt(np.array(to_cones) @ c) for c in (one, other))
    return float(np.linalg.norm(a - b))


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_marks_and_words_stand_out(theme: str) -> None:
    have = colours(theme)
    weak = {
        role: contrast(have[role], have["surface"])
        for role in [*scene.ROLES, "axis", "focus"]
        if contrast(have[role], have["surface"]) < 3
    }
    assert weak == {}
    for words in ("text", "quiet", "muted", "focus"):
        assert contrast(have[words], have["surface"]) >= 4.5, words
    for words in ("text", "quiet"):
        assert contrast(have[words], have["sunken"]) >= 4.5, words
    assert contrast(have["wrong"], have["wrong-ground"]) >= 4.5
    # Rows stand out from the ground of their own class, even without their ring.
    for name in ("class0", "class1"):
        assert contrast(have[name], have[f"ground-{name}"]) >= 2, name


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("blind", ["", *BLIND])
def test_colours_are_told_apart(theme: str, blind: str) -> None:
    have = colours(theme)
    seen = np.array(BLIND[blind]) if blind else np.eye(3)
    groups = [["class0", "class1", "class2"], ["train", "valid"], ["data", "model"]]
    groups += [["model", "truth"], ["ground-class0", "ground-class1"]]
    for group in groups:
        for one, other in combinations(group, 2):
            a, b = (np.clip(seen @ have[name], 0, 1) for name in (one, other))
            assert apart(a, b) > 0.08, (one, other)


def test_both_themes_have_the_same_colours() -> None:
    assert colours(LIGHT).keys() == colours(DARK).keys()
    assert set(scene.ROLES) < colours(LIGHT).keys()
