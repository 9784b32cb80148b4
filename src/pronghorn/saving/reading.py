"""Models from the bytes of their files. What a file says is checked before it is done.

docs/decisions/file-format.md says what is checked, and why.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import IO, Any

from pronghorn.config import deserialize, object_sharing_scope
from pronghorn.errors import FileFormatError, UnsupportedError
from pronghorn.limits import allocation_limit
from pronghorn.models.old_config import new_form
from pronghorn.saving.archive import (
    CONFIG,
    EXTRA,
    METADATA,
    WEIGHTS,
    Archive,
    parse_json,
)
from pronghorn.saving.assets import ASSET_NAME, ASSETS, load_assets
from pronghorn.saving.folder import Folder
from pronghorn.saving.hdf5 import WeightsReader
from pronghorn.saving.sharding import ShardedReader
from pronghorn.saving.state import load_state
from pronghorn.saving.writing import FORMAT_MEMBER, FORMAT_VERSION

__all__ = [
    "blaming",
    "fill",
    "load",
    "model_from_bytes",
    "model_from_json",
    "model_of",
    "open_file",
    "room_for",
]

# Variables that a model may have beyond its weights: counters, seeds, metrics.
SPARE_ELEMENTS = 1 << 20


def model_from_bytes(
    data: bytes,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
    safe_mode: bool = True,
    label: str = "<bytes>",
) -> Any:
    """The model of which `model_to_bytes` made these bytes.

    Args:
        data: the bytes of a `.keras` file.
        custom_objects, compile, safe_mode: as for `load_model`.
        label: what to call the file in errors.

    Raises:
        FileFormatError: as for `load_model`.
    """
    archive = Archive(io.BytesIO(data), label)
    return load(archive, custom_objects, compile, safe_mode)


def model_from_json(
    json_string: str, custom_objects: Mapping[str, Any] | None = None
) -> Any:
    """The model that `model_to_json` described, with new weights.

    Args:
        json_string: the text.
        custom_objects: as for `load_model`.

    Raises:
        FileFormatError: as for `load_model`.
    """
    config = parse_json(json_string.encode(), "json_string")
    with blaming("json_string"):
        return model_of(config, custom_objects, True)


def load(
    archive: Archive | Folder,
    custom_objects: Mapping[str, Any] | None,
    compile: bool,
    safe_mode: bool,
) -> Any:
    """The model of an archive or folder, compiled if it was.

    Args:
        archive: the open archive.
        custom_objects, compile, safe_mode: as for `load_model`.

    Raises:
        FileFormatError: as for `load_model`.
    """
    label = archive.label
    parse_json(archive.read(METADATA), f"{label}: {METADATA}")
    where = f"{label}: {CONFIG}"
    config = parse_json(archive.read(CONFIG), where)
    if not compile:
        config["compile_config"] = None
    reader = WeightsReader(archive.read(WEIGHTS), f"{label}: {WEIGHTS}")
    with blaming(where), room_for(reader, "optimizer", where):
        model = model_of(config, custom_objects, safe_mode)
    fill(model, reader, skip_mismatch=False)
    load_assets(model, archive.under(ASSETS, ASSET_NAME), label)
    members = _members(archive)
    if members:
        model._pronghorn_members = members
    return model


def room_for(
    reader: WeightsReader | ShardedReader, optimizer: str, where: str
) -> AbstractContextManager[None]:
    """While a model is built from a file: it may ask for no more than the file proves.

    Args:
        reader: the file's weights.
        optimizer: the group of the optimizer's arrays, which prove nothing.
        where: what asks, for the error.
    """
    return allocation_limit(reader.elements(skip=optimizer) + SPARE_ELEMENTS, where)


def model_of(
    config: dict[str, Any], custom_objects: Mapping[str, Any] | None, safe_mode: bool
) -> Any:
    """The model that a config describes, old or new; its weights are not read yet.

    Args:
        config: plain data.
        custom_objects, safe_mode: as for `load_model`.

    Raises:
        FileFormatError: as for `load_model`.
    """
    try:
        with object_sharing_scope():
            model = deserialize(new_form(config), custom_objects, safe_mode)
    except RecursionError as error:
        raise FileFormatError(
            "The config is nested too deeply.",
            where="config",
            expected="a model",
            received="a config without end",
            remedy="do not trust this file",
        ) from error
    if not hasattr(model, "save_own_variables"):
        raise FileFormatError(
            "The config does not describe a model.",
            where="the whole config",
            expected="a Sequential, a functional model, or a registered class of yours",
            received=f"an object of type {type(model).__name__}",
            remedy="save the model again from the program that made it",
        )
    return model


def fill(
    model: Any,
    reader: WeightsReader | ShardedReader,
    skip_mismatch: bool,
    skip: tuple[Any, ...] = (),
) -> None:
    """Reads weights into a model, and closes the reader.

    Args:
        model: a built model.
        reader: the inspected weights.
        skip_mismatch: leave what does not fit as it is, with a warning.
        skip: objects to leave as they are.

    Raises:
        FileFormatError: weights that do not fit.
    """
    optimizer = getattr(model, "optimizer", None)
    if optimizer is not None and not getattr(optimizer, "built", True):
        optimizer.build(model.trainable_variables)
    try:
        load_state(model, reader, skip, skip_mismatch)
    finally:
        reader.close()


def _members(archive: Archive | Folder) -> dict[str, bytes]:
    members = archive.extras()
    if not members:
        return {}
    where = f"{archive.label}: {EXTRA}{FORMAT_MEMBER}"
    version = parse_json(members.pop(FORMAT_MEMBER, b"{}"), where).get("format")
    if type(version) is not int or not 1 <= version <= FORMAT_VERSION:
        raise FileFormatError(
            "The members of this file are of a format that is not known here.",
            where=where,
            expected=f'"format": 1 to {FORMAT_VERSION}',
            received=repr(version),
            remedy="update Pronghorn: pip install -U pronghorn",
        )
    return members


@contextmanager
def blaming(where: str) -> Iterator[None]:
    """Add the file and member to what a config's error says."""
    try:
        yield
    except (FileFormatError, UnsupportedError) as error:
        if error.where is not None and error.where.startswith(where):
            raise
        raise type(error)(
            error.message,
            where=where if error.where is None else f"{where}: {error.where}",
            expected=error.expected,
            received=error.received,
            remedy=error.remedy,
        ) from error


def open_file(path: str) -> IO[bytes]:
    """A file, open for reading.

    Raises:
        FileFormatError: there is none, or it cannot be read.
    """
    try:
        return open(path, "rb")
    except OSError as error:
        reason = "There is no such file." if not os.path.exists(path) else str(error)
        raise FileFormatError(
            reason,
            where=path,
            expected="a file that can be read",
            received=type(error).__name__,
            remedy="check the path; relative ones start at " + os.getcwd(),
        ) from error
