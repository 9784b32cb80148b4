"""`train --report`: a page on the model that was trained."""

from __future__ import annotations

from pathlib import Path

from pronghorn import report
from pronghorn.cli.nets import Net
from pronghorn.cli.workflow import Options, Prepared
from pronghorn.errors import ArgumentError

__all__ = ["check_report", "write_report"]


def check_report(path: Path, options: Options) -> None:
    """Refuses, before the training, a report that could not be written.

    Raises:
        ArgumentError: another ending, no such folder, or no rows held out.
    """
    report.check_path(path)
    if not options.holdout:
        raise ArgumentError(
            "A report measures on rows that are held out.",
            where="--report",
            expected="--holdout above 0",
            received="--holdout 0",
            remedy="hold out a part, for instance --holdout 0.2",
        )


def write_report(
    prepared: Prepared, net: Net, path: Path, data: Path, model: Path
) -> None:
    """Makes the page of a model, and writes it.

    Args:
        prepared: the table and its rows.
        net: what was trained.
        path: of the page.
        data: the table's file, for the title.
        model: the model's file, for the lines that show how to use it.
    """
    made = report.make_report(
        net.preset or net.plain,
        prepared.table.take(prepared.holdout),
        prepared.table.take(prepared.training),
        seed=prepared.options.seed,
        title=f"{prepared.options.target}, from {data.name}",
        file=str(model),
    )
    made.save(path)
