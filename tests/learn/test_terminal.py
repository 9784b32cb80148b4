"""Commands in a lesson."""

from __future__ import annotations

from pathlib import Path

import pytest

from pronghorn.errors import ArgumentError
from pronghorn.learn.terminal import terminal


def test_commands_run_in_the_folder_and_say_all(tmp_path: Path) -> None:
    said = terminal("pronghorn --version", "pronghorn show no.keras", folder=tmp_path)
    assert said.startswith("$ pronghorn --version\npronghorn ")
    assert "$ pronghorn show no.keras" in said and "error:" in said


def test_other_commands_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="'ls'"):
        terminal("pronghorn --version", "ls", folder=tmp_path)
