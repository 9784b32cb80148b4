"""Saving and loading models: `.keras` archives and `.weights.h5` files, as Keras 3.15.

A model saved here opens in Keras and the other way round, with its optimizer's state.
Loading runs no code from the file. docs/format.md describes the format,
docs/decisions/file-format.md what is checked and why.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import IO, Any

from pronghorn.errors import ArgumentError, FileFormatError, StateError
from pronghorn.saving.archive import WEIGHTS, Archive, atomic_write
from pronghorn.saving.folder import Folder, write_folder
from pronghorn.saving.hdf5 import WeightsReader
from pronghorn.saving.legacy import is_legacy, load_legacy_weights
from pronghorn.saving.old_model import compile_old, old_model_bytes, old_model_of
from pronghorn.saving.reading import (
    blaming,
    fill,
    load,
    model_from_bytes,
    open_file,
    room_for,
)
from pronghorn.saving.sharding import ShardedReader, save_shards
from pronghorn.saving.writing import (
    KERAS_VERSION,
    model_members,
    model_to_bytes,
    weights_bytes,
)

__all__ = ["load_model", "load_weights", "save_model", "save_weights"]

Path = str | os.PathLike[str]
OLD = (".h5", ".hdf5")


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
        filepath: a path ending in `.keras`, or a binary file to write to. Ending in
            `.h5` or `.hdf5` it is Keras's older format; missing folders are made then.
        overwrite: whether an existing file may be replaced. Default True.
        zipped: None or True: the file is one archive. False: `filepath` is a folder,
            which holds the archive's members as files.
        **kwargs: `include_optimizer`, whether the optimizer's slots are saved (without
            them, training goes on with a fresh optimizer; an `.h5` file then leaves
            out all that `compile` was given; default True), and Keras 2's
            `save_format`, which may only say what the path's ending says.

    Raises:
        ArgumentError: another extension, a missing folder, an existing file.

    Example:

    >>> import pronghorn as keras, tempfile, os
    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    >>> path = os.path.join(tempfile.mkdtemp(), "m.keras")
    >>> save_model(model, path)
    >>> load_model(path).count_params()
    4
    """
    include_optimizer = bool(kwargs.pop("include_optimizer", True))
    if hasattr(filepath, "write"):
        _check_format("m.keras", kwargs)
        filepath.write(model_to_bytes(model, include_optimizer))
        return
    path = os.fspath(filepath)
    _check_format(path, kwargs)
    if zipped is not None and not zipped:
        if path.endswith(".keras"):
            raise ArgumentError(
                "A folder's name should not end in .keras.",
                where=f"save_model(zipped=False), filepath={path!r}",
                expected="the name of a folder",
                received=os.path.basename(path),
                remedy="leave the ending out, or leave zipped out for one file",
            )
        write_folder(path, model_members(model, include_optimizer), overwrite)
    elif path.endswith(OLD):
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        data = old_model_bytes(model, include_optimizer, KERAS_VERSION)
        atomic_write(path, data, overwrite)
    elif path.endswith(".keras"):
        atomic_write(path, model_to_bytes(model, include_optimizer), overwrite)
    else:
        raise ArgumentError(
            "The file's name says that it is of another format.",
            where=f"filepath={path!r}",
            expected="a name ending in .keras (or .h5, Keras's older format)",
            received=os.path.basename(path),
            remedy="for instance model.save('m.keras'); TensorFlow's SavedModel "
            "folders are not written",
        )


def _check_format(path: str, kwargs: dict[str, Any]) -> None:
    fitting: tuple[Any, ...] = (None, False, "keras")
    if path.endswith(OLD):
        fitting = (None, False, "h5", "hdf5")
    save_format = kwargs.pop("save_format", None)
    if save_format in fitting and not kwargs:
        return
    rest = kwargs if save_format in fitting else {**kwargs, "save_format": save_format}
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
    """Load a model saved by Pronghorn, by Keras 3, or by Keras 2 as `.h5`.

    No code from the file is run: it may only name classes of Pronghorn, registered
    ones, and those in `custom_objects`.

    Args:
        filepath: a `.keras` or `.h5` file, the folder of `save_model(zipped=False)`,
            or a binary file open for reading, which holds a `.keras` archive.
        custom_objects: name to your own class or function.
        compile: whether to compile the model as it was when saved. Default True.
        safe_mode: as in Keras; code from a file is refused in either mode.

    Returns:
        The model; compiled, with the optimizer's state, if it was and `compile` is
        true.

    Raises:
        FileFormatError: the file is damaged, hostile, or names what is not known.
        UnsupportedError: something outside Pronghorn's field.

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
    if os.path.isdir(path):
        return load(_folder(path), custom_objects, compile, safe_mode)
    with open_file(path) as file:
        if not path.endswith(OLD):
            return load(Archive(file, path), custom_objects, compile, safe_mode)
        reader = WeightsReader(file.read(), path)
    try:
        with blaming(path), room_for(reader, "optimizer_weights", path):
            model = old_model_of(reader, custom_objects, safe_mode)
            if compile:
                compile_old(model, reader, custom_objects)
    finally:
        reader.close()
    return model


def _folder(path: str) -> Folder:
    if os.path.exists(os.path.join(path, "saved_model.pb")):
        raise FileFormatError(
            "This folder is a SavedModel of TensorFlow, which is not read.",
            where=path,
            expected="a .keras or .h5 file, or a folder of save_model(zipped=False)",
            received="saved_model.pb",
            remedy="open it where TensorFlow is installed, and save it as one file: "
            "model.save('m.keras'), or model.save('m.h5') in Keras 2",
        )
    return Folder(path)


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
        filepath: a path ending in `.weights.h5`; with `max_shard_size` in
            `.weights.json`, beside which the files of weights then lie.
        overwrite: whether an existing file may be replaced. Default True.
        max_shard_size: no file is larger than so many GiB. Default None: the weights
            lie in one file.
        **kwargs: `objects_to_skip`, a list of layers (or the optimizer) whose weights
            are left out, with all below them.

    Raises:
        StateError: the model is not built.
        ArgumentError: another extension, a missing folder, an existing file; an array
            that is larger than `max_shard_size`.
    """
    path = os.fspath(filepath)
    skip = _skipped(kwargs)
    if max_shard_size is not None:
        if not path.endswith((".weights.json", ".weights.h5")):
            raise _extension(path, ".weights.json", "'m.weights.json'")
        _must_be_built(model, "saving")
        path = f"{os.path.splitext(path)[0]}.json"
        save_shards(model, path, float(max_shard_size), overwrite, skip)
        return
    if not path.endswith(".weights.h5"):
        raise _extension(path, ".weights.h5", "model.save_weights('m.weights.h5')")
    _must_be_built(model, "saving")
    atomic_write(path, weights_bytes(model, True, skip), overwrite)


def load_weights(
    model: Any, filepath: Path, skip_mismatch: bool = False, **kwargs: Any
) -> None:
    """Load weights into a built model.

    Args:
        model: a built model of the same architecture.
        filepath: a `.weights.h5`, `.weights.json` or `.keras` file, or an `.h5` file
            of Keras 2, of weights or of a whole model.
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
    skipping = kwargs.get("objects_to_skip") is not None
    skip = _skipped(kwargs)
    _must_be_built(model, "loading")
    reader = _weights_of(path)
    legacy = isinstance(reader, WeightsReader) and is_legacy(reader)
    if skipping and (legacy or path.endswith(".keras")):
        raise _not_for("objects_to_skip", "a .weights.h5 file of Keras 3", path)
    if by_name and not legacy:
        raise _not_for("by_name", "an .h5 file of Keras 2", path)
    if isinstance(reader, WeightsReader) and legacy:
        load_legacy_weights(model, reader, by_name, skip_mismatch)
        reader.close()
    else:
        fill(model, reader, skip_mismatch, skip)


def _weights_of(path: str) -> WeightsReader | ShardedReader:
    if path.endswith(".weights.json"):
        return ShardedReader(path)
    if not path.endswith((".keras", *OLD)):
        raise _extension(path, ".weights.h5 or .keras", "load_weights('m.weights.h5')")
    with open_file(path) as file:
        if path.endswith(".keras"):
            data = Archive(file, path).read(WEIGHTS)
            return WeightsReader(data, f"{path}: {WEIGHTS}")
        return WeightsReader(file.read(), path)


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


def _must_be_built(model: Any, doing: str) -> None:
    if not getattr(model, "built", True):
        way = "loading weights into" if doing == "loading" else "saving"
        raise StateError(
            f"You are {way} a model that has not yet been built: it has no weights.",
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
