"""The build finds a compiler that works, and asks for zig only where none does."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

BACKEND = Path(__file__).parents[2] / "build_backend"
sys.path.insert(0, str(BACKEND))

import pronghorn_build as backend  # noqa: E402
from pronghorn_build import compilers, configure  # noqa: E402

BROKEN = {
    "fails": "exit 1",
    "makes nothing": "exit 0",
    "makes an empty file": 'while [ "$1" != -o ]; do shift; done; : > "$2"',
}
WORKS = 'while [ "$1" != -o ]; do shift; done; echo object > "$2"'


@pytest.fixture
def bin_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the whole PATH; no $CXX."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("CXX", raising=False)
    return folder


def put(folder: Path, name: str, body: str) -> Path:
    """An executable shell script."""
    script = folder / name
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return script


def test_no_compiler_asks_for_zig(bin_dir: Path) -> None:
    assert compilers.find_compiler() is None
    assert compilers.zig_requires() == [compilers.ZIG]


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_a_broken_compiler_is_none(bin_dir: Path, body: str) -> None:
    for name in ("c++", "g++", "clang++"):
        put(bin_dir, name, body)
    assert compilers.find_compiler() is None


@pytest.mark.parametrize("name", ["c++", "g++", "clang++"])
def test_the_first_that_works_is_taken(bin_dir: Path, name: str) -> None:
    for other in ("c++", "g++", "clang++"):
        put(bin_dir, other, WORKS if other == name else "exit 1")
    assert compilers.find_compiler() == [name]
    assert compilers.zig_requires() == []


def test_cxx_goes_first_and_may_have_arguments(
    bin_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bin_dir, "c++", WORKS)
    put(bin_dir, "mine", f'[ "$1" = --fast ] || exit 1\n{WORKS}')
    monkeypatch.setenv("CXX", "mine --fast")
    assert compilers.find_compiler() == ["mine", "--fast"]
    assert configure.cmake_defines() == {}  # CMake reads $CXX itself
    monkeypatch.setenv("CXX", "mine")
    assert compilers.find_compiler() == ["c++"]
    assert configure.cmake_defines("p.") == {"p.CMAKE_CXX_COMPILER": "c++"}


def test_the_wheel_asks_for_zig_where_nothing_works(
    bin_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(BACKEND.parent)
    for hook in ("wheel", "editable"):
        wanted = getattr(backend, f"get_requires_for_build_{hook}")()
        assert compilers.ZIG in wanted
    put(bin_dir, "c++", WORKS)
    for hook in ("wheel", "editable"):
        wanted = getattr(backend, f"get_requires_for_build_{hook}")()
        assert compilers.ZIG not in wanted


def test_zig_missing_is_an_error_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compilers, "find_spec", lambda name: None)
    with pytest.raises(RuntimeError, match="Install either one"):
        compilers.write_zig_wrapper(tmp_path)


def test_the_wrapper_runs_zig_with_pinned_flags(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "zig lang"  # a blank in a path must not break it
    package.mkdir()
    (package / "__init__.py").touch()
    put(
        package,
        "zig",
        'echo "$ZIG_GLOBAL_CACHE_DIR"; for w in "$@"; do echo "$w"; done',
    )

    class Spec:
        origin = str(package / "__init__.py")

    monkeypatch.setattr(compilers, "find_spec", lambda name: Spec)
    monkeypatch.delenv("ZIG_GLOBAL_CACHE_DIR", raising=False)
    script = compilers.write_zig_wrapper(tmp_path / "zig")
    done = subprocess.run(
        [script, "-O3", "a b.cpp"], capture_output=True, text=True, check=True
    )
    cache, command, *words = done.stdout.splitlines()
    assert (cache, command) == (str(tmp_path / "zig" / "cache"), "c++")
    assert words[-2:] == ["-O3", "a b.cpp"], "CMake's own flags come last and win"
    assert {"-mcpu=baseline", "-nostdlib++"} <= set(words[:-2])
