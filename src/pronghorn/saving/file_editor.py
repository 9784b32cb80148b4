"""`KerasFileEditor`: look into a file of weights, change it, and save it again."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, UnknownNameError
from pronghorn.saving.archive import (
    CONFIG,
    METADATA,
    WEIGHTS,
    Archive,
    atomic_write,
    parse_json,
)
from pronghorn.saving.hdf5 import WeightsReader, WeightsWriter
from pronghorn.saving.reading import open_file
from pronghorn.saving.state import saveables

__all__ = ["KerasFileEditor"]

Tree = dict[str, Any]


class KerasFileEditor:
    """A file of weights as nested dicts, to be changed and saved again.

    Made for old weights and a model that has changed since: rename the layers, add
    arrays for new ones, and `compare` until nothing differs.

    Args:
        filepath: a `.keras` or `.weights.h5` file.

    Attributes:
        weights_dict: arrays by the parts of their paths: `["layers"]["dense"]["0"]`.
        object_metadata: the names of objects, by their paths.
        config, metadata: of a `.keras` file; None for one of weights.

    Raises:
        ArgumentError: another extension.
        FileFormatError: the file is damaged or hostile.

    Example:

    >>> import os, tempfile
    >>> from pronghorn import Sequential, layers
    >>> model = Sequential([layers.Dense(1, input_shape=[2])])
    >>> path = os.path.join(tempfile.mkdtemp(), "m.weights.h5")
    >>> model.save_weights(path)
    >>> editor = KerasFileEditor(path)  # doctest: +ELLIPSIS
    Keras model file '...m.weights.h5'
    >>> editor.rename_object("dense", "unit")
    >>> editor.weights_dict["layers"]["unit"]["0"].shape
    (2, 1)
    """

    def __init__(self, filepath: str | os.PathLike[str]) -> None:
        self.filepath = os.fspath(filepath)
        self.metadata: dict[str, Any] | None = None
        self.config: dict[str, Any] | None = None
        self.model = None
        if not self.filepath.endswith((".keras", ".weights.h5")):
            raise _extension(self.filepath, ".keras or .weights.h5")
        with open_file(self.filepath) as file:
            if self.filepath.endswith(".keras"):
                archive = Archive(file, self.filepath)
                self.config = parse_json(archive.read(CONFIG), self.filepath)
                self.metadata = parse_json(archive.read(METADATA), self.filepath)
                data = archive.read(WEIGHTS)
            else:
                data = file.read()
        reader = WeightsReader(data, self.filepath)
        self.weights_dict, self.object_metadata = _read(reader)
        reader.close()
        print(f"Keras model file {self.filepath!r}")
        if self.metadata is not None:
            version, date = (
                self.metadata.get(key) for key in ("keras_version", "date_saved")
            )
            print(f"Saved with Keras {version} - date: {date}")

    def summary(self) -> None:
        """Prints the objects in the file, their arrays' shapes and dtypes."""
        print("Weights structure")
        for line in _lines(self.weights_dict, "  ", "", self.object_metadata):
            print(line)

    def compare(self, reference_model: Any) -> dict[str, Any]:
        """Prints where the file and a model differ.

        Args:
            reference_model: a built model.

        Returns:
            `status` ("success" or "error"), `error_count` and `match_count`.
        """
        print("Running comparison")
        matches, faults = _compare(self.weights_dict, _spec(reference_model), "")
        for fault in faults:
            print(f"...{fault}")
        fits = "is" if not faults else "is not"
        print(
            f"{matches} arrays match, {len(faults)} do not: the saved file {fits} "
            "compatible with the reference model"
        )
        return {
            "status": "error" if faults else "success",
            "error_count": len(faults),
            "match_count": matches,
        }

    def rename_object(self, object_name: str, new_name: str) -> None:
        """Gives an object, a layer say, another name.

        Args:
            object_name: its name, or its path where the name is not the only one.
            new_name: the last part of its path from now on.

        Raises:
            UnknownNameError: there is no such object, or more than one.
            ArgumentError: `new_name` is a path.
        """
        if "/" in new_name:
            raise ArgumentError(
                "An object stays where it is: the new name is a leaf, not a path.",
                where="rename_object(new_name=)",
                expected="a name without '/'",
                received=repr(new_name),
            )
        parent, name = self._find(object_name)
        parent[new_name] = parent.pop(name)

    def delete_object(self, object_name: str) -> None:
        """Removes an object with all its arrays.

        Args:
            object_name: its name or path.

        Raises:
            UnknownNameError: there is no such object, or more than one.
        """
        parent, name = self._find(object_name)
        del parent[name]

    def add_object(self, object_path: str, weights: Mapping[str, Any]) -> None:
        """Adds an object.

        Args:
            object_path: its full path, such as "layers/dense_2".
            weights: its arrays: `{"0": kernel, "1": bias}`.

        Raises:
            UnknownNameError: the path above it does not exist.
            ArgumentError: `weights` is no dict.
        """
        *above, name = object_path.split("/")
        self._within(above, object_path)[name] = _checked(weights)

    def delete_weight(self, object_name: str, weight_name: str) -> None:
        """Removes an array of an object.

        Args:
            object_name: the object's name or path.
            weight_name: the array's, such as "0".

        Raises:
            UnknownNameError: there is no such object or array.
        """
        parent, name = self._find(object_name)
        if weight_name not in parent[name]:
            raise UnknownNameError(
                f"Weight {weight_name} not found in object {object_name}.",
                where="delete_weight(weight_name=)",
                expected=", ".join(parent[name]) or "an object with arrays",
                received=repr(weight_name),
            )
        del parent[name][weight_name]

    def add_weights(self, object_name: str, weights: Mapping[str, Any]) -> None:
        """Adds arrays to an object, or exchanges them.

        Args:
            object_name: the object's name or path.
            weights: `{"1": bias}`.

        Raises:
            UnknownNameError: there is no such object, or more than one.
            ArgumentError: `weights` is no dict.
        """
        parent, name = self._find(object_name)
        parent[name].update(_checked(weights))

    def save(self, filepath: str | os.PathLike[str]) -> None:
        """Saves what there is now.

        Args:
            filepath: ends in `.weights.h5`; a file that exists is replaced.

        Raises:
            ArgumentError: another extension.
        """
        path = os.fspath(filepath)
        if not path.endswith(".weights.h5"):
            raise _extension(path, ".weights.h5")
        writer = WeightsWriter()
        _write(self.weights_dict, "", writer)
        atomic_write(path, writer.finish(), overwrite=True)

    def resave_weights(self, filepath: str | os.PathLike[str]) -> None:
        """The same as `save`."""
        self.save(filepath)

    def _find(self, name: str) -> tuple[Tree, str]:
        """The dict that holds an object, and its key there."""
        if "/" in name:
            *above, last = name.split("/")
            parent = self._within(above, name)
            if last not in parent:
                raise _unknown(name, "a path in the file")
            return parent, last
        holders = list(_holders(self.weights_dict, name))
        if len(holders) != 1:
            often = "more than once" if holders else "not at all"
            raise _unknown(name, f"a name that occurs once (this one: {often})")
        return holders[0], name

    def _within(self, parts: list[str], path: str) -> Tree:
        node = self.weights_dict
        for part in parts:
            inner = node.get(part)
            if not isinstance(inner, dict):
                raise _unknown(path, "a path in the file")
            node = inner
        return node


def _read(reader: WeightsReader) -> tuple[Tree, dict[str, dict[str, str]]]:
    weights: Tree = {}
    names: dict[str, dict[str, str]] = {}
    for group, keys in reader.groups().items():
        path = group.removesuffix("/vars")  # the root's own arrays stay in "vars"
        node = weights
        for part in path.split("/") if path else ():
            node = node.setdefault(part, {})
        for key in keys:
            node[key] = reader.array(f"{group}/{key}" if group else key)
        name = reader.name(path)
        if name is not None:
            names[path] = {"name": name}
    return weights, names


def _write(tree: Tree, path: str, writer: WeightsWriter) -> None:
    arrays = {k: v for k, v in tree.items() if not isinstance(v, dict)}
    if arrays:
        group = writer.make("" if path == "vars" else path, None)
        for key, value in arrays.items():
            group.create_dataset(key, data=np.asarray(value))
    for key, value in tree.items():
        if isinstance(value, dict):
            _write(value, f"{path}/{key}" if path else key, writer)


class _Arrays(dict[str, Any]):
    """A store that keeps what is saved to it as arrays."""

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, np.asarray(value))


def _spec(model: Any) -> Tree:
    """A model's arrays as a file of it has them."""
    spec: Tree = {}
    for path, obj in saveables(model):
        own = _Arrays()
        obj.save_own_variables(own)
        if own:
            node = spec
            for part in path.split("/") if path else ["vars"]:
                node = node.setdefault(part, {})
            node.update(own)
    return spec


def _compare(file: Any, model: Any, path: str) -> tuple[int, list[str]]:
    """How many arrays match, and in words what does not."""
    if isinstance(file, dict) and isinstance(model, dict):
        matches = 0
        faults: list[str] = []
        for key in [*model, *(k for k in file if k not in model)]:
            found = _compare(file.get(key), model.get(key), f"{path}/{key}")
            matches, faults = matches + found[0], faults + found[1]
        return matches, faults
    if file is None or model is None:
        where = ("reference model", "saved file")
        there, missing = where if file is None else where[::-1]
        kind = (
            "Object" if isinstance(model if file is None else file, dict) else "Weight"
        )
        return 0, [f"{kind} {path} present in {there}, missing from {missing}"]
    shapes = [getattr(part, "shape", "an object") for part in (model, file)]
    if isinstance(file, dict) or isinstance(model, dict) or shapes[0] != shapes[1]:
        return 0, [
            f"Weight shape mismatch for {path}: {shapes[0]} in the reference model, "
            f"{shapes[1]} in the saved file"
        ]
    return 1, []


def _lines(
    tree: Tree, indent: str, path: str, names: Mapping[str, Mapping[str, str]]
) -> Iterator[str]:
    for number, (key, value) in enumerate(tree.items(), 1):
        branch = "└─" if number == len(tree) else "├─"
        inner = f"{path}/{key}" if path else key
        if not isinstance(value, dict):
            array = np.asarray(value)
            yield f"{indent}{branch} {key}: shape={array.shape}, dtype={array.dtype}"
            continue
        name = names.get(inner, {}).get("name")
        yield f"{indent}{branch} {key}" + (f" ({name!r})" if name else "")
        below = "    " if number == len(tree) else "│   "
        yield from _lines(value, indent + below, inner, names)


def _holders(tree: Tree, name: str) -> Iterator[Tree]:
    if name in tree:
        yield tree
    for value in tree.values():
        if isinstance(value, dict):
            yield from _holders(value, name)


def _checked(weights: Any) -> Tree:
    if not isinstance(weights, Mapping):
        raise ArgumentError(
            "weights is a dict of arrays by their names.",
            where="KerasFileEditor",
            expected="{'0': kernel, '1': bias}",
            received=type(weights).__name__,
        )
    return {str(key): np.asarray(value) for key, value in weights.items()}


def _unknown(name: str, expected: str) -> UnknownNameError:
    return UnknownNameError(
        f"There is no object {name!r} to change.",
        where="KerasFileEditor",
        expected=expected,
        received=repr(name),
        remedy="summary() shows all objects; a path such as 'layers/dense' is unique",
    )


def _extension(path: str, expected: str) -> ArgumentError:
    return ArgumentError(
        "The file's name says that it is of another format.",
        where=f"filepath={path!r}",
        expected=f"a name ending in {expected}",
        received=os.path.basename(path),
    )
