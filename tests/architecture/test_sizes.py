"""Files, functions and lines stay small enough to be read whole."""

from __future__ import annotations

import statistics
from pathlib import Path

from .source import PACKAGE, ROOT, assert_none, code_lines, functions

PYTHON_FILE, CXX_FILE, FUNCTION, LINE = 600, 800, 80, 88
CXX_SUFFIXES = {".c", ".cpp", ".h", ".hpp", ".def"}


def python_files() -> list[Path]:
    """Every Python file that we write."""
    folders = ("src", "tests", "build_backend", "benchmarks", "examples")
    return [path for name in folders for path in sorted((ROOT / name).rglob("*.py"))]


def cxx_files() -> list[Path]:
    """Every C++ file that we write."""
    found = [p for name in ("native", "tests") for p in (ROOT / name).rglob("*")]
    return sorted(path for path in found if path.suffix in CXX_SUFFIXES)


def too_long(name: str, text: str, cap: int) -> list[str]:
    """What is too long in a file: the file, or single lines, in words."""
    lines = text.splitlines()
    words = [f"{name} has {len(lines)} lines, over {cap}"] if len(lines) > cap else []
    return words + [
        f"{name}:{number} has {len(line)} characters, over {LINE}"
        for number, line in enumerate(lines, 1)
        if len(line) > LINE
    ]


def long_functions(name: str, text: str) -> list[str]:
    """Functions over the cap, their docstrings not counted, in words."""
    return [
        f"{name}: {function} has {code_lines(node)} lines, over {FUNCTION}"
        for function, node in functions(text)
        if code_lines(node) > FUNCTION
    ]


def texts(paths: list[Path]) -> dict[str, str]:
    """Each file's text by its path from the root."""
    return {str(p.relative_to(ROOT)): p.read_text(encoding="utf-8") for p in paths}


def test_python_files_and_lines() -> None:
    found = texts(python_files())
    assert len(found) > 50, "the reader must find the files"
    assert_none([w for n, t in found.items() for w in too_long(n, t, PYTHON_FILE)])


def test_cxx_files_and_lines() -> None:
    found = texts(cxx_files())
    assert len(found) > 5, "the reader must find the files"
    assert_none([w for n, t in found.items() for w in too_long(n, t, CXX_FILE)])


def test_functions() -> None:
    found = texts(python_files())
    assert_none([w for n, t in found.items() for w in long_functions(n, t)])


def test_the_median_function_is_short() -> None:
    lengths = [
        code_lines(node)
        for path in PACKAGE.rglob("*.py")
        for _, node in functions(path.read_text(encoding="utf-8"))
    ]
    assert statistics.median(lengths) <= 10


# --- the testers themselves -----------------------------------------------------
def test_a_long_file_and_a_long_line_are_refused() -> None:
    assert too_long("a.py", "x\n" * 600, 600) == []
    assert too_long("a.py", "x\n" * 601, 600) == ["a.py has 601 lines, over 600"]
    assert too_long("a.py", "y" * 89, 600) == ["a.py:1 has 89 characters, over 88"]


def test_a_long_function_is_refused() -> None:
    body = "    x = 1\n" * 79
    assert long_functions("a.py", f"def f():\n{body}") == []
    assert long_functions("a.py", f"class A:\n  def f():\n{body}    x = 2\n") == [
        "a.py: A.f has 81 lines, over 80"
    ]


def test_a_docstring_does_not_make_a_function_long() -> None:
    text = 'def f():\n    """One.\n' + "\n" * 100 + '    """\n    return 1\n'
    assert [code_lines(node) for _, node in functions(text)] == [2]
