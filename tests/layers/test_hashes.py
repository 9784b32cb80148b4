"""The hashes of text, beside TensorFlow's and published values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pronghorn.layers.hashes import (
    cross_hashes,
    farmhash64,
    hashed,
    siphash64,
    spelled,
)

from .record_hashes import BUCKETS, KEYS, PAIRS, orders, strings

RECORDED = json.loads(
    Path(__file__).with_name("recorded_hashes.json").read_text(encoding="utf-8")
)


def test_fingerprints_are_tensorflows() -> None:
    found = (farmhash64(strings()) % BUCKETS).tolist()
    assert found == RECORDED["farmhash64"]


@pytest.mark.parametrize("number", range(len(KEYS)))
def test_keyed_hashes_are_tensorflows(number: int) -> None:
    found = (siphash64(strings(), KEYS[number]) % BUCKETS).tolist()
    assert found == RECORDED["siphash64"][number]


def test_a_keyed_hash_of_the_paper() -> None:
    """Appendix A: the key is 00 to 0f, the message 00 to 0e."""
    assert siphash64([bytes(range(15))], KEYS[1]).tolist() == [0xA129CA6149BE45E5]


def test_crosses_are_tensorflows() -> None:
    texts = farmhash64([text.encode() for text, _ in PAIRS])
    numbers = np.array([number for _, number in PAIRS], np.int64).view(np.uint64)
    crosses = [cross_hashes(columns) for columns in orders(texts, numbers)]
    assert [(found % 2**62).tolist() for found in crosses] == RECORDED["crosses"]


def test_order_and_repeats_are_kept() -> None:
    items = [b"abc", b"", b"a longer string than eight", b"abc", b"x" * 99, b""]
    one_by_one = [farmhash64([item])[0] for item in items]
    np.testing.assert_array_equal(farmhash64(items), one_by_one)
    assert len(set(one_by_one)) == 4
    keyed = [siphash64([item], (1, 2))[0] for item in items]
    np.testing.assert_array_equal(siphash64(items, (1, 2)), keyed)


def test_nothing_to_hash() -> None:
    assert farmhash64([]).shape == siphash64([], (1, 2)).shape == (0,)


def test_a_negative_key_stands_for_its_bits() -> None:
    np.testing.assert_array_equal(
        siphash64([b"a"], (-1, 5)), siphash64([b"a"], (2**64 - 1, 5))
    )


def test_how_values_are_spelled() -> None:
    assert spelled(np.array([[-5, 0], [2**40, 7]])) == [
        b"-5",
        b"0",
        b"1099511627776",
        b"7",
    ]
    assert spelled(np.array([2**64 - 1], np.uint64)) == [b"18446744073709551615"]
    assert spelled(np.array([2.9, -2.9])) == [b"2", b"-2"]
    assert spelled(np.array([True, False])) == [b"true", b"false"]
    assert spelled(np.array([b"a", b"bc"])) == [b"a", b"bc"]
    assert spelled(np.array(["ü", b"\xff", 12], object)) == [
        b"\xc3\xbc",
        b"\xff",
        b"12",
    ]


@pytest.mark.parametrize("key", [None, (133, 137)])
@pytest.mark.parametrize("kind", [object, np.int64, np.float32, bool])
def test_equal_values_are_hashed_once_to_the_same(kind: Any, key: Any) -> None:
    some = np.array(["red", "", "blue"], object) if kind is object else np.arange(3)
    values = np.tile(some, 70).reshape(-1, 2).astype(kind)
    texts = spelled(values)
    one_by_one = farmhash64(texts) if key is None else siphash64(texts, key)
    np.testing.assert_array_equal(hashed(values, key), one_by_one)
    few = values[:2]
    np.testing.assert_array_equal(hashed(few, key), one_by_one[:4])
