"""The build backend: scikit-build-core, and a C++ compiler where there is none.

Where `find_compiler` finds a working compiler, this is scikit-build-core. Where it
finds none, the PyPI package `ziglang` joins the build requirements and CMake is
pointed at its clang. See docs/decisions/packaging.md.
"""

from __future__ import annotations

from scikit_build_core import build as skbuild
from scikit_build_core.build import (
    build_sdist,
    get_requires_for_build_sdist,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

from pronghorn_build.compilers import zig_requires
from pronghorn_build.configure import cmake_defines

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

Settings = dict[str, "list[str] | str"]


def get_requires_for_build_wheel(config_settings: Settings | None = None) -> list[str]:
    """What a build needs from PyPI here: CMake, Ninja, zig, each only if missing."""
    return skbuild.get_requires_for_build_wheel(config_settings) + zig_requires()


def get_requires_for_build_editable(
    config_settings: Settings | None = None,
) -> list[str]:
    """What an editable install needs from PyPI here."""
    return skbuild.get_requires_for_build_editable(config_settings) + zig_requires()


def build_wheel(
    wheel_directory: str,
    config_settings: Settings | None = None,
    metadata_directory: str | None = None,
) -> str:
    """Build the wheel into `wheel_directory`; returns its file name."""
    settings = with_compiler(config_settings)
    return skbuild.build_wheel(wheel_directory, settings, metadata_directory)


def build_editable(
    wheel_directory: str,
    config_settings: Settings | None = None,
    metadata_directory: str | None = None,
) -> str:
    """Build the wheel of an editable install; returns its file name."""
    settings = with_compiler(config_settings)
    return skbuild.build_editable(wheel_directory, settings, metadata_directory)


def with_compiler(config_settings: Settings | None) -> Settings:
    """The user's settings, and the defines that name CMake's compiler."""
    return {**cmake_defines("cmake.define."), **(config_settings or {})}
