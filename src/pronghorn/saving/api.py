"""Saving and loading models: `.keras` archives and `.weights.h5` files, as Keras 3.15.

A model saved here opens in Keras and the other way round, with its optimizer's state.
Loading runs no code from the file. docs/format.md describes the format,
docs/decisions/file-format.md what is checked and why.
"""

from __future__ import annotations

import io
import json
import os
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

from pronghorn.config import deserialize, object_sharing_scope, prune_shared, serialize
from pronghorn.errors import (
    ArgumentError,
    FileFormatError,
    StateError,
    UnsupportedError,
)
from pronghorn.limits import allocation_limit
from pronghorn.saving.archive import (
    CONFIG,
    EXTRA,
    EXTRA_NAME,
    METADATA,
    WEIGHTS,
    Archive,
    atomic_write,
    pack,
    parse_json,
)
from pronghorn.saving.assets import ASSET_NAME, ASSETS, load_assets, save_assets
from pronghorn.saving.hdf5 import WeightsReader, WeightsWriter
from pronghorn.saving.legacy import is_legacy, load_legacy_weights
from pronghorn.saving.state import load_state, save_state

__all__ = [
    "load_model",
    "load_weights",
    "model_from_bytes",
    "model_from_json",
    "model_to_bytes",
    "model_to_json",
    "save_model",
    "save_weights",
]

Path = str | os.PathLike[str]
# The Keras whose file format this is; Keras reads it from metadata.json.
KERAS_VERSION = "3.15.1"
FORMAT_MEMBER = "format.json"
FORMAT_VERSION = 1
# Variables that a model may have beyond its weights: counters, seeds, metrics.
SPARE_ELEMENTS = 1 << 20


def save_model(
    model: Any,
    filepath: Path | IO[bytes],
    overwrite: bool = True,
    zipped: bool | None = None,
    **kwargs: Any,
) -> None:
    """Save a model whole: architecture, weights, compile arguments, optimizer state.

    The file is written aside and moved into place, so a crash leaves an old one whole.

    Args:
        model: a model.
        filepath: a path ending in `.keras`, or a binary file to write to.
        overwrite: whether an existing file may be replaced. Default True.
        zipped: None or True: the file is one archive.
        **kwargs: `include_optimizer`, whether the optimizer's slots are saved (without
            them, training goes on with a fresh optimizer; default True), and Keras 2's
            `save_format="keras"`, which changes nothing.

    Raises:
        ArgumentError: another extension, a missing folder, an existing file.
        UnsupportedError: the legacy `.h5` format, or `zipped=False`.

    Example:

    >>> import pronghorn as keras, tempfile, os
    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    >>> path = os.path.join(tempfile.mkdtemp(), "m.keras")
    >>> save_model(model, path)
    >>> load_model(path).count_params()
    4
    """
    include_optimizer = bool(kwargs.pop("include_optimizer", True))
    _check_format(zipped, kwargs)
    if hasattr(filepath, "write"):
        filepath.write(model_to_bytes(model, include_optimizer))
        return
    path = os.fspath(filepath)
    if path.endswith((".h5", ".hdf5")):
        raise _legacy(path, "written")
    if not path.endswith(".keras"):
        raise _extension(path, ".keras", "model.save('m.keras')")
    atomic_write(path, model_to_bytes(model, include_optimizer), overwrite)


def _check_format(zipped: bool | None, kwargs: dict[str, Any]) -> None:
    if zipped is not None and not zipped:
        raise UnsupportedError(
            "A model is saved as one file, not as a folder.",
            where="save_model(zipped=)",
            expected="None or True",
            received=repr(zipped),
            remedy="leave zipped out",
        )
    rest = {k: v for k, v in kwargs.items() if (k, v) != ("save_format", "keras")}
    if rest:
        raise ArgumentError(
            "save_model does not take these arguments.",
            where="save_model",
            expected="overwrite, zipped, include_optimizer",
            received=", ".join(f"{k}={v!r}" for k, v in sorted(rest.items())),
            remedy="choose the format by the file's name: model.save('m.keras')",
        )


def load_model(
    filepath: Path | IO[bytes],
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
    safe_mode: bool = True,
) -> Any:
    """Load a model saved by Pronghorn or by Keras 3.

    No code from the file is run: it may only name classes of Pronghorn, registered
    ones, and those in `custom_objects`.

    Args:
        filepath: a `.keras` file, or a binary file open for reading.
        custom_objects: name to your own class or function.
        compile: whether to compile the model as it was when saved. Default True.
        safe_mode: as in Keras; code from a file is refused in either mode.

    Returns:
        The model; compiled, with the optimizer's state, if it was and `compile` is
        true.

    Raises:
        FileFormatError: the file is damaged, hostile, or names what is not known.
        UnsupportedError: a legacy `.h5` file, or something outside Pronghorn's field.

    Example:

    >>> load_model("no-such-file.keras")
    Traceback (most recent call last):
    ...
    pronghorn.errors.FileFormatError: There is no such file...
    """
    if hasattr(filepath, "read"):
        data = filepath.read()
        label = str(getattr(filepath, "name", "<file>"))
        return model_from_bytes(data, custom_objects, compile, safe_mode, label)
    path = os.fspath(filepath)
    if path.endswith((".h5", ".hdf5")):
        raise _legacy(path, "read")
    with _open(path) as file:
        return _load(Archive(file, path), custom_objects, compile, safe_mode)


def model_to_bytes(model: Any, include_optimizer: bool = True) -> bytes:
    """The bytes of the `.keras` file of a model (pickle and deepcopy use them).

    Args:
        model: a model.
        include_optimizer: whether the optimizer's slots are saved.
    """
    with object_sharing_scope():
        config = prune_shared(serialize(model))
    _warn_if_ours_alone(config)
    members = {
        METADATA: _json(_metadata()),
        CONFIG: _json(config),
        WEIGHTS: _weights_bytes(model, include_optimizer),
    }
    members.update(save_assets(model))
    members.update(_extra_members(model))
    return pack(members)


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
    return _load(archive, custom_objects, compile, safe_mode)


def model_to_json(model: Any, **kwargs: Any) -> str:
    """A model's architecture and compile arguments as JSON text, without weights.

    Args:
        model: a model.
        **kwargs: for `json.dumps`, such as indent.
    """
    with object_sharing_scope():
        config = prune_shared(serialize(model))
    return _json(config, **kwargs).decode()


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
    with _blaming("json_string"):
        return _model_of(config, custom_objects, True)


def save_weights(
    model: Any,
    filepath: Path,
    overwrite: bool = True,
    max_shard_size: float | None = None,
    **kwargs: Any,
) -> None:
    """Save a model's weights, with the optimizer's state if it is compiled.

    Args:
        model: a built model.
        filepath: a path ending in `.weights.h5`.
        overwrite: whether an existing file may be replaced. Default True.
        max_shard_size: only None: the weights lie in one file.
        **kwargs: `objects_to_skip`, a list of layers (or the optimizer) whose weights
            are left out, with all below them.

    Raises:
        StateError: the model is not built.
        ArgumentError: another extension, a missing folder, an existing file.
        UnsupportedError: `max_shard_size`.
    """
    path = os.fspath(filepath)
    skip = _skipped(kwargs)
    if max_shard_size is not None:
        raise UnsupportedError(
            "Weights are saved as one file.",
            where=f"filepath={path!r}",
            expected="max_shard_size=None",
            received=f"max_shard_size={max_shard_size!r}",
            remedy="leave max_shard_size out",
        )
    if not path.endswith(".weights.h5"):
        raise _extension(path, ".weights.h5", "model.save_weights('m.weights.h5')")
    _must_be_built(model, "save")
    atomic_write(path, _weights_bytes(model, True, skip), overwrite)


def load_weights(
    model: Any, filepath: Path, skip_mismatch: bool = False, **kwargs: Any
) -> None:
    """Load weights into a built model.

    Args:
        model: a built model of the same architecture.
        filepath: a `.weights.h5` or `.keras` file, or an `.h5` file of Keras 2, of
            weights or of a whole model.
        skip_mismatch: leave layers as they are, with a warning each, where the file's
            weights do not fit, and ignore weights that no layer takes. Default False.
        **kwargs: `objects_to_skip`, a list of layers (or the optimizer) that stay as
            they are, with all below them (`.weights.h5`); `by_name`, to give weights
            to layers of the same name (files of Keras 2).

    Raises:
        StateError: the model is not built.
        FileFormatError: the file is damaged, or of another architecture.
        ArgumentError: an argument that does not go with this kind of file.
    """
    path = os.fspath(filepath)
    by_name = bool(kwargs.pop("by_name", None))
    skip = _skipped(kwargs)
    _must_be_built(model, "load")
    if path.endswith(".keras"):
        with _open(path) as file:
            data = Archive(file, path).read(WEIGHTS)
            label = f"{path}: {WEIGHTS}"
    elif path.endswith((".h5", ".hdf5")):
        with _open(path) as file:
            data, label = file.read(), path
    else:
        raise _extension(path, ".weights.h5 or .keras", "load_weights('m.weights.h5')")
    reader = WeightsReader(data, label)
    legacy = is_legacy(reader)
    if skip and (legacy or path.endswith(".keras")):
        raise _not_for("objects_to_skip", "a .weights.h5 file of Keras 3", path)
    if by_name and not legacy:
        raise _not_for("by_name", "an .h5 file of Keras 2", path)
    if legacy:
        load_legacy_weights(model, reader, by_name, skip_mismatch)
        reader.close()
    else:
        _fill(model, reader, skip_mismatch, skip)


def _skipped(kwargs: dict[str, Any]) -> tuple[Any, ...]:
    skip = kwargs.pop("objects_to_skip", None)
    if kwargs:
        raise ArgumentError(
            "There are no such arguments.",
            where="save_weights, load_weights",
            expected="objects_to_skip; on loading also by_name",
            received=", ".join(sorted(kwargs)),
        )
    return tuple(skip or ())


def _not_for(name: str, kind: str, path: str) -> ArgumentError:
    return ArgumentError(
        f"{name} does not go with this file.",
        where=f"load_weights({name}=)",
        expected=kind,
        received=path,
        remedy=f"leave {name} out",
    )


# ---------------------------------------------------------------- writing


def _json(value: Any, **kwargs: Any) -> bytes:
    try:
        return json.dumps(value, **kwargs).encode()
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f"The model's config cannot be written as JSON: {error}",
            where="get_config()",
            expected="numbers, strings, lists, dicts and serialized objects",
            received=str(error),
            remedy="return only such values from the get_config() of your own classes",
        ) from error


def _metadata() -> dict[str, str]:
    now = time.strftime("%Y-%m-%d@%H:%M:%S")
    return {"keras_version": KERAS_VERSION, "date_saved": now}


def _weights_bytes(
    model: Any, include_optimizer: bool, skip: tuple[Any, ...] = ()
) -> bytes:
    optimizer = getattr(model, "optimizer", None)
    if not include_optimizer and optimizer is not None:
        skip = (*skip, optimizer)
    writer = WeightsWriter()
    save_state(model, writer, skip)
    return writer.finish()


def _extra_members(model: Any) -> dict[str, bytes]:
    extras: Mapping[str, bytes] = getattr(model, "_pronghorn_members", None) or {}
    if not extras:
        return {}
    members = {f"{EXTRA}{FORMAT_MEMBER}": _json({"format": FORMAT_VERSION})}
    for name, data in extras.items():
        full = f"{EXTRA}{name}"
        if not EXTRA_NAME.fullmatch(full) or name == FORMAT_MEMBER:
            raise ArgumentError(
                f"{name!r} cannot be a member of a model file.",
                where="_pronghorn_members",
                expected=f"letters, digits, - _ . and /; not {FORMAT_MEMBER!r}",
                received=repr(name),
                remedy="choose a plain name such as 'schema.json'",
            )
        members[full] = bytes(data)
    return members


def _warn_if_ours_alone(config: Any) -> None:
    names = sorted(set(_our_classes(config)))
    if names:
        warnings.warn(
            f"Keras will not open this file: it has no {', '.join(names)}. "
            "Pronghorn opens it.",
            stacklevel=4,
        )


def _our_classes(config: Any) -> Iterator[str]:
    if isinstance(config, dict):
        module = config.get("module")
        if isinstance(module, str) and module.split(".")[0] == "pronghorn":
            yield f"{module}.{config.get('class_name')}"
        config = list(config.values())
    if isinstance(config, (list, tuple)):
        for item in config:
            yield from _our_classes(item)


# ---------------------------------------------------------------- reading


def _load(
    archive: Archive,
    custom_objects: Mapping[str, Any] | None,
    compile: bool,
    safe_mode: bool,
) -> Any:
    label = archive.label
    parse_json(archive.read(METADATA), f"{label}: {METADATA}")
    where = f"{label}: {CONFIG}"
    config = parse_json(archive.read(CONFIG), where)
    if not compile:
        config["compile_config"] = None
    reader = WeightsReader(archive.read(WEIGHTS), f"{label}: {WEIGHTS}")
    # Before anything is built: a config may not ask for more than the weights prove.
    room = reader.elements(skip="optimizer") + SPARE_ELEMENTS
    with _blaming(where), allocation_limit(room, where):
        model = _model_of(config, custom_objects, safe_mode)
    _fill(model, reader, skip_mismatch=False)
    load_assets(model, archive.under(ASSETS, ASSET_NAME), label)
    members = _members(archive)
    if members:
        model._pronghorn_members = members
    return model


def _model_of(
    config: dict[str, Any], custom_objects: Mapping[str, Any] | None, safe_mode: bool
) -> Any:
    try:
        with object_sharing_scope():
            model = deserialize(config, custom_objects, safe_mode)
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


def _fill(
    model: Any,
    reader: WeightsReader,
    skip_mismatch: bool,
    skip: tuple[Any, ...] = (),
) -> None:
    optimizer = getattr(model, "optimizer", None)
    if optimizer is not None and not getattr(optimizer, "built", True):
        optimizer.build(model.trainable_variables)
    try:
        load_state(model, reader, skip, skip_mismatch)
    finally:
        reader.close()


def _members(archive: Archive) -> dict[str, bytes]:
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
def _blaming(where: str) -> Iterator[None]:
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


def _open(path: str) -> IO[bytes]:
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


def _must_be_built(model: Any, verb: str) -> None:
    if not getattr(model, "built", True):
        raise StateError(
            f"The model has no weights to {verb} yet: it is not built.",
            where=f"model {model.name!r}",
            expected="a built model",
            received="one that has not seen an input shape",
            remedy="start it with Input((n,)), or call it on data or model.build()",
        )


def _extension(path: str, expected: str, example: str) -> ArgumentError:
    return ArgumentError(
        "The file's name says that it is of another format.",
        where=f"filepath={path!r}",
        expected=f"a name ending in {expected}",
        received=os.path.basename(path),
        remedy=f"for instance {example}",
    )


def _legacy(path: str, verb: str) -> UnsupportedError:
    return UnsupportedError(
        f"Whole models in the legacy .h5 format are not {verb}.",
        where=f"filepath={path!r}",
        expected="a .keras file (model.save, load_model) or a .weights.h5 file "
        "(save_weights, load_weights)",
        received=os.path.basename(path),
        remedy="open it in Keras 3 and save it again: "
        "keras.models.load_model('m.h5').save('m.keras')",
    )
