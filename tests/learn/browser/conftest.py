"""A course that is served, and pages of it in the browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

GUARD = Path(__file__).parent / "guard"
LOADED = 60_000  # milliseconds
# What Chromium itself says of marimo's page, and nothing is broken by.
HARMLESS = ("was preloaded using link preload",)


@dataclass
class Course:
    """A course that is being served.

    Attributes:
        address: of the contents.
        outside: a file with what went to other machines.
    """

    address: str
    outside: Path

    def page(self, notebook: str) -> str:
        """The address of a notebook."""
        return self.address.replace("index.py", notebook)


@contextmanager
def serve(folder: Path, *words: str) -> Iterator[Course]:
    """`pronghorn learn`, until the end of the block."""
    outside = folder.parent / "outside.txt"
    paths = [str(GUARD), os.environ.get("PYTHONPATH", "")]
    command = [sys.executable, "-m", "pronghorn", "learn", "--no-browser"]
    process = subprocess.Popen(
        [*command, "--folder", str(folder), *words],
        stdout=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path for path in paths if path),
            "PRONGHORN_GUARD": str(outside),
        },
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if found := re.search(r"http\S+", line):
                break
        else:
            raise AssertionError("pronghorn learn printed no address")
        yield Course(found[0], outside)
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


@dataclass
class Visit:
    """A page, and what it complained of.

    Attributes:
        page: Playwright's.
        complaints: errors in the console, and requests to other machines.
    """

    page: Any
    complaints: list[str] = field(default_factory=list)


@contextmanager
def visit(
    chromium: Any, address: str, *, width: int = 1200, dark: bool = False
) -> Iterator[Visit]:
    """Opens a page; at the end nothing may have been complained of."""
    context = chromium.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
    )
    seen = Visit(context.new_page())

    def console(message: Any) -> None:
        if message.type == "error" and not any(
            words in message.text for words in HARMLESS
        ):
            seen.complaints.append(f"console: {message.text}")

    def request(asked: Any) -> None:
        local = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")
        if not asked.url.startswith(local):
            seen.complaints.append(f"request: {asked.url}")

    seen.page.on("console", console)
    seen.page.on("pageerror", lambda error: seen.complaints.append(f"page: {error}"))
    seen.page.on("request", request)
    try:
        seen.page.goto(address)
        yield seen
    finally:
        context.close()
    assert not seen.complaints, "\n".join(seen.complaints)
