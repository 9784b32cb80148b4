"""Dropout's masks on a small net."""

from __future__ import annotations

import numpy as np
import pytest

from pronghorn.learn.figures import masks


def output(scene: dict) -> str:
    return scene["say"].split("says ")[1]


def test_a_new_mask_each_time_and_none_when_predicting() -> None:
    figure = masks.masks()
    said = {output(figure.press("one")) for _ in range(5)}
    assert len(said) > 1
    figure.set(mode="predicting")
    same = {output(figure.press("one")) for _ in range(5)}
    assert len(same) == 1


def test_the_picture_shows_what_is_dropped() -> None:
    figure = masks.masks()
    scene = figure.press("one")
    units = scene["panels"][0]["marks"][-1]
    on = int(scene["say"].split(": ")[1].split(" of ")[0])
    assert sum(units["hollow"]) == 12 - on
    assert units["labels"].count("dropped") == 12 - on
    predicting = figure.set(mode="predicting")["panels"][0]["marks"][-1]
    assert not any(predicting["hollow"])


def test_no_rate_drops_nothing() -> None:
    figure = masks.masks()
    assert figure.set(rate=0.0)["say"].startswith("Training: 12 of 12")


def test_the_mean_of_many_masks_is_near_the_whole_net() -> None:
    net = masks._Net()
    net.use(0.3)
    whole = net.run(False)[1]
    net.run(True, 4000)
    assert len(net.said) == masks._MOST
    assert np.mean(net.said) == pytest.approx(whole, abs=0.4)


def test_a_hundred_masks_at_once() -> None:
    figure = masks.masks()
    before = len(figure.scene["panels"][1]["marks"][0]["x"])
    after = len(figure.press("hundred")["panels"][1]["marks"][0]["x"])
    assert after == before + 100
