"""Event files as Keras's tests look at them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pronghorn.callbacks.event_file import EventFile
from tests.keras_suite.event_files import Event, Value, tf_record_iterator
from tests.keras_suite.stand_ins import Framework, NotHereError


def values(folder: Path) -> list[Value]:
    (path,) = folder.iterdir()
    events = [Event.FromString(record) for record in tf_record_iterator(str(path))]
    assert not any(event.graph_def for event in events)
    return [value for event in events for value in event.summary.value]


def test_tags_kinds_and_plugins_are_read(tmp_path: Path) -> None:
    file = EventFile(str(tmp_path / "a"))
    file.scalar("loss", 0.5, 3)
    file.histogram("kernel", np.arange(4.0), 3)
    file.close()
    found = [
        (v.tag, v.WhichOneof("value"), v.metadata.plugin_data.plugin_name)
        for v in values(tmp_path / "a")
    ]
    assert found == [
        ("loss", "tensor", "scalars"),
        ("kernel", "tensor", "histograms"),
    ]


def test_a_damaged_file_is_noticed(tmp_path: Path) -> None:
    file = EventFile(str(tmp_path))
    file.scalar("loss", 0.5, 3)
    file.close()
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-5] + b"12345")
    with pytest.raises(AssertionError, match="checksum"):
        values(tmp_path)


def test_older_kinds_are_told_apart() -> None:
    assert Value(b"\x0a\x01a\x15\x00\x00\x00\x00").WhichOneof("value") == "simple_value"
    assert Value(b"\x0a\x01a").WhichOneof("value") is None


def test_they_are_where_tensorflow_has_them() -> None:
    assert Framework("tensorflow.core.util").event_pb2.Event is Event
    reader = Framework("tensorflow.python.lib.io").tf_record
    assert reader.tf_record_iterator is tf_record_iterator
    with pytest.raises(NotHereError):
        Framework("tensorflow.core.util").test_log_pb2()
