"""The `.keras` archive: a zip whose members are checked before they are read.

Nothing is extracted to disk. What a member declares is compared with what it stores,
because a few bytes can declare terabytes.
"""

from __future__ import annotations

import io
import json
import os
import re
import zipfile
import zlib
from collections.abc import Mapping
from typing import IO, Any

from pronghorn.errors import ArgumentError, FileFormatError

__all__ = [
    "CONFIG",
    "EXTRA",
    "METADATA",
    "WEIGHTS",
    "Archive",
    "atomic_write",
    "pack",
    "parse_json",
]

METADATA = "metadata.json"
CONFIG = "config.json"
WEIGHTS = "model.weights.h5"
EXTRA = "pronghorn/"

MIB = 1 << 20
MAX_MEMBERS = 10_000
# The most that a member may hold once unpacked.
MAX_BYTES = {METADATA: MIB, CONFIG: 64 * MIB, WEIGHTS: 1 << 40}
MAX_EXTRA_BYTES = 256 * MIB
# Keras stores members as they are. A member that somebody compressed again may still
# be read, but weights hardly compress: beyond this ratio it is a bomb.
MAX_RATIO = 100
RATIO_FLOOR = MIB
MAX_JSON_DEPTH = 200
MAX_JSON_NODES = 2_000_000
EXTRA_NAME = re.compile(r"pronghorn(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+")


class Archive:
    """An open `.keras` archive.

    Args:
        file: a seekable binary file, which stays the caller's to close.
        label: the file's name, for errors.

    Raises:
        FileFormatError: not a zip, or one whose table of contents lies.
    """

    def __init__(self, file: IO[bytes], label: str) -> None:
        self.label = label
        self._size = file.seek(0, io.SEEK_END)
        file.seek(0)
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise self._not_an_archive(error) from error
        self._check_table()

    @property
    def names(self) -> list[str]:
        """The members' names."""
        return self._zip.namelist()

    def read(self, name: str) -> bytes:
        """A member's bytes.

        Raises:
            FileFormatError: it is missing, too large, damaged, or not what the table
                of contents says.
        """
        if name not in self.names:
            raise FileFormatError(
                f"The archive has no {name}.",
                where=self.label,
                expected=f"a member {name}",
                received=", ".join(self.names[:8]) or "an empty archive",
                remedy="this is not a whole model file: copy or save it again",
            )
        info = self._zip.getinfo(name)
        self._check_size(info, MAX_BYTES.get(name, MAX_EXTRA_BYTES))
        try:
            with self._zip.open(info) as member:
                data = member.read(info.file_size + 1)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            RuntimeError,
            NotImplementedError,
        ) as error:
            raise self._damaged(name, str(error) or "it ends early") from error
        if len(data) != info.file_size:
            raise self._damaged(name, f"{len(data)} bytes, not {info.file_size}")
        return data

    def extras(self) -> dict[str, bytes]:
        """All members under `pronghorn/`, without that prefix."""
        found = self.under(EXTRA, EXTRA_NAME)
        return {name.removeprefix(EXTRA): data for name, data in found.items()}

    def under(self, folder: str, pattern: re.Pattern[str]) -> dict[str, bytes]:
        """All members in a folder, by their names.

        Args:
            folder: with a slash at its end.
            pattern: of names that are taken.

        Raises:
            FileFormatError: another name, or more bytes than are taken.
        """
        names = [n for n in self.names if n.startswith(folder) and n[-1] != "/"]
        for name in names:
            if not pattern.fullmatch(name):
                raise self._damaged(name[:80], "a member's name that cannot be ours")
        total = sum(self._zip.getinfo(n).file_size for n in names)
        if total > MAX_EXTRA_BYTES:
            raise self._bomb(folder, total, MAX_EXTRA_BYTES)
        return {name: self.read(name) for name in names}

    def _check_table(self) -> None:
        infos = self._zip.infolist()
        if len(infos) > MAX_MEMBERS:
            raise self._damaged("table of contents", f"{len(infos)} members")
        names = [info.filename for info in infos]
        if len(set(names)) != len(names):
            twice = next(n for n in names if names.count(n) > 1)
            raise self._damaged(twice, "two members of the same name")
        # Members that share their bytes make a small archive unpack to a huge one.
        stored = sum(info.compress_size for info in infos)
        if stored > self._size:
            raise self._damaged(
                "table of contents",
                f"members of {stored} bytes in a file of {self._size}",
            )

    def _check_size(self, info: zipfile.ZipInfo, limit: int) -> None:
        if info.file_size > limit:
            raise self._bomb(info.filename, info.file_size, limit)
        if info.compress_type == zipfile.ZIP_STORED:
            most = info.compress_size
        elif info.compress_type == zipfile.ZIP_DEFLATED:
            most = max(RATIO_FLOOR, MAX_RATIO * info.compress_size)
        else:
            why = f"compression method {info.compress_type}, neither none nor deflate"
            raise self._damaged(info.filename, why)
        if info.file_size > most:
            raise self._bomb(info.filename, info.file_size, most)

    def _bomb(self, name: str, declared: int, limit: int) -> FileFormatError:
        return FileFormatError(
            f"The member {name} declares more than it can hold.",
            where=f"{self.label}: {name}",
            expected=f"at most {limit:,} bytes",
            received=f"{declared:,} bytes declared",
            remedy="do not trust this file: it is damaged or built to fill the memory",
        )

    def _damaged(self, name: str, why: str) -> FileFormatError:
        return FileFormatError(
            "The archive is damaged.",
            where=f"{self.label}: {name}",
            expected="a member that matches the table of contents",
            received=why,
            remedy="copy the file again from its source, or save the model again",
        )

    def _not_an_archive(self, error: BaseException) -> FileFormatError:
        return FileFormatError(
            "This is not a .keras file, or only a part of one.",
            where=self.label,
            expected="a zip archive with config.json and model.weights.h5",
            received=f"{self._size} bytes: {error}",
            remedy="check that the file is complete; the name of a model in the older "
            "format ends in .h5",
        )


def parse_json(data: bytes, where: str) -> dict[str, Any]:
    """A JSON object, refused when it is nested or large beyond reason.

    Raises:
        FileFormatError: not JSON, not an object, or too deep.

    Example:

    >>> parse_json(b'{"a": 1}', "config.json")
    {'a': 1}
    """
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _bad_json(where, "valid JSON", str(error)[:200]) from error
    if not isinstance(value, dict):
        raise _bad_json(where, "a JSON object", f"a {type(value).__name__}")
    level: list[Any] = [value]
    seen = depth = 0
    while level:
        seen, depth = seen + len(level), depth + 1
        if depth > MAX_JSON_DEPTH or seen > MAX_JSON_NODES:
            limit = f"at most {MAX_JSON_DEPTH} levels and {MAX_JSON_NODES:,} values"
            raise _bad_json(where, limit, f"{depth} levels, {seen:,} values or more")
        level = [child for node in level for child in _children(node)]
    return value


def _children(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []


def _bad_json(where: str, expected: str, received: str) -> FileFormatError:
    return FileFormatError(
        "The JSON of a member cannot be used.",
        where=where,
        expected=expected,
        received=received,
        remedy="save the model again from the program that made it",
    )


def pack(members: Mapping[str, bytes]) -> bytes:
    """A zip archive of the members, stored without compression as Keras does.

    The same members give the same bytes: the archive holds no clock time.

    >>> Archive(io.BytesIO(pack({"a": b"1"})), "m.keras").read("a")
    b'1'
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return buffer.getvalue()


def atomic_write(path: str | os.PathLike[str], data: bytes, overwrite: bool) -> None:
    """Write a file whole or not at all: a crash leaves the old one.

    Args:
        path: where to write; a symbolic link is followed.
        data: the content.
        overwrite: whether an existing file may be replaced.

    Raises:
        ArgumentError: the file exists and may not be replaced, or its folder is
            missing.
    """
    target = os.path.realpath(os.fspath(path))
    folder, name = os.path.split(target)
    if not overwrite and os.path.exists(target):
        raise ArgumentError(
            "The file exists already.",
            where=f"filepath={os.fspath(path)!r}",
            expected="a new file, or overwrite=True",
            received="an existing file and overwrite=False",
            remedy="choose another name, or pass overwrite=True",
        )
    if not os.path.isdir(folder):
        raise ArgumentError(
            "The folder to save in does not exist.",
            where=f"filepath={os.fspath(path)!r}",
            expected="an existing folder",
            received=folder,
            remedy="create it first: os.makedirs(folder)",
        )
    # Opened by hand, not by tempfile, so that the user's umask rules the permissions.
    temporary = os.path.join(folder, f".{name}.{os.urandom(6).hex()}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise
