"""No file knows the machine it was written on, and none holds unfinished work."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from .source import ROOT, assert_none

# Paths of somebody's machine, and marks of work left open. Written in two parts, so
# that this file passes its own test.
FORBIDDEN = re.compile(
    "|".join(
        [
            r"(?<![\w.])/(?:work|home|root|Users)" + r"/\w",
            r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b",
            r"\.\./sha" + r"red/",
        ]
    )
)
# Where the neighbouring folder of data may be looked for: a variable of each sets it.
LOOKUPS = {"Makefile", ".ci/run"}
TEXT = {
    *(".py", ".md", ".toml", ".txt", ".cpp", ".h", ".def", ".json", ".yml", ".cfg"),
    *("", ".cmake"),
}


def tracked(root: Path = ROOT) -> list[str]:
    """The paths of the files that git keeps."""
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True
    )
    return [name for name in done.stdout.split("\0") if name]


def forbidden(name: str, text: str) -> list[str]:
    """The lines that say what no file may say, in words."""
    return [
        f"{name}:{number}: {found.group()}"
        for number, line in enumerate(text.splitlines(), 1)
        if (found := FORBIDDEN.search(line))
        and not (name in LOOKUPS and found.group().startswith(".."))
    ]


def test_no_file_names_a_machine_or_open_work() -> None:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("needs git and a checkout")
    names = [name for name in tracked() if Path(name).suffix in TEXT]
    assert len(names) > 50, "the reader must find the files"
    texts = {name: (ROOT / name).read_text(encoding="utf-8") for name in names}
    assert_none([w for name, text in texts.items() for w in forbidden(name, text)])


@pytest.mark.parametrize(
    "line",
    [
        "data = '/wo" + "rk/data/a.csv'",
        "open('/ho" + "me/me/a')",
        "# TO" + "DO later",
        "path = '../sha" + "red/data'",
    ],
)
def test_a_machines_path_is_refused(line: str) -> None:
    assert len(forbidden("a.py", f"x = 1\n{line}\n")) == 1


@pytest.mark.parametrize("line", ["a/work/b", "https://x.org/home/", "todo = 1"])
def test_other_words_pass(line: str) -> None:
    assert forbidden("a.py", line) == []


def test_only_the_lookups_may_name_the_neighbour() -> None:
    line = "DATA ?= ../sha" + "red/data"
    assert forbidden("Makefile", line) == []
    assert len(forbidden("README.md", line)) == 1
