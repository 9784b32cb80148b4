"""Modules of Keras that are Pronghorn: `import keras.src.layers.core.dense`, say.

A module path that Keras's sources have gives a module that looks its names up in the
room of Pronghorn where they are public: `keras.src.layers.core.dense` in
`pronghorn.layers`. Paths that Keras does not have are not found. Files of tests are
read from Keras's folder, as modules below `keras_tests`: classes that they define are
then a user's, not Keras's. absl, which they use, lies beside Keras.
"""

from __future__ import annotations

import ast
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from tests.keras_suite import stand_ins

# What Keras's paths stand for, the longest first part that fits; several rooms where
# Keras keeps together what we keep apart.
ROOMS = {
    "": ("",),
    "backend": ("backend", "ops", "config", "", "random", "utils"),
    "backend.random": ("random",),
    "callbacks": ("callbacks",),
    "dtype_policies": ("dtype_policies", "mixed_precision", "config"),
    "layers.preprocessing.feature_space": ("utils",),
    "legacy.saving": ("saving", "models"),
    "mixed_precision": ("mixed_precision", "dtype_policies"),
    "models": ("models", ""),
    "optimizers.schedules": ("optimizers.schedules",),
    "ops.function": ("",),
    "ops.operation": ("",),
    "ops.random": ("random",),
    "preprocessing": ("utils",),
    "saving": ("saving", "models", "utils"),
    "trainers": ("utils", "models"),
    "utils": ("utils", "config", "layers"),
}
# Frameworks that Keras runs on: not here, and not asked even where they are installed.
FRAMEWORKS = ("tensorflow", "jax", "torch", "grain", "openvino", "optree", "dmtree")
TESTS = "keras_tests"
OUR_OWN = {
    "testing": "tests.keras_suite.case",
    "testing.test_case": "tests.keras_suite.case",
    "testing.test_utils": "tests.keras_suite.stand_ins",
}


def rooms_of(path: str) -> list[str]:
    """The modules of Pronghorn that stand for a path below `keras` or `keras.src`.

    >>> rooms_of("layers.core.dense")
    ['pronghorn.layers']
    """
    parts = path.split(".") if path else []
    for end in range(len(parts), 0, -1):
        found = ROOMS.get(".".join(parts[:end]))
        if found is not None:
            break
    else:
        found = (parts[0],) if parts else ROOMS[""]
    return [f"pronghorn.{room}" if room else "pronghorn" for room in found]


class Alias(ModuleType):
    """A module of Keras's name with Pronghorn's public names in it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        path, inner = str(self.__dict__["_path"]), f"{self.__name__}.{name}"
        value = stand_ins.find(path, name)
        if value is stand_ins.NONE and _exists(inner):
            return importlib.import_module(inner)
        for room in self.__dict__["_rooms"]:
            if value is not stand_ins.NONE:
                break
            value = _public(room, name)
        if value is stand_ins.NONE:
            return stand_ins.Missing(inner)
        if isinstance(value, ModuleType):
            return stand_ins.room(name) or value
        return value


def _public(room: str, name: str) -> Any:
    """A room's name, or NONE; a room that does not exist has none."""
    try:
        return getattr(importlib.import_module(room), name)
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("pronghorn"):
            raise
    except (AttributeError, NotImplementedError):
        pass
    return stand_ins.NONE


def _exists(name: str) -> bool:
    """Whether Keras has a module of this name."""
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


class _Loader(importlib.abc.Loader):
    """Makes an empty module of a class, with the path that it stands for."""

    def __init__(self, kind: type[ModuleType] = ModuleType, **fields: Any) -> None:
        self.kind, self.fields = kind, fields

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """A module whose attributes are found when they are asked for."""
        module = self.kind(spec.name)
        module.__dict__.update(self.fields)
        return module

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


class _Copy(importlib.abc.Loader):
    """Gives a module of ours under a name of Keras's."""

    def __init__(self, ours: str) -> None:
        self.ours = ours

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """A module with all that ours holds."""
        module = ModuleType(spec.name)
        module.__dict__.update(
            (name, value)
            for name, value in vars(importlib.import_module(self.ours)).items()
            if not name.startswith("__")
        )
        return module

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


class _Tests(importlib.machinery.SourceFileLoader):
    """Reads a file of tests, also one that refuses backends that it does not know.

    Such a file chooses a class by the backend's name, and raises an ImportError for
    other names: that branch is left out, and the class is there beforehand. A table by
    the backend's name, of devices, has a row for ours, the same as for JAX.
    """

    def get_code(self, fullname: str) -> CodeType:
        """The file's code; nothing is written beside the file."""
        path = self.get_filename(fullname)
        tree = ast.parse(self.get_data(path), path)
        for node in tree.body:
            while isinstance(node, ast.If):
                if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.Raise):
                    node.orelse = []
                node = node.orelse[0] if node.orelse else ast.Pass()
        for table in (n for n in ast.walk(tree) if isinstance(n, ast.Dict)):
            names = [k.value if isinstance(k, ast.Constant) else k for k in table.keys]
            if "jax" in names and "torch" in names:
                table.keys.append(ast.copy_location(ast.Constant("pronghorn"), table))
                table.values.append(table.values[names.index("jax")])
        return compile(tree, path, "exec")

    def exec_module(self, module: ModuleType) -> None:
        """Run the file."""
        module.__dict__["Trainer"] = stand_ins.Trainer
        super().exec_module(module)


class Finder(importlib.abc.MetaPathFinder):
    """Finds Keras's modules, its tests, and absl; refuses the frameworks.

    Args:
        keras: the folder of the installed package.
        absl: the folder of the package of that name; it is read as it is.
    """

    def __init__(self, keras: Path, absl: Path) -> None:
        self.keras, self.absl = keras, absl

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """The module's spec; None for what is not ours to answer."""
        top, *rest = name.split(".")
        if top in FRAMEWORKS:
            return _spec(name, _Loader(stand_ins.Framework))
        if name == "conftest":
            return _spec(name, _Copy("tests.keras_suite.stand_ins"))
        if top == TESTS:
            file = self.keras.joinpath("src", *rest)
            return _spec(name, _Loader()) if file.is_dir() else _from_file(name, file)
        if top == "absl":
            return _from_file(name, self.absl.joinpath(*rest))
        if top != "keras":
            return None
        found = self._keras(name, rest)
        if found is None:
            raise ModuleNotFoundError(f"Keras has no module {name}", name=name)
        return found

    def _keras(
        self, name: str, rest: list[str]
    ) -> importlib.machinery.ModuleSpec | None:
        file = self.keras.joinpath(*rest)
        if name.endswith("_test"):
            return _spec(name, _Copy(f"{TESTS}.{'.'.join(rest[1:])}"))
        within = ".".join(rest[1:] if rest[:1] == ["src"] else rest)
        if within in OUR_OWN:
            return _spec(name, _Copy(OUR_OWN[within]))
        if not (file.is_dir() or file.with_suffix(".py").is_file()):
            return None
        if within == "utils.module_utils":
            return _spec(name, _Loader(stand_ins.Frameworks))
        return _spec(name, _Loader(Alias, _path=within, _rooms=rooms_of(within)))


def _spec(name: str, loader: importlib.abc.Loader) -> importlib.machinery.ModuleSpec:
    """A module that has others in it, whether or not Keras's has."""
    return importlib.machinery.ModuleSpec(name, loader, is_package=True)


def _from_file(name: str, file: Path) -> importlib.machinery.ModuleSpec | None:
    """A module that is read from a file, or a package from its folder."""
    package = file / "__init__.py"
    if package.is_file():
        return importlib.util.spec_from_file_location(
            name, package, submodule_search_locations=[str(file)]
        )
    source = file.with_suffix(".py")
    if not source.is_file():
        return None
    loader = _Tests(name, str(source)) if name.endswith("_test") else None
    return importlib.util.spec_from_file_location(name, source, loader=loader)


def install(keras: Path, absl: Path) -> Finder:
    """Answer imports of Keras from now on, in this process.

    Raises:
        RuntimeError: real Keras, or a framework, has been imported already.
    """
    loaded = [m for m in ("keras", *FRAMEWORKS) if m in sys.modules]
    if loaded:
        raise RuntimeError(f"imported before the alias was there: {', '.join(loaded)}")
    finder = Finder(keras, absl)
    sys.meta_path.insert(0, finder)
    return finder
