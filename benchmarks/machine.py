"""What it ran on."""

from __future__ import annotations

import datetime
import os
import platform
from pathlib import Path
from typing import Any

from benchmarks.measure import cores


def about() -> dict[str, Any]:
    """Processor, cores, memory, system and Python."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": processor(),
        "cores": cores(),
        "memory_GiB": round(pages / 2**30),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "engine": engine(),
    }


def processor() -> str:
    """The processor's name and its widest vector instructions."""
    path = Path("/proc/cpuinfo")
    if not path.exists():
        return platform.processor() or "unknown processor"
    name, flags = "unknown processor", ""
    for line in path.read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            name = value.strip()
        if key.strip() == "flags":
            flags = value
    widest = next((f for f in ("avx512f", "avx2", "avx") if f in flags.split()), "")
    return f"{name}, {widest}" if widest else name


def engine() -> dict[str, Any]:
    """How the engine was built, and which kernels it chose."""
    from pronghorn.backends import native

    found = native.info()
    return {key: found[key] for key in ("compiler", "isa")}


def today() -> str:
    """The date and time, UTC."""
    now = datetime.datetime.now(datetime.UTC)
    return now.strftime("%Y-%m-%d %H:%M UTC")
