"""Which C++ compiler builds the engine: the machine's own, or zig's from PyPI."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

__all__ = ["find_compiler", "write_zig_wrapper", "zig_name", "zig_requires"]

ZIG = "ziglang>=0.13"

# As little as the engine needs: C++17, a C header and a shared object.
PROBE = """
#include <math.h>
#include <stdint.h>
template <class T> constexpr T twice(T x) { if constexpr (sizeof(T) > 1) return x + x; }
extern "C" float probe(float x) { return sqrtf(twice(x)); }
"""
PROBE_FLAGS = ("-std=c++17", "-O1", "-fPIC", "-shared", "-fno-exceptions")
ZIG_FLAGS = ("-mcpu=baseline", "-nostdlib++", "-O2", "-s")


def find_compiler() -> list[str] | None:
    """The command of the first C++ compiler that really links a shared object.

    Tries `$CXX`, then `c++`, `g++` and `clang++` on the PATH. A name on the PATH
    proves nothing (a compiler without its linker or its headers is common), so
    each candidate builds a tiny shared object.

    Returns:
        The command, split into words, or None where no compiler works.
    """
    candidates = [shlex.split(os.environ.get("CXX", "")), ["c++"], ["g++"], ["clang++"]]
    return next((c for c in candidates if c and compiles(c)), None)


def compiles(command: list[str]) -> bool:
    """Whether `command` compiles and links the probe into a shared object."""
    if shutil.which(command[0]) is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        source, result = Path(folder, "probe.cpp"), Path(folder, "probe.so")
        source.write_text(PROBE)
        words = [*command, *PROBE_FLAGS, str(source), "-o", str(result), "-lm"]
        try:
            done = subprocess.run(words, capture_output=True, timeout=120, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return False
        return done.returncode == 0 and result.is_file() and result.stat().st_size > 0


def write_zig_wrapper(folder: Path) -> Path:
    """Write `folder/c++`, one path that CMake can call, running zig's clang.

    The target is pinned to the processor family's baseline, as zig would otherwise
    build for the processor at hand, and to an old glibc, so that the wheel runs on
    any Linux. No C++ library is linked: zig would first build one (96 s), and
    `-O2 -s` spares the debug builds of its run-time parts in CMake's own trial links
    (6 s in place of 23). CMake's flags come later on the line, and win.

    Returns:
        The script's absolute path.
    """
    spec = find_spec("ziglang")
    if spec is None or spec.origin is None:
        raise RuntimeError(
            "No working C++ compiler was found ($CXX, c++, g++, clang++), and the "
            "package `ziglang` is not installed. Install either one and build again."
        )
    zig = Path(spec.origin).parent / "zig"
    words = [str(zig), "c++", *zig_target(), *ZIG_FLAGS]
    cache = shlex.quote(str(folder.resolve() / "cache"))
    folder.mkdir(parents=True, exist_ok=True)
    script = folder.resolve() / "c++"
    script.write_text(
        "#!/bin/sh\n"
        f': "${{ZIG_GLOBAL_CACHE_DIR:={cache}}}"\n'
        "export ZIG_GLOBAL_CACHE_DIR\n"
        f'exec {shlex.join(words)} "$@"\n'
    )
    script.chmod(0o755)
    return script


def zig_target() -> list[str]:
    """zig's target words: an old glibc on glibc systems, zig's own choice elsewhere."""
    if sys.platform != "linux" or platform.libc_ver()[0] != "glibc":
        return []
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    return ["-target", f"{machine}-linux-gnu.2.17"]


def zig_name() -> str:
    """What the binary says of its compiler, such as "zig 0.17.1"."""
    return f"zig {version('ziglang')}"


def zig_requires() -> list[str]:
    """zig's requirement where no C++ compiler works, else nothing."""
    return [] if find_compiler() else [ZIG]


if __name__ == "__main__":  # for pip's command line, where nothing is installed yet
    print(*zig_requires())
