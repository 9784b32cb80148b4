"""Reading event files back, with nothing of the writer's code."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

Fields = dict[int, list[Any]]


@dataclass(frozen=True)
class Point:
    """One value of an event.

    Attributes:
        tag: its name.
        step: when.
        plugin: the part of TensorBoard that shows it.
        value: a float, an array, or a list of bytes.
    """

    tag: str
    step: int
    plugin: str
    value: Any


def crc32c(data: bytes) -> int:
    """The checksum, bit by bit, by polynomial division."""
    crc = 0xFFFFFFFF
    for byte in data:
        for bit in range(8):
            odd = (crc ^ byte >> bit) & 1
            crc = crc >> 1 ^ (0x82F63B78 if odd else 0)
    return crc ^ 0xFFFFFFFF


def records(data: bytes) -> list[bytes]:
    """The records of a TFRecord file, their checksums verified."""
    found, place = [], 0
    while place < len(data):
        head = data[place : place + 8]
        (size,) = struct.unpack("<Q", head)
        body = data[place + 12 : place + 12 + size]
        assert len(body) == size, "the file ends within a record"
        _verify(head, data[place + 8 : place + 12])
        _verify(body, data[place + 12 + size : place + 16 + size])
        found.append(body)
        place += 16 + size
    return found


def _verify(data: bytes, stored: bytes) -> None:
    crc = crc32c(data)
    masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) % 2**32
    assert struct.pack("<I", masked) == stored, "a checksum is wrong"


def fields(data: bytes) -> Fields:
    """A message of protocol buffers: number of the field to its raw values."""
    found: Fields = {}
    place = 0
    while place < len(data):
        key, place = _varint(data, place)
        number, kind = key >> 3, key & 7
        value: Any
        if kind == 0:
            value, place = _varint(data, place)
        elif kind == 2:
            size, place = _varint(data, place)
            value, place = data[place : place + size], place + size
        else:
            size = {1: 8, 5: 4}[kind]
            value, place = data[place : place + size], place + size
        found.setdefault(number, []).append(value)
    return found


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place


def tensor(data: bytes) -> Any:
    """A tensor: a float, an array, or a list of strings."""
    message = fields(data)
    (kind,) = message[1]
    shape = [fields(d)[1][0] for d in fields(message[2][0]).get(2, [])]
    if kind == 7:
        strings = message[8]
        assert len(strings) == int(np.prod(shape)), shape
        return strings
    dtype = {1: "<f4", 2: "<f8"}[kind]
    raw = message[4][0] if 4 in message else b"".join(message[5])
    return np.frombuffer(raw, dtype).reshape(shape)


def points(folder: Path) -> list[Point]:
    """All values of a folder's event files, in the order of writing."""
    found = []
    for path in sorted(folder.glob("events.out.tfevents.*")):
        events = [fields(record) for record in records(path.read_bytes())]
        assert events[0][3] == [b"brain.Event:2"]
        times = [struct.unpack("<d", event[1][0])[0] for event in events]
        assert times == sorted(times) and times[0] > 1e9
        for event in events[1:]:
            for part in fields(event[5][0])[1]:
                value = fields(part)
                plugin = fields(fields(value[9][0])[1][0])[1][0].decode()
                step = event.get(2, [0])[0]
                tag = value[1][0].decode()
                found.append(Point(tag, step, plugin, tensor(value[8][0])))
    return found
