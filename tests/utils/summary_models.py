"""Models whose summaries real Keras and Pronghorn must draw alike.

`record.py` writes what Keras draws to summaries.json; `test_summary.py` compares.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

WIDTH = 84  # columns of the terminal, where the width is left to it


def line(keras: Any) -> Any:
    return keras.Sequential(
        [keras.Input((1,)), keras.layers.Dense(1, name="unit")], name="line"
    )


def deep(keras: Any) -> Any:
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((30,)),
            layers.Dense(1024, activation="relu", name="wide"),
            layers.BatchNormalization(name="even"),
            layers.Dropout(0.3, name="drop"),
            layers.Dense(7, name="a_name_much_too_long_for_the_width_of_its_column"),
        ],
        name="deep",
    )


def unbuilt(keras: Any) -> Any:
    return keras.Sequential([keras.layers.Dense(3, name="later")], name="unbuilt")


def frozen(keras: Any) -> Any:
    model = deep(keras)
    model.layers[0].trainable = False
    return model


def chain(keras: Any) -> Any:
    inputs = keras.Input((4,), name="row")
    return keras.Model(inputs, keras.layers.Dense(2, name="out")(inputs), name="chain")


def merged(keras: Any) -> Any:
    layers = keras.layers
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    left = layers.Dense(1000, activation="relu", name="left")(a)
    right = layers.Dense(4, name="right")(b)
    both = layers.Concatenate(name="together")([left, right])
    even = layers.BatchNormalization(name="batch_normalization_of_both")(both)
    return keras.Model([a, b], layers.Dense(1, name="out")(even), name="merged")


def shared(keras: Any) -> Any:
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    tower = keras.layers.Dense(2, name="tower")
    out = keras.layers.Add(name="sum")([tower(a), tower(b)])
    return keras.Model([a, b], out, name="shared")


def nested(keras: Any) -> Any:
    layers = keras.layers
    inner = keras.Sequential(
        [
            keras.Input((3,)),
            layers.Dense(3, name="hidden"),
            layers.Dropout(0.1, name="d"),
        ],
        name="inner",
    )
    return keras.Sequential(
        [keras.Input((3,)), inner, layers.Dense(1, name="out")], name="outer"
    )


Summary = tuple[str, Callable[[Any], Any], dict[str, Any]]

SUMMARIES: list[Summary] = [
    ("line", line, {}),
    ("line, wide", line, {"line_length": 83}),
    ("line, positions", line, {"line_length": 60, "positions": [0.3, 0.5, 1.0]}),
    ("deep", deep, {}),
    ("deep, narrow", deep, {"line_length": 50}),
    ("deep, trainable", frozen, {"show_trainable": True}),
    ("deep, range", deep, {"layer_range": ["even", "drop"]}),
    ("deep, backward range", deep, {"layer_range": ["drop", "wi.*"]}),
    ("unbuilt", unbuilt, {}),
    ("chain", chain, {}),
    ("merged", merged, {}),
    ("merged, trainable", merged, {"show_trainable": True, "line_length": 82}),
    ("shared", shared, {}),
    ("nested", nested, {}),
    ("nested, expanded", nested, {"expand_nested": True}),
]


def drawn(keras: Any, build: Callable[[Any], Any], arguments: dict[str, Any]) -> str:
    """The summary's text."""
    lines: list[str] = []
    build(keras).summary(print_fn=lines.append, **arguments)
    (text,) = lines
    return text
