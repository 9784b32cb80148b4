"""The files that TensorBoard reads: protocol-buffer events in TFRecord frames.

Both formats are public: tensorflow/core/util/event.proto and summary.proto name the
fields; a record is its length, a checksum of that, its bytes, and a checksum of those
(CRC-32C, rotated and shifted, as in "TFRecord and tf.train.Example" of TensorFlow's
guide).
"""

from __future__ import annotations

import itertools
import os
import platform
import struct
import time
import zlib
from typing import IO

import numpy as np

__all__ = ["EventFile", "image_of"]

# The types of TensorFlow's tensors that are written here, by their numbers.
_DT_FLOAT, _DT_DOUBLE, _DT_STRING = 1, 2, 7
_BUCKETS = 30
_numbers = itertools.count()  # of the files of this process


class EventFile:
    """A new event file in a folder.

    Args:
        folder: where to; made if it is not there.

    Example:

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = EventFile(folder)
    ...     file.scalar("loss", 0.5, step=3)
    ...     file.close()
    ...     os.listdir(folder)[0].split(".")[:3]
    ['events', 'out', 'tfevents']
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        os.makedirs(folder, exist_ok=True)
        host, process = platform.node() or "localhost", os.getpid()
        stamp = f"{int(time.time()):010d}.{host}.{process}.{next(_numbers)}"
        self.path = os.path.join(folder, f"events.out.tfevents.{stamp}.v2")
        # It stays open from hook to hook.
        self._file: IO[bytes] = open(self.path, "wb")  # noqa: SIM115
        self._write(_text(3, "brain.Event:2"))

    def scalar(self, tag: str, value: float, step: int) -> None:
        """One number of a curve."""
        content = np.asarray(value, "<f4").tobytes()
        tensor = _tensor(_DT_FLOAT, (), _bytes(4, content))
        self._value(tag, tensor, step, "scalars")

    def histogram(self, tag: str, values: np.ndarray, step: int) -> None:
        """How often which sizes occur, in 30 buckets from the least to the largest."""
        buckets = _buckets(np.asarray(values, "float64").ravel())
        content = _bytes(4, buckets.astype("<f8").tobytes())
        tensor = _tensor(_DT_DOUBLE, buckets.shape, content)
        self._value(tag, tensor, step, "histograms")

    def image(self, tag: str, pixels: np.ndarray, step: int) -> None:
        """A grey picture.

        Args:
            tag: its name.
            pixels: an array (rows, columns), 0 black to 1 white; what is beyond is cut.
            step: when it was so.
        """
        rows, columns = pixels.shape
        grey = np.clip(np.floor(pixels * 255.5), 0, 255).astype("uint8")
        parts = [str(columns).encode(), str(rows).encode(), _png(grey)]
        content = b"".join(_bytes(8, part) for part in parts)
        tensor = _tensor(_DT_STRING, (len(parts),), content)
        self._value(tag, tensor, step, "images")

    def model(self, tag: str, config: str, step: int) -> None:
        """A model's architecture, as the JSON that TensorBoard draws."""
        tensor = _tensor(_DT_STRING, (), _bytes(8, config.encode()))
        self._value(tag, tensor, step, "graph_keras_model", content=b"1")

    def flush(self) -> None:
        """Makes what was written visible to readers."""
        self._file.flush()

    def close(self) -> None:
        """Ends the file."""
        self._file.close()

    def _value(
        self,
        tag: str,
        tensor: bytes,
        step: int,
        plugin: str,
        content: bytes = b"",
    ) -> None:
        of_plugin = _text(1, plugin) + (_bytes(2, content) if content else b"")
        metadata = _bytes(1, of_plugin)
        value = _text(1, tag) + _bytes(8, tensor) + _bytes(9, metadata)
        self._write(_whole(2, int(step)) + _bytes(5, _bytes(1, value)))

    def _write(self, event: bytes) -> None:
        event = b"\x09" + struct.pack("<d", time.time()) + event
        length = struct.pack("<Q", len(event))
        self._file.write(length + _checksum(length) + event + _checksum(event))


def image_of(weight: np.ndarray) -> np.ndarray | None:
    """A weight as a picture: a vector as a column, a matrix lying; else None.

    >>> image_of(np.zeros((5, 2))).shape, image_of(np.zeros((3,))).shape
    ((2, 5), (3, 1))
    """
    squeezed = np.squeeze(weight)
    if squeezed.ndim == 1:
        return squeezed[:, None]
    if squeezed.ndim != 2:
        return None
    return squeezed.T if squeezed.shape[0] > squeezed.shape[1] else squeezed


def _buckets(values: np.ndarray) -> np.ndarray:
    """An array (30, 3): left edge, right edge, how many."""
    if not values.size:
        return np.zeros((_BUCKETS, 3))
    low, high = values.min(), values.max()
    edges = np.linspace(low, high, _BUCKETS + 1)
    counts = np.zeros(_BUCKETS)
    if low == high:
        counts[-1] = values.size
    else:
        places = np.floor((values - low) / ((high - low) / _BUCKETS)).astype(int)
        counts += np.bincount(np.minimum(places, _BUCKETS - 1), minlength=_BUCKETS)
    return np.stack([edges[:-1], edges[1:], counts], axis=1)


def _png(grey: np.ndarray) -> bytes:
    """An array (rows, columns) of uint8 as a PNG file (ISO/IEC 15948)."""
    rows, columns = grey.shape

    def chunk(kind: bytes, content: bytes) -> bytes:
        end = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + end

    header = struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)
    lines = b"".join(b"\0" + row.tobytes() for row in grey)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def _tensor(dtype: int, shape: tuple[int, ...], content: bytes) -> bytes:
    dimensions = b"".join(_bytes(2, _whole(1, size)) for size in shape)
    return _whole(1, dtype) + _bytes(2, dimensions) + content


# Protocol buffers on the wire: a field's number and kind, then its value.


def _whole(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value & 0xFFFF_FFFF_FFFF_FFFF)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _table() -> tuple[int, ...]:
    table = []
    for word in range(256):
        for _ in range(8):
            word = word >> 1 ^ (0x82F6_3B78 if word & 1 else 0)
        table.append(word)
    return tuple(table)


_CRC = _table()


def _checksum(data: bytes) -> bytes:
    crc = 0xFFFF_FFFF
    for byte in data:
        crc = _CRC[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFF_FFFF
    masked = (crc >> 15 | crc << 17 & 0xFFFF_FFFF) + 0xA282_EAD8 & 0xFFFF_FFFF
    return struct.pack("<I", masked)
