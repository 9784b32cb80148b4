"""Rows as the harness stores them, with round numbers."""

from __future__ import annotations

from typing import Any


def row(name: str, learner: str, seed: int = 0, **figures: Any) -> dict[str, Any]:
    """A row with an RMSE of 1 and a second, but for what is given."""
    about = {"set": name, "seed": seed, "learner": learner}
    made = {
        **about,
        "version": "1.0",
        "machine": "a processor",
        "load": 0.5,
        "rows": {"train": 600, "valid": 200, "test": 200},
        "split": f"{name} {seed}",
        "fit_wall_s": 1.0,
        "fit_cpu_s": 1.0,
        "wall_s": 1.0,
        "cpu_s": 1.0,
    }
    kind = {} if {"error", "rmse", "failed"} & set(figures) else {"rmse": 1.0}
    return {**made, **kind, **figures}
