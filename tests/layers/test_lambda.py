"""`Lambda` in a running program; its code is never stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import config, layers, ops
from pronghorn.errors import ArgumentError, FileFormatError
from pronghorn.ir.masks import mask_of

X = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")


def scaled(x: Any, by: float = 2.0, training: bool = False) -> Any:
    return x * (by if training else 1.0)


def test_a_lambda_is_traced_and_differentiated() -> None:
    layer = layers.Lambda(lambda x: ops.square(x) + 1.0)
    np.testing.assert_allclose(layer(X), np.square(X) + 1, rtol=1e-6)
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3), layer])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    before = model.get_weights()[0]
    model.fit(X, X[:, :3], epochs=1, verbose=0)
    assert (model.get_weights()[0] != before).any()
    two = layers.Lambda(lambda parts: parts[0] - parts[1])
    np.testing.assert_allclose(two([X, X / 2]), X / 2, rtol=1e-6)


def test_its_arguments_and_the_training_flag() -> None:
    layer = layers.Lambda(scaled, arguments={"by": 3.0})
    np.testing.assert_array_equal(layer(X), X)
    np.testing.assert_allclose(layer(X, training=True), 3 * X, rtol=1e-6)
    assert layer.compute_output_shape((None, 4)) == (None, 4)
    told = layers.Lambda(scaled, output_shape=(2, 2))
    assert told.compute_output_shape((None, 4)) == (None, 2, 2)
    found = layers.Lambda(scaled, output_shape=lambda shape: (shape[0], 9))
    assert found.compute_output_shape((None, 4)) == (None, 9)
    with pytest.raises(ArgumentError, match="made of a function"):
        layers.Lambda("relu")  # type: ignore[arg-type]


def test_a_named_function_travels_by_its_name(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((4,)), layers.Lambda(scaled, (4,))])
    path = tmp_path / "named.keras"
    model.save(path)
    with pytest.raises(FileFormatError, match="scaled"):
        keras.models.load_model(path)
    again = keras.models.load_model(path, custom_objects={"scaled": scaled})
    np.testing.assert_array_equal(again.predict(X, verbose=0), X)
    assert again.layers[0].compute_output_shape((None, 4)) == (None, 4)


def every_second(inputs: Any, mask: Any) -> Any:
    return mask[:, ::2]


def test_its_mask_is_given_or_found(tmp_path: Path) -> None:
    kept = np.array([True, False, True, True, False, False])
    layer = layers.Lambda(scaled, mask=kept)
    assert layer.supports_masking and layer.compute_mask(X, None) is kept
    assert mask_of(layer(X)) is kept
    found = layers.Lambda(scaled, mask=every_second)
    np.testing.assert_array_equal(found.compute_mask(X, X > 0), (X > 0)[:, ::2])
    for one in (layer, found):
        known = {"scaled": scaled, "every_second": every_second}
        again = layers.Lambda.from_config(one.get_config(), custom_objects=known)
        np.testing.assert_array_equal(
            again.compute_mask(X, X > 0), one.compute_mask(X, X > 0)
        )
        assert again.get_config() == one.get_config()
    assert "mask" not in layers.Lambda(scaled).get_config()


def test_its_function_may_ask_for_the_mask() -> None:
    def zeroed(x: Any, mask: Any = None) -> Any:
        return ops.where(ops.expand_dims(mask, -1), x, 0.0)

    x = np.where(X > 0, X, 0.0)[:, :, None]
    masked = layers.Masking()(np.concatenate([x, np.ones_like(x)], 2) * (x != 0))
    assert (
        layers.Lambda(zeroed, mask=lambda _, m: m)(masked)[x[:, :, 0] == 0] == 0
    ).all()


def test_code_is_neither_written_nor_read(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((4,)), layers.Lambda(lambda x: x)])
    with pytest.raises(ArgumentError, match="files hold no code"):
        model.save(tmp_path / "code.keras")
    data = config.serialize(layers.Lambda(scaled))
    data["config"]["function"] = {"class_name": "__lambda__", "config": {"code": "4w"}}
    for safe_mode in (True, False):
        with pytest.raises(FileFormatError, match="never run"):
            config.deserialize(data, safe_mode=safe_mode)
