"""A net with lookups in front, made here and in real Keras alike."""

from __future__ import annotations

from typing import Any

import numpy as np

WORDS = np.array(["pear", "fig", "apple", "日本", "fig", "", "fig", "pear", ""])
CODES = np.array([7, 2**40, 7, 12, -3, 7, 12, 5])


def make(k: Any, text: Any, mode: str = "int") -> Any:
    """Adapted lookups in front of a net, one of them in a nested model."""
    start = k.Input((1,), dtype="string", name="word")
    find = k.layers.StringLookup(output_mode=mode, num_oov_indices=2, name="find")
    find.adapt(text(WORDS))
    found = k.Model(start, find(start), name="inner")(start)
    if mode == "int":
        found = k.layers.Flatten()(k.layers.Embedding(8, 3)(found))
    code = k.Input((1,), dtype="int64", name="code")
    known = k.layers.IntegerLookup(mask_token=0, max_tokens=5, name="known")
    known.adapt(CODES)
    place = k.layers.Flatten()(k.layers.Embedding(5, 2)(known(code)))
    fixed = k.layers.StringLookup(vocabulary=["fig"], output_mode="one_hot")(start)
    joined = k.layers.Concatenate()([found, place, fixed])
    model = k.Model([start, code], k.layers.Dense(1)(joined))
    model.compile("sgd", "mse")
    return model


def rows() -> list[np.ndarray]:
    """Known and unknown terms."""
    return [
        np.array(["fig", "x", "", "日本", "kiwi"])[:, None],
        np.array([12, 7, 0, 99, 2**40])[:, None],
    ]
