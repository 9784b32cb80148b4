"""Assets: the files of its own that a layer has in a model's file.

A layer with `save_assets(dir_path)` writes them into a folder, and reads them in
`load_assets(dir_path)`; in the archive they lie under `assets/<path of the layer>/`.
The folder is a temporary one, made for one layer and its files only.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from typing import Any

from pronghorn.errors import FileFormatError, PronghornError
from pronghorn.saving.state import saveables

__all__ = ["ASSETS", "ASSET_NAME", "load_assets", "save_assets"]

ASSETS = "assets/"
# Plain parts, none of which leads out of its folder.
ASSET_NAME = re.compile(r"assets(/[A-Za-z0-9_ -][A-Za-z0-9._ -]*)+")


def save_assets(model: Any) -> dict[str, bytes]:
    """The members of an archive that hold the assets of a model's layers.

    Raises:
        FileFormatError: a layer writes a file of a name that archives do not take.
    """
    members: dict[str, bytes] = {}
    for path, obj in saveables(model):
        if not hasattr(obj, "save_assets"):
            continue
        with tempfile.TemporaryDirectory() as folder:
            obj.save_assets(folder)
            for name, file in _files(folder):
                member = ASSETS + (f"{path}/{name}" if path else name)
                if not ASSET_NAME.fullmatch(member):
                    raise _bad_name(member)
                with open(file, "rb") as opened:
                    members[member] = opened.read()
    return members


def _files(folder: str) -> list[tuple[str, str]]:
    found = []
    for root, _, names in os.walk(folder):
        for name in names:
            full = os.path.join(root, name)
            found.append((os.path.relpath(full, folder).replace(os.sep, "/"), full))
    return sorted(found)


def load_assets(model: Any, members: Mapping[str, bytes], label: str) -> None:
    """Lets a model's layers read their assets.

    Args:
        model: with its weights.
        members: of the archive, as `save_assets` gave them.
        label: the archive's name, for errors.

    Raises:
        FileFormatError: a layer cannot read its assets, or lacks some.
    """
    for path, obj in saveables(model):
        if not hasattr(obj, "load_assets"):
            continue
        start = f"{ASSETS}{path}/" if path else ASSETS
        with tempfile.TemporaryDirectory() as folder:
            for member, data in members.items():
                if member.startswith(start):
                    _write(folder, member.removeprefix(start), data)
            try:
                obj.load_assets(folder)
            except FileFormatError:
                raise
            except (PronghornError, OSError, ValueError, TypeError) as error:
                raise FileFormatError(
                    f"The assets of {type(obj).__name__} {getattr(obj, 'name', '')!r} "
                    "cannot be read.",
                    where=f"{label}: {start}",
                    expected=getattr(error, "expected", None),
                    received=getattr(error, "message", str(error))[:300],
                    remedy="copy the file again from its source, or save the model "
                    "again",
                ) from error


def _write(folder: str, name: str, data: bytes) -> None:
    file = os.path.join(folder, *name.split("/"))
    os.makedirs(os.path.dirname(file), exist_ok=True)
    with open(file, "wb") as opened:
        opened.write(data)


def _bad_name(member: str) -> FileFormatError:
    return FileFormatError(
        "A layer's asset has a name that archives do not take.",
        where="save_assets",
        expected="letters, digits, spaces, - _ and .",
        received=repr(member[:80]),
        remedy="choose a plain name such as 'vocabulary.txt'",
    )
