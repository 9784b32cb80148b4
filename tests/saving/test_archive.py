"""The zip around a model: packing, checked reading, atomic writing."""

from __future__ import annotations

import io
import os
import stat
import zipfile

import pytest

from pronghorn.errors import ArgumentError, FileFormatError
from pronghorn.saving import archive
from pronghorn.saving.archive import Archive, atomic_write, pack, parse_json

from .standins import zipped


def opened(data):
    return Archive(io.BytesIO(data), "m.keras")


def test_members_are_stored_as_they_are():
    data = pack({"config.json": b"{}", "pronghorn/a.json": b"[]"})
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert {i.compress_type for i in file.infolist()} == {zipfile.ZIP_STORED}
    assert opened(data).names == ["config.json", "pronghorn/a.json"]
    assert opened(data).read("config.json") == b"{}"
    assert opened(data).extras() == {"a.json": b"[]"}
    assert pack({"a": b"1"}) == pack({"a": b"1"})


def test_a_compressed_archive_is_read():
    text = b'{"a": "some text that is worth compressing, compressing"}' * 100
    data = zipped({"config.json": text}, zipfile.ZIP_DEFLATED)
    assert opened(data).read("config.json") == text


def test_a_missing_member_is_named():
    with pytest.raises(FileFormatError, match=r"no config\.json") as caught:
        opened(pack({"other": b""})).read("config.json")
    assert caught.value.received == "other"


def test_json_errors_say_where():
    assert parse_json(b'{"a": [1]}', "x") == {"a": [1]}
    for bad in (b"{", b"[1]", b"\xff", b"3"):
        with pytest.raises(FileFormatError) as caught:
            parse_json(bad, "m.keras: config.json")
        assert caught.value.where == "m.keras: config.json"


def test_write_replaces_whole_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "m.keras"
    atomic_write(path, b"one", overwrite=True)
    atomic_write(path, b"two", overwrite=True)
    assert path.read_bytes() == b"two"
    assert os.listdir(tmp_path) == ["m.keras"]
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_crash_while_writing_leaves_the_old_file(tmp_path, monkeypatch, step):
    path = tmp_path / "m.keras"
    atomic_write(path, b"old", overwrite=True)

    def crash(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(archive.os, step, crash)
    with pytest.raises(KeyboardInterrupt):
        atomic_write(path, b"new", overwrite=True)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["m.keras"]


def test_overwrite_false_keeps_the_file(tmp_path):
    path = tmp_path / "m.keras"
    atomic_write(path, b"old", overwrite=False)
    with pytest.raises(ArgumentError, match="exists already") as caught:
        atomic_write(path, b"new", overwrite=False)
    assert "overwrite=True" in caught.value.remedy
    assert path.read_bytes() == b"old"


def test_a_missing_folder_is_said(tmp_path):
    with pytest.raises(ArgumentError, match="folder"):
        atomic_write(tmp_path / "no" / "m.keras", b"", overwrite=True)


def test_a_symbolic_link_is_followed(tmp_path):
    target, link = tmp_path / "real.keras", tmp_path / "link.keras"
    target.write_bytes(b"old")
    link.symlink_to(target)
    atomic_write(link, b"new", overwrite=True)
    assert link.is_symlink() and target.read_bytes() == b"new"
