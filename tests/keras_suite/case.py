"""The class that Keras's tests inherit from: its assertions, in our words.

Each asserts what Keras's does. The one departure is `assertRaisesRegex`: an error
passes where its text matches, or where it is one of Pronghorn's own, of the class that
was asked for: those say in our words where, what was expected, what came and what to
do. How often the words differed is counted and shown in the report.
"""

from __future__ import annotations

import contextlib
import json
import random
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from absl.testing import parameterized

import pronghorn
from pronghorn import saving
from pronghorn.errors import PronghornError
from tests.keras_suite.layer_checks import LayerChecks
from tests.keras_suite.stand_ins import is_tensor, standardize_dtype

__all__ = [
    "TestCase",
    "jax_uses_gpu",
    "jax_uses_tpu",
    "tensorflow_uses_gpu",
    "tensorflow_uses_tpu",
    "torch_uses_gpu",
    "uses_gpu",
    "uses_tpu",
]

OTHER_WORDS: list[str] = []  # patterns of Keras's messages that ours did not match
SEED = 1337


def _no_accelerator() -> bool:
    return False


jax_uses_gpu = jax_uses_tpu = tensorflow_uses_gpu = tensorflow_uses_tpu = (
    _no_accelerator
)
torch_uses_gpu = uses_gpu = uses_tpu = _no_accelerator


def start_afresh() -> None:
    """Names from their first number, and the same random numbers for each test."""
    pronghorn.utils.clear_session()
    random.seed(SEED)
    np.random.seed(SEED)
    pronghorn.utils.set_random_seed(SEED)


class TestCase(LayerChecks, parameterized.TestCase):
    """A test of Keras's, with its assertions on arrays, configs and layers."""

    maxDiff = None

    def setUp(self) -> None:
        """Forget what earlier tests named and drew."""
        super().setUp()
        start_afresh()

    def get_temp_dir(self) -> str:
        """A folder that is removed after the test."""
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        return folder

    def convert_to_numpy(self, x: Any) -> np.ndarray:
        """An array of whatever holds numbers."""
        if isinstance(x, pronghorn.Variable):
            return x.numpy()
        return np.asarray(x)

    # --- arrays -----------------------------------------------------------------
    def assertAllClose(
        self,
        actual: Any,
        desired: Any,
        atol: float = 1e-6,
        rtol: float = 1e-6,
        tpu_atol: float | None = None,
        tpu_rtol: float | None = None,
        msg: str | None = None,
    ) -> None:
        """Equal shapes, and entries equal to a tolerance."""
        left, right = self.convert_to_numpy(actual), self.convert_to_numpy(desired)
        np.testing.assert_allclose(left, right, rtol, atol, err_msg=msg or "")

    def assertNotAllClose(
        self,
        x1: Any,
        x2: Any,
        atol: float = 1e-6,
        rtol: float = 1e-6,
        msg: str | None = None,
    ) -> None:
        """Shapes differ, or some entries by more than a tolerance."""
        try:
            self.assertAllClose(x1, x2, atol, rtol)
        except AssertionError:
            return
        self.fail(msg or f"all entries are close: {x1}")

    def assertAlmostEqual(
        self,
        actual: Any,
        desired: Any,
        decimal: int = 3,
        tpu_decimal: int | None = None,
        msg: str | None = None,
    ) -> None:
        """Entries equal to some decimal places."""
        left, right = self.convert_to_numpy(actual), self.convert_to_numpy(desired)
        np.testing.assert_almost_equal(left, right, decimal, err_msg=msg or "")

    def assertAllEqual(self, actual: Any, desired: Any, msg: str | None = None) -> None:
        """Equal shapes and entries."""
        left, right = self.convert_to_numpy(actual), self.convert_to_numpy(desired)
        np.testing.assert_array_equal(left, right, err_msg=msg or "")

    def assertLen(self, container: Any, expected_len: int, msg: Any = None) -> None:
        """As many items as expected."""
        self.assertEqual(len(container), expected_len, msg)

    def assertDType(self, x: Any, dtype: Any, msg: str | None = None) -> None:
        """A tensor's dtype, or that of a Python number."""
        found = standardize_dtype(getattr(x, "dtype", type(x)))
        self.assertEqual(found, standardize_dtype(dtype), msg)

    def assertSparse(self, x: Any, sparse: bool = True) -> None:
        """There are no sparse tensors here."""
        self.assertFalse(sparse, "sparse tensors are not supported")
        self.assertTrue(is_tensor(x))

    def assertRagged(self, x: Any, ragged: bool = True) -> None:
        """There are no ragged tensors here."""
        self.assertFalse(ragged, "ragged tensors are not supported")
        self.assertTrue(is_tensor(x))

    # --- files and errors -------------------------------------------------------
    def assertFileExists(self, path: str) -> None:
        """There is a file of this name."""
        self.assertTrue(Path(path).is_file(), f"there is no file {path}")

    def assertRaisesRegex(  # type: ignore[override]
        self, expected_exception: Any, expected_regex: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """An error of this class, in Keras's words or as one of Pronghorn's own."""
        if args:
            with self._raises(expected_exception, expected_regex):
                args[0](*args[1:], **kwargs)
            return None
        return self._raises(expected_exception, expected_regex)

    @contextlib.contextmanager
    def _raises(self, kind: Any, pattern: Any) -> Iterator[Any]:
        with self.assertRaises(kind) as caught:
            yield caught
        error = caught.exception
        if re.search(pattern, str(error)):
            return
        if isinstance(error, PronghornError):
            OTHER_WORDS.append(str(pattern))
            return
        words = f"{type(error).__name__} in words that are neither: {error}"
        raise self.failureException(words) from error

    # --- configs ----------------------------------------------------------------
    def run_class_serialization_test(
        self, instance: Any, custom_objects: dict[str, Any] | None = None
    ) -> Any:
        """An object comes back from its config, and from the JSON of a file.

        Its config is the same then, tuples told from lists, and so are its attributes.
        A class of the tests is one of Keras's package to Keras, which finds it there;
        here it is a user's, and is given by name.
        """
        if type(instance).__module__.startswith("keras_tests."):
            own = {type(instance).__name__: type(instance)}
            custom_objects = {**own, **(custom_objects or {})}
        config = instance.get_config()
        wanted, attributes = _written(config), _names(instance)
        with saving.custom_object_scope(custom_objects or {}):
            again = type(instance).from_config(config)
        self.assertEqual(wanted, _written(again.get_config()))
        self.assertEqual(attributes, _names(again))

        text = _written(saving.serialize_keras_object(instance))
        with saving.custom_object_scope(custom_objects or {}):
            again = saving.deserialize_keras_object(_read(text))
        self.assertEqual(wanted, _written(again.get_config()))
        self.assertEqual(attributes, _names(again))
        return again


def _names(instance: Any) -> set[str]:
    return set(dir(instance)) - {"__annotations__"}


def _written(config: Any) -> str:
    """A config as JSON in which a tuple is no list."""

    def marked(value: Any) -> Any:
        if isinstance(value, tuple):
            return {"tuple": [marked(v) for v in value]}
        if isinstance(value, list):
            return [marked(v) for v in value]
        if isinstance(value, dict):
            return {key: marked(v) for key, v in value.items()}
        return value

    return json.dumps(marked(config), sort_keys=True, indent=1)


def _read(text: str) -> Any:
    """What `_written` wrote."""

    def unmarked(value: dict[str, Any]) -> Any:
        return tuple(value["tuple"]) if list(value) == ["tuple"] else value

    return json.loads(text, object_hook=unmarked)
