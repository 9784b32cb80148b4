"""Summaries, against those of real Keras (recorded by record.py)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn.errors import ArgumentError
from pronghorn.models.summary import readable_memory_size
from pronghorn.utils import print_summary

from .summary_models import SUMMARIES, WIDTH, drawn, line

RECORDED = json.loads(Path(__file__).with_name("summaries.json").read_text("utf-8"))


def test_every_summary_is_recorded() -> None:
    assert [name for name, *_ in SUMMARIES] == list(RECORDED["summaries"])


@pytest.mark.parametrize(("name", "build", "arguments"), SUMMARIES)
def test_draws_as_keras(
    name: str,
    build: Callable[[Any], Any],
    arguments: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    lines = drawn(keras, build, arguments).splitlines()
    assert lines == RECORDED["summaries"][name]


def test_a_summary_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(line(keras), line_length=70)
    assert capsys.readouterr().out.startswith('Model: "line"\n┏')


def test_a_trained_model_counts_its_optimizer() -> None:
    model = line(keras)
    model.compile("adam", "mse")
    x = np.array([[1.0], [2.0]], "float32")
    model.fit(x, x, verbose=0)
    lines: list[str] = []
    model.summary(print_fn=lines.append)
    *_, total, trainable, fixed, optimizer, end = lines[0].split("\n")
    assert total.startswith(" Total params: 8 (") and end == ""
    assert trainable == " Trainable params: 2 (8.00 B)"
    assert fixed == " Non-trainable params: 0 (0.00 B)"
    assert optimizer.startswith(" Optimizer params: 6 (")


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"line_length": 10}, "Insufficient console width"),
        ({"layer_range": ["unit"]}, "two ends"),
        ({"layer_range": ["unit", "unti"]}, "unit"),
        ({"layer_range": [0, 1]}, "two names"),
    ],
)
def test_what_cannot_be_drawn(arguments: dict[str, Any], match: str) -> None:
    with pytest.raises(ArgumentError, match=match):
        line(keras).summary(**arguments)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0.00 B"),
        (1023, "1023.00 B"),
        (1024, "1.00 KB"),
        (3.5 * 1024**2, "3.50 MB"),
        (2 * 1024**5, "2.00 PB"),
        (2 * 1024**6, "2048.00 PB"),
    ],
)
def test_sizes(size: float, text: str) -> None:
    assert readable_memory_size(size) == text
