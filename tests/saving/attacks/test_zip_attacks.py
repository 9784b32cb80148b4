"""Archives that are cut, patched, bloated or no archives at all."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile

import numpy as np
import pytest

from pronghorn.errors import PronghornError
from pronghorn.saving import archive, model_to_bytes

from ..standins import changed, members, tiny, zipped
from .helpers import load, refused

GOOD = model_to_bytes(tiny((2, 3)))
CENTRAL = b"PK\x01\x02"


def test_the_good_one_loads():
    assert load(GOOD).parts[0].arrays[0].shape == (2, 3)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        b"\x89HDF\r\n\x1a\n" + bytes(64),
        pickle.dumps([1]),
        b"x" * 99,
    ],
    ids=["empty", "only-magic", "hdf5", "pickle", "text"],
)
def test_no_archive(data):
    with refused("not a .keras file"):
        load(data)


@pytest.mark.parametrize("part", [0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_truncated(part):
    with refused():
        load(GOOD[: int(len(GOOD) * part)])


@pytest.mark.parametrize("name", ["metadata", "config_json", "weights"])
def test_missing_member(name):
    with refused("the archive has no"):
        load(changed(**{name: None}))


def test_empty_archive():
    with refused("no metadata.json"):
        load(zipped({}))


def test_bloated_member():
    contents = {**members(GOOD), "config.json": b" " * (60 * 2**20) + b"{}"}
    with refused("declares more", most=2**20):
        load(zipped_small(contents))


def test_bloated_extra_members():
    contents = {**members(GOOD), "pronghorn/a": bytes(200 * 2**20)}
    with refused("declares more", most=2**20):
        load(zipped_small(contents))


def zipped_small(contents):
    """Deflated; made outside of the measurement of memory."""
    import tracemalloc

    tracemalloc.stop()
    data = zipped(contents, zipfile.ZIP_DEFLATED)
    tracemalloc.start()
    return data


def test_config_beyond_its_limit(monkeypatch):
    monkeypatch.setitem(archive.MAX_BYTES, "config.json", 1000)
    with refused("declares more"):
        load(changed(config=lambda c: c.update(x="y" * 1000)))


def patched(data, name, offset, form, value):
    """Change a field of a member's entry in the table of contents."""
    start = data.rindex(CENTRAL, 0, data.rindex(name.encode()))
    data = bytearray(data)
    struct.pack_into(form, data, start + offset, value)
    return bytes(data)


@pytest.mark.parametrize("size", [0, 10, 2**31])
def test_lying_size(size):
    with refused():
        load(patched(GOOD, "config.json", 24, "<I", size))


@pytest.mark.parametrize("size", [0, 10, 2**31])
def test_lying_stored_size(size):
    with refused():
        load(patched(GOOD, "config.json", 20, "<I", size))


def test_encrypted():
    with refused():
        load(patched(GOOD, "config.json", 8, "<H", 1))


@pytest.mark.parametrize("method", [1, 9, 12, 14, 99])
def test_other_compression(method):
    with refused("compression method"):
        load(patched(GOOD, "config.json", 10, "<H", method))


def test_overlapping_members():
    """Entries that all point to the same bytes: a small file, a huge model."""
    text = members(GOOD)["config.json"]
    names = [f"pronghorn/{i}" for i in range(200)]
    data = zipped({**members(GOOD), **dict.fromkeys(names, text)})
    first = zipfile.ZipFile(io.BytesIO(data)).getinfo(names[0]).header_offset
    for name in names[1:]:
        data = patched(data, name + CENTRAL.decode("latin1")[:0], 42, "<I", first)
    with refused():
        load(data[:first] + data[first + 100 * len(text) :])


def test_two_members_of_one_name():
    buffer = io.BytesIO(GOOD)
    with zipfile.ZipFile(buffer, "a") as file, pytest.warns(UserWarning):
        file.writestr("config.json", "{}")
    with refused("two members"):
        load(buffer.getvalue())


def test_changed_byte_of_each_member():
    with zipfile.ZipFile(io.BytesIO(GOOD)) as file:
        infos = file.infolist()
    for info in infos:
        data = bytearray(GOOD)
        data[info.header_offset + 30 + len(info.filename) + 5] ^= 1
        with refused("damaged"):
            load(bytes(data))


@pytest.mark.parametrize(
    "name", ["pronghorn/../../etc/x", "pronghorn//x", "pronghorn/a b", "pronghorn/.x"]
)
def test_names_of_extra_members(name):
    with refused("name that cannot be ours"):
        load(zipped({**members(GOOD), name: b""}))


def test_too_many_members(monkeypatch):
    monkeypatch.setattr(archive, "MAX_MEMBERS", 2)
    with refused("3 members"):
        load(GOOD)


def test_random_damage_never_ends_otherwise():
    rng = np.random.default_rng(0)
    loaded = 0
    for _ in range(300):
        data = bytearray(GOOD)
        for _ in range(rng.integers(1, 4)):
            data[rng.integers(len(data))] = rng.integers(256)
        try:
            load(bytes(data))
            loaded += 1
        except PronghornError:
            pass
    # Some bytes are padding or dates; most damage has to be noticed.
    assert loaded < 60
