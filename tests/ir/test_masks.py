"""Masks beside tensors: on symbols and on arrays, and gone with them."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest

from pronghorn.accel.eager import Tensor, tensor
from pronghorn.ir import EagerTensor, KerasTensor
from pronghorn.ir.masks import mask_of, masks_of, set_mask, with_mask, with_masks

MASK = np.array([True, False])


def made(kind: str) -> Any:
    """A tensor of two rows."""
    if kind == "symbol":
        return KerasTensor((None, 3))
    values = np.ones((2, 3), "float32")
    if kind == "view":
        return values[:]
    return {"eager": EagerTensor, "tensor": tensor}.get(kind, np.array)(values)


KINDS = ("symbol", "array", "view", "eager", "tensor")


@pytest.mark.parametrize("kind", KINDS)
def test_a_mask_is_set_found_and_taken_away(kind: str) -> None:
    x = made(kind)
    set_mask(x, None)
    assert mask_of(x) is None
    set_mask(x, MASK)
    assert mask_of(x) is MASK
    set_mask(x, ~MASK)
    np.testing.assert_array_equal(mask_of(x), ~MASK)
    set_mask(x, None)
    assert mask_of(x) is None


@pytest.mark.parametrize("kind", KINDS)
def test_with_mask_leaves_its_tensor_alone(kind: str) -> None:
    x = made(kind)
    other = with_mask(x, MASK)
    assert mask_of(other) is MASK and mask_of(x) is None
    assert type(other) is type(x) and other.shape == x.shape
    if kind != "symbol":
        np.testing.assert_array_equal(np.asarray(other), np.asarray(x))
    else:
        assert other.node is x.node


def test_with_mask_keeps_what_a_tensor_is_known_for() -> None:
    x = KerasTensor((None, 3), name="x")
    x.logits = KerasTensor((None, 3))
    other = with_mask(x, MASK)
    assert other.logits is x.logits and other.name == "x"
    watched = tensor([1.0, 2.0])
    watched.watched = EagerTensor([1.0, 2.0])
    assert with_mask(watched, MASK).watched is watched.watched
    assert mask_of(with_mask(np.float32(1.0), MASK)) is MASK


def test_other_things_have_no_mask() -> None:
    for x in ([1.0], 2.0, None, np.float32(3.0), "text"):
        set_mask(x, MASK)
        assert mask_of(x) is None


def test_a_mask_goes_with_its_array() -> None:
    x = np.ones(2)
    mask = np.array([True, False])
    gone = weakref.ref(mask)
    set_mask(x, mask)
    set_mask(x, mask)  # again: the first entry's end must not take the second
    del mask
    gc.collect()
    assert gone() is not None and mask_of(x) is gone()
    del x
    gc.collect()
    assert gone() is None


def test_an_array_that_is_its_own_mask_is_not_kept_for_ever() -> None:
    for part in (lambda x: x, lambda x: x[:1]):
        x = np.array([True, False])
        gone = weakref.ref(x)
        set_mask(x, part(x))
        np.testing.assert_array_equal(mask_of(x), part(x))
        del x
        gc.collect()
        assert gone() is None


def test_a_new_array_at_an_old_place_has_no_mask() -> None:
    for _ in range(50):
        x = np.ones(1000)
        assert mask_of(x) is None
        set_mask(x, MASK)
        del x


def test_masks_of_structures() -> None:
    x, y = made("array"), made("symbol")
    set_mask(x, MASK)
    assert masks_of({"a": x, "b": [y, 1.0]}) == {"a": MASK, "b": [None, None]}
    assert masks_of(x) is MASK
    same, other = with_masks([x, y], [MASK, ~MASK])
    assert same is x and other is not y
    assert with_masks([x, y], [None, None])[1] is y


def test_a_tensor_of_accel_shows_its_mask_by_keras_s_name() -> None:
    x = tensor([1.0, 2.0])
    assert isinstance(x, Tensor) and x._keras_mask is None
    set_mask(x, MASK)
    assert x._keras_mask is MASK
