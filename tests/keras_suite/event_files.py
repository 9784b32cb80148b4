"""TensorBoard's event files as TensorFlow's classes show them, read without it.

Keras's tests of its callback read what was written with TensorFlow. These stand for the
few names that they use; the bytes are parsed by the reader of our own tests, which
verifies the checksums and shares no code with the writer.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.callbacks.event_reader import fields, records

# The kinds of a value, by the numbers of their fields in `summary.proto`.
KINDS = {2: "simple_value", 4: "image", 5: "histo", 6: "audio", 8: "tensor"}


class Value:
    """One value of a summary.

    Attributes:
        tag: its name.
        metadata: `plugin_data.plugin_name` tells which part of TensorBoard shows it.
    """

    def __init__(self, data: bytes) -> None:
        self._fields = fields(data)
        self.tag = self._fields[1][0].decode()
        plugin = _inner(_inner(self._fields, 9), 1).get(1, [b""])[0].decode()
        self.metadata = SimpleNamespace(plugin_data=SimpleNamespace(plugin_name=plugin))

    def WhichOneof(self, group: str) -> str | None:
        """The kind of the value."""
        assert group == "value", group
        found = [kind for number, kind in KINDS.items() if number in self._fields]
        assert len(found) <= 1, found
        return found[0] if found else None


class Event:
    """One record of a file.

    Attributes:
        graph_def: bytes of a graph; empty where there is none.
        summary: None, or with the list `value`.
    """

    def __init__(self, data: bytes) -> None:
        found = fields(data)
        self.graph_def: bytes = found.get(4, [b""])[0]
        values = _inner(found, 5).get(1, [])
        self.summary = SimpleNamespace(value=[Value(v) for v in values])

    FromString: Any = None  # as TensorFlow's classes are made of bytes


Event.FromString = Event


def tf_record_iterator(path: str) -> Iterator[bytes]:
    """The records of a file."""
    return iter(records(Path(path).read_bytes()))


def _inner(message: dict[int, list[Any]], number: int) -> dict[int, list[Any]]:
    """The message in a field; without fields where it is not there."""
    return fields(message[number][0]) if number in message else {}


# Modules of TensorFlow, and what they have here.
MODULES: dict[str, dict[str, Any]] = {
    "tensorflow.core.util": {"event_pb2": SimpleNamespace(Event=Event)},
    "tensorflow.python.lib.io": {
        "tf_record": SimpleNamespace(tf_record_iterator=tf_record_iterator)
    },
}
