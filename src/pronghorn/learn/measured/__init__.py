"""What the lessons say was measured, and the programs that measured it.

Each program here writes the JSON file of its own name, with the command in it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["read"]


def read(name: str) -> dict[str, Any]:
    """What was measured: the JSON file `name` of this folder.

    >>> read("gains")["command"]
    'python -m pronghorn.learn.measured.gains'
    """
    path = Path(__file__).parent / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
