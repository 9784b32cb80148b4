"""What `profile` found, and how it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Profile", "ProfileRow"]

_MARKED = 3
_HEADER = (
    *("#", "kind", "where", "computes"),
    *("us/step", "share", "", "GFLOP/s", "GB/s", "limit"),
)
_LEFT = ("kind", "where", "computes", "")
# What is cut first where a terminal is too narrow, and down to how much.
_CUTS = ("computes", 20), ("where", 20), ("computes", 12), ("where", 11)


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """One instruction of a step, or the picking of an input's rows.

    Attributes:
        number: from 1, in the order in which they run.
        instruction: its name: "gemm", "chain", "reduce", "copy", "gather", "scatter";
            "input" where rows are picked.
        where: the layer, weight, optimizer or metric that it works for, told from the
            weights that it reads or leads to; "step" where there are none.
        computes: with the sizes of a whole batch: "256x512 @ 512x512".
        microseconds: per step.
        share: of the time of all instructions, 0 to 1.
        flops: arithmetic operations per step; those of a chain count as one each.
        bytes: read and written per step, each counted once.
        least_microseconds: what these would take at the limits of the machine.
    """

    number: int
    instruction: str
    where: str
    computes: str
    microseconds: float
    share: float
    flops: float
    bytes: float
    least_microseconds: float

    @property
    def gflops(self) -> float:
        """GFLOP/s."""
        return _rate(self.flops, self.microseconds)

    @property
    def gbytes(self) -> float:
        """GB/s."""
        return _rate(self.bytes, self.microseconds)

    @property
    def of_limit(self) -> float:
        """The share of the limit that it reached: about 0 to 1."""
        return self.least_microseconds / (self.microseconds or 1)


@dataclass(frozen=True, slots=True, repr=False)
class Profile:
    """Where the time of a step goes.

    Attributes:
        model: its name.
        kind: "training" or "prediction".
        batch_size: rows per step; the last step of a pass may have fewer.
        steps: how many were timed.
        step_microseconds: a step without the clock around each instruction, with its
            share of the call from Python.
        rows: one for each instruction, in the order in which they run.
        peak_gflops: the limit of arithmetic, GFLOP/s.
        bandwidths: the limits of memory: (bytes, GB/s), the smallest size first.
        isa: the instruction set in use.
        threads: how many the engine has.
    """

    model: str
    kind: str
    batch_size: int
    steps: int
    step_microseconds: float
    rows: tuple[ProfileRow, ...]
    peak_gflops: float
    bandwidths: tuple[tuple[int, float], ...]
    isa: str
    threads: int

    @property
    def microseconds(self) -> float:
        """The time of all instructions of a step, timed one by one."""
        return sum(row.microseconds for row in self.rows)

    def table(self, top: int | None = None, width: int | None = None) -> str:
        """The table as text: a line for each instruction, the three longest marked.

        Args:
            top: only so many, those that take longest, and the rest in one line.
                Default None: all.
            width: columns of the terminal; descriptions are cut to fit. Default None:
                nothing is cut.
        """
        cells = [self._cells(row) for row in self._shown(top)]
        hidden = [row for row in self.rows if row not in self._shown(top)]
        if hidden:
            cells.append(self._sum(f"{len(hidden)} more", hidden))
        total = self._sum("total", self.rows)
        lines = _aligned([list(_HEADER), *cells, total], width)
        rule = "─" * max(map(len, lines))
        lines[1:1] = [rule]
        lines[-1:-1] = [rule]
        return "\n".join([self._title(), "", *lines, "", *self._notes()])

    def __str__(self) -> str:
        return self.table()

    def __repr__(self) -> str:
        return (
            f"<Profile of {self.kind} with {self.model!r}: {len(self.rows)} "
            f"instructions, {self.microseconds:.1f} us>"
        )

    def _title(self) -> str:
        step = "Training step" if self.kind == "training" else "Prediction"
        rows = f"{self.batch_size:,} row{'s' * (self.batch_size != 1)}"
        steps = f"{self.steps:,} step{'s' * (self.steps != 1)}"
        threads = f"{self.threads} thread{'s' * (self.threads != 1)}"
        return (
            f'{step} of "{self.model}", {rows}: mean of {steps}, {self.isa}, {threads}'
        )

    def _notes(self) -> list[str]:
        rates = ", ".join(f"{r:.0f} on {_size(b)}" for b, r in self.bandwidths)
        least = sum(row.least_microseconds for row in self.rows)
        whole = self.step_microseconds
        return [
            f"A step without the clock takes {whole:,.{self._places}f} us, "
            f"{least / whole:.0%} of the limit.",
            f"The limit: {self.peak_gflops:.0f} GFLOP/s (a product of 1,024 cubed), or",
            f"in GB/s {rates} (relu).",
        ]

    @property
    def _places(self) -> int:
        return 2 if self.microseconds < 1000 else 1

    def _longest(self, count: int) -> set[int]:
        found = sorted(self.rows, key=lambda row: -row.microseconds)[:count]
        return {row.number for row in found}

    def _shown(self, top: int | None) -> list[ProfileRow]:
        numbers = self._longest(len(self.rows) if top is None else top)
        return [row for row in self.rows if row.number in numbers]

    def _cells(self, row: ProfileRow) -> list[str]:
        mark = "*" if row.number in self._longest(_MARKED) else ""
        words = [str(row.number), row.instruction, row.where, row.computes]
        return [*words, *self._figures(row, mark)]

    def _sum(self, name: str, rows: Sequence[ProfileRow]) -> list[str]:
        """A line for several rows together."""
        added = ProfileRow(
            0,
            *("", name, ""),
            sum(row.microseconds for row in rows),
            sum(row.share for row in rows),
            sum(row.flops for row in rows),
            sum(row.bytes for row in rows),
            sum(row.least_microseconds for row in rows),
        )
        return ["", name, "", "", *self._figures(added, "")]

    def _figures(self, row: ProfileRow, mark: str) -> list[str]:
        return [
            f"{row.microseconds:,.{self._places}f}",
            f"{row.share:.1%}",
            mark,
            f"{row.gflops:.1f}" if row.flops else "",
            f"{row.gbytes:.1f}",
            f"{row.of_limit:.0%}",
        ]


def _rate(amount: float, microseconds: float) -> float:
    """In thousand millions a second."""
    return amount / microseconds / 1e3 if microseconds else 0.0


def _size(number: int) -> str:
    """Bytes in powers of 1,024.

    >>> _size(262144), _size(2097152)
    ('256 KB', '2 MB')
    """
    large = number >= 1 << 20
    return f"{number >> 20} MB" if large else f"{number >> 10} KB"


def _aligned(lines: Sequence[Sequence[str]], width: int | None) -> list[str]:
    """The cells below each other, cut so that lines are no longer than `width`."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    if width is not None:
        over = sum(widths) + 2 * len(widths) - 2 - width
        for name, least in _CUTS:
            place = _HEADER.index(name)
            less = min(over, max(widths[place] - least, 0))
            if less > 0:
                widths[place] -= less
                over -= less
    return ["  ".join(map(_cell, line, widths, _HEADER)).rstrip() for line in lines]


def _cell(text: str, width: int, column: str) -> str:
    if len(text) > width:
        text = text[: width - 1] + "…"
    return text.ljust(width) if column in _LEFT else text.rjust(width)
