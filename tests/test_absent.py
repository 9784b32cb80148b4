"""Names of Keras's that Pronghorn does not have are refused by name."""

from __future__ import annotations

import pytest

import pronghorn as keras
from pronghorn.errors import UnsupportedError


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("applications", "use Keras"),
        ("quantizers", "leave it out"),
        ("remat", "leave it out"),
        ("SymbolicScope", "utils.is_keras_tensor"),
        ("distribution", "PRONGHORN_NUM_THREADS"),
        ("export", "to_keras"),
    ],
)
def test_a_room_outside_the_field_says_what_to_use(name: str, remedy: str) -> None:
    with pytest.raises(UnsupportedError, match="not part of Pronghorn") as caught:
        getattr(keras, name)
    assert f"keras.{name}" in str(caught.value) and remedy in str(caught.value)


def test_sound_is_refused_where_keras_has_it() -> None:
    with pytest.raises(UnsupportedError, match="Sound"):
        from pronghorn.initializers import STFT  # noqa: F401
    assert not hasattr(keras, "STFT")


@pytest.mark.parametrize(
    ("room", "name", "remedy"),
    [
        ("utils", "load_img", "arrays"),
        ("preprocessing", "image", "arrays"),
        ("preprocessing", "text", "pad_sequences"),
    ],
)
def test_names_of_other_rooms(room: str, name: str, remedy: str) -> None:
    with pytest.raises(UnsupportedError, match="not part of Pronghorn") as caught:
        getattr(getattr(keras, room), name)
    assert f"{room}.{name}" in str(caught.value) and remedy in str(caught.value)


@pytest.mark.parametrize(
    ("name", "remedy"), [("export", "to_keras"), ("quantize", "leave it out")]
)
def test_what_models_have_in_keras_alone(name: str, remedy: str) -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    for owner in (model, keras.Model(model.inputs, model.outputs), keras.Model):
        assert not hasattr(owner, name)
        with pytest.raises(UnsupportedError, match="not part of Pronghorn") as caught:
            getattr(owner, name)
        assert f".{name}" in (caught.value.where or "")
        assert remedy in (caught.value.remedy or "")

    class Own(keras.Model):  # type: ignore[misc, name-defined]
        def call(self, x: object) -> object:
            return x

    setattr(Own, name, lambda self: 3)
    assert getattr(Own(), name)() == 3


def test_sequences_are_padded_by_their_older_path_too() -> None:
    pad = keras.preprocessing.sequence.pad_sequences
    assert pad is keras.utils.pad_sequences
    assert pad([[1], [2, 3]]).tolist() == [[0, 1], [2, 3]]


def test_other_names_are_attribute_errors() -> None:
    for room in (keras, keras.initializers, keras.utils, keras.preprocessing):
        with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
            room.nothing  # noqa: B018
