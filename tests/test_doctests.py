"""Every example in a docstring runs and prints what it says."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import numpy as np
import pytest

import pronghorn

# Names that an example may use without an import.
NAMES = {"np": np, "pronghorn": pronghorn}


def modules() -> list[str]:
    """Every Python module of the package; `__main__` would run it."""
    found = pkgutil.walk_packages(pronghorn.__path__, "pronghorn.")
    names = [one.name for one in found]
    return [
        name for name in names if name.split(".")[-1] not in ("__main__", "_engine")
    ]


@pytest.mark.parametrize("name", ["pronghorn", *modules()])
def test_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    module = importlib.import_module(name)
    result = doctest.testmod(module, extraglobs=NAMES, optionflags=doctest.ELLIPSIS)
    assert result.failed == 0, capsys.readouterr().out


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = [
        test
        for name in modules()
        for test in finder.find(importlib.import_module(name))
        if test.examples
    ]
    assert len(found) > 200
