"""What a person feels: the few figures that lead README and the chart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks import targets

Sections = Mapping[str, Any]


@dataclass(frozen=True)
class Felt:
    """One figure of every peer.

    Attributes:
        title: for a table's row.
        short: for a chart's panel.
        values: by peer, in `unit`.
        unit: what `values` are in.
    """

    title: str
    short: str
    values: dict[str, float]
    unit: str

    @property
    def ours(self) -> float | None:
        """Pronghorn's figure."""
        return self.values.get("pronghorn")

    def best(self, peers: tuple[str, ...]) -> tuple[str, float] | None:
        """The smallest figure among some peers, and whose it is."""
        found = [(v, p) for p, v in self.values.items() if p in peers]
        return (min(found)[1], min(found)[0]) if found else None


def felt(sections: Sections) -> list[Felt]:
    """The figures that were measured, in the order of README."""
    steps = [
        ("wine", "a training step: 11-512-512-512-1, batch 256", 1e-3, "ms"),
        ("hotel", "a training step: 63-256-256-1, batch norm, batch 512", 1e-3, "ms"),
        ("small", "a training step: 20-64-64-1, batch 32", 1, "us"),
        ("higgs", "a training step: 28-2048-2048-2048-1, batch 2,048", 1e-3, "ms"),
    ]
    predict = sections.get("predict", {})
    whole = sections.get("whole small", {})
    found = [
        Felt("import", "import", _least(sections.get("imports")), "s"),
        Felt(
            f"start to trained model: 20,000 rows, {whole.get('epochs')} epochs",
            "start to trained model",
            _least(whole),
            "s",
        ),
        *(
            Felt(title, f"step, {name}", _least(sections.get(name), scale), unit)
            for name, title, scale, unit in steps
        ),
        Felt(
            "predict one row",
            "predict one row",
            _least({"peers": predict.get("1", {})}),
            "us",
        ),
        Felt(
            "predict 100,000 rows",
            "predict 100,000 rows",
            _least({"peers": predict.get("100000", {})}, 1e-3),
            "ms",
        ),
        Felt(
            "installed, with all that it needs",
            "installed size",
            _least(sections.get("install"), key="MiB"),
            "MiB",
        ),
        Felt(
            "a step of one linear unit, 77 rows, 2,000 epochs (a curiosity)",
            "step, cereal",
            _least(sections.get("cereal")),
            "us",
        ),
    ]
    return [each for each in found if each.ours is not None]


def _least(
    section: Sections | None, scale: float = 1, key: str = "min"
) -> dict[str, float]:
    """Each peer's minimum in other units, without variants of ourselves."""
    named = (section or {}).get("peers", {})
    return {
        peer: v[key] * scale
        for peer, v in named.items()
        if peer not in targets.OURS[1:] and peer not in ("python", "numpy")
    }
