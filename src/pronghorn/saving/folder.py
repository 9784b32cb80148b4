"""Models as folders: the archive's members as files, `save_model(zipped=False)`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from pronghorn.errors import ArgumentError, FileFormatError
from pronghorn.saving.archive import (
    CONFIG,
    EXTRA,
    EXTRA_NAME,
    MAX_BYTES,
    MAX_EXTRA_BYTES,
    MAX_MEMBERS,
    METADATA,
    atomic_write,
)
from pronghorn.saving.assets import ASSETS

__all__ = ["Folder", "write_folder"]


def write_folder(path: str, members: Mapping[str, bytes], overwrite: bool) -> None:
    """Write members as files, each whole; the config, which makes it a model, last.

    Args:
        path: the folder, which is made where it does not exist.
        members: bytes by name.
        overwrite: whether a model that lies there may be replaced.

    Raises:
        ArgumentError: there is a model already, or a file of that name.
    """
    if os.path.isfile(path) or (not overwrite and os.path.exists(path)):
        raise ArgumentError(
            "Something of this name exists already.",
            where=f"filepath={path!r}",
            expected="a new folder, or overwrite=True and a folder",
            received="a file" if os.path.isfile(path) else "a folder",
            remedy="choose another name, or pass overwrite=True",
        )
    for name in sorted(members, key=lambda name: name == CONFIG):
        target = os.path.join(path, *name.split("/"))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        atomic_write(target, members[name], overwrite=True)


class Folder:
    """A model's folder, read as `Archive` reads an archive.

    Args:
        path: of the folder; the files' name in errors.

    Raises:
        FileFormatError: it holds no model.
    """

    def __init__(self, path: str) -> None:
        self.label = path
        for name in (CONFIG, METADATA):
            if not os.path.isfile(os.path.join(path, name)):
                raise self._missing(name)

    @property
    def names(self) -> list[str]:
        """The members' names: files of the folder, and those in folders of layers."""
        found = [name for name in os.listdir(self.label) if self._is_file(name)]
        for own in (EXTRA, ASSETS):
            for folder, _, files in os.walk(os.path.join(self.label, own.rstrip("/"))):
                inner = os.path.relpath(folder, self.label).replace(os.sep, "/")
                found += [f"{inner}/{name}" for name in files]
                if len(found) > MAX_MEMBERS:
                    raise self._refused(own, f"more than {MAX_MEMBERS:,} files")
        return sorted(found)

    def read(self, name: str) -> bytes:
        """A member's bytes.

        Raises:
            FileFormatError: it is missing, or too large.
        """
        if not self._is_file(name):
            raise self._missing(name)
        limit = MAX_BYTES.get(name, MAX_EXTRA_BYTES)
        path = os.path.join(self.label, *name.split("/"))
        size = os.path.getsize(path)
        if size > limit:
            raise self._refused(name, f"{size:,} bytes, beyond {limit:,}")
        with open(path, "rb") as file:
            return file.read(size)

    def extras(self) -> dict[str, bytes]:
        """All members under `pronghorn/`, without that prefix."""
        found = self.under(EXTRA, EXTRA_NAME)
        return {name.removeprefix(EXTRA): data for name, data in found.items()}

    def under(self, folder: str, pattern: re.Pattern[str]) -> dict[str, bytes]:
        """All members in a folder, by their names; see `Archive.under`."""
        names = [name for name in self.names if name.startswith(folder)]
        for name in names:
            if not pattern.fullmatch(name):
                raise self._refused(name[:80], "a name that cannot be ours")
        total = sum(os.path.getsize(os.path.join(self.label, n)) for n in names)
        if total > MAX_EXTRA_BYTES:
            raise self._refused(folder, f"{total:,} bytes, beyond {MAX_EXTRA_BYTES:,}")
        return {name: self.read(name) for name in names}

    def _is_file(self, name: str) -> bool:
        return os.path.isfile(os.path.join(self.label, *name.split("/")))

    def _missing(self, name: str) -> FileFormatError:
        return FileFormatError(
            f"The folder holds no {name}, so it is no model.",
            where=self.label,
            expected=f"a folder of save_model(zipped=False), with {name} in it",
            received=", ".join(sorted(os.listdir(self.label))[:8]) or "nothing",
            remedy="check the path; a model of one file ends in .keras or .h5",
        )

    def _refused(self, name: str, received: str) -> FileFormatError:
        return FileFormatError(
            "A file of the model's folder cannot be read.",
            where=f"{self.label}: {name}",
            expected="the files that save_model(zipped=False) wrote",
            received=received,
            remedy="do not trust this folder, or save the model again",
        )
