"""`python -m pronghorn.accel` runs a script as `python` does."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from .running import accel, script

WHERE = """\
import json, sys, os
main = sys.modules["__main__"]
print(json.dumps({
    "name": __name__, "file": os.path.realpath(__file__), "argv": sys.argv,
    "path": os.path.realpath(sys.path[0]), "main": vars(main) is globals(),
    "spec": __spec__ is None, "package": __package__, "doc": __doc__,
}))
"""


def test_it_looks_as_under_python(tmp_path: Path) -> None:
    name = script(tmp_path, '"""What it is."""\n' + WHERE)
    seen = json.loads(accel(name, "--report", "-x", cwd=tmp_path).stdout)
    assert seen == {
        "name": "__main__",
        "file": str((tmp_path / name).resolve()),
        "argv": ["script.py", "--report", "-x"],
        "path": str(tmp_path.resolve()),
        "main": True,
        "spec": True,
        "package": None,
        "doc": "What it is.",
    }


def test_its_neighbours_can_be_imported(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    script(folder, "from tensorflow.keras.layers import Dense\n", "mine.py")
    name = script(folder, "import mine; print(mine.Dense.__name__)")
    assert accel(f"folder/{name}", cwd=tmp_path).stdout == "Dense\n"


def test_a_module_runs_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    text = "import sys, keras; print(__name__, __package__, sys.argv[1:], keras.Model)"
    script(tmp_path / "package", text, "work.py")
    done = accel("-m", "package.work", "a", "-m", cwd=tmp_path)
    assert done.stdout.startswith("__main__ package ['a', '-m'] <class 'pronghorn")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("pass", 0),
        ("import sys; sys.exit()", 0),
        ("import sys; sys.exit(7)", 7),
        ("import sys; sys.exit('no')", 1),
        ("raise SystemExit(3)", 3),
        ("1 / 0", 1),
        ("def", 1),
    ],
)
def test_exit_codes_are_pythons(tmp_path: Path, text: str, code: int) -> None:
    assert accel(script(tmp_path, text), cwd=tmp_path).returncode == code


def test_a_traceback_is_the_scripts_alone(tmp_path: Path) -> None:
    name = script(tmp_path, "def f():\n    raise ValueError('mine')\n\nf()\n")
    lines = accel(name, cwd=tmp_path).stderr.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1].endswith('script.py", line 4, in <module>')
    assert lines[-1] == "ValueError: mine"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "a script is missing"),
        (("--report",), "a script is missing"),
        (("-m",), "needs the name of a module"),
        (("--fast", "a.py"), "no option --fast"),
        (("--baseline", "soon", "a.py"), "takes seconds, not 'soon'"),
        (("--baseline=-1", "a.py"), "takes seconds, not '-1'"),
        (("nothing.py",), "can't open 'nothing.py': No such file"),
    ],
)
def test_misuse_is_told(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    done = accel(*words, cwd=tmp_path)
    assert done.returncode == 2 and told in done.stderr


def test_help_is_shown(tmp_path: Path) -> None:
    done = accel("--help", cwd=tmp_path)
    assert done.returncode == 0 and done.stdout.startswith("usage: python -m pronghorn")


def test_pronghorn_is_loaded_once_and_nothing_else(tmp_path: Path) -> None:
    text = (
        "import sys\nbefore = sys.modules['pronghorn']\nimport tensorflow as tf\n"
        "from tensorflow.keras import layers\nimport pronghorn\n"
        "assert pronghorn is before\nassert layers.Dense is pronghorn.layers.Dense\n"
        "roots = ('keras', 'tensorflow', 'tf_keras', 'jax', 'torch')\n"
        "for name, module in list(sys.modules.items()):\n"
        "    if name.split('.')[0] in roots:\n"
        "        assert module.__spec__.origin == 'pronghorn', name\n"
    )
    done = accel(script(tmp_path, text), cwd=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder with a real Keras and JAX, as far as their names go."""
    folder = tmp_path / "site"
    for name in ("keras", "tensorflow", "jax"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(f"raise RuntimeError('real {name}')")
    return folder


def test_a_real_keras_stays_unloaded(tmp_path: Path, installed: Path) -> None:
    text = "import keras, tensorflow.keras.layers as l; print(keras.Model, l.Dense)"
    done = accel(script(tmp_path, text), cwd=tmp_path, path=installed)
    assert done.returncode == 0 and done.stdout.startswith("<class 'pronghorn.")


def test_an_error_says_how_to_run_it_on_a_real_keras(
    tmp_path: Path, installed: Path
) -> None:
    (installed / "tensorflow" / "__init__.py").unlink()
    (installed / "tensorflow").rmdir()
    name = script(tmp_path, "from keras.layers import LSTM\nLSTM(3)\n")
    told = accel(name, "a", cwd=tmp_path, path=installed).stderr
    assert "keras.layers.LSTM is not part of Pronghorn." in told
    assert "KERAS_BACKEND=jax python script.py a" in told


def test_so_does_an_error_from_within(tmp_path: Path, installed: Path) -> None:
    text = "import keras\nkeras.layers.Embedding(3, 2, lora_rank=2)\n"
    name = script(tmp_path, text)
    with_keras = accel(name, cwd=tmp_path, path=installed).stderr
    assert "KERAS_BACKEND=tensorflow python script.py" in with_keras
    assert with_keras.count("KERAS_BACKEND") == 1


FIT = """\
import numpy as np
from tensorflow import keras
model = keras.Sequential([keras.layers.Dense(1, input_shape=[2])], name="unit")
model.compile("sgd", "mse")
x, y = np.random.rand(20, 2), np.random.rand(20)
model.fit(x, y, epochs=3, verbose=0)
model.fit(x, y, epochs=2, verbose=0)
model.evaluate(x, y, verbose=0)
"""


def test_the_report_lists_what_ran(tmp_path: Path) -> None:
    done = accel("--baseline", "1000", script(tmp_path, FIT), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stderr.splitlines()]
    assert lines[0] == "pronghorn.accel: what ran here".split()
    assert lines[1] == "unit 3 weights, native".split()
    assert lines[2][:5] == "fit 2 times, 5 epochs,".split()
    assert lines[3][:2] == "evaluate once,".split()
    if sys.platform == "linux":
        assert lines[4][0] == "start" and 0 < float(lines[4][1]) < float(lines[5][1])
    elsewhere = " ".join(lines[-1])
    assert elsewhere.startswith("elsewhere 1000.00 s, as you measured: 9")


def test_the_report_comes_after_an_error_too(tmp_path: Path) -> None:
    done = accel("--report", script(tmp_path, FIT + "1 / 0\n"), cwd=tmp_path)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr and "unit" in done.stderr
    assert "elsewhere" not in done.stderr


def test_without_a_model_it_says_so(tmp_path: Path) -> None:
    done = accel("--report", script(tmp_path, "pass"), cwd=tmp_path)
    assert "no model was trained" in done.stderr
