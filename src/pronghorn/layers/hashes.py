"""The hashes that put text into bins: FarmHash64, and SipHash-2-4 with a key.

Bins are compared with Keras's, and stand in files of either side, so each bit counts.
Strings of one length take the same steps, so they are hashed together: a column of a
table has a few lengths, and many rows.

Sources: G. Pike, FarmHash (https://github.com/google/farmhash), `Fingerprint64`, whose
values its authors promise never to change; J.-P. Aumasson and D. J. Bernstein,
"SipHash: a fast short-input PRF", 2012 (https://www.aumasson.jp/siphash/siphash.pdf).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["cross_hashes", "farmhash64", "hashed", "siphash64", "spelled"]

Words: TypeAlias = NDArray[Any]  # uint64
Rows: TypeAlias = NDArray[np.uint8]  # strings of one length, (strings, length)

_WORD = 2**64 - 1  # Python's whole numbers are kept to 64 bits by it
_K0 = 0xC3A5C85C97CB3127  # FarmHash's three constants
_K1 = 0xB492B66FBE98F273
_K2 = 0x9AE16A3B2F90404F
_SIP = (  # SipHash's four, "somepseudorandomlygeneratedbytes"
    0x736F6D6570736575,
    0x646F72616E646F6D,
    0x6C7967656E657261,
    0x7465646279746573,
)
_MANY = 64  # from so many values on, it pays to look for equal ones
_LOOKED_AT = 1024  # ids, of which none comes twice, are known by so many
_CROSS_START = 0xDECAFCAFFE  # what TensorFlow mixes a first feature with


def farmhash64(items: Sequence[bytes]) -> Words:
    """FarmHash's 64-bit fingerprint of each string: uint64, one for each.

    >>> (farmhash64([b"A", b"B", b"C"]) % 3).tolist()
    [1, 0, 1]
    """
    return _by_length(items, _farm)


def siphash64(items: Sequence[bytes], key: Sequence[int]) -> Words:
    """SipHash-2-4 of each string under a key of two whole numbers: uint64.

    Negative numbers of the key stand for their 64 bits.

    >>> (siphash64([b"A", b"B", b"C"], (133, 137)) % 3).tolist()
    [1, 2, 1]
    """
    first, second = (int(part) & _WORD for part in key)
    return _by_length(items, lambda rows: _sip(rows, first, second))


def hashed(values: NDArray[Any], key: Sequence[int] | None = None) -> Words:
    """The hash of each value of an array, the last axis fastest: uint64.

    Columns of tables say the same things again and again: each is hashed once.

    Args:
        values: text, numbers or bools, as `spelled` takes them.
        key: of SipHash. Default none, for FarmHash.

    >>> (hashed(np.array(["A", "B", "C", "A"])) % 3).tolist()
    [1, 0, 1, 1]
    """
    if values.dtype.kind == "f":
        values = values.astype(np.int64)
    listed = values.ravel().tolist()
    first = listed[:_LOOKED_AT]
    if len(listed) >= _MANY and len(set(first)) < 0.9 * len(first):
        different = dict.fromkeys(listed)
        if 2 * len(different) <= len(listed):
            once = np.empty(len(different), values.dtype)
            once[:] = list(different)
            places = dict(zip(different, range(len(different)), strict=True))
            found = map(places.__getitem__, listed)
            at = np.fromiter(found, np.int64, len(listed))
            return hashed(once, key)[at]
    texts = spelled(values)
    return farmhash64(texts) if key is None else siphash64(texts, key)


def cross_hashes(columns: Sequence[Words]) -> Words:
    """One number for each row of columns of numbers, as TensorFlow crosses features.

    Each column's numbers are mixed into those of the columns before it, by the step
    of MurmurHash64A (A. Appleby, public domain): `FingerprintCat64` of TensorFlow.

    >>> first, second = np.array([1, 2], "uint64"), np.array([2, 1], "uint64")
    >>> found = cross_hashes([first, second])
    >>> bool(found[0] == found[1])
    False
    """
    mul = 0xC6A4A7935BD1E995
    found = np.full(len(columns[0]), _CROSS_START, np.uint64)
    for column in columns:
        mixed = (found ^ mul) ^ (_shift_mix(column * mul) * mul)
        found = _shift_mix(_shift_mix(mixed * mul) * mul)
    return found


def spelled(values: NDArray[Any]) -> list[bytes]:
    """An array's values as the bytes that are hashed, the last axis fastest.

    Text is UTF-8, whole numbers are decimal, floats are cut to whole numbers first.

    >>> spelled(np.array([[7], [-12]]))
    [b'7', b'-12']
    >>> spelled(np.array(["é", ""]))
    [b'\\xc3\\xa9', b'']
    """
    kind = values.dtype.kind
    if kind == "b":
        return [b"true" if value else b"false" for value in values.ravel().tolist()]
    if kind == "f":
        values = values.astype(np.int64)
    listed = values.ravel().tolist()
    if kind in "iuf":
        return [b"%d" % value for value in listed]
    return [_utf8(value) for value in listed]


def _utf8(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    return str(value).encode(errors="surrogateescape")  # as `data.host` reads bytes


def _by_length(items: Sequence[bytes], hashed: Callable[[Rows], Words]) -> Words:
    """What `hashed` gives for the strings of each length, back in their order."""
    found = np.empty(len(items), np.uint64)
    lengths = np.fromiter(map(len, items), np.int64, len(items))
    order = np.argsort(lengths, kind="stable")
    joined = np.frombuffer(b"".join([items[i] for i in order.tolist()]), np.uint8)
    sizes, counts = np.unique(lengths, return_counts=True)
    row = byte = 0
    for size, count in zip(sizes.tolist(), counts.tolist(), strict=True):
        rows = joined[byte : byte + size * count].reshape(count, size)
        found[order[row : row + count]] = hashed(rows)
        row, byte = row + count, byte + size * count
    return found


def _fetch(rows: Rows, start: int, size: int = 8) -> Words:
    """The `size` bytes from `start` on as one number, the lowest byte first."""
    if start < 0:
        start += rows.shape[1]
    word = np.ascontiguousarray(rows[:, start : start + size])
    return word.view(f"<u{size}")[:, 0].astype(np.uint64)


def _rotate(value: Words, right: int) -> Words:
    return (value >> right) | (value << (64 - right))


def _shift_mix(value: Words) -> Words:
    return value ^ (value >> 47)


def _mix16(low: Words, high: Words, mul: Any) -> Words:
    """Two words to one."""
    a = _shift_mix((low ^ high) * mul)
    return _shift_mix((high ^ a) * mul) * mul


def _farm(rows: Rows) -> Words:
    length = rows.shape[1]
    if length <= 16:
        return _farm_short(rows)
    if length <= 64:
        return _farm_middle(rows)
    return _farm_long(rows)


def _farm_short(rows: Rows) -> Words:
    """0 to 16 bytes."""
    count, length = rows.shape
    mul = (_K2 + 2 * length) & _WORD
    if length >= 8:
        a, b = _fetch(rows, 0) + _K2, _fetch(rows, -8)
        return _mix16(_rotate(b, 37) * mul + a, (_rotate(a, 25) + b) * mul, mul)
    if length >= 4:
        a = _fetch(rows, 0, 4) << 3
        return _mix16(a + length, _fetch(rows, -4, 4), mul)
    if length > 0:
        first, middle, last = (
            rows[:, i].astype(np.uint64) for i in (0, length >> 1, length - 1)
        )
        y, z = first + (middle << 8), (last << 2) + length
        return _shift_mix(y * _K2 ^ z * _K0) * _K2
    return np.full(count, _K2, np.uint64)


def _farm_middle(rows: Rows) -> Words:
    """17 to 64 bytes."""
    length = rows.shape[1]
    mul = (_K2 + 2 * length) & _WORD
    a = _fetch(rows, 0) * (_K1 if length <= 32 else _K2)
    b, c, d = _fetch(rows, 8), _fetch(rows, -8) * mul, _fetch(rows, -16) * _K2
    y = _rotate(a + b, 43) + _rotate(c, 30) + d
    z = _mix16(y, a + _rotate(b + _K2, 18) + c, mul)
    if length <= 32:
        return z
    e, f = _fetch(rows, 16) * mul, _fetch(rows, 24)
    g, h = (y + _fetch(rows, -32)) * mul, (z + _fetch(rows, -24)) * mul
    return _mix16(
        _rotate(e + f, 43) + _rotate(g, 30) + h, e + _rotate(f + a, 18) + g, mul
    )


def _farm_long(rows: Rows) -> Words:
    """More than 64 bytes: 56 bytes of state, mixed with 64 bytes at a time."""
    count, length = rows.shape
    seed = 81
    y_start = (seed * _K1 + 113) & _WORD
    z_start = (y_start * _K2 + 113) & _WORD
    z_start = ((z_start ^ (z_start >> 47)) * _K2) & _WORD
    x = _fetch(rows, 0) + ((seed * _K2) & _WORD)
    y, z = (np.full(count, start, np.uint64) for start in (y_start, z_start))
    v = w = (np.zeros(count, np.uint64), np.zeros(count, np.uint64))
    for at in range(0, (length - 1) // 64 * 64, 64):
        x = _rotate(x + y + v[0] + _fetch(rows, at + 8), 37) * _K1
        y = _rotate(y + v[1] + _fetch(rows, at + 48), 42) * _K1
        x = x ^ w[1]
        y = y + v[0] + _fetch(rows, at + 40)
        z = _rotate(z + w[0], 33) * _K1
        v = _mix32(rows, at, v[1] * _K1, x + w[0])
        w = _mix32(rows, at + 32, z + w[1], y + _fetch(rows, at + 16))
        x, z = z, x
    # The last 64 bytes, of which some may have been mixed already.
    mul, at = ((z & 0xFF) << 1) + _K1, length - 64
    w = (w[0] + ((length - 1) & 63), w[1])
    v = (v[0] + w[0], v[1])
    w = (w[0] + v[0], w[1])
    x = _rotate(x + y + v[0] + _fetch(rows, at + 8), 37) * mul
    y = _rotate(y + v[1] + _fetch(rows, at + 48), 42) * mul
    x = x ^ (w[1] * 9)
    y = y + v[0] * 9 + _fetch(rows, at + 40)
    z = _rotate(z + w[0], 33) * mul
    v = _mix32(rows, at, v[1] * mul, x + w[0])
    w = _mix32(rows, at + 32, z + w[1], y + _fetch(rows, at + 16))
    x, z = z, x
    high = _mix16(v[0], w[0], mul) + _shift_mix(y) * _K0 + z
    return _mix16(high, _mix16(v[1], w[1], mul) + x, mul)


def _mix32(rows: Rows, at: int, a: Words, b: Words) -> tuple[Words, Words]:
    """32 bytes and two words to two words."""
    first, second, third, fourth = (_fetch(rows, at + i) for i in (0, 8, 16, 24))
    a = a + first
    b = _rotate(b + a + fourth, 21)
    start = a
    a = a + second + third
    return a + fourth, b + _rotate(a, 44) + start


def _sip(rows: Rows, first: int, second: int) -> Words:
    """Two rounds for each 8 bytes, four at the end."""
    count, length = rows.shape
    keys = (first, second, first, second)
    state: list[Words] = [
        np.full(count, start ^ key, np.uint64)
        for start, key in zip(_SIP, keys, strict=True)
    ]
    tail = np.zeros((count, 8), np.uint8)  # what is left over, and the length
    whole = length // 8 * 8
    tail[:, : length - whole] = rows[:, whole:]
    tail[:, 7] = length & 0xFF
    words = [_fetch(rows, at) for at in range(0, whole, 8)]
    for word in (*words, _fetch(tail, 0)):
        state[3] = state[3] ^ word
        state = _sip_rounds(state, 2)
        state[0] = state[0] ^ word
    state[2] = state[2] ^ 0xFF
    v0, v1, v2, v3 = _sip_rounds(state, 4)
    return v0 ^ v1 ^ v2 ^ v3


def _sip_rounds(state: list[Words], rounds: int) -> list[Words]:
    v0, v1, v2, v3 = state
    for _ in range(rounds):
        v0, v2 = v0 + v1, v2 + v3
        v1, v3 = _rotate(v1, 51) ^ v0, _rotate(v3, 48) ^ v2
        v0, v2 = _rotate(v0, 32) + v3, v2 + v1
        v3, v1 = _rotate(v3, 43) ^ v0, _rotate(v1, 47) ^ v2
        v2 = _rotate(v2, 32)
    return [v0, v1, v2, v3]
