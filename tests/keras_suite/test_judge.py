"""The judge, judged: tests of ours, in the form of Keras's, with a fate that is known.

They lie in a folder that looks like an installed Keras, and are run in a process of
their own, as the alias of module names is for a whole process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ABSL = """
    import unittest
    class TestCase(unittest.TestCase):
        pass
"""
GOOD = """
    import numpy as np
    import keras
    import pytest
    from keras.src import backend, layers, ops, testing
    from keras.src.layers.core.dense import Dense
    from keras.src.ops import numpy as knp

    class GoodTest(testing.TestCase):
        def test_names(self):
            self.assertIs(Dense, keras.layers.Dense)
            self.assertIs(Dense, layers.Dense)
            self.assertEqual(backend.backend(), "pronghorn")
            self.assertEqual(Dense.__module__.split(".")[0], "pronghorn")

        def test_operation(self):
            x = np.ones((2, 3), "float32")
            self.assertAllClose(knp.Sum(axis=1)(x), [3.0, 3.0])
            self.assertAllClose(ops.sum(x), 6.0)

        def test_our_words(self):
            with self.assertRaisesRegex(ValueError, "in words of another"):
                layers.Dense(-1)

        def test_layer(self):
            self.run_layer_test(
                Dense,
                {"units": 4},
                input_shape=(2, 3),
                expected_output_shape=(2, 4),
                expected_num_trainable_weights=2,
                run_training_check=False,
            )

        @pytest.mark.skipif(backend.backend() != "jax", reason="JAX only")
        def test_marked(self):
            raise AssertionError

        @pytest.mark.xfail
        def test_wrong_in_keras(self):
            raise AssertionError

        def test_skips_itself(self):
            pytest.skip("not today")

        def test_left_out(self):
            raise AssertionError

    @pytest.mark.parametrize("a, b", [
        (1, 1), pytest.param(2, 3, id="odd", marks=pytest.mark.xfail(reason="odd")),
    ])
    @pytest.mark.parametrize("c", [0, 5], ids=lambda c: f"c{c}")
    def test_of_rows(a, b, c):
        assert a * c == b * c
"""
BAD = """
    import os
    import numpy as np
    import pytest
    import tensorflow as tf
    from keras.src import layers, ops, testing
    from keras.src.layers import Conv9D

    class BadTest(testing.TestCase):
        def test_value(self):
            self.assertAllClose(ops.sum(np.ones(3)), 4.0)

        def test_shape(self):
            self.assertAllClose(np.ones(3), np.ones((1, 3)))

        def test_equal(self):
            self.assertNotAllClose(np.ones(3), np.ones(3))

        def test_wrong_class_of_error(self):
            with self.assertRaisesRegex(TypeError, "anything"):
                layers.Dense(-1)

        def test_no_error(self):
            with self.assertRaisesRegex(ValueError, ""):
                layers.Dense(1)

        def test_stray_error(self):
            with self.assertRaisesRegex(ValueError, "a helpful message"):
                int("x")

        def test_missing_name(self):
            Conv9D(1)

        def test_framework(self):
            tf.sparse.from_dense(1)

        def test_number_of_weights(self):
            self.run_layer_test(
                layers.Dense,
                {"units": 4},
                input_shape=(2, 3),
                expected_num_trainable_weights=3,
            )

        def test_output_shape(self):
            self.run_layer_test(
                layers.Dense,
                {"units": 4},
                input_shape=(2, 3),
                expected_output_shape=(2, 5),
            )

        def test_output(self):
            self.run_layer_test(
                layers.Flatten,
                {},
                input_data=np.ones((2, 3), "float32"),
                expected_output=np.zeros((2, 3)),
            )

        def test_config(self):
            class Forgets(layers.Layer):
                def __init__(self, units, **kwargs):
                    super().__init__(**kwargs)

                def get_config(self):
                    return {"name": self.name}

            self.run_class_serialization_test(Forgets(3))

        def test_attributes(self):
            class Loses(layers.Layer):
                def __init__(self, **kwargs):
                    super().__init__(**kwargs)
                    if "name" not in kwargs:
                        self.fresh = True

            self.run_class_serialization_test(Loses())

    @pytest.mark.parametrize("a", [0, 1])
    def check_of_rows(a):
        assert a == 0

    test_of_rows = check_of_rows
"""
DIES = """
    import os
    from keras.src import testing

    class DiesTest(testing.TestCase):
        def test_a(self):
            pass

        def test_b(self):
            os._exit(3)
"""
BROKEN = "import keras.src.no_such_module"
FAILING = [
    line.split("(")[0].split()[1] for line in BAD.splitlines() if "def t" in line
]
RUN = """
import json, sys
from pathlib import Path
from tests.keras_suite import files, runner
where = Path(sys.argv[1])
listed = files.Exclusions(["*::*::test_left_out  a reason"])
sources = files.Sources(where / "keras", where / "absl")
runner.warm_up(sources)
for o in runner.outcomes(sources.tests(), listed, 2):
    print(json.dumps([o.name, o.result, o.detail, o.other_words]))
assert not listed.unused()
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[object]]:
    """What the judge says of each test."""
    where = tmp_path_factory.mktemp("wheel")
    modules = "layers/core/dense backend ops/numpy layers ops testing"
    texts = {f"keras/src/{name}.py": "" for name in modules.split()}
    texts |= {
        "keras/layers.py": "",
        "absl/__init__.py": "",
        "absl/testing/__init__.py": "",
    }
    texts["absl/testing/parameterized.py"] = ABSL
    for name, text in zip("good bad dies broken".split(), (GOOD, BAD, DIES, BROKEN)):
        texts[f"keras/src/room/{name}_test.py"] = text
    for name, text in texts.items():
        (where / name).parent.mkdir(parents=True, exist_ok=True)
        (where / name).write_text(textwrap.dedent(text))
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(where)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return {str(row[0]).removeprefix("room/"): row[1:] for row in rows}


@pytest.mark.parametrize("name", ["names", "operation", "layer"])
def test_passes(found: dict[str, list[object]], name: str) -> None:
    assert found[f"good_test.py::GoodTest::test_{name}"] == ["passed", "", 0]


def test_an_error_in_our_words_passes_and_is_counted(
    found: dict[str, list[object]],
) -> None:
    assert found["good_test.py::GoodTest::test_our_words"] == ["passed", "", 1]


def test_skips_are_told_from_exclusions(found: dict[str, list[object]]) -> None:
    name = "good_test.py::GoodTest::test_"
    assert found[f"{name}marked"] == ["skipped", "JAX only", 0]
    wrong = found[f"{name}wrong_in_keras"]
    assert wrong == ["skipped", "it fails in Keras too", 0]
    assert found[f"{name}skips_itself"] == ["skipped", "not today", 0]
    assert found[f"{name}left_out"] == ["excluded", "a reason", 0]


def test_each_row_of_a_parametrized_function_is_a_test(
    found: dict[str, list[object]],
) -> None:
    name = "good_test.py::functions::test_of_rows"
    assert found[f"{name}[c0-0]"] == found[f"{name}[c5-0]"] == ["passed", "", 0]
    assert found[f"{name}[c0-odd]"] == found[f"{name}[c5-odd]"] == ["skipped", "odd", 0]
    failed = found["bad_test.py::functions::test_of_rows[1]"]
    assert failed[0] == "failed" and len([n for n in found if "of_rows" in n]) == 6


@pytest.mark.parametrize("name", FAILING)
def test_fails(found: dict[str, list[object]], name: str) -> None:
    assert found[f"bad_test.py::BadTest::{name}"][0] == "failed"


def test_what_is_not_here_is_named(found: dict[str, list[object]]) -> None:
    name = "bad_test.py::BadTest::test_"
    assert "keras.src.layers.Conv9D" in str(found[f"{name}missing_name"][1])
    assert "tensorflow.sparse.from_dense" in str(found[f"{name}framework"][1])


def test_a_file_that_ends_its_process_has_failed(
    found: dict[str, list[object]],
) -> None:
    assert found["dies_test.py::DiesTest::test_a"][0] == "passed"
    assert found["dies_test.py::*::*"] == ["failed", "ended by exit status 3", 0]


def test_a_file_that_cannot_be_read_has_failed(found: dict[str, list[object]]) -> None:
    assert found["broken_test.py::*::*"][0] == "failed"
    assert "keras.src.no_such_module" in str(found["broken_test.py::*::*"][1])


def test_no_text_of_a_test_is_reported(found: dict[str, list[object]]) -> None:
    detail = str(found["bad_test.py::BadTest::test_stray_error"][1])
    assert "invalid literal" in detail
    assert "helpful" not in detail
