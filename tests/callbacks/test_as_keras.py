"""The decisions of callbacks, against those of real Keras (recorded by record.py)."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from pronghorn import callbacks

from .scenarios import SCENARIOS, outcome

RECORDED = json.loads(Path(__file__).with_name("recorded.json").read_text())["runs"]


def test_every_scenario_is_recorded() -> None:
    assert [name for name, *_ in SCENARIOS] == list(RECORDED)


@pytest.mark.parametrize(("name", "kind", "arguments", "logs"), SCENARIOS)
def test_decides_as_keras(
    name: str,
    kind: str,
    arguments: dict[str, Any],
    logs: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert outcome(callbacks, kind, arguments, logs) == RECORDED[name]


def test_a_changed_decision_is_noticed() -> None:
    name, kind, arguments, logs = SCENARIOS[1]
    changed = outcome(callbacks, kind, {**arguments, "patience": 4}, logs)
    assert changed != RECORDED[name]
    assert not math.isclose(changed["epochs"], RECORDED[name]["epochs"])
