"""The defines that point CMake at the compiler found on this machine."""

from __future__ import annotations

from pathlib import Path

from pronghorn_build.compilers import find_compiler, write_zig_wrapper, zig_name

__all__ = ["cmake_defines"]


def cmake_defines(prefix: str = "") -> dict[str, str]:
    """CMake's defines for the compiler of this machine, each name with `prefix`."""
    compiler = find_compiler()
    if compiler is None:
        return {
            f"{prefix}CMAKE_CXX_COMPILER": str(write_zig_wrapper(Path("build/zig"))),
            f"{prefix}PRONGHORN_COMPILER_NAME": zig_name(),
            # zig does not look into the system's folders, where Debian keeps
            # a part of Python's headers.
            f"{prefix}PRONGHORN_PYTHON_HEADERS": "OFF",
        }
    if len(compiler) > 1:  # CMake takes "ccache g++" from $CXX itself
        return {}
    return {f"{prefix}CMAKE_CXX_COMPILER": compiler[0]}
