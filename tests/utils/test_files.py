"""`get_file`: names, hashes, what is kept, and archives that leave their folder."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from pronghorn.errors import ArgumentError, DownloadError, FileFormatError
from pronghorn.utils import get_file
from pronghorn.utils.files import cache_folder

TEXT = b"a,b\n1,2\n"
SHA, MD5 = hashlib.sha256(TEXT).hexdigest(), hashlib.md5(TEXT).hexdigest()


@pytest.fixture
def origin(tmp_path: Path) -> str:
    path = tmp_path / "origin" / "table.csv"
    path.parent.mkdir()
    path.write_bytes(TEXT)
    return path.as_uri()


@pytest.fixture
def get(tmp_path: Path, origin: str) -> Any:
    def call(*args: Any, **options: Any) -> Path:
        options = {"origin": origin, "cache_dir": tmp_path / "cache"} | options
        return Path(get_file(*args, **options))

    return call


def test_where_files_are_kept(tmp_path: Path, monkeypatch: Any, origin: str) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    assert cache_folder() == tmp_path / "keras"
    path = Path(get_file(origin=origin))
    assert path == tmp_path / "keras" / "datasets" / "table.csv"
    assert path.read_bytes() == TEXT
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".keras"


def test_names_and_folders(get: Any, tmp_path: Path) -> None:
    assert get().name == "table.csv"
    assert get("mine.csv", cache_subdir="a/b").parent == tmp_path / "cache" / "a" / "b"
    assert get(cache_subdir=str(tmp_path / "apart")).parent == tmp_path / "apart"
    for name in ("../x", "a/b", ".."):
        with pytest.raises(ArgumentError, match="plain name"):
            get(name)
    with pytest.raises(ArgumentError, match="plain name"):
        get(origin="https://example.org/")
    with pytest.raises(ArgumentError, match="no address"):
        get(origin=None)


def test_a_file_is_fetched_once(get: Any, tmp_path: Path, capsys: Any) -> None:
    path = get()
    assert "Downloading data from file:" in capsys.readouterr().out
    source = tmp_path / "origin" / "table.csv"
    source.write_bytes(b"new")
    assert get().read_bytes() == TEXT and capsys.readouterr().out == ""
    assert get(force_download=True) == path and path.read_bytes() == b"new"


@pytest.mark.parametrize(
    "options",
    [
        {"file_hash": SHA},
        {"file_hash": MD5},
        {"md5_hash": MD5},
        {"file_hash": SHA, "hash_algorithm": "sha256"},
    ],
)
def test_hashes(options: Any, get: Any, tmp_path: Path, capsys: Any) -> None:
    path = get(**options)
    path.write_bytes(b"broken")
    assert get(**options).read_bytes() == TEXT
    assert "hash is wrong" in capsys.readouterr().out
    (tmp_path / "origin" / "table.csv").write_bytes(b"another")
    path.unlink()
    with pytest.raises(FileFormatError, match="not the one that was expected"):
        get(**options)
    assert list(path.parent.iterdir()) == [], "nothing of it is kept"


def test_hashes_that_are_none(get: Any) -> None:
    for options in ({"file_hash": "abc"}, {"file_hash": SHA, "hash_algorithm": "crc"}):
        with pytest.raises(ArgumentError, match="kind of hash"):
            get(**options)


def test_what_cannot_be_fetched(get: Any, tmp_path: Path) -> None:
    missing = (tmp_path / "missing.csv").as_uri()
    with pytest.raises(DownloadError, match=r"missing\.csv"):
        get(origin=missing)
    with pytest.raises(OSError, match="cannot be fetched"):
        get(origin="no address at all/x.csv")
    assert list((tmp_path / "cache" / "datasets").iterdir()) == []


# --- archives


def tar(path: Path, *members: tarfile.TarInfo) -> str:
    with tarfile.open(path, "w:gz") as archive:
        for member in members:
            member.size = len(TEXT) if member.isfile() else 0
            archive.addfile(member, io.BytesIO(TEXT))
    return path.as_uri()


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> Any:
    found = tarfile.TarInfo(name)
    found.type, found.linkname = kind, link
    return found


def zipped(path: Path, *names: str) -> str:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, TEXT)
    return path.as_uri()


def test_archives_are_unpacked(get: Any, tmp_path: Path) -> None:
    datasets = tmp_path / "cache" / "datasets"
    packed = tar(tmp_path / "a.tar.gz", member("in/b.csv"))
    found = get("a.tar.gz", origin=packed, extract=True)
    assert found == datasets / "a_extracted" and (datasets / "a.tar.gz").exists()
    assert (found / "in" / "b.csv").read_bytes() == TEXT
    assert get("plain", origin=packed, untar=True) == datasets / "plain"
    assert (datasets / "plain_archive").exists()
    other = zipped(tmp_path / "z.zip", "in/c.csv")
    found = get(origin=other, extract=True, archive_format=["zip"])
    assert found == datasets / "z.zip" and (datasets / "z.zip_archive").exists()
    assert (found / "in" / "c.csv").read_bytes() == TEXT


ATTACKS: dict[str, Any] = {
    "up": lambda p: tar(p, member("good"), member("../evil")),
    "up within": lambda p: tar(p, member("a/../../evil")),
    "absolute": lambda p: tar(p, member(str(p.parent / "evil"))),
    "link": lambda p: tar(p, member("l", tarfile.SYMTYPE, ".."), member("l/evil")),
    "hard link": lambda p: tar(p, member("l", tarfile.LNKTYPE, "../../x")),
    "device": lambda p: tar(p, member("d", tarfile.CHRTYPE)),
    "zip up": lambda p: zipped(p, "good", "../evil"),
    "zip absolute": lambda p: zipped(p, str(p.parent / "evil")),
    "zip backslash": lambda p: zipped(p, "..\\evil"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_no_member_leaves_the_folder(name: str, get: Any, tmp_path: Path) -> None:
    attack = ATTACKS[name](tmp_path / "attack")
    with pytest.raises(FileFormatError, match="not safe to unpack"):
        get("attack", origin=attack, extract=True)
    left = [p.name for p in tmp_path.rglob("*")]
    assert "evil" not in left and "good" not in left, "nothing of it is unpacked"


def test_what_is_no_archive(get: Any, tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="no archive"):
        get(extract=True)
    with pytest.raises(FileFormatError, match="no archive"):
        get("z", origin=zipped(tmp_path / "z", "a"), untar=True)
    with pytest.raises(ArgumentError, match="kind of archive"):
        get(extract=True, archive_format="rar")
