"""Our own declarations of Python's stable ABI are Python's."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

HERE = Path(__file__).parent
OURS = HERE.parents[1] / "native" / "stable_abi"
INCLUDE = Path(sysconfig.get_path("include"))


def check_syntax(*words: str) -> subprocess.CompletedProcess[str]:
    """Compile without making anything."""
    compiler = shutil.which("c++")
    if compiler is None:
        pytest.skip("needs a C++ compiler")
    command = [compiler, "-std=gnu++17", "-fsyntax-only", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def compile_against_python(*words: str) -> subprocess.CompletedProcess[str]:
    """Compile the comparison with Python's own headers."""
    if not (INCLUDE / "Python.h").exists():
        pytest.skip("needs Python's own headers")
    files = ["-iquote", str(OURS), str(HERE / "stable_abi.cpp")]
    return check_syntax(f"-I{INCLUDE}", *words, *files)


def test_the_binding_needs_no_more() -> None:
    define = "-DPy_LIMITED_API=0x030B0000"
    done = check_syntax(define, f"-I{OURS}", str(OURS.parent / "binding.cpp"))
    assert done.returncode == 0, f"add what is missing to {OURS}:\n{done.stderr}"


def test_every_line_agrees() -> None:
    done = compile_against_python()
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "line",
    [
        "PH_CALL(int, PyDict_New, (void))",
        "PH_CALL(int, PyList_Append, (PyObject*))",
        "PH_CONSTANT(METH_O, 4)",
        "PH_FIELD(Py_buffer, ndim, 32)",
        "PH_SIZE(PyMethodDef, 24)",
    ],
)
def test_a_wrong_line_is_refused(line: str) -> None:
    done = compile_against_python(f"-DPH_WRONG={line}")
    assert done.returncode != 0 and "static assertion failed" in done.stderr.replace(
        "static_assert failed", "static assertion failed"
    )
