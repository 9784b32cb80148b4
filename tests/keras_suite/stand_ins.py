"""What Keras's tests call that is no public name of ours, and what stands for it.

None of these makes a test pass that should not: the backend's helpers are asked for a
dtype, a shape or a NumPy array, and answer with ours; a class of an operation calls our
function of that operation; what is missing raises where it is used, not where it is
imported, so that one name does not hide a file's other tests.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import inspect
import itertools
import logging
import os
import re
import shutil
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

import pronghorn
from pronghorn import config, ops, registry, saving
from pronghorn.accel.tensorflow import NAMESPACES
from pronghorn.ir import masks, tracer
from pronghorn.layers.index_lookup import IndexLookup
from pronghorn.naming import current_path
from tests.keras_suite import event_files

# Classes of operations whose options are functions, and come first.
OPTIONS_FIRST = ("ForiLoop", "Full", "VectorizedMap", "WhileLoop")
OF_OTHER_NAMES = {"LayerNorm": "layer_normalization", "RMSNorm": "rms_normalization"}
NONE = object()  # not found: None is a value
DTYPES = ("float32", "int32", "bool")
PYTHON_TYPES = {bool: "bool", int: "int32", float: "float32"}
OPERATIONS = ("core", "linalg", "math", "nn", "numpy")  # modules of `keras.src.ops`


class NotHereError(AttributeError):
    """A test used a name of Keras that Pronghorn does not have."""


class Missing:
    """A name of Keras's that Pronghorn does not have; using it raises."""

    def __init__(self, name: str) -> None:
        self.__dict__["_name"] = name

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise NotHereError(f"not in Pronghorn: {self._name}")

    __call__ = __bool__ = __len__ = __iter__ = __setattr__ = _refuse  # type: ignore
    __enter__ = __eq__ = __getitem__ = _refuse  # type: ignore[assignment]
    __hash__ = object.__hash__

    def __exit__(self, *_: Any) -> None:
        """`__enter__` raised before."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Missing(f"{self._name}.{name}")

    def __mro_entries__(self, _: Any) -> tuple[type, ...]:
        refuse = self._refuse
        return (type("Absent", (), {"__new__": lambda cls, *a, **k: refuse()}),)

    def __repr__(self) -> str:
        return f"<{self._name}: not in Pronghorn>"


class Framework(ModuleType):
    """A framework that Keras runs on; any of its names raises where it is used.

    But what `pronghorn.accel` has of TensorFlow for scripts, its data sets above all,
    and what reads event files.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if self.__name__ == "tensorflow":
            if name in NAMESPACES[""]:
                return NAMESPACES[""][name]
            if name == "data":
                return SimpleNamespace(**NAMESPACES["data"])
        if name in event_files.MODULES.get(self.__name__, {}):
            return event_files.MODULES[self.__name__][name]
        return Missing(f"{self.__name__}.{name}")


class Frameworks(ModuleType):
    """Keras's room of modules that may be installed: here, none is.

    But optree, for which Keras's tree is a thin cover: `tree.optree_impl` is our tree.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        framework = Framework(name)
        framework.available = name == "optree"  # type: ignore[attr-defined]
        return framework


def find(path: str, name: str) -> Any:
    """The stand-in for a name of the module at `path` below `keras.src`, or NONE."""
    parts = path.split(".")
    if parts[0] == "backend":
        return _BACKEND.get(name, NONE)
    if (parts[0], name) == ("config", "backend"):
        return _BACKEND[name]
    if parts[0] == "ops" and (parts[1:] == [] or parts[1] in OPERATIONS):
        return operation(name)
    return _HELPERS.get(path, {}).get(name, NONE)


# --- classes of operations ------------------------------------------------------
def operation(name: str) -> Any:
    """Keras's class of an operation: made with its options, called with tensors."""
    if not name[:1].isupper():
        return NONE
    function = next((f for f in map(_function, _snake(name)) if f is not None), None)
    if function is None:
        return NONE

    class Operation:
        """Calls our function of this name."""

        def __init__(self, *args: Any, **options: Any) -> None:
            options.pop("name", None)
            self.args, self.options = args, options

        def __call__(self, *tensors: Any, **more: Any) -> Any:
            known = inspect.signature(function).parameters
            kinds = {parameter.kind for parameter in known.values()}
            if name in OPTIONS_FIRST or inspect.Parameter.VAR_POSITIONAL in kinds:
                return function(*self.args, *tensors, **self.options, **more)
            names = list(known)
            given = dict(zip(names[len(tensors) :], self.args))
            return function(*tensors, **given, **self.options, **more)

        call = symbolic_call = compute_output_spec = __call__

    Operation.__name__ = Operation.__qualname__ = name
    return Operation


def _snake(name: str) -> Iterator[str]:
    """What an operation's function may be called: LogSoftmax, log_softmax."""
    if name in OF_OTHER_NAMES:
        yield OF_OTHER_NAMES[name]
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    snake = re.sub(r"(?<=[A-Z])(?=[A-Z][a-z])", "_", snake).lower()
    yield snake
    yield re.sub(r"(?<=[a-z])(?=\d)", "_", snake)
    yield name.lower()
    yield snake.replace("_", "")


def _function(name: str) -> Callable[..., Any] | None:
    try:
        for room in (ops, getattr(ops, "linalg", None), getattr(ops, "nn", None)):
            found = getattr(room, name, None)
            if callable(found):
                return found  # type: ignore[no-any-return]
    except NotImplementedError:
        pass
    return None


# --- the backend's helpers ------------------------------------------------------
def standardize_dtype(dtype: Any) -> str:
    """A dtype's name, of whatever names one."""
    if dtype is None:
        return str(_config("floatx", "float32"))
    if isinstance(dtype, type) and dtype in PYTHON_TYPES:
        return PYTHON_TYPES[dtype]
    name = getattr(dtype, "name", None) or getattr(dtype, "__name__", None)
    return str(name if name is not None else dtype)


def _config(name: str, default: Any) -> Any:
    function = getattr(pronghorn.config, name, None)
    return default if function is None else function()


def is_float_dtype(dtype: Any) -> bool:
    """Whether a dtype is one of numbers with a point."""
    return "float" in standardize_dtype(dtype)


def is_int_dtype(dtype: Any) -> bool:
    """Whether a dtype is one of whole numbers."""
    return "int" in standardize_dtype(dtype)


def is_tensor(x: Any) -> bool:
    """Arrays are our tensors; so are symbols."""
    return isinstance(x, np.ndarray | np.generic | pronghorn.KerasTensor)


def compute_output_spec(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What a function of symbols gives; variables keep their values."""
    with pronghorn.StatelessScope():
        return function(*args, **kwargs)


@contextlib.contextmanager
def nothing(*_: Any, **__: Any) -> Iterator[None]:
    """A scope without effect, such as one of a device where there is but one."""
    yield


class Trainer(pronghorn.Model):  # type: ignore[misc]
    """What makes a model of a layer, to be mixed in, as Keras's backends have it."""

    def __init__(self) -> None:
        self._start_training_state()

    def build(self, *shapes: Any) -> None:
        """As the layer that it is mixed with is built."""
        for cls in type(self).__mro__:
            if cls not in Trainer.__mro__ and "build" in vars(cls):
                return cls.build(self, *shapes)  # type: ignore[attr-defined]
        return super().build(*shapes)


_BACKEND = {
    "SUPPORTS_SPARSE_TENSORS": False,
    "SUPPORTS_RAGGED_TENSORS": False,
    "SUPPORTS_COMPLEX_DTYPES": False,
    "IS_THREAD_SAFE": True,
    # What tests of dtypes go through: the dtypes that the engine has.
    "ALLOWED_DTYPES": DTYPES,
    "BOOL_TYPES": ("bool",),
    "COMPLEX_TYPES": (),
    "FLOAT8_TYPES": (),
    "FLOAT_TYPES": ("float16", "float32"),  # some tests need two
    "INT_TYPES": ("uint8", "int32"),
    "backend": lambda: "pronghorn",
    "compute_output_spec": compute_output_spec,
    "current_path": current_path,
    "is_float_dtype": is_float_dtype,
    "is_int_dtype": is_int_dtype,
    "floatx": lambda: standardize_dtype(None),
    "get_keras_mask": masks.mask_of,
    "set_keras_mask": masks.set_mask,
    "in_symbolic_scope": lambda: tracer.active() is not None,
    "is_tensor": is_tensor,
    "linalg": ops,
    "math": ops,
    "nn": ops,
    "numpy": ops,
    "random": pronghorn.random,
    "standardize_dtype": standardize_dtype,
    "standardize_shape": tuple,
}


def hash_file(path: str, algorithm: str = "sha256") -> str:
    """A file's digest; "auto" is SHA-256."""
    kind = "sha256" if algorithm == "auto" else algorithm
    return hashlib.new(kind, Path(path).read_bytes()).hexdigest()


def validate_file(path: str, digest: str, algorithm: str = "auto") -> bool:
    """Whether a file has this digest; "auto" tells MD5 by its length."""
    short = algorithm == "auto" and len(digest) == 32
    return hash_file(path, "md5" if short else algorithm) == digest


# Functions of Keras's that its tests use on the way to what they test.
_HELPERS: dict[str, dict[str, Any]] = {
    "legacy.saving.legacy_h5_format": {
        "load_model_from_hdf5": saving.load_model,
        "save_model_to_hdf5": saving.save_model,
    },
    "saving.object_registration": {"GLOBAL_CUSTOM_NAMES": registry._CUSTOM_NAME_OF},
    "saving.saving_lib": {
        "_CONFIG_FILENAME": "config.json",
        "_METADATA_FILENAME": "metadata.json",
        "_VARS_FNAME": "model.weights",
        "load_weights_only": lambda model, path, **k: model.load_weights(path, **k),
        "save_weights_only": lambda model, path, **k: model.save_weights(path, **k),
    },
    "layers": {"IndexLookup": IndexLookup},  # the base of two public ones
    "saving.serialization_lib": {"ObjectSharingScope": config.object_sharing_scope},
    "utils.file_utils": {
        "File": open,
        "exists": os.path.exists,
        "hash_file": hash_file,
        "join": os.path.join,
        "makedirs": os.makedirs,
        "rmtree": shutil.rmtree,
        "validate_file": validate_file,
    },
    "utils.io_utils": {
        "set_logging_verbosity": lambda level: logging.getLogger("pronghorn").setLevel(
            level
        ),
    },
    # Keras's containers that tell a layer of what is put into them: plain ones.
    "utils.tracking": {
        "TrackedDict": dict,
        "TrackedList": list,
        "TrackedOrderedDict": OrderedDict,
        "TrackedSet": list,
    },
    "utils.traceback_utils": {
        "disable_traceback_filtering": lambda: None,
        "enable_traceback_filtering": lambda: None,
        "is_traceback_filtering_enabled": lambda: False,
    },
}


# --- helpers of Keras's tests ---------------------------------------------------
def skip_if_backend(name: str, reason: str) -> Callable[[Any], Any]:
    """Keras leaves a test out on a backend that is none of ours."""
    del name, reason
    return lambda test: test


def named_product(*tables: Any, **values: Any) -> list[dict[str, Any]]:
    """Every combination of parameters, each with a name made of its parts.

    Args:
        tables: sequences of dicts that have a `testcase_name`.
        values: the values of one parameter.
    """
    columns = [list(table) for table in tables]
    for key, choices in values.items():
        columns.append([{"testcase_name": _label(v), key: v} for v in choices])
    rows = []
    for chosen in itertools.product(*reversed(columns)):
        row: dict[str, Any] = {}
        for part in reversed(chosen):
            row.update(part)
        row["testcase_name"] = "_".join(p["testcase_name"] for p in reversed(chosen))
        rows.append(row)
    return rows


def _label(value: Any) -> str:
    return str(getattr(value, "__name__", value)).lower()


def get_test_data(
    train_samples: int,
    test_samples: int,
    input_shape: tuple[int, ...],
    num_classes: int,
    random_seed: int | None = None,
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Noisy points around one centre per class, shuffled: ((x, y), (x, y))."""
    rng = np.random.default_rng(random_seed)
    centres = 2 * num_classes * rng.random((num_classes, *input_shape))

    def part(rows: int) -> tuple[np.ndarray, np.ndarray]:
        y = rng.permutation(np.arange(rows) % num_classes)
        x = centres[y] + rng.standard_normal((rows, *input_shape))
        return x.astype(np.float32), y

    return part(train_samples), part(test_samples)


def room(name: str) -> ModuleType | None:
    """A room of Pronghorn, None where there is none of this name."""
    try:
        return importlib.import_module(f"pronghorn.{name}")
    except ModuleNotFoundError:
        return None
