"""What each room offers is written down: a name comes or goes on purpose only.

After a change on purpose: `python -m tests.architecture.test_exports`.
"""

from __future__ import annotations

import importlib
import types
from pathlib import Path

import pytest

from .source import PACKAGE, TOP, assert_none

RECORD = Path(__file__).with_name("exports.txt")


def public_modules() -> list[str]:
    """The package and each room, a file or a folder, without a leading underscore."""
    names = [
        path.stem
        for path in sorted(PACKAGE.iterdir())
        if (path / "__init__.py").exists() or path.suffix == ".py"
        if not path.name.startswith("_")
    ]
    return [TOP, *(f"{TOP}.{name}" for name in names)]


def faults(module: types.ModuleType) -> list[str]:
    """What is wrong with a module's `__all__`, in words."""
    exported = getattr(module, "__all__", None)
    if exported is None:
        return [f"{module.__name__} has no __all__"]
    found = [
        f"{module.__name__}.{name} is exported and missing"
        for name in exported
        if not hasattr(module, name)
    ]
    if len(set(exported)) != len(exported):
        found.append(f"{module.__name__}.__all__ names something twice")
    if hasattr(module, "__path__"):  # a folder's __init__ exists to export
        found += [
            f"{module.__name__}.{name} is public and not exported"
            for name, value in vars(module).items()
            if not name.startswith("_")
            and name not in exported
            and isinstance(value, type | types.FunctionType)
            and f"{value.__module__}.".startswith(f"{module.__name__}.")
        ]
    return found


def record() -> str:
    """The text of the record: a line a module, its exported names in order."""
    lines = []
    for name in public_modules():
        exported = sorted(importlib.import_module(name).__all__)
        lines.append(f"{name}: {' '.join(exported)}\n")
    return "".join(lines)


@pytest.mark.parametrize("name", public_modules())
def test_exports_are_whole(name: str) -> None:
    assert_none(faults(importlib.import_module(name)))


def test_exports_are_those_written_down() -> None:
    assert record().splitlines() == RECORD.read_text(encoding="utf-8").splitlines()


# --- the testers themselves -----------------------------------------------------
def test_faults_are_found() -> None:
    module = types.ModuleType("m")
    assert faults(module) == ["m has no __all__"]
    module.__dict__.update(__all__=["a", "b", "b"], b=1)
    assert faults(module) == [
        "m.a is exported and missing",
        "m.__all__ names something twice",
    ]
    ours = type("ours", (), {"__module__": "m.inner"})
    theirs = type("theirs", (), {"__module__": "other"})
    module.__dict__.update(__all__=["b"], __path__=[], c=ours, d=theirs, _e=ours)
    assert faults(module) == ["m.c is public and not exported"]


if __name__ == "__main__":
    RECORD.write_text(record(), encoding="utf-8")
